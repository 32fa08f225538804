//! From labelled data to a model.

use ndarray::{Array1, Array2};
use serde::{Deserialize, Serialize};

use crate::actor::{Catalogue, MentionFinder, Metonyms};
use crate::error::{Error, ErrorKind, Result};
use crate::learn::{map_chunks, Calibration, Conformal, Csr, CsrBuilder, LogisticRegression, Scores, VocabularyLimits};
use crate::stance::analysis::{Analysis, Analyzer};
use crate::stance::classifier::labelled_masks;
use crate::stance::corpus::{Corpus, LabelledPassage};
use crate::stance::cues::Cues;
use crate::stance::evaluation::{other_spans, Evaluation};
use crate::stance::features;
use crate::stance::label::{Label, Sentiment, Stance};
use crate::stance::model::{Head, Model, Provenance};
use crate::stance::settings::FeatureSettings;
use crate::stance::term::Block;
use crate::stance::vectorizer::{Counter, Frequencies, Vectorizer};
use crate::stance::view::{Scene, View, NOBODY};
use crate::text::{Language, Passage, Stemmer, Unit};

/// Passages that one task reads; fixed, so that results do not depend on the number of threads.
const CHUNK: usize = 256;

/// Everything that can be chosen in training; stored in the model as its provenance.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TrainerSettings {
    /// The language of the stemmer.
    pub language: Language,
    /// The size of passage that the model will cut text into.
    pub unit: Unit,
    /// Whether capitals and seats count as mentions.
    pub metonyms: Metonyms,
    /// How terms are formed.
    pub features: FeatureSettings,
    /// Which terms become columns.
    pub vocabulary: VocabularyLimits,
    /// The regression of the stance head.
    pub stance: LogisticRegression,
    /// The regression of the sentiment head.
    pub sentiment: LogisticRegression,
    /// Folds of the cross-validation, at least 2.
    pub folds: usize,
    /// Decides which disputes share a fold.
    pub seed: u64,
}

impl Default for TrainerSettings {
    fn default() -> Self {
        Self {
            language: Language::English,
            unit: Unit::default(),
            metonyms: Metonyms::Count,
            features: FeatureSettings::default(),
            vocabulary: VocabularyLimits::default(),
            stance: LogisticRegression::default(),
            sentiment: LogisticRegression::default(),
            folds: 5,
            seed: 1,
        }
    }
}

impl TrainerSettings {
    /// The settings of the bundled model (`models/settings.json`).
    ///
    /// # Errors
    /// None in a crate as published.
    pub fn shipped() -> Result<Self> {
        Self::from_json(include_str!("../../models/settings.json"))
    }

    /// Reads settings from a JSON file.
    ///
    /// # Errors
    /// [`ErrorKind::Io`], [`ErrorKind::Encoding`], or as [`TrainerSettings::from_json`].
    pub fn read(path: impl AsRef<std::path::Path>) -> Result<Self> {
        let path = path.as_ref();
        Self::from_json(&crate::input::read_text(path)?).map_err(|error| error.in_file(path))
    }

    /// Reads settings from JSON; what is left out keeps its default.
    ///
    /// # Errors
    /// [`ErrorKind::Settings`] for an unknown name or a value of the wrong type.
    pub fn from_json(json: &str) -> Result<Self> {
        serde_json::from_str(json)
            .map_err(|error| Error::new(ErrorKind::Settings, error.to_string()).at_line(error.line()).caused_by(error))
    }

    fn check(&self) -> Result<()> {
        if !(2..=1000).contains(&self.folds) || !self.features.is_valid() {
            let error = Error::new(ErrorKind::Settings, "folds, weights or decay are out of range");
            return Err(error.help("2 to 1000 folds; finite weights of 0 or more; a decay above 0"));
        }
        Ok(())
    }
}

/// Makes a model from labelled data.
///
/// ```
/// use demarche::{Corpus, Trainer};
///
/// let corpus = Corpus::read("data/tiny.jsonl")?;
/// let trained = Trainer::shipped()?.fit(&corpus)?;
/// assert_eq!(trained.model().provenance().pairs(), corpus.pairs());
/// # Ok::<(), demarche::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Trainer {
    settings: TrainerSettings,
    cues: Cues,
    catalogue: Catalogue,
}

/// A model and how well its settings did in grouped cross-validation.
#[derive(Clone, Debug)]
pub struct Trained {
    model: Model,
    cross_validation: Evaluation,
}

impl Trained {
    /// The model, fitted to all of the data.
    pub fn model(&self) -> &Model {
        &self.model
    }

    /// The model by value.
    pub fn into_model(self) -> Model {
        self.model
    }

    /// Out-of-fold predictions, calibrated: every pair was judged by a model whose weights saw nothing of its dispute. Only
    /// the calibration (twelve numbers) was fitted to these same predictions, so their calibration error is a little
    /// flattered; take it from a test part.
    pub fn cross_validation(&self) -> &Evaluation {
        &self.cross_validation
    }
}

impl Trainer {
    /// A trainer with the shipped settings, cues and catalogue.
    ///
    /// # Errors
    /// None in a crate as published.
    pub fn shipped() -> Result<Self> {
        Ok(Self { settings: TrainerSettings::shipped()?, cues: Cues::shipped()?, catalogue: Catalogue::shipped()? })
    }

    /// Other settings.
    pub fn settings(mut self, settings: TrainerSettings) -> Self {
        self.settings = settings;
        self
    }

    /// Another lexicon.
    pub fn cues(mut self, cues: Cues) -> Self {
        self.cues = cues;
        self
    }

    /// Another catalogue of actors.
    pub fn catalogue(mut self, catalogue: Catalogue) -> Self {
        self.catalogue = catalogue;
        self
    }

    /// Fits both heads, as far as they are labelled: vocabulary and idf, grouped cross-validation, calibration and
    /// conformal thresholds from its out-of-fold predictions, and the final weights from all of the data.
    ///
    /// Vocabulary and idf are learnt once, without labels, and shared by the folds.
    ///
    /// # Errors
    /// [`ErrorKind::Fit`] for data without labels, with one class or one group only, or a solver that does not
    /// converge; [`ErrorKind::Settings`] for settings out of range.
    pub fn fit(&self, corpus: &Corpus) -> Result<Trained> {
        let table = self.table(corpus, Sight::Target)?;
        let vectorizer = &table.vectorizer;
        let stance = self.head::<Stance>(&table, &self.settings.stance)?;
        let sentiment = self.head::<Sentiment>(&table, &self.settings.sentiment)?;
        if stance.is_none() && sentiment.is_none() {
            let error = Error::new(ErrorKind::Fit, "no pair is labelled");
            return Err(error.help("give actors a stance, a sentiment, or both"));
        }
        let settings = serde_json::to_string(&self.settings).unwrap_or_default();
        let macro_f1 = |scores: &Scores| scores.confusion().macro_f1();
        let provenance = Provenance {
            crate_version: env!("CARGO_PKG_VERSION").to_owned(),
            corpus_digest: corpus.digest(),
            passages: corpus.passages().len(),
            pairs: corpus.pairs(),
            settings,
            stance_macro_f1: stance.as_ref().map(|(_, scores)| macro_f1(scores)),
            sentiment_macro_f1: sentiment.as_ref().map(|(_, scores)| macro_f1(scores)),
        };
        let (stance, stance_scores) = stance.unzip();
        let (sentiment, sentiment_scores) = sentiment.unzip();
        let model = Model {
            provenance,
            language: self.settings.language,
            unit: self.settings.unit,
            metonyms: self.settings.metonyms,
            cues: self.cues.clone(),
            catalogue: self.catalogue.clone(),
            vectorizer: vectorizer.clone(),
            stance,
            sentiment,
        };
        Ok(Trained { model, cross_validation: Evaluation { stance: stance_scores, sentiment: sentiment_scores } })
    }

    /// Cross-validates without fitting a final model.
    ///
    /// # Errors
    /// As [`Trainer::fit`].
    pub fn cross_validate(&self, corpus: &Corpus) -> Result<Evaluation> {
        self.cross_validate_with(corpus, Sight::Target)
    }

    /// Cross-validates a target-blind model: the n-grams of the whole passage, which are the same for all its actors.
    ///
    /// # Errors
    /// As [`Trainer::fit`].
    pub fn cross_validate_blind(&self, corpus: &Corpus) -> Result<Evaluation> {
        self.cross_validate_with(corpus, Sight::Blind)
    }

    fn cross_validate_with(&self, corpus: &Corpus, sight: Sight) -> Result<Evaluation> {
        let table = self.table(corpus, sight)?;
        let stance = self.out_of_fold::<Stance>(&table, &self.settings.stance)?;
        let sentiment = self.out_of_fold::<Sentiment>(&table, &self.settings.sentiment)?;
        Ok(Evaluation {
            stance: stance.map(|held_out| held_out.calibrated().map(|(_, _, scores)| scores)).transpose()?,
            sentiment: sentiment.map(|held_out| held_out.calibrated().map(|(_, _, scores)| scores)).transpose()?,
        })
    }

    /// Reads the corpus into sparse rows, one for each pair.
    fn table(&self, corpus: &Corpus, sight: Sight) -> Result<Table> {
        self.settings.check()?;
        let settings = match sight {
            Sight::Target => self.settings.features.clone(),
            Sight::Blind => Block::ALL
                .into_iter()
                .filter(|block| *block != Block::Passage)
                .fold(self.settings.features.clone(), |settings, block| settings.with_weight(block, 0.0))
                .with_weight(Block::Passage, 1.0),
        };
        let reader = PairReader {
            analyzer: Analyzer::new(&self.cues, Stemmer::new(self.settings.language)),
            finder: MentionFinder::new(&self.catalogue, self.settings.metonyms),
            settings,
            sight,
        };
        let frequencies = map_chunks(corpus.passages(), CHUNK, |passages| {
            let mut frequencies = Frequencies::default();
            reader.read(passages, &mut frequencies, |frequencies, view, analyzer| {
                frequencies.next_document();
                features::terms(view, analyzer, &reader.settings, frequencies);
            });
            frequencies
        })
        .into_iter()
        .reduce(Frequencies::merge)
        .ok_or_else(|| Error::new(ErrorKind::Fit, "there is no labelled passage").help("give at least one file"))?;
        let vectorizer = frequencies.into_vectorizer(&self.settings.vocabulary, reader.settings.clone())?;
        let chunks = map_chunks(corpus.passages(), CHUNK, |passages| {
            let mut state = (Counter::default(), Vec::new());
            reader.read(passages, &mut state, |(counter, rows), view, analyzer| {
                let mut counting = counter.start(&vectorizer);
                features::terms(view, analyzer, &reader.settings, &mut counting);
                rows.push(counting.finish().to_vec());
            });
            state.1
        });
        let mut builder = CsrBuilder::new(vectorizer.vocabulary().len());
        for row in chunks.into_iter().flatten() {
            builder.push_row(row)?;
        }
        let rows = builder.build();
        let columns = rows.transposed();
        let folds = corpus.folds(self.settings.folds, self.settings.seed);
        let pairs = corpus
            .passages()
            .iter()
            .zip(folds)
            .flat_map(|(passage, fold)| {
                passage.actors().iter().map(move |actor| Pair {
                    fold,
                    weight: passage.weight(),
                    stance: actor.stance(),
                    sentiment: actor.sentiment(),
                })
            })
            .collect();
        Ok(Table { rows, columns, pairs, vectorizer })
    }

    fn head<L: Labelled>(&self, table: &Table, regression: &LogisticRegression) -> Result<Option<(Head, Scores)>> {
        let Some((truth, weights)) = table.labels::<L>() else { return Ok(None) };
        let fitted = regression.fit_weighted(&table.rows, &table.columns, &truth, &weights, 3)?;
        let Some(held_out) = self.out_of_fold::<L>(table, regression)? else { return Ok(None) };
        let (calibration, conformal, scores) = held_out.calibrated()?;
        let linfa = fitted.as_linfa();
        let head = Head {
            weights: linfa.params().iter().map(|&weight| weight as f32).collect(),
            intercepts: std::array::from_fn(|class| linfa.intercept()[class]),
            calibration,
            conformal,
        };
        Ok(Some((head, scores)))
    }

    /// Margins of every labelled pair from a model that has not seen its fold. Every fold starts from zero: started
    /// from the fit to all of the data, a solver that stops early would remember the rows held out.
    fn out_of_fold<L: Labelled>(&self, table: &Table, regression: &LogisticRegression) -> Result<Option<HeldOut>> {
        let Some((truth, weights)) = table.labels::<L>() else { return Ok(None) };
        let mut held_out = HeldOut::default();
        for fold in 0..self.settings.folds {
            let is_out = |row: usize| table.pairs[row].fold == fold && weights[row] > 0.0;
            if !(0..truth.len()).any(is_out) {
                continue;
            }
            let kept: Vec<f64> =
                weights.iter().zip(&table.pairs).map(|(w, pair)| if pair.fold == fold { 0.0 } else { *w }).collect();
            let fitted = regression
                .fit_weighted(&table.rows, &table.columns, &truth, &kept, 3)
                .map_err(|error| error.help(format!("while fold {fold} of {} was held out", self.settings.folds)))?;
            for row in (0..truth.len()).filter(|&row| is_out(row)) {
                held_out.truth.push(truth[row]);
                held_out.margins.extend(fitted.margins(table.rows.row(row)));
            }
        }
        Ok(Some(held_out))
    }
}

/// Whether terms know of the target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sight {
    Target,
    Blind,
}

/// Reads labelled passages into views.
struct PairReader {
    analyzer: Analyzer,
    finder: MentionFinder,
    settings: FeatureSettings,
    sight: Sight,
}

impl PairReader {
    fn read<S>(&self, passages: &[LabelledPassage], state: &mut S, mut each: impl FnMut(&mut S, &View, &Analyzer)) {
        let mut analyzer = self.analyzer.clone();
        let mut analysis = Analysis::default();
        for passage in passages {
            analyzer.analyze(&Passage::whole(passage.text()), &mut analysis);
            let (tokens, keys) = analysis.surface();
            let known = self.finder.find_in(tokens, keys);
            for (at, actor) in passage.actors().iter().enumerate() {
                let mut masks = labelled_masks(actor.spans(), &other_spans(passage, at), &known);
                if self.sight == Sight::Blind {
                    masks.iter_mut().for_each(|mask| mask.owner = NOBODY);
                }
                each(state, &Scene::new(&analyzer, &analysis, &masks).view(0), &analyzer);
            }
        }
    }
}

/// One row's labels and place in the cross-validation.
struct Pair {
    fold: usize,
    weight: f64,
    stance: Option<Stance>,
    sentiment: Option<Sentiment>,
}

/// The pairs of a corpus as rows and, for the solver, as columns too.
struct Table {
    rows: Csr,
    columns: Csr,
    pairs: Vec<Pair>,
    vectorizer: Vectorizer,
}

impl Table {
    /// The class of each row, and its weight: 0 where this head is not labelled. `None` where nothing is.
    fn labels<L: Labelled>(&self) -> Option<(Vec<usize>, Vec<f64>)> {
        let labels: Vec<Option<L>> = self.pairs.iter().map(L::of).collect();
        labels.iter().any(Option::is_some).then(|| {
            let weigh = |(label, pair): (&Option<L>, &Pair)| if label.is_some() { pair.weight } else { 0.0 };
            let weights = labels.iter().zip(&self.pairs).map(weigh).collect();
            (labels.iter().map(|label| label.map_or(0, L::class)).collect(), weights)
        })
    }
}

/// A label that a pair can have.
trait Labelled: Label {
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

/// Out-of-fold margins (rows × 3, flat) and the truth.
#[derive(Default)]
struct HeldOut {
    truth: Vec<usize>,
    margins: Vec<f64>,
}

impl HeldOut {
    /// Calibration and conformal thresholds, and the scores of the calibrated probabilities.
    fn calibrated(self) -> Result<(Calibration, Conformal, Scores)> {
        let rows = self.truth.len();
        let shape = |error: ndarray::ShapeError| Error::new(ErrorKind::Fit, error.to_string());
        let margins = Array2::from_shape_vec((rows, 3), self.margins).map_err(shape)?;
        let truth = Array1::from_vec(self.truth);
        let calibration = Calibration::fit(margins.view(), &truth)?;
        let probabilities: Vec<Vec<f64>> =
            margins.rows().into_iter().map(|row| calibration.probabilities(&row.to_vec())).collect();
        let mut scores = Scores::new(3);
        for (&class, p) in truth.iter().zip(&probabilities) {
            scores.push(class, p.clone());
        }
        let conformal = Conformal::fit(3, probabilities.iter().zip(&truth).map(|(p, &class)| (&p[..], class)));
        Ok((calibration, conformal, scores))
    }
}
