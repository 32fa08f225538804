//! From passages to an article: a verdict for each actor.

use std::collections::HashMap;
use std::fmt;

use serde::Serialize;

use crate::actor::Actor;
use crate::stance::judgement::Judgement;
use crate::stance::label::{Label, Sentiment, Stance};

/// What many passages together say of an actor's part in negotiation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Lean {
    /// Most of what is said of it is pro-negotiation.
    Pro,
    /// Most of what is said of it is skeptical.
    Skeptical,
    /// Passages of both kinds, neither far ahead.
    Divided,
    /// No passage takes a side.
    Neutral,
}

impl fmt::Display for Lean {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Lean::Pro => "pro",
            Lean::Skeptical => "skeptical",
            Lean::Divided => "divided",
            Lean::Neutral => "neutral",
        })
    }
}

/// The share of the polar weight that one side needs to carry the verdict.
const MAJORITY: f64 = 0.6;

/// The judgements of one actor, added up.
#[derive(Clone, Debug, Serialize)]
pub struct ActorSummary {
    actor: String,
    id: String,
    passages: usize,
    /// Passages by label, in the order of [`Label::ALL`].
    stance: [usize; 3],
    sentiment: [usize; 3],
    /// Certainties of the polar stance labels: pro, skeptical.
    weight: [f64; 2],
}

impl ActorSummary {
    /// The actor's name.
    pub fn actor(&self) -> &str {
        &self.actor
    }

    /// The actor's id in the catalogue.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Passages that name it; for a side, the judgements of all its members.
    pub fn passages(&self) -> usize {
        self.passages
    }

    /// Passages with this stance.
    pub fn stance(&self, label: Stance) -> usize {
        self.stance[label.class()]
    }

    /// Passages with this sentiment.
    pub fn sentiment(&self, label: Sentiment) -> usize {
        self.sentiment[label.class()]
    }

    /// The verdict: each polar passage counts by its certainty, and a side needs 60 % of that weight.
    pub fn lean(&self) -> Lean {
        let [pro, skeptical] = self.weight;
        match pro + skeptical {
            0.0 => Lean::Neutral,
            all if pro >= MAJORITY * all => Lean::Pro,
            all if skeptical >= MAJORITY * all => Lean::Skeptical,
            _ => Lean::Divided,
        }
    }

    /// The heavier side and its share of the weight that [`ActorSummary::lean`] goes by, .5 to 1; `None` where no passage
    /// takes a side. Pro where both weigh the same.
    ///
    /// ```
    /// use demarche::stance::Rollup;
    /// use demarche::{Classifier, Model, Stance};
    ///
    /// let mut rollup = Rollup::default();
    /// Classifier::new(Model::bundled()?).classify("Iran refused to talk.").iter().for_each(|found| rollup.add(found));
    /// assert_eq!(rollup.actors()[0].majority(), Some((Stance::Skeptical, 1.0)));
    /// # Ok::<(), demarche::Error>(())
    /// ```
    pub fn majority(&self) -> Option<(Stance, f64)> {
        let [pro, skeptical] = self.weight;
        let all = pro + skeptical;
        let heavier = if pro >= skeptical { (Stance::Pro, pro / all) } else { (Stance::Skeptical, skeptical / all) };
        (all > 0.0).then_some(heavier)
    }
}

/// Adds up judgements by actor.
///
/// ```
/// use demarche::stance::Rollup;
/// use demarche::{Classifier, Model};
///
/// let classifier = Classifier::new(Model::bundled()?);
/// let mut rollup = Rollup::default();
/// for judgement in classifier.classify("Iran agreed to talks. Iran signed the deal.\n\nIran refused.") {
///     rollup.add(&judgement);
/// }
/// assert_eq!(rollup.actors()[0].passages(), 2);
/// # Ok::<(), demarche::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Rollup {
    actors: Vec<ActorSummary>,
    by_id: HashMap<String, usize>,
}

impl Rollup {
    /// Adds one judgement to its actor.
    pub fn add(&mut self, judgement: &Judgement) {
        self.add_to(judgement.actor(), judgement);
    }

    /// Adds one judgement to another actor than its own: to the side that the actor belongs to, for example.
    pub fn add_to(&mut self, actor: &Actor, judgement: &Judgement) {
        let next = self.actors.len();
        let at = *self.by_id.entry(actor.id().to_owned()).or_insert(next);
        if at == next {
            self.actors.push(ActorSummary {
                actor: actor.name().to_owned(),
                id: actor.id().to_owned(),
                passages: 0,
                stance: [0; 3],
                sentiment: [0; 3],
                weight: [0.0; 2],
            });
        }
        let summary = &mut self.actors[at];
        summary.passages += 1;
        if let Some(stance) = judgement.stance() {
            summary.stance[stance.label().class()] += 1;
            match stance.label() {
                Stance::Pro => summary.weight[0] += stance.certainty(),
                Stance::Skeptical => summary.weight[1] += stance.certainty(),
                Stance::Neutral => {}
            }
        }
        if let Some(sentiment) = judgement.sentiment() {
            summary.sentiment[sentiment.label().class()] += 1;
        }
    }

    /// The actors, in the order they were first added.
    pub fn actors(&self) -> &[ActorSummary] {
        &self.actors
    }
}
