//! Sentences: Unicode's boundaries (UAX #29), mended for news.

use unicode_segmentation::UnicodeSegmentation;

use crate::span::Span;

/// Longer sentences are cut at white space, so that work on one passage stays bounded (in bytes).
pub(super) const LONGEST_SENTENCE: usize = 4096;
/// Sentence boundaries are looked for in stretches of about this size (bytes).
const WIDEST_WINDOW: usize = 2048;

/// The sentences of one paragraph, trimmed, in bytes of `text`.
pub(super) fn sentences(text: &str, paragraph: Span) -> Vec<Span> {
    let mut found = Vec::new();
    let mut start = paragraph.start();
    let mut end = start;
    for window in windows(text, paragraph) {
        for piece in text[window.range()].split_sentence_bounds() {
            end += piece.len();
            if ends_sentence(&text[start..end], &text[end..paragraph.end()]) {
                cut(text, Span::new(start, end), &mut found);
                start = end;
            }
        }
    }
    cut(text, Span::new(start, end), &mut found);
    found
}

/// A paragraph in stretches that end at white space: the library's look-ahead is quadratic in what it is given. A border
/// within a sentence does no harm, since it does not look like an end.
fn windows(text: &str, paragraph: Span) -> impl Iterator<Item = Span> + '_ {
    let mut start = paragraph.start();
    std::iter::from_fn(move || {
        if start == paragraph.end() {
            return None;
        }
        let furthest = (start + WIDEST_WINDOW).next_boundary(text).min(paragraph.end());
        let space = text[start..furthest].rfind(char::is_whitespace).filter(|&at| at > 0);
        let end = if furthest == paragraph.end() { furthest } else { space.map_or(furthest, |at| start + at) };
        Some(Span::new(std::mem::replace(&mut start, end), end))
    })
}

/// Whether a boundary of UAX #29 is one in news prose.
fn ends_sentence(before: &str, after: &str) -> bool {
    let before = &before[before.len().saturating_sub(64).next_boundary(before)..];
    let line = before.trim_end();
    let Some(stem) = line.strip_suffix('.') else {
        // A soft line break is no end: only closing punctuation is.
        return line.ends_with(is_closing) || after.is_empty();
    };
    let word = stem.rsplit(|c: char| c.is_whitespace() || "(\"“‘'".contains(c)).next().unwrap_or("");
    let is_acronym = word.contains('.')
        && word.contains(char::is_alphabetic)
        && word.split('.').all(|letter| letter.chars().count() <= 1);
    if is_acronym {
        let after = &after[..64.next_boundary(after).min(after.len())];
        let next = after.split(|c: char| !c.is_alphanumeric()).find(|w| !w.is_empty()).unwrap_or("");
        return STARTERS.binary_search(&next).is_ok();
    }
    let initial = word.len() == 1 && word.starts_with(|c: char| c.is_ascii_uppercase() && c != 'I');
    !initial && ABBREVIATIONS.binary_search(&word).is_err()
}

trait NextBoundary {
    fn next_boundary(self, text: &str) -> usize;
}

impl NextBoundary for usize {
    fn next_boundary(self, text: &str) -> usize {
        (self..=text.len()).find(|&at| text.is_char_boundary(at)).unwrap_or(text.len())
    }
}

fn is_closing(c: char) -> bool {
    matches!(c, '.' | '!' | '?' | '…' | '。' | '！' | '？' | '।' | '؟' | '۔' | '"' | '”' | '’' | '\'' | '»' | ')' | ']')
}

/// Pushes the sentence without the white space around it, in pieces of bounded length.
fn cut(text: &str, sentence: Span, found: &mut Vec<Span>) {
    let slice = &text[sentence.range()];
    let mut start = sentence.start() + (slice.len() - slice.trim_start().len());
    let end = start + slice.trim().len();
    while end - start > LONGEST_SENTENCE {
        let window = &text[start..(start + LONGEST_SENTENCE).next_boundary(text)];
        let at = window.rfind(char::is_whitespace).filter(|&at| at > 0).unwrap_or(window.len());
        found.push(Span::new(start, start + at));
        start += at;
        start += text[start..end].len() - text[start..end].trim_start().len();
    }
    if start < end {
        found.push(Span::new(start, end));
    }
}

/// Abbreviations after which a sentence goes on, without their full stop; sorted.
const ABBREVIATIONS: &[&str] = &[
    "Adm", "Amb", "Apr", "Assn", "Aug", "Brig", "Bros", "Capt", "Cmdr", "Co", "Col", "Cpl", "Dec", "Dr", "Feb", "Fr",
    "Ft", "Gen", "Gov", "Hon", "Jan", "Jr", "Lt", "Maj", "Messrs", "Mgr", "Mr", "Mrs", "Ms", "Msgr", "Mt", "No", "Nos",
    "Nov", "Oct", "Ph", "Pres", "Prof", "Rep", "Reps", "Rev", "Sen", "Sens", "Sept", "Sgt", "Sr", "St", "Supt", "cf",
    "e.g", "etc", "i.e", "vs",
];

/// Words that open a sentence after "U.S." and its like; sorted.
const STARTERS: &[&str] = &[
    "A",
    "After",
    "Although",
    "An",
    "And",
    "As",
    "At",
    "Before",
    "But",
    "By",
    "During",
    "For",
    "He",
    "Her",
    "His",
    "However",
    "If",
    "In",
    "It",
    "Its",
    "Last",
    "Meanwhile",
    "No",
    "On",
    "One",
    "Our",
    "She",
    "Since",
    "So",
    "Some",
    "That",
    "The",
    "Their",
    "Then",
    "There",
    "These",
    "They",
    "This",
    "Those",
    "Under",
    "We",
    "What",
    "When",
    "While",
    "With",
    "Yet",
    "You",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn word_lists_are_sorted() {
        assert!(ABBREVIATIONS.is_sorted());
        assert!(STARTERS.is_sorted());
    }
}
