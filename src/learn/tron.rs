//! Trust-region Newton for logistic regression.
//!
//! TRON: C.-J. Lin, R. C. Weng, S. S. Keerthi, "Trust region Newton method for large-scale logistic regression",
//! JMLR 9 (2008), with the multinomial loss, an unpenalised intercept and a diagonal preconditioner (C.-Y. Hsia,
//! W.-L. Chiang, C.-J. Lin, "Preconditioned conjugate gradient methods in truncated Newton frameworks", ACML 2018).

use crate::learn::objective::{dot, Place, Problem};
use crate::learn::passes::Workspace;

/// What the solver found and how it ended.
pub(crate) struct Solution {
    pub parameters: Vec<f64>,
    pub objective: f64,
    /// ‖∇f‖ over ‖∇f‖ at zero.
    pub gradient: f64,
    pub iterations: usize,
}

impl Problem<'_> {
    /// Minimises from `start` until ‖∇f‖ ≤ `tolerance` · ‖∇f(0)‖ or `max_iterations` Newton steps are done.
    pub(crate) fn solve(&self, start: Vec<f64>, tolerance: f64, max_iterations: usize) -> Solution {
        let mut work = Workspace::default();
        // A gradient of nothing but rounding is one of zero.
        let rounding = f64::EPSILON * self.weights.iter().sum::<f64>();
        let zero = vec![0.0; self.size()];
        let origin = self.at(&zero, &mut work);
        let reference = norm(&origin.gradient).max(rounding / tolerance);

        let mut here = if start == zero { origin } else { self.at(&start, &mut work) };
        let mut w = start;
        let mut radius = f64::NAN;
        let mut iterations = 0;
        while norm(&here.gradient) > tolerance * reference && iterations < max_iterations {
            iterations += 1;
            if radius.is_nan() {
                radius = here.gradient.iter().zip(&here.curvature).map(|(g, d)| g * g / d).sum::<f64>().sqrt();
            }
            let step = self.newton_step(&here, radius, &mut work);
            let next: Vec<f64> = w.iter().zip(&step.direction).map(|(w, s)| w + s).collect();
            let there = self.at(&next, &mut work);
            let actual = here.objective - there.objective;
            if step.predicted.abs() <= 1e-11 * here.objective.abs() {
                // Below the resolution of f64 the objective cannot judge a step any more, but the gradient can.
                if norm(&there.gradient) >= norm(&here.gradient) {
                    break;
                }
                (w, here) = (next, there);
                continue;
            }
            let length = step.length;
            if iterations == 1 {
                radius = radius.min(length);
            }
            radius = updated_radius(radius, length, actual, step.predicted, dot(&here.gradient, &step.direction));
            if actual > 1e-4 * step.predicted {
                (w, here) = (next, there);
            }
            if !here.objective.is_finite() {
                break;
            }
        }
        let gradient = norm(&here.gradient) / reference;
        Solution { gradient, parameters: self.by_class(w), objective: here.objective, iterations }
    }

    /// Preconditioned conjugate gradients (Steihaug): the minimiser of the quadratic model within the trust region. Its
    /// lengths are those of the norm that the curvatures scale, carried along (A. R. Conn, N. I. M. Gould, P. L. Toint,
    /// "Trust-region methods", 2000, section 7.5.4).
    fn newton_step(&self, here: &Place, radius: f64, work: &mut Workspace) -> Step {
        let Place { gradient: g, curvature, probabilities, .. } = here;
        let inverse: Vec<f64> = curvature.iter().map(|curvature| curvature.recip()).collect();
        let mut s = vec![0.0; g.len()];
        let mut r: Vec<f64> = g.iter().map(|g| -g).collect();
        let mut d: Vec<f64> = r.iter().zip(&inverse).map(|(r, m)| r * m).collect();
        let mut rz = dot(&r, &d);
        let enough = 0.01 * rz;
        // ‖s‖², s·d and ‖d‖².
        let (mut ss, mut sd, mut dd) = (0.0, 0.0, rz);
        for _ in 0..g.len() {
            if rz <= enough {
                break;
            }
            let hd = self.hessian_times(&d, probabilities, work);
            let along = dot(&d, &hd);
            // Weights beyond the range of `f32` end here, not in a search that never does.
            if !(along > 0.0 && along.is_finite()) {
                break;
            }
            let alpha = rz / along;
            let longer = ss + 2.0 * alpha * sd + alpha * alpha * dd;
            if longer > radius * radius {
                let to_border = border(ss, sd, dd, radius);
                add(&mut s, to_border, &d);
                add(&mut r, -to_border, &hd);
                ss = radius * radius;
                break;
            }
            add(&mut s, alpha, &d);
            let rz_next = add_and_scale(&mut r, -alpha, &hd, &inverse);
            let beta = rz_next / rz;
            d.iter_mut().zip(&r).zip(&inverse).for_each(|((d, r), m)| *d = r * m + beta * *d);
            (ss, sd, dd) = (longer, beta * (sd + alpha * dd), rz_next + beta * beta * dd);
            rz = rz_next;
        }
        // r = −g − H·s, so the model's decrease −gᵀs − ½sᵀHs is −½(gᵀs − sᵀr).
        let predicted = -0.5 * (dot(g, &s) - dot(&s, &r));
        Step { direction: s, length: ss.sqrt(), predicted }
    }
}

struct Step {
    direction: Vec<f64>,
    /// In the norm that the curvatures scale.
    length: f64,
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

/// The t ≥ 0 with ‖s + t·d‖ = radius, from ‖s‖², s·d and ‖d‖².
fn border(ss: f64, sd: f64, dd: f64, radius: f64) -> f64 {
    let room = (radius * radius - ss).max(0.0);
    // s·d is never below 0: conjugate gradients only move away from where they began.
    room / (sd + (sd * sd + dd * room).sqrt())
}

fn add(a: &mut [f64], factor: f64, b: &[f64]) {
    a.iter_mut().zip(b).for_each(|(a, b)| *a += factor * b);
}

fn norm(a: &[f64]) -> f64 {
    dot(a, a).sqrt()
}

/// Adds `factor · b` to a, and sums its squares times the scales: in sums that grow side by side.
fn add_and_scale(a: &mut [f64], factor: f64, b: &[f64], scales: &[f64]) -> f64 {
    let ((a, rest), (b, b_rest)) = (a.as_chunks_mut::<8>(), b.as_chunks::<8>());
    let (scales, last) = scales.as_chunks::<8>();
    let mut sums = [0.0; 8];
    for ((a, b), scale) in a.iter_mut().zip(b).zip(scales) {
        for way in 0..8 {
            a[way] += factor * b[way];
            sums[way] += a[way] * a[way] * scale[way];
        }
    }
    add(rest, factor, b_rest);
    sums.iter().sum::<f64>() + rest.iter().zip(last).map(|(a, scale)| *a * *a * scale).sum::<f64>()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::learn::objective::small;
    use crate::learn::sparse::CsrBuilder;

    #[test]
    fn ends_where_the_gradient_is_zero() {
        for classes in [2, 3, 6] {
            let (rows, truth, weights) = small(classes);
            let problem = Problem { rows: &rows, classes, truth: &truth, weights: &weights, alpha: 0.01 };
            let solution = problem.solve(vec![0.0; problem.size()], 1e-10, 100);
            assert!(solution.gradient <= 1e-10, "{}", solution.gradient);
            let elsewhere = problem.solve(vec![3.0; problem.size()], 1e-10, 100);
            assert!((solution.objective - elsewhere.objective).abs() < 1e-9 * solution.objective);
        }
    }

    #[test]
    fn weights_beyond_the_range_of_f32_end() {
        let mut builder = CsrBuilder::new(100_000);
        (0..40).for_each(|row| builder.push_row([(row, 1.0), (row * 7, 0.5)]).unwrap());
        let rows = builder.build();
        let truth: Vec<usize> = (0..40).map(|row| row % 3).collect();
        let problem = Problem { rows: &rows, classes: 3, truth: &truth, weights: &[1e39; 40], alpha: 1.0 };
        let solution = problem.solve(vec![0.0; problem.size()], 1e-4, 200);
        assert!(solution.iterations <= 200);
    }

    #[test]
    fn rows_that_tell_nothing_are_fitted() {
        let mut builder = CsrBuilder::new(3);
        (0..99).for_each(|_| builder.push_row([]).unwrap());
        let rows = builder.build();
        let truth: Vec<usize> = (0..99).map(|row| row % 3).collect();
        let problem = Problem { rows: &rows, classes: 3, truth: &truth, weights: &[1.0 / 3.0; 99], alpha: 1.0 };
        let solution = problem.solve(vec![0.0; problem.size()], 1e-4, 200);
        assert!(solution.gradient <= 1e-4, "{}", solution.gradient);
    }
}
