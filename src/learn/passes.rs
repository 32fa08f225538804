//! Passes over the rows for the few outputs that are usual: one for value, gradient and curvatures, one for a product with
//! the Hessian.

use crate::learn::objective::{curve_row, dot, level, row_loss, subtract_truth, Place, Problem};
use crate::learn::parallel::fill_chunks;
use crate::learn::products::{gather, gather_exact, lanes, scatter, scatter_exact, Cell, HalfLine, Line, Slot, LANES};

/// Parts of the rows that add to columns of their own, at most: so many threads share a pass over the rows. More of them,
/// beside folds that are fitted at the same time, do not fit the cache.
const PARTS: usize = 2;

/// Stored values of a column, on average, that are worth another copy of the columns.
const COPIED: usize = 30;

/// Memory for passes over the rows, used again from one to the next.
#[derive(Default)]
pub(crate) struct Workspace {
    single_slots: Parts<Slot<1, f64>, 1>,
    triple_slots: Parts<Slot<3, Line>, 3>,
    single_cells: Parts<Cell<1, f64>, 1>,
    packed_cells: Parts<Cell<LANES, HalfLine>, LANES>,
}

type Parts<C, const L: usize> = Vec<Part<C, L>>;

/// What some of the rows add up to.
struct Part<C, const L: usize> {
    columns: Vec<C>,
    intercept: [f64; L],
    intercept_curvature: [f64; L],
    loss: f64,
    probabilities: Vec<f64>,
}

impl<C, const L: usize> Default for Part<C, L> {
    fn default() -> Self {
        let (intercept, intercept_curvature) = ([0.0; L], [0.0; L]);
        Self { columns: Vec::new(), intercept, intercept_curvature, loss: 0.0, probabilities: Vec::new() }
    }
}

impl Problem<'_> {
    /// Objective, gradient `Xᵀ(s ∘ (P − Y)) + αW` and the curvature of each column.
    pub(crate) fn at(&self, parameters: &[f64], work: &mut Workspace) -> Place {
        match self.outputs() {
            1 => self.at_in(parameters, &mut work.single_slots),
            3 => self.at_in(parameters, &mut work.triple_slots),
            _ => self.at_any(parameters),
        }
    }

    /// `∇²f·v = Xᵀ(s ∘ (p ∘ (u − p·u))) + αV` with `u = X·V`; `s ∘ p ∘ (1 − p) ∘ u` in the middle for two classes.
    ///
    /// Up to four outputs the two products with X run in `f32` (sums over n rows are off by n · 2⁻²⁴ at worst, 10⁻⁵ over
    /// tens of thousands in practice): the direction of a Newton step needs no more, and it is the gradient, in `f64`, that
    /// says when the minimum is reached.
    pub(crate) fn hessian_times(&self, v: &[f64], probabilities: &[f64], work: &mut Workspace) -> Vec<f64> {
        match self.outputs() {
            1 => self.hessian_in_lanes::<1, 1, _>(v, probabilities, &mut work.single_cells),
            3 => self.hessian_in_lanes::<3, LANES, _>(v, probabilities, &mut work.packed_cells),
            LANES => self.hessian_in_lanes::<LANES, LANES, _>(v, probabilities, &mut work.packed_cells),
            _ => self.hessian_times_any(v, probabilities),
        }
    }

    /// Parts of the rows, and the rows of each.
    fn parts(&self) -> (usize, usize) {
        let parts = (self.rows.stored() / (COPIED * self.rows.columns().max(1))).clamp(1, PARTS);
        (parts, self.rows.rows().div_ceil(parts))
    }

    /// All of it in one pass over the rows.
    fn at_in<const K: usize, A: Copy + Send + Sync>(
        &self,
        parameters: &[f64],
        parts: &mut Parts<Slot<K, A>, K>,
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
                (part.intercept, part.intercept_curvature, part.loss) = ([0.0; K], [0.0; K], 0.0);
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
                    scatter_exact(self.rows, row, slope, lanes(&curvature), &mut part.columns);
                    for k in 0..K {
                        part.intercept[k] += slope[k];
                        part.intercept_curvature[k] += curvature[k];
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
                own_curvatures[k] += part.intercept_curvature[k];
            }
        }
        slopes.iter_mut().zip(weights).for_each(|(g, w)| *g += penalty * w);
        level(&mut diagonal, K);
        Place {
            objective: parts.iter().map(|part| part.loss).sum::<f64>() + penalty / 2.0 * dot(weights, weights),
            probabilities: parts.iter().flat_map(|part| &part.probabilities).copied().collect(),
            gradient,
            curvature: diagonal,
        }
    }

    /// Both products in one pass over the rows.
    fn hessian_in_lanes<const K: usize, const L: usize, A: Copy + Send + Sync>(
        &self,
        v: &[f64],
        probabilities: &[f64],
        parts: &mut Parts<Cell<L, A>, L>,
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
                slope.iter_mut().zip(&cell.product).for_each(|(g, sum)| *g += f64::from(*sum));
            }
            intercept.iter_mut().zip(part.intercept).for_each(|(b, sum)| *b += sum);
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::learn::objective::small;

    fn close(a: &[f64], b: &[f64]) {
        assert_eq!(a.len(), b.len());
        assert!(a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-5 * (1.0 + a.abs())), "{a:?} {b:?}");
    }

    #[test]
    fn passes_are_those_for_any_number_of_outputs_and_skip_rows_without_weight() {
        for classes in [2, 3, 4] {
            let (rows, truth, mut weights) = small(classes);
            weights.iter_mut().step_by(3).for_each(|weight| *weight = 0.0);
            let problem = Problem { rows: &rows, classes, truth: &truth, weights: &weights, alpha: 0.7 };
            let kept: Vec<usize> = (0..rows.rows()).filter(|row| row % 3 != 0).collect();
            let of_kept = |all: &[f64]| kept.iter().map(|row| all[*row]).collect::<Vec<f64>>();
            let (few, truth) = (rows.select(&kept), kept.iter().map(|row| truth[*row]).collect::<Vec<usize>>());
            let weights = of_kept(&weights);
            let oracle = Problem { rows: &few, classes, truth: &truth, weights: &weights, alpha: 0.7 };
            let w: Vec<f64> = (0..problem.size()).map(|i| ((i * 37 % 11) as f64 - 5.0) / 7.0).collect();
            let mut work = Workspace::default();
            let (here, there) = (problem.at(&w, &mut work), oracle.at_any(&w));
            close(&[here.objective], &[there.objective]);
            close(&here.gradient, &there.gradient);
            close(&here.curvature, &there.curvature);
            let product = problem.hessian_times(&w, &here.probabilities, &mut work);
            close(&product, &oracle.hessian_times_any(&w, &there.probabilities));
        }
    }

    #[test]
    fn gradient_and_hessian_are_those_of_finite_differences() {
        // One output, lanes, and more classes than lanes; the rows in two parts.
        for classes in [2, 3, 4, 6] {
            let (rows, truth, weights) = small(classes);
            let problem = Problem { rows: &rows, classes, truth: &truth, weights: &weights, alpha: 0.7 };
            assert_eq!(problem.parts().0, PARTS);
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
            let mut diagonal = Vec::new();
            for i in 0..problem.size() {
                let (plus, minus) = (moved(i, h), moved(i, -h));
                let slope = (plus.objective - minus.objective) / (2.0 * h);
                assert!((slope - here.gradient[i]).abs() < 1e-7, "gradient {i}: {slope} {}", here.gradient[i]);
                diagonal.push((plus.gradient[i] - minus.gradient[i]) / (2.0 * h));
            }
            level(&mut diagonal, problem.outputs());
            for (i, (exact, found)) in diagonal.iter().zip(&here.curvature).enumerate() {
                assert!((exact - found).abs() < 2e-6, "curvature {i}: {exact} {found}");
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
}
