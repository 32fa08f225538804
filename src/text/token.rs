//! Tokens: words and punctuation with their place.

use crate::span::Span;

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TokenKind {
    /// Letters of any script, with apostrophes inside ("don't"). An ideograph is a word of its own.
    Word,
    /// The possessive ending: 's.
    Possessive,
    /// An apostrophe behind a word in -s: a possessive ("the rebels' offer"), or the end of a quotation.
    Apostrophe,
    /// Digits, with separators inside ("10,000", "3.5").
    Number,
    /// A web or mail address, a handle or a hashtag.
    Link,
    /// An opening or closing quotation mark.
    Quote,
    /// A question mark.
    Question,
    /// A comma, colon, semicolon, bracket or dash: where a clause may end.
    Break,
    /// Any other visible mark: full stops, currency and percent signs, emoji.
    Mark,
}

/// A piece of text and its place (bytes of the tokenized text).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token {
    span: Span,
    kind: TokenKind,
}

impl Token {
    /// Where the token stands in the text that was tokenized (bytes).
    pub fn span(&self) -> Span {
        self.span
    }

    /// What the token is.
    pub fn kind(&self) -> TokenKind {
        self.kind
    }

    /// The same token, counted from `offset` bytes earlier.
    pub(crate) fn shifted(self, offset: usize) -> Token {
        Token { span: self.span.shifted(offset), ..self }
    }
}

/// Cuts `text` into tokens, in order; white space and hyphens inside words fall between them.
///
/// Abbreviations with full stops stay one word ("U.S."), hyphenated words are cut ("cease-fire" is two words), the
/// possessive 's is a token of its own.
///
/// ```
/// use demarche::text::{tokenize, TokenKind};
///
/// let text = "Moscow’s U.S. envoy won’t pay $10,000.";
/// let words: Vec<_> = tokenize(text).map(|t| &text[t.span().range()]).collect();
/// assert_eq!(words, ["Moscow", "’s", "U.S.", "envoy", "won’t", "pay", "$", "10,000", "."]);
/// assert_eq!(tokenize(text).nth(1).map(|t| t.kind()), Some(TokenKind::Possessive));
/// ```
pub fn tokenize(text: &str) -> impl Iterator<Item = Token> + '_ {
    let mut at = 0;
    std::iter::from_fn(move || loop {
        let c = text[at..].chars().next()?;
        let start = at;
        let (length, kind) = match c {
            'a'..='z' | 'A'..='Z' => word(text, start),
            ' ' | '\n' | '\t' | '\r' => (1, None),
            '0'..='9' => (number(&text[start..]), Some(TokenKind::Number)),
            '-' => dash(text, start),
            '\'' | '’' => possessive(text, start),
            '@' | '#' => match run(&text[start + 1..], |c| c.is_alphanumeric() || c == '_') {
                0 => (1, Some(TokenKind::Mark)),
                n => (1 + n, Some(TokenKind::Link)),
            },
            _ if c.is_alphabetic() => word(text, start),
            _ if c.is_numeric() => (run(&text[start..], char::is_numeric), Some(TokenKind::Number)),
            _ => (c.len_utf8(), mark(c)),
        };
        at += length;
        if let Some(kind) = kind {
            return Some(Token { span: Span::new(start, at), kind });
        }
    })
}

/// The length in bytes of the longest prefix whose characters all pass.
fn run(text: &str, passes: impl Fn(char) -> bool) -> usize {
    text.find(|c| !passes(c)).unwrap_or(text.len())
}

fn is_letter(c: char) -> bool {
    c.is_ascii_alphabetic() || (!c.is_ascii() && (c.is_alphabetic() || is_combining(c)))
}

/// Marks that join to the letter before them: diacritics, vowel signs, joiners.
fn is_combining(c: char) -> bool {
    matches!(c,
        '\u{300}'..='\u{36f}' | '\u{483}'..='\u{489}' | '\u{591}'..='\u{5c7}' | '\u{610}'..='\u{61a}'
        | '\u{64b}'..='\u{65f}' | '\u{670}' | '\u{6d6}'..='\u{6ed}' | '\u{93a}'..='\u{94f}' | '\u{9be}'..='\u{9cd}'
        | '\u{bbe}'..='\u{bcd}' | '\u{e31}'..='\u{e4e}' | '\u{1ab0}'..='\u{1aff}' | '\u{200c}' | '\u{200d}'
        | '\u{20d0}'..='\u{20ff}' | '\u{ad}')
}

/// Scripts written without spaces: each character counts as a word.
fn is_ideograph(c: char) -> bool {
    matches!(c, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}'
        | '\u{20000}'..='\u{3ffff}')
}

fn is_apostrophe(c: char) -> bool {
    c == '\'' || c == '’'
}

fn word(text: &str, start: usize) -> (usize, Option<TokenKind>) {
    let rest = &text[start..];
    if let Some(c) = rest.chars().next().filter(|&c| is_ideograph(c)) {
        return (c.len_utf8() + run(&rest[c.len_utf8()..], is_combining), Some(TokenKind::Word));
    }
    if let Some(length) = link(rest) {
        return (length, Some(TokenKind::Link));
    }
    let letters = |text: &str| run(text, |c| (is_letter(c) && !is_ideograph(c)) || c.is_ascii_digit());
    let mut length = letters(rest);
    if let Some(abbreviation) = abbreviation(rest) {
        return (abbreviation, Some(TokenKind::Word));
    }
    // Inside words: don't, O’Neill, l'homme; but not the possessive.
    while let Some(mark) = rest[length..].chars().next().filter(|&c| is_apostrophe(c)) {
        let tail = &rest[length + mark.len_utf8()..];
        let more = letters(tail);
        if more == 0 || (more == 1 && tail.starts_with(['s', 'S'])) {
            break;
        }
        length += mark.len_utf8() + more;
    }
    (length, Some(TokenKind::Word))
}

/// Longer runs of letters and full stops are no abbreviation (bytes).
const LONGEST_ABBREVIATION: usize = 16;

/// "U.S.", "p.m.", "U.N": single letters, each before a full stop, at least two of them.
fn abbreviation(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < LONGEST_ABBREVIATION
        && bytes.get(at).is_some_and(u8::is_ascii_alphabetic)
        && bytes.get(at + 1) == Some(&b'.')
    {
        at += 2;
    }
    if bytes.get(at).is_some_and(u8::is_ascii_alphabetic)
        && at >= 2
        && !text[at + 1..].starts_with(|c: char| c.is_alphanumeric())
    {
        at += 1;
    }
    (at >= 3 && !text[at..].starts_with(|c: char| c.is_alphanumeric())).then_some(at)
}

/// 's at the end of a word; any other apostrophe that stands outside words is passed over.
fn possessive(text: &str, start: usize) -> (usize, Option<TokenKind>) {
    let mark = text[start..].chars().next().map_or(1, char::len_utf8);
    let tail = &text[start + mark..];
    let owned = text[..start].ends_with(|c: char| c.is_alphanumeric() || ")+.".contains(c))
        && tail.starts_with(['s', 'S'])
        && !tail[1..].starts_with(|c: char| c.is_alphanumeric());
    let plural = text[..start].ends_with(['s', 'S']) && !tail.starts_with(char::is_alphanumeric);
    match (owned, plural) {
        (true, _) => (mark + 1, Some(TokenKind::Possessive)),
        (false, true) => (mark, Some(TokenKind::Apostrophe)),
        (false, false) => (mark, None),
    }
}

fn link(text: &str) -> Option<usize> {
    let known = ["http://", "https://", "www."].iter().any(|prefix| text.starts_with(prefix));
    known.then(|| {
        let length = run(text, |c| !c.is_whitespace() && !"<>\"“”".contains(c));
        text[..length].trim_end_matches(['.', ',', ';', ':', ')', '!', '?', '\'']).len()
    })
}

fn number(text: &str) -> usize {
    let digits = |text: &str| run(text, |c| c.is_ascii_digit());
    let mut length = digits(text);
    while text[length..].starts_with(['.', ',']) {
        match digits(&text[length + 1..]) {
            0 => break,
            more => length += 1 + more,
        }
    }
    length
}

/// A hyphen inside a word joins it; one that stands alone is a dash.
fn dash(text: &str, start: usize) -> (usize, Option<TokenKind>) {
    let length = run(&text[start..], |c| c == '-');
    let joins = length == 1
        && text[..start].ends_with(char::is_alphanumeric)
        && text[start + 1..].starts_with(char::is_alphanumeric);
    (length, (!joins).then_some(TokenKind::Break))
}

fn mark(c: char) -> Option<TokenKind> {
    match c {
        '"' | '“' | '”' | '„' | '«' | '»' | '‹' | '›' | '「' | '」' => Some(TokenKind::Quote),
        '‘' => None,
        '?' | '？' | '؟' => Some(TokenKind::Question),
        ',' | ';' | ':' | '(' | ')' | '[' | ']' | '–' | '—' | '、' | '，' | '；' | '：' | '،' | '؛' => {
            Some(TokenKind::Break)
        }
        _ if c.is_whitespace() || c.is_control() || is_combining(c) => None,
        _ => Some(TokenKind::Mark),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn words(text: &str) -> Vec<&str> {
        tokenize(text).map(|t| &text[t.span().range()]).collect()
    }

    #[test]
    fn tokens_of_news() {
        let cases: &[(&str, &[&str])] = &[
            ("cease-fire", &["cease", "fire"]),
            ("Russia's and the EU’s", &["Russia", "'s", "and", "the", "EU", "’s"]),
            ("CPN (Centre)'s and the U.S.’s", &["CPN", "(", "Centre", ")", "'s", "and", "the", "U.S.", "’s"]),
            ("the Emirates' plan", &["the", "Emirates", "'", "plan"]),
            ("O’Neill didn't", &["O’Neill", "didn't"]),
            ("at 3.30 p.m. in Washington, D.C.", &["at", "3.30", "p.m.", "in", "Washington", ",", "D.C."]),
            ("€2.5bn (up 10%)", &["€", "2.5", "bn", "(", "up", "10", "%", ")"]),
            ("see https://example.org/a?b=1. Now", &["see", "https://example.org/a?b=1", ".", "Now"]),
            ("talks -- if any — end", &["talks", "--", "if", "any", "—", "end"]),
            ("北京说", &["北", "京", "说"]),
            ("МИД России заявил", &["МИД", "России", "заявил"]),
            ("@state #peace 👍🏽", &["@state", "#peace", "👍", "🏽"]),
            ("J. Smith", &["J", ".", "Smith"]),
        ];
        for (text, expected) in cases {
            assert_eq!(words(text), *expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn tokens_stand_in_order_on_character_borders(text in "(\\PC|[-.'’@# a-zA-Z0-9\"]){0,80}") {
            let mut at = 0;
            for token in tokenize(&text) {
                prop_assert!(token.span().start() >= at && !token.span().is_empty());
                prop_assert!(token.span().slice(&text).is_some());
                at = token.span().end();
            }
        }

        #[test]
        fn every_letter_is_in_a_token(text in "(\\PC|[-.'’ a-z]){0,80}") {
            let kept: Vec<Span> = tokenize(&text).map(|t| t.span()).collect();
            for (at, c) in text.char_indices().filter(|(_, c)| c.is_alphanumeric() && !is_combining(*c)) {
                prop_assert!(kept.iter().any(|s| s.start() <= at && at < s.end()), "{c:?} at {at}");
            }
        }
    }
}
