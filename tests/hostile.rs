//! Hostile input: the checks of the fuzz targets, over their seeds and over mutations of them from a fixed generator.

#[path = "hostile/checks.rs"]
mod checks;

use std::fs;
use std::path::Path;

/// Mutated inputs for each target.
const ROUNDS: usize = 1500;
/// As much as the fuzzer gives unless told otherwise.
const LONGEST: usize = 4096;
/// What text, tables and files trip over.
const FRAGMENTS: [&[u8]; 40] = [
    b"\0",
    b"\x01",
    b"\r\n",
    b"\n\n",
    b"\t",
    b"\"",
    b"\\n",
    b"\\ud800",
    b"|",
    b"[",
    b"]",
    b"{",
    b"}",
    b",",
    b"#",
    b"@",
    b"'s",
    b"s' ",
    b". ",
    b"U.S.",
    b"www.",
    b"https://",
    b"-",
    b"--",
    b"\xff",
    b"\xed\xa0\x80",
    b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01",
    b"\x00\x00\x80\x7f",
    b"\x00\x00\x00\x00\x00\x00\xf8\x7f",
    "\u{feff}".as_bytes(),
    "\u{a0}".as_bytes(),
    "\u{2028}".as_bytes(),
    "\u{301}".as_bytes(),
    "\u{200d}".as_bytes(),
    "\u{202e}".as_bytes(),
    "İ".as_bytes(),
    "ß’s".as_bytes(),
    "北".as_bytes(),
    "إيران".as_bytes(),
    "👍🏽".as_bytes(),
];

/// SplitMix64: the same numbers everywhere.
struct Generator(u64);

impl Generator {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) % n.max(1) as u64) as usize
    }

    fn mutated(&mut self, seeds: &[Vec<u8>]) -> Vec<u8> {
        let mut bytes = seeds[self.below(seeds.len())].clone();
        for _ in 0..=self.below(8) {
            let at = self.below(bytes.len() + 1);
            let end = (at + self.below(32)).min(bytes.len());
            match self.below(7) {
                0 if at < bytes.len() => bytes[at] ^= 1 << self.below(8),
                1 if at < bytes.len() => bytes[at] = self.below(256) as u8,
                2 => drop(bytes.drain(at..end)),
                3 => bytes.splice(at..at, bytes[at..end].repeat(1 + self.below(8))).for_each(drop),
                4 => {
                    let other = &seeds[self.below(seeds.len())];
                    let from = self.below(other.len());
                    bytes.truncate(at);
                    bytes.extend(&other[from..]);
                }
                _ => drop(bytes.splice(at..at, FRAGMENTS[self.below(FRAGMENTS.len())].iter().copied())),
            }
        }
        bytes.truncate(LONGEST);
        bytes
    }
}

fn drive(target: &str, check: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/hostile/seeds").join(target);
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let seeds: Vec<Vec<u8>> = files.iter().map(|file| fs::read(file).unwrap()).collect();
    seeds.iter().for_each(|seed| check(seed));
    check(b"");
    let mut generator = Generator(1);
    for round in 0..ROUNDS {
        let input = generator.mutated(&seeds);
        let outcome = std::panic::catch_unwind(|| check(&input));
        assert!(outcome.is_ok(), "{target}, round {round}: {:?}", String::from_utf8_lossy(&input));
    }
    println!("{target}: {} seeds, {ROUNDS} mutations", seeds.len());
}

#[test]
fn classify() {
    drive("classify", checks::classify);
}

#[test]
fn explain() {
    drive("explain", checks::explain);
}

#[test]
fn segment() {
    drive("segment", checks::segment);
}

#[test]
fn catalogue() {
    drive("catalogue", checks::catalogue);
}

#[test]
fn labelled() {
    drive("labelled", checks::labelled);
}

#[test]
fn articles() {
    drive("articles", checks::articles);
}

#[test]
fn model() {
    drive("model", checks::model);
}

#[test]
fn cues() {
    drive("cues", checks::cues);
}
