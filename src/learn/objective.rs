//! What logistic regression minimises, over sparse rows: its value, gradient and curvature.

use crate::learn::parallel::fill_chunks;
use crate::learn::products::{
    add_row, add_to_rows, gather, gather_exact, lanes, scatter, scatter_exact, Cell, HalfLine, Line, Slot, LANES,
};
use crate::learn::sparse::Csr;

/// Rows that one task works on.
const ROWS: usize = 512;

/// Parts of the rows that add to columns of their own, at most: so many threads share a pass over the rows. More of them,
/// beside folds that are fitted at the same time, do not fit the cache.
const PARTS: usize = 2;

/// Stored values of a column, on average, that are worth another copy of the columns.
const COPIED: usize = 30;

/// The diagonal of the Hessian is no smaller, so that it can be divided by.
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
    /// The diagonal of the Hessian, kept away from zero.
    pub diagonal: Vec<f64>,
}

/// Memory for passes over the rows, used again from one to the next.
#[derive(Default)]
pub(crate) struct Workspace {
    places: (Vec<Part<Slot<1, f64>, 1>>, Vec<Part<Slot<3, Line>, 3>>),
    products: (Vec<Part<Cell<1, f64>, 1>>, Vec<Part<Cell<LANES, HalfLine>, LANES>>),
}

/// What some of the rows add up to.
struct Part<C, const L: usize> {
    columns: Vec<C>,
    intercept: [f64; L],
    curvature: [f64; L],
    loss: f64,
    probabilities: Vec<f64>,
}

impl<C, const L: usize> Default for Part<C, L> {
    fn default() -> Self {
        let (intercept, curvature) = ([0.0; L], [0.0; L]);
        Self { columns: Vec::new(), intercept, curvature, loss: 0.0, probabilities: Vec::new() }
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

    /// Parts of the rows, and the rows of each.
    fn parts(&self) -> (usize, usize) {
        let parts = (self.rows.stored() / (COPIED * self.rows.columns().max(1))).clamp(1, PARTS);
        (parts, self.rows.rows().div_ceil(parts))
    }

    /// Objective, gradient `Xᵀ(s ∘ (P − Y)) + αW` and the diagonal of the Hessian.
    pub(crate) fn at(&self, parameters: &[f64], work: &mut Workspace) -> Place {
        match self.outputs() {
            1 => self.at_in(parameters, &mut work.places.0),
            3 => self.at_in(parameters, &mut work.places.1),
            _ => self.at_any(parameters),
        }
    }

    /// All of it in one pass over the rows.
    fn at_in<const K: usize, A: Copy + Send + Sync>(
        &self,
        parameters: &[f64],
        parts: &mut Vec<Part<Slot<K, A>, K>>,
    ) -> Place {
        let penalty = self.penalty();
        let (rows, columns) = (self.rows.rows(), self.rows.columns());
        let (weights, intercept) = parameters.split_at(columns * K);
        let (count, share) = self.parts();
        parts.resize_with(count, Part::default);
        fill_chunks(parts, 1, |number, part| {
            for part in part {
                let own = number * share..((number + 1) * share).min(rows);
                part.columns.clear();
                part.columns.extend(weights.as_chunks::<K>().0.iter().map(|weights| Slot::at(*weights)));
                (part.intercept, part.curvature, part.loss) = ([0.0; K], [0.0; K], 0.0);
                part.probabilities.clear();
                part.probabilities.resize(own.len() * K, 0.0);
                let (probabilities, _) = part.probabilities.as_chunks_mut::<K>();
                for (row, out) in own.zip(probabilities).filter(|(row, _)| self.weights[*row] != 0.0) {
                    let (weight, class) = (self.weights[row], self.truth[row]);
                    let mut p = gather_exact(self.rows, row, &part.columns);
                    p.iter_mut().zip(intercept).for_each(|(z, b)| *z += b);
                    part.loss += weight * row_loss(&mut p, class);
                    *out = p;
                    let curvature = p.map(|p| weight * p * (1.0 - p));
                    subtract_truth(&mut p, class);
                    let slope = p.map(|q| weight * q);
                    scatter_exact(self.rows, row, slope, curvature.map(|c| c as f32), &mut part.columns);
                    for k in 0..K {
                        part.intercept[k] += slope[k];
                        part.curvature[k] += curvature[k];
                    }
                }
            }
        });
        let (mut gradient, mut diagonal) = (vec![0.0; self.size()], vec![penalty; self.size()]);
        let (slopes, own) = gradient.split_at_mut(columns * K);
        let (curvatures, own_curvatures) = diagonal.split_at_mut(columns * K);
        own_curvatures.fill(0.0);
        for part in &*parts {
            let (slopes, _) = slopes.as_chunks_mut::<K>();
            let (curvatures, _) = curvatures.as_chunks_mut::<K>();
            for ((slope, curvature), slot) in slopes.iter_mut().zip(curvatures).zip(&part.columns) {
                for k in 0..K {
                    slope[k] += slot.slopes[k];
                    curvature[k] += f64::from(slot.curvatures[k]);
                }
            }
            for k in 0..K {
                own[k] += part.intercept[k];
                own_curvatures[k] += part.curvature[k];
            }
        }
        slopes.iter_mut().zip(weights).for_each(|(g, w)| *g += penalty * w);
        diagonal.iter_mut().for_each(|d| *d = d.max(LEAST_CURVATURE));
        Place {
            objective: parts.iter().map(|part| part.loss).sum::<f64>() + penalty / 2.0 * dot(weights, weights),
            probabilities: parts.iter().flat_map(|part| &part.probabilities).copied().collect(),
            gradient,
            diagonal,
        }
    }

    /// The same for any number of outputs.
    fn at_any(&self, parameters: &[f64]) -> Place {
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
        diagonal.iter_mut().for_each(|d| *d = d.max(LEAST_CURVATURE));
        let mut gradient = self.transposed(&slopes, |x| x);
        gradient.iter_mut().zip(weights).for_each(|(g, w)| *g += penalty * w);
        Place { objective, probabilities, gradient, diagonal }
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

    /// `∇²f·v = Xᵀ(s ∘ (p ∘ (u − p·u))) + αV` with `u = X·V`; `s ∘ p ∘ (1 − p) ∘ u` in the middle for two classes.
    ///
    /// Up to four outputs the two products with X run in `f32` (sums over n rows are off by n · 2⁻²⁴ at worst, 10⁻⁵ over
    /// tens of thousands in practice): the direction of a Newton step needs no more, and it is the gradient, in `f64`, that
    /// says when the minimum is reached.
    pub(crate) fn hessian_times(&self, v: &[f64], probabilities: &[f64], work: &mut Workspace) -> Vec<f64> {
        let k = self.outputs();
        match k {
            1 => self.hessian_in_lanes::<1, 1, _>(v, probabilities, &mut work.products.0),
            3 => self.hessian_in_lanes::<3, LANES, _>(v, probabilities, &mut work.products.1),
            LANES => self.hessian_in_lanes::<LANES, LANES, _>(v, probabilities, &mut work.products.1),
            _ => {
                let mut u = self.margins(v);
                for ((u, p), weight) in u.chunks_mut(k).zip(probabilities.chunks(k)).zip(self.weights) {
                    curve_row(u, p, *weight);
                }
                let mut out = self.transposed(&u, |x| x);
                let weights = self.rows.columns() * k;
                out.iter_mut().zip(&v[..weights]).for_each(|(g, v)| *g += self.penalty() * v);
                out
            }
        }
    }

    /// Both products in one pass over the rows.
    fn hessian_in_lanes<const K: usize, const L: usize, A: Copy + Send + Sync>(
        &self,
        v: &[f64],
        probabilities: &[f64],
        parts: &mut Vec<Part<Cell<L, A>, L>>,
    ) -> Vec<f64> {
        let (rows, columns, penalty) = (self.rows.rows(), self.rows.columns(), self.penalty());
        let (weights, intercept) = v.split_at(columns * K);
        let (weights, _) = weights.as_chunks::<K>();
        let (probabilities, _) = probabilities.as_chunks::<K>();
        let (count, share) = self.parts();
        parts.resize_with(count, Part::default);
        fill_chunks(parts, 1, |number, part| {
            for Part { columns: cells, intercept: sums, .. } in part {
                cells.clear();
                cells.extend(weights.iter().map(|row| Cell::of(lanes(row))));
                *sums = [0.0; L];
                for row in (number * share..((number + 1) * share).min(rows)).filter(|&row| self.weights[row] != 0.0) {
                    let mut u = gather(self.rows, row, cells).map(f64::from);
                    u.iter_mut().zip(intercept).for_each(|(u, b)| *u += b);
                    curve_row(&mut u[..K], &probabilities[row], self.weights[row]);
                    sums.iter_mut().zip(u).for_each(|(sum, u)| *sum += u);
                    scatter(self.rows, row, lanes(&u), cells);
                }
            }
        });
        let mut out: Vec<f64> = v[..columns * K].iter().map(|v| penalty * v).collect();
        out.resize(v.len(), 0.0);
        let (slopes, intercept) = out.split_at_mut(columns * K);
        for part in parts {
            let (slopes, _) = slopes.as_chunks_mut::<K>();
            for (slope, cell) in slopes.iter_mut().zip(&part.columns) {
                for k in 0..K {
                    slope[k] += f64::from(cell.product[k]);
                }
            }
            intercept.iter_mut().zip(part.intercept).for_each(|(b, sum)| *b += sum);
        }
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
    z.iter_mut().for_each(|z| *z = (*z - largest).exp());
    let total: f64 = z.iter().sum();
    z.iter_mut().for_each(|z| *z /= total);
    total.ln() - own
}

/// `P − Y` of a row of this class.
fn subtract_truth(p: &mut [f64], class: usize) {
    match p {
        [p] => *p -= f64::from(u8::from(class == 1)),
        _ => p[class] -= 1.0,
    }
}

/// `s · p ∘ (u − p·u)` in place.
#[inline]
fn curve_row(u: &mut [f64], p: &[f64], weight: f64) {
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
            let problem = Problem { rows: &rows, classes, truth: &truth, weights: &weights, alpha: 0.7 };
            let mut work = Workspace::default();
            let w: Vec<f64> = (0..problem.size()).map(|i| ((i * 37 % 11) as f64 - 5.0) / 7.0).collect();
            let v: Vec<f64> = (0..problem.size()).map(|i| ((i * 17 % 7) as f64 - 3.0) / 5.0).collect();
            let here = problem.at(&w, &mut work);
            let hv = problem.hessian_times(&v, &here.probabilities, &mut work);
            let h = 1e-5;
            let mut moved = |i: usize, by: f64| {
                let mut w = w.clone();
                w[i] += by;
                problem.at(&w, &mut work)
            };
            for i in 0..problem.size() {
                let (plus, minus) = (moved(i, h), moved(i, -h));
                let slope = (plus.objective - minus.objective) / (2.0 * h);
                assert!((slope - here.gradient[i]).abs() < 1e-7, "gradient {i}: {slope} {}", here.gradient[i]);
                let curvature = (plus.gradient[i] - minus.gradient[i]) / (2.0 * h);
                assert!((curvature - here.diagonal[i]).abs() < 2e-6, "{i}: {curvature} {}", here.diagonal[i]);
            }
            let mut along = |t: f64| {
                let moved: Vec<f64> = w.iter().zip(&v).map(|(w, v)| w + t * v).collect();
                problem.at(&moved, &mut work).gradient
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
        let problem = |classes| Problem { rows: &rows, classes, truth: &truth, weights: &weights, alpha: 0.7 };
        let parameters: Vec<f64> = (0..problem(2).size()).map(|i| ((i * 37 % 11) as f64 - 5.0) / 7.0).collect();
        let two = problem(2).at(&parameters, &mut Workspace::default());
        // A third class that no row is of and whose intercept rules it out.
        let by_class = problem(2).by_class(parameters);
        let mut three: Vec<f64> = by_class.chunks(2).flat_map(|pair| [pair[0], pair[1], 0.0]).collect();
        *three.last_mut().unwrap() = -1e3;
        let oracle = problem(3).at(&three, &mut Workspace::default());
        assert!((two.objective - oracle.objective).abs() < 1e-12 * oracle.objective);
        for (p, q) in two.probabilities.iter().zip(oracle.probabilities.chunks(3)) {
            assert!((p - q[1]).abs() < 1e-12);
        }
    }
}
