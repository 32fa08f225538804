//! Where labelled actors are named: spans by surface form, and how many there may be.

use crate::error::Result;
use crate::span::Span;
use crate::stance::corpus::fault;

/// Every whole-word occurrence of a surface form (bytes).
pub(super) fn occurrences(text: &str, form: &str) -> Vec<Span> {
    let is_word = |c: char| c.is_alphanumeric();
    let edge = |c: Option<char>, inside: Option<char>| !(c.is_some_and(is_word) && inside.is_some_and(is_word));
    text.match_indices(form)
        .filter(|(at, _)| {
            edge(text[..*at].chars().next_back(), form.chars().next())
                && edge(text[at + form.len()..].chars().next(), form.chars().next_back())
        })
        .map(|(at, _)| Span::new(at, at + form.len()))
        .collect()
}

/// All actors of a passage together have at most this many spans more than its text has bytes: each is masked for every
/// one of them.
const SPANS_BEYOND_BYTES: usize = 1000;

/// The spans that the actors of one passage may still have.
pub(super) struct SpansLeft {
    left: usize,
    most: usize,
}

impl SpansLeft {
    pub(super) fn of(text: &str) -> Self {
        let most = text.len().saturating_add(SPANS_BEYOND_BYTES);
        Self { left: most, most }
    }

    /// Whether one more actor may have so many.
    pub(super) fn check(&self, spans: usize, line: usize, field: &str) -> Result<()> {
        if spans <= self.left {
            return Ok(());
        }
        let message = format!("the actors of this text have more than {} mentions together", self.most);
        Err(fault(line, field, message).help("give every actor words of its own, or cut the text"))
    }

    /// One more actor has these.
    pub(super) fn take(&mut self, spans: usize, line: usize, field: &str) -> Result<()> {
        self.check(spans, line, field)?;
        self.left -= spans;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn occurrences_are_whole_words(words in prop::collection::vec("(Iran|Iranian|an|é)", 0..8)) {
            let text = words.join(" ");
            let found = occurrences(&text, "Iran");
            prop_assert_eq!(found.len(), words.iter().filter(|w| *w == "Iran").count());
            prop_assert!(found.iter().all(|span| span.slice(&text) == Some("Iran")));
        }
    }
}
