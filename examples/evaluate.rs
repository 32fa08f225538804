//! Scores a model on labelled files. Actors are taken as labelled, not searched.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use demarche::learn::Scores;
use demarche::stance::Label;
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
    let evaluation = Classifier::new(model).evaluate(&corpus);
    if arguments.json {
        println!("{}", serde_json::json!(evaluation));
        return Ok(());
    }
    println!("{} passages, {} pairs", corpus.passages().len(), corpus.pairs());
    print::<Stance>(evaluation.stance());
    print::<Sentiment>(evaluation.sentiment());
    Ok(())
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
