//! TF-IDF: idf learnt in fit, used in transform.

use serde::{Deserialize, Serialize};

use crate::learn::numeric::count;

/// How counts of terms become numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TermWeighting {
    /// `tf · idf`.
    Linear,
    /// `(1 + ln tf) · idf` for tf of 1 or more, `tf · idf` below: rare and far-off mentions of a term keep their
    /// fractional weight.
    Sublinear,
    /// `idf` of each term that occurs at all.
    Binary,
}

impl TermWeighting {
    pub(crate) fn apply(self, tf: f32) -> f32 {
        match self {
            TermWeighting::Linear => tf,
            TermWeighting::Sublinear if tf > 1.0 => 1.0 + tf.ln(),
            TermWeighting::Sublinear => tf,
            TermWeighting::Binary => 1.0,
        }
    }
}

/// Nothing is counted so often; the squares of a row's weights stay finite.
const LARGEST_COUNT: f32 = 1e12;

/// Inverse document frequencies, learnt once and never recomputed from what is transformed.
///
/// Smooth idf, as in scikit-learn: `idf(t) = ln((1 + n) / (1 + df(t))) + 1` for n documents, df(t) of which hold t.
/// Rows are normalised to length 1 (L2).
///
/// ```
/// use demarche::learn::{TermWeighting, Tfidf};
///
/// // Three documents; the first term is in all of them, the second in one.
/// let tfidf = Tfidf::fit(3, [3, 1], TermWeighting::Sublinear);
/// let mut row = vec![(0, 1.0), (1, 2.0)];
/// tfidf.transform(&mut row);
/// let length: f32 = row.iter().map(|(_, v)| v * v).sum();
/// assert!((length - 1.0).abs() < 1e-6);
/// assert!(row[1].1 > row[0].1);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Tfidf {
    weighting: TermWeighting,
    idf: Vec<f32>,
}

impl Tfidf {
    /// Learns the idf of each column from the number of documents that hold it.
    pub fn fit(documents: usize, frequencies: impl IntoIterator<Item = usize>, weighting: TermWeighting) -> Self {
        let n = 1.0 + count(documents);
        // Never below 0, also for a column that more documents are said to hold than there are.
        let idf = |df: usize| ((n / (1.0 + count(df))).ln() + 1.0).max(0.0) as f32;
        Self { weighting, idf: frequencies.into_iter().map(idf).collect() }
    }

    /// The idf of each column.
    pub fn idf(&self) -> &[f32] {
        &self.idf
    }

    /// How counts become numbers.
    pub fn weighting(&self) -> TermWeighting {
        self.weighting
    }

    /// Turns the counts of one row into weights of length 1; columns beyond the fitted ones count as zero. So does a count
    /// that is not a number, and one beyond ±10¹² counts as that: weights are finite.
    pub fn transform(&self, row: &mut [(u32, f32)]) {
        let mut squares = 0.0f32;
        for (column, value) in row.iter_mut() {
            let idf = self.idf.get(*column as usize).copied().unwrap_or(0.0);
            let count = if value.is_nan() { 0.0 } else { value.clamp(-LARGEST_COUNT, LARGEST_COUNT) };
            *value = self.weighting.apply(count) * idf;
            squares += *value * *value;
        }
        if squares > 0.0 {
            let scale = squares.sqrt().recip();
            row.iter_mut().for_each(|entry| entry.1 *= scale);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_are_finite() {
        for weighting in [TermWeighting::Linear, TermWeighting::Sublinear, TermWeighting::Binary] {
            let tfidf = Tfidf::fit(usize::MAX, [0, 3], weighting);
            for count in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, f32::MAX, f32::MIN, 1e30] {
                let mut row = vec![(0, count), (1, 1.0), (7, f32::NAN)];
                tfidf.transform(&mut row);
                assert!(row.iter().all(|(_, weight)| weight.abs() <= 1.000_001), "{count} {weighting:?}: {row:?}");
            }
        }
    }
}
