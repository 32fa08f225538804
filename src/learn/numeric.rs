//! Small numerics that all of this folder shares; the casts from counts are here.

use ndarray::{ArrayView1, ArrayView2};

/// Writes the softmax of `margins` into itself: probabilities that sum to 1, whatever the size of the margins.
///
/// The largest margin of the row is subtracted first, so no finite margin overflows; margins that are not finite
/// give the uniform distribution.
///
/// ```
/// let mut p = [1000.0, 0.0, -1000.0];
/// demarche::learn::softmax(&mut p);
/// assert_eq!(p, [1.0, 0.0, 0.0]);
/// ```
pub fn softmax(margins: &mut [f64]) {
    let largest = margins.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if margins.iter().any(|m| !m.is_finite()) {
        let uniform = 1.0 / len(margins);
        margins.fill(uniform);
        return;
    }
    let mut sum = 0.0;
    for m in margins.iter_mut() {
        *m = (*m - largest).exp();
        sum += *m;
    }
    margins.iter_mut().for_each(|m| *m /= sum);
}

/// The index of the largest value; the first of several.
pub(crate) fn argmax(values: &[f64]) -> usize {
    let mut best = 0;
    for (i, value) in values.iter().enumerate() {
        if *value > values[best] {
            best = i;
        }
    }
    best
}

/// A count as a number; exact below 2⁵³, far above any count of rows or terms.
pub(crate) fn count(n: usize) -> f64 {
    n as f64
}

/// One count as a share of another; 0 of nothing.
pub(crate) fn share(part: usize, whole: usize) -> f64 {
    if whole == 0 {
        0.0
    } else {
        count(part) / count(whole)
    }
}

pub(super) fn len<T>(slice: &[T]) -> f64 {
    count(slice.len())
}

/// Mean negative log-likelihood of the true classes (rows × classes probabilities).
pub(crate) fn log_loss(probabilities: ArrayView2<f64>, truth: ArrayView1<usize>) -> f64 {
    let total: f64 =
        truth.iter().zip(probabilities.rows()).map(|(&class, row)| -row[class].max(f64::MIN_POSITIVE).ln()).sum();
    total / count(truth.len().max(1))
}
