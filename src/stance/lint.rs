//! Checks labelled files against each other: near-duplicates, leaks between parts, labels that contradict.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt;
use std::path::{Path, PathBuf};

use crate::error::{Error, ErrorKind};
use crate::stance::corpus::{Corpus, LabelledPassage};
use crate::stance::shingle::{are_near, shingles, word_keys};

/// Shingles in more passages than this are stock phrases and propose no pairs.
const STOCK: usize = 40;

/// Something that should not be in labelled data, with its place.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    file: PathBuf,
    line: usize,
    message: String,
}

impl Finding {
    /// The file.
    pub fn file(&self) -> &Path {
        &self.file
    }

    /// The line, counted from 1; 0 where the file as a whole is meant.
    pub fn line(&self) -> usize {
        self.line
    }

    /// What is wrong.
    pub fn message(&self) -> &str {
        &self.message
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => write!(f, "{}: {}", self.file.display(), self.message),
            line => write!(f, "{}:{line}: {}", self.file.display(), self.message),
        }
    }
}

/// Gathers labelled files, part by part, and checks them.
///
/// A part is a side of a split, such as `train`; what must not stand on two sides is reported: near-duplicates, groups and
/// disputes. Files that cannot be read, unknown fields, one text with different labels and near-duplicates across groups
/// are reported wherever they stand.
///
/// ```
/// use demarche::stance::Linter;
///
/// let mut linter = Linter::default();
/// linter.read("train", "data/tiny.jsonl");
/// assert_eq!(linter.findings(), []);
/// ```
#[derive(Clone, Debug, Default)]
pub struct Linter {
    files: Vec<(String, PathBuf, Corpus)>,
    unreadable: Vec<Finding>,
}

/// A passage and where it stands.
#[derive(Clone, Copy)]
struct Placed<'l> {
    part: &'l str,
    file: &'l Path,
    passage: &'l LabelledPassage,
}

impl Placed<'_> {
    fn finding(&self, message: String) -> Finding {
        Finding { file: self.file.to_owned(), line: self.passage.line(), message }
    }

    fn place(&self) -> String {
        format!("{}:{}", self.file.display(), self.passage.line())
    }
}

impl Linter {
    /// Reads a file into a part; one that cannot be read becomes a finding.
    pub fn read(&mut self, part: &str, path: impl AsRef<Path>) {
        let path = path.as_ref();
        match Corpus::read(path) {
            Ok(corpus) => self.files.push((part.to_owned(), path.to_owned(), corpus)),
            Err(error) => self.unreadable.push(unreadable(path, &error)),
        }
    }

    /// The corpora that were read, with their part and file.
    pub fn files(&self) -> impl Iterator<Item = (&str, &Path, &Corpus)> {
        self.files.iter().map(|(part, path, corpus)| (part.as_str(), path.as_path(), corpus))
    }

    /// Everything that is wrong, by file and line.
    pub fn findings(&self) -> Vec<Finding> {
        let passages: Vec<Placed> = self
            .files
            .iter()
            .flat_map(|(part, file, corpus)| {
                corpus.passages().iter().map(move |passage| Placed { part, file, passage })
            })
            .collect();
        let mut findings = self.unreadable.clone();
        for (_, file, corpus) in &self.files {
            findings.extend(corpus.warnings().iter().map(|warning| Finding {
                file: file.clone(),
                line: warning.line(),
                message: warning.message().to_owned(),
            }));
        }
        findings.extend(empty_fields(&passages));
        findings.extend(leaks(&passages));
        findings.extend(contradictions(&passages));
        findings.extend(near_duplicates(&passages));
        findings.sort();
        findings
    }
}

fn unreadable(path: &Path, error: &Error) -> Finding {
    let line = match error.kind() {
        ErrorKind::Io => 0,
        _ => error.line().unwrap_or(0),
    };
    let field = error.field().map_or(String::new(), |field| format!("{field}: "));
    let advice = error.advice().map_or(String::new(), |advice| format!(" ({advice})"));
    Finding { file: path.to_owned(), line, message: format!("{field}{}{advice}", error.message()) }
}

fn empty_fields(passages: &[Placed]) -> Vec<Finding> {
    let mut ids: HashMap<&str, Placed> = HashMap::new();
    let mut findings = Vec::new();
    for placed in passages {
        if placed.passage.actors().is_empty() {
            findings.push(placed.finding("no actor is labelled".into()));
        }
        if let Some(first) = ids.insert(placed.passage.id(), *placed) {
            findings.push(placed.finding(format!("id {:?} also at {}", placed.passage.id(), first.place())));
        }
    }
    findings
}

/// Groups and disputes on two sides of a split.
fn leaks(passages: &[Placed]) -> Vec<Finding> {
    let mut sides: BTreeMap<(&str, &str), Placed> = BTreeMap::new();
    let mut reported = HashSet::new();
    let mut findings = Vec::new();
    for placed in passages {
        let units = [("group", Some(placed.passage.group())), ("dispute", placed.passage.dispute())];
        for (what, unit) in units {
            let Some(unit) = unit else { continue };
            let first = *sides.entry((what, unit)).or_insert(*placed);
            if first.part != placed.part && reported.insert((what, unit)) {
                let message =
                    format!("{what} {unit:?} of {} is in {} too ({})", placed.part, first.part, first.place());
                findings.push(placed.finding(message));
            }
        }
    }
    findings
}

/// One text, one actor, two labels.
fn contradictions(passages: &[Placed]) -> Vec<Finding> {
    let mut known = HashMap::new();
    let mut findings = Vec::new();
    for placed in passages {
        for actor in placed.passage.actors() {
            let labels = (actor.stance(), actor.sentiment());
            let (first, before) = *known.entry((placed.passage.text(), actor.name())).or_insert((*placed, labels));
            if before != labels {
                let message = format!("{:?} has other labels for the same text at {}", actor.name(), first.place());
                findings.push(placed.finding(message));
            }
        }
    }
    findings
}

fn near_duplicates(passages: &[Placed]) -> Vec<Finding> {
    let all: Vec<HashSet<u64>> = passages.iter().map(|placed| shingles(&word_keys(placed.passage.text()))).collect();
    let mut holders: HashMap<u64, Vec<usize>> = HashMap::new();
    for (at, shingles) in all.iter().enumerate() {
        for shingle in shingles {
            holders.entry(*shingle).or_default().push(at);
        }
    }
    let mut pairs: HashSet<(usize, usize)> = HashSet::new();
    for holders in holders.values().filter(|holders| holders.len() <= STOCK) {
        for (i, &a) in holders.iter().enumerate() {
            pairs.extend(holders[i + 1..].iter().map(|&b| (a, b)));
        }
    }
    let mut findings = Vec::new();
    for (a, b) in pairs {
        let (first, second) = (&passages[a], &passages[b]);
        if first.passage.group() == second.passage.group() && first.part == second.part {
            continue;
        }
        let shared = all[a].intersection(&all[b]).count();
        if are_near(all[a].len(), all[b].len(), shared) {
            findings.push(second.finding(format!("near-duplicate of {} in another group", first.place())));
        }
    }
    findings
}
