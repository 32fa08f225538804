//! The lexicon in the form that finds cues in stemmed text; part of the model.

use serde::{Deserialize, Serialize};

use crate::error::{Error, ErrorKind};
use crate::key::{key, KeyMap};
use crate::stance::cues::{Cues, Effect, Grammar, PartOfSpeech, Roles, MOST_CLASSES};
use crate::stance::term::{Name, Part};
use crate::text::{tokenize, Language, Phrases, PhrasesBuilder, Stemmer, TokenKind};

/// Rows that one entry has at most: each counts wherever the entry stands.
const MOST_SENSES: usize = 64;

/// Classes that every passage is full of; they tell nothing in a sequence.
const COMMON: [&str; 2] = ["other", "say"];

/// One sense of a cue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Sense {
    pub class: u16,
    pub pos: PartOfSpeech,
    /// Stance and sentiment, each for agent and patient.
    pub effects: [[Effect; 2]; 2],
}

const PARTS_OF_SPEECH: [PartOfSpeech; 7] = [
    PartOfSpeech::Verb,
    PartOfSpeech::Noun,
    PartOfSpeech::Adj,
    PartOfSpeech::Adv,
    PartOfSpeech::Phrase,
    PartOfSpeech::Connective,
    PartOfSpeech::Any,
];
const EFFECTS: [Effect; 3] = [Effect::None, Effect::Good, Effect::Bad];

impl From<Sense> for u32 {
    /// From the lowest bit: four effects of two bits, the part of speech in three, the class.
    fn from(sense: Sense) -> u32 {
        let effects = sense.effects.concat().into_iter().rev().fold(0, |bits, effect| {
            bits << 2
                | match effect {
                    Effect::None => 0,
                    Effect::Good => 1,
                    Effect::Bad => 2,
                }
        });
        let pos = PARTS_OF_SPEECH.iter().zip(0..).find(|(pos, _)| **pos == sense.pos).map_or(0, |(_, number)| number);
        u32::from(sense.class) << 11 | pos << 8 | effects
    }
}

impl TryFrom<u32> for Sense {
    type Error = &'static str;

    fn try_from(bits: u32) -> Result<Self, Self::Error> {
        const FAULT: &str = "a sense that does not exist";
        let effect = |place: u32| EFFECTS.get((bits >> (2 * place) & 3) as usize).copied().ok_or(FAULT);
        Ok(Self {
            class: u16::try_from(bits >> 11).map_err(|_| FAULT)?,
            pos: *PARTS_OF_SPEECH.get((bits >> 8 & 7) as usize).ok_or(FAULT)?,
            effects: [[effect(0)?, effect(1)?], [effect(2)?, effect(3)?]],
        })
    }
}

/// A class of cues; its name is not empty.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
struct Class {
    name: String,
    key: u64,
    is_telling: bool,
}

impl Class {
    fn new(name: String) -> Self {
        Self { key: key(&name), is_telling: !COMMON.contains(&name.as_str()), name }
    }
}

impl TryFrom<String> for Class {
    type Error = &'static str;

    fn try_from(name: String) -> Result<Self, Self::Error> {
        if name.is_empty() {
            Err("a class without a name")
        } else {
            Ok(Self::new(name))
        }
    }
}

impl From<Class> for String {
    fn from(class: Class) -> String {
        class.name
    }
}

/// The cues by their stems, and the grammar words.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Stored", into = "Stored")]
pub(crate) struct Lexicon {
    phrases: Phrases,
    /// The senses of all entries, one entry after another, and the end of each entry.
    senses: Vec<Sense>,
    ends: Vec<u32>,
    classes: Vec<Class>,
    grammar: Grammar,
}

/// What is stored: the same with the senses as numbers.
#[derive(Serialize, Deserialize)]
struct Stored {
    phrases: Phrases,
    #[serde(with = "crate::blob")]
    senses: Vec<u32>,
    #[serde(with = "crate::blob")]
    ends: Vec<u32>,
    classes: Vec<Class>,
    grammar: Grammar,
}

impl From<Lexicon> for Stored {
    fn from(Lexicon { phrases, senses, ends, classes, grammar }: Lexicon) -> Self {
        Self { phrases, senses: senses.into_iter().map(u32::from).collect(), ends, classes, grammar }
    }
}

impl TryFrom<Stored> for Lexicon {
    type Error = &'static str;

    fn try_from(Stored { phrases, senses, ends, classes, grammar }: Stored) -> Result<Self, Self::Error> {
        let senses = senses.into_iter().map(Sense::try_from).collect::<Result<_, _>>()?;
        Ok(Self { phrases, senses, ends, classes, grammar })
    }
}

impl Lexicon {
    pub(crate) fn new(cues: &Cues, language: Language) -> crate::error::Result<Self> {
        let stemmer = Stemmer::new(language);
        let mut lexicon = Self { grammar: cues.grammar().clone(), ..Self::default() };
        let mut phrases = PhrasesBuilder::default();
        let mut entries: Vec<Vec<Sense>> = Vec::new();
        let mut numbers: KeyMap<u64, u16> = KeyMap::default();
        for cue in cues.rows() {
            let fresh = lexicon.classes.len() as u16;
            let class = *numbers.entry(key(cue.class())).or_insert(fresh);
            if class == fresh {
                lexicon.classes.push(Class::new(cue.class().to_owned()));
            }
            let words: Vec<u64> = tokenize(cue.phrase())
                .filter(|token| matches!(token.kind(), TokenKind::Word | TokenKind::Number))
                .map(|token| key(&lexicon.stem(&cue.phrase()[token.span().range()].to_lowercase(), &stemmer)))
                .collect();
            let fresh = entries.len() as u32;
            let Some(entry) = phrases.entry(words, fresh) else { continue };
            if entry == fresh {
                entries.push(Vec::new());
            }
            let senses = &mut entries[entry as usize];
            if senses.len() == MOST_SENSES {
                let message = format!("more than {MOST_SENSES} rows have the stems of {:?}", cue.phrase());
                return Err(Error::new(ErrorKind::Cues, message).help("leave some of them out"));
            }
            senses.push(Sense { class, pos: cue.pos(), effects: [cue.stance(), cue.sentiment()] });
        }
        lexicon.phrases = phrases.build();
        for senses in entries {
            lexicon.senses.extend(senses);
            lexicon.ends.push(lexicon.senses.len() as u32);
        }
        Ok(lexicon)
    }

    /// Whether the parts agree; what is read from a file must be valid.
    pub(crate) fn is_valid(&self) -> bool {
        self.classes.len() <= MOST_CLASSES
            && self.ends.is_sorted()
            && self.ends.windows(2).all(|ends| (ends[1] - ends[0]) as usize <= MOST_SENSES)
            && self.ends.first().is_none_or(|end| *end as usize <= MOST_SENSES)
            && self.ends.last().map_or(0, |end| *end as usize) == self.senses.len()
            && self.phrases.values().all(|entry| (entry as usize) < self.ends.len())
            && self.senses.iter().all(|sense| usize::from(sense.class) < self.classes.len())
    }

    /// The longest cue at the start of these stem keys: its length in words and the number of its entry.
    #[inline]
    pub(crate) fn longest(&self, stems: impl IntoIterator<Item = u64>) -> Option<(usize, u32)> {
        self.phrases.longest(stems)
    }

    /// The senses of an entry: all rows of the lexicon that share their stems.
    pub(crate) fn senses(&self, entry: u32) -> &[Sense] {
        let at = entry as usize;
        let start = at.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.senses[start as usize..self.ends[at] as usize]
    }

    /// The number of classes.
    pub(crate) fn classes(&self) -> usize {
        self.classes.len()
    }

    /// A class as it stands in terms.
    pub(crate) fn class(&self, number: u16) -> Part {
        Part { key: self.classes[usize::from(number)].key, name: Name::Class(number) }
    }

    pub(crate) fn class_name(&self, number: u16) -> &str {
        self.classes.get(usize::from(number)).map_or("", |class| &class.name)
    }

    /// Whether a class tells something in a sequence.
    pub(crate) fn is_telling(&self, number: u16) -> bool {
        self.classes.get(usize::from(number)).is_some_and(|class| class.is_telling)
    }

    pub(crate) fn roles(&self, lower: &str) -> Roles {
        self.grammar.get(lower).map_or(Roles::default(), |word| word.roles)
    }

    /// The stem of a word in lower case: that of its lemma where it is irregular.
    pub(crate) fn stem(&self, lower: &str, stemmer: &Stemmer) -> String {
        stemmer.stem(self.grammar.get(lower).and_then(|word| word.lemma.as_deref()).unwrap_or(lower))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn senses_are_packed_and_unpacked() {
        for class in [0, 1, 40, u16::MAX] {
            for pos in PARTS_OF_SPEECH {
                for effects in EFFECTS.into_iter().flat_map(|a| EFFECTS.map(|b| [[a, b], [b, a]])) {
                    let sense = Sense { class, pos, effects };
                    assert_eq!(Sense::try_from(u32::from(sense)), Ok(sense));
                }
            }
        }
        assert!(Sense::try_from(3).is_err());
        assert!(Sense::try_from(7 << 8).is_err());
    }

    #[test]
    fn the_rows_of_an_entry_are_bounded() -> crate::error::Result<()> {
        let head = "phrase\tpos\tclass\tagent\tpatient\tagent_sentiment\tpatient_sentiment\n";
        let class = |number: usize| "ab".repeat(number + 1);
        let row =
            |number: usize| format!("refuse{}\tverb\t{}\ts\t0\t0\t0\n", ["", "d", "s"][number % 3], class(number));
        let cues = |rows: usize| format!("{head}{}", (0..rows).map(row).collect::<String>());
        let lexicon = |rows| Lexicon::new(&Cues::from_tsv(&cues(rows), "word\troles\tlemma\n")?, Language::English);
        let most = lexicon(MOST_SENSES)?;
        assert!(most.is_valid());
        let error = lexicon(MOST_SENSES + 1).err().map(|error| error.to_string());
        assert_eq!(error.as_deref(), Some("more than 64 rows have the stems of \"refused\" (leave some of them out)"));
        let forged = Lexicon { senses: [&most.senses[..], &most.senses[..1]].concat(), ends: vec![65], ..most };
        assert!(!forged.is_valid());
        Ok(())
    }

    #[test]
    fn inflections_find_their_cue() -> crate::error::Result<()> {
        let lexicon = Lexicon::new(&Cues::shipped()?, Language::English)?;
        assert!(lexicon.is_valid());
        let stemmer = Stemmer::new(Language::English);
        for text in ["was ready to talk", "sought a deal", "rejected", "broke its promises"] {
            let stems = tokenize(text).map(|t| key(&lexicon.stem(&text[t.span().range()], &stemmer)));
            assert!(lexicon.longest(stems).is_some(), "{text}");
        }
        Ok(())
    }
}
