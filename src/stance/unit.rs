//! Units: what a passage consists of once its actors are masked.

use crate::span::Span;
use crate::stance::cues::Roles;
use crate::stance::lexicon::Sense;
use crate::stance::term::{Name, Part};
use crate::text::TokenKind;

/// What a unit is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum UnitKind {
    /// A mention of the target.
    Target,
    /// A mention of another actor.
    Other,
    /// A word of its own.
    Word,
}

/// A word, or a whole mention.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Unit {
    pub kind: UnitKind,
    /// Where it stands in the passage (bytes).
    pub span: Span,
    pub part: Part,
    pub roles: Roles,
    pub token: TokenKind,
    pub sentence: u32,
    pub clause: u32,
    pub after_break: bool,
    pub negated: bool,
    pub hedged: bool,
    /// Whether the word is printed like a past participle.
    pub participle: bool,
    /// Whose mention it is; 0 for words.
    pub owner: usize,
    /// Actors that are listed together ("Russia and the United States") share a number.
    pub group: u32,
}

impl Unit {
    /// A word of which only the place is known yet.
    pub(crate) fn word(span: Span, sentence: u32, clause: u32, after_break: bool) -> Self {
        Self {
            kind: UnitKind::Word,
            span,
            part: Part { key: 0, name: Name::Mark(0) },
            roles: Roles::default(),
            token: TokenKind::Word,
            sentence,
            clause,
            after_break,
            negated: false,
            hedged: false,
            participle: false,
            owner: 0,
            group: 0,
        }
    }

    pub(crate) fn is_actor(&self) -> bool {
        self.kind != UnitKind::Word
    }
}

/// A cue that was found.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Hit {
    /// The units that it covers.
    pub start: usize,
    pub end: usize,
    /// Its number in the lexicon.
    pub entry: u32,
    /// The sense that fits its context, and the groups of actors that fill its roles.
    pub sense: Option<Sense>,
    pub agent: Option<u32>,
    pub patient: Option<u32>,
}
