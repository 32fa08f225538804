//! Label sets with a stated coverage.

use serde::{Deserialize, Serialize};

use crate::learn::numeric::count;

/// Class-conditional conformal prediction: label sets that hold the true class with a chosen probability, for every
/// class on its own.
///
/// Vovk, "Conditional validity of inductive conformal predictors", ACML 2012 (Mondrian). The score of a row is
/// `1 − p(true class)`; of each class the quantiles of held-out scores are kept.
///
/// ```
/// use demarche::learn::Conformal;
///
/// let held_out = [([0.9, 0.1], 0), ([0.6, 0.4], 0), ([0.3, 0.7], 1), ([0.4, 0.6], 1)];
/// let conformal = Conformal::fit(2, held_out.iter().map(|(p, class)| (&p[..], *class)));
/// assert_eq!(conformal.set(&[0.95, 0.05], 0.5), [0]);
/// assert_eq!(conformal.set(&[0.5, 0.5], 0.9), [0, 1]);
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Conformal {
    /// For each class, the scores at the levels 1/STEPS, 2/STEPS … of coverage.
    thresholds: Vec<Vec<f32>>,
}

/// Coverage is kept in steps of half a per cent.
const STEPS: usize = 200;

impl Conformal {
    /// Learns the thresholds from held-out probabilities and their true classes.
    pub fn fit<'p>(classes: usize, held_out: impl Iterator<Item = (&'p [f64], usize)>) -> Self {
        let mut scores = vec![Vec::new(); classes];
        for (probabilities, class) in held_out {
            if let (Some(scores), Some(p)) = (scores.get_mut(class), probabilities.get(class)) {
                scores.push(1.0 - p);
            }
        }
        let thresholds = scores
            .into_iter()
            .map(|mut scores| {
                scores.sort_by(f64::total_cmp);
                (1..=STEPS).map(|step| quantile(&scores, step) as f32).collect()
            })
            .collect();
        Self { thresholds }
    }

    /// Whether there are thresholds for this many classes, in rising order; what is read from a file must be valid.
    pub(crate) fn is_valid(&self, classes: usize) -> bool {
        let is_sound = |levels: &Vec<f32>| {
            levels.len() == STEPS && levels.iter().all(|level| level.is_finite()) && levels.is_sorted()
        };
        self.thresholds.len() == classes && self.thresholds.iter().all(is_sound)
    }

    /// The classes that cannot be ruled out at this coverage (0 to 1), in order; possibly none or all.
    pub fn set(&self, probabilities: &[f64], coverage: f64) -> Vec<usize> {
        // Full coverage rules nothing out, whatever was held out.
        if coverage >= 1.0 {
            return (0..probabilities.len()).collect();
        }
        let step = ((coverage * count(STEPS)).ceil() as usize).clamp(1, STEPS);
        self.thresholds
            .iter()
            .zip(probabilities)
            .enumerate()
            .filter(|(_, (levels, p))| levels.get(step - 1).is_none_or(|t| 1.0 - **p <= f64::from(*t) + 1e-7))
            .map(|(class, _)| class)
            .collect()
    }
}

/// The ⌈(n + 1) · level⌉-th smallest score; 1, which rules nothing out, where there are too few.
fn quantile(sorted: &[f64], step: usize) -> f64 {
    let rank = ((sorted.len() + 1) * step).div_ceil(STEPS);
    sorted.get(rank.max(1) - 1).copied().unwrap_or(1.0)
}
