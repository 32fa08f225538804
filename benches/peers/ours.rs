//! Our side of the comparison with other programs: does one task, prints what it measured as lines of JSON.
//!
//! `run.py` beside this file runs it in turn with the peers; `cargo bench --bench peers` runs a short set alone.
//!
//! ```text
//! score raw|pairs WORKERS PASSES FILE...   judgements per second of labelled files
//! first                                    loads, judges one sentence, ends
//! start TIMES                              how long `first` takes from its start as a process
//! hostile KIND MEGABYTES PASSES            time of 2n bytes over time of n bytes of an odd text
//! stream MEGABYTES                         memory of judging a stream
//! fit FILE ALPHA TOLERANCE PASSES          the solver on a matrix that `fitting.py` wrote
//! ```

use std::error::Error;
use std::fs;
use std::hint::black_box;
use std::io::{self, BufRead, BufReader, Read};
use std::process::{Command, Stdio};
use std::thread;
use std::time::Instant;

use demarche::learn::{CsrBuilder, FittedLogistic, LogisticRegression};
use demarche::stance::LabelledPassage;
use demarche::{Classifier, Corpus, Model};
use linfa::traits::Fit;
use linfa::DatasetBase;
use ndarray::Array1;
use serde_json::{json, Value};

type Outcome<T = ()> = Result<T, Box<dyn Error>>;

const SENTENCE: &str = "Kyiv accepted the truce that Washington had proposed; Moscow rejected it out of hand.";
const MEGABYTE: usize = 1_000_000;

fn main() -> Outcome {
    // Cargo adds `--bench`.
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["score", what, workers, passes, ref files @ ..] => score(what, workers.parse()?, passes.parse()?, files),
        ["first"] => first(),
        ["start", times] => start(times.parse()?),
        ["hostile", kind, megabytes, passes] => hostile(kind, megabytes.parse()?, passes.parse()?),
        ["stream", megabytes] => stream(megabytes.parse()?),
        ["fit", file, alpha, tolerance, passes] => fit(file, alpha.parse()?, tolerance.parse()?, passes.parse()?),
        [] => alone(),
        _ => Err(format!("unknown task {arguments:?}; see the head of benches/peers/ours.rs").into()),
    }
}

/// What needs no peers and no matrices.
fn alone() -> Outcome {
    std::env::set_current_dir(env!("CARGO_MANIFEST_DIR"))?;
    let files = labelled("data/development")?;
    let files: Vec<&str> = files.iter().map(String::as_str).collect();
    for (what, workers) in [("raw", 1), ("raw", 2), ("pairs", 1), ("pairs", 2)] {
        score(what, workers, 3, &files)?;
    }
    start(5)?;
    for kind in KINDS {
        hostile(kind, 0.1, 3)?;
    }
    stream(10)
}

fn labelled(folder: &str) -> Outcome<Vec<String>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        files.push(entry?.path().display().to_string());
    }
    files.sort();
    Ok(files)
}

fn print(line: Value) {
    println!("{line}");
}

/// Seconds that pass, and seconds that this process has a core: the second is the steadier where others run too.
struct Clock {
    wall: Instant,
    core: Option<f64>,
}

impl Clock {
    fn start() -> Self {
        Self { core: core_seconds(), wall: Instant::now() }
    }

    fn stop(&self) -> Time {
        let core = core_seconds().zip(self.core).map(|(end, start)| end - start);
        Time { wall: self.wall.elapsed().as_secs_f64(), core: core.unwrap_or(f64::NAN) }
    }
}

#[derive(Clone, Copy)]
struct Time {
    wall: f64,
    /// Not a number where the system does not tell.
    core: f64,
}

impl Time {
    /// The best of both; noise only adds.
    fn best(times: impl Iterator<Item = Time>) -> Time {
        let worst = Time { wall: f64::INFINITY, core: f64::INFINITY };
        times.fold(worst, |a, b| Time { wall: a.wall.min(b.wall), core: a.core.min(b.core) })
    }
}

/// Time on a core of all threads of this process that still run; `None` where the system does not tell.
fn core_seconds() -> Option<f64> {
    let mut nanoseconds = 0u64;
    for task in fs::read_dir("/proc/self/task").ok()? {
        let text = fs::read_to_string(task.ok()?.path().join("schedstat")).ok()?;
        nanoseconds += text.split_whitespace().next()?.parse::<u64>().ok()?;
    }
    Some(nanoseconds as f64 / 1e9)
}

/// The most memory that this process has held so far, in megabytes.
fn peak_memory() -> Option<f64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().strip_suffix("kB")?.trim().parse::<f64>().ok()? * 1024.0 / MEGABYTE as f64)
}

/// `raw`: texts in, judgements of all actors that are found out. `pairs`: the labelled actors at their places, as the
/// peers get them. Both heads are scored for each.
fn score(what: &str, workers: usize, passes: usize, files: &[&str]) -> Outcome {
    let corpus = Corpus::read_all(files)?;
    let classifier = Classifier::new(Model::bundled()?);
    let bytes: usize = corpus.passages().iter().map(|passage| passage.text().len()).sum();
    let mut accuracy = None;
    // Threads that have ended are not counted, so only one worker has its time on the core told.
    let core_of = |time: Time| (workers == 1).then_some(time.core);
    let (time, judgements) = match what {
        "raw" => {
            let passages = corpus.passages();
            let parts: Vec<_> = passages.chunks(passages.len().div_ceil(workers).max(1)).collect();
            let mut kept: Vec<_> = parts.iter().map(|part| (classifier.worker(), *part)).collect();
            let mut run = || {
                in_parallel(&mut kept, |(worker, part)| {
                    part.iter().map(|passage| black_box(worker.classify(passage.text())).len()).sum()
                })
            };
            let judgements = run();
            (Time::best((0..passes).map(|_| timed(&mut run))), judgements)
        }
        "pairs" => {
            let found = classifier.evaluate(&corpus);
            accuracy = found
                .stance()
                .zip(found.sentiment())
                .map(|(stance, sentiment)| [stance.confusion().accuracy(), sentiment.confusion().accuracy()]);
            let mut parts = split(&corpus, workers);
            let mut run = || {
                in_parallel(&mut parts, |part| {
                    black_box(classifier.evaluate(part));
                    part.pairs()
                })
            };
            let judgements = run();
            (Time::best((0..passes).map(|_| timed(&mut run))), judgements)
        }
        _ => return Err("score raw or pairs".into()),
    };
    print(json!({
        "task": "score", "what": what, "workers": workers, "judgements": judgements, "bytes": bytes,
        "accuracy": accuracy, "seconds": time.wall, "core_seconds": core_of(time),
        "per_second": judgements as f64 / time.wall, "microseconds": 1e6 * time.wall / judgements as f64,
        "peak_megabytes": peak_memory(),
    }));
    Ok(())
}

fn timed(run: &mut impl FnMut() -> usize) -> Time {
    let clock = Clock::start();
    black_box(run());
    clock.stop()
}

/// The passages dealt into parts of nearly equal numbers.
fn split(corpus: &Corpus, parts: usize) -> Vec<Corpus> {
    let each = corpus.passages().len().div_ceil(parts).max(1);
    let part = |number: usize| {
        let mut at = 0..;
        let is_here = |_: &LabelledPassage| at.next().is_some_and(|at: usize| at / each == number);
        corpus.filter(is_here)
    };
    (0..parts).map(part).collect()
}

/// One part for each thread; a single part stays on this one.
fn in_parallel<T: Send>(parts: &mut [T], work: impl Fn(&mut T) -> usize + Sync) -> usize {
    let Some((own, others)) = parts.split_first_mut() else { return 0 };
    thread::scope(|scope| {
        let work = &work;
        let running: Vec<_> = others.iter_mut().map(|part| scope.spawn(move || work(part))).collect();
        work(own) + running.into_iter().map(|thread| thread.join().expect("no worker panics")).sum::<usize>()
    })
}

/// The end of the line tells whoever has started us that the judgement is there.
fn first() -> Outcome {
    let clock = Instant::now();
    let model = Model::bundled()?;
    let loaded = clock.elapsed();
    let classifier = Classifier::new(model);
    let compiled = clock.elapsed();
    let judgements = classifier.classify(SENTENCE);
    let judged = clock.elapsed();
    print(json!({
        "task": "first", "judgements": judgements.len(),
        "model_seconds": loaded.as_secs_f64(), "classifier_seconds": (compiled - loaded).as_secs_f64(),
        "judgement_seconds": (judged - compiled).as_secs_f64(), "peak_megabytes": peak_memory(),
    }));
    Ok(())
}

fn start(times: usize) -> Outcome {
    let mut best: Option<(f64, Value)> = None;
    for _ in 0..times {
        let clock = Instant::now();
        let mut child = Command::new(std::env::current_exe()?).arg("first").stdout(Stdio::piped()).spawn()?;
        let mut line = String::new();
        BufReader::new(child.stdout.take().ok_or("the child's output is piped")?).read_line(&mut line)?;
        let seconds = clock.elapsed().as_secs_f64();
        child.wait()?;
        if best.as_ref().is_none_or(|(least, _)| seconds < *least) {
            best = Some((seconds, serde_json::from_str(&line)?));
        }
    }
    let (seconds, inside) = best.ok_or("start once or more")?;
    print(json!({"task": "start", "times": times, "seconds": seconds, "inside": inside}));
    Ok(())
}

/// Texts that nobody writes but that a program may meet, and news beside them: twice the text must take twice the time.
const KINDS: [&str; 7] = ["news", "no-stops", "mentions", "quotes", "capitals", "emoji", "no-spaces"];

fn hostile(kind: &str, megabytes: f64, passes: usize) -> Outcome {
    let news = news()?;
    let seed = match kind {
        "news" => news,
        "no-stops" => news.chars().map(|c| if ".!?\n".contains(c) { ' ' } else { c }).collect(),
        "mentions" => "Iran and Iraq, ".to_owned(),
        "quotes" => "\"".to_owned(),
        "capitals" => news.to_uppercase(),
        "emoji" => "\u{1f600}".to_owned(),
        "no-spaces" => news.split_whitespace().collect(),
        _ => return Err(format!("unknown kind; one of {KINDS:?}").into()),
    };
    let classifier = Classifier::new(Model::bundled()?);
    let bytes = (megabytes * MEGABYTE as f64) as usize;
    let texts = [repeated(&seed, bytes), repeated(&seed, 2 * bytes)];
    let mut judgements = 0;
    let mut times = [Vec::new(), Vec::new()];
    for _ in 0..passes {
        for (text, times) in texts.iter().zip(&mut times) {
            let mut worker = classifier.worker();
            let clock = Clock::start();
            judgements = black_box(worker.classify(text)).len();
            times.push(clock.stop());
        }
    }
    let [n, twice] = times.map(|times| Time::best(times.into_iter()));
    print(json!({
        "task": "hostile", "kind": kind, "bytes": texts[1].len(), "judgements": judgements, "seconds": twice.wall,
        "core_seconds": twice.core, "ratio": twice.core / n.core, "ratio_wall": twice.wall / n.wall,
        "megabytes_per_second": texts[1].len() as f64 / 1e6 / twice.core, "peak_megabytes": peak_memory(),
    }));
    Ok(())
}

/// The passages of the development part, a paragraph each.
fn news() -> Outcome<String> {
    let corpus = Corpus::read_all(&labelled("data/development")?)?;
    let passages: Vec<&str> = corpus.passages().iter().map(LabelledPassage::text).collect();
    Ok(passages.join("\n\n") + "\n\n")
}

/// About this many bytes of a text again and again.
fn repeated(seed: &str, bytes: usize) -> String {
    seed.chars()
        .cycle()
        .scan(0, |length, c| {
            (*length < bytes).then(|| {
                *length += c.len_utf8();
                c
            })
        })
        .collect()
}

/// A text again and again, up to a number of bytes; never in memory as a whole.
struct Endless {
    text: Vec<u8>,
    at: usize,
}

impl Read for Endless {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = (&self.text[self.at..]).read(buffer)?;
        self.at = (self.at + read) % self.text.len();
        Ok(read)
    }
}

fn stream(megabytes: usize) -> Outcome {
    let classifier = Classifier::new(Model::bundled()?);
    let reader = BufReader::new(Endless { text: news()?.into_bytes(), at: 0 }.take((megabytes * MEGABYTE) as u64));
    let before = peak_memory();
    let mut judgements = 0usize;
    let clock = Clock::start();
    classifier.worker().classify_stream(reader, |judgement, _| {
        black_box(judgement);
        judgements += 1;
        Ok::<(), demarche::Error>(())
    })?;
    let time = clock.stop();
    print(json!({
        "task": "stream", "megabytes": megabytes, "judgements": judgements, "seconds": time.wall,
        "core_seconds": time.core, "megabytes_per_second": megabytes as f64 / time.wall,
        "megabytes_before": before, "peak_megabytes": peak_memory(),
    }));
    Ok(())
}

/// The time of `Fit::fit`: the hand-over to linfa's type is part of it, reading is not.
fn fit(file: &str, alpha: f64, tolerance: f64, passes: usize) -> Outcome {
    let bytes = fs::read(file)?;
    let mut rest = &bytes[..];
    let [rows, columns, stored]: [usize; 3] = numbers(&mut rest, 3, u64_of)?[..].try_into()?;
    let starts = numbers(&mut rest, rows + 1, u64_of)?;
    let indices = numbers(&mut rest, stored, u32::from_le_bytes)?;
    let values = numbers(&mut rest, stored, f32::from_le_bytes)?;
    let truth: Array1<usize> = numbers(&mut rest, rows, |[class]| usize::from(class))?.into();
    let mut builder = CsrBuilder::new(columns);
    for row in starts.windows(2) {
        let row = row[0]..row[1];
        builder.push_row(indices[row.clone()].iter().copied().zip(values[row].iter().copied()))?;
    }
    drop((bytes, starts, indices, values));
    let dataset = DatasetBase::new(builder.build(), truth);
    let settings = LogisticRegression::default().alpha(alpha).tolerance(tolerance);
    let mut fitted: Option<FittedLogistic> = None;
    let mut times = Vec::new();
    for _ in 0..passes {
        let clock = Clock::start();
        fitted = Some(settings.fit(&dataset)?);
        times.push(clock.stop());
    }
    let convergence = fitted.ok_or("fit once or more")?.convergence();
    let time = Time::best(times.into_iter());
    print(json!({
        "task": "fit", "file": file, "tolerance": tolerance, "seconds": time.wall, "core_seconds": time.core,
        "objective": convergence.objective(), "gradient": convergence.gradient(),
        "iterations": convergence.iterations(), "peak_megabytes": peak_memory(),
    }));
    Ok(())
}

fn u64_of(bytes: [u8; 8]) -> usize {
    u64::from_le_bytes(bytes) as usize
}

/// The next numbers of a file of little-endian numbers.
fn numbers<const N: usize, T>(rest: &mut &[u8], count: usize, read: impl Fn([u8; N]) -> T) -> Outcome<Vec<T>> {
    let (own, others) = rest.split_at_checked(count * N).ok_or("the matrix file ends too early")?;
    *rest = others;
    Ok(own.chunks_exact(N).map(|bytes| read(std::array::from_fn(|i| bytes[i]))).collect())
}
