//! Terms → sparse rows: counting, TF-IDF, and the norm of each block.

use std::ops::Range;

use crate::error::{Error, ErrorKind, Result};
use crate::key::{mix, KeyMap};
use crate::learn::{Gram, Tfidf, Vocabulary, VocabularyLimits};
use crate::stance::settings::FeatureSettings;
use crate::stance::term::{gram_key, Block, Family, FamilySet, Part, Sink};

/// Terms in more documents than this are worth a column wherever they stand.
const RARE: u32 = 60;

/// What turns terms into rows: the settings, the vocabulary, and the idf of each column.
#[derive(Debug)]
pub(crate) struct Vectorizer {
    pub settings: FeatureSettings,
    pub vocabulary: Vocabulary,
    pub tfidf: Tfidf,
}

/// Counts the terms of one pair after another. Counts are zero between pairs.
#[derive(Clone, Debug, Default)]
pub(crate) struct Counter {
    /// Weighted counts by column.
    counts: Vec<f32>,
    /// The columns whose count is not zero, with the block of each.
    touched: Vec<(u32, Block)>,
}

/// A counter at work on one pair.
pub(crate) struct Counting<'c> {
    counter: &'c mut Counter,
    vocabulary: &'c Vocabulary,
}

impl Counter {
    pub(crate) fn start<'c>(&'c mut self, vocabulary: &'c Vocabulary) -> Counting<'c> {
        self.counts.resize(vocabulary.len(), 0.0);
        Counting { counter: self, vocabulary }
    }

    #[inline]
    fn add(&mut self, column: u32, family: Family, weight: f32) {
        let count = &mut self.counts[column as usize];
        if *count == 0.0 && weight > 0.0 {
            self.touched.push((column, family.block()));
        }
        *count += weight;
    }

    /// Each column that was counted with its block and its count; the counter is ready for the next pair.
    pub(crate) fn take(&mut self) -> impl Iterator<Item = (u32, Block, f32)> + '_ {
        let counts = &mut self.counts;
        self.touched.drain(..).map(|(column, block)| (column, block, std::mem::take(&mut counts[column as usize])))
    }

    /// The row: TF-IDF, each block of length 1 times its weight. The counter is ready for the next pair.
    pub(crate) fn take_row(&mut self, vectorizer: &Vectorizer) -> Vec<(u32, f32)> {
        let Vectorizer { settings, tfidf, .. } = vectorizer;
        let mut squares = [0.0f32; Block::ALL.len()];
        let values: Vec<(u32, Block, f32)> = self
            .take()
            .map(|(column, block, count)| {
                let value = tfidf.weighting().apply(count) * tfidf.idf()[column as usize];
                squares[block as usize] += value * value;
                (column, block, value)
            })
            .collect();
        let scales = squares.map(|square| if square > 0.0 { square.sqrt().recip() } else { 0.0 });
        let scale = |block: Block| settings.weight(block) * scales[block as usize];
        values.into_iter().map(|(column, block, value)| (column, value * scale(block))).collect()
    }
}

impl Counting<'_> {
    /// As [`Counter::take_row`].
    pub(crate) fn take_row(&mut self, vectorizer: &Vectorizer) -> Vec<(u32, f32)> {
        self.counter.take_row(vectorizer)
    }
}

impl Sink for Counting<'_> {
    type Gram = Option<Gram>;

    #[inline]
    fn gram(&mut self, parts: &[Part]) -> Option<Gram> {
        self.vocabulary.gram(gram_key(parts))
    }

    #[inline]
    fn term(&mut self, family: Family, gram: Option<Gram>, weight: f32, _: Range<usize>) {
        if let Some(column) = gram.and_then(|gram| gram.column(family.number())) {
            self.counter.add(column, family, weight);
        }
    }

    #[inline]
    fn terms(&mut self, families: FamilySet, gram: Option<Gram>, _: Range<usize>) {
        let Some(gram) = gram else { return };
        for (family, column) in gram.columns(families.bits()) {
            self.counter.add(column, Family::numbered(family), 1.0);
        }
    }
}

/// Document frequencies of all terms of a part of the corpus.
#[derive(Debug, Default)]
pub(crate) struct Frequencies {
    /// Tells the documents of this part from those of others.
    part: u64,
    documents: u32,
    terms: KeyMap<u64, Seen>,
}

#[derive(Debug)]
struct Seen {
    gram: u64,
    family: Family,
    documents: u32,
    last: u32,
    /// A sum of numbers, one for each document: equal for terms of the same documents.
    digest: u64,
}

impl Frequencies {
    /// For a part of the corpus that has this number.
    pub(crate) fn of_part(part: u64) -> Self {
        Self { part, ..Self::default() }
    }

    /// Begins the next document.
    pub(crate) fn next_document(&mut self) {
        self.documents += 1;
    }

    /// The sum of two parts.
    pub(crate) fn merge(mut self, other: Frequencies) -> Frequencies {
        self.documents += other.documents;
        for (key, seen) in other.terms {
            self.terms.entry(key).and_modify(|own| own.add(&seen)).or_insert(seen);
        }
        self
    }

    /// Chooses the columns and learns their idf. Frequent grams come first: neighbours in memory are used together.
    pub(crate) fn into_vectorizer(self, limits: &VocabularyLimits, settings: FeatureSettings) -> Result<Vectorizer> {
        let documents = self.documents as usize;
        let mut terms: Vec<Seen> = self.terms.into_values().collect();
        // The map's order must not show: it differs between platforms.
        terms.sort_unstable_by_key(|seen| (seen.gram, seen.family));
        terms = tellingly_placed(terms);
        let mut chosen = limits.choose(documents, terms.iter().map(|seen| seen.documents as usize));
        if chosen.is_empty() {
            let error = Error::new(ErrorKind::Fit, format!("no term is in {} documents", limits.min_documents));
            return Err(error.help("train on more text, or lower min_documents"));
        }
        chosen.sort_unstable();
        let terms: Vec<&Seen> = chosen.into_iter().map(|at| &terms[at]).collect();
        let mut grams: Vec<&[&Seen]> = terms.chunk_by(|a, b| a.gram == b.gram).collect();
        grams.sort_by_key(|gram| std::cmp::Reverse(gram.iter().map(|seen| seen.documents).max()));
        let families = |gram: &[&Seen]| gram.iter().fold(0, |set, seen| set | 1 << seen.family.number());
        let vocabulary = Vocabulary::new(grams.iter().map(|gram| (gram[0].gram, families(gram))))?;
        let frequencies = grams.iter().flat_map(|gram| gram.iter().map(|seen| seen.documents as usize));
        let tfidf = Tfidf::fit(documents, frequencies, settings.weighting);
        Ok(Vectorizer { settings, vocabulary, tfidf })
    }
}

impl Seen {
    /// Adds what another part of the corpus has seen of the same term.
    fn add(&mut self, other: &Seen) {
        self.documents += other.documents;
        self.digest = self.digest.wrapping_add(other.digest);
    }
}

/// Leaves out the terms that say the same as another of their gram: rare words that stand, in the same documents, in two
/// families of words (near the target and in its clause, say).
fn tellingly_placed(terms: Vec<Seen>) -> Vec<Seen> {
    let mut kept: Vec<Seen> = Vec::with_capacity(terms.len());
    for seen in terms {
        let mut own = kept.iter().rev().take_while(|other| other.gram == seen.gram);
        let says_the_same = |other: &Seen| other.family.is_of_words() && other.digest == seen.digest;
        if seen.documents > RARE || !seen.family.is_of_words() || !own.any(says_the_same) {
            kept.push(seen);
        }
    }
    kept
}

impl Sink for Frequencies {
    type Gram = u64;

    fn gram(&mut self, parts: &[Part]) -> u64 {
        gram_key(parts)
    }

    fn term(&mut self, family: Family, gram: u64, weight: f32, _: Range<usize>) {
        if weight <= 0.0 {
            return;
        }
        let key = mix(gram, u64::from(family.number()));
        let seen = self.terms.entry(key).or_insert(Seen { gram, family, documents: 0, last: u32::MAX, digest: 0 });
        if seen.last != self.documents {
            seen.last = self.documents;
            seen.documents += 1;
            seen.digest = seen.digest.wrapping_add(mix(self.part, u64::from(self.documents)));
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_left_out_is_said_by_what_stays(
            terms in prop::collection::btree_map((0u64..4, 0u32..25), (1..2 * RARE, 0u64..2), 0..40),
        ) {
            let key = |seen: &Seen| (seen.gram, seen.family.number());
            let seen = |(&(gram, family), &(documents, which)): (&(u64, u32), &(u32, u64))| {
                let digest = mix(which, u64::from(documents));
                Seen { gram, family: Family::numbered(family), documents, last: 0, digest }
            };
            let kept: Vec<Seen> = tellingly_placed(terms.iter().map(seen).collect());
            prop_assert!(kept.is_sorted_by_key(key));
            for ((gram, family), (documents, which)) in terms {
                let stays = kept.iter().any(|seen| key(seen) == (gram, family));
                let digest = mix(which, u64::from(documents));
                let same =
                    |other: &Seen| other.gram == gram && other.family.is_of_words() && other.digest == digest;
                let repeats = documents <= RARE && Family::numbered(family).is_of_words();
                prop_assert!(stays || repeats && kept.iter().any(same));
                prop_assert!(!stays || !repeats || kept.iter().filter(|other| same(other)).count() == 1);
            }
        }
    }
}
