//! Sentences: Unicode's boundaries (UAX #29), mended for news.

use unicode_segmentation::UnicodeSegmentation;

use crate::span::Span;

/// Longer sentences are cut at white space, so that work on one passage stays bounded (in bytes).
pub(super) const LONGEST_SENTENCE: usize = 1024;

/// How far behind a full stop its boundary is looked for (bytes); far enough for any closing marks and the next word.
const LOOK_AHEAD: usize = 256;

/// How far before a full stop the character is looked for that it belongs to (characters, most of them accents).
const LOOK_BEHIND: usize = 16;

/// The sentences of one paragraph, trimmed, in bytes of `text`.
pub(super) fn sentences(text: &str, paragraph: Span) -> Vec<Span> {
    let mut found = Vec::new();
    let mut start = paragraph.start();
    let end = paragraph.end();
    let mut at = start;
    while let Some(boundary) = next_boundary(&text[..end], at) {
        if ends_sentence(&text[start..boundary], &text[boundary..end]) {
            cut(text, Span::new(start, boundary), &mut found);
            start = boundary;
        }
        at = boundary;
    }
    cut(text, Span::new(start, end), &mut found);
    found
}

/// The next boundary of UAX #29 behind the boundary `from`, before the end of the text. Only what can end a sentence is
/// shown to the library, with the character before it and what follows up to the next letter: the rules look no further.
fn next_boundary(text: &str, from: usize) -> Option<usize> {
    let mut marks = text[from..].char_indices().filter(|(_, c)| may_end_sentence(*c)).map(|(at, _)| from + at);
    marks.find_map(|mark| {
        let before = text[from..mark].char_indices().rev().take(LOOK_BEHIND);
        let before = before.filter(|(_, c)| c.is_alphanumeric() || c.is_ascii()).max_by_key(|(at, _)| *at);
        let start = before.map_or(mark, |(at, _)| from + at);
        let mark_end = mark + text[mark..].chars().next().map_or(0, char::len_utf8);
        let end = look_ahead(text, mark_end);
        let mut boundary = start;
        text[start..end]
            .split_sentence_bounds()
            .map(|piece| {
                boundary += piece.len();
                boundary
            })
            .find(|&boundary| boundary > mark)
            .filter(|&boundary| boundary < end)
    })
}

/// The end of the first letter, or mark that may end a sentence, from here on, or the end of the look-ahead.
fn look_ahead(text: &str, from: usize) -> usize {
    let last = char_boundary(text, from + LOOK_AHEAD);
    let found = text[from..last].char_indices().find(|(_, c)| c.is_alphabetic() || may_end_sentence(*c));
    found.map_or(last, |(at, c)| from + at + c.len_utf8())
}

/// Whether a sentence may end at this character; of the marks of other scripts the library knows.
fn may_end_sentence(c: char) -> bool {
    match c {
        '.' | '!' | '?' | '\n' | '\r' => true,
        '’' | '‘' | '“' | '”' | '–' | '—' | '…' => false,
        _ if c.is_ascii() || c.is_alphanumeric() => false,
        _ => {
            let mut between = *b"a     B";
            let mark_end = 1 + c.encode_utf8(&mut between[1..]).len();
            between[mark_end..6].fill(b' ');
            std::str::from_utf8(&between).is_ok_and(|text| text.split_sentence_bounds().count() > 1)
        }
    }
}

/// The first border between characters from here on.
fn char_boundary(text: &str, at: usize) -> usize {
    (at..text.len()).find(|&at| text.is_char_boundary(at)).unwrap_or(text.len())
}

/// Whether a boundary of UAX #29 is one in news prose.
fn ends_sentence(before: &str, after: &str) -> bool {
    let before = &before[char_boundary(before, before.len().saturating_sub(64))..];
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
        let after = &after[..char_boundary(after, 64)];
        let next = after.split(|c: char| !c.is_alphanumeric()).find(|w| !w.is_empty()).unwrap_or("");
        return STARTERS.binary_search(&next).is_ok();
    }
    let initial = word.len() == 1 && word.starts_with(|c: char| c.is_ascii_uppercase() && c != 'I');
    !initial && ABBREVIATIONS.binary_search(&word).is_err()
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
        let window = &text[start..char_boundary(text, start + LONGEST_SENTENCE)];
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
    use proptest::prelude::*;

    use super::*;

    /// What the library finds when it is shown all of the text.
    fn oracle(text: &str) -> Vec<usize> {
        let mut end = 0;
        let ends = text.split_sentence_bounds().map(|piece| {
            end += piece.len();
            end
        });
        ends.filter(|end| *end < text.len()).collect()
    }

    fn boundaries(text: &str) -> Vec<usize> {
        std::iter::successors(next_boundary(text, 0), |&from| next_boundary(text, from)).collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        #[test]
        fn boundaries_are_the_librarys(text in "([A-Za-zé0-9.!?,:;'\"() “”’—…\n。\u{301}م-]|[a-zA-Z]\\. |\\.\\.\\. ?){0,40}") {
            prop_assert_eq!(boundaries(&text), oracle(&text), "{:?}", text);
        }
    }

    #[test]
    fn boundaries_of_news_are_the_librarys() {
        for text in ["peace-plan", "agency-roundup"].map(|name| format!("data/samples/{name}.txt")) {
            let text = std::fs::read_to_string(text).unwrap();
            assert_eq!(boundaries(&text), oracle(&text));
        }
    }

    #[test]
    fn a_mark_is_looked_at_with_the_next_one_only() {
        for mark in [". ", "。 ", "؟ ", "\u{2028} "] {
            assert_eq!(look_ahead(&mark.repeat(9), mark.len() - 1), 2 * mark.len() - 1, "{mark:?}");
        }
    }

    #[test]
    fn word_lists_are_sorted() {
        assert!(ABBREVIATIONS.is_sorted());
        assert!(STARTERS.is_sorted());
    }
}
