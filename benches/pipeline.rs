//! The time of each stage: segmenting, tokenizing, stemming, finding mentions, the whole path, loading, fitting.

use std::fs;
use std::hint::black_box;
use std::path::Path;
use std::thread;
use std::time::Duration;

use criterion::{criterion_group, criterion_main, BatchSize, BenchmarkId, Criterion, Throughput};
use demarche::actor::{MentionFinder, Metonyms};
use demarche::learn::{CsrBuilder, LogisticRegression};
use demarche::stance::Worker;
use demarche::text::{tokenize, Language, Segmenter, Stemmer, Unit};
use demarche::{Catalogue, Classifier, Corpus, Model};
use linfa::traits::Fit;
use linfa::DatasetBase;
use ndarray::Array1;

const SENTENCE: &str = "Kyiv accepted the truce that Washington had proposed; Moscow rejected it out of hand.";

/// Ordinary news: the sample articles, and the passages of the development part, a paragraph each.
fn news() -> [(&'static str, String); 2] {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("data");
    let files = |folder: &str| {
        let entries = fs::read_dir(data.join(folder)).expect("the folder is there");
        let mut paths: Vec<_> = entries.map(|entry| entry.expect("the folder can be listed").path()).collect();
        paths.sort();
        paths
    };
    let articles: Vec<String> =
        files("samples").iter().map(|path| fs::read_to_string(path).expect("samples are UTF-8")).collect();
    let corpus = Corpus::read_all(files("development")).expect("the development part reads");
    let passages: Vec<&str> = corpus.passages().iter().map(|passage| passage.text()).collect();
    [("articles", articles.join("\n\n")), ("development", passages.join("\n\n"))]
}

fn stages(c: &mut Criterion) {
    let stemmer = Stemmer::new(Language::English);
    let catalogue = Catalogue::shipped().expect("the shipped catalogue parses");
    let finder = MentionFinder::new(&catalogue, Metonyms::Count);
    for (name, text) in &news() {
        let mut group = c.benchmark_group(*name);
        group.throughput(Throughput::Bytes(text.len() as u64));
        group.bench_function("segment", |b| {
            b.iter(|| Segmenter::new(Unit::default()).passages(black_box(text)).count())
        });
        group.bench_function("tokenize", |b| b.iter(|| tokenize(black_box(text)).count()));
        // Tokens are cut beforehand, so that stems are all that is timed.
        let words: Vec<&str> = tokenize(text).map(|token| &text[token.span().range()]).collect();
        group.bench_function("stem", |b| {
            b.iter(|| black_box(&words).iter().map(|word| stemmer.stem(word).len()).sum::<usize>())
        });
        group.bench_function("mentions", |b| b.iter(|| finder.find(black_box(text)).len()));
        group.finish();
    }
}

/// Both heads are scored for every judgement; workers have seen the text before.
fn whole(c: &mut Criterion) {
    let classifier = Classifier::new(Model::bundled().expect("the bundled model reads"));
    let mut group = c.benchmark_group("whole");
    for (name, text) in &news() {
        let mut worker = classifier.worker();
        let judgements = worker.classify(text);
        assert!(judgements.iter().all(|judgement| judgement.stance().is_some() && judgement.sentiment().is_some()));
        let judgements = judgements.len() as u64;
        for throughput in [Throughput::Bytes(text.len() as u64), Throughput::Elements(judgements)] {
            let unit = match throughput {
                Throughput::Bytes(_) => "bytes",
                _ => "judgements",
            };
            group.throughput(throughput);
            group.bench_function(BenchmarkId::new(*name, unit), |b| b.iter(|| worker.classify(black_box(text)).len()));
        }
        let (left, right) = halves(text);
        let mut other = classifier.worker();
        group.bench_function(BenchmarkId::new(*name, "judgements, two threads"), |b| {
            b.iter(|| in_two(&mut worker, &mut other, black_box(left), black_box(right)))
        });
    }
    group.finish();
}

/// Two halves, cut between paragraphs.
fn halves(text: &str) -> (&str, &str) {
    let middle = text.bytes().enumerate().skip(text.len() / 2).find(|(_, byte)| *byte == b'\n').map(|(at, _)| at);
    text.split_at(middle.unwrap_or(text.len()))
}

fn in_two(first: &mut Worker, second: &mut Worker, left: &str, right: &str) -> usize {
    thread::scope(|scope| {
        let right = scope.spawn(|| second.classify(right).len());
        first.classify(left).len() + right.join().expect("no worker panics")
    })
}

fn load(c: &mut Criterion) {
    let model = || Model::bundled().expect("the bundled model reads");
    let mut group = c.benchmark_group("load");
    group.sample_size(10);
    group.bench_function("model from bytes", |b| b.iter_with_large_drop(model));
    let loaded = model();
    group.bench_function("classifier from model", |b| {
        b.iter_batched(|| loaded.clone(), Classifier::new, BatchSize::PerIteration)
    });
    group.bench_function("bytes to first judgement", |b| {
        b.iter_with_large_drop(|| {
            let classifier = Classifier::new(model());
            let judgements = classifier.classify(black_box(SENTENCE));
            (classifier, judgements)
        })
    });
    group.finish();
}

fn fit(c: &mut Criterion) {
    const ROWS: usize = 5000;
    const COLUMNS: f64 = 20_000.0;
    let mut state = 1u32;
    let mut random = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        f64::from(state >> 8) / f64::from(1u32 << 24)
    };
    let mut builder = CsrBuilder::new(COLUMNS as usize);
    let mut truth = Vec::new();
    for _ in 0..ROWS {
        let class = (random() * 3.0) as usize;
        // Zipf's law, as in text; three in ten terms are more frequent in their class.
        let mut column = || {
            let column = COLUMNS.powf(random()) as u32 - 1;
            if random() < 0.3 {
                column - column % 3 + class as u32
            } else {
                column
            }
        };
        let row: Vec<(u32, f32)> = (0..100).map(|_| (column().min(COLUMNS as u32 - 1), 0.1)).collect();
        builder.push_row(row).expect("columns are in range");
        truth.push(if random() < 0.2 { (random() * 3.0) as usize } else { class });
    }
    let dataset = DatasetBase::new(builder.build(), Array1::from(truth));
    let mut group = c.benchmark_group("fit");
    group.sample_size(10);
    group.throughput(Throughput::Elements(ROWS as u64));
    group.bench_function("5000 rows", |b| b.iter(|| LogisticRegression::default().fit(black_box(&dataset)).is_ok()));
    group.finish();
}

fn short() -> Criterion {
    Criterion::default()
        .sample_size(15)
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_millis(2000))
        // Resampling would take longer than measuring.
        .nresamples(2000)
        .without_plots()
}

criterion_group!(name = benches; config = short(); targets = stages, whole, load, fit);
criterion_main!(benches);
