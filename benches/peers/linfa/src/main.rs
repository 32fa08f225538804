//! linfa's side of the comparison: does one task, prints what it measured as a line of JSON.
//!
//! ```text
//! score TRAIN PAIRS COLUMNS ROWS WORKERS PASSES   TF-IDF and two multinomial logistic regressions, dense
//! fit FILE ALPHA TOLERANCE ITERATIONS             the solver, on a matrix small enough to be dense
//! ```

use std::error::Error;
use std::fs;
use std::hint::black_box;
use std::thread;
use std::time::Instant;

use linfa::traits::Fit;
use linfa::DatasetBase;
use linfa_logistic::{MultiFittedLogisticRegression, MultiLogisticRegression};
use linfa_preprocessing::tf_idf_vectorization::{FittedTfIdfVectorizer, TfIdfVectorizer};
use ndarray::{Array1, Array2};
use serde_json::{json, Value};

type Outcome<T = ()> = Result<T, Box<dyn Error>>;

/// Rows that are dense at a time.
const BATCH: usize = 256;

fn main() -> Outcome {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let line = match arguments[..] {
        ["score", train, pairs, columns, rows, workers, passes] => {
            score(train, pairs, columns.parse()?, rows.parse()?, workers.parse()?, passes.parse()?)?
        }
        ["fit", file, alpha, tolerance, iterations] => {
            fit(file, alpha.parse()?, tolerance.parse()?, iterations.parse()?)?
        }
        _ => return Err("score or fit; see the head of the file".into()),
    };
    println!("{line}");
    Ok(())
}

/// Both heads' classes and the masked text of each pair.
fn read(path: &str) -> Outcome<Vec<([usize; 2], String)>> {
    let line = |line: &str| -> Outcome<_> {
        let mut cells = line.splitn(3, '\t');
        let mut cell = || cells.next().ok_or("a line has three cells");
        Ok(([cell()?.parse()?, cell()?.parse()?], cell()?.to_owned()))
    };
    fs::read_to_string(path)?.lines().map(line).collect()
}

#[derive(Clone)]
struct Peer {
    vectorizer: FittedTfIdfVectorizer,
    heads: [MultiFittedLogisticRegression<f64, usize>; 2],
}

impl Peer {
    fn score(&self, texts: &Array1<String>) -> Outcome<usize> {
        for start in (0..texts.len()).step_by(BATCH) {
            let batch = texts.slice(ndarray::s![start..(start + BATCH).min(texts.len())]);
            let dense = self.vectorizer.transform(&batch)?.to_dense();
            for head in &self.heads {
                black_box(head.predict_probabilities(&dense));
            }
        }
        Ok(texts.len())
    }
}

fn score(train: &str, pairs: &str, columns: usize, rows: usize, workers: usize, passes: usize) -> Outcome<Value> {
    let train = read(train)?;
    let step = (train.len() / rows).max(1);
    let (labels, texts): (Vec<[usize; 2]>, Vec<String>) = train.into_iter().step_by(step).unzip();
    let texts = Array1::from(texts);
    let vectorizer = TfIdfVectorizer::default().n_gram_range(1, 2).max_features(Some(columns)).fit(&texts)?;
    let dense = vectorizer.transform(&texts)?.to_dense();
    let head = |at: usize| {
        let truth: Array1<usize> = labels.iter().map(|labels| labels[at]).collect();
        MultiLogisticRegression::default().max_iterations(20).fit(&DatasetBase::new(dense.clone(), truth))
    };
    let peer = Peer { vectorizer, heads: [head(0)?, head(1)?] };
    let texts: Vec<String> = read(pairs)?.into_iter().map(|(_, text)| text).collect();
    let each = texts.len().div_ceil(workers);
    // A clone for each thread: the vectorizer holds a `RefCell`.
    let parts: Vec<(Peer, Array1<String>)> =
        texts.chunks(each).map(|part| (peer.clone(), Array1::from(part.to_vec()))).collect();
    let mut best = f64::INFINITY;
    for _ in 0..passes {
        let parts = parts.clone();
        let clock = Instant::now();
        let score = |(peer, texts): (Peer, Array1<String>)| peer.score(&texts).is_ok();
        let running: Vec<_> = parts.into_iter().map(|part| thread::spawn(move || score(part))).collect();
        let done: Vec<bool> = running.into_iter().map(|thread| thread.join().unwrap_or(false)).collect();
        best = best.min(clock.elapsed().as_secs_f64());
        assert!(done.iter().all(|done| *done), "a thread failed");
    }
    Ok(json!({"judgements": texts.len(), "seconds": best, "microseconds": 1e6 * best / texts.len() as f64}))
}

fn fit(file: &str, alpha: f64, tolerance: f64, iterations: u64) -> Outcome<Value> {
    let bytes = fs::read(file)?;
    let u64_at = |at: usize| -> Outcome<usize> { Ok(u64::from_le_bytes(bytes[at..at + 8].try_into()?) as usize) };
    let (rows, columns, stored) = (u64_at(0)?, u64_at(8)?, u64_at(16)?);
    let starts: Vec<usize> = (0..=rows).map(|row| u64_at(24 + 8 * row)).collect::<Outcome<_>>()?;
    let indices = 24 + 8 * (rows + 1);
    let values = indices + 4 * stored;
    let mut dense = Array2::<f64>::zeros((rows, columns));
    for row in 0..rows {
        for at in starts[row]..starts[row + 1] {
            let column = u32::from_le_bytes(bytes[indices + 4 * at..][..4].try_into()?) as usize;
            dense[(row, column)] += f64::from(f32::from_le_bytes(bytes[values + 4 * at..][..4].try_into()?));
        }
    }
    let truth: Array1<usize> = bytes[values + 4 * stored..].iter().map(|class| usize::from(*class)).collect();
    let dataset = DatasetBase::new(dense, truth);
    let settings =
        MultiLogisticRegression::default().alpha(alpha).gradient_tolerance(tolerance).max_iterations(iterations);
    let clock = Instant::now();
    let fitted = settings.fit(&dataset)?;
    let seconds = clock.elapsed().as_secs_f64();
    let z = dataset.records().dot(fitted.params()) + fitted.intercept();
    let losses: f64 =
        z.rows().into_iter().zip(dataset.targets()).map(|(z, &y)| z.mapv(f64::exp).sum().ln() - z[y]).sum();
    let objective = losses + alpha / 2.0 * fitted.params().mapv(|w| w * w).sum();
    Ok(json!({"seconds": seconds, "objective": objective, "tolerance": tolerance}))
}
