//! Trust-region Newton for multinomial logistic regression over sparse rows.
//!
//! TRON: C.-J. Lin, R. C. Weng, S. S. Keerthi, "Trust region Newton method for large-scale logistic regression",
//! JMLR 9 (2008), with the multinomial loss, an unpenalised intercept and a diagonal preconditioner (C.-Y. Hsia,
//! W.-L. Chiang, C.-J. Lin, "Preconditioned conjugate gradient methods in truncated Newton frameworks", ACML 2018).

use crate::learn::numeric::{count, softmax};
use crate::learn::parallel::fill_chunks;
use crate::learn::products::{add_row, pack, sum_row, LANES};
use crate::learn::sparse::Csr;

/// Rows and columns that one task works on; fixed, so that sums do not depend on the number of threads.
const ROWS: usize = 512;
const COLUMNS: usize = 1024;

/// A weighted multinomial problem:
///
/// `f(W, b) = Σᵢ sᵢ · (log Σₖ exp(zᵢₖ) − zᵢ,yᵢ) + α/2 · ‖W‖²` with `zᵢ = Wᵀxᵢ + b`.
///
/// Parameters are one vector: weight of column j and class k at `j·K + k`, then the K intercepts.
pub(crate) struct Problem<'a> {
    pub rows: &'a Csr,
    pub columns: &'a Csr,
    pub classes: usize,
    pub truth: &'a [usize],
    pub weights: &'a [f64],
    pub alpha: f64,
}

/// What the solver found and how it ended.
pub(crate) struct Solution {
    pub parameters: Vec<f64>,
    pub objective: f64,
    /// ‖∇f‖ over ‖∇f‖ at zero.
    pub gradient: f64,
    pub iterations: usize,
}

impl Problem<'_> {
    pub(crate) fn size(&self) -> usize {
        (self.rows.columns() + 1) * self.classes
    }

    /// `X·W + b`: rows × classes.
    fn margins(&self, parameters: &[f64]) -> Vec<f64> {
        let k = self.classes;
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

    /// `Xᵀ·Q + α·V` and, for the intercepts, the column sums of Q. Q is rows × classes.
    fn transposed(&self, q: &[f64], v: &[f64]) -> Vec<f64> {
        let k = self.classes;
        let mut out = vec![0.0; self.size()];
        let (weights, intercept) = out.split_at_mut(self.rows.columns() * k);
        fill_chunks(weights, COLUMNS * k, |start, chunk| {
            for (i, g) in chunk.chunks_mut(k).enumerate() {
                let column = start / k + i;
                add_row(self.columns, column, q, g);
                for (g, v) in g.iter_mut().zip(&v[start + i * k..]) {
                    *g += self.alpha * v;
                }
            }
        });
        for row in q.chunks(k) {
            intercept.iter_mut().zip(row).for_each(|(b, q)| *b += q);
        }
        out
    }

    /// The objective, and the class probabilities of every row.
    pub(crate) fn objective(&self, parameters: &[f64]) -> (f64, Vec<f64>) {
        let k = self.classes;
        let mut z = self.margins(parameters);
        let losses = fill_chunks(&mut z, ROWS * k, |start, chunk| {
            let mut loss = 0.0;
            for (i, z) in chunk.chunks_mut(k).enumerate() {
                let row = start / k + i;
                if self.weights[row] != 0.0 {
                    let largest = z.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                    let own = z[self.truth[row]] - largest;
                    let total: f64 = z.iter().map(|z| (z - largest).exp()).sum();
                    loss += self.weights[row] * (total.ln() - own);
                    softmax(z);
                }
            }
            loss
        });
        let penalised = &parameters[..self.rows.columns() * k];
        (losses.iter().sum::<f64>() + self.alpha / 2.0 * dot(penalised, penalised), z)
    }

    /// `∇f = Xᵀ(s ∘ (P − Y)) + αW`.
    pub(crate) fn gradient(&self, parameters: &[f64], probabilities: &[f64]) -> Vec<f64> {
        let k = self.classes;
        let mut q = probabilities.to_vec();
        for (row, q) in q.chunks_mut(k).enumerate() {
            q[self.truth[row]] -= 1.0;
            q.iter_mut().for_each(|q| *q *= self.weights[row]);
        }
        self.transposed(&q, parameters)
    }

    /// `∇²f·v = Xᵀ(s ∘ (p ∘ (u − p·u))) + αV` with `u = X·V`.
    ///
    /// Up to four classes the two products with X run in `f32`, four lanes at a time: the direction of a Newton step needs
    /// no more, and it is the gradient, in `f64`, that says when the minimum is reached.
    fn hessian_times(&self, v: &[f64], probabilities: &[f64]) -> Vec<f64> {
        let k = self.classes;
        if k > LANES {
            let mut u = self.margins(v);
            self.curve(&mut u, k, probabilities);
            return self.transposed(&u, v);
        }
        let (weights, intercept) = v.split_at(self.rows.columns() * k);
        let packed = pack(weights, k);
        let mut u = vec![0.0; self.rows.rows() * k];
        fill_chunks(&mut u, ROWS * k, |start, chunk| {
            for (i, u) in chunk.chunks_mut(k).enumerate() {
                let row = start / k + i;
                if self.weights[row] != 0.0 {
                    let sum = sum_row(self.rows, row, &packed);
                    u.iter_mut().zip(intercept).zip(sum).for_each(|((u, b), sum)| *u = b + f64::from(sum));
                }
            }
        });
        self.curve(&mut u, k, probabilities);
        let packed = pack(&u, k);
        let mut out = vec![0.0; self.size()];
        let (slopes, intercept) = out.split_at_mut(self.rows.columns() * k);
        fill_chunks(slopes, COLUMNS * k, |start, chunk| {
            for (i, g) in chunk.chunks_mut(k).enumerate() {
                let sum = sum_row(self.columns, start / k + i, &packed);
                let v = &v[start + i * k..];
                g.iter_mut().zip(sum).zip(v).for_each(|((g, sum), v)| *g = f64::from(sum) + self.alpha * v);
            }
        });
        for row in u.chunks(k) {
            intercept.iter_mut().zip(row).for_each(|(b, u)| *b += u);
        }
        out
    }

    /// `s ∘ (p ∘ (u − p·u))`, row by row, in place.
    fn curve(&self, u: &mut [f64], k: usize, probabilities: &[f64]) {
        fill_chunks(u, ROWS * k, |start, chunk| {
            for (i, u) in chunk.chunks_mut(k).enumerate() {
                let row = start / k + i;
                let p = &probabilities[row * k..(row + 1) * k];
                let mean = dot(p, u);
                for (u, p) in u.iter_mut().zip(p) {
                    *u = self.weights[row] * p * (*u - mean);
                }
            }
        });
    }

    /// The diagonal of the Hessian, kept away from zero.
    fn diagonal(&self, probabilities: &[f64]) -> Vec<f64> {
        let k = self.classes;
        let curvature: Vec<f64> = probabilities
            .chunks(k)
            .zip(self.weights)
            .flat_map(|(p, s)| p.iter().map(move |p| s * p * (1.0 - p)))
            .collect();
        let mut out = vec![self.alpha; self.size()];
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
        for row in curvature.chunks(k) {
            intercept.iter_mut().zip(row).for_each(|(d, c)| *d += c);
        }
        out.iter_mut().for_each(|d| *d = d.max(1e-8));
        out
    }

    /// Minimises from `start` until ‖∇f‖ ≤ `tolerance` · ‖∇f(0)‖ or `max_iterations` Newton steps are done.
    pub(crate) fn solve(&self, start: Vec<f64>, tolerance: f64, max_iterations: usize) -> Solution {
        let (_, p) = self.objective(&vec![0.0; self.size()]);
        let reference = norm(&self.gradient(&vec![0.0; self.size()], &p)).max(f64::MIN_POSITIVE);

        let mut w = start;
        let (mut f, mut p) = self.objective(&w);
        let mut g = self.gradient(&w, &p);
        let mut radius = f64::NAN;
        let mut iterations = 0;
        while norm(&g) > tolerance * reference && iterations < max_iterations {
            iterations += 1;
            let diagonal = self.diagonal(&p);
            if radius.is_nan() {
                radius = scaled_norm(&g, &diagonal, -0.5);
            }
            let step = self.newton_step(&g, &p, &diagonal, radius);
            let next: Vec<f64> = w.iter().zip(&step.direction).map(|(w, s)| w + s).collect();
            let (f_next, p_next) = self.objective(&next);
            let actual = f - f_next;
            if step.predicted.abs() <= 1e-11 * f.abs() {
                // Below the resolution of f64 the objective cannot judge a step any more, but the gradient can.
                let g_next = self.gradient(&next, &p_next);
                if norm(&g_next) >= norm(&g) {
                    break;
                }
                (w, f, p, g) = (next, f_next, p_next, g_next);
                continue;
            }
            let length = scaled_norm(&step.direction, &diagonal, 0.5);
            if iterations == 1 {
                radius = radius.min(length);
            }
            radius = updated_radius(radius, length, actual, step.predicted, dot(&g, &step.direction));
            if actual > 1e-4 * step.predicted {
                (w, f, p) = (next, f_next, p_next);
                g = self.gradient(&w, &p);
            }
            if !f.is_finite() {
                break;
            }
        }
        Solution { gradient: norm(&g) / reference, parameters: w, objective: f, iterations }
    }

    /// Preconditioned conjugate gradients (Steihaug): the minimiser of the quadratic model within the trust region.
    fn newton_step(&self, g: &[f64], p: &[f64], diagonal: &[f64], radius: f64) -> Step {
        let mut s = vec![0.0; g.len()];
        let mut r: Vec<f64> = g.iter().map(|g| -g).collect();
        let mut z: Vec<f64> = r.iter().zip(diagonal).map(|(r, d)| r / d).collect();
        let mut d = z.clone();
        let mut rz = dot(&r, &z);
        let enough = 0.1 * rz.sqrt();
        for _ in 0..g.len() {
            if rz.sqrt() <= enough {
                break;
            }
            let hd = self.hessian_times(&d, p);
            let curvature = dot(&d, &hd);
            if curvature <= 0.0 {
                break;
            }
            let alpha = rz / curvature;
            add(&mut s, alpha, &d);
            if scaled_norm(&s, diagonal, 0.5) > radius {
                add(&mut s, -alpha, &d);
                let to_border = border(&s, &d, diagonal, radius);
                add(&mut s, to_border, &d);
                add(&mut r, -to_border, &hd);
                break;
            }
            add(&mut r, -alpha, &hd);
            z.iter_mut().zip(&r).zip(diagonal).for_each(|((z, r), d)| *z = r / d);
            let rz_next = dot(&r, &z);
            let beta = rz_next / rz;
            d.iter_mut().zip(&z).for_each(|(d, z)| *d = z + beta * *d);
            rz = rz_next;
        }
        // r = −g − H·s, so the model's decrease −gᵀs − ½sᵀHs is −½(gᵀs − sᵀr).
        let predicted = -0.5 * (dot(g, &s) - dot(&s, &r));
        Step { direction: s, predicted }
    }
}

struct Step {
    direction: Vec<f64>,
    predicted: f64,
}

/// The trust region's new radius (Lin and Moré's rule, as in LIBLINEAR).
fn updated_radius(radius: f64, length: f64, actual: f64, predicted: f64, slope: f64) -> f64 {
    const GROW: f64 = 4.0;
    const SHRINK: f64 = 0.25;
    let curvature = -actual - slope;
    let alpha = if curvature <= 0.0 { GROW } else { SHRINK.max(-0.5 * (slope / curvature)) };
    match actual {
        a if !a.is_finite() => SHRINK * radius.min(length),
        a if a < 1e-4 * predicted => (alpha * length).min(0.5 * radius),
        a if a < 0.25 * predicted => (SHRINK * radius).max((alpha * length).min(0.5 * radius)),
        a if a < 0.75 * predicted => (SHRINK * radius).max((alpha * length).min(GROW * radius)),
        _ => radius.max((alpha * length).min(GROW * radius)),
    }
}

/// The t ≥ 0 with ‖s + t·d‖ = radius, in the norm that the diagonal scales.
fn border(s: &[f64], d: &[f64], diagonal: &[f64], radius: f64) -> f64 {
    let scaled = |a: &[f64], b: &[f64]| -> f64 { a.iter().zip(b).zip(diagonal).map(|((a, b), m)| a * b * m).sum() };
    let (sd, ss, dd) = (scaled(s, d), scaled(s, s), scaled(d, d));
    let room = (radius * radius - ss).max(0.0);
    let root = (sd * sd + dd * room).sqrt();
    if sd >= 0.0 {
        room / (sd + root)
    } else {
        (root - sd) / dd
    }
}

fn add(a: &mut [f64], factor: f64, b: &[f64]) {
    a.iter_mut().zip(b).for_each(|(a, b)| *a += factor * b);
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn norm(a: &[f64]) -> f64 {
    dot(a, a).sqrt()
}

fn scaled_norm(a: &[f64], diagonal: &[f64], power: f64) -> f64 {
    let total: f64 = if power > 0.0 {
        a.iter().zip(diagonal).map(|(a, d)| a * a * d).sum()
    } else {
        a.iter().zip(diagonal).map(|(a, d)| a * a / d).sum()
    };
    total.sqrt()
}

/// Class weights that make every class count the same: `n / (K · nₖ)`.
pub(crate) fn balanced(truth: &[usize], weights: &[f64], classes: usize) -> Vec<f64> {
    let mut totals = vec![0.0; classes];
    truth.iter().zip(weights).for_each(|(&class, weight)| totals[class] += weight);
    let all: f64 = totals.iter().sum();
    totals.iter().map(|&total| if total > 0.0 { all / (count(classes) * total) } else { 0.0 }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::learn::sparse::CsrBuilder;

    fn small() -> (Csr, Vec<usize>, Vec<f64>) {
        let mut builder = CsrBuilder::new(5);
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
            truth.push((i * 7 + i / 3) % 3);
            weights.push(f64::from(random()) + 0.2);
        }
        (builder.build(), truth, weights)
    }

    #[test]
    fn gradient_and_hessian_are_those_of_finite_differences() {
        let (rows, truth, weights) = small();
        let columns = rows.transposed();
        let problem =
            Problem { rows: &rows, columns: &columns, classes: 3, truth: &truth, weights: &weights, alpha: 0.7 };
        let w: Vec<f64> = (0..problem.size()).map(|i| ((i * 37 % 11) as f64 - 5.0) / 7.0).collect();
        let v: Vec<f64> = (0..problem.size()).map(|i| ((i * 17 % 7) as f64 - 3.0) / 5.0).collect();
        let (_, p) = problem.objective(&w);
        let (gradient, hv) = (problem.gradient(&w, &p), problem.hessian_times(&v, &p));
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
            assert!((exact - hv[i]).abs() < 1e-6, "Hessian {i}: {exact} {}", hv[i]);
        }
    }

    #[test]
    fn ends_where_the_gradient_is_zero() {
        let (rows, truth, weights) = small();
        let columns = rows.transposed();
        let problem =
            Problem { rows: &rows, columns: &columns, classes: 3, truth: &truth, weights: &weights, alpha: 0.01 };
        let solution = problem.solve(vec![0.0; problem.size()], 1e-10, 100);
        assert!(solution.gradient <= 1e-10, "{}", solution.gradient);
        let elsewhere = problem.solve(vec![3.0; problem.size()], 1e-10, 100);
        assert!((solution.objective - elsewhere.objective).abs() < 1e-9 * solution.objective);
    }
}
