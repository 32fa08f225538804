//! Cues: the lexicon of negotiation words and phrases, and the grammar words around them.

use std::collections::{BTreeMap, HashSet};
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::error::{Error, ErrorKind, Result};
use crate::text::tokenize;

/// What a cue conveys about one of its parties, for one head: toward the first class, the second polar one, or none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Effect {
    /// Pro-negotiation, or favourable.
    Good,
    /// Skeptical, or unfavourable.
    Bad,
    /// Nothing.
    #[default]
    None,
}

impl Effect {
    /// What a negation makes of it.
    pub fn opposite(self) -> Self {
        match self {
            Effect::Good => Effect::Bad,
            Effect::Bad => Effect::Good,
            Effect::None => Effect::None,
        }
    }
}

/// One row of the lexicon: a word or phrase in its base form and what it conveys about the one who does or has it
/// (the agent) and about the one it is done to (the patient).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cue {
    phrase: String,
    pos: PartOfSpeech,
    class: String,
    stance: [Effect; 2],
    sentiment: [Effect; 2],
}

impl Cue {
    /// The word or phrase, in base form.
    pub fn phrase(&self) -> &str {
        &self.phrase
    }

    /// Its part of speech.
    pub fn pos(&self) -> PartOfSpeech {
        self.pos
    }

    /// The class of cues that it belongs to, such as `refuse`.
    pub fn class(&self) -> &str {
        &self.class
    }

    /// What it conveys about agent and patient as negotiating parties.
    pub fn stance(&self) -> [Effect; 2] {
        self.stance
    }

    /// How it portrays agent and patient.
    pub fn sentiment(&self) -> [Effect; 2] {
        self.sentiment
    }
}

/// Parts of speech that the lexicon tells apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs)]
pub enum PartOfSpeech {
    Verb,
    Noun,
    Adj,
    Adv,
    Phrase,
    Connective,
    /// Any of them.
    Any,
}

/// What a word does in a sentence: a set of grammar roles.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) struct Roles(u32);

macro_rules! roles {
    ($($constant:ident = $name:literal = $bit:expr;)*) => {
        impl Roles {
            $(pub(crate) const $constant: Roles = Roles(1 << $bit);)*
            const NAMES: &'static [(&'static str, Roles)] = &[$(($name, Roles::$constant)),*];
        }
    };
}

roles! {
    NEGATION = "negation" = 0;
    AUXILIARY = "auxiliary" = 1;
    BE = "be" = 2;
    MODAL = "modal" = 3;
    FUTURE = "future" = 4;
    PRONOUN = "pronoun" = 5;
    PREPOSITION = "preposition" = 6;
    BY = "by" = 7;
    SUBORDINATOR = "subordinator" = 8;
    CONJUNCTION = "conjunction" = 9;
    CONTRAST = "contrast" = 10;
    CONDITION = "condition" = 11;
    DETERMINER = "determiner" = 12;
    REPORT = "report" = 13;
    PARTICIPLE = "participle" = 14;
    ADVERBIAL = "adverbial" = 15;
}

impl Roles {
    pub(crate) fn has(self, role: Roles) -> bool {
        self.0 & role.0 != 0
    }

    pub(crate) fn or(self, other: Roles) -> Roles {
        Roles(self.0 | other.0)
    }

    fn parse(name: &str) -> Option<Roles> {
        Self::NAMES.iter().find(|(known, _)| *known == name).map(|(_, role)| *role)
    }
}

/// The lexicon and the grammar words of one language.
///
/// Two tab-separated tables: `phrase pos class agent patient agent_sentiment patient_sentiment` (effects `p`, `s`, `0` and
/// `+`, `-`, `0`), and `word roles lemma`. See `data/cues.tsv` and `data/grammar.tsv`.
///
/// ```
/// use demarche::stance::Cues;
///
/// let cues = Cues::from_tsv(
///     "phrase\tpos\tclass\tagent\tpatient\tagent_sentiment\tpatient_sentiment\n\
///      slam the door on\tverb\trefuse\ts\t0\t-\t0\n",
///     "word\troles\tlemma\nsought\tparticiple\tseek\n",
/// )?;
/// assert_eq!(cues.rows().len(), 1);
/// # Ok::<(), demarche::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cues {
    rows: Vec<Cue>,
    grammar: Grammar,
}

/// The grammar words, in lower case.
pub(crate) type Grammar = BTreeMap<String, GrammarWord>;

/// What a word does wherever it stands, and its base form where it is irregular.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct GrammarWord {
    pub roles: Roles,
    pub lemma: Option<String>,
}

/// A lexicon has at most this many classes: a few dozen serve, and their numbers must fit in 16 bits.
pub(crate) const MOST_CLASSES: usize = 4096;

const COLUMNS: [&str; 7] = ["phrase", "pos", "class", "agent", "patient", "agent_sentiment", "patient_sentiment"];
const GRAMMAR: [&str; 3] = ["word", "roles", "lemma"];

impl Cues {
    /// The lexicon that ships with the crate.
    pub fn shipped() -> Result<Self> {
        Self::from_tsv(include_str!("../../data/cues.tsv"), include_str!("../../data/grammar.tsv"))
    }

    /// Reads the two tables from files.
    ///
    /// # Errors
    /// [`ErrorKind::Io`], [`ErrorKind::Encoding`], or [`ErrorKind::Cues`] with the line and column.
    pub fn read(cues: impl AsRef<Path>, grammar: impl AsRef<Path>) -> Result<Self> {
        let (cues, grammar) = (cues.as_ref(), grammar.as_ref());
        let rows = read_cues(&crate::input::read_text(cues)?).map_err(|error| error.in_file(cues))?;
        let words = read_grammar(&crate::input::read_text(grammar)?).map_err(|error| error.in_file(grammar))?;
        Ok(Self { rows, grammar: words })
    }

    /// Parses the two tables.
    ///
    /// # Errors
    /// [`ErrorKind::Cues`] with the line and column; more than 4,096 classes are a fault too.
    pub fn from_tsv(cues: &str, grammar: &str) -> Result<Self> {
        Ok(Self { rows: read_cues(cues)?, grammar: read_grammar(grammar)? })
    }

    /// The cues, in order.
    pub fn rows(&self) -> &[Cue] {
        &self.rows
    }

    pub(crate) fn grammar(&self) -> &Grammar {
        &self.grammar
    }
}

fn read_cues(text: &str) -> Result<Vec<Cue>> {
    let mut rows = Vec::new();
    let mut classes = HashSet::new();
    for row in crate::input::tsv(text, ErrorKind::Cues, &COLUMNS)? {
        let row = row?;
        let fault = |column: usize, message: String, help: &str| {
            row.locate(Error::new(ErrorKind::Cues, message).help(help), column)
        };
        if tokenize(row.text(0)).next().is_none() {
            return Err(fault(0, "no words".into(), "write the phrase in its base form"));
        }
        let pos = match row.text(1) {
            "verb" => PartOfSpeech::Verb,
            "noun" => PartOfSpeech::Noun,
            "adj" => PartOfSpeech::Adj,
            "adv" => PartOfSpeech::Adv,
            "phrase" => PartOfSpeech::Phrase,
            "connective" => PartOfSpeech::Connective,
            "any" => PartOfSpeech::Any,
            other => {
                let help = "use verb, noun, adj, adv, phrase, connective or any";
                return Err(fault(1, format!("unknown part of speech {other:?}"), help));
            }
        };
        let class = row.text(2);
        if class.is_empty() || !class.chars().all(|c| c.is_lowercase()) {
            return Err(fault(2, format!("{class:?} is no class"), "use one word in lower case"));
        }
        if !classes.contains(class) {
            if classes.len() == MOST_CLASSES {
                return Err(fault(
                    2,
                    format!("more than {MOST_CLASSES} classes"),
                    "put cues of one kind into one class",
                ));
            }
            classes.insert(class.to_owned());
        }
        let effect = |column: usize, good: &str, bad: &str| match row.text(column) {
            "0" => Ok(Effect::None),
            text if text == good => Ok(Effect::Good),
            text if text == bad => Ok(Effect::Bad),
            other => Err(fault(column, format!("unknown effect {other:?}"), &format!("use {good}, {bad} or 0"))),
        };
        rows.push(Cue {
            phrase: row.text(0).to_owned(),
            pos,
            class: class.to_owned(),
            stance: [effect(3, "p", "s")?, effect(4, "p", "s")?],
            sentiment: [effect(5, "+", "-")?, effect(6, "+", "-")?],
        });
    }
    Ok(rows)
}

fn read_grammar(text: &str) -> Result<Grammar> {
    let mut words = BTreeMap::new();
    for row in crate::input::tsv(text, ErrorKind::Cues, &GRAMMAR)? {
        let row = row?;
        let mut roles = Roles::default();
        for name in row.list(1, ',') {
            let role = Roles::parse(&name).ok_or_else(|| {
                let known: Vec<&str> = Roles::NAMES.iter().map(|(name, _)| *name).collect();
                let error = Error::new(ErrorKind::Cues, format!("unknown role {name:?}"));
                row.locate(error.help(format!("use {}", known.join(", "))), 1)
            })?;
            roles = roles.or(role);
        }
        let lemma = Some(row.text(2).to_owned()).filter(|lemma| !lemma.is_empty());
        words.insert(row.text(0).to_owned(), GrammarWord { roles, lemma });
    }
    Ok(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "phrase\tpos\tclass\tagent\tpatient\tagent_sentiment\tpatient_sentiment\n";
    const WORDS: &str = "word\troles\tlemma\n";

    #[test]
    fn faults_are_located() {
        let cases = [
            ("refuse\tverb\trefuse\tx\t0\t0\t0\n", "line 2: agent: unknown effect \"x\""),
            ("refuse\tverb\trefuse\ts\t0\tp\t0\n", "line 2: agent_sentiment: unknown effect \"p\""),
            ("refuse\tword\trefuse\ts\t0\t0\t0\n", "line 2: pos: unknown part of speech"),
            ("refuse\tverb\t\ts\t0\t0\t0\n", "line 2: class: \"\" is no class"),
            (" \tverb\tx\ts\t0\t0\t0\n", "line 2: phrase: no words"),
            ("refuse\n", "line 2: 1 columns instead of 7"),
        ];
        for (rows, message) in cases {
            let error = Cues::from_tsv(&format!("{HEAD}{rows}"), WORDS).unwrap_err();
            assert!(error.to_string().starts_with(message), "{error}");
        }
        let error = Cues::from_tsv(HEAD, &format!("{WORDS}not\tnegator\t\n")).unwrap_err();
        assert!(error.to_string().starts_with("line 2: roles: unknown role"), "{error}");
    }
}
