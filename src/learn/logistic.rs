//! Multinomial logistic regression over sparse rows, behind linfa's `Fit` and `Predict`.

use linfa::dataset::{AsSingleTargets, DatasetBase};
use linfa::traits::{Fit, PredictInplace};
use linfa_logistic::{MultiFittedLogisticRegression, MultiLogisticRegression};
use ndarray::{Array1, Array2, ArrayView1};
use serde::{Deserialize, Serialize};

use crate::error::{Error, ErrorKind, Result};
use crate::learn::numeric::{argmax, count, softmax};
use crate::learn::objective::Problem;
use crate::learn::sparse::Csr;
use crate::learn::tron::Solution;

/// How much each class counts in the loss.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ClassWeights {
    /// Every row counts as its sample weight says.
    #[default]
    Uniform,
    /// Every class counts the same, however many rows it has: `n / (K · nₖ)`.
    Balanced,
    /// One factor for each class, in the order of the classes.
    Given(Vec<f64>),
}

/// Multinomial logistic regression with an L2 penalty, for sparse rows.
///
/// Minimises `Σᵢ sᵢ · (log Σₖ exp(zᵢₖ) − zᵢ,yᵢ) + α/2 · ‖W‖²` with `zᵢ = Wᵀxᵢ + b`; the intercepts b are not
/// penalised. scikit-learn's `C` is `1/α`. Solved by a trust-region Newton method (see the source for the
/// papers), objective and gradient in `f64`, with the same result for any number of threads.
///
/// Implements linfa's [`Fit`] for a dataset of [`Csr`] records and class indices; the dataset's sample weights are
/// honoured, and a fit that does not converge is an error. The fitted object holds `linfa-logistic`'s own type.
///
/// ```
/// use demarche::learn::{CsrBuilder, LogisticRegression};
/// use linfa::prelude::*;
/// use ndarray::array;
///
/// let mut rows = CsrBuilder::new(2);
/// for row in [[(0, 1.0)], [(0, 0.8)], [(1, 1.0)], [(1, 0.7)]] {
///     rows.push_row(row)?;
/// }
/// let dataset = Dataset::new(rows.build().to_dense(), array![0, 0, 1, 1]);
/// let sparse = DatasetBase::new(
///     { let mut b = CsrBuilder::new(2); for r in [[(0, 1.0)], [(0, 0.8)], [(1, 1.0)], [(1, 0.7)]] { b.push_row(r)?; } b.build() },
///     array![0usize, 0, 1, 1],
/// );
/// let fitted = LogisticRegression::default().alpha(0.1).fit(&sparse)?;
/// assert_eq!(fitted.predict(&sparse), array![0, 0, 1, 1]);
/// // linfa's own predict works on the dense records.
/// assert_eq!(fitted.as_linfa().predict(dataset.records()), array![0, 0, 1, 1]);
/// # Ok::<(), demarche::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LogisticRegression {
    alpha: f64,
    tolerance: f64,
    max_iterations: usize,
    class_weights: ClassWeights,
}

impl Default for LogisticRegression {
    fn default() -> Self {
        Self { alpha: 1.0, tolerance: 1e-4, max_iterations: 200, class_weights: ClassWeights::Uniform }
    }
}

impl LogisticRegression {
    /// The strength of the L2 penalty, above 0; 1 unless set.
    pub fn alpha(mut self, alpha: f64) -> Self {
        self.alpha = alpha;
        self
    }

    /// Converged when the gradient's norm has fallen to this share of its norm at zero; 1e-4 unless set.
    pub fn tolerance(mut self, tolerance: f64) -> Self {
        self.tolerance = tolerance;
        self
    }

    /// At most this many Newton steps; 200 unless set.
    pub fn max_iterations(mut self, max_iterations: usize) -> Self {
        self.max_iterations = max_iterations;
        self
    }

    /// How much each class counts; uniform unless set.
    pub fn class_weights(mut self, class_weights: ClassWeights) -> Self {
        self.class_weights = class_weights;
        self
    }

    /// The fit behind `Fit`: cross-validation shares the rows between folds and leaves those held out by a weight of 0.
    pub(crate) fn fit_weighted(
        &self,
        rows: &Csr,
        truth: &[usize],
        weights: &[f64],
        classes: usize,
    ) -> Result<FittedLogistic> {
        self.check(rows, truth, weights, classes)?;
        let per_class = match &self.class_weights {
            ClassWeights::Uniform => vec![1.0; classes],
            ClassWeights::Balanced => balanced(truth, weights, classes),
            ClassWeights::Given(given) => given.clone(),
        };
        let weights: Vec<f64> = weights.iter().zip(truth).map(|(w, &class)| w * per_class[class]).collect();
        let problem = Problem { rows, classes, truth, weights: &weights, alpha: self.alpha };
        let solution = problem.solve(vec![0.0; problem.size()], self.tolerance, self.max_iterations);
        if !(solution.objective.is_finite() && solution.gradient <= self.tolerance.max(1e-9) * 10.0) {
            let message = format!(
                "the solver did not converge: gradient {:.1e} of its start after {} steps",
                solution.gradient, solution.iterations
            );
            return Err(Error::new(ErrorKind::Fit, message).help("raise alpha, tolerance or max_iterations"));
        }
        into_fitted(solution, rows.columns(), classes)
    }

    fn check(&self, rows: &Csr, truth: &[usize], weights: &[f64], classes: usize) -> Result<()> {
        let fault = |message: String| Err(Error::new(ErrorKind::Fit, message));
        if !(self.alpha > 0.0 && self.alpha.is_finite() && self.tolerance > 0.0) {
            let message = format!("alpha {} and tolerance {} must be above 0", self.alpha, self.tolerance);
            return Err(Error::new(ErrorKind::Settings, message));
        }
        if matches!(&self.class_weights, ClassWeights::Given(given)
            if given.len() != classes || given.iter().any(|w| !(w.is_finite() && *w >= 0.0)))
        {
            let message = format!("class weights must be {classes} finite numbers of 0 or more");
            return Err(Error::new(ErrorKind::Settings, message));
        }
        if truth.len() != rows.rows() || weights.len() != rows.rows() {
            return fault(format!("{} rows, {} classes, {} weights", rows.rows(), truth.len(), weights.len()));
        }
        if weights.iter().any(|w| !(w.is_finite() && *w >= 0.0)) {
            return fault("sample weights must be finite and not below 0".into());
        }
        let mut present = vec![false; classes];
        for (&class, &weight) in truth.iter().zip(weights) {
            match present.get_mut(class) {
                Some(present) => *present |= weight > 0.0,
                None => return fault(format!("class {class} of {classes}")),
            }
        }
        if present.iter().filter(|p| **p).count() < 2 {
            let error = Error::new(ErrorKind::Fit, "all labelled rows are of one class");
            return Err(error.help("training needs at least two classes with examples"));
        }
        Ok(())
    }
}

/// Hands the parameters to `linfa-logistic`: a fit of zero rows and zero iterations returns its initial parameters.
fn into_fitted(solution: Solution, columns: usize, classes: usize) -> Result<FittedLogistic> {
    let wrap = |error: &dyn std::fmt::Display| Error::new(ErrorKind::Fit, format!("linfa-logistic: {error}"));
    let parameters = Array2::from_shape_vec((columns + 1, classes), solution.parameters).map_err(|e| wrap(&e))?;
    let zero = DatasetBase::new(Array2::<f64>::zeros((classes, columns)), Array1::from_iter(0..classes));
    let inner = MultiLogisticRegression::default()
        .initial_params(parameters)
        .max_iterations(0)
        .fit(&zero)
        .map_err(|e| wrap(&e))?;
    let convergence =
        Convergence { iterations: solution.iterations, gradient: solution.gradient, objective: solution.objective };
    Ok(FittedLogistic { inner, convergence })
}

impl<T: AsSingleTargets<Elem = usize>> Fit<Csr, T, Error> for LogisticRegression {
    type Object = FittedLogistic;

    /// Fits the dataset; classes are the indices from 0 to the largest that occurs.
    ///
    /// # Errors
    /// [`ErrorKind::Settings`] for settings out of range, [`ErrorKind::Fit`] for rows of one class only, weights that
    /// are negative or not finite, and a fit that does not converge.
    fn fit(&self, dataset: &DatasetBase<Csr, T>) -> Result<FittedLogistic> {
        let targets = dataset.targets().as_single_targets();
        let truth: Vec<usize> = targets.iter().copied().collect();
        let classes = truth.iter().max().map_or(0, |largest| largest + 1);
        let weights: Vec<f64> = match dataset.weights() {
            Some(weights) => weights.iter().map(|&w| f64::from(w)).collect(),
            None => vec![1.0; truth.len()],
        };
        let rows = dataset.records();
        self.fit_weighted(rows, &truth, &weights, classes)
    }
}

/// How a fit ended.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Convergence {
    iterations: usize,
    gradient: f64,
    objective: f64,
}

impl Convergence {
    /// Newton steps taken.
    pub fn iterations(&self) -> usize {
        self.iterations
    }

    /// The gradient's norm as a share of its norm at zero.
    pub fn gradient(&self) -> f64 {
        self.gradient
    }

    /// The value of the minimised function.
    pub fn objective(&self) -> f64 {
        self.objective
    }
}

/// A fitted multinomial model: columns × classes of weights, and one intercept for each class.
#[derive(Clone, Debug)]
pub struct FittedLogistic {
    inner: MultiFittedLogisticRegression<f64, usize>,
    convergence: Convergence,
}

impl FittedLogistic {
    /// `linfa-logistic`'s own fitted type, for its accessors, `Predict` and serde.
    pub fn as_linfa(&self) -> &MultiFittedLogisticRegression<f64, usize> {
        &self.inner
    }

    /// How the fit ended.
    pub fn convergence(&self) -> Convergence {
        self.convergence
    }

    /// The log-odds of a sparse row up to a constant: one margin for each class.
    pub fn margins(&self, row: impl Iterator<Item = (u32, f32)>) -> Vec<f64> {
        let weights = self.inner.params();
        let mut margins = self.inner.intercept().to_vec();
        for (column, value) in row {
            for (margin, weight) in margins.iter_mut().zip(weights.row(column as usize)) {
                *margin += f64::from(value) * weight;
            }
        }
        margins
    }

    /// The class probabilities of every row: rows × classes.
    pub fn probabilities(&self, rows: &Csr) -> Array2<f64> {
        let mut out = Array2::zeros((rows.rows(), self.inner.intercept().len()));
        for (row, mut out) in out.rows_mut().into_iter().enumerate() {
            let mut margins = self.margins(rows.row(row));
            softmax(&mut margins);
            out.assign(&ArrayView1::from(&margins));
        }
        out
    }
}

impl PredictInplace<Csr, Array1<usize>> for FittedLogistic {
    fn predict_inplace(&self, rows: &Csr, classes: &mut Array1<usize>) {
        for (row, class) in classes.iter_mut().enumerate() {
            *class = argmax(&self.margins(rows.row(row)));
        }
    }

    fn default_target(&self, rows: &Csr) -> Array1<usize> {
        Array1::zeros(rows.rows())
    }
}

impl From<linfa::Error> for Error {
    fn from(error: linfa::Error) -> Self {
        Error::new(ErrorKind::Fit, error.to_string()).caused_by(error)
    }
}

/// Class weights that make every class count the same: `n / (K · nₖ)`.
fn balanced(truth: &[usize], weights: &[f64], classes: usize) -> Vec<f64> {
    let mut totals = vec![0.0; classes];
    truth.iter().zip(weights).for_each(|(&class, weight)| totals[class] += weight);
    let all: f64 = totals.iter().sum();
    totals.iter().map(|&total| if total > 0.0 { all / (count(classes) * total) } else { 0.0 }).collect()
}
