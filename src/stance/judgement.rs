//! Judgements: what the classifier hands out.

use std::fmt;
use std::sync::Arc;

use serde::ser::SerializeStruct;
use serde::{Deserialize, Serialize, Serializer};

use crate::actor::Actor;
use crate::learn::argmax;
use crate::span::Span;
use crate::stance::label::{Label, Sentiment, Stance};

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

/// Why a judgement had better not be relied upon; apart from *neutral*, which is a judgement.
///
/// The first that applies is given, in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Abstention {
    /// The passage has fewer than [`Abstention::FEWEST_WORDS`] words beside its actors.
    TooShort,
    /// More than half of its words are not in the model's vocabulary: another language, for example.
    UnknownWords,
    /// It has no cue of negotiation. (Stance only: a passage may praise or blame without one.)
    NotAboutNegotiation,
    /// No label has the least certainty that is asked for.
    NotSure,
}

impl Abstention {
    /// Passages with fewer words beside their actors are too short.
    pub const FEWEST_WORDS: usize = 3;
    /// The least certainty that is usually asked for.
    pub const LEAST_CERTAINTY: f64 = 0.5;
}

impl fmt::Display for Abstention {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Abstention::TooShort => "too short",
            Abstention::UnknownWords => "unknown words",
            Abstention::NotAboutNegotiation => "not about negotiation",
            Abstention::NotSure => "not sure",
        })
    }
}

/// What a passage offers to judge by, whatever the label.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Evidence {
    /// Words beside the actors, and those of them that the vocabulary knows.
    pub words: usize,
    pub known: usize,
    /// Cues of a class that tells something.
    pub cues: usize,
}

/// What a passage conveys about one actor; a head that the model was not trained for is `None`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Verdict {
    stance: Option<Distribution<Stance>>,
    sentiment: Option<Distribution<Sentiment>>,
    evidence: Evidence,
}

impl Verdict {
    pub(crate) fn new(
        stance: Option<Distribution<Stance>>,
        sentiment: Option<Distribution<Sentiment>>,
        evidence: Evidence,
    ) -> Self {
        Self { stance, sentiment, evidence }
    }

    /// Why the stance had better not be relied upon, where there is a reason; `least` is the certainty asked for, 0 to 1.
    ///
    /// ```
    /// use demarche::stance::Abstention;
    /// use demarche::{Classifier, Model, Span};
    ///
    /// let classifier = Classifier::new(Model::bundled()?);
    /// let reason = |text: &str| classifier.judge(text, &[Span::new(0, 4)]).abstention(0.0);
    /// assert_eq!(reason("Iran."), Some(Abstention::TooShort));
    /// assert_eq!(reason("Iran xqvz bnzz wrtk plmf qqqz."), Some(Abstention::UnknownWords));
    /// assert_eq!(reason("Iran refused to negotiate with the inspectors."), None);
    /// # Ok::<(), demarche::Error>(())
    /// ```
    pub fn abstention(&self, least: f64) -> Option<Abstention> {
        let Evidence { words, known, cues } = self.evidence;
        if words < Abstention::FEWEST_WORDS {
            Some(Abstention::TooShort)
        } else if 2 * known < words {
            Some(Abstention::UnknownWords)
        } else if cues == 0 {
            Some(Abstention::NotAboutNegotiation)
        } else {
            self.stance.filter(|stance| stance.certainty() < least).map(|_| Abstention::NotSure)
        }
    }

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
    pub(crate) fn new(passage: Span, actor: Arc<Actor>, mentions: Vec<Span>, verdict: Verdict) -> Self {
        Self { passage, actor, mentions, verdict }
    }

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

    /// What the passage conveys, without its place.
    pub fn verdict(&self) -> &Verdict {
        &self.verdict
    }

    /// Why the stance had better not be relied upon; see [`Verdict::abstention`].
    pub fn abstention(&self, least: f64) -> Option<Abstention> {
        self.verdict.abstention(least)
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
        let mut out = serializer.serialize_struct("Judgement", 7)?;
        out.serialize_field("passage", &self.passage)?;
        out.serialize_field("actor", self.actor.name())?;
        out.serialize_field("id", self.actor.id())?;
        out.serialize_field("mentions", &self.mentions)?;
        out.serialize_field("stance", &self.verdict.stance)?;
        out.serialize_field("sentiment", &self.verdict.sentiment)?;
        out.serialize_field("abstention", &self.abstention(Abstention::LEAST_CERTAINTY))?;
        out.end()
    }
}
