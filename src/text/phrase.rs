//! Phrases: sequences of word keys, longest match first.

use crate::key::KeyMap;

/// A trie over word keys. Finding takes time in the length of the longest phrase, not in their number.
#[derive(Clone, Debug)]
pub(crate) struct Phrases<V> {
    /// (node, word) → node; the root is 0.
    edges: KeyMap<Edge, u32>,
    values: Vec<Option<V>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Edge {
    node: u32,
    word: u64,
}

impl std::hash::Hash for Edge {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        state.write_u64(self.word ^ u64::from(self.node).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    }
}

impl<V> Default for Phrases<V> {
    fn default() -> Self {
        Self { edges: KeyMap::default(), values: vec![None] }
    }
}

impl<V> Phrases<V> {
    /// The value slot of a phrase, made where it is missing; `None` for an empty phrase.
    pub(crate) fn entry(&mut self, words: impl IntoIterator<Item = u64>) -> Option<&mut Option<V>> {
        let mut node = 0;
        for word in words {
            let fresh = self.values.len() as u32;
            node = *self.edges.entry(Edge { node, word }).or_insert(fresh);
            if node == fresh {
                self.values.push(None);
            }
        }
        (node != 0).then(|| &mut self.values[node as usize])
    }

    /// The longest phrase at the start of `words`: its length in words and its value.
    pub(crate) fn longest(&self, words: impl IntoIterator<Item = u64>) -> Option<(usize, &V)> {
        let mut node = 0;
        let mut best = None;
        for (length, word) in words.into_iter().enumerate() {
            match self.edges.get(&Edge { node, word }) {
                Some(&next) => node = next,
                None => break,
            }
            if let Some(value) = &self.values[node as usize] {
                best = Some((length + 1, value));
            }
        }
        best
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
            let mut trie = Phrases::default();
            for (i, phrase) in phrases.iter().enumerate() {
                *trie.entry(phrase.iter().copied()).unwrap() = Some(i);
            }
            let oracle = phrases.iter().enumerate().filter(|(_, p)| text.starts_with(p))
                .max_by_key(|(i, p)| (p.len(), *i)).map(|(i, p)| (p.len(), i));
            prop_assert_eq!(trie.longest(text.iter().copied()).map(|(n, v)| (n, *v)), oracle);
        }
    }
}
