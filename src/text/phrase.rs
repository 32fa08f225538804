//! Phrases: sequences of word keys, longest match first.

use serde::{Deserialize, Serialize};

use crate::key::{mix, KeyMap, KeyTable};

/// The key of no word at all, where every prefix begins.
const EMPTY: u64 = 0x243f_6a88_85a3_08d3;

/// What is stored for a prefix that is no phrase; other values are stored plus one.
const NO_PHRASE: u32 = 0;

fn stored(value: u32) -> u32 {
    value.saturating_add(1)
}

/// Numbered phrases over word keys, by all their prefixes. Finding takes time in the length of the longest phrase, not in
/// their number.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Prefixes", into = "Prefixes")]
pub(crate) struct Phrases {
    prefixes: Prefixes,
    table: KeyTable,
}

/// What is stored: the key of each prefix, and the value of those that are phrases.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Prefixes {
    #[serde(with = "crate::blob")]
    keys: Vec<u64>,
    #[serde(with = "crate::blob")]
    values: Vec<u32>,
}

/// Collects phrases.
#[derive(Debug, Default)]
pub(crate) struct PhrasesBuilder {
    prefixes: KeyMap<u64, u32>,
}

impl PhrasesBuilder {
    /// The value of a phrase, set to `value` where it has none yet; `None` for an empty phrase.
    pub(crate) fn entry(&mut self, words: impl IntoIterator<Item = u64>, value: u32) -> Option<u32> {
        let slot = self.slot(words)?;
        if *slot == NO_PHRASE {
            *slot = stored(value);
        }
        Some(*slot - 1)
    }

    /// Sets the value of a phrase.
    pub(crate) fn insert(&mut self, words: impl IntoIterator<Item = u64>, value: u32) {
        if let Some(slot) = self.slot(words) {
            *slot = stored(value);
        }
    }

    fn slot(&mut self, words: impl IntoIterator<Item = u64>) -> Option<&mut u32> {
        let mut prefix = EMPTY;
        for word in words {
            prefix = mix(prefix, word);
            self.prefixes.entry(prefix).or_insert(NO_PHRASE);
        }
        self.prefixes.get_mut(&prefix)
    }

    pub(crate) fn build(self) -> Phrases {
        let mut prefixes: Vec<(u64, u32)> = self.prefixes.into_iter().collect();
        // The map's order must not show: it differs between platforms.
        prefixes.sort_unstable();
        let (keys, values) = prefixes.into_iter().unzip();
        Phrases::from_prefixes(Prefixes { keys, values }).unwrap_or_default()
    }
}

impl Phrases {
    fn from_prefixes(prefixes: Prefixes) -> Option<Self> {
        let keys = &prefixes.keys;
        let table = KeyTable::new(keys.iter().copied(), |place| keys[place])?;
        (keys.len() == prefixes.values.len()).then_some(Self { prefixes, table })
    }

    /// The longest phrase at the start of `words`: its length in words and its value.
    #[inline]
    pub(crate) fn longest(&self, words: impl IntoIterator<Item = u64>) -> Option<(usize, u32)> {
        let mut prefix = EMPTY;
        let mut best = None;
        for (length, word) in words.into_iter().enumerate() {
            prefix = mix(prefix, word);
            let Some(place) = self.table.find(prefix, |place| self.prefixes.keys[place]) else { break };
            let value = self.prefixes.values[place];
            if value != NO_PHRASE {
                best = Some((length + 1, value - 1));
            }
        }
        best
    }

    /// All values, in no particular order.
    pub(crate) fn values(&self) -> impl Iterator<Item = u32> + '_ {
        self.prefixes.values.iter().copied().filter(|value| *value != NO_PHRASE).map(|value| value - 1)
    }
}

impl TryFrom<Prefixes> for Phrases {
    type Error = &'static str;

    fn try_from(prefixes: Prefixes) -> Result<Self, Self::Error> {
        Self::from_prefixes(prefixes).ok_or("phrases that do not fit their keys")
    }
}

impl From<Phrases> for Prefixes {
    fn from(phrases: Phrases) -> Self {
        phrases.prefixes
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn longest_is_the_longest_prefix(
            phrases in prop::collection::vec(prop::collection::vec(0u64..4, 1..4), 0..12),
            text in prop::collection::vec(0u64..4, 0..8),
        ) {
            let mut builder = PhrasesBuilder::default();
            for (i, phrase) in (0..).zip(&phrases) {
                builder.insert(phrase.iter().copied(), i);
            }
            let oracle = (0..).zip(&phrases).filter(|(_, p)| text.starts_with(p))
                .max_by_key(|(i, p)| (p.len(), *i)).map(|(i, p)| (p.len(), i));
            prop_assert_eq!(builder.build().longest(text.iter().copied()), oracle);
        }
    }

    #[test]
    fn the_first_entry_stays() {
        let mut builder = PhrasesBuilder::default();
        assert_eq!(builder.entry([1, 2], 5), Some(5));
        assert_eq!(builder.entry([1, 2], 6), Some(5));
        assert_eq!(builder.entry([], 6), None);
        assert_eq!(builder.build().values().collect::<Vec<_>>(), [5]);
    }
}
