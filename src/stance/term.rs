//! Terms: what they are made of, their keys and names, and where they go.

use std::fmt;
use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::key::mix;

/// A stem, a mask or a mark, as it stands in a term. A passage has many: it is kept small.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Part {
    pub key: u64,
    pub name: Name,
}

/// How a part is called, for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Name {
    /// A fixed part, by its number.
    Mark(u8),
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
            const BLOCKS: &'static [Block] = &[$(Block::$block),*];
            const NAMES: &'static [&'static str] = &[$($name),*];
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

    /// The family of this number, one that there is.
    #[inline]
    pub(crate) fn numbered(number: u32) -> Self {
        Self(number as u8)
    }

    #[inline]
    pub(crate) fn block(self) -> Block {
        Self::BLOCKS[usize::from(self.0)]
    }

    /// Whether its terms are words and pairs of words, told apart by where they stand only.
    pub(crate) fn is_of_words(self) -> bool {
        self.block() <= Block::Between
    }

    fn name(self) -> &'static str {
        Self::NAMES[usize::from(self.0)]
    }
}

/// Some of the families.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct FamilySet(u32);

impl FamilySet {
    /// The families whose block is wanted.
    pub(crate) fn of_blocks(is_wanted: impl Fn(Block) -> bool) -> Self {
        let wanted = (0..).zip(Family::BLOCKS).filter(|(_, block)| is_wanted(**block));
        wanted.fold(Self::default(), |set, (number, _)| set.with(Family(number)))
    }

    /// The set with one more.
    #[inline]
    pub(crate) fn with(self, family: Family) -> Self {
        Self(self.0 | 1 << family.0)
    }

    /// The set with one more, if that holds.
    #[inline]
    pub(crate) fn with_if(self, holds: bool, family: Family) -> Self {
        Self(self.0 | u32::from(holds) << family.0)
    }

    /// Those that are in another set too.
    #[inline]
    pub(crate) fn within(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// One bit for each family.
    #[inline]
    pub(crate) fn bits(self) -> u32 {
        self.0
    }

    pub(crate) fn has(self, family: Family) -> bool {
        self.0 >> family.0 & 1 == 1
    }

    /// The families, in order.
    pub(crate) fn iter(self) -> impl Iterator<Item = Family> {
        (0..32).map(Family).filter(move |family| self.has(*family))
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

    /// One occurrence of the same words in several families.
    fn terms(&mut self, families: FamilySet, gram: Self::Gram, units: Range<usize>) {
        for family in families.iter() {
            self.term(family, gram, 1.0, units.clone());
        }
    }
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

macro_rules! marks {
    ($($constant:ident = $number:literal $name:literal;)*) => {
        /// The fixed parts of terms; their keys are small numbers, which no word has.
        pub(crate) mod marks {
            use super::{Name, Part};

            $(pub(crate) const $constant: Part = Part { key: $number, name: Name::Mark($number) };)*
        }

        /// What a fixed part is called; nothing where there is none of this number.
        pub(crate) fn mark_name(number: u8) -> &'static str {
            match number {
                $($number => $name,)*
                _ => "",
            }
        }
    };
}

marks! {
    LEFT = 1 "left";
    RIGHT = 2 "right";
    NOT = 3 "not";
    MAYBE = 4 "maybe";
    SAME = 5 "same";
    FAR = 6 "far";
    ZERO = 10 "0";
    ONE = 11 "1";
    TWO = 12 "2";
    THREE = 13 "3";
    FOUR = 14 "4";
    MORE = 15 "5+";
    TURN = 22 "turn";
    END = 23 "‹end›";
    BE = 24 "be";
    LENGTH = 30 "length";
    MENTIONS = 31 "mentions";
    OTHERS = 32 "others";
    SENTENCE = 33 "sentence";
    PLACE = 34 "place";
    SENTENCES = 35 "sentences with it";
    CUES = 36 "cues";
    QUESTIONS = 37 "questions";
    OTHERS_BEFORE = 38 "others before";
    AGENT = 40 "agent";
    PATIENT = 41 "patient";
    BYSTANDER = 42 "bystander";
    GOOD = 45 "pro";
    BAD = 46 "skeptical";
    PRAISED = 47 "praised";
    BLAMED = 48 "blamed";
    REPORTED = 49 "reported";
    OTHER = 0x4f "‹O›";
    TARGET = 0x54 "‹T›";
}
