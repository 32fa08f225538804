//! Terms: what they are made of, their keys and names, and where they go.

use std::fmt;
use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::key::mix;

/// A stem, a mask or a mark, as it stands in a term.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Part {
    pub key: u64,
    pub name: Name,
}

/// How a part is called, for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Name {
    /// A fixed name.
    Mark(&'static str),
    /// The stem of this word of the analyzer's.
    Stem(u32),
    /// A class of cues, by its number in the lexicon.
    Class(u16),
}

/// Terms that are normalised to length 1 together, on their own.
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

/// What a term says of the place of its words: a block and, within some blocks, a side, a distance or a mark. The terms
/// of one family differ in their words only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Family(u8);

macro_rules! families {
    ($($constant:ident = $number:literal: $block:ident $name:literal;)*) => {
        impl Family {
            $(pub(crate) const $constant: Family = Family($number);)*
            const TABLE: &'static [(Block, &'static str)] = &[$((Block::$block, $name)),*];
        }
    };
}

families! {
    NEAR = 0: Near "";
    SIDE_LEFT = 1: Side "left";
    SIDE_RIGHT = 2: Side "right";
    CLAUSE = 3: Clause "";
    SENTENCE = 4: Sentence "";
    PASSAGE = 5: Passage "";
    LEFT_0 = 6: Between "left 0";
    LEFT_1 = 7: Between "left 1";
    LEFT_2 = 8: Between "left 2+";
    RIGHT_0 = 9: Between "right 0";
    RIGHT_1 = 10: Between "right 1";
    RIGHT_2 = 11: Between "right 2+";
    NEXT = 12: Governor "next";
    NEXT_1 = 13: Governor "next 1";
    NEXT_2 = 14: Governor "next 2";
    NEXT_3 = 15: Governor "next 3";
    NEXT_NOT = 16: Governor "next not";
    NEXT_MAYBE = 17: Governor "next maybe";
    PREVIOUS = 18: Governor "previous";
    PATH = 19: Governor "path";
    CUE = 20: Cue "";
    SEQUENCE = 21: Sequence "";
    CLASS_PATH = 22: Sequence "path";
    FRAME = 23: Frame "";
    SHAPE = 24: Shape "";
}

impl Family {
    pub(crate) fn number(self) -> u32 {
        u32::from(self.0)
    }

    #[inline]
    pub(crate) fn block(self) -> Block {
        Self::TABLE[usize::from(self.0)].0
    }

    fn name(self) -> &'static str {
        Self::TABLE[usize::from(self.0)].1
    }
}

/// Where terms go: a counter of columns, a collector of frequencies, an explanation.
pub(crate) trait Sink {
    /// The words of a term, as this sink knows them; looked up once for all families.
    type Gram: Copy;

    /// Looks these words up.
    fn gram(&mut self, parts: &[Part]) -> Self::Gram;

    /// One occurrence of a term with its weight, and the units that it stands on.
    fn term(&mut self, family: Family, gram: Self::Gram, weight: f32, units: Range<usize>);
}

/// The key of some words.
#[inline]
pub(crate) fn gram_key(parts: &[Part]) -> u64 {
    const NO_WORDS: u64 = 0x1319_8a2e_0370_7344;
    parts.iter().fold(NO_WORDS, |key, part| mix(key, part.key))
}

/// The name of a term, for people: `block:mark words`.
pub(crate) fn term_name<'n>(family: Family, parts: impl Iterator<Item = &'n str>) -> String {
    let words: Vec<&str> = Some(family.name()).into_iter().filter(|name| !name.is_empty()).chain(parts).collect();
    format!("{}:{}", family.block(), words.join(" "))
}

/// Fixed parts of terms; their keys are small numbers, which no word has.
pub(crate) const fn mark(key: u64, name: &'static str) -> Part {
    Part { key, name: Name::Mark(name) }
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
    pub(crate) const TURN: Part = mark(22, "turn");
    pub(crate) const END: Part = mark(23, "‹end›");
    pub(crate) const BE: Part = mark(24, "be");
}
