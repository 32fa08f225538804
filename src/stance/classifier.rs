//! The compiled form of a model: what runs.

use std::convert::Infallible;
use std::sync::Arc;

use crate::actor::{Actor, ActorKind, Catalogue, Dateline, Mention, MentionFinder, Metonyms};
use crate::learn::Gram;
use crate::span::Span;
use crate::stance::analysis::{Analysis, Analyzer};
use crate::stance::features::FeatureExtractor;
use crate::stance::judgement::{Distribution, Evidence, Judgement, Verdict};
use crate::stance::label::{Label, Sentiment, Stance};
use crate::stance::model::Model;
use crate::stance::scene::{masks, Mask, Scene, NOBODY};
use crate::stance::scorer::{Scorer, Sums, Task};
use crate::stance::unit::Hit;
use crate::stance::vectorizer::Counter;
use crate::text::{Passage, Segmenter, Unit};

/// Reads text and judges every actor in every passage.
///
/// ```
/// use demarche::{Classifier, Model, Stance};
///
/// let classifier = Classifier::new(Model::bundled()?);
/// let text = "Moscow agreed to a new round of talks on Friday. Kyiv rejected the offer as a trick.";
/// for judgement in classifier.classify(text) {
///     let stance = judgement.stance().map(|stance| stance.label());
///     println!("{}: {stance:?}", judgement.actor().name());
/// }
/// # Ok::<(), demarche::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Classifier {
    analyzer: Analyzer,
    segmenter: Segmenter,
    /// The actors of the catalogue.
    cast: Cast,
    /// The actors that the caller wants judged, where they are not those of the catalogue.
    targets: Option<Cast>,
    pub(super) scorer: Arc<Scorer>,
}

/// Actors and the finder of their mentions.
#[derive(Clone, Debug)]
struct Cast {
    actors: Vec<Arc<Actor>>,
    finder: MentionFinder,
}

impl Cast {
    fn new(catalogue: Catalogue, finder: MentionFinder) -> Self {
        Self { actors: Vec::from(catalogue).into_iter().map(Arc::new).collect(), finder }
    }
}

impl Classifier {
    /// Compiles a model.
    pub fn new(model: Model) -> Self {
        Self {
            analyzer: Analyzer::new(Arc::new(model.lexicon), model.language),
            segmenter: Segmenter::new(model.unit),
            cast: Cast::new(model.catalogue, model.finder),
            targets: None,
            scorer: Arc::new(Scorer::new(
                model.features,
                model.vocabulary,
                model.weights,
                [model.stance, model.sentiment],
            )),
        }
    }

    /// Judges passages of another size than the model's.
    pub fn unit(mut self, unit: Unit) -> Self {
        self.segmenter = Segmenter::new(unit);
        self
    }

    /// Looks for other actors than the model's, or counts metonyms otherwise.
    pub fn catalogue(mut self, catalogue: &Catalogue, metonyms: Metonyms) -> Self {
        self.cast = Cast::new(catalogue.clone(), MentionFinder::new(catalogue, metonyms));
        self
    }

    /// Judges only these targets, named as the text names them: every whole-word occurrence of a name is a mention, also
    /// with a capital where it begins a sentence. The catalogue's actors are masked beside them.
    ///
    /// ```
    /// use demarche::{Classifier, Model};
    ///
    /// let classifier = Classifier::new(Model::bundled()?).targets(["the rebels"]);
    /// assert_eq!(classifier.classify("The rebels agreed. Then the rebels left.")[0].mentions().len(), 2);
    /// # Ok::<(), demarche::Error>(())
    /// ```
    pub fn targets<S: AsRef<str>>(mut self, names: impl IntoIterator<Item = S>) -> Self {
        let mut wanted = Catalogue::default();
        for name in names {
            let name = name.as_ref();
            let mut actor = Actor::named(name, ActorKind::Organization);
            let mut letters = name.chars();
            if let Some(first) = letters.next().filter(|first| first.is_lowercase()) {
                actor = actor.with_alias(first.to_uppercase().chain(letters).collect::<String>());
            }
            wanted.insert(actor);
        }
        let finder = MentionFinder::new(&wanted, Metonyms::Count);
        self.targets = Some(Cast::new(wanted, finder));
        self
    }

    /// Every judgement of a text, passage by passage, actors in the order of their first mention.
    ///
    /// A dateline names no actor: it says where a report was filed.
    ///
    /// ```
    /// use demarche::{Classifier, Model};
    ///
    /// let classifier = Classifier::new(Model::bundled()?);
    /// let found = classifier.classify("KYIV, Ukraine (AP) — Envoys of Russia walked out of the talks.");
    /// assert_eq!(found.iter().map(|judgement| judgement.actor().name()).collect::<Vec<_>>(), ["Russia"]);
    /// # Ok::<(), demarche::Error>(())
    /// ```
    pub fn classify(&self, text: &str) -> Vec<Judgement> {
        self.worker().classify(text)
    }

    /// Judges one actor in one passage: the whole of `text`, with the actor's mentions given in bytes. Mentions of the
    /// catalogue's other actors are masked.
    ///
    /// ```
    /// use demarche::{Classifier, Model, Span};
    ///
    /// let classifier = Classifier::new(Model::bundled()?);
    /// let verdict = classifier.judge("The rebels walked out of the talks.", &[Span::new(4, 10)]);
    /// assert!(verdict.stance().is_some());
    /// # Ok::<(), demarche::Error>(())
    /// ```
    pub fn judge(&self, text: &str, mentions: &[Span]) -> Verdict {
        let mut worker = self.worker();
        worker.judge_among(text, mentions, &[])
    }

    /// The stances that cannot be ruled out at this coverage (0 to 1): a set that holds the true one with about this
    /// probability, whichever it is. Empty where the model has no stance head.
    ///
    /// ```
    /// use demarche::{Classifier, Model, Span, Stance};
    ///
    /// let classifier = Classifier::new(Model::bundled()?);
    /// let verdict = classifier.judge("The rebels met.", &[Span::new(4, 10)]);
    /// if let Some(stance) = verdict.stance() {
    ///     assert_eq!(classifier.stance_set(&stance, 1.0).len(), 3);
    /// }
    /// # Ok::<(), demarche::Error>(())
    /// ```
    pub fn stance_set(&self, stance: &Distribution<Stance>, coverage: f64) -> Vec<Stance> {
        self.label_set(&stance.probabilities(), coverage)
    }

    /// The sentiments that cannot be ruled out at this coverage; see [`Classifier::stance_set`].
    pub fn sentiment_set(&self, sentiment: &Distribution<Sentiment>, coverage: f64) -> Vec<Sentiment> {
        self.label_set(&sentiment.probabilities(), coverage)
    }

    pub(crate) fn label_set<L: Label>(&self, probabilities: &[f64; 3], coverage: f64) -> Vec<L> {
        let head = self.scorer.head(Task::of::<L>());
        head.map_or(Vec::new(), |head| head.label_set(probabilities, coverage))
    }

    /// A worker that remembers words between texts; one for each thread.
    pub fn worker(&self) -> Worker<'_> {
        Worker {
            classifier: self,
            analyzer: self.analyzer.clone(),
            analysis: Analysis::default(),
            scene: Scene::default(),
            extractor: FeatureExtractor::new(self.scorer.settings()),
            counter: Counter::default(),
            shared: Sums::default(),
            evidence: Evidence::default(),
        }
    }
}

/// Judges text after text with one classifier; holds the memory that is used again.
#[derive(Clone, Debug)]
pub struct Worker<'c> {
    pub(super) classifier: &'c Classifier,
    pub(super) analyzer: Analyzer,
    analysis: Analysis,
    pub(super) scene: Scene,
    extractor: FeatureExtractor<Option<Gram>>,
    counter: Counter,
    /// What is the same for all actors of the opened passage.
    shared: Sums,
    evidence: Evidence,
}

impl Worker<'_> {
    /// As [`Classifier::classify`].
    pub fn classify(&mut self, text: &str) -> Vec<Judgement> {
        let mut found = Vec::new();
        self.walk(text, |_, judgement| found.push(judgement));
        found
    }

    /// Judges every actor of every passage; while `each` has a judgement, its passage is open and its actor in focus.
    pub(crate) fn walk(&mut self, text: &str, mut each: impl FnMut(&mut Self, Judgement)) {
        let Ok(()) = self.try_walk(text, |worker, judgement| {
            each(worker, judgement);
            Ok::<(), Infallible>(())
        });
    }

    /// As [`Worker::walk`], up to the first error.
    pub(crate) fn try_walk<E>(
        &mut self,
        text: &str,
        mut each: impl FnMut(&mut Self, Judgement) -> Result<(), E>,
    ) -> Result<(), E> {
        let classifier = self.classifier;
        for passage in classifier.segmenter.passages(text) {
            self.analyzer.analyze(&passage, &mut self.analysis);
            let (tokens, keys) = self.analysis.surface();
            let known = classifier.cast.finder.find_in(tokens, keys);
            match &classifier.targets {
                None => self.judge_mentions(&passage, &known, &[], &classifier.cast.actors, &mut each)?,
                Some(targets) => {
                    let wanted = targets.finder.find_in(tokens, keys);
                    self.judge_mentions(&passage, &wanted, &known, &targets.actors, &mut each)?;
                }
            }
        }
        Ok(())
    }

    /// Judges each actor that is mentioned outside the dateline; mentions of `others` are masked where no mention overlaps them.
    fn judge_mentions<E>(
        &mut self,
        passage: &Passage,
        mentions: &[Mention],
        others: &[Mention],
        actors: &[Arc<Actor>],
        each: &mut impl FnMut(&mut Self, Judgement) -> Result<(), E>,
    ) -> Result<(), E> {
        if mentions.is_empty() {
            return Ok(());
        }
        let dateline = Dateline::of(passage.text());
        let acts = |mention: &Mention| !dateline.is_some_and(|dateline| dateline.holds(mention));
        // The mentions of one actor after those of another, actors in the order of their first mention.
        let acting = mentions.iter().zip(0..).filter(|(mention, _)| acts(mention));
        let mut by_actor: Vec<(usize, usize)> = acting.map(|(mention, at)| (mention.actor(), at)).collect();
        by_actor.sort_unstable();
        let mut casts: Vec<&[(usize, usize)]> = by_actor.chunk_by(|a, b| a.0 == b.0).collect();
        casts.sort_unstable_by_key(|own| own[0].1);
        let owner = |mention: &Mention| if acts(mention) { mention.actor() } else { NOBODY };
        let own = mentions.iter().map(|mention| Mask { span: mention.span(), owner: owner(mention) });
        let masks = beside(own.collect(), others.iter().map(Mention::span));
        let offset = passage.span().start();
        self.open(&masks);
        for own in casts {
            let actor = own[0].0;
            let spans = own.iter().map(|(_, at)| mentions[*at].span().shifted(offset)).collect();
            let verdict = self.verdict(actor);
            each(self, Judgement::new(passage.span(), Arc::clone(&actors[actor]), spans, verdict))?;
        }
        Ok(())
    }

    /// Judges the actor with these mentions in a whole passage; `others` and the catalogue's actors are masked.
    pub(crate) fn judge_among(&mut self, text: &str, mentions: &[Span], others: &[Span]) -> Verdict {
        self.analyzer.analyze(&Passage::whole(text), &mut self.analysis);
        let (tokens, keys) = self.analysis.surface();
        let known = self.classifier.cast.finder.find_in(tokens, keys);
        self.open(&labelled_masks(mentions, others, &known));
        self.verdict(0)
    }

    /// Masks the passage that was analyzed last, and looks its words up.
    fn open(&mut self, masks: &[Mask]) {
        self.scene.set(&self.analyzer, &self.analysis, masks);
        let scorer = &self.classifier.scorer;
        let mut counting = self.counter.start(scorer.vocabulary());
        self.extractor.open(&self.scene, &self.analyzer, &mut counting);
        self.shared = Sums::default();
        scorer.add(&mut self.counter, &mut self.shared);
        let known = self.scene.units().iter().zip(self.extractor.unigrams()).filter(|(unit, _)| !unit.is_actor());
        let lexicon = self.analyzer.lexicon();
        let is_telling = |hit: &&Hit| lexicon.senses(hit.entry).iter().any(|sense| lexicon.is_telling(sense.class));
        self.evidence = Evidence {
            words: known.clone().count(),
            known: known.filter(|(_, gram)| gram.is_some()).count(),
            cues: self.scene.hits().iter().filter(is_telling).count(),
        };
    }

    /// Judges one actor of the opened passage.
    fn verdict(&mut self, actor: usize) -> Verdict {
        let scorer = &self.classifier.scorer;
        self.scene.focus(actor);
        let mut counting = self.counter.start(scorer.vocabulary());
        self.extractor.terms(&self.scene, &self.analyzer, &mut counting);
        let mut sums = self.shared;
        scorer.add(&mut self.counter, &mut sums);
        let [stance, sentiment] = scorer.probabilities(&sums);
        Verdict::new(stance.map(Distribution::new), sentiment.map(Distribution::new), self.evidence)
    }
}

/// The masks of a labelled pair: its own mentions, those of the passage's other labelled actors, and the catalogue's
/// where neither stands.
pub(crate) fn labelled_masks(own: &[Span], others: &[Span], known: &[Mention]) -> Vec<Mask> {
    beside(masks(own, others.iter().copied()), known.iter().map(Mention::span))
}

/// Adds masks of nobody's where none of these stands; both are in order, and so is what comes of it.
fn beside(masks: Vec<Mask>, others: impl Iterator<Item = Span>) -> Vec<Mask> {
    let mut all = Vec::with_capacity(masks.len());
    let mut masks = masks.into_iter().peekable();
    for span in others {
        while let Some(mask) = masks.next_if(|mask| mask.span.end() <= span.start()) {
            all.push(mask);
        }
        if !masks.peek().is_some_and(|mask| mask.span.overlaps(span)) {
            all.push(Mask { span, owner: NOBODY });
        }
    }
    all.extend(masks);
    all
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Spans in order that do not overlap.
    fn spans() -> impl Strategy<Value = Vec<Span>> {
        prop::collection::vec((0usize..5, 1usize..5), 0..8).prop_map(|steps| {
            let mut end = 0;
            let place = |(gap, length)| {
                let start = end + gap;
                end = start + length;
                Span::new(start, end)
            };
            steps.into_iter().map(place).collect()
        })
    }

    #[test]
    fn datelines_are_masked_but_not_judged() {
        let classifier = Classifier::new(Model::bundled().unwrap());
        let text = "KYIV, Ukraine (AP) — Russia and Ukraine agreed to talks.";
        let names: Vec<_> = classifier.classify(text).iter().map(|found| found.actor().name().to_owned()).collect();
        assert_eq!(names, ["Russia", "Ukraine"]);
        assert_eq!(classifier.classify(text)[1].mentions(), [Span::new(34, 41)]);
        let wanted = classifier.targets(["Ukraine"]).classify("KYIV, Ukraine (AP) — Russia refused.");
        assert!(wanted.is_empty());
    }

    proptest! {
        #[test]
        fn others_stand_where_no_mask_does(own in spans(), others in spans()) {
            let masks: Vec<Mask> = own.iter().map(|&span| Mask { span, owner: 1 }).collect();
            let free = others.iter().filter(|other| !own.iter().any(|span| span.overlaps(**other)));
            let mut oracle = masks.clone();
            oracle.extend(free.map(|&span| Mask { span, owner: NOBODY }));
            oracle.sort_by_key(|mask| mask.span);
            prop_assert_eq!(beside(masks, others.into_iter()), oracle);
        }
    }
}
