//! Mentions: where a passage names an actor.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::actor::catalogue::Catalogue;
use crate::actor::kind::ActorKind;
use crate::key::key;
use crate::span::Span;
use crate::text::{tokenize, Phrases, PhrasesBuilder, Token};

/// How a mention names its actor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MentionForm {
    /// By name or alias.
    Name,
    /// By its people or adjective ("Russian").
    Demonym,
    /// By a capital or seat ("the Kremlin").
    Metonym,
}

/// Whether capitals and seats count as mentions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Metonyms {
    /// "Moscow" is a mention of Russia.
    #[default]
    Count,
    /// Only names and demonyms are mentions.
    Ignore,
}

/// One mention of an actor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mention {
    actor: usize,
    span: Span,
    form: MentionForm,
}

impl Mention {
    /// The actor's position in the finder's catalogue.
    pub fn actor(&self) -> usize {
        self.actor
    }

    /// Where the mention stands (bytes), without a possessive 's.
    pub fn span(&self) -> Span {
        self.span
    }

    /// How the mention names its actor.
    pub fn form(&self) -> MentionForm {
        self.form
    }
}

/// Finds mentions: whole words, the longest name first, case as in the catalogue or all capitals.
///
/// "South Sudan" is not a mention of Sudan, "Trump administration" is one of the United States and not of Trump,
/// "Russia's", "Russia-backed" and "RUSSIA" are mentions of Russia, "Belorussia" is not. Time is linear in the text.
///
/// ```
/// use demarche::actor::{Catalogue, MentionFinder, Metonyms};
///
/// let catalogue = Catalogue::shipped()?;
/// let finder = MentionFinder::new(&catalogue, Metonyms::Count);
/// let text = "South Sudan’s envoy flew to see the Trump administration.";
/// let found: Vec<_> = finder.find(text).iter()
///     .map(|m| (catalogue.actors()[m.actor()].name(), m.span().slice(text).unwrap_or("")))
///     .collect();
/// assert_eq!(found, [("South Sudan", "South Sudan"), ("United States", "Trump administration")]);
/// # Ok::<(), demarche::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct MentionFinder {
    /// The value of a name is four times its actor's position plus the number of its form, or [`NO_ACTOR`].
    names: Phrases,
}

/// Names at least this long are also found in capitals (bytes); shorter ones are too often another abbreviation.
const SHORTEST_IN_CAPITALS: usize = 4;

/// The value of a phrase that hides the names inside it ("Washington Post").
const NO_ACTOR: u32 = 3;

const FORMS: [MentionForm; 3] = [MentionForm::Name, MentionForm::Demonym, MentionForm::Metonym];

impl MentionFinder {
    /// A finder for the actors of a catalogue. A surface form that two actors claim goes to the later one.
    pub fn new(catalogue: &Catalogue, metonyms: Metonyms) -> Self {
        let mut names = PhrasesBuilder::default();
        let mut capitals = Vec::new();
        for (at, actor) in (0u32..).zip(catalogue.actors()) {
            let own_names = std::iter::once(actor.name()).chain(actor.aliases().iter().map(String::as_str));
            let demonyms = actor.demonyms().iter().map(|form| (form.as_str(), 1));
            let seats = actor.metonyms().iter().map(|form| (form.as_str(), 2));
            for (form, how) in own_names.map(|form| (form, 0)).chain(demonyms).chain(seats) {
                // A seat that does not count still hides the names inside it: the White House is not the House.
                let counts = how != 2 || metonyms == Metonyms::Count;
                let is_actor = actor.kind() != ActorKind::Phrase && counts;
                let value = if is_actor { 4 * at + how } else { NO_ACTOR };
                names.insert(words(form), value);
                if form.len() >= SHORTEST_IN_CAPITALS && is_actor {
                    capitals.push((form.to_uppercase(), value));
                }
            }
        }
        // A form in capitals that is made up here gives way to every form that the catalogue writes so.
        for (form, value) in capitals {
            names.entry(words(&form), value);
        }
        Self { names: names.build() }
    }

    /// Whether every name belongs to one of so many actors; what is read from a file must be valid.
    pub(crate) fn is_valid(&self, actors: usize) -> bool {
        self.names.values().all(|value| value == NO_ACTOR || (value % 4 < NO_ACTOR && ((value / 4) as usize) < actors))
    }

    /// The mentions in `text`, in order; they do not overlap.
    pub fn find(&self, text: &str) -> Vec<Mention> {
        let tokens: Vec<Token> = tokenize(text).collect();
        let keys: Vec<u64> = tokens.iter().map(|token| surface_key(&text[token.span().range()])).collect();
        self.find_in(&tokens, &keys)
    }

    /// The same over tokens and their surface keys.
    pub(crate) fn find_in(&self, tokens: &[Token], keys: &[u64]) -> Vec<Mention> {
        let mut found = Vec::new();
        let mut at = 0;
        while at < keys.len() {
            let Some((length, value)) = self.names.longest(keys[at..].iter().copied()) else {
                at += 1;
                continue;
            };
            if value != NO_ACTOR {
                let span = Span::new(tokens[at].span().start(), tokens[at + length - 1].span().end());
                let form = FORMS[value as usize % 4 % FORMS.len()];
                found.push(Mention { actor: (value / 4) as usize, span, form });
            }
            at += length;
        }
        found
    }
}

/// The surface keys of a name's words.
fn words(form: &str) -> impl Iterator<Item = u64> + '_ {
    tokenize(form).map(|token| surface_key(&form[token.span().range()]))
}

/// The key of a word as it is printed: apostrophes made plain, full stops of abbreviations left out.
pub(crate) fn surface_key(word: &str) -> u64 {
    let word: Cow<str> = if word.len() > 1 && word.contains('.') { word.replace('.', "").into() } else { word.into() };
    if word.contains('’') {
        key(&word.replace('’', "'"))
    } else {
        key(&word)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::actor::Actor;

    fn names(text: &str, metonyms: Metonyms) -> Vec<String> {
        let catalogue = Catalogue::shipped().unwrap();
        let finder = MentionFinder::new(&catalogue, metonyms);
        finder.find(text).iter().map(|m| catalogue.actors()[m.actor()].name().to_owned()).collect()
    }

    #[test]
    fn mentions_of_news() {
        let cases: &[(&str, &[&str])] = &[
            ("The U.S. and US envoys told us so.", &["United States", "United States"]),
            ("RUSSIA SAYS NO", &["Russia"]),
            ("CHINA REJECTS TURKEY’S OFFER", &["China", "Turkey"]),
            ("Belorussian Russians", &["Russia"]),
            ("the Washington Post reported", &[]),
            ("a Russia-backed plan for North Korea", &["Russia", "North Korea"]),
            ("the United\nStates’ offer", &["United States"]),
            ("turkey and jordan are no actors here", &[]),
        ];
        for (text, expected) in cases {
            assert_eq!(names(text, Metonyms::Count), *expected, "{text}");
        }
        assert_eq!(names("Moscow and Paris", Metonyms::Count), ["Russia", "France"]);
        assert_eq!(names("Moscow and Paris", Metonyms::Ignore), [""; 0]);
        assert_eq!(names("the White House", Metonyms::Ignore), [""; 0]);
    }

    proptest! {
        #[test]
        fn finds_what_a_scan_for_whole_words_finds(words in prop::collection::vec("(A|B|AB|C)", 0..12)) {
            let mut catalogue = Catalogue::default();
            for name in ["A", "A B", "B C A"] {
                catalogue.insert(Actor::named(name, ActorKind::State));
            }
            let text = words.join(" ");
            let found: Vec<String> = MentionFinder::new(&catalogue, Metonyms::Count).find(&text).iter()
                .map(|m| m.span().slice(&text).unwrap_or("").to_owned()).collect();
            let mut oracle = Vec::new();
            let mut at = 0;
            while at < words.len() {
                let rest = words[at..].join(" ") + " ";
                let best = ["B C A", "A B", "A"].into_iter().find(|n| rest.starts_with(&format!("{n} ")));
                at += best.map_or(1, |n| n.split(' ').count());
                oracle.extend(best.map(str::to_owned));
            }
            prop_assert_eq!(found, oracle);
        }
    }
}
