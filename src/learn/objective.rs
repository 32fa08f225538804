//! What logistic regression minimises, over sparse rows: its value, gradient and curvature.

use crate::learn::numeric::softmax;
use crate::learn::parallel::fill_chunks;
use crate::learn::products::{add_row, gather, lanes, scatter, Cell, LANES};
use crate::learn::sparse::Csr;

/// Rows and columns that one task works on; fixed, so that sums do not depend on the number of threads.
const ROWS: usize = 512;
const COLUMNS: usize = 1024;

/// Parts of the rows that add to columns of their own in a product with the Hessian, at most: so many threads share a
/// product. More of them, beside folds that are fitted at the same time, do not fit the cache.
const PARTS: usize = 2;

/// Stored values of a column, on average, that are worth another copy of the columns.
const COPIED: usize = 10;

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
    pub columns: &'a Csr,
    pub classes: usize,
    pub truth: &'a [usize],
    pub weights: &'a [f64],
    pub alpha: f64,
}

/// Memory for products with the Hessian, used again from one to the next.
#[derive(Default)]
pub(crate) struct Workspace {
    single: Vec<Part<1>>,
    packed: Vec<Part<LANES>>,
}

/// What some of the rows add up to.
struct Part<const L: usize> {
    cells: Vec<Cell<L>>,
    intercept: [f64; L],
}

impl<const L: usize> Default for Part<L> {
    fn default() -> Self {
        Self { cells: Vec::new(), intercept: [0.0; L] }
    }
}

impl Problem<'_> {
    /// K: the margins of a row.
    fn outputs(&self) -> usize {
        match self.classes {
            2 => 1,
            classes => classes,
        }
    }

    /// The strength of the penalty on the parameters.
    fn penalty(&self) -> f64 {
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

    /// `X·W + b`: rows × outputs.
    fn margins(&self, parameters: &[f64]) -> Vec<f64> {
        let k = self.outputs();
        let intercept = &parameters[self.rows.columns() * k..];
        let mut out = vec![0.0; self.rows.rows() * k];
        fill_chunks(&mut out, ROWS * k, |start, chunk| {
            for (i, z) in chunk.chunks_mut(k).enumerate() {
                let row = start / k + i;
                // A row without weight has no say in the sums: skip its products.
                if self.weights[row] != 0.0 {
                    z.copy_from_slice(intercept);
                    add_row(self.rows, row, parameters, z);
                }
            }
        });
        out
    }

    /// `Xᵀ·Q + α·V` and, for the intercepts, the column sums of Q. Q is rows × outputs.
    fn transposed(&self, q: &[f64], v: &[f64]) -> Vec<f64> {
        let (k, penalty) = (self.outputs(), self.penalty());
        let mut out = vec![0.0; self.size()];
        let (weights, intercept) = out.split_at_mut(self.rows.columns() * k);
        fill_chunks(weights, COLUMNS * k, |start, chunk| {
            for (i, g) in chunk.chunks_mut(k).enumerate() {
                add_row(self.columns, start / k + i, q, g);
                g.iter_mut().zip(&v[start + i * k..]).for_each(|(g, v)| *g += penalty * v);
            }
        });
        add_rows(q, intercept);
        out
    }

    /// The objective, and the probabilities of every row: one for each class, or that of the second of two. 0 for rows
    /// without weight.
    pub(crate) fn objective(&self, parameters: &[f64]) -> (f64, Vec<f64>) {
        let k = self.outputs();
        let mut z = self.margins(parameters);
        let losses = fill_chunks(&mut z, ROWS * k, |start, chunk| {
            let mut loss = 0.0;
            for (i, z) in chunk.chunks_mut(k).enumerate() {
                let row = start / k + i;
                if self.weights[row] != 0.0 {
                    loss += self.weights[row] * row_loss(z, self.truth[row]);
                }
            }
            loss
        });
        let penalised = &parameters[..self.rows.columns() * k];
        (losses.iter().sum::<f64>() + self.penalty() / 2.0 * dot(penalised, penalised), z)
    }

    /// `∇f = Xᵀ(s ∘ (P − Y)) + αW`.
    pub(crate) fn gradient(&self, parameters: &[f64], probabilities: &[f64]) -> Vec<f64> {
        let mut q = probabilities.to_vec();
        for (row, q) in q.chunks_mut(self.outputs()).enumerate() {
            match q {
                [p] => *p -= f64::from(u8::from(self.truth[row] == 1)),
                _ => q[self.truth[row]] -= 1.0,
            }
            q.iter_mut().for_each(|q| *q *= self.weights[row]);
        }
        self.transposed(&q, parameters)
    }

    /// `∇²f·v = Xᵀ(s ∘ (p ∘ (u − p·u))) + αV` with `u = X·V`; `s ∘ p ∘ (1 − p) ∘ u` in the middle for two classes.
    ///
    /// Up to four outputs the two products with X run in `f32` (sums over n rows are off by n · 2⁻²⁴ at worst, 10⁻⁵ over
    /// tens of thousands in practice): the direction of a Newton step needs no more, and it is the gradient, in `f64`, that
    /// says when the minimum is reached.
    pub(crate) fn hessian_times(&self, v: &[f64], probabilities: &[f64], work: &mut Workspace) -> Vec<f64> {
        match self.outputs() {
            1 => self.hessian_in_lanes(v, probabilities, &mut work.single),
            3..=LANES => self.hessian_in_lanes(v, probabilities, &mut work.packed),
            _ => {
                let mut u = self.margins(v);
                self.curve(&mut u, probabilities);
                self.transposed(&u, v)
            }
        }
    }

    /// Both products in one pass over the rows.
    fn hessian_in_lanes<const L: usize>(&self, v: &[f64], probabilities: &[f64], parts: &mut Vec<Part<L>>) -> Vec<f64> {
        let (k, penalty) = (self.outputs(), self.penalty());
        let (rows, columns) = (self.rows.rows(), self.rows.columns());
        let (weights, intercept) = v.split_at(columns * k);
        parts.resize_with((self.rows.stored() / (COPIED * columns.max(1))).clamp(1, PARTS), Part::default);
        let share = rows.div_ceil(parts.len());
        fill_chunks(parts, 1, |number, part| {
            for Part { cells, intercept: sums } in part {
                cells.clear();
                cells.extend(weights.chunks(k).map(|row| Cell { factor: lanes(row), product: [0.0; L] }));
                *sums = [0.0; L];
                for row in (number * share..((number + 1) * share).min(rows)).filter(|&row| self.weights[row] != 0.0) {
                    let mut u = gather(self.rows, row, cells).map(f64::from);
                    u.iter_mut().zip(intercept).for_each(|(u, b)| *u += b);
                    curve_row(&mut u[..k], &probabilities[row * k..(row + 1) * k], self.weights[row]);
                    sums.iter_mut().zip(u).for_each(|(sum, u)| *sum += u);
                    scatter(self.rows, row, lanes(&u), cells);
                }
            }
        });
        let mut out = vec![0.0; self.size()];
        let (slopes, intercept) = out.split_at_mut(columns * k);
        fill_chunks(slopes, COLUMNS * k, |start, chunk| {
            for (i, g) in chunk.chunks_mut(k).enumerate() {
                for part in &*parts {
                    g.iter_mut().zip(part.cells[start / k + i].product).for_each(|(g, sum)| *g += f64::from(sum));
                }
                g.iter_mut().zip(&v[start + i * k..]).for_each(|(g, v)| *g += penalty * v);
            }
        });
        for part in parts {
            intercept.iter_mut().zip(part.intercept).for_each(|(b, sum)| *b += sum);
        }
        out
    }

    /// `s ∘ (p ∘ (u − p·u))`, row by row, in place.
    fn curve(&self, u: &mut [f64], probabilities: &[f64]) {
        let k = self.outputs();
        fill_chunks(u, ROWS * k, |start, chunk| {
            for (i, u) in chunk.chunks_mut(k).enumerate() {
                let row = start / k + i;
                curve_row(u, &probabilities[row * k..(row + 1) * k], self.weights[row]);
            }
        });
    }

    /// The diagonal of the Hessian, kept away from zero.
    pub(crate) fn diagonal(&self, probabilities: &[f64]) -> Vec<f64> {
        let k = self.outputs();
        let curvature: Vec<f64> = probabilities
            .chunks(k)
            .zip(self.weights)
            .flat_map(|(p, s)| p.iter().map(move |p| s * p * (1.0 - p)))
            .collect();
        let mut out = vec![self.penalty(); self.size()];
        let (weights, intercept) = out.split_at_mut(self.rows.columns() * k);
        fill_chunks(weights, COLUMNS * k, |start, chunk| {
            for (i, d) in chunk.chunks_mut(k).enumerate() {
                for (row, x) in self.columns.row(start / k + i) {
                    let square = f64::from(x) * f64::from(x);
                    let c = &curvature[row as usize * k..];
                    d.iter_mut().zip(c).for_each(|(d, c)| *d += square * c);
                }
            }
        });
        add_rows(&curvature, intercept);
        out.iter_mut().for_each(|d| *d = d.max(1e-8));
        out
    }
}

/// The loss of a row of this class; its margins become probabilities.
fn row_loss(z: &mut [f64], class: usize) -> f64 {
    if let [z] = z {
        let against = if class == 1 { -*z } else { *z };
        let loss = against.max(0.0) + (-against.abs()).exp().ln_1p();
        *z = 1.0 / (1.0 + (-*z).exp());
        return loss;
    }
    let largest = z.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let own = z[class] - largest;
    let total: f64 = z.iter().map(|z| (z - largest).exp()).sum();
    softmax(z);
    total.ln() - own
}

/// `s · p ∘ (u − p·u)` in place.
#[inline]
fn curve_row(u: &mut [f64], p: &[f64], weight: f64) {
    let mean: f64 = u.iter().zip(p).map(|(u, p)| u * p).sum();
    u.iter_mut().zip(p).for_each(|(u, p)| *u = weight * p * (*u - mean));
}

/// Adds the rows of a matrix to one row.
fn add_rows(matrix: &[f64], sum: &mut [f64]) {
    for row in matrix.chunks(sum.len()) {
        sum.iter_mut().zip(row).for_each(|(sum, value)| *sum += value);
    }
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
    for i in 0..40 {
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
    fn gradient_and_hessian_are_those_of_finite_differences() {
        // One output, lanes, and more classes than lanes.
        for classes in [2, 3, 4, 6] {
            let (rows, truth, weights) = small(classes);
            let columns = rows.transposed();
            let problem =
                Problem { rows: &rows, columns: &columns, classes, truth: &truth, weights: &weights, alpha: 0.7 };
            let w: Vec<f64> = (0..problem.size()).map(|i| ((i * 37 % 11) as f64 - 5.0) / 7.0).collect();
            let v: Vec<f64> = (0..problem.size()).map(|i| ((i * 17 % 7) as f64 - 3.0) / 5.0).collect();
            let (_, p) = problem.objective(&w);
            let (gradient, hv) = (problem.gradient(&w, &p), problem.hessian_times(&v, &p, &mut Workspace::default()));
            let h = 1e-5;
            for i in 0..problem.size() {
                let moved = |by: f64| {
                    let mut w = w.clone();
                    w[i] += by;
                    w
                };
                let slope = (problem.objective(&moved(h)).0 - problem.objective(&moved(-h)).0) / (2.0 * h);
                assert!((slope - gradient[i]).abs() < 1e-7, "gradient {i}: {slope} {}", gradient[i]);
            }
            let along = |t: f64| -> Vec<f64> {
                let moved: Vec<f64> = w.iter().zip(&v).map(|(w, v)| w + t * v).collect();
                let (_, p) = problem.objective(&moved);
                problem.gradient(&moved, &p)
            };
            for (i, (plus, minus)) in along(h).iter().zip(along(-h)).enumerate() {
                let exact = (plus - minus) / (2.0 * h);
                assert!((exact - hv[i]).abs() < 2e-6, "Hessian {i} of {classes}: {exact} {}", hv[i]);
            }
        }
    }

    #[test]
    fn two_classes_are_the_multinomial_problem() {
        let (rows, truth, weights) = small(2);
        let columns = rows.transposed();
        let problem =
            |classes| Problem { rows: &rows, columns: &columns, classes, truth: &truth, weights: &weights, alpha: 0.7 };
        let parameters: Vec<f64> = (0..problem(2).size()).map(|i| ((i * 37 % 11) as f64 - 5.0) / 7.0).collect();
        let (value, p) = problem(2).objective(&parameters);
        // A third class that no row is of and whose intercept rules it out.
        let by_class = problem(2).by_class(parameters);
        let mut three: Vec<f64> = by_class.chunks(2).flat_map(|pair| [pair[0], pair[1], 0.0]).collect();
        *three.last_mut().unwrap() = -1e3;
        let (oracle, q) = problem(3).objective(&three);
        assert!((value - oracle).abs() < 1e-12 * oracle, "{value} {oracle}");
        for (p, q) in p.iter().zip(q.chunks(3)) {
            assert!((p - q[1]).abs() < 1e-12);
        }
    }
}
