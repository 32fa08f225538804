//! Terms and columns.

use serde::{Deserialize, Serialize};

use crate::error::{Error, ErrorKind, Result};
use crate::learn::numeric::count;

/// Which terms become columns.
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
    /// The positions of the terms that stay, given each term's document frequency and name: most frequent first,
    /// equals by name, then as they come. Frequent columns side by side make the solver's memory access local.
    pub(crate) fn choose<'n>(&self, documents: usize, terms: impl Iterator<Item = (usize, &'n str)>) -> Vec<usize> {
        let most = self.max_share * count(documents);
        let mut kept: Vec<(usize, &str, usize)> = terms
            .enumerate()
            .filter(|(_, (df, _))| *df >= self.min_documents.max(1) && count(*df) <= most)
            .map(|(position, (df, name))| (df, name, position))
            .collect();
        kept.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(b.1)));
        kept.truncate(self.max_columns);
        kept.into_iter().map(|(_, _, position)| position).collect()
    }
}

/// Terms ↔ columns: a term is known by a 64-bit key, formed without building a string, and keeps its name for people.
///
/// ```
/// use demarche::learn::Vocabulary;
///
/// let vocabulary = Vocabulary::new([(7, "talks"), (9, "truce")])?;
/// assert_eq!(vocabulary.column(9), Some(1));
/// assert_eq!(vocabulary.term(1), "truce");
/// assert_eq!(vocabulary.column(8), None);
/// # Ok::<(), demarche::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Columns", into = "Columns")]
pub struct Vocabulary {
    columns: Columns,
    /// Open addressing: column + 1 in the slot of its key or the next free one; 0 is free.
    slots: Vec<u32>,
}

/// What is stored: keys, and the names as one blob with the byte after each.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Columns {
    keys: Vec<u64>,
    names: String,
    ends: Vec<u32>,
}

impl Vocabulary {
    /// A vocabulary of these keys and names, column by column.
    ///
    /// # Errors
    /// [`ErrorKind::Model`] when two terms share a key or very many crowd one place, [`ErrorKind::Fit`] when the names
    /// exceed 4 GiB.
    pub fn new<'n>(terms: impl IntoIterator<Item = (u64, &'n str)>) -> Result<Self> {
        let mut columns = Columns::default();
        for (key, name) in terms {
            columns.keys.push(key);
            columns.names.push_str(name);
            columns.ends.push(u32::try_from(columns.names.len()).map_err(|_| too_large())?);
        }
        Self::try_from(columns)
    }

    /// The number of columns.
    pub fn len(&self) -> usize {
        self.columns.keys.len()
    }

    /// Whether there is no column.
    pub fn is_empty(&self) -> bool {
        self.columns.keys.is_empty()
    }

    /// The column of a term's key.
    #[inline]
    pub fn column(&self, key: u64) -> Option<u32> {
        let mask = self.slots.len() - 1;
        let mut at = slot(key) & mask;
        loop {
            match self.slots[at] {
                0 => return None,
                found if self.columns.keys[found as usize - 1] == key => return Some(found - 1),
                _ => at = (at + 1) & mask,
            }
        }
    }

    /// The name of a column; empty for one that does not exist.
    pub fn term(&self, column: u32) -> &str {
        let column = column as usize;
        let Some(&end) = self.columns.ends.get(column) else { return "" };
        let start = column.checked_sub(1).map_or(0, |before| self.columns.ends[before]);
        self.columns.names.get(start as usize..end as usize).unwrap_or("")
    }
}

/// Keys that are hashes never stand this far from their slot; only made-up ones do, to make reading slow.
const FURTHEST: usize = 1024;

fn slot(key: u64) -> usize {
    // Fibonacci hashing: keys that are no hashes but count up are spread too.
    (key.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32) as usize
}

fn too_large() -> Error {
    Error::new(ErrorKind::Fit, "the names of all terms exceed 4 GiB").help("lower max_columns")
}

impl TryFrom<Columns> for Vocabulary {
    type Error = Error;

    fn try_from(columns: Columns) -> Result<Self> {
        let damaged = |what: &str| Error::new(ErrorKind::Model, format!("the vocabulary has {what}"));
        let count = columns.keys.len();
        let fits = columns.ends.is_sorted()
            && columns.ends.len() == count
            && columns.ends.last().map_or(0, |&end| end as usize) == columns.names.len()
            && columns.ends.iter().all(|&end| columns.names.is_char_boundary(end as usize));
        if !fits || u32::try_from(count).is_err() {
            return Err(damaged("names that do not match its keys"));
        }
        let mut slots = vec![0u32; (count * 2 + 1).next_power_of_two()];
        let mask = slots.len() - 1;
        for (column, &key) in columns.keys.iter().enumerate() {
            let mut at = slot(key) & mask;
            let mut steps = 0;
            while slots[at] != 0 {
                steps += 1;
                if steps > FURTHEST {
                    return Err(damaged("keys that are no hashes"));
                }
                if columns.keys[slots[at] as usize - 1] == key {
                    return Err(damaged("two terms with one key"));
                }
                at = (at + 1) & mask;
            }
            slots[at] = column as u32 + 1;
        }
        Ok(Self { columns, slots })
    }
}

impl From<Vocabulary> for Columns {
    fn from(vocabulary: Vocabulary) -> Self {
        vocabulary.columns
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_map_with_names(keys in prop::collection::hash_set(any::<u64>(), 0..200), probe in any::<u64>()) {
            let names: Vec<String> = keys.iter().map(|k| format!("term {k:x}")).collect();
            let vocabulary = Vocabulary::new(keys.iter().copied().zip(names.iter().map(String::as_str))).unwrap();
            let oracle: HashMap<u64, u32> = keys.iter().copied().zip(0..).collect();
            for (&key, &column) in &oracle {
                prop_assert_eq!(vocabulary.column(key), Some(column));
                prop_assert_eq!(vocabulary.term(column), format!("term {key:x}"));
            }
            prop_assert_eq!(vocabulary.column(probe), oracle.get(&probe).copied());
            prop_assert_eq!(vocabulary.term(keys.len() as u32), "");
        }
    }

    #[test]
    fn one_key_for_two_terms_is_refused() {
        assert!(Vocabulary::new([(1, "a"), (1, "b")]).is_err());
    }

    #[test]
    fn keys_made_up_to_share_a_slot_are_refused() {
        let inverse = 0xf1de_83e1_9937_733d_u64;
        assert_eq!(slot(inverse), 0);
        assert!(Vocabulary::new((0..100_000).map(|i| (inverse.wrapping_mul(i), ""))).is_err());
        assert_eq!(Vocabulary::new((0..100_000).map(|i| (i, ""))).unwrap().len(), 100_000);
    }

    #[test]
    fn limits() {
        let terms = [(3, "common"), (1, "once"), (2, "b"), (2, "a")];
        let choose = |limits: VocabularyLimits| limits.choose(3, terms.into_iter());
        assert_eq!(choose(VocabularyLimits::default()), [0, 3, 2]);
        assert_eq!(choose(VocabularyLimits { max_share: 0.7, ..Default::default() }), [3, 2]);
        assert_eq!(choose(VocabularyLimits { max_columns: 1, min_documents: 1, ..Default::default() }), [0]);
    }
}
