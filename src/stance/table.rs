//! The pairs of a corpus as numbers: what training works on.

use std::sync::Arc;

use crate::actor::{Catalogue, MentionFinder};
use crate::error::{Error, ErrorKind, Result};
use crate::key::key;
use crate::learn::{map_chunks, Csr, CsrBuilder};
use crate::stance::analysis::{Analysis, Analyzer};
use crate::stance::classifier::labelled_masks;
use crate::stance::corpus::{Corpus, LabelledPassage};
use crate::stance::cues::Cues;
use crate::stance::evaluation::other_spans;
use crate::stance::features::FeatureExtractor;
use crate::stance::label::{Label, Sentiment, Stance};
use crate::stance::lexicon::Lexicon;
use crate::stance::scene::{Scene, NOBODY};
use crate::stance::settings::{FeatureSettings, TrainerSettings};
use crate::stance::term::{Block, Sink};
use crate::stance::vectorizer::{Counter, Frequencies, Vectorizer};
use crate::text::Passage;

/// Passages that one task reads; fixed, so that results do not depend on the number of threads.
const CHUNK: usize = 256;

/// Whether terms know of the target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sight {
    Target,
    Blind,
}

/// The pairs of a corpus as rows.
pub(super) struct Table {
    pub rows: Csr,
    pub pairs: Vec<Pair>,
    pub vectorizer: Vectorizer,
}

/// One row's labels and place in the cross-validation.
pub(super) struct Pair {
    pub fold: usize,
    pub cluster: u64,
    pub weight: f64,
    pub stance: Option<Stance>,
    pub sentiment: Option<Sentiment>,
}

impl Table {
    /// Reads a corpus into sparse rows, one for each pair.
    ///
    /// # Errors
    /// [`ErrorKind::Settings`], or [`ErrorKind::Fit`] for a corpus without pairs, or of one group only.
    pub(super) fn new(
        corpus: &Corpus,
        settings: &TrainerSettings,
        cues: &Cues,
        catalogue: &Catalogue,
        sight: Sight,
    ) -> Result<Table> {
        settings.check()?;
        let features = match sight {
            Sight::Target => settings.features.clone(),
            Sight::Blind => Block::ALL
                .into_iter()
                .filter(|block| *block != Block::Passage)
                .fold(settings.features.clone(), |settings, block| settings.with_weight(block, 0.0))
                .with_weight(Block::Passage, 1.0),
        };
        let lexicon = Arc::new(Lexicon::new(cues, settings.language)?);
        let reader = PairReader {
            analyzer: Analyzer::new(lexicon, settings.language),
            finder: MentionFinder::new(catalogue, settings.metonyms),
            features,
            sight,
        };
        let frequencies = map_chunks(corpus.passages(), CHUNK, |passages| {
            let mut frequencies = Frequencies::of_part(passages.first().map_or(0, |first| key(first.text())));
            reader.read(passages, &mut frequencies, Frequencies::next_document);
            frequencies
        })
        .into_iter()
        .reduce(Frequencies::merge)
        .ok_or_else(|| Error::new(ErrorKind::Fit, "there is no labelled passage").help("give at least one file"))?;
        let vectorizer = frequencies.into_vectorizer(&settings.vocabulary, reader.features.clone())?;
        let chunks = map_chunks(corpus.passages(), CHUNK, |passages| {
            let mut rows = Vec::new();
            let mut counter = Counter::default();
            let mut counting = counter.start(&vectorizer.vocabulary);
            reader.read(passages, &mut counting, |counting| rows.push(counting.take_row(&vectorizer)));
            rows
        });
        let mut builder = CsrBuilder::new(vectorizer.vocabulary.len());
        for row in chunks.into_iter().flatten() {
            builder.push_row(row)?;
        }
        let rows = builder.build();
        let folds = corpus.folds(settings.folds, settings.seed);
        let pairs: Vec<Pair> = corpus
            .passages()
            .iter()
            .zip(folds)
            .flat_map(|(passage, fold)| {
                passage.actors().iter().map(move |actor| Pair {
                    fold,
                    cluster: passage.cluster(),
                    weight: passage.weight(),
                    stance: actor.stance(),
                    sentiment: actor.sentiment(),
                })
            })
            .collect();
        if pairs.iter().all(|pair| pair.fold == pairs[0].fold) {
            let error = Error::new(ErrorKind::Fit, "all passages belong to one dispute or group");
            return Err(error.help("cross-validation needs two: give passages a `dispute` or `group` of their own"));
        }
        Ok(Table { rows, pairs, vectorizer })
    }

    /// The class of each row, and its weight: 0 where this head is not labelled. `None` where nothing is.
    pub(super) fn labels<L: Labelled>(&self) -> Option<(Vec<usize>, Vec<f64>)> {
        let labels: Vec<Option<L>> = self.pairs.iter().map(L::of).collect();
        labels.iter().any(Option::is_some).then(|| {
            let weigh = |(label, pair): (&Option<L>, &Pair)| if label.is_some() { pair.weight } else { 0.0 };
            let weights = labels.iter().zip(&self.pairs).map(weigh).collect();
            (labels.iter().map(|label| label.map_or(0, L::class)).collect(), weights)
        })
    }
}

/// Reads labelled passages into views.
struct PairReader {
    analyzer: Analyzer,
    finder: MentionFinder,
    features: FeatureSettings,
    sight: Sight,
}

impl PairReader {
    /// Hands the terms of each pair to the sink, then calls `done` with it.
    fn read<S: Sink>(&self, passages: &[LabelledPassage], sink: &mut S, mut done: impl FnMut(&mut S)) {
        let mut analyzer = self.analyzer.clone();
        let mut analysis = Analysis::default();
        let mut scene = Scene::default();
        let mut extractor = FeatureExtractor::new(&self.features);
        for passage in passages {
            analyzer.analyze(&Passage::whole(passage.text()), &mut analysis);
            let (tokens, keys) = analysis.surface();
            let known = self.finder.find_in(tokens, keys);
            for (at, actor) in passage.actors().iter().enumerate() {
                let mut masks = labelled_masks(actor.spans(), &other_spans(passage, at), &known);
                if self.sight == Sight::Blind {
                    masks.iter_mut().for_each(|mask| mask.owner = NOBODY);
                }
                scene.set(&analyzer, &analysis, &masks);
                extractor.open(&scene, &analyzer, sink);
                scene.focus(0);
                extractor.terms(&scene, &analyzer, sink);
                done(sink);
            }
        }
    }
}

/// A label that a pair can have.
pub(super) trait Labelled: Label {
    fn of(pair: &Pair) -> Option<Self>;
}

impl Labelled for Stance {
    fn of(pair: &Pair) -> Option<Self> {
        pair.stance
    }
}

impl Labelled for Sentiment {
    fn of(pair: &Pair) -> Option<Self> {
        pair.sentiment
    }
}
