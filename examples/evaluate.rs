//! Scores a model on labelled files. Actors are taken as labelled, not searched.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, ValueEnum};
use demarche::learn::Scores;
use demarche::stance::{Label, LabelledPassage};
use demarche::{Classifier, Corpus, Error, Model, Sentiment, Stance};

/// Scores a model on labelled files.
#[derive(Parser)]
#[command(name = "evaluate")]
struct Arguments {
    /// Labelled files: .jsonl, .csv, or inline markup in .txt.
    #[arg(long, required = true, num_args = 1..)]
    data: Vec<PathBuf>,
    /// A model that `train` has written, in place of the bundled one.
    #[arg(long)]
    model: Option<PathBuf>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
    /// Score each value of a field on its own; for `capability`, also the contrast sets of which every pair is right.
    #[arg(long, value_enum)]
    by: Option<Field>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Field {
    Kind,
    Register,
    Dispute,
    Capability,
}

impl Field {
    fn of(self, passage: &LabelledPassage) -> Option<&str> {
        match self {
            Field::Kind => passage.kind(),
            Field::Register => passage.register(),
            Field::Dispute => passage.dispute(),
            Field::Capability => passage.capability(),
        }
    }
}

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Result<(), Error> {
    let model = match &arguments.model {
        Some(path) => Model::read(path)?,
        None => Model::bundled()?,
    };
    let corpus = Corpus::read_all(&arguments.data)?;
    for warning in corpus.warnings() {
        eprintln!("warning: line {}: {}", warning.line(), warning.message());
    }
    let classifier = Classifier::new(model);
    if let Some(field) = arguments.by {
        print_by(field, &classifier, &corpus);
        return Ok(());
    }
    let evaluation = classifier.evaluate(&corpus);
    if arguments.json {
        println!("{}", serde_json::json!(evaluation));
        return Ok(());
    }
    println!("{} passages, {} pairs", corpus.passages().len(), corpus.pairs());
    print::<Stance>(evaluation.stance());
    print::<Sentiment>(evaluation.sentiment());
    Ok(())
}

fn print_by(field: Field, classifier: &Classifier, corpus: &Corpus) {
    let values: BTreeSet<&str> = corpus.passages().iter().filter_map(|passage| field.of(passage)).collect();
    println!("{:<24} {:>6} {:>17} {:>17} {:>9}", "", "pairs", "stance F1 / acc", "sentim. F1 / acc", "sets");
    for value in values {
        let part = corpus.filter(|passage| field.of(passage) == Some(value));
        let evaluation = classifier.evaluate(&part);
        let figures = |scores: Option<&Scores>| match scores.map(Scores::confusion) {
            Some(confusion) => format!("{:.3} / {:.3}", confusion.macro_f1(), confusion.accuracy()),
            None => "-".to_owned(),
        };
        let (stance, sentiment) = (figures(evaluation.stance()), figures(evaluation.sentiment()));
        let sets = if field == Field::Capability { passed_sets(classifier, &part) } else { String::new() };
        println!("{value:<24} {:>6} {stance:>17} {sentiment:>17} {sets:>9}", part.pairs());
    }
    if field == Field::Capability {
        println!("{:<24} {:>6} {:>45}", "all", corpus.pairs(), passed_sets(classifier, corpus));
    }
}

/// Contrast sets of which every stance is right, out of all.
fn passed_sets(classifier: &Classifier, corpus: &Corpus) -> String {
    let groups: BTreeSet<&str> = corpus.passages().iter().map(LabelledPassage::group).collect();
    let passed = groups.iter().filter(|group| {
        let set = corpus.filter(|passage| passage.group() == **group);
        classifier.evaluate(&set).stance().is_some_and(|scores| scores.confusion().accuracy() == 1.0)
    });
    format!("{}/{}", passed.count(), groups.len())
}

fn print<L: Label>(scores: Option<&Scores>) {
    let Some(scores) = scores else {
        println!("\n{}: not labelled", L::HEAD);
        return;
    };
    let confusion = scores.confusion();
    println!(
        "\n{}: macro-F1 {}   accuracy {:.3}   ECE {:.3}   Brier {:.3}   n {}",
        L::HEAD,
        scores.macro_f1(),
        confusion.accuracy(),
        scores.ece(),
        scores.brier(),
        scores.len()
    );
    println!("{:>12} {:>9} {:>9} {:>9} {:>9}", "", "precision", "recall", "F1", "n");
    for label in L::ALL {
        let class = confusion.class(label.class());
        let (precision, recall, f1) = (class.precision(), class.recall(), class.f1());
        println!("{label:>12} {precision:>9.3} {recall:>9.3} {f1:>9.3} {:>9}", class.support());
    }
}
