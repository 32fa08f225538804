//! Passages: paragraphs and sentences with their place in the text.

use std::fmt;
use std::num::NonZeroUsize;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::error::{Error, ErrorKind};
use crate::span::Span;
use crate::text::sentence::sentences;

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
/// "U.S."), initials, and headlines without a full stop. A sentence of more than 1,024 bytes is cut.
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::text::sentence::LONGEST_SENTENCE;

    fn split(text: &str) -> Vec<&str> {
        Segmenter::new(Unit::Sentence).passages(text).map(|p| p.text()).collect()
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
