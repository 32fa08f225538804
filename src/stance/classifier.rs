//! The compiled form of a model: what runs.

use std::sync::Arc;

use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};

use crate::actor::{Actor, ActorKind, Catalogue, Mention, MentionFinder, Metonyms};
use crate::learn::argmax;
use crate::span::Span;
use crate::stance::analysis::{Analysis, Analyzer};
use crate::stance::features;
use crate::stance::label::{Label, Sentiment, Stance};
use crate::stance::model::{Head, Model};
use crate::stance::vectorizer::{Counter, Vectorizer};
use crate::stance::view::{masks, Mask, Scene, View, NOBODY};
use crate::text::{Passage, Segmenter, Stemmer, Unit};

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
    scorer: Scorer,
}

/// Actors and the finder of their mentions.
#[derive(Clone, Debug)]
struct Cast {
    actors: Vec<Arc<Actor>>,
    finder: MentionFinder,
}

impl Cast {
    fn new(catalogue: &Catalogue, metonyms: Metonyms) -> Self {
        Self {
            actors: catalogue.actors().iter().cloned().map(Arc::new).collect(),
            finder: MentionFinder::new(catalogue, metonyms),
        }
    }
}

impl Classifier {
    /// Compiles a model.
    pub fn new(model: Model) -> Self {
        let analyzer = Analyzer::new(&model.cues, Stemmer::new(model.language));
        let scorer = Scorer { vectorizer: model.vectorizer, stance: model.stance, sentiment: model.sentiment };
        Self {
            analyzer,
            segmenter: Segmenter::new(model.unit),
            cast: Cast::new(&model.catalogue, model.metonyms),
            targets: None,
            scorer,
        }
    }

    /// Judges passages of another size than the model's.
    pub fn unit(mut self, unit: Unit) -> Self {
        self.segmenter = Segmenter::new(unit);
        self
    }

    /// Looks for other actors than the model's, or counts metonyms otherwise.
    pub fn catalogue(mut self, catalogue: &Catalogue, metonyms: Metonyms) -> Self {
        self.cast = Cast::new(catalogue, metonyms);
        self
    }

    /// Judges only these targets, named as the text names them: every whole-word occurrence of a name is a mention. The
    /// catalogue's actors are masked beside them.
    pub fn targets<S: AsRef<str>>(mut self, names: impl IntoIterator<Item = S>) -> Self {
        let mut wanted = Catalogue::default();
        for name in names {
            wanted.insert(Actor::named(name.as_ref(), ActorKind::Organization));
        }
        self.targets = Some(Cast::new(&wanted, Metonyms::Count));
        self
    }

    /// Every judgement of a text, passage by passage, actors in the order of their first mention.
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
        self.scorer.stance.as_ref().map_or(Vec::new(), |head| head.label_set(stance, coverage))
    }

    /// The sentiments that cannot be ruled out at this coverage; see [`Classifier::stance_set`].
    pub fn sentiment_set(&self, sentiment: &Distribution<Sentiment>, coverage: f64) -> Vec<Sentiment> {
        self.scorer.sentiment.as_ref().map_or(Vec::new(), |head| head.label_set(sentiment, coverage))
    }

    /// A worker that remembers words between texts; one for each thread.
    pub fn worker(&self) -> Worker<'_> {
        Worker {
            classifier: self,
            analyzer: self.analyzer.clone(),
            analysis: Analysis::default(),
            counter: Counter::default(),
        }
    }
}

/// Judges text after text with one classifier; holds the memory that is used again.
#[derive(Clone, Debug)]
pub struct Worker<'c> {
    classifier: &'c Classifier,
    analyzer: Analyzer,
    analysis: Analysis,
    counter: Counter,
}

impl Worker<'_> {
    /// As [`Classifier::classify`].
    pub fn classify(&mut self, text: &str) -> Vec<Judgement> {
        let mut found = Vec::new();
        let classifier = self.classifier;
        for passage in classifier.segmenter.passages(text) {
            self.analyzer.analyze(&passage, &mut self.analysis);
            let (tokens, keys) = self.analysis.surface();
            let known = classifier.cast.finder.find_in(tokens, keys);
            match &classifier.targets {
                None => self.judge_mentions(&passage, &known, &[], &classifier.cast.actors, &mut found),
                Some(targets) => {
                    let wanted = targets.finder.find_in(tokens, keys);
                    let others: Vec<Span> = known.iter().map(Mention::span).collect();
                    self.judge_mentions(&passage, &wanted, &others, &targets.actors, &mut found);
                }
            }
        }
        found
    }

    /// Judges each actor that is mentioned; spans of `others` are masked where no mention overlaps them.
    fn judge_mentions(
        &mut self,
        passage: &Passage,
        mentions: &[Mention],
        others: &[Span],
        actors: &[Arc<Actor>],
        found: &mut Vec<Judgement>,
    ) {
        let Some(first) = mentions.first() else { return };
        let mut order = vec![first.actor()];
        for mention in mentions {
            if !order.contains(&mention.actor()) {
                order.push(mention.actor());
            }
        }
        let free = |span: &Span| !mentions.iter().any(|mention| mention.span().overlaps(*span));
        let mut masks: Vec<Mask> =
            mentions.iter().map(|mention| Mask { span: mention.span(), owner: mention.actor() }).collect();
        masks.extend(others.iter().copied().filter(free).map(|span| Mask { span, owner: NOBODY }));
        masks.sort_by_key(|mask| mask.span);
        let scorer = &self.classifier.scorer;
        let scene = Scene::new(&self.analyzer, &self.analysis, &masks);
        let offset = passage.span().start();
        for actor in order {
            let own = mentions.iter().filter(|mention| mention.actor() == actor);
            found.push(Judgement {
                passage: passage.span(),
                actor: Arc::clone(&actors[actor]),
                mentions: own.map(|mention| mention.span().shifted(offset)).collect(),
                verdict: scorer.verdict(&scene.view(actor), &self.analyzer, &mut self.counter),
            });
        }
    }

    /// Judges the actor with these mentions in a whole passage; `others` and the catalogue's actors are masked.
    pub(crate) fn judge_among(&mut self, text: &str, mentions: &[Span], others: &[Span]) -> Verdict {
        self.analyzer.analyze(&Passage::whole(text), &mut self.analysis);
        let (tokens, keys) = self.analysis.surface();
        let known = self.classifier.cast.finder.find_in(tokens, keys);
        let masks = labelled_masks(mentions, others, &known);
        let view = Scene::new(&self.analyzer, &self.analysis, &masks).view(0);
        self.classifier.scorer.verdict(&view, &self.analyzer, &mut self.counter)
    }
}

/// The masks of a labelled pair: its own mentions, those of the passage's other labelled actors, and the catalogue's
/// where neither stands.
pub(crate) fn labelled_masks(own: &[Span], others: &[Span], known: &[Mention]) -> Vec<Mask> {
    let free = |span: &Span| !own.iter().chain(others).any(|labelled| labelled.overlaps(*span));
    let known = known.iter().map(Mention::span).filter(free);
    masks(own, others.iter().copied().chain(known))
}

/// The numbers of a model: rows to verdicts.
#[derive(Clone, Debug)]
pub(crate) struct Scorer {
    vectorizer: Vectorizer,
    stance: Option<Head>,
    sentiment: Option<Head>,
}

impl Scorer {
    fn verdict(&self, view: &View, analyzer: &Analyzer, counter: &mut Counter) -> Verdict {
        let mut counting = counter.start(&self.vectorizer);
        features::terms(view, analyzer, self.vectorizer.settings(), &mut counting);
        let row = counting.finish();
        Verdict {
            stance: self.stance.as_ref().map(|head| Distribution::new(head.probabilities(row))),
            sentiment: self.sentiment.as_ref().map(|head| Distribution::new(head.probabilities(row))),
        }
    }
}

impl Head {
    /// The margins of a row, before calibration.
    pub(crate) fn margins(&self, row: &[(u32, f32)]) -> [f64; 3] {
        let mut margins = self.intercepts;
        for &(column, value) in row {
            let at = column as usize * 3;
            for (margin, weight) in margins.iter_mut().zip(&self.weights[at..at + 3]) {
                *margin += f64::from(value) * f64::from(*weight);
            }
        }
        margins
    }

    fn label_set<L: Label>(&self, distribution: &Distribution<L>, coverage: f64) -> Vec<L> {
        let classes = self.conformal.set(&distribution.probabilities, coverage);
        classes.into_iter().filter_map(L::from_class).collect()
    }

    fn probabilities(&self, row: &[(u32, f32)]) -> [f64; 3] {
        let calibrated = self.calibration.probabilities(&self.margins(row));
        std::array::from_fn(|class| calibrated.get(class).copied().unwrap_or(0.0))
    }
}

/// The calibrated probabilities of a head's three labels; they sum to 1.
///
/// Serialized as `{"label": …, "pro": …, "skeptical": …, "neutral": …}`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Distribution<L> {
    probabilities: [f64; 3],
    head: std::marker::PhantomData<L>,
}

impl<L: Label> Distribution<L> {
    pub(crate) fn new(probabilities: [f64; 3]) -> Self {
        Self { probabilities, head: std::marker::PhantomData }
    }

    /// The most probable label.
    pub fn label(&self) -> L {
        L::ALL[argmax(&self.probabilities)]
    }

    /// The probability of a label, 0 to 1.
    pub fn probability(&self, label: L) -> f64 {
        self.probabilities[label.class()]
    }

    /// The probability of the most probable label.
    pub fn certainty(&self) -> f64 {
        self.probability(self.label())
    }

    /// The probabilities in the order of [`Label::ALL`].
    pub fn probabilities(&self) -> [f64; 3] {
        self.probabilities
    }
}

impl<L: Label> Serialize for Distribution<L> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(4))?;
        serde::ser::SerializeMap::serialize_entry(&mut map, "label", &self.label().to_string())?;
        for label in L::ALL {
            serde::ser::SerializeMap::serialize_entry(&mut map, &label.to_string(), &self.probability(label))?;
        }
        serde::ser::SerializeMap::end(map)
    }
}

/// What a passage conveys about one actor; a head that the model was not trained for is `None`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Verdict {
    stance: Option<Distribution<Stance>>,
    sentiment: Option<Distribution<Sentiment>>,
}

impl Verdict {
    /// The actor's part in negotiation.
    pub fn stance(&self) -> Option<Distribution<Stance>> {
        self.stance
    }

    /// How favourably the actor is portrayed.
    pub fn sentiment(&self) -> Option<Distribution<Sentiment>> {
        self.sentiment
    }
}

/// One actor in one passage, judged.
#[derive(Clone, Debug, PartialEq)]
pub struct Judgement {
    passage: Span,
    actor: Arc<Actor>,
    mentions: Vec<Span>,
    verdict: Verdict,
}

impl Judgement {
    /// The passage (bytes of the text).
    pub fn passage(&self) -> Span {
        self.passage
    }

    /// The actor.
    pub fn actor(&self) -> &Actor {
        &self.actor
    }

    /// Where the passage names the actor (bytes of the text).
    pub fn mentions(&self) -> &[Span] {
        &self.mentions
    }

    /// The actor's part in negotiation.
    pub fn stance(&self) -> Option<Distribution<Stance>> {
        self.verdict.stance
    }

    /// How favourably the actor is portrayed.
    pub fn sentiment(&self) -> Option<Distribution<Sentiment>> {
        self.verdict.sentiment
    }

    /// The same judgement of a text that stands `offset` bytes further on.
    pub(crate) fn shifted(mut self, offset: usize) -> Self {
        self.passage = self.passage.shifted(offset);
        self.mentions.iter_mut().for_each(|mention| *mention = mention.shifted(offset));
        self
    }
}

impl Serialize for Judgement {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut out = serializer.serialize_struct("Judgement", 6)?;
        out.serialize_field("passage", &self.passage)?;
        out.serialize_field("actor", self.actor.name())?;
        out.serialize_field("id", self.actor.id())?;
        out.serialize_field("mentions", &self.mentions)?;
        out.serialize_field("stance", &self.verdict.stance)?;
        out.serialize_field("sentiment", &self.verdict.sentiment)?;
        out.end()
    }
}
