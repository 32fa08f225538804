//! Shingles: runs of words, by which near-duplicates are known.

use std::collections::HashSet;

use crate::key::{key, mix};
use crate::learn::share;
use crate::text::{tokenize, TokenKind};

/// Words of a shingle.
const SHINGLE: usize = 3;
/// Passages that share this part of their shingles are near-duplicates.
const NEAR: f64 = 0.5;

/// The keys of the words of a text, in lower case.
pub(super) fn word_keys(text: &str) -> Vec<u64> {
    tokenize(text)
        .filter(|token| token.kind() == TokenKind::Word)
        .map(|token| key(&text[token.span().range()].to_lowercase()))
        .collect()
}

/// The shingles of a text, from its words.
pub(super) fn shingles(words: &[u64]) -> HashSet<u64> {
    words.windows(SHINGLE).map(|run| run.iter().copied().fold(0, mix)).collect()
}

/// Whether two sets of this many shingles that share so many come from near-duplicates.
pub(super) fn are_near(first: usize, second: usize, shared: usize) -> bool {
    share(shared, first + second - shared) >= NEAR
}
