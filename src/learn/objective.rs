//! What logistic regression minimises, over sparse rows: its value, gradient and curvature.

use crate::learn::numeric::count;
use crate::learn::parallel::fill_chunks;
use crate::learn::products::{add_row, add_to_rows};
use crate::learn::sparse::Csr;

/// Rows that one task works on.
const ROWS: usize = 512;

/// No curvature is smaller, so that it can be divided by.
const LEAST_CURVATURE: f64 = 1e-8;

/// A weighted multinomial problem:
///
/// `f(W, b) = Σᵢ sᵢ · (log Σₖ exp(zᵢₖ) − zᵢ,yᵢ) + α/2 · ‖W‖²` with `zᵢ = Wᵀxᵢ + b`.
///
/// Two classes need one set of weights, those of the log-odds of the second: `w = W₁ − W₀`. At the minimum `W₁ = w/2` and
/// `W₀ = −w/2`, so the penalty is `α/4 · ‖w‖²`.
///
/// Parameters are one vector: weight of column j and output k at `j·K + k`, then the K intercepts.
pub(crate) struct Problem<'a> {
    pub rows: &'a Csr,
    pub classes: usize,
    pub truth: &'a [usize],
    pub weights: &'a [f64],
    pub alpha: f64,
}

/// What the objective is like at one place.
pub(crate) struct Place {
    pub objective: f64,
    /// One for each output of every row: of the classes, or of the second of two. 0 for rows without weight.
    pub probabilities: Vec<f64>,
    pub gradient: Vec<f64>,
    /// The diagonal of the Hessian, [`level`] for the outputs of a column.
    pub curvature: Vec<f64>,
}

impl Problem<'_> {
    /// K: the margins of a row.
    pub(super) fn outputs(&self) -> usize {
        match self.classes {
            2 => 1,
            classes => classes,
        }
    }

    /// The strength of the penalty on the parameters.
    pub(super) fn penalty(&self) -> f64 {
        match self.classes {
            2 => self.alpha / 2.0,
            _ => self.alpha,
        }
    }

    pub(crate) fn size(&self) -> usize {
        (self.rows.columns() + 1) * self.outputs()
    }

    /// The parameters with one output for each class.
    pub(crate) fn by_class(&self, parameters: Vec<f64>) -> Vec<f64> {
        match self.classes {
            2 => parameters.iter().flat_map(|w| [-w / 2.0, w / 2.0]).collect(),
            _ => parameters,
        }
    }

    /// Objective, gradient `Xᵀ(s ∘ (P − Y)) + αW` and the curvature of each column, for any number of outputs.
    pub(super) fn at_any(&self, parameters: &[f64]) -> Place {
        let (k, penalty) = (self.outputs(), self.penalty());
        let weights = &parameters[..self.rows.columns() * k];
        let mut probabilities = self.margins(parameters);
        let mut slopes = vec![0.0; probabilities.len()];
        let mut curvatures = slopes.clone();
        let mut objective = penalty / 2.0 * dot(weights, weights);
        for (row, p) in probabilities.chunks_mut(k).enumerate().filter(|(row, _)| self.weights[*row] != 0.0) {
            let (weight, class, own) = (self.weights[row], self.truth[row], row * k..(row + 1) * k);
            objective += weight * row_loss(p, class);
            curvatures[own.clone()].iter_mut().zip(&*p).for_each(|(c, p)| *c = weight * p * (1.0 - p));
            slopes[own.clone()].copy_from_slice(p);
            subtract_truth(&mut slopes[own.clone()], class);
            slopes[own].iter_mut().for_each(|q| *q *= weight);
        }
        let mut diagonal = self.transposed(&curvatures, |x| x * x);
        diagonal[..weights.len()].iter_mut().for_each(|d| *d += penalty);
        level(&mut diagonal, k);
        let mut gradient = self.transposed(&slopes, |x| x);
        gradient.iter_mut().zip(weights).for_each(|(g, w)| *g += penalty * w);
        Place { objective, probabilities, gradient, curvature: diagonal }
    }

    /// `X·W + b`: rows × outputs; 0 for a row without weight, which has no say in the sums.
    fn margins(&self, parameters: &[f64]) -> Vec<f64> {
        let k = self.outputs();
        let intercept = &parameters[self.rows.columns() * k..];
        let mut out = vec![0.0; self.rows.rows() * k];
        fill_chunks(&mut out, ROWS * k, |start, chunk| {
            for (i, z) in chunk.chunks_mut(k).enumerate() {
                let row = start / k + i;
                if self.weights[row] != 0.0 {
                    z.copy_from_slice(intercept);
                    add_row(self.rows, row, parameters, z);
                }
            }
        });
        out
    }

    /// `Xᵀ·Q` with a function of every value in the place of X, and the column sums of Q for the intercepts. Q is rows ×
    /// outputs.
    fn transposed(&self, q: &[f64], of: impl Fn(f64) -> f64) -> Vec<f64> {
        let k = self.outputs();
        let mut out = vec![0.0; self.size()];
        let (weights, intercept) = out.split_at_mut(self.rows.columns() * k);
        for (row, q) in q.chunks(k).enumerate().filter(|(row, _)| self.weights[*row] != 0.0) {
            add_to_rows(self.rows, row, q, weights, &of);
            intercept.iter_mut().zip(q).for_each(|(b, q)| *b += q);
        }
        out
    }

    /// `∇²f·v = Xᵀ(s ∘ (p ∘ (u − p·u))) + αV` with `u = X·V`, for any number of outputs; `s ∘ p ∘ (1 − p) ∘ u` in the middle
    /// for two classes.
    pub(super) fn hessian_times_any(&self, v: &[f64], probabilities: &[f64]) -> Vec<f64> {
        let k = self.outputs();
        let mut u = self.margins(v);
        for ((u, p), weight) in u.chunks_mut(k).zip(probabilities.chunks(k)).zip(self.weights) {
            curve_row(u, p, *weight);
        }
        let mut out = self.transposed(&u, |x| x);
        let penalised = &v[..self.rows.columns() * k];
        out.iter_mut().zip(penalised).for_each(|(g, v)| *g += self.penalty() * v);
        out
    }
}

/// The loss of a row of this class; its margins become probabilities.
pub(super) fn row_loss(z: &mut [f64], class: usize) -> f64 {
    if let [z] = z {
        let against = if class == 1 { -*z } else { *z };
        let loss = against.max(0.0) + (-against.abs()).exp().ln_1p();
        *z = 1.0 / (1.0 + (-*z).exp());
        return loss;
    }
    let largest = z.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let own = z[class] - largest;
    z.iter_mut().for_each(|z| *z = (*z - largest).exp());
    let total: f64 = z.iter().sum();
    z.iter_mut().for_each(|z| *z /= total);
    total.ln() - own
}

/// `P − Y` of a row of this class.
pub(super) fn subtract_truth(p: &mut [f64], class: usize) {
    match p {
        [p] => *p -= f64::from(u8::from(class == 1)),
        _ => p[class] -= 1.0,
    }
}

/// Gives all outputs of a column their mean curvature, kept away from zero. At the minimum the weights of a column sum to
/// zero, and only the penalty curves across that plane: steps that are scaled alike for all outputs do not leave it.
pub(super) fn level(diagonal: &mut [f64], outputs: usize) {
    for column in diagonal.chunks_mut(outputs) {
        let mean = column.iter().sum::<f64>() / count(outputs);
        column.fill(mean.max(LEAST_CURVATURE));
    }
}

/// `s · p ∘ (u − p·u)` in place.
#[inline]
pub(super) fn curve_row(u: &mut [f64], p: &[f64], weight: f64) {
    let mean: f64 = u.iter().zip(p).map(|(u, p)| u * p).sum();
    u.iter_mut().zip(p).for_each(|(u, p)| *u = weight * p * (*u - mean));
}

/// The inner product, in sums that grow side by side.
pub(crate) fn dot(a: &[f64], b: &[f64]) -> f64 {
    let ((a, rest), (b, other_rest)) = (a.as_chunks::<8>(), b.as_chunks::<8>());
    let mut sums = [0.0; 8];
    for (a, b) in a.iter().zip(b) {
        for way in 0..8 {
            sums[way] += a[way] * b[way];
        }
    }
    sums.iter().sum::<f64>() + rest.iter().zip(other_rest).map(|(a, b)| a * b).sum::<f64>()
}

/// A small problem with three classes, or with as many as are asked for.
#[cfg(test)]
pub(crate) fn small(classes: usize) -> (Csr, Vec<usize>, Vec<f64>) {
    let mut builder = crate::learn::sparse::CsrBuilder::new(5);
    let mut state = 7u32;
    let mut random = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as f32 / (1 << 24) as f32
    };
    let mut truth = Vec::new();
    let mut weights = Vec::new();
    for i in 0..100 {
        let row: Vec<_> = (0..5).filter(|_| i % 3 != 1).map(|c| (c, random() - 0.5)).collect();
        builder.push_row(row).unwrap();
        truth.push((i * 7 + i / 3) % classes);
        weights.push(f64::from(random()) + 0.2);
    }
    (builder.build(), truth, weights)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_classes_are_the_multinomial_problem() {
        let (rows, truth, weights) = small(2);
        let problem = |classes| Problem { rows: &rows, classes, truth: &truth, weights: &weights, alpha: 0.7 };
        let parameters: Vec<f64> = (0..problem(2).size()).map(|i| ((i * 37 % 11) as f64 - 5.0) / 7.0).collect();
        let two = problem(2).at_any(&parameters);
        // A third class that no row is of and whose intercept rules it out.
        let by_class = problem(2).by_class(parameters);
        let mut three: Vec<f64> = by_class.chunks(2).flat_map(|pair| [pair[0], pair[1], 0.0]).collect();
        *three.last_mut().unwrap() = -1e3;
        let oracle = problem(3).at_any(&three);
        assert!((two.objective - oracle.objective).abs() < 1e-12 * oracle.objective);
        for (p, q) in two.probabilities.iter().zip(oracle.probabilities.chunks(3)) {
            assert!((p - q[1]).abs() < 1e-12);
        }
    }
}
