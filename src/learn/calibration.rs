//! Probabilities that mean something: scaling of held-out log-odds.

use linfa::dataset::DatasetBase;
use linfa::traits::Fit;
use linfa_logistic::MultiLogisticRegression;
use ndarray::{Array1, Array2, ArrayView1, ArrayView2};
use serde::{Deserialize, Serialize};

use crate::error::{Error, ErrorKind, Result};
use crate::learn::numeric::{count, len, log_loss, softmax};

/// Fitted when the gradient of the mean loss is no longer than this.
const TOLERANCE: f64 = 1e-7;

/// Margins up to this are far within the range of linfa's log-sum-exp.
const SAFE: f64 = 10.0;

/// Margins beyond this are fitted on a smaller scale: at 1e5 and more, linfa's line search may not come to an end.
const LARGE: f64 = 1e3;

/// How margins are scaled before the softmax.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CalibrationKind {
    /// Left as they are.
    Identity,
    /// `A·z + b` with a full matrix.
    Matrix,
}

/// Matrix scaling: calibrated probabilities are `softmax(A·z + b)` for margins z.
///
/// Guo, Pleiss, Sun, Weinberger, "On calibration of modern neural networks", ICML 2017, section 4.2. A and b are
/// fitted by `linfa-logistic` on margins of rows that the model has not seen.
///
/// ```
/// use demarche::learn::Calibration;
/// use ndarray::{array, Array2};
///
/// // Margins far too sure of themselves: a third of the rows are wrong.
/// let margins = Array2::from_shape_fn((30, 2), |(row, class)| if row % 2 == class { 9.0 } else { -9.0 });
/// let truth = (0..30).map(|row| if row % 3 == 0 { 1 - row % 2 } else { row % 2 }).collect();
/// let calibration = Calibration::fit(margins.view(), &truth)?;
/// let p = calibration.probabilities(&[9.0, -9.0]);
/// assert!(p[0] > 0.6 && p[0] < 0.75, "{p:?}");
/// # Ok::<(), demarche::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Calibration {
    /// Classes × classes, row by row; then b.
    matrix: Vec<f64>,
    offsets: Vec<f64>,
}

impl Calibration {
    /// No change: `softmax(z)`.
    pub fn identity(classes: usize) -> Self {
        let mut matrix = vec![0.0; classes * classes];
        matrix.iter_mut().step_by(classes + 1).for_each(|diagonal| *diagonal = 1.0);
        Self { matrix, offsets: vec![0.0; classes] }
    }

    /// Fits A and b to held-out margins (rows × classes) and their true classes. Where scaling does not lower the
    /// log-loss, or a class is missing, the margins are left as they are.
    ///
    /// # Errors
    /// [`ErrorKind::Fit`] when shapes differ, a class is out of range or a margin is not finite.
    pub fn fit(margins: ArrayView2<f64>, truth: &Array1<usize>) -> Result<Self> {
        let (rows, classes) = margins.dim();
        if rows == 0
            || truth.len() != rows
            || truth.iter().any(|&class| class >= classes)
            || margins.iter().any(|m| !m.is_finite())
        {
            let message = format!("cannot calibrate {rows} × {classes} margins on {} classes", truth.len());
            return Err(Error::new(ErrorKind::Fit, message).help("one class below K for each row, finite margins"));
        }
        let identity = Self::identity(classes);
        if (0..classes).any(|class| !truth.iter().any(|&t| t == class)) {
            return Ok(identity);
        }
        let largest = |margins: ArrayView2<f64>| margins.iter().fold(0.0f64, |most, margin| most.max(margin.abs()));
        let most = largest(margins);
        let shrink = if most > LARGE { SAFE / most } else { 1.0 };
        let centred = centred((&margins * shrink).view());
        // From the margins as they are, or as far as linfa's log-sum-exp holds: it takes off the largest of all rows.
        let scale = (SAFE / largest(centred.view())).min(1.0);
        let start = Array2::from_shape_fn((classes + 1, classes), |(from, to)| if from == to { scale } else { 0.0 });
        let dataset = DatasetBase::new(centred, truth.clone());
        // Its loss is a sum over the rows, and so is its gradient.
        let fitted = MultiLogisticRegression::default()
            .alpha(1e-3)
            .initial_params(start)
            .gradient_tolerance(TOLERANCE * count(rows))
            .max_iterations(500)
            .fit(&dataset)
            .map_err(|error| Error::new(ErrorKind::Fit, format!("calibration: {error}")))?;
        let matrix = fitted.params().t().iter().map(|a| a * shrink).collect();
        let scaled = Self { matrix, offsets: fitted.intercept().to_vec() };
        // linfa-logistic reports no convergence: our own loss decides whether its answer is taken.
        let loss = |calibration: &Self| log_loss(calibration.table(margins).view(), truth.view());
        Ok(if loss(&scaled) < loss(&identity) { scaled } else { identity })
    }

    /// Which kind this is.
    pub fn kind(&self) -> CalibrationKind {
        if *self == Self::identity(self.offsets.len()) {
            CalibrationKind::Identity
        } else {
            CalibrationKind::Matrix
        }
    }

    /// The number of classes.
    pub fn classes(&self) -> usize {
        self.offsets.len()
    }

    /// Whether no number is larger and their counts agree; what is read from a file must be.
    pub(crate) fn is_valid(&self, largest: f64) -> bool {
        self.matrix.len() == self.offsets.len() * self.offsets.len()
            && self.matrix.iter().chain(&self.offsets).all(|value| value.abs() <= largest)
    }

    /// The scaled log-odds of one row of margins, up to a constant.
    pub fn scale(&self, margins: &[f64]) -> Vec<f64> {
        self.scaled(margins).collect()
    }

    /// Calibrated probabilities of one row of margins; they sum to 1.
    pub fn probabilities(&self, margins: &[f64]) -> Vec<f64> {
        let mut scaled = self.scale(margins);
        softmax(&mut scaled);
        scaled
    }

    /// The same for a row of K classes, without allocating; as many as [`Calibration::classes`].
    pub(crate) fn probabilities_of<const K: usize>(&self, margins: &[f64; K]) -> [f64; K] {
        let mut scaled = [0.0; K];
        scaled.iter_mut().zip(self.scaled(margins)).for_each(|(out, value)| *out = value);
        softmax(&mut scaled);
        scaled
    }

    fn scaled<'m>(&'m self, margins: &'m [f64]) -> impl Iterator<Item = f64> + 'm {
        let mean = margins.iter().sum::<f64>() / len(margins);
        self.matrix
            .chunks(self.offsets.len().max(1))
            .zip(&self.offsets)
            .map(move |(row, offset)| offset + row.iter().zip(margins).map(|(a, z)| a * (z - mean)).sum::<f64>())
    }

    fn table(&self, margins: ArrayView2<f64>) -> Array2<f64> {
        let mut out = Array2::zeros(margins.dim());
        for (mut out, row) in out.rows_mut().into_iter().zip(margins.rows()) {
            out.assign(&ArrayView1::from(&self.probabilities(&row.to_vec())));
        }
        out
    }
}

/// Margins with the mean of their row taken off: softmax does not see it.
fn centred(margins: ArrayView2<f64>) -> Array2<f64> {
    let mut centred = margins.to_owned();
    for mut row in centred.rows_mut() {
        let mean = row.sum() / count(row.len().max(1));
        row -= mean;
    }
    centred
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn margins_of_any_size_are_scaled() -> Result<()> {
        for size in [0.1, 1.0, 100.0, 10_000.0, 1e9, 1e100, 1e300] {
            // A third of the rows are wrong, and every other row is a hundred times as sure of itself.
            let margin = |row: usize, class: usize| {
                let sure = if row % 4 < 2 { size } else { size / 100.0 };
                if row % 2 == class {
                    sure
                } else {
                    -sure
                }
            };
            let margins = Array2::from_shape_fn((300, 2), |(row, class)| margin(row, class));
            let truth = (0..300).map(|row| if row % 3 == 0 { 1 - row % 2 } else { row % 2 }).collect();
            let calibration = Calibration::fit(margins.view(), &truth)?;
            let p = calibration.probabilities(&[size, -size]);
            assert!(p[0] > 0.6 && p[0] < 0.8, "{size}: {p:?}");
        }
        Ok(())
    }
}
