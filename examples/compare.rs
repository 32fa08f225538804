//! What a new model would change: judgements that flip, and which of these flips labelled data call right.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Parser;
use demarche::learn::{mcnemar, Confusion};
use demarche::stance::{Distribution, Explained, Label, Provenance, Verdict};
use demarche::{Classifier, Corpus, Error, Judgement, Model, Sentiment, Stance};

mod options;

use options::plain::plain;
use options::{end, labelled, model_at, Outcome};

/// Compares the judgements of two models, on labelled data and on text.
#[derive(Parser)]
#[command(name = "compare")]
struct Arguments {
    /// Text files in UTF-8, judged as `classify` does.
    #[arg(required_unless_present = "data")]
    files: Vec<PathBuf>,
    /// The model in use; the bundled one unless given.
    #[arg(long)]
    old: Option<PathBuf>,
    /// The model that may replace it.
    #[arg(long)]
    new: PathBuf,
    /// Labelled files: .jsonl, .csv, or inline markup in .txt. Actors are taken as labelled, not searched.
    #[arg(long, num_args = 1..)]
    data: Vec<PathBuf>,
    /// Show this many of the largest changes, and of the flips that mend and that break.
    #[arg(long, default_value_t = 10)]
    top: usize,
}

fn main() -> ExitCode {
    end(run(&Arguments::parse()))
}

/// One pair of passage and actor, judged by both models.
struct Pair {
    passage: String,
    actor: String,
    old: Verdict,
    new: Verdict,
    stance: Option<Stance>,
    sentiment: Option<Sentiment>,
}

/// A head of which pairs can be labelled.
trait Compared: Explained {
    fn truth(pair: &Pair) -> Option<Self>;
}

impl Compared for Stance {
    fn truth(pair: &Pair) -> Option<Self> {
        pair.stance
    }
}

impl Compared for Sentiment {
    fn truth(pair: &Pair) -> Option<Self> {
        pair.sentiment
    }
}

fn run(arguments: &Arguments) -> Outcome {
    let old = model_at(arguments.old.as_deref())?;
    let new = Model::read(&arguments.new)?;
    let mut out = BufWriter::new(io::stdout().lock());
    let name = arguments.old.as_deref().map_or("the bundled model".into(), Path::to_string_lossy);
    writeln!(out, "old: {}, {}", plain(&name), told(old.provenance()))?;
    writeln!(out, "new: {}, {}", plain(&arguments.new.to_string_lossy()), told(new.provenance()))?;
    let (old, new) = (Classifier::new(old), Classifier::new(new));
    let mut pairs = Vec::new();
    if !arguments.data.is_empty() {
        labelled_pairs(&old, &new, &labelled(&arguments.data)?, &mut pairs);
    }
    let mut lonely = [0; 2];
    for path in &arguments.files {
        let alone = pairs_of_text(&old, &new, path, &mut pairs)?;
        lonely.iter_mut().zip(alone).for_each(|(sum, count)| *sum += count);
    }
    writeln!(
        out,
        "{} judgements by both; {} by the old one only, {} by the new one",
        pairs.len(),
        lonely[0],
        lonely[1]
    )?;
    print_head::<Stance>(&mut out, &pairs, arguments.top)?;
    print_head::<Sentiment>(&mut out, &pairs, arguments.top)?;
    Ok(out.flush()?)
}

fn told(provenance: &Provenance) -> String {
    format!("{} pairs, corpus {:016x}", provenance.pairs(), provenance.corpus_digest())
}

fn labelled_pairs(old: &Classifier, new: &Classifier, corpus: &Corpus, pairs: &mut Vec<Pair>) {
    let (mut old, mut new) = (old.worker(), new.worker());
    for passage in corpus.passages() {
        let verdicts = old.judge_labelled(passage).into_iter().zip(new.judge_labelled(passage));
        for (actor, (old, new)) in passage.actors().iter().zip(verdicts) {
            let (stance, sentiment) = (actor.stance(), actor.sentiment());
            let (passage, actor) = (passage.text().to_owned(), actor.name().to_owned());
            pairs.push(Pair { passage, actor, old, new, stance, sentiment });
        }
    }
}

/// Judgements of the same actor in the same passage; returns how many only the old and only the new model made.
fn pairs_of_text(old: &Classifier, new: &Classifier, path: &Path, pairs: &mut Vec<Pair>) -> Outcome<[usize; 2]> {
    let place = |judgement: &Judgement| (judgement.passage(), judgement.actor().id().to_owned());
    let mut unmatched: BTreeMap<_, Verdict> =
        judged(old, path)?.iter().map(|(judgement, _)| (place(judgement), *judgement.verdict())).collect();
    let mut only_new = 0;
    for (judgement, passage) in judged(new, path)? {
        let Some(old) = unmatched.remove(&place(&judgement)) else {
            only_new += 1;
            continue;
        };
        let (actor, new) = (judgement.actor().name().to_owned(), *judgement.verdict());
        pairs.push(Pair { passage, actor, old, new, stance: None, sentiment: None });
    }
    Ok([unmatched.len(), only_new])
}

/// The judgements of a file with their passages.
fn judged(classifier: &Classifier, path: &Path) -> Outcome<Vec<(Judgement, String)>> {
    let bytes = fs::read(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let mut found = Vec::new();
    let each = |judgement: &Judgement, passage: &str| {
        found.push((judgement.clone(), passage.to_owned()));
        Ok::<(), Error>(())
    };
    classifier.worker().classify_stream(&bytes[..], each).map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(found)
}

/// A pair under one head.
struct Change<'p, L> {
    pair: &'p Pair,
    old: Distribution<L>,
    new: Distribution<L>,
    truth: Option<L>,
}

impl<L: Label> Change<'_, L> {
    fn is_flip(&self) -> bool {
        self.old.label() != self.new.label()
    }

    /// The probability that moved from some labels to others: 0 to 1.
    fn size(&self) -> f64 {
        L::ALL.iter().map(|label| (self.new.probability(*label) - self.old.probability(*label)).abs()).sum::<f64>()
            / 2.0
    }

    /// Whether the old and the new label are right; `None` without a label to compare with.
    fn rights(&self) -> Option<[bool; 2]> {
        self.truth.map(|truth| [self.old.label() == truth, self.new.label() == truth])
    }

    fn print(&self, out: &mut impl Write) -> io::Result<()> {
        let told = |d: &Distribution<L>| format!("{} {:.2}", d.label(), d.certainty());
        let truth = self.truth.map_or(String::new(), |truth| format!(" (labelled {truth})"));
        let actor = plain(&self.pair.actor);
        writeln!(out, "  {:.2}  {actor}: {} → {}{truth}", self.size(), told(&self.old), told(&self.new))?;
        let words: Vec<&str> = self.pair.passage.split_whitespace().collect();
        writeln!(out, "        {}", plain(&words.join(" ")))
    }
}

fn print_head<L: Compared>(out: &mut impl Write, pairs: &[Pair], top: usize) -> io::Result<()> {
    let change = |pair: &'_ Pair| Some((L::distribution(&pair.old)?, L::distribution(&pair.new)?));
    let mut changes: Vec<Change<L>> = pairs
        .iter()
        .filter_map(|pair| change(pair).map(|(old, new)| Change { pair, old, new, truth: L::truth(pair) }))
        .collect();
    if changes.is_empty() {
        return writeln!(out, "\n{}: nothing that both models judge", L::HEAD);
    }
    changes.sort_by(|a, b| b.size().total_cmp(&a.size()));
    let flips = changes.iter().filter(|change| change.is_flip()).count();
    let percent = 100.0 * flips as f64 / changes.len() as f64;
    writeln!(out, "\n{}: {flips} of {} judgements flip ({percent:.1} %)", L::HEAD, changes.len())?;
    write!(out, "{:>12}", "old \\ new")?;
    L::ALL.iter().try_for_each(|label| write!(out, " {label:>10}"))?;
    writeln!(out)?;
    let classes = changes.iter().map(|change| (change.old.label().class(), change.new.label().class()));
    let table = Confusion::of(L::ALL.len(), classes);
    for old in L::ALL {
        write!(out, "{old:>12}")?;
        L::ALL.iter().try_for_each(|new| write!(out, " {:>10}", table.count(old.class(), new.class())))?;
        writeln!(out)?;
    }
    print_group(out, "largest changes", changes.iter(), top)?;
    print_truth(out, &changes, top)
}

/// What labelled data say of the flips.
fn print_truth<L: Compared>(out: &mut impl Write, changes: &[Change<L>], top: usize) -> io::Result<()> {
    let rights: Vec<[bool; 2]> = changes.iter().filter_map(Change::rights).collect();
    if rights.is_empty() {
        return Ok(());
    }
    let right = |at: usize| rights.iter().filter(|right| right[at]).count();
    let share = |at: usize| right(at) as f64 / rights.len() as f64;
    let (n, old, new) = (rights.len(), share(0), share(1));
    let group = |wanted: [bool; 2]| changes.iter().filter(move |change| change.rights() == Some(wanted));
    let (mended, broken) = (group([false, true]), group([true, false]));
    let (mends, breaks) = (mended.clone().count(), broken.clone().count());
    let p = match mcnemar(mends, breaks) {
        p if p < 0.001 => "< 0.001".to_owned(),
        p => format!("= {p:.3}"),
    };
    writeln!(out, "labelled: {n} pairs, accuracy {old:.3} → {new:.3}")?;
    writeln!(out, "          {mends} flips mend, {breaks} break; McNemar's exact p {p}")?;
    print_group(out, "mended", mended, top)?;
    print_group(out, "broken", broken, top)
}

fn print_group<'c, 'p: 'c, L: Label>(
    out: &mut impl Write,
    title: &str,
    changes: impl Iterator<Item = &'c Change<'p, L>>,
    top: usize,
) -> io::Result<()> {
    let mut changes = changes.filter(|change| change.size() > 0.0).take(top).peekable();
    if changes.peek().is_some() {
        writeln!(out, "{title}:")?;
    }
    changes.try_for_each(|change| change.print(out))
}
