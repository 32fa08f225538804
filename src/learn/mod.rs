//! Numbers only: sparse rows, TF-IDF, logistic regression, calibration, conformal sets, metrics.
//!
//! Nothing here knows of text or stance; classes are indices, terms are 64-bit keys.

mod calibration;
mod conformal;
mod logistic;
mod metrics;
mod numeric;
mod parallel;
mod products;
mod sparse;
mod tfidf;
mod tron;
mod vocabulary;

pub use calibration::{Calibration, CalibrationKind};
pub use conformal::Conformal;
pub use logistic::{ClassWeights, Convergence, FittedLogistic, LogisticRegression};
pub use metrics::{cohen_kappa, ClassScores, Confusion, Interval, Scores};
pub use numeric::softmax;
pub(crate) use numeric::{argmax, count, share};
pub(crate) use parallel::{map_chunks, map_tasks};
pub use sparse::{Csr, CsrBuilder};
pub use tfidf::{TermWeighting, Tfidf};
pub use vocabulary::{Gram, Vocabulary, VocabularyLimits};
