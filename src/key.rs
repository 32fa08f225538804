//! 64-bit keys of words and terms: the same on every platform, formed without building strings.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::OnceLock;

/// The key of a piece of text.
pub(crate) const fn key(text: &str) -> u64 {
    let mut bytes = text.as_bytes();
    let mut state = 0x9e37_79b9_7f4a_7c15 ^ bytes.len() as u64;
    while let Some((chunk, rest)) = bytes.split_first_chunk() {
        state = mix(state, u64::from_le_bytes(*chunk));
        bytes = rest;
    }
    if bytes.is_empty() {
        return state;
    }
    let mut last = 0;
    let mut place = 0;
    while place < bytes.len() {
        last |= (bytes[place] as u64) << (8 * place);
        place += 1;
    }
    mix(state, last)
}

/// One key from two; the order counts.
#[inline]
pub(crate) const fn mix(a: u64, b: u64) -> u64 {
    // The folded 128-bit product of wyhash (Wang Yi, 2019).
    let product = (a ^ 0xa076_1d64_78bd_642f) as u128 * (b.rotate_left(23) ^ 0xe703_7ed1_a0b4_28db) as u128;
    (product as u64) ^ ((product >> 64) as u64)
}

/// Keys that are hashes never stand this far from their slot; only made-up ones do, to make reading slow.
const FURTHEST: usize = 1024;

/// Open addressing over keys that stand in a list of their own: from a key to its place in the list.
///
/// A slot holds the place and, in the bits that the places leave free, a tag of the key: most keys that are not there
/// are turned away by one look at one slot.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct KeyTable {
    slots: Vec<u32>,
    place_bits: u32,
}

impl KeyTable {
    /// A table of these keys; `None` where two are equal, very many crowd one place, or there are 2³¹ or more.
    pub(crate) fn new(keys: impl ExactSizeIterator<Item = u64>, key_at: impl Fn(usize) -> u64) -> Option<Self> {
        let places = u32::try_from(keys.len()).ok().filter(|places| *places < 1 << 31)?;
        let place_bits = u32::BITS - places.leading_zeros();
        let mut table = Self { slots: vec![0; (keys.len() / 2 * 3 + 2).next_power_of_two()], place_bits };
        let (all, places) = (table.slots.len() - 1, table.places());
        for (place, key) in (1..).zip(keys) {
            let (mut at, tag) = (table.home(key), table.tag(key));
            let mut steps = 0;
            while table.slots[at] != 0 {
                let slot = table.slots[at];
                steps += 1;
                if steps > FURTHEST || slot & !places == tag && key_at((slot & places) as usize - 1) == key {
                    return None;
                }
                at = (at + 1) & all;
            }
            table.slots[at] = place | tag;
        }
        Some(table)
    }

    /// The place of a key in the list whose key at each place `key_at` tells.
    #[inline]
    pub(crate) fn find(&self, key: u64, key_at: impl Fn(usize) -> u64) -> Option<usize> {
        if self.slots.is_empty() {
            return None;
        }
        let tag = self.tag(key);
        let places = self.places();
        let (all, home) = (self.slots.len() - 1, self.home(key));
        // A made-up table may be one long run: no key stands farther from its home.
        for step in 0..=FURTHEST {
            let slot = self.slots[(home + step) & all];
            if slot == 0 {
                return None;
            }
            if slot & !places == tag {
                let place = (slot & places) as usize - 1;
                if key_at(place) == key {
                    return Some(place);
                }
            }
        }
        None
    }

    /// Where the search for a key begins. Fibonacci hashing: keys that are no hashes but count up are spread too.
    fn home(&self, key: u64) -> usize {
        Self::home_among(key, self.slots.len())
    }

    /// The same among so many slots, a power of two.
    fn home_among(key: u64, slots: usize) -> usize {
        (key.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32) as usize & (slots - 1)
    }

    /// The bits of a slot that hold a place.
    fn places(&self) -> u32 {
        (1u32 << self.place_bits) - 1
    }

    fn tag(&self, key: u64) -> u32 {
        (key as u32) & !self.places()
    }
}

/// Whether a key is one of those that all begin in one slot of a table of 4,096.
#[cfg(test)]
pub(crate) fn is_crowding(key: u64) -> bool {
    KeyTable::home_among(key, 4096) == 7
}

/// Mixes keys, which are hashes already, with a number of this process: nobody can make up keys that crowd a map.
#[derive(Clone, Copy)]
pub(crate) struct KeyHasher(u64);

impl std::hash::Hasher for KeyHasher {
    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 = mix(self.0, u64::from(byte));
        }
    }

    fn write_u64(&mut self, key: u64) {
        self.0 = mix(self.0, key);
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

/// Makes the hashers of one map.
#[derive(Clone, Copy, Debug)]
pub(crate) struct KeyHashing(u64);

impl Default for KeyHashing {
    fn default() -> Self {
        static SEED: OnceLock<u64> = OnceLock::new();
        Self(*SEED.get_or_init(|| RandomState::new().hash_one(0)))
    }
}

impl BuildHasher for KeyHashing {
    type Hasher = KeyHasher;

    fn build_hasher(&self) -> KeyHasher {
        KeyHasher(self.0)
    }
}

/// A hash map over keys. Its order differs from run to run.
pub(crate) type KeyMap<K, V> = HashMap<K, V, KeyHashing>;

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_table_finds_what_a_scan_finds(keys in prop::collection::hash_set(any::<u64>(), 0..200), probe in any::<u64>()) {
            let keys: Vec<u64> = keys.into_iter().collect();
            let table = KeyTable::new(keys.iter().copied(), |place| keys[place]).unwrap();
            for probe in keys.iter().copied().chain([probe]) {
                let oracle = keys.iter().position(|key| *key == probe);
                prop_assert_eq!(table.find(probe, |place| keys[place]), oracle);
            }
        }
    }

    #[test]
    fn equal_keys_are_refused() {
        let keys = [7, 9, 7];
        assert_eq!(KeyTable::new(keys.into_iter(), |place| keys[place]), None);
        assert_eq!(KeyTable::default().find(7, |_| 7), None);
    }

    #[test]
    fn keys_made_up_to_share_a_slot_are_refused() {
        let table = |step: u64| {
            KeyTable::new((0..100_000usize).map(|i| step.wrapping_mul(i as u64)), |i| step.wrapping_mul(i as u64))
        };
        let inverse = 0xf1de_83e1_9937_733d_u64;
        assert_eq!(table(inverse), None);
        assert!(table(1).is_some());
    }

    /// Keys whose last bits are alike would stand in a row in a map that takes them as they are.
    #[test]
    fn maps_spread_keys_that_were_made_up() {
        let hashing = KeyHashing::default();
        let last_bits: HashSet<u64> = (0..4096u64).map(|i| hashing.hash_one(i << 32) & 0xffff).collect();
        assert!(last_bits.len() > 3500, "{}", last_bits.len());
    }

    #[test]
    fn keys_are_stable_and_apart() {
        assert_eq!(key(""), 0x9e37_79b9_7f4a_7c15);
        assert_eq!(key("talks"), key("talks"));
        let words: Vec<String> = (0..100_000).map(|i| format!("w{i}")).collect();
        let keys: HashSet<u64> = words.iter().map(|w| key(w)).collect();
        assert_eq!(keys.len(), words.len());
        assert_ne!(mix(1, 2), mix(2, 1));
    }
}
