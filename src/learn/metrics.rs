//! How good a classifier is: confusion, macro-F1, calibration error, intervals.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::key::KeyMap;
use crate::learn::numeric::{argmax, count, share};

/// Counts of true against predicted classes.
///
/// ```
/// use demarche::learn::Confusion;
///
/// let confusion = Confusion::of(2, [(0, 0), (0, 1), (1, 1), (1, 1)]);
/// assert_eq!(confusion.count(0, 1), 1);
/// assert_eq!(confusion.accuracy(), 0.75);
/// assert!((confusion.class(0).f1() - 2.0 / 3.0).abs() < 1e-12);
/// assert!((confusion.macro_f1() - (2.0 / 3.0 + 0.8) / 2.0).abs() < 1e-12);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Confusion {
    /// Rows are true classes, columns predicted ones.
    counts: Vec<Vec<usize>>,
}

impl Confusion {
    /// Counts pairs of true and predicted class, each below `classes`; others are left out.
    pub fn of(classes: usize, pairs: impl IntoIterator<Item = (usize, usize)>) -> Self {
        let mut counts = vec![vec![0; classes]; classes];
        for (truth, predicted) in pairs {
            if let Some(cell) = counts.get_mut(truth).and_then(|row| row.get_mut(predicted)) {
                *cell += 1;
            }
        }
        Self { counts }
    }

    /// How many rows of class `truth` were predicted as `predicted`.
    pub fn count(&self, truth: usize, predicted: usize) -> usize {
        self.counts.get(truth).and_then(|row| row.get(predicted)).copied().unwrap_or(0)
    }

    /// The number of rows.
    pub fn total(&self) -> usize {
        self.counts.iter().flatten().sum()
    }

    /// The share of rows predicted right; 0 without rows.
    pub fn accuracy(&self) -> f64 {
        let right: usize = (0..self.counts.len()).map(|class| self.count(class, class)).sum();
        share(right, self.total())
    }

    /// Precision, recall and F1 of one class.
    pub fn class(&self, class: usize) -> ClassScores {
        let right = self.count(class, class);
        let support: usize = (0..self.counts.len()).map(|other| self.count(class, other)).sum();
        let predicted: usize = (0..self.counts.len()).map(|other| self.count(other, class)).sum();
        ClassScores {
            precision: share(right, predicted),
            recall: share(right, support),
            f1: share(2 * right, support + predicted),
            support,
        }
    }

    /// The mean of the classes' F1 (as scikit-learn's `average="macro"`); a class that neither occurs nor is
    /// predicted counts as 0.
    pub fn macro_f1(&self) -> f64 {
        let total: f64 = (0..self.counts.len()).map(|class| self.class(class).f1).sum();
        total / count(self.counts.len().max(1))
    }
}

/// Precision, recall and F1 of one class, and how many rows it has; 0 where undefined.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ClassScores {
    precision: f64,
    recall: f64,
    f1: f64,
    support: usize,
}

impl ClassScores {
    /// The share of rows predicted as this class that are of it.
    pub fn precision(&self) -> f64 {
        self.precision
    }

    /// The share of rows of this class that were predicted so.
    pub fn recall(&self) -> f64 {
        self.recall
    }

    /// The harmonic mean of precision and recall.
    pub fn f1(&self) -> f64 {
        self.f1
    }

    /// Rows of this class.
    pub fn support(&self) -> usize {
        self.support
    }
}

/// A figure with its 95 % interval.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Interval {
    value: f64,
    low: f64,
    high: f64,
}

impl Interval {
    /// The figure itself.
    pub fn value(&self) -> f64 {
        self.value
    }

    /// The lower end.
    pub fn low(&self) -> f64 {
        self.low
    }

    /// The upper end.
    pub fn high(&self) -> f64 {
        self.high
    }
}

impl fmt::Display for Interval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.3} [{:.3}, {:.3}]", self.value, self.low, self.high)
    }
}

/// Probabilities beside the truth: everything that can be said of a head's predictions.
#[derive(Clone, Debug, Default)]
pub struct Scores {
    classes: usize,
    rows: Vec<(usize, Vec<f64>)>,
    /// The cluster of each row, where it shares one with others.
    clusters: Vec<Option<u64>>,
}

/// Draws of the bootstrap.
const DRAWS: usize = 1000;
/// Bins of the expected calibration error.
const BINS: usize = 15;

impl Scores {
    /// No rows yet, of this many classes.
    pub fn new(classes: usize) -> Self {
        Self { classes, rows: Vec::new(), clusters: Vec::new() }
    }

    /// Adds a row that is independent of all others: its true class and the predicted probabilities. A class or length out
    /// of range is left out.
    pub fn push(&mut self, truth: usize, probabilities: Vec<f64>) {
        self.add(None, truth, probabilities);
    }

    /// As [`Scores::push`], for a row of a cluster: rows of one number (of one text, of one dispute) are not independent.
    pub fn push_in_cluster(&mut self, cluster: u64, truth: usize, probabilities: Vec<f64>) {
        self.add(Some(cluster), truth, probabilities);
    }

    fn add(&mut self, cluster: Option<u64>, truth: usize, probabilities: Vec<f64>) {
        if truth < self.classes && probabilities.len() == self.classes {
            self.rows.push((truth, probabilities));
            self.clusters.push(cluster);
        }
    }

    /// The number of rows.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The true class of each row, and its predicted probabilities.
    pub fn rows(&self) -> impl ExactSizeIterator<Item = (usize, &[f64])> {
        self.rows.iter().map(|(truth, p)| (*truth, &p[..]))
    }

    /// True against predicted classes (the most probable one).
    pub fn confusion(&self) -> Confusion {
        Confusion::of(self.classes, self.rows.iter().map(|(truth, p)| (*truth, argmax(p))))
    }

    /// The Brier score: mean squared distance of the probabilities from the truth, summed over the classes (0 to 2).
    pub fn brier(&self) -> f64 {
        let total: f64 = self
            .rows
            .iter()
            .map(|(truth, p)| {
                p.iter().enumerate().map(|(class, p)| (p - f64::from(u8::from(class == *truth))).powi(2)).sum::<f64>()
            })
            .sum();
        total / count(self.len().max(1))
    }

    /// The expected calibration error of the top label: the mean gap between confidence and accuracy over 15 bins
    /// of equal width (Guo et al. 2017, equation 3).
    pub fn ece(&self) -> f64 {
        let mut bins = [(0usize, 0.0f64, 0usize); BINS];
        for (truth, p) in &self.rows {
            let top = argmax(p);
            let bin = ((p[top] * count(BINS)) as usize).min(BINS - 1);
            bins[bin].0 += 1;
            bins[bin].1 += p[top];
            bins[bin].2 += usize::from(top == *truth);
        }
        let gap: f64 = bins.iter().map(|(_, confidence, right)| (confidence - count(*right)).abs()).sum();
        gap / count(self.len().max(1))
    }

    /// Mean negative log-likelihood of the true classes.
    pub fn log_loss(&self) -> f64 {
        let total: f64 = self.rows.iter().map(|(truth, p)| -p[*truth].max(f64::MIN_POSITIVE).ln()).sum();
        total / count(self.len().max(1))
    }

    /// Macro-F1 with a bootstrap interval: 1,000 draws of the clusters with replacement, from a fixed seed (C. A. Field,
    /// A. H. Welsh, "Bootstrapping clustered data", JRSS B 69, 2007).
    ///
    /// ```
    /// use demarche::learn::Scores;
    ///
    /// let (mut texts, mut rows) = (Scores::new(2), Scores::new(2));
    /// for text in 0..10 {
    ///     for row in 0..10 {
    ///         // All rows of a text are right, or all wrong.
    ///         let p = if text < 7 { vec![0.9, 0.1] } else { vec![0.2, 0.8] };
    ///         texts.push_in_cluster(text, 0, p.clone());
    ///         rows.push(0, p);
    ///     }
    /// }
    /// let width = |scores: &Scores| scores.macro_f1().high() - scores.macro_f1().low();
    /// assert_eq!(texts.macro_f1().value(), rows.macro_f1().value());
    /// assert!(width(&texts) > 2.0 * width(&rows));
    /// ```
    pub fn macro_f1(&self) -> Interval {
        let clusters = self.by_cluster();
        let mut random = SplitMix(0x5eed);
        let mut draws: Vec<f64> = (0..DRAWS)
            .map(|_| {
                let mut drawn = vec![vec![0; self.classes]; self.classes];
                for _ in 0..clusters.len() {
                    for &(truth, predicted, rows) in &clusters[random.below(clusters.len())] {
                        drawn[truth][predicted] += rows;
                    }
                }
                Confusion { counts: drawn }.macro_f1()
            })
            .collect();
        draws.sort_by(f64::total_cmp);
        Interval { value: self.confusion().macro_f1(), low: draws[DRAWS / 40], high: draws[DRAWS - 1 - DRAWS / 40] }
    }

    /// The rows of each cluster, counted: true class, predicted class, how many.
    fn by_cluster(&self) -> Vec<Vec<(usize, usize, usize)>> {
        let mut numbers = KeyMap::default();
        let mut clusters: Vec<Vec<(usize, usize, usize)>> = Vec::new();
        for ((truth, p), cluster) in self.rows.iter().zip(&self.clusters) {
            let fresh = clusters.len();
            let number = cluster.map_or(fresh, |cluster| *numbers.entry(cluster).or_insert(fresh));
            if number == fresh {
                clusters.push(Vec::new());
            }
            let predicted = argmax(p);
            match clusters[number].iter_mut().find(|cell| (cell.0, cell.1) == (*truth, predicted)) {
                Some(cell) => cell.2 += 1,
                None => clusters[number].push((*truth, predicted, 1)),
            }
        }
        clusters
    }
}

/// SplitMix64 (Steele, Lea, Flood 2014): small, and the same on every platform.
pub(crate) struct SplitMix(pub u64);

impl SplitMix {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `n`; 0 for 0.
    pub(crate) fn below(&mut self, n: usize) -> usize {
        ((u128::from(self.next()) * n as u128) >> 64) as usize
    }
}

/// Cohen's kappa of two readers over pairs of labels: agreement beyond chance, 1 at best.
///
/// ```
/// use demarche::learn::cohen_kappa;
///
/// let pairs = [(0, 0), (0, 0), (1, 1), (1, 0)];
/// assert!((cohen_kappa(2, pairs) - 0.5).abs() < 1e-12);
/// ```
pub fn cohen_kappa(classes: usize, pairs: impl IntoIterator<Item = (usize, usize)>) -> f64 {
    let confusion = Confusion::of(classes, pairs);
    let n = count(confusion.total().max(1));
    let chance: f64 = (0..classes)
        .map(|class| {
            let first: usize = (0..classes).map(|other| confusion.count(class, other)).sum();
            let second: usize = (0..classes).map(|other| confusion.count(other, class)).sum();
            count(first) / n * count(second) / n
        })
        .sum();
    if chance >= 1.0 {
        1.0
    } else {
        (confusion.accuracy() - chance) / (1.0 - chance)
    }
}

/// McNemar's exact test of two classifiers on the same rows: the probability, if both were equally good, of a split at
/// least as uneven as this one between the rows that only the first (`first`) and only the second (`second`) has right.
/// Two-sided; rows that both have right, or both wrong, tell nothing. Rows count as independent: where many come from one
/// text, p is too small.
///
/// `p = min(1, 2 · Σᵢ C(n, i) / 2ⁿ)` for i from 0 to the smaller count, n the sum of the two.
/// McNemar, "Note on the sampling error of the difference between correlated proportions or percentages",
/// Psychometrika 12, 1947; the exact form as in Fagerland, Lydersen, Laake, BMC Medical Research Methodology 13:91, 2013.
///
/// ```
/// use demarche::learn::mcnemar;
///
/// assert!((mcnemar(10, 2) - 0.03857421875).abs() < 1e-12);
/// assert_eq!(mcnemar(7, 7), 1.0);
/// ```
pub fn mcnemar(first: usize, second: usize) -> f64 {
    let (fewer, n) = (first.min(second), first + second);
    // ln C(n, fewer) / 2ⁿ, the largest term of the sum; the others are shares of it, so nothing underflows early.
    let ways: f64 = (0..fewer).map(|i| (count(n - i) / count(i + 1)).ln()).sum();
    let largest = ways - count(n) * std::f64::consts::LN_2;
    let mut share = 1.0;
    let mut shares = 1.0;
    for i in (1..=fewer).rev() {
        share *= count(i) / count(n - i + 1);
        shares += share;
    }
    (2.0 * largest.exp() * shares).min(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Known values: (121, 59) is the example of statsmodels' own test of `mcnemar`; the others were summed in exact
    /// fractions.
    #[test]
    fn mcnemar_is_exact() {
        let known = [
            (0, 0, 1.0),
            (1, 0, 1.0),
            (0, 5, 0.0625),
            (4, 2, 0.6875),
            (10, 2, 0.03857421875),
            (9, 9, 1.0),
            (121, 59, 4.434449263755176e-6),
            (1000, 900, 0.02310884510890107),
            (3000, 2000, 1.3002310005203771e-45),
        ];
        for (first, second, p) in known {
            for found in [mcnemar(first, second), mcnemar(second, first)] {
                assert!((found / p - 1.0).abs() < 1e-9, "{first}, {second}: {found} instead of {p}");
            }
        }
    }
}
