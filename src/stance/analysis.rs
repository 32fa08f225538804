//! A passage read once for all its actors: tokens with stems and grammar roles.

use std::sync::Arc;

use crate::actor::surface_key;
use crate::key::{key, mix, KeyMap};
use crate::stance::cues::Roles;
use crate::stance::lexicon::Lexicon;
use crate::stance::term::{mark_name, Name, Part};
use crate::text::{tokenize, Language, Passage, Stemmer, Token, TokenKind};

/// Distinct words, and bytes of them, that are remembered between passages; past either the memory is cleared.
const REMEMBERED: usize = 1 << 16;
const REMEMBERED_BYTES: usize = 1 << 22;

/// What is known of a word wherever it stands.
#[derive(Clone, Debug)]
struct Lexeme {
    surface: Box<str>,
    kind: TokenKind,
    stem: Box<str>,
    stem_key: u64,
    surface_key: u64,
    roles: Roles,
    /// Printed with the regular ending of the past.
    past: bool,
}

/// Reads passages. Remembers the words it has met, so each is stemmed once; a clone shares the lexicon.
#[derive(Clone, Debug)]
pub(crate) struct Analyzer {
    lexicon: Arc<Lexicon>,
    stemmer: Stemmer,
    numbers: KeyMap<u64, u32>,
    lexemes: Vec<Lexeme>,
    /// The length of all words that are remembered.
    bytes: usize,
    /// How often all was forgotten.
    forgotten: u32,
}

/// A token with what is known of its word.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Word {
    pub token: Token,
    pub sentence: u32,
    lexeme: u32,
}

/// A passage, read: all that does not depend on who is spoken of.
#[derive(Clone, Debug, Default)]
pub(crate) struct Analysis {
    words: Vec<Word>,
    tokens: Vec<Token>,
    surface_keys: Vec<u64>,
}

impl Analysis {
    /// The tokens of the passage, and the surface key of each, for the finder of mentions.
    pub(crate) fn surface(&self) -> (&[Token], &[u64]) {
        (&self.tokens, &self.surface_keys)
    }

    pub(crate) fn words(&self) -> &[Word] {
        &self.words
    }
}

impl Word {
    /// The number of its word, for as long as the analyzer remembers it.
    pub(crate) fn lexeme(&self) -> u32 {
        self.lexeme
    }
}

impl Analyzer {
    pub(crate) fn new(lexicon: Arc<Lexicon>, language: Language) -> Self {
        Self {
            lexicon,
            stemmer: Stemmer::new(language),
            numbers: KeyMap::default(),
            lexemes: Vec::new(),
            bytes: 0,
            forgotten: 0,
        }
    }

    pub(crate) fn lexicon(&self) -> &Lexicon {
        &self.lexicon
    }

    /// How often the words were forgotten: their numbers mean nothing beyond.
    pub(crate) fn forgotten(&self) -> u32 {
        self.forgotten
    }

    /// The key of a word's stem, and its grammar roles.
    pub(crate) fn stem_key(&self, word: &Word) -> (u64, Roles) {
        let lexeme = &self.lexemes[word.lexeme as usize];
        (lexeme.stem_key, lexeme.roles)
    }

    /// The name of a part of a term.
    pub(crate) fn name(&self, part: &Part) -> &str {
        match part.name {
            Name::Mark(number) => mark_name(number),
            Name::Stem(lexeme) => self.lexemes.get(lexeme as usize).map_or("", |lexeme| &lexeme.stem),
            Name::Class(class) => self.lexicon.class_name(class),
        }
    }

    /// Whether a word is printed like a past participle.
    pub(crate) fn is_participle(&self, word: &Word) -> bool {
        let lexeme = &self.lexemes[word.lexeme as usize];
        lexeme.past || lexeme.roles.has(Roles::PARTICIPLE)
    }

    /// Reads a passage into `analysis`, whose memory is used again.
    pub(crate) fn analyze(&mut self, passage: &Passage, analysis: &mut Analysis) {
        if self.lexemes.len() > REMEMBERED || self.bytes > REMEMBERED_BYTES {
            self.lexemes.clear();
            self.numbers.clear();
            self.bytes = 0;
            self.forgotten += 1;
        }
        analysis.words.clear();
        analysis.tokens.clear();
        analysis.surface_keys.clear();
        let text = passage.text();
        for (sentence, span) in (0..).zip(passage.sentences()) {
            for token in tokenize(&text[span.range()]) {
                let token = token.shifted(span.start());
                let lexeme = self.lexeme(&text[token.span().range()], token.kind());
                analysis.tokens.push(token);
                analysis.surface_keys.push(self.lexemes[lexeme as usize].surface_key);
                analysis.words.push(Word { token, sentence, lexeme });
            }
        }
    }

    fn lexeme(&mut self, surface: &str, kind: TokenKind) -> u32 {
        let hash = mix(key(surface), kind as u64);
        if let Some(&number) = self.numbers.get(&hash) {
            let lexeme = &self.lexemes[number as usize];
            if lexeme.kind == kind && &*lexeme.surface == surface {
                return number;
            }
        }
        let lower = surface.to_lowercase().replace('’', "'");
        let (stem, roles) = match kind {
            TokenKind::Word => (self.lexicon.stem(&lower, &self.stemmer), self.lexicon.roles(&lower)),
            TokenKind::Number => ("‹n›".to_owned(), Roles::default()),
            TokenKind::Link => ("‹link›".to_owned(), Roles::default()),
            TokenKind::Possessive | TokenKind::Apostrophe => ("'s".to_owned(), Roles::default()),
            _ => (lower, Roles::default()),
        };
        let number = self.lexemes.len() as u32;
        let lexeme = Lexeme {
            surface: surface.into(),
            kind,
            stem_key: key(&stem),
            stem: stem.into(),
            surface_key: surface_key(surface),
            roles,
            past: kind == TokenKind::Word && surface.ends_with("ed"),
        };
        self.lexemes.push(lexeme);
        self.bytes += surface.len();
        self.numbers.insert(hash, number);
        number
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_words_are_not_remembered_for_ever() {
        let mut analyzer = Analyzer::new(Arc::default(), Language::English);
        let mut analysis = Analysis::default();
        for i in 0..2_000 {
            let word = format!("{i}").repeat(4096 / format!("{i}").len());
            analyzer.analyze(&Passage::whole(&word), &mut analysis);
            let held: usize = analyzer.lexemes.iter().map(|lexeme| lexeme.surface.len()).sum();
            assert!(held <= REMEMBERED_BYTES + 4096);
        }
    }
}
