//! 64-bit keys of words and terms: the same on every platform, formed without building strings.

/// The key of a piece of text.
pub(crate) fn key(text: &str) -> u64 {
    let mut state = 0x9e37_79b9_7f4a_7c15 ^ text.len() as u64;
    for chunk in text.as_bytes().chunks(8) {
        let mut bytes = [0; 8];
        bytes[..chunk.len()].copy_from_slice(chunk);
        state = mix(state, u64::from_le_bytes(bytes));
    }
    state
}

/// One key from two; the order counts.
#[inline]
pub(crate) fn mix(a: u64, b: u64) -> u64 {
    // The folded 128-bit product of wyhash (Wang Yi, 2019).
    let product = u128::from(a ^ 0xa076_1d64_78bd_642f) * u128::from(b.rotate_left(23) ^ 0xe703_7ed1_a0b4_28db);
    (product as u64) ^ ((product >> 64) as u64)
}

/// Keys are hashes already: maps over them need no second one.
#[derive(Clone, Copy, Default)]
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

/// A hash map over keys.
pub(crate) type KeyMap<K, V> = std::collections::HashMap<K, V, std::hash::BuildHasherDefault<KeyHasher>>;

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

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
