//! Every judgement of the sample texts, as the bundled model gives it today: what a change of the code or of the model does
//! to them is seen in `golden/judgements.jsonl`, line by line.
//!
//! `DEMARCHE_GOLDEN=write cargo test --test judgements` writes the file anew.

use std::collections::BTreeMap;
use std::fs;

use demarche::stance::{Distribution, Label};
use demarche::{Classifier, Judgement, Model, Span};
use serde::{Deserialize, Serialize};

const GOLDEN: &str = "tests/golden/judgements.jsonl";
const ANEW: &str = "DEMARCHE_GOLDEN=write cargo test --test judgements";
/// Far above what another mathematics library makes of the same weights, far below what a reader would notice.
const TOLERANCE: f64 = 1e-5;

/// A line of the file.
#[derive(Debug, Serialize, Deserialize)]
struct Line {
    #[serde(flatten)]
    key: Key,
    mentions: Vec<Span>,
    stance: String,
    sentiment: String,
    /// Of the three stances, then of the three sentiments.
    probabilities: [f64; 6],
}

/// Which judgement it is; a passage has one of each actor.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
struct Key {
    sample: String,
    passage: Span,
    actor: String,
}

impl Line {
    fn new(sample: &str, judgement: &Judgement) -> Self {
        fn parts<L: Label>(head: Option<Distribution<L>>) -> (String, [f64; 3]) {
            let head = head.expect("the bundled model has both heads");
            (head.label().to_string(), head.probabilities().map(|p| (p * 1e6).round() / 1e6))
        }
        let ((stance, [a, b, c]), (sentiment, [d, e, f])) = (parts(judgement.stance()), parts(judgement.sentiment()));
        let (sample, actor) = (sample.to_owned(), judgement.actor().id().to_owned());
        Self {
            key: Key { sample, passage: judgement.passage(), actor },
            mentions: judgement.mentions().to_vec(),
            stance,
            sentiment,
            probabilities: [a, b, c, d, e, f],
        }
    }

    fn is_like(&self, other: &Self) -> bool {
        let close = |(a, b): (&f64, &f64)| (a - b).abs() <= TOLERANCE;
        (&self.key, &self.mentions) == (&other.key, &other.mentions)
            && (&self.stance, &self.sentiment) == (&other.stance, &other.sentiment)
            && self.probabilities.iter().zip(&other.probabilities).all(close)
    }

    fn json(&self) -> String {
        serde_json::to_string(self).unwrap()
    }
}

/// The judgements of all samples, by the name of the file and in the order of the text.
fn judged() -> Vec<Line> {
    let classifier = Classifier::new(Model::bundled().unwrap());
    let files = fs::read_dir("data/samples").unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = files.filter(|path| path.extension().is_some_and(|ending| ending == "txt")).collect();
    files.sort();
    assert!(!files.is_empty());
    let mut lines = Vec::new();
    for file in files {
        let (text, name) = (fs::read_to_string(&file).unwrap(), file.file_stem().unwrap().to_string_lossy());
        let before = lines.len();
        lines.extend(classifier.classify(&text).iter().map(|judgement| Line::new(&name, judgement)));
        assert!(lines.len() > before, "{name} names nobody");
    }
    lines
}

#[test]
fn the_samples_are_judged_as_before() {
    let found = judged();
    if std::env::var_os("DEMARCHE_GOLDEN").is_some_and(|mode| mode == "write") {
        let text: String = found.iter().map(|line| line.json() + "\n").collect();
        return fs::write(GOLDEN, text).unwrap();
    }
    let golden = fs::read_to_string(GOLDEN).unwrap();
    let golden: Vec<Line> = golden.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let now: BTreeMap<&Key, &Line> = found.iter().map(|line| (&line.key, line)).collect();
    let then: BTreeMap<&Key, &Line> = golden.iter().map(|line| (&line.key, line)).collect();
    assert_eq!((now.len(), then.len()), (found.len(), golden.len()), "a judgement twice");

    let mut changes = Vec::new();
    for (key, old) in &then {
        match now.get(key) {
            None => changes.push(format!("gone     {}", old.json())),
            Some(new) if !new.is_like(old) => changes.push(format!("was      {}\nis now   {}", old.json(), new.json())),
            Some(_) => {}
        }
    }
    changes.extend(
        now.iter().filter(|(key, _)| !then.contains_key(*key)).map(|(_, new)| format!("is new   {}", new.json())),
    );
    let changed = format!("{} judgements changed; where they should, {ANEW}\n{}", changes.len(), changes.join("\n"));
    assert!(changes.is_empty(), "{changed}");
    assert!(found.iter().map(|line| &line.key).eq(golden.iter().map(|line| &line.key)), "the order changed; {ANEW}");
}
