//! Phrases: sequences of word keys, longest match first.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use crate::key::{mix, KeyTable};

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
    /// None where keys were made up to crowd it: these are sorted, and searched by halves.
    table: Option<KeyTable>,
}

/// What is stored: the key of each prefix, and the value of those that are phrases.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Prefixes {
    #[serde(with = "crate::blob")]
    keys: Vec<u64>,
    #[serde(with = "crate::blob")]
    values: Vec<u32>,
}

/// Collects phrases. The map hashes keys anew, at random: anyone may have written the catalogue, and made up names whose keys
/// would crowd it.
#[derive(Debug, Default)]
pub(crate) struct PhrasesBuilder {
    prefixes: HashMap<u64, u32>,
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
        // The map's order must not show: it is another each time.
        prefixes.sort_unstable();
        let (keys, values) = prefixes.into_iter().unzip();
        Phrases::of(Prefixes { keys, values })
    }
}

impl Phrases {
    fn of(prefixes: Prefixes) -> Self {
        let keys = &prefixes.keys;
        let table = KeyTable::new(keys.iter().copied(), |place| keys[place]);
        Self { prefixes, table }
    }

    #[inline]
    fn place(&self, prefix: u64) -> Option<usize> {
        let keys = &self.prefixes.keys;
        match &self.table {
            Some(table) => table.find(prefix, |place| keys[place]),
            None => keys.binary_search(&prefix).ok(),
        }
    }

    /// The longest phrase at the start of `words`: its length in words and its value.
    #[inline]
    pub(crate) fn longest(&self, words: impl IntoIterator<Item = u64>) -> Option<(usize, u32)> {
        let mut prefix = EMPTY;
        let mut best = None;
        for (length, word) in words.into_iter().enumerate() {
            prefix = mix(prefix, word);
            let Some(place) = self.place(prefix) else { break };
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
        const FAULT: &str = "phrases that do not fit their keys";
        if prefixes.keys.len() != prefixes.values.len() {
            return Err(FAULT);
        }
        let phrases = Self::of(prefixes);
        let keys = &phrases.prefixes.keys;
        let is_searchable = phrases.table.is_some() || keys.is_sorted_by(|a, b| a < b);
        is_searchable.then_some(phrases).ok_or(FAULT)
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
    use crate::key::is_crowding;

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
    fn phrases_made_up_to_share_a_slot_are_found() {
        let words: Vec<u64> = (0..).filter(|word| is_crowding(mix(EMPTY, *word))).take(2000).collect();
        let mut builder = PhrasesBuilder::default();
        words.iter().zip(0..).for_each(|(word, value)| builder.insert([*word], value));
        let phrases = builder.build();
        assert_eq!(phrases.table, None);
        let bytes = postcard::to_allocvec(&phrases).unwrap();
        assert_eq!(postcard::from_bytes::<Phrases>(&bytes).unwrap(), phrases);
        for (word, value) in words.iter().zip(0..) {
            assert_eq!(phrases.longest([*word]), Some((1, value)));
        }
        assert_eq!(phrases.longest([u64::MAX]), None);

        let Prefixes { mut keys, values } = phrases.into();
        keys.reverse();
        let bytes = postcard::to_allocvec(&Prefixes { keys, values }).unwrap();
        assert!(postcard::from_bytes::<Phrases>(&bytes).is_err());
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
