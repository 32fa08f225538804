//! How good a model is on labelled data.

use serde::{Serialize, Serializer};

use crate::learn::{share, Scores};
use crate::span::Span;
use crate::stance::classifier::{Classifier, Worker};
use crate::stance::corpus::{Corpus, LabelledPassage};
use crate::stance::judgement::Verdict;
use crate::stance::label::{Label, Sentiment, Stance};

/// The predictions of both heads beside the truth; a head without labels, or that the model lacks, is `None`.
///
/// Serialized as `{"stance": {"n", "accuracy", "macro_f1", "ece", "confusion", "per_class"}, "sentiment": …}`.
#[derive(Clone, Debug, Default)]
pub struct Evaluation {
    pub(super) stance: Option<Scores>,
    pub(super) sentiment: Option<Scores>,
}

impl Evaluation {
    /// The stance head.
    pub fn stance(&self) -> Option<&Scores> {
        self.stance.as_ref()
    }

    /// The sentiment head.
    pub fn sentiment(&self) -> Option<&Scores> {
        self.sentiment.as_ref()
    }

    /// The head of this label.
    pub fn head<L: Label>(&self) -> Option<&Scores> {
        match L::HEAD {
            Stance::HEAD => self.stance(),
            _ => self.sentiment(),
        }
    }
}

impl Classifier {
    /// Scores the classifier on labelled passages. Actors are taken as labelled, not searched.
    ///
    /// ```
    /// use demarche::{Classifier, Corpus, Model};
    ///
    /// let corpus = Corpus::from_csv("text,actor,stance\nMoscow agreed.,Moscow,pro\n")?;
    /// let evaluation = Classifier::new(Model::bundled()?).evaluate(&corpus);
    /// assert_eq!(evaluation.stance().map(|scores| scores.len()), Some(1));
    /// assert!(evaluation.sentiment().is_none());
    /// # Ok::<(), demarche::Error>(())
    /// ```
    pub fn evaluate(&self, corpus: &Corpus) -> Evaluation {
        let mut stance = Scores::new(Stance::ALL.len());
        let mut sentiment = Scores::new(Sentiment::ALL.len());
        let mut worker = self.worker();
        for passage in corpus.passages() {
            for (actor, verdict) in passage.actors().iter().zip(worker.judge_labelled(passage)) {
                if let (Some(truth), Some(found)) = (actor.stance(), verdict.stance()) {
                    stance.push_in_cluster(passage.cluster(), truth.class(), found.probabilities().to_vec());
                }
                if let (Some(truth), Some(found)) = (actor.sentiment(), verdict.sentiment()) {
                    sentiment.push_in_cluster(passage.cluster(), truth.class(), found.probabilities().to_vec());
                }
            }
        }
        let some = |scores: Scores| Some(scores).filter(|scores| !scores.is_empty());
        Evaluation { stance: some(stance), sentiment: some(sentiment) }
    }
}

/// How well label sets keep what they promise; see [`Classifier::stance_set`].
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Coverage {
    asked: f64,
    per_class: [f64; 3],
    labels: f64,
}

impl Coverage {
    /// The coverage that was asked for, 0 to 1.
    pub fn asked(&self) -> f64 {
        self.asked
    }

    /// For each class, the share of its pairs whose set holds it, 0 to 1.
    pub fn per_class(&self) -> [f64; 3] {
        self.per_class
    }

    /// The mean number of labels in a set.
    pub fn labels(&self) -> f64 {
        self.labels
    }
}

impl Classifier {
    /// Measures the label sets of one head on scored pairs: how often they hold the truth, class by class.
    pub fn coverage<L: Label>(&self, scores: &Scores, asked: f64) -> Coverage {
        let mut pairs = [0; 3];
        let mut held = [0; 3];
        let mut labels = 0;
        for (truth, probabilities) in scores.rows() {
            let Some(probabilities) = probabilities.first_chunk() else { continue };
            let set = self.label_set::<L>(probabilities, asked);
            labels += set.len();
            pairs[truth] += 1;
            held[truth] += usize::from(set.iter().any(|label| label.class() == truth));
        }
        let per_class = std::array::from_fn(|class| share(held[class], pairs[class]));
        Coverage { asked, per_class, labels: share(labels, scores.len()) }
    }
}

impl Worker<'_> {
    /// Judges the labelled actors of a passage, in their order. Actors are taken as labelled, not searched; mentions of
    /// the others, labelled or in the catalogue, are masked.
    ///
    /// ```
    /// use demarche::{Classifier, Corpus, Model};
    ///
    /// let corpus = Corpus::from_csv("text,actor,stance\nMoscow agreed.,Moscow,pro\n")?;
    /// let classifier = Classifier::new(Model::bundled()?);
    /// let mut worker = classifier.worker();
    /// assert_eq!(worker.judge_labelled(&corpus.passages()[0]).len(), 1);
    /// # Ok::<(), demarche::Error>(())
    /// ```
    pub fn judge_labelled(&mut self, passage: &LabelledPassage) -> Vec<Verdict> {
        let actors = passage.actors().iter().enumerate();
        actors.map(|(at, actor)| self.judge_among(passage.text(), actor.spans(), &other_spans(passage, at))).collect()
    }
}

/// The mentions of the passage's other labelled actors.
pub(super) fn other_spans(passage: &LabelledPassage, actor: usize) -> Vec<Span> {
    let own = passage.actors()[actor].name();
    passage.actors().iter().filter(|other| other.name() != own).flat_map(|other| other.spans()).copied().collect()
}

#[derive(Serialize)]
struct HeadReport {
    n: usize,
    accuracy: f64,
    macro_f1: f64,
    macro_f1_interval: [f64; 2],
    ece: f64,
    brier: f64,
    confusion: crate::learn::Confusion,
    per_class: std::collections::BTreeMap<String, crate::learn::ClassScores>,
}

impl HeadReport {
    fn of<L: Label>(scores: &Scores) -> Self {
        let confusion = scores.confusion();
        let macro_f1 = scores.macro_f1();
        Self {
            n: scores.len(),
            accuracy: confusion.accuracy(),
            macro_f1: macro_f1.value(),
            macro_f1_interval: [macro_f1.low(), macro_f1.high()],
            ece: scores.ece(),
            brier: scores.brier(),
            per_class: L::ALL.iter().map(|label| (label.to_string(), confusion.class(label.class()))).collect(),
            confusion,
        }
    }
}

impl Serialize for Evaluation {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Report {
            stance: Option<HeadReport>,
            sentiment: Option<HeadReport>,
        }
        Report {
            stance: self.stance.as_ref().map(HeadReport::of::<Stance>),
            sentiment: self.sentiment.as_ref().map(HeadReport::of::<Sentiment>),
        }
        .serialize(serializer)
    }
}
