//! Passages: paragraphs and sentences with their place in the text.

use std::fmt;
use std::num::NonZeroUsize;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use unicode_segmentation::UnicodeSegmentation;

use crate::error::{Error, ErrorKind};
use crate::span::Span;

/// Longer sentences are cut at white space, so that work on one passage stays bounded (in bytes).
const LONGEST_SENTENCE: usize = 4096;
/// Sentence boundaries are looked for in stretches of about this size (bytes).
const WIDEST_WINDOW: usize = 2048;
/// Lines wider than this are not hard-wrapped text (in bytes).
const WIDEST_WRAP: usize = 120;

/// What one judgement is about: how much text a passage holds.
///
/// Parsed from `sentence`, `paragraph` or `window:N`.
///
/// ```
/// use demarche::text::Unit;
///
/// assert_eq!("window:2".parse::<Unit>()?.to_string(), "window:2");
/// assert_eq!(Unit::default().to_string(), "window:3");
/// # Ok::<(), demarche::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Unit {
    /// Every sentence on its own.
    Sentence,
    /// Whole paragraphs.
    Paragraph,
    /// Paragraphs, cut evenly into pieces of at most this many sentences. The default is three.
    Window(NonZeroUsize),
}

impl Unit {
    fn sentences(self) -> usize {
        match self {
            Unit::Sentence => 1,
            Unit::Paragraph => usize::MAX,
            Unit::Window(n) => n.get(),
        }
    }
}

impl Default for Unit {
    fn default() -> Self {
        Unit::Window(NonZeroUsize::MIN.saturating_add(2))
    }
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Unit::Sentence => f.write_str("sentence"),
            Unit::Paragraph => f.write_str("paragraph"),
            Unit::Window(n) => write!(f, "window:{n}"),
        }
    }
}

impl FromStr for Unit {
    type Err = Error;

    fn from_str(s: &str) -> Result<Self, Error> {
        match s {
            "sentence" => Ok(Unit::Sentence),
            "paragraph" => Ok(Unit::Paragraph),
            _ => s.strip_prefix("window:").and_then(|n| n.parse().ok()).map(Unit::Window).ok_or_else(|| {
                Error::new(ErrorKind::Settings, format!("unknown unit {s:?}"))
                    .help("use sentence, paragraph or window:N with N of 1 or more")
            }),
        }
    }
}

/// A stretch of text that is judged as one, with the sentences in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passage<'t> {
    text: &'t str,
    span: Span,
    sentences: Vec<Span>,
}

impl<'t> Passage<'t> {
    /// The whole of `text` as one passage, however many paragraphs it has.
    ///
    /// ```
    /// use demarche::text::Passage;
    ///
    /// let passage = Passage::whole("Talks begin\nBoth sides came. Neither spoke.");
    /// assert_eq!(passage.sentences().len(), 3);
    /// ```
    pub fn whole(text: &'t str) -> Self {
        let sentences: Vec<_> = blocks(text).flat_map(|block| sentences(text, block)).collect();
        Self { text, span: Span::new(0, text.len()), sentences }
    }

    /// The words of the passage.
    pub fn text(&self) -> &'t str {
        self.text
    }

    /// Where the passage stands in the text that was segmented (bytes).
    pub fn span(&self) -> Span {
        self.span
    }

    /// The sentences, in bytes of [`Passage::text`].
    pub fn sentences(&self) -> &[Span] {
        &self.sentences
    }
}

/// Cuts text into passages.
///
/// A blank line ends a paragraph. A single line break ends one too (headlines, one paragraph a line), unless the
/// lines are hard-wrapped. Sentences follow Unicode's rules (UAX #29), mended for news: abbreviations ("Gen.",
/// "U.S."), initials, and headlines without a full stop. A sentence of more than 4,096 bytes is cut.
///
/// ```
/// use demarche::text::{Segmenter, Unit};
///
/// let text = "U.S. envoys left early. Mr. J. Smith stayed.\n\nNo talks are planned.";
/// let passages: Vec<_> = Segmenter::new(Unit::Sentence).passages(text).map(|p| p.text()).collect();
/// assert_eq!(passages, ["U.S. envoys left early.", "Mr. J. Smith stayed.", "No talks are planned."]);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Segmenter {
    unit: Unit,
}

impl Segmenter {
    /// A segmenter for passages of this size.
    pub fn new(unit: Unit) -> Self {
        Self { unit }
    }

    /// The passages of `text`, in order. They do not overlap, and only white space lies between them.
    pub fn passages<'t>(&self, text: &'t str) -> Passages<'t> {
        Passages { text, blocks: Box::new(blocks(text)), pending: Vec::new().into_iter(), unit: self.unit }
    }
}

/// Iterator over the passages of a text; see [`Segmenter::passages`].
pub struct Passages<'t> {
    text: &'t str,
    blocks: Box<dyn Iterator<Item = Span> + 't>,
    pending: std::vec::IntoIter<Span>,
    unit: Unit,
}

impl<'t> Iterator for Passages<'t> {
    type Item = Passage<'t>;

    fn next(&mut self) -> Option<Passage<'t>> {
        let first = loop {
            if let Some(sentence) = self.pending.next() {
                break sentence;
            }
            let paragraph = self.blocks.next()?;
            self.pending = sentences(self.text, paragraph).into_iter();
        };
        // Even pieces: a paragraph of four sentences is two and two, not three and an orphan.
        let left = 1 + self.pending.len();
        let pieces = left.div_ceil(self.unit.sentences());
        let mut found = vec![first];
        found.extend(self.pending.by_ref().take(left.div_ceil(pieces) - 1));
        let span = Span::new(first.start(), found.last().map_or(first.end(), |last| last.end()));
        let sentences = found.iter().map(|s| Span::new(s.start() - span.start(), s.end() - span.start())).collect();
        Some(Passage { text: &self.text[span.range()], span, sentences })
    }
}

/// Paragraphs: stretches between blank lines, and within them lines, unless the stretch is hard-wrapped.
fn blocks(text: &str) -> impl Iterator<Item = Span> + '_ {
    stretches(text).flat_map(move |stretch| {
        let lines = lines_of(text, stretch);
        if is_wrapped(text, &lines) {
            vec![stretch]
        } else {
            lines
        }
    })
}

fn stretches(text: &str) -> impl Iterator<Item = Span> + '_ {
    let mut at = 0;
    std::iter::from_fn(move || {
        let mut start = None;
        while at < text.len() {
            let line = at..text[at..].find('\n').map_or(text.len(), |n| at + n + 1);
            let blank = text[line.clone()].trim().is_empty();
            match (blank, start) {
                (true, Some(start)) => return Some(Span::new(start, line.start)),
                (false, None) => start = Some(line.start),
                _ => {}
            }
            at = line.end;
        }
        start.map(|start| Span::new(start, text.len()))
    })
}

fn lines_of(text: &str, stretch: Span) -> Vec<Span> {
    let mut at = stretch.start();
    text[stretch.range()]
        .split_inclusive('\n')
        .map(|line| {
            let start = at;
            at += line.len();
            Span::new(start, at)
        })
        .collect()
}

/// Hard-wrapped: no line but the last could have taken the first word of the next one.
fn is_wrapped(text: &str, lines: &[Span]) -> bool {
    let width = |line: &Span| text[line.range()].trim_end().len();
    let widest = lines.iter().map(width).max().unwrap_or(0);
    let first_word = |line: &Span| text[line.range()].split_whitespace().next().map_or(0, str::len);
    (3..).contains(&lines.len())
        && widest <= WIDEST_WRAP
        && lines.windows(2).all(|pair| width(&pair[0]) + 1 + first_word(&pair[1]) > widest)
}

/// The sentences of one paragraph, trimmed, in bytes of `text`.
fn sentences(text: &str, paragraph: Span) -> Vec<Span> {
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
        let end = match furthest == paragraph.end() {
            true => furthest,
            false => {
                text[start..furthest].rfind(char::is_whitespace).filter(|&at| at > 0).map_or(furthest, |at| start + at)
            }
        };
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
    use proptest::prelude::*;

    use super::*;

    fn split(text: &str) -> Vec<&str> {
        Segmenter::new(Unit::Sentence).passages(text).map(|p| p.text()).collect()
    }

    #[test]
    fn word_lists_are_sorted() {
        assert!(ABBREVIATIONS.is_sorted());
        assert!(STARTERS.is_sorted());
    }

    #[test]
    fn sentences_of_news() {
        let cases: &[&[&str]] = &[
            &["Gen. A. B. Khan met Sen. Dorrance at 3.30 p.m. on Jan. 5."],
            &["He left the U.S. The talks went on."],
            &["The U.S. Senate voted.", "It failed."],
            &["\"We are ready.\" he said.", "“We are not.”", "They left."],
            &["Growth was 3.5 per cent.", "Rates rose."],
            &["Is it over?", "Nobody knows!", "Wait..."],
            &["The envoy left ....", "He smiled."],
            &["No. 10 declined to comment."],
        ];
        for case in cases {
            let expected: Vec<&str> = case
                .iter()
                .flat_map(|s| match *s {
                    "He left the U.S. The talks went on." => vec!["He left the U.S.", "The talks went on."],
                    s => vec![s],
                })
                .collect();
            assert_eq!(split(&case.join(" ")), expected);
        }
    }

    #[test]
    fn lines_and_paragraphs() {
        let headline = "Talks collapse in Vienna\nThe envoys left on Monday after a week of meetings that led nowhere.";
        assert_eq!(split(headline).len(), 2);
        let wrapped = "The envoys left on Monday after\na week of meetings that led the\nGeneva hosts nowhere at all.";
        assert_eq!(split(wrapped), [wrapped]);
        assert_eq!(split("One.\r\n\r\nTwo."), ["One.", "Two."]);
        assert_eq!(split(" \n\n "), [""; 0]);
    }

    #[test]
    fn endless_sentences_are_cut() {
        let text = "word ".repeat(10_000);
        let passages = split(&text);
        assert!(passages.iter().all(|p| p.len() <= LONGEST_SENTENCE + 4));
        assert_eq!(passages.iter().map(|p| p.split(' ').count()).sum::<usize>(), 10_000);
    }

    proptest! {
        #[test]
        fn passages_tile_the_text(text in "(\\PC|[.!?\\n A-Z\"”’]){0,200}", n in 1usize..4) {
            let unit = NonZeroUsize::new(n).map_or(Unit::Sentence, Unit::Window);
            let mut at = 0;
            for passage in Segmenter::new(unit).passages(&text) {
                prop_assert!(text[at..passage.span().start()].trim().is_empty());
                prop_assert_eq!(passage.span().slice(&text), Some(passage.text()));
                prop_assert!(passage.sentences().len() <= n);
                for sentence in passage.sentences() {
                    prop_assert!(sentence.slice(passage.text()).is_some_and(|s| !s.is_empty()));
                }
                at = passage.span().end();
            }
            prop_assert!(text[at..].trim().is_empty());
        }
    }
}
