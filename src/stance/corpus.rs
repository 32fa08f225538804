//! Labelled data: passages, their actors and labels; splitting by group.

use std::collections::hash_map::{Entry, HashMap};
use std::fmt;
use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::error::{Error, ErrorKind, Result};
use crate::key::{key, mix};
use crate::span::Span;
use crate::stance::label::{Sentiment, Stance};

/// An actor of a labelled passage: where it is named, and its labels as far as they are given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LabelledActor {
    pub(super) name: String,
    pub(super) spans: Vec<Span>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) stance: Option<Stance>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) sentiment: Option<Sentiment>,
}

impl LabelledActor {
    /// Its canonical name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Where the passage names it (bytes of the passage); never empty, sorted.
    pub fn spans(&self) -> &[Span] {
        &self.spans
    }

    /// Its stance, if labelled.
    pub fn stance(&self) -> Option<Stance> {
        self.stance
    }

    /// Its sentiment, if labelled.
    pub fn sentiment(&self) -> Option<Sentiment> {
        self.sentiment
    }
}

/// A passage and its labelled actors.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct LabelledPassage {
    pub(super) id: String,
    pub(super) text: String,
    pub(super) group: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) kind: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) dispute: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) register: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) capability: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) weight: Option<f32>,
    pub(super) actors: Vec<LabelledActor>,
    #[serde(skip)]
    pub(super) line: usize,
}

impl LabelledPassage {
    /// An identifier; where none is given, one of the file, the line and the text, unlike those of other files (markup: the
    /// name of the file and a number).
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The passage.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Keeps near-copies together on one side of a split; the id where none is given.
    pub fn group(&self) -> &str {
        &self.group
    }

    /// The kind of passage: `news`, `clauses`, `background` …
    pub fn kind(&self) -> Option<&str> {
        self.kind.as_deref()
    }

    /// The negotiation or dispute that the passage is about.
    pub fn dispute(&self) -> Option<&str> {
        self.dispute.as_deref()
    }

    /// The register that it is written in: `agency`, `tabloid`, `transcript` …
    pub fn register(&self) -> Option<&str> {
        self.register.as_deref()
    }

    /// What a contrast set tests: `negation`, `passive` …
    pub fn capability(&self) -> Option<&str> {
        self.capability.as_deref()
    }

    /// How much the passage counts in training; 1 unless given.
    pub fn weight(&self) -> f64 {
        f64::from(self.weight.unwrap_or(1.0))
    }

    /// The actors, in the order of the file.
    pub fn actors(&self) -> &[LabelledActor] {
        &self.actors
    }

    /// The line it was read from, counted from 1.
    pub fn line(&self) -> usize {
        self.line
    }

    /// What must stay on one side of a split: the dispute where there is one, else the group.
    pub(crate) fn unit_of_splitting(&self) -> &str {
        self.dispute.as_deref().unwrap_or(&self.group)
    }

    /// A number for the dispute, or for the group where there is none: passages of one are not independent, and stay on
    /// one side of a split. For [`Scores::push_in_cluster`](crate::learn::Scores::push_in_cluster).
    pub fn cluster(&self) -> u64 {
        key(self.unit_of_splitting())
    }
}

/// Labelled passages.
///
/// Read from JSONL (one passage a line), CSV (`text,actor,mention,stance,sentiment,group`) or inline markup
/// (`[Moscow|Russia|s|-]`); [`Corpus::read`] goes by the file's ending.
///
/// ```
/// use demarche::{Corpus, Stance};
///
/// let corpus = Corpus::from_jsonl(
///     r#"{"text": "Moscow agreed.", "actors": [{"name": "Russia", "mentions": ["Moscow"], "stance": "pro"}]}"#,
/// )?;
/// let russia = &corpus.passages()[0].actors()[0];
/// assert_eq!(russia.stance(), Some(Stance::Pro));
/// assert_eq!(russia.spans()[0].slice("Moscow agreed."), Some("Moscow"));
/// # Ok::<(), demarche::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Corpus {
    passages: Vec<LabelledPassage>,
    warnings: Vec<Warning>,
}

/// Something odd in labelled data that does not keep it from being used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    file: Option<PathBuf>,
    line: usize,
    message: String,
}

impl Warning {
    pub(super) fn new(line: usize, message: impl Into<String>) -> Self {
        Self { file: None, line, message: message.into() }
    }

    /// The file, if it was read from one.
    pub fn file(&self) -> Option<&Path> {
        self.file.as_deref()
    }

    /// The line, counted from 1.
    pub fn line(&self) -> usize {
        self.line
    }

    /// What is odd.
    pub fn message(&self) -> &str {
        &self.message
    }
}

impl fmt::Display for Warning {
    /// With its place, as errors have it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.file {
            Some(file) => write!(f, "{}:{}: {}", file.display(), self.line, self.message),
            None => write!(f, "line {}: {}", self.line, self.message),
        }
    }
}

impl Corpus {
    pub(super) fn of(passages: Vec<LabelledPassage>, warnings: Vec<Warning>) -> Self {
        Self { passages, warnings }
    }

    /// Names the file of the warnings.
    pub(super) fn in_file(mut self, file: &Path) -> Self {
        self.warnings.iter_mut().for_each(|warning| warning.file = Some(file.to_owned()));
        self
    }

    /// The passages, in order.
    pub fn passages(&self) -> &[LabelledPassage] {
        &self.passages
    }

    /// What was odd, such as unknown fields.
    pub fn warnings(&self) -> &[Warning] {
        &self.warnings
    }

    /// The number of (passage, actor) pairs.
    pub fn pairs(&self) -> usize {
        self.passages.iter().map(|passage| passage.actors.len()).sum()
    }

    /// Adds the passages of another corpus.
    pub fn append(&mut self, mut other: Corpus) {
        self.passages.append(&mut other.passages);
        self.warnings.append(&mut other.warnings);
    }

    /// The passages that pass, asked in order.
    pub fn filter(&self, mut passes: impl FnMut(&LabelledPassage) -> bool) -> Corpus {
        let passages = self.passages.iter().filter(|passage| passes(passage)).cloned().collect();
        Corpus { passages, warnings: Vec::new() }
    }

    /// The same passages, each counting `factor` times as much in training.
    pub fn weighted(mut self, factor: f32) -> Corpus {
        for passage in &mut self.passages {
            passage.weight = Some(passage.weight.unwrap_or(1.0) * factor);
        }
        self
    }

    /// One fold of each passage out of `folds`: passages of one dispute or group share it, and the folds hold about
    /// the same number of pairs.
    pub fn folds(&self, folds: usize, seed: u64) -> Vec<usize> {
        let mut sizes = std::collections::BTreeMap::<&str, usize>::new();
        for passage in &self.passages {
            *sizes.entry(passage.unit_of_splitting()).or_default() += passage.actors.len();
        }
        // Largest first into the emptiest fold; equals in an order that only the seed decides.
        let mut units: Vec<(&str, usize)> = sizes.into_iter().collect();
        units.sort_by_key(|(unit, size)| (std::cmp::Reverse(*size), mix(seed, key(unit))));
        let mut filled = vec![0; folds.max(1)];
        let mut fold_of = std::collections::HashMap::new();
        for (unit, size) in units {
            let fold = (0..filled.len()).min_by_key(|&fold| filled[fold]).unwrap_or(0);
            filled[fold] += size;
            fold_of.insert(unit, fold);
        }
        self.passages.iter().map(|passage| fold_of[passage.unit_of_splitting()]).collect()
    }

    /// A digest of texts, mentions, labels and weights: the same data give the same digest.
    pub fn digest(&self) -> u64 {
        self.passages.iter().fold(0, |digest, passage| {
            let line = serde_json::to_string(passage).unwrap_or_default();
            mix(digest, key(&line))
        })
    }

    /// The corpus as JSONL.
    pub fn to_jsonl(&self) -> String {
        let mut out = String::new();
        for passage in &self.passages {
            out.push_str(&serde_json::to_string(passage).unwrap_or_default());
            out.push('\n');
        }
        out
    }

    /// Writes the corpus as JSONL, beside and then renamed.
    ///
    /// # Errors
    /// [`ErrorKind::Io`].
    pub fn write(&self, path: impl AsRef<Path>) -> Result<()> {
        crate::input::replace_file(path, self.to_jsonl().as_bytes())
    }
}

impl FromIterator<LabelledPassage> for Corpus {
    fn from_iter<I: IntoIterator<Item = LabelledPassage>>(passages: I) -> Self {
        Self::of(passages.into_iter().collect(), Vec::new())
    }
}

/// The id of a passage that has none. The text tells files of one name apart.
pub(super) fn made_up_id(prefix: &str, line: usize, text: &str) -> String {
    format!("{prefix}-{line}-{:08x}", key(text) >> 32)
}

/// Finds pairs that a file labels twice: both count in training and in scores, which few want.
#[derive(Default)]
pub(super) struct Repeats {
    lines: HashMap<u64, usize>,
}

impl Repeats {
    /// Warnings of the actors of this text that have been labelled before.
    pub(super) fn check(&mut self, text: &str, actors: &[LabelledActor], line: usize) -> Vec<Warning> {
        let text = key(text);
        let repeated = |actor: &LabelledActor| match self.lines.entry(mix(text, key(&actor.name))) {
            Entry::Vacant(fresh) => {
                fresh.insert(line);
                None
            }
            Entry::Occupied(first) => {
                let (name, first) = (&actor.name, first.get());
                let message = format!("{name:?} is labelled for the same text at line {first} already; both count");
                Some(Warning::new(line, message))
            }
        };
        actors.iter().filter_map(repeated).collect()
    }
}

/// A fault in labelled data, with its place.
pub(super) fn fault(line: usize, field: impl Into<String>, message: impl Into<String>) -> Error {
    Error::new(ErrorKind::Data, message).at_line(line).in_field(field)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn passage(group: &str, dispute: Option<&str>, actors: usize) -> LabelledPassage {
        let actor = LabelledActor {
            name: "A".to_owned(),
            spans: vec![Span::new(0, 1)],
            stance: Some(Stance::Pro),
            sentiment: None,
        };
        LabelledPassage {
            text: "A left.".to_owned(),
            group: group.to_owned(),
            dispute: dispute.map(str::to_owned),
            actors: vec![actor; actors],
            ..LabelledPassage::default()
        }
    }

    proptest! {
        #[test]
        fn no_dispute_or_group_is_in_two_folds(
            units in prop::collection::vec((0u8..6, prop::option::of(0u8..4), 1usize..4), 1..60),
            folds in 1usize..6,
            seed in any::<u64>(),
        ) {
            let passages: Vec<_> = units
                .iter()
                .map(|(group, dispute, n)| passage(&format!("g{group}"), dispute.map(|d| format!("d{d}")).as_deref(), *n))
                .collect();
            let corpus = Corpus::of(passages, Vec::new());
            let found = corpus.folds(folds, seed);
            let mut fold_of = std::collections::HashMap::new();
            for (passage, fold) in corpus.passages().iter().zip(found) {
                prop_assert!(fold < folds);
                prop_assert_eq!(*fold_of.entry(passage.unit_of_splitting()).or_insert(fold), fold);
            }
        }
    }
}
