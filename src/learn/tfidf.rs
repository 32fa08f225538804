//! TF-IDF: idf learnt in fit, used in transform.

use serde::{Deserialize, Serialize};

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
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(from = "Frequencies", into = "Frequencies")]
pub struct Tfidf {
    learnt: Frequencies,
    idf: Vec<f32>,
}

/// What is stored: the number of documents, and for each column of those that hold it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Frequencies {
    documents: u32,
    #[serde(with = "crate::blob::counts")]
    frequencies: Vec<u32>,
    weighting: TermWeighting,
}

impl Tfidf {
    /// Learns the idf of each column from the number of documents that hold it.
    pub fn fit(documents: usize, frequencies: impl IntoIterator<Item = usize>, weighting: TermWeighting) -> Self {
        let whole = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        let frequencies = frequencies.into_iter().map(whole).collect();
        Frequencies { documents: whole(documents), frequencies, weighting }.into()
    }

    /// The idf of each column.
    pub fn idf(&self) -> &[f32] {
        &self.idf
    }

    /// How counts become numbers.
    pub fn weighting(&self) -> TermWeighting {
        self.learnt.weighting
    }

    /// Turns the counts of one row into weights of length 1; columns beyond the fitted ones count as zero.
    pub fn transform(&self, row: &mut [(u32, f32)]) {
        let mut squares = 0.0f32;
        for (column, value) in row.iter_mut() {
            let idf = self.idf.get(*column as usize).copied().unwrap_or(0.0);
            *value = self.learnt.weighting.apply(*value) * idf;
            squares += *value * *value;
        }
        if squares > 0.0 {
            let scale = squares.sqrt().recip();
            row.iter_mut().for_each(|entry| entry.1 *= scale);
        }
    }
}

impl From<Frequencies> for Tfidf {
    fn from(learnt: Frequencies) -> Self {
        let n = 1.0 + f64::from(learnt.documents);
        // Most terms are rare: the idf of each small frequency is worked out once.
        let common: Vec<f32> = (0u16..256).map(|df| idf(n, u32::from(df))).collect();
        let of = |df: &u32| common.get(*df as usize).copied().unwrap_or_else(|| idf(n, *df));
        Self { idf: learnt.frequencies.iter().map(of).collect(), learnt }
    }
}

impl From<Tfidf> for Frequencies {
    fn from(tfidf: Tfidf) -> Self {
        tfidf.learnt
    }
}

fn idf(n: f64, df: u32) -> f32 {
    ((n / (1.0 + f64::from(df))).ln() + 1.0).max(0.0) as f32
}
