//! Turns labelled files of any format into JSONL.

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use demarche::{Corpus, Error};

/// Turns labelled files (inline markup in .txt, .csv, .jsonl) into one JSONL file.
#[derive(Parser)]
#[command(name = "convert")]
struct Arguments {
    /// Labelled files.
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// Where the JSONL goes; standard output unless given.
    #[arg(long)]
    out: Option<PathBuf>,
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
    let corpus = Corpus::read_all(&arguments.files)?;
    for warning in corpus.warnings() {
        eprintln!("warning: line {}: {}", warning.line(), warning.message());
    }
    match &arguments.out {
        Some(out) => corpus.write(out)?,
        // A reader that has gone is no fault of the data.
        None => drop(io::stdout().write_all(corpus.to_jsonl().as_bytes())),
    }
    eprintln!("{} passages, {} pairs", corpus.passages().len(), corpus.pairs());
    Ok(())
}
