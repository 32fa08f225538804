//! Terms: what they are made of, their keys and names, and where they go.

use std::fmt;
use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::key::mix;

/// A stem, a mask or a mark, as it stands in a term: its key and its name.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Part<'a> {
    pub key: u64,
    pub name: &'a str,
}

/// A family of terms, normalised to length 1 on its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Block {
    /// Stems and pairs of them, weighted by nearness to the target.
    Near,
    /// Stems to the left or right of the target, in its sentence.
    Side,
    /// Stems and pairs in the target's clause.
    Clause,
    /// Stems and pairs in the target's sentences.
    Sentence,
    /// Stems and pairs in the whole passage.
    Passage,
    /// Stems by side and by the number of other actors between them and the target.
    Between,
    /// The words that the target governs or is governed by: what follows it, and the preposition before it.
    Governor,
    /// Classes of cues by side, negation, hedging and clause.
    Cue,
    /// Runs of cue classes, actors and turns.
    Sequence,
    /// Who does what to whom: the role that the target has in each cue.
    Frame,
    /// What the passage looks like: length, place of the target, company, quotation, questions.
    Shape,
}

impl Block {
    /// All blocks, in order.
    pub const ALL: [Block; 11] = [
        Block::Near,
        Block::Side,
        Block::Clause,
        Block::Sentence,
        Block::Passage,
        Block::Between,
        Block::Governor,
        Block::Cue,
        Block::Sequence,
        Block::Frame,
        Block::Shape,
    ];

    /// The name that terms carry before their colon.
    pub fn name(self) -> &'static str {
        match self {
            Block::Near => "near",
            Block::Side => "side",
            Block::Clause => "clause",
            Block::Sentence => "sentence",
            Block::Passage => "passage",
            Block::Between => "between",
            Block::Governor => "governor",
            Block::Cue => "cue",
            Block::Sequence => "sequence",
            Block::Frame => "frame",
            Block::Shape => "shape",
        }
    }
}

impl fmt::Display for Block {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Where terms go: a counter of columns, a collector of names, an explanation.
pub(crate) trait Sink {
    /// One occurrence of a term, made of these parts, with its weight and the units that it stands on.
    fn term(&mut self, block: Block, parts: &[Part], weight: f32, units: Range<usize>);
}

/// The key of a term.
pub(crate) fn term_key(block: Block, parts: &[Part]) -> u64 {
    parts.iter().fold(block as u64 + 1, |key, part| mix(key, part.key))
}

/// The name of a term, for people: `block:part part`.
pub(crate) fn term_name(block: Block, parts: &[Part]) -> String {
    let mut name = format!("{block}:");
    for (i, part) in parts.iter().enumerate() {
        if i > 0 {
            name.push(' ');
        }
        name.push_str(part.name);
    }
    name
}

/// Fixed parts of terms; their keys are small numbers, which no word has.
pub(crate) const fn mark(key: u64, name: &'static str) -> Part<'static> {
    Part { key, name }
}

/// The fixed parts that several blocks use; their keys are small numbers.
pub(crate) mod marks {
    use super::{mark, Part};

    pub(crate) const LEFT: Part = mark(1, "left");
    pub(crate) const RIGHT: Part = mark(2, "right");
    pub(crate) const NOT: Part = mark(3, "not");
    pub(crate) const MAYBE: Part = mark(4, "maybe");
    pub(crate) const SAME: Part = mark(5, "same");
    pub(crate) const FAR: Part = mark(6, "far");
    pub(crate) const NUMBERS: [Part; 6] =
        [mark(10, "0"), mark(11, "1"), mark(12, "2"), mark(13, "3"), mark(14, "4"), mark(15, "5+")];
    pub(crate) const PREVIOUS: Part = mark(20, "previous");
    pub(crate) const NEXT: Part = mark(21, "next");
    pub(crate) const TURN: Part = mark(22, "turn");
    pub(crate) const END: Part = mark(23, "‹end›");
    pub(crate) const BE: Part = mark(24, "be");
}
