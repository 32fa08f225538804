//! Terms → sparse rows: counting, TF-IDF, and the norm of each block.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::error::{Error, ErrorKind, Result};
use crate::key::KeyMap;
use crate::learn::{Tfidf, Vocabulary, VocabularyLimits};
use crate::stance::settings::FeatureSettings;
use crate::stance::term::{term_key, term_name, Block, Part, Sink};

/// The vocabulary with the idf and the block of each column.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Vectorizer {
    settings: FeatureSettings,
    vocabulary: Vocabulary,
    tfidf: Tfidf,
    blocks: Vec<Block>,
}

impl Vectorizer {
    pub(crate) fn settings(&self) -> &FeatureSettings {
        &self.settings
    }

    pub(crate) fn vocabulary(&self) -> &Vocabulary {
        &self.vocabulary
    }

    /// Whether the parts agree; what is read from a file must be valid.
    pub(crate) fn is_valid(&self) -> bool {
        let columns = self.vocabulary.len();
        self.blocks.len() == columns
            && self.tfidf.idf().len() == columns
            && self.tfidf.idf().iter().all(|idf| idf.is_finite() && *idf >= 0.0)
            && self.settings.is_valid()
    }
}

/// Counts the terms of one pair after another, and turns each into a sparse row.
#[derive(Clone, Debug, Default)]
pub(crate) struct Counter {
    /// Weighted counts by column; zero between rows.
    counts: Vec<f32>,
    touched: Vec<u32>,
    row: Vec<(u32, f32)>,
}

/// A counter at work on one row.
pub(crate) struct Counting<'c> {
    counter: &'c mut Counter,
    vectorizer: &'c Vectorizer,
}

impl Counter {
    pub(crate) fn start<'c>(&'c mut self, vectorizer: &'c Vectorizer) -> Counting<'c> {
        self.counts.resize(vectorizer.vocabulary.len(), 0.0);
        Counting { counter: self, vectorizer }
    }
}

impl Sink for Counting<'_> {
    fn term(&mut self, block: Block, parts: &[Part], weight: f32, _: Range<usize>) {
        if weight <= 0.0 {
            return;
        }
        if let Some(column) = self.vectorizer.vocabulary.column(term_key(block, parts)) {
            let count = &mut self.counter.counts[column as usize];
            if *count == 0.0 {
                self.counter.touched.push(column);
            }
            *count += weight;
        }
    }
}

impl<'c> Counting<'c> {
    /// The row: TF-IDF, each block of length 1 times its weight. The counter is ready for the next row.
    pub(crate) fn finish(self) -> &'c [(u32, f32)] {
        let Self { counter, vectorizer } = self;
        counter.row.clear();
        let mut squares = [0.0f32; Block::ALL.len()];
        for &column in &counter.touched {
            let at = column as usize;
            let value = vectorizer.tfidf.weighting().apply(counter.counts[at]) * vectorizer.tfidf.idf()[at];
            counter.counts[at] = 0.0;
            squares[vectorizer.blocks[at] as usize] += value * value;
            counter.row.push((column, value));
        }
        counter.touched.clear();
        let scales: [f32; Block::ALL.len()] = std::array::from_fn(|block| {
            let length = squares[block].sqrt();
            if length > 0.0 {
                vectorizer.settings.block_weights[block] / length
            } else {
                0.0
            }
        });
        for (column, value) in &mut counter.row {
            *value *= scales[vectorizer.blocks[*column as usize] as usize];
        }
        &counter.row
    }
}

/// Document frequencies of all terms of a part of the corpus.
#[derive(Debug, Default)]
pub(crate) struct Frequencies {
    documents: usize,
    terms: KeyMap<u64, Seen>,
}

#[derive(Debug)]
struct Seen {
    name: Box<str>,
    block: Block,
    documents: usize,
    last: usize,
}

impl Frequencies {
    /// Begins the next document.
    pub(crate) fn next_document(&mut self) {
        self.documents += 1;
    }

    /// The sum of two parts.
    pub(crate) fn merge(mut self, other: Frequencies) -> Frequencies {
        self.documents += other.documents;
        for (key, seen) in other.terms {
            self.terms.entry(key).and_modify(|own| own.documents += seen.documents).or_insert(seen);
        }
        self
    }

    /// Chooses the columns and learns their idf.
    pub(crate) fn into_vectorizer(self, limits: &VocabularyLimits, settings: FeatureSettings) -> Result<Vectorizer> {
        let mut terms: Vec<(u64, Seen)> = self.terms.into_iter().collect();
        // The map's order must not show: it differs between platforms.
        terms.sort_unstable_by_key(|(key, _)| *key);
        let chosen = limits.choose(self.documents, terms.iter().map(|(_, seen)| (seen.documents, &*seen.name)));
        if chosen.is_empty() {
            let error = Error::new(ErrorKind::Fit, format!("no term is in {} documents", limits.min_documents));
            return Err(error.help("train on more text, or lower min_documents"));
        }
        let kept = || chosen.iter().map(|&at| &terms[at]);
        let vocabulary = Vocabulary::new(kept().map(|(key, seen)| (*key, &*seen.name)))?;
        let tfidf = Tfidf::fit(self.documents, kept().map(|(_, seen)| seen.documents), settings.weighting);
        let blocks = kept().map(|(_, seen)| seen.block).collect();
        Ok(Vectorizer { settings, vocabulary, tfidf, blocks })
    }
}

impl Sink for Frequencies {
    fn term(&mut self, block: Block, parts: &[Part], _: f32, _: Range<usize>) {
        let seen = self.terms.entry(term_key(block, parts)).or_insert_with(|| Seen {
            name: term_name(block, parts).into(),
            block,
            documents: 0,
            last: usize::MAX,
        });
        if seen.last != self.documents {
            seen.last = self.documents;
            seen.documents += 1;
        }
    }
}
