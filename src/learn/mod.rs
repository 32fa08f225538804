//! Numbers only: sparse rows, TF-IDF, logistic regression, calibration, conformal sets, metrics.
//!
//! Nothing here knows of text or stance; classes are indices, terms are 64-bit keys.
//!
//! # With linfa's own tools
//!
//! A [`Csr`] matrix is linfa's `Records`: a `DatasetBase` of it takes sample weights, [`LogisticRegression`] is its `Fit`,
//! [`FittedLogistic`] its `Predict`, and `confusion_matrix` and all that follows from it work on the outcome.
//!
//! What cuts datasets up (`fold`, `iter_fold`, `cross_validate`, `shuffle`, `bootstrap_samples`) wants records that are
//! a dense `ndarray`. Give it the numbers of the rows in place of the rows, and [`Csr::select`] the rows of each part:
//!
//! ```
//! use demarche::learn::{CsrBuilder, LogisticRegression};
//! use linfa::prelude::*;
//! use ndarray::{Array1, Array2};
//!
//! let (mut builder, rows) = (CsrBuilder::new(3), 12);
//! for row in 0..rows as u32 {
//!     builder.push_row([(row % 3, 1.0), ((row + 1) % 3, 0.2)])?;
//! }
//! let matrix = builder.build();
//! let classes = Array1::from_shape_fn(rows, |row| row % 3);
//! let numbers = Dataset::new(Array2::from_shape_fn((rows, 1), |(row, _)| row), classes);
//!
//! let regression = LogisticRegression::default().alpha(0.1);
//! let mut accuracies = Vec::new();
//! for (train, held_out) in numbers.fold(4) {
//!     let [train, held_out] = [train, held_out].map(|part| {
//!         let rows = matrix.select(&part.records().iter().copied().collect::<Vec<usize>>());
//!         DatasetBase::new(rows, part.targets)
//!     });
//!     let fitted = regression.fit(&train)?;
//!     accuracies.push(fitted.predict(&held_out).confusion_matrix(&held_out)?.accuracy());
//! }
//! assert_eq!(accuracies, [1.0; 4]);
//! # Ok::<(), demarche::Error>(())
//! ```
//!
//! Rows of one dispute belong on one side: to cut a corpus, use [`Trainer::cross_validate`](crate::Trainer::cross_validate).
//! [`Trainer::dataset`](crate::Trainer::dataset) makes a dataset of a corpus.

mod calibration;
mod conformal;
mod curves;
mod logistic;
mod metrics;
mod numeric;
mod objective;
mod parallel;
mod passes;
mod products;
mod sparse;
mod tfidf;
mod tron;
mod vocabulary;

pub use calibration::{Calibration, CalibrationKind};
pub use conformal::Conformal;
pub use curves::ReliabilityBin;
pub use logistic::{ClassWeights, Convergence, FittedLogistic, LogisticRegression};
pub use metrics::{cohen_kappa, mcnemar, ClassScores, Confusion, Interval, Scores};
pub use numeric::softmax;
pub(crate) use numeric::{argmax, count, share};
pub(crate) use parallel::{both, map_chunks, map_tasks};
pub use sparse::{Csr, CsrBuilder};
pub use tfidf::{TermWeighting, Tfidf};
pub use vocabulary::{Gram, Vocabulary, VocabularyLimits};
