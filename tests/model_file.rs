//! Model files: what is written is read back the same, and what is damaged or forged is refused.

// The other checks are for tests/hostile.rs.
#[allow(dead_code)]
#[path = "hostile/checks.rs"]
mod checks;

use checks::HEAD;
use demarche::{Classifier, Corpus, ErrorKind, Model, Span, Trainer};

/// What `tests/files/format-3.model` says of "Arstan rejected the talks." and Arstan.
const FORMAT_3_STANCE: [f64; 3] = [0.499_866_039_6, 0.499_866_039_8, 0.000_267_920_6];

fn tiny() -> Model {
    let corpus = Corpus::read("data/tiny.jsonl").unwrap();
    Trainer::shipped().unwrap().fit(&corpus).unwrap().into_model()
}

fn refused(file: &[u8], what: impl Fn() -> String) {
    match Model::from_bytes(file) {
        Ok(_) => panic!("{} was read", what()),
        Err(error) => assert_eq!(error.kind(), ErrorKind::Model, "{}: {error}", what()),
    }
}

#[test]
fn a_model_read_back_gives_bit_identical_probabilities() {
    let model = tiny();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tiny.model");
    model.write(&path).unwrap();
    let again = Model::read(&path).unwrap();
    assert_eq!(model, again);
    let text = std::fs::read_to_string("data/samples/peace-plan.txt").unwrap();
    assert_eq!(Classifier::new(model).classify(&text), Classifier::new(again).classify(&text));
}

#[test]
fn every_bit_and_every_cut_of_a_small_model_is_refused() {
    let mut file = checks::small_model().to_vec();
    for bit in 0..file.len() * 8 {
        file[bit / 8] ^= 1 << (bit % 8);
        refused(&file, || format!("with bit {bit} flipped, it"));
        file[bit / 8] ^= 1 << (bit % 8);
    }
    for length in 0..file.len() {
        refused(&file[..length], || format!("cut to {length} bytes, it"));
    }
    refused(&[&file[..], b"x"].concat(), || "with a byte too many, it".to_owned());
    Model::from_bytes(&file).unwrap();
}

#[test]
fn a_sample_of_the_shipped_models_bits_and_cuts_is_refused() {
    let mut file = std::fs::read("models/demarche.model").unwrap();
    // Weyl's sequence over the golden ratio: spread evenly, the same everywhere.
    let spread = |n: usize, i: u64| ((u128::from(i.wrapping_mul(0x9e37_79b9_7f4a_7c15)) * n as u128) >> 64) as usize;
    for i in 0..400 {
        let bit = if i < HEAD as u64 * 8 { i as usize } else { spread(file.len() * 8, i) };
        file[bit / 8] ^= 1 << (bit % 8);
        refused(&file, || format!("with bit {bit} flipped, it"));
        file[bit / 8] ^= 1 << (bit % 8);
    }
    for i in 1..200 {
        let length = spread(file.len(), i);
        refused(&file[..length], || format!("cut to {length} bytes, it"));
    }
    Model::from_bytes(&file).unwrap();
}

#[test]
fn another_version_says_what_to_do() {
    let mut file = checks::small_model().to_vec();
    file[8] = 99;
    let error = Model::from_bytes(&file).unwrap_err().to_string();
    assert!(error.starts_with("this is a model of format 99; this crate reads format "), "{error}");
    assert!(error.ends_with(" (train it anew, or use the crate that made it)"), "{error}");
}

/// A file of every format version stays in `tests/files`: that of the version which the crate writes is read and judges as
/// it did on the day that it was written; an older one is read, or refused with the way out.
#[test]
fn files_of_every_format_are_read_or_told_apart() {
    let current = checks::small_model()[8];
    for version in 1..=current {
        let file = std::fs::read(format!("tests/files/format-{version}.model")).unwrap();
        assert_eq!(file[8], version);
        match Model::from_bytes(&file) {
            Ok(model) => {
                checks::usable(model.clone());
                let verdict = Classifier::new(model).judge("Arstan rejected the talks.", &[Span::new(0, 6)]);
                let found = verdict.stance().unwrap().probabilities();
                let off = found.iter().zip(FORMAT_3_STANCE).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
                assert!(off < 1e-6, "format {version}: {found:?}");
            }
            Err(error) => {
                assert_ne!(version, current, "the layout changed, its version did not: {error}");
                assert_eq!(error.kind(), ErrorKind::Model);
                assert!(error.to_string().contains(&format!("a model of format {version};")), "{error}");
            }
        }
    }
}

/// Extreme numbers in place of every four and eight bytes: weights, idf, calibration, settings.
#[test]
fn no_number_of_an_accepted_model_makes_a_judgement_that_is_none() {
    let file = checks::small_model();
    let mut accepted = 0;
    let numbers: [&[u8]; 13] = [
        &[0; 8],
        &f32::MAX.to_le_bytes(),
        &f32::MIN.to_le_bytes(),
        &1e-45f32.to_le_bytes(),
        &f64::MAX.to_le_bytes(),
        &f64::MIN.to_le_bytes(),
        &f64::MAX.to_le_bytes().repeat(9),
        &f32::NAN.to_le_bytes(),
        &f32::INFINITY.to_le_bytes(),
        &f32::NEG_INFINITY.to_le_bytes(),
        &f64::NAN.to_le_bytes(),
        &f64::INFINITY.to_le_bytes(),
        &f64::NEG_INFINITY.to_le_bytes(),
    ];
    for at in HEAD..file.len() {
        for number in numbers.iter().filter(|number| at + number.len() <= file.len()) {
            let mut body = file[HEAD..].to_vec();
            body[at - HEAD..at - HEAD + number.len()].copy_from_slice(number);
            if let Ok(model) = Model::from_bytes(&checks::sealed(&body)) {
                accepted += 1;
                checks::usable(model);
            }
        }
    }
    println!("{accepted} of {} accepted", (file.len() - HEAD) * numbers.len());
    assert!(accepted > 1000, "{accepted}");
}

/// What a process may take, in its own words: `VmPeak` (address space), `VmHWM` and `VmRSS` (memory), in KiB.
#[cfg(target_os = "linux")]
fn memory(field: &str) -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix(field)).unwrap();
    line.trim_start_matches(':').trim().trim_end_matches(" kB").parse().unwrap()
}

/// Which model file a worker is to read.
#[cfg(target_os = "linux")]
const FILE: &str = "DEMARCHE_TEST_MODEL";

/// Runs a worker, one of the ignored tests below, in a process of its own with little memory; what it printed. The worker does
/// nothing but read, so that nothing hides how much that takes.
#[cfg(target_os = "linux")]
fn alone(worker: &str, model: &std::path::Path) -> String {
    let script = format!("ulimit -v 1048576 && exec \"$0\" --ignored --exact --nocapture {worker}");
    let mut command = std::process::Command::new("sh");
    // One thread and one arena: each more would set address space aside at a moment of its own choosing.
    command.env("RAYON_NUM_THREADS", "1").env("MALLOC_ARENA_MAX", "1").env(FILE, model);
    let output = command.arg("-c").arg(script).arg(std::env::current_exe().unwrap()).output().unwrap();
    let out = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success() && out.contains("1 passed"), "{out}{}", String::from_utf8_lossy(&output.stderr));
    out
}

/// A length that is believed would end the worker, or show.
#[cfg(target_os = "linux")]
#[test]
fn forged_lengths_allocate_nothing_big() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("small.model");
    std::fs::write(&path, checks::small_model()).unwrap();
    let out = alone("forged_lengths_worker", &path);
    assert!(out.contains(" forged files"), "{out}");
}

#[cfg(target_os = "linux")]
#[test]
#[ignore = "run by forged_lengths_allocate_nothing_big"]
fn forged_lengths_worker() {
    let Some(path) = std::env::var_os(FILE) else { return };
    let file = std::fs::read(path).unwrap();
    Model::from_bytes(&file).unwrap();
    let before = memory("VmPeak");
    // In the head: the length before the body.
    for length in [u64::MAX, 1 << 63, 1 << 40, u64::from(u32::MAX)] {
        let mut forged = file.clone();
        forged[12..20].copy_from_slice(&length.to_le_bytes());
        refused(&forged, || format!("with a length of {length}, it"));
    }
    // In the body: any byte may be the length of a list or text.
    let body = &file[HEAD..];
    for at in 0..body.len() {
        for length in [u64::MAX, 1 << 62, 1 << 40, u64::from(u32::MAX), 1 << 24] {
            let mut forged = body[..at].to_vec();
            let mut rest = length;
            while rest >= 0x80 {
                forged.push(rest as u8 | 0x80);
                rest >>= 7;
            }
            forged.push(rest as u8);
            forged.extend(&body[at + 1..]);
            let mut sealed = file[..12].to_vec();
            sealed.extend((forged.len() as u64).to_le_bytes());
            sealed.extend(crc32fast::hash(&forged).to_le_bytes());
            sealed.extend(forged);
            // Where the byte is no length, the file may be sound.
            drop(Model::from_bytes(&sealed));
        }
    }
    let grown = memory("VmPeak") - before;
    println!("{} forged files; the address space grew by {grown} KiB", body.len() * 5);
    assert!(grown < 2 << 10, "{grown} KiB");
    // The least length that is forged would show, were it believed.
    drop(std::hint::black_box(vec![1u8; 1 << 24]));
    assert!(memory("VmPeak") - before >= 16 << 10);
}

#[cfg(target_os = "linux")]
#[test]
fn reading_takes_a_few_times_the_size_of_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tiny.model");
    tiny().write(&path).unwrap();
    for path in [path, "models/demarche.model".into()] {
        let out = alone("reading_worker", &path);
        let grown = out.split_once("grew by ").and_then(|(_, rest)| rest.split_once(' ')).unwrap().0;
        let (grown, size) = (grown.parse::<usize>().unwrap() << 10, std::fs::metadata(&path).unwrap().len() as usize);
        println!("{}: {size} bytes, {grown} to read them", path.display());
        assert!(grown <= 4 * size, "{}: {size} bytes, {grown} to read them", path.display());
    }
}

#[cfg(target_os = "linux")]
#[test]
#[ignore = "run by reading_takes_a_few_times_the_size_of_the_file"]
fn reading_worker() {
    let Some(path) = std::env::var_os(FILE) else { return };
    // The code that reads is in memory before the file is.
    Model::read("tests/files/format-3.model").unwrap();
    let before = memory("VmRSS");
    let model = Model::read(path).unwrap();
    println!("{} terms; memory grew by {} KiB", model.terms(), memory("VmHWM") - before);
}
