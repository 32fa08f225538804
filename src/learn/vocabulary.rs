//! Terms and columns.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::error::{Error, ErrorKind, Result};
use crate::key::KeyTable;
use crate::learn::numeric::count;

/// Which terms become columns. Beyond these limits a rare term is left out where another of the same words stands in the
/// same documents.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct VocabularyLimits {
    /// Terms in fewer documents are left out.
    pub min_documents: usize,
    /// Terms in a larger share of the documents (0 to 1) are left out.
    pub max_share: f64,
    /// At most this many columns: the most frequent terms stay.
    pub max_columns: usize,
}

impl Default for VocabularyLimits {
    fn default() -> Self {
        Self { min_documents: 2, max_share: 1.0, max_columns: 100_000 }
    }
}

impl VocabularyLimits {
    /// The positions of the terms that stay, given each term's document frequency: most frequent first, equals as they
    /// come.
    pub(crate) fn choose(&self, documents: usize, frequencies: impl Iterator<Item = usize>) -> Vec<usize> {
        let most = self.max_share * count(documents);
        let mut kept: Vec<(usize, usize)> = frequencies
            .enumerate()
            .filter(|(_, df)| *df >= self.min_documents.max(1) && count(*df) <= most)
            .map(|(position, df)| (df, position))
            .collect();
        kept.sort_by_key(|(df, _)| std::cmp::Reverse(*df));
        kept.truncate(self.max_columns);
        kept.into_iter().map(|(_, position)| position).collect()
    }
}

/// Terms ↔ columns. A term is a gram (some words, known by a 64-bit key that is formed without building a string) in a
/// family (a number from 0 to 31: where the words stand). The columns of one gram stand side by side, so a gram is looked
/// up once for all its families.
///
/// ```
/// use demarche::learn::Vocabulary;
///
/// // The gram 7 in the families 0 and 2, the gram 9 in family 2.
/// let vocabulary = Vocabulary::new([(7, 0b101), (9, 0b100)])?;
/// assert_eq!(vocabulary.len(), 3);
/// let gram = vocabulary.gram(7).ok_or("missing")?;
/// assert_eq!([gram.column(0), gram.column(1), gram.column(2)], [Some(0), None, Some(1)]);
/// assert!(vocabulary.gram(8).is_none());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Vocabulary {
    /// The grams, one [`Entry`] after another: as they lie in a model file.
    bytes: Cow<'static, [u8]>,
    columns: u32,
    table: KeyTable,
}

/// A gram: its key in eight bytes, its families in four, its first column in four.
type Entry = [u8; 16];

fn entry(key: u64, gram: Gram) -> Entry {
    (u128::from(key) | u128::from(gram.families) << 64 | u128::from(gram.start) << 96).to_le_bytes()
}

#[inline]
fn key_in(entry: &Entry) -> u64 {
    u128::from_le_bytes(*entry) as u64
}

#[inline]
fn gram_in(entry: &Entry) -> Gram {
    let bits = u128::from_le_bytes(*entry);
    Gram { families: (bits >> 64) as u32, start: (bits >> 96) as u32 }
}

/// A gram that the vocabulary knows: its columns, one for each of its families.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gram {
    families: u32,
    start: u32,
}

impl Gram {
    /// The column of this gram in a family (0 to 31).
    #[inline]
    pub fn column(self, family: u32) -> Option<u32> {
        let bit = 1u32.checked_shl(family)?;
        (self.families & bit != 0).then(|| self.start + (self.families & (bit - 1)).count_ones())
    }

    /// The columns of this gram in a set of families, one bit for each; each with the number of its family.
    #[inline]
    pub(crate) fn columns(self, families: u32) -> impl Iterator<Item = (u32, u32)> {
        let mut left = self.families & families;
        std::iter::from_fn(move || {
            let family = (left != 0).then(|| left.trailing_zeros())?;
            left &= left - 1;
            Some((family, self.start + (self.families & ((1 << family) - 1)).count_ones()))
        })
    }
}

impl Vocabulary {
    /// A vocabulary of grams: the key of each and its families as a set of bits. Columns are numbered in this order.
    ///
    /// # Errors
    /// [`ErrorKind::Fit`] when two grams share a key, or there are 2³¹ terms or more.
    pub fn new(grams: impl IntoIterator<Item = (u64, u32)>) -> Result<Self> {
        let mut columns = 0u32;
        let mut bytes = Vec::new();
        for (key, families) in grams {
            bytes.extend(entry(key, Gram { families, start: columns }));
            columns = columns.saturating_add(families.count_ones());
        }
        Self::from_bytes(bytes.into())
            .ok_or_else(|| Error::new(ErrorKind::Fit, "two terms have one key, or there are too many"))
    }

    /// As it lies in a file; `None` where two grams share a key, columns do not follow each other, or there are too many.
    pub(crate) fn from_bytes(bytes: Cow<'static, [u8]>) -> Option<Self> {
        let (entries, rest) = bytes.as_chunks();
        let mut columns = 0u32;
        for gram in entries.iter().map(gram_in) {
            if gram.start != columns {
                return None;
            }
            columns = columns.checked_add(gram.families.count_ones()).filter(|columns| *columns < 1 << 31)?;
        }
        let table = KeyTable::new(entries.iter().map(key_in), |place| key_in(&entries[place]))?;
        rest.is_empty().then_some(Self { columns, table, bytes })
    }

    /// As it lies in a file.
    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The number of columns.
    pub fn len(&self) -> usize {
        self.columns as usize
    }

    /// Whether there is no column.
    pub fn is_empty(&self) -> bool {
        self.columns == 0
    }

    /// The gram with this key.
    #[inline]
    pub fn gram(&self, key: u64) -> Option<Gram> {
        let (entries, _) = self.bytes.as_chunks();
        self.table.find(key, |place| key_in(&entries[place])).map(|place| gram_in(&entries[place]))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn columns_are_numbered_in_order(
            grams in prop::collection::btree_map(any::<u64>(), any::<u32>(), 0..100),
            probe in any::<u64>(),
        ) {
            let vocabulary = Vocabulary::new(grams.clone()).unwrap();
            prop_assert_eq!(Vocabulary::from_bytes(vocabulary.bytes.clone()), Some(vocabulary.clone()));
            let terms = grams.iter().flat_map(|(key, families)| (0..32).map(move |f| (*key, families, f)));
            let known = terms.filter(|(_, families, f)| *families >> f & 1 == 1).map(|(key, _, f)| (key, f));
            let oracle: BTreeMap<(u64, u32), u32> = known.zip(0..).collect();
            prop_assert_eq!(vocabulary.len(), oracle.len());
            for key in grams.keys().copied().chain([probe]) {
                let all: Vec<(u32, u32)> = vocabulary.gram(key).into_iter().flat_map(|gram| gram.columns(probe as u32)).collect();
                let wanted = (0..32).filter(|family| probe >> family & 1 == 1);
                let oracle_all: Vec<(u32, u32)> = wanted.filter_map(|f| Some((f, *oracle.get(&(key, f))?))).collect();
                prop_assert_eq!(all, oracle_all);
                for family in 0..40 {
                    let column = vocabulary.gram(key).and_then(|gram| gram.column(family));
                    prop_assert_eq!(column, oracle.get(&(key, family)).copied());
                }
            }
        }
    }

    #[test]
    fn one_key_for_two_grams_is_refused() {
        assert!(Vocabulary::new([(1, 1), (1, 2)]).is_err());
    }

    #[test]
    fn limits() {
        let frequencies = [3, 1, 2, 2];
        let choose = |limits: VocabularyLimits| limits.choose(3, frequencies.into_iter());
        assert_eq!(choose(VocabularyLimits::default()), [0, 2, 3]);
        assert_eq!(choose(VocabularyLimits { max_share: 0.7, ..Default::default() }), [2, 3]);
        assert_eq!(choose(VocabularyLimits { max_columns: 1, min_documents: 1, ..Default::default() }), [0]);
    }
}
