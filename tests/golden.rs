//! The numerics against other people's: golden numbers from scikit-learn, and `linfa-logistic`'s solver.
//!
//! * TF-IDF: idf and transformed rows are those of scikit-learn's `TfidfVectorizer` (smooth idf, L2, linear and
//!   sublinear), for the documents that were fitted and for others.
//! * Logistic regression with sample and class weights: objective, coefficients, intercepts and probabilities are those
//!   of scikit-learn's `LogisticRegression`.
//! * Where `linfa-logistic` can go (dense, no weights), our minimum is its minimum.
//!
//! `golden/make.py` makes the numbers and says with which versions.

use demarche::learn::{ClassWeights, Csr, CsrBuilder, FittedLogistic, LogisticRegression, TermWeighting, Tfidf};
use linfa::dataset::DatasetBase;
use linfa::traits::{Fit, Predict};
use linfa_logistic::MultiLogisticRegression;
use ndarray::{Array1, Array2, ArrayView1, ArrayView2, Axis};
use serde::Deserialize;

/// The idf and the rows are `f32`.
const TFIDF: f64 = 1e-6;
const COEFFICIENTS: f64 = 1e-4;
const PROBABILITIES: f64 = 1e-5;
/// Relative.
const OBJECTIVE: f64 = 1e-6;

#[derive(Deserialize)]
struct GoldenTfidf {
    /// How many of the rows were fitted: the first ones.
    documents: usize,
    terms: Vec<String>,
    frequencies: Vec<usize>,
    rows: Vec<Document>,
    fits: Vec<TfidfFit>,
}

#[derive(Deserialize)]
struct Document {
    text: String,
    counts: Vec<(u32, f32)>,
}

#[derive(Deserialize)]
struct TfidfFit {
    weighting: TermWeighting,
    idf: Vec<f64>,
    /// Weights in the order of the document's counts.
    rows: Vec<Vec<f64>>,
}

#[test]
fn tfidf_is_that_of_scikit_learn() {
    let golden: GoldenTfidf = serde_json::from_str(include_str!("golden/tfidf.json")).unwrap();
    assert_eq!(
        golden.fits.iter().map(|f| f.weighting).collect::<Vec<_>>(),
        [TermWeighting::Linear, TermWeighting::Sublinear]
    );
    for fit in &golden.fits {
        let weighting = fit.weighting;
        let tfidf = Tfidf::fit(golden.documents, golden.frequencies.iter().copied(), weighting);
        assert_eq!(tfidf.idf().len(), fit.idf.len());
        for ((term, ours), theirs) in golden.terms.iter().zip(tfidf.idf()).zip(&fit.idf) {
            assert_close(f64::from(*ours), *theirs, TFIDF, || format!("{weighting:?}, idf of {term:?}"));
        }
        assert_eq!(golden.rows.len(), fit.rows.len());
        for (document, theirs) in golden.rows.iter().zip(&fit.rows) {
            let mut row = document.counts.clone();
            tfidf.transform(&mut row);
            assert_eq!(row.len(), theirs.len());
            for ((column, ours), theirs) in row.into_iter().zip(theirs) {
                let term = &golden.terms[column as usize];
                let place = || format!("{weighting:?}, {term:?} in {:?}", document.text);
                assert_close(f64::from(ours), *theirs, TFIDF, place);
            }
        }
    }
}

#[derive(Deserialize)]
struct GoldenLogistic {
    columns: usize,
    rows: Vec<Vec<(u32, f32)>>,
    classes: Vec<usize>,
    weights: Vec<f32>,
    fits: Vec<LogisticFit>,
}

#[derive(Deserialize)]
struct LogisticFit {
    c: f64,
    class_weights: ClassWeights,
    objective: f64,
    /// Classes × columns.
    coefficients: Vec<Vec<f64>>,
    intercepts: Vec<f64>,
    /// Rows × classes.
    probabilities: Vec<Vec<f64>>,
}

#[test]
fn logistic_regression_is_that_of_scikit_learn() {
    let golden: GoldenLogistic = serde_json::from_str(include_str!("golden/logistic.json")).unwrap();
    let records = csr(golden.columns, golden.rows);
    let dataset = DatasetBase::new(records, Array1::from(golden.classes)).with_weights(Array1::from(golden.weights));
    assert_eq!(golden.fits.iter().filter(|f| f.class_weights == ClassWeights::Balanced).count(), 2);
    for golden in &golden.fits {
        let case = format!("C = {}, {:?}", golden.c, golden.class_weights);
        let fitted = LogisticRegression::default()
            .alpha(1.0 / golden.c)
            .tolerance(1e-10)
            .class_weights(golden.class_weights.clone())
            .fit(&dataset)
            .unwrap();
        let objective = fitted.convergence().objective();
        assert_close(objective / golden.objective, 1.0, OBJECTIVE, || format!("{case}: objective"));
        let coefficients = table(&golden.coefficients).reversed_axes();
        assert_parameters(&fitted, coefficients.view(), ArrayView1::from(&golden.intercepts), &case);
        let (ours, theirs) = (fitted.probabilities(dataset.records()), table(&golden.probabilities));
        assert_all_close(ours.view(), theirs.view(), PROBABILITIES, &format!("{case}: probabilities"));
        // linfa's accessors and both ways to predict see the same model.
        let dense = dataset.records().to_dense();
        let linfas = fitted.as_linfa().predict_probabilities(&dense);
        assert_all_close(linfas.view(), theirs.view(), PROBABILITIES, &format!("{case}: linfa's probabilities"));
        let classes = theirs.map_axis(Axis(1), |p| (0..p.len()).max_by(|&a, &b| p[a].total_cmp(&p[b])).unwrap());
        assert_eq!(fitted.predict(&dataset), classes, "{case}");
        assert_eq!(fitted.as_linfa().predict(&dense), classes, "{case}");
    }
}

#[test]
fn the_minimum_is_that_of_linfa_logistic() {
    let (rows, columns) = (80, 6);
    for (classes, alpha) in [(2, 1.0), (3, 0.05), (3, 1.0), (3, 20.0), (5, 0.5)] {
        let case = format!("{classes} classes, alpha = {alpha}");
        let (records, truth) = noisy_problem(rows, columns, classes);
        let dense = records.to_dense();
        assert_eq!(records.stored(), rows * columns);
        let dataset = DatasetBase::new(records, truth.clone());
        let fitted = LogisticRegression::default().alpha(alpha).tolerance(1e-10).fit(&dataset).unwrap();
        let linfas = MultiLogisticRegression::default()
            .alpha(alpha)
            .gradient_tolerance(1e-8)
            .max_iterations(5000)
            .fit(&DatasetBase::new(dense.clone(), truth.clone()))
            .unwrap();
        assert_eq!(linfas.classes(), (0..classes).collect::<Vec<_>>(), "{case}");

        let ours = fitted.as_linfa();
        let least = objective(dense.view(), &truth, alpha, linfas.params(), linfas.intercept());
        let own = objective(dense.view(), &truth, alpha, ours.params(), ours.intercept());
        assert_close(fitted.convergence().objective() / own, 1.0, 1e-12, || format!("{case}: reported objective"));
        assert_close(own / least, 1.0, OBJECTIVE, || format!("{case}: objective"));
        assert_parameters(&fitted, linfas.params().view(), linfas.intercept().view(), &case);
    }
}

/// `Σᵢ (log Σₖ exp(zᵢₖ) − zᵢ,yᵢ) + α/2 · ‖W‖²` with `zᵢ = Wᵀxᵢ + b`, as it is written.
fn objective(x: ArrayView2<f64>, truth: &Array1<usize>, alpha: f64, w: &Array2<f64>, b: &Array1<f64>) -> f64 {
    let z = x.dot(w) + b;
    let losses: f64 = z.rows().into_iter().zip(truth).map(|(z, &y)| z.mapv(f64::exp).sum().ln() - z[y]).sum();
    losses + alpha / 2.0 * w.mapv(|w| w * w).sum()
}

/// Dense rows of multiples of 1/64, exact in `f32`; every seventh row is of another class than its values say.
fn noisy_problem(rows: usize, columns: usize, classes: usize) -> (Csr, Array1<usize>) {
    let mut state = 20u32;
    let mut below = |n: u32| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) % n
    };
    let (mut values, mut truth) = (Vec::new(), Vec::new());
    for row in 0..rows {
        let class = below(classes as u32) as usize;
        truth.push(if row % 7 == 0 { (class + 1) % classes } else { class });
        // Odd numbers: no value is zero.
        let mut value = |column| 2.0 * below(64) as f32 - if column % classes == class { 31.0 } else { 63.0 };
        values.push((0..columns).map(|column| (column as u32, value(column) / 64.0)).collect());
    }
    (csr(columns, values), truth.into())
}

fn csr(columns: usize, rows: Vec<Vec<(u32, f32)>>) -> Csr {
    let mut builder = CsrBuilder::new(columns);
    for row in rows {
        builder.push_row(row).unwrap();
    }
    builder.build()
}

fn table(rows: &[Vec<f64>]) -> Array2<f64> {
    Array2::from_shape_vec((rows.len(), rows[0].len()), rows.concat()).unwrap()
}

/// Coefficients (columns × classes), and intercepts up to a constant, which no probability depends on.
fn assert_parameters(fitted: &FittedLogistic, coefficients: ArrayView2<f64>, intercepts: ArrayView1<f64>, case: &str) {
    let ours = fitted.as_linfa();
    assert_all_close(ours.params().view(), coefficients, COEFFICIENTS, &format!("{case}: coefficients"));
    let centred = |b: ArrayView1<f64>| (&b - b.mean().unwrap()).insert_axis(Axis(0));
    let (ours, theirs) = (centred(ours.intercept().view()), centred(intercepts));
    assert_all_close(ours.view(), theirs.view(), COEFFICIENTS, &format!("{case}: intercepts"));
}

fn assert_all_close(ours: ArrayView2<f64>, theirs: ArrayView2<f64>, tolerance: f64, what: &str) {
    assert_eq!(ours.dim(), theirs.dim(), "{what}");
    for ((place, ours), theirs) in ours.indexed_iter().zip(theirs) {
        assert_close(*ours, *theirs, tolerance, || format!("{what} at {place:?}"));
    }
}

fn assert_close(ours: f64, theirs: f64, tolerance: f64, what: impl Fn() -> String) {
    assert!((ours - theirs).abs() <= tolerance, "{}: {ours} is not {theirs}", what());
}
