//! The time of each stage: segmenting, tokenizing, finding mentions, the whole path, loading, fitting.

use std::hint::black_box;

use criterion::{criterion_group, criterion_main, Criterion, Throughput};
use demarche::actor::{MentionFinder, Metonyms};
use demarche::learn::{CsrBuilder, LogisticRegression};
use demarche::text::{tokenize, Language, Segmenter, Stemmer, Unit};
use demarche::{Catalogue, Classifier, Model};
use linfa::traits::Fit;
use linfa::DatasetBase;
use ndarray::Array1;

const ARTICLE: &str = include_str!("../data/samples/peace-plan.txt");

fn text(c: &mut Criterion) {
    let mut group = c.benchmark_group("text");
    group.throughput(Throughput::Bytes(ARTICLE.len() as u64));
    group
        .bench_function("segment", |b| b.iter(|| Segmenter::new(Unit::default()).passages(black_box(ARTICLE)).count()));
    group.bench_function("tokenize", |b| b.iter(|| tokenize(black_box(ARTICLE)).count()));
    let stemmer = Stemmer::new(Language::English);
    group.bench_function("stem", |b| {
        b.iter(|| tokenize(black_box(ARTICLE)).map(|t| stemmer.stem(&ARTICLE[t.span().range()]).len()).sum::<usize>())
    });
    let catalogue = Catalogue::shipped().expect("the shipped catalogue parses");
    let finder = MentionFinder::new(&catalogue, Metonyms::Count);
    group.bench_function("mentions", |b| b.iter(|| finder.find(black_box(ARTICLE)).len()));
    group.finish();
}

fn classify(c: &mut Criterion) {
    let classifier = Classifier::new(Model::bundled().expect("the bundled model reads"));
    let mut worker = classifier.worker();
    let mut group = c.benchmark_group("classify");
    group.throughput(Throughput::Bytes(ARTICLE.len() as u64));
    group.bench_function("whole", |b| b.iter(|| worker.classify(black_box(ARTICLE)).len()));
    group.finish();
    let mut load = c.benchmark_group("load");
    load.sample_size(10);
    load.bench_function("model", |b| b.iter(|| Model::bundled().map(|model| model.terms())));
    load.finish();
}

fn fit(c: &mut Criterion) {
    let mut builder = CsrBuilder::new(2000);
    let mut state = 1u32;
    let mut random = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state >> 8
    };
    for _ in 0..2000 {
        let row: Vec<(u32, f32)> = (0..50).map(|_| (random() % 2000, 0.1)).collect();
        builder.push_row(row).expect("columns are in range");
    }
    let truth: Array1<usize> = (0..2000).map(|_| random() as usize % 3).collect();
    let dataset = DatasetBase::new(builder.build(), truth);
    let mut group = c.benchmark_group("fit");
    group.sample_size(10);
    group.bench_function("2000 × 2000", |b| b.iter(|| LogisticRegression::default().fit(black_box(&dataset)).is_ok()));
    group.finish();
}

criterion_group!(benches, text, classify, fit);
criterion_main!(benches);
