//! What the probabilities are worth: reliability, and risk against coverage.

use crate::learn::metrics::Scores;
use crate::learn::numeric::{argmax, count, share};

impl Scores {
    /// The rows by their predicted probability of a class, in bins of equal width from 0 to 1: does what is said to be
    /// probable at 80 % come true in 80 % of cases? Bins without rows are left out; 0 bins count as one.
    ///
    /// ```
    /// use demarche::learn::Scores;
    ///
    /// let mut scores = Scores::new(2);
    /// for truth in [0, 0, 0, 1] {
    ///     scores.push(truth, vec![0.8, 0.2]);
    /// }
    /// let bins = scores.reliability(0, 10);
    /// assert_eq!((bins.len(), bins[0].rows(), bins[0].observed()), (1, 4, 0.75));
    /// assert!((bins[0].predicted() - 0.8).abs() < 1e-12);
    /// ```
    pub fn reliability(&self, class: usize, bins: usize) -> Vec<ReliabilityBin> {
        let mut sums = vec![(0usize, 0.0f64, 0usize); bins.max(1)];
        for (truth, p) in self.rows() {
            let Some(p) = p.get(class) else { continue };
            let bin = ((p * count(bins)) as usize).min(sums.len() - 1);
            sums[bin].0 += 1;
            sums[bin].1 += p;
            sums[bin].2 += usize::from(truth == class);
        }
        let filled = sums.into_iter().filter(|(rows, ..)| *rows > 0);
        filled
            .map(|(rows, total, hits)| ReliabilityBin {
                rows,
                predicted: total / count(rows),
                observed: share(hits, rows),
            })
            .collect()
    }

    /// What is gained by leaving uncertain rows undecided: pairs of the share of rows that are at least so certain
    /// (coverage) and the share of these that are predicted wrong (risk), from the most certain rows to all of them. Rows
    /// of equal certainty come in together.
    ///
    /// ```
    /// use demarche::learn::Scores;
    ///
    /// let mut scores = Scores::new(2);
    /// scores.push(0, vec![0.9, 0.1]);
    /// scores.push(1, vec![0.6, 0.4]);
    /// assert_eq!(scores.risk_coverage(), [(0.5, 0.0), (1.0, 0.5)]);
    /// ```
    pub fn risk_coverage(&self) -> Vec<(f64, f64)> {
        let certain = self.rows().map(|(truth, p)| (p[argmax(p)], argmax(p) != truth));
        let mut certain: Vec<(f64, bool)> = certain.collect();
        certain.sort_by(|one, other| other.0.total_cmp(&one.0));
        let (mut rows, mut wrong) = (0, 0);
        let groups = certain.chunk_by(|one, other| one.0 == other.0);
        groups
            .map(|group| {
                rows += group.len();
                wrong += group.iter().filter(|(_, is_wrong)| *is_wrong).count();
                (share(rows, self.len()), share(wrong, rows))
            })
            .collect()
    }
}

/// The rows whose predicted probability of a class lies in one bin.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ReliabilityBin {
    rows: usize,
    predicted: f64,
    observed: f64,
}

impl ReliabilityBin {
    /// The number of rows, at least 1.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// The mean predicted probability of the class.
    pub fn predicted(&self) -> f64 {
        self.predicted
    }

    /// The share of the rows that are of the class.
    pub fn observed(&self) -> f64 {
        self.observed
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn curves_hold_at_their_ends() {
        let empty = Scores::new(3);
        assert!(empty.reliability(0, 10).is_empty() && empty.risk_coverage().is_empty());
        let mut scores = Scores::new(2);
        for (truth, p) in [(0, 1.0), (1, 0.0), (1, 0.75), (0, 0.75)] {
            scores.push(truth, vec![p, 1.0 - p]);
        }
        let bins = scores.reliability(0, 4);
        assert_eq!(bins.iter().map(ReliabilityBin::rows).collect::<Vec<_>>(), [1, 3], "1.0 is in the last bin");
        assert_eq!(scores.reliability(0, 0).len(), 1);
        assert!(scores.reliability(2, 4).is_empty(), "there is no such class");
        assert_eq!(scores.risk_coverage(), [(0.5, 0.0), (1.0, 0.25)], "ties come in together");
    }

    /// Rows of three classes; few different weights, so that some rows tie.
    fn scores() -> impl Strategy<Value = Scores> {
        prop::collection::vec((0usize..3, prop::array::uniform3(1u8..6)), 1..40).prop_map(|rows| {
            let mut scores = Scores::new(3);
            for (truth, weights) in rows {
                let weights = weights.map(f64::from);
                let sum: f64 = weights.iter().sum();
                scores.push(truth, weights.map(|weight| weight / sum).to_vec());
            }
            scores
        })
    }

    proptest! {
        #[test]
        fn every_row_is_in_one_bin_and_the_last_risk_is_the_error_rate(scores in scores(), bins in 1usize..20) {
            let n = count(scores.len());
            for class in 0..3 {
                let found = scores.reliability(class, bins);
                prop_assert_eq!(found.iter().map(ReliabilityBin::rows).sum::<usize>(), scores.len());
                let hits: f64 = found.iter().map(|bin| bin.observed() * count(bin.rows())).sum();
                prop_assert!((hits - count(scores.confusion().class(class).support())).abs() < 1e-9);
                let mean: f64 = found.iter().map(|bin| bin.predicted() * count(bin.rows())).sum::<f64>() / n;
                let expected: f64 = scores.rows().map(|(_, p)| p[class]).sum::<f64>() / n;
                prop_assert!((mean - expected).abs() < 1e-9);
                prop_assert!(found.windows(2).all(|pair| pair[0].predicted() < pair[1].predicted()));
            }
            let curve = scores.risk_coverage();
            prop_assert!(curve.windows(2).all(|pair| pair[0].0 < pair[1].0));
            let (coverage, risk) = curve[curve.len() - 1];
            prop_assert_eq!(coverage, 1.0);
            prop_assert!((risk - (1.0 - scores.confusion().accuracy())).abs() < 1e-12);
        }
    }
}
