//! Why a label: exact contributions to the log-odds, term by term and word by word.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::fmt;
use std::ops::Range;

use serde::Serialize;

use crate::learn::{count, Gram};
use crate::span::Span;
use crate::stance::classifier::{Classifier, Worker};
use crate::stance::cues::Effect;
use crate::stance::features::FeatureExtractor;
use crate::stance::judgement::{Distribution, Judgement, Verdict};
use crate::stance::label::{Label, Sentiment, Stance};
use crate::stance::scorer::Task;
use crate::stance::term::{term_name, Block, Family, Part, Sink};
use crate::stance::unit::{Hit, Unit};
use crate::stance::vectorizer::Counter;

/// Why a judgement has its label: the log-odds of that label against the runner-up, as a sum.
///
/// `ln p(label)/p(runner-up) = base + Σ terms`, exactly (to rounding): the model is linear in its terms, and so is its
/// calibration. What a term adds is shared out among the words that it stands on, so the words add up too.
///
/// Serialized as `{"label", "runner_up", "log_odds", "base", "terms": [{"term", "block", "value"}], "words": [{"span",
/// "value"}], "cues": [{"span", "class", "role", "negated"}]}`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Explanation<L> {
    label: L,
    runner_up: L,
    log_odds: f64,
    base: f64,
    terms: Vec<TermContribution>,
    words: Vec<WordContribution>,
    cues: Vec<ExplainedCue>,
}

/// What one term adds to the log-odds.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TermContribution {
    term: String,
    block: Block,
    value: f64,
}

impl TermContribution {
    /// The term as `block:words`, in stems; ‹T› is the actor in question, ‹O› any other.
    pub fn term(&self) -> &str {
        &self.term
    }

    /// The block of the term.
    pub fn block(&self) -> Block {
        self.block
    }

    /// What it adds: above 0 it speaks for the label, below 0 for the runner-up.
    pub fn value(&self) -> f64 {
        self.value
    }
}

/// What the terms on one word, or on one mention, add to the log-odds together.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct WordContribution {
    span: Span,
    value: f64,
}

impl WordContribution {
    /// Where the word stands (bytes of the caller's text).
    pub fn span(&self) -> Span {
        self.span
    }

    /// What it adds: above 0 it speaks for the label, below 0 for the runner-up.
    pub fn value(&self) -> f64 {
        self.value
    }
}

/// A cue of the lexicon that the passage holds.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ExplainedCue {
    span: Span,
    class: String,
    role: CueRole,
    negated: bool,
    stance: Effect,
    sentiment: Effect,
}

/// The part that the actor in question has in a cue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum CueRole {
    /// It does it, or has it.
    Agent,
    /// It is done to it.
    Patient,
    /// Both: "talks between Russia and Ukraine".
    Both,
    /// Another actor has a part in it.
    Bystander,
    /// No actor was found to have a part in it.
    None,
}

impl fmt::Display for CueRole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            CueRole::Agent => "agent",
            CueRole::Patient => "patient",
            CueRole::Both => "both",
            CueRole::Bystander => "bystander",
            CueRole::None => "none",
        })
    }
}

impl ExplainedCue {
    /// Where the cue stands (bytes of the caller's text).
    pub fn span(&self) -> Span {
        self.span
    }

    /// Its class, such as `refuse`.
    pub fn class(&self) -> &str {
        &self.class
    }

    /// The part that the actor has in it.
    pub fn role(&self) -> CueRole {
        self.role
    }

    /// Whether a negation reaches it.
    pub fn is_negated(&self) -> bool {
        self.negated
    }

    /// What it conveys about the actor as a negotiating party, in its role; turned round by a negation.
    pub fn stance(&self) -> Effect {
        self.stance
    }

    /// How it portrays the actor, in its role; turned round by a negation.
    pub fn sentiment(&self) -> Effect {
        self.sentiment
    }
}

impl<L: Label> Explanation<L> {
    /// The label that is explained.
    pub fn label(&self) -> L {
        self.label
    }

    /// The label that came next.
    pub fn runner_up(&self) -> L {
        self.runner_up
    }

    /// `ln p(label)/p(runner-up)`, from the probabilities of the judgement.
    pub fn log_odds(&self) -> f64 {
        self.log_odds
    }

    /// What the log-odds would be without any term.
    pub fn base(&self) -> f64 {
        self.base
    }

    /// The terms, those that add or take most first.
    pub fn terms(&self) -> &[TermContribution] {
        &self.terms
    }

    /// The words and mentions of the passage, in order.
    pub fn words(&self) -> &[WordContribution] {
        &self.words
    }

    /// The cues of the passage, in order.
    pub fn cues(&self) -> &[ExplainedCue] {
        &self.cues
    }
}

/// A head whose judgements can be explained.
pub trait Explained: Label {
    /// The distribution over these labels; `None` where the model lacks the head.
    fn distribution(verdict: &Verdict) -> Option<Distribution<Self>>;
}

impl Explained for Stance {
    fn distribution(verdict: &Verdict) -> Option<Distribution<Self>> {
        verdict.stance()
    }
}

impl Explained for Sentiment {
    fn distribution(verdict: &Verdict) -> Option<Distribution<Self>> {
        verdict.sentiment()
    }
}

impl Classifier {
    /// Every judgement of a text, as [`Classifier::classify`] gives it, with an explanation of one of its heads.
    ///
    /// ```
    /// use demarche::{Classifier, Model, Stance};
    ///
    /// let classifier = Classifier::new(Model::bundled()?);
    /// let text = "Moscow rejected the truce that Kyiv had accepted.";
    /// for (judgement, explanation) in classifier.explain::<Stance>(text) {
    ///     let Some(explanation) = explanation else { continue };
    ///     let sum: f64 = explanation.terms().iter().map(|term| term.value()).sum();
    ///     assert!((explanation.base() + sum - explanation.log_odds()).abs() < 1e-6);
    ///     let strongest = explanation.words().iter().max_by(|a, b| a.value().total_cmp(&b.value()));
    ///     if let Some(word) = strongest {
    ///         println!("{}: {}", judgement.actor().name(), word.span().slice(text).unwrap_or(""));
    ///     }
    /// }
    /// # Ok::<(), demarche::Error>(())
    /// ```
    pub fn explain<L: Explained>(&self, text: &str) -> Vec<(Judgement, Option<Explanation<L>>)> {
        let mut found = Vec::new();
        let Ok(()) = self.explain_each(text, |judgement, explanation| {
            found.push((judgement, explanation));
            Ok::<(), Infallible>(())
        });
        found
    }

    /// As [`Classifier::explain`], judgement by judgement: explanations take many times the room of the text, and here one is
    /// held at a time. `each` ends it with an error.
    ///
    /// ```
    /// use demarche::stance::Explanation;
    /// use demarche::{Classifier, Model, Stance};
    ///
    /// let classifier = Classifier::new(Model::bundled()?);
    /// let mut first = None;
    /// let ended = classifier.explain_each("Moscow rejected the truce.", |judgement, explanation: Option<Explanation<Stance>>| {
    ///     first = explanation.map(|explanation| (judgement.actor().name().to_owned(), explanation.label()));
    ///     Err("one is enough")
    /// });
    /// assert_eq!((first, ended), (Some(("Russia".to_owned(), Stance::Skeptical)), Err("one is enough")));
    /// # Ok::<(), demarche::Error>(())
    /// ```
    ///
    /// # Errors
    /// Whatever `each` returns.
    pub fn explain_each<L: Explained, E>(
        &self,
        text: &str,
        mut each: impl FnMut(Judgement, Option<Explanation<L>>) -> Result<(), E>,
    ) -> Result<(), E> {
        self.worker().try_walk(text, |worker, judgement| {
            let explanation = worker.explanation(judgement.verdict(), judgement.passage().start());
            each(judgement, explanation)
        })
    }

    /// The verdict on one actor in one passage, as [`Classifier::judge`] gives it, with an explanation of one of its heads;
    /// `others` (bytes) are masked beside the catalogue's actors.
    pub fn explain_judged<L: Explained>(
        &self,
        text: &str,
        mentions: &[Span],
        others: &[Span],
    ) -> (Verdict, Option<Explanation<L>>) {
        let mut worker = self.worker();
        let verdict = worker.judge_among(text, mentions, others);
        (verdict, worker.explanation(&verdict, 0))
    }
}

impl Worker<'_> {
    /// Explains the verdict on the actor in focus of the open passage, which begins at `offset` of the text.
    fn explanation<L: Explained>(&self, verdict: &Verdict, offset: usize) -> Option<Explanation<L>> {
        let distribution = L::distribution(verdict)?;
        let label = distribution.label();
        let others = L::ALL.into_iter().filter(|other| *other != label);
        let runner_up = others.max_by(|a, b| distribution.probability(*a).total_cmp(&distribution.probability(*b)))?;
        let scorer = &self.classifier.scorer;
        let mut collector =
            Collector { worker: self, counter: Counter::default(), names: Vec::new(), found: BTreeMap::new() };
        let mut extractor = FeatureExtractor::new(scorer.settings());
        let mut scene = self.scene.clone();
        let actor = scene.targets().first().map(|&at| scene.units()[at].owner)?;
        scene.unfocus();
        extractor.open(&scene, &self.analyzer, &mut collector);
        scene.focus(actor);
        extractor.terms(&scene, &self.analyzer, &mut collector);
        let Collector { mut counter, found, .. } = collector;
        let (parts, base) = scorer.log_odds(Task::of::<L>(), [label.class(), runner_up.class()], &mut counter);
        let mut by_unit = vec![0.0; scene.units().len()];
        let mut terms = Vec::new();
        for (column, value) in parts {
            let Some(occurrences) = found.get(&column) else { continue };
            let total: f64 = occurrences.places.iter().map(|(_, weight)| f64::from(*weight)).sum();
            for (units, weight) in &occurrences.places {
                let share = value * f64::from(*weight) / total / count(units.len());
                by_unit[units.clone()].iter_mut().for_each(|unit| *unit += share);
            }
            terms.push(TermContribution { term: occurrences.name.clone(), block: occurrences.block, value });
        }
        terms.sort_by(|a, b| b.value.abs().total_cmp(&a.value.abs()));
        let word = |(unit, value): (&Unit, f64)| WordContribution { span: unit.span.shifted(offset), value };
        Some(Explanation {
            label,
            runner_up,
            // A probability may be too small for a number.
            log_odds: (distribution.probability(label) / distribution.probability(runner_up).max(f64::MIN_POSITIVE))
                .ln(),
            base,
            terms,
            words: scene.units().iter().zip(by_unit).map(word).collect(),
            cues: self.cues(offset),
        })
    }

    /// The cues of the open passage, which begins at `offset` of the text, as the actor in focus has a part in them.
    pub(super) fn cues(&self, offset: usize) -> Vec<ExplainedCue> {
        self.scene.hits().iter().filter_map(|hit| self.cue(hit, offset)).collect()
    }

    fn cue(&self, hit: &Hit, offset: usize) -> Option<ExplainedCue> {
        let scene = &self.scene;
        let units = scene.units();
        let is_target = |group: Option<u32>| group.is_some_and(|group| scene.is_target(group));
        let role = match (is_target(hit.agent), is_target(hit.patient)) {
            (true, true) => CueRole::Both,
            (true, false) => CueRole::Agent,
            (false, true) => CueRole::Patient,
            (false, false) if hit.agent.is_some() || hit.patient.is_some() => CueRole::Bystander,
            (false, false) => CueRole::None,
        };
        let span = Span::new(units[hit.start].span.start(), units[hit.end - 1].span.end()).shifted(offset);
        let sense = hit.sense?;
        let negated = units[hit.start].negated;
        let effect = |[agent, patient]: [Effect; 2]| {
            let plain = match role {
                CueRole::Agent => agent,
                CueRole::Patient => patient,
                CueRole::Both if agent == patient => agent,
                _ => Effect::None,
            };
            if negated {
                plain.opposite()
            } else {
                plain
            }
        };
        let [stance, sentiment] = sense.effects.map(effect);
        let class = self.analyzer.lexicon().class_name(sense.class).to_owned();
        Some(ExplainedCue { span, class, role, negated, stance, sentiment })
    }
}

/// Where a term stands.
struct Occurrences {
    name: String,
    block: Block,
    places: Vec<(Range<usize>, f32)>,
}

/// Counts terms as scoring does, and remembers their names and places.
struct Collector<'w, 'c> {
    worker: &'w Worker<'c>,
    counter: Counter,
    names: Vec<Vec<Part>>,
    found: BTreeMap<u32, Occurrences>,
}

impl Sink for Collector<'_, '_> {
    /// The gram, and the number of its name.
    type Gram = (Option<Gram>, usize);

    fn gram(&mut self, parts: &[Part]) -> Self::Gram {
        let gram = self.counter.start(self.worker.classifier.scorer.vocabulary()).gram(parts);
        self.names.push(parts.to_vec());
        (gram, self.names.len() - 1)
    }

    fn term(&mut self, family: Family, (gram, name): Self::Gram, weight: f32, units: Range<usize>) {
        let mut counting = self.counter.start(self.worker.classifier.scorer.vocabulary());
        counting.term(family, gram, weight, units.clone());
        let Some(column) = gram.and_then(|gram| gram.column(family.number())).filter(|_| weight > 0.0) else { return };
        let parts = &self.names[name];
        let analyzer = &self.worker.analyzer;
        let name = || term_name(family, parts.iter().map(|part| analyzer.name(part)));
        let fresh = || Occurrences { name: name(), block: family.block(), places: Vec::new() };
        self.found.entry(column).or_insert_with(fresh).places.push((units, weight));
    }
}
