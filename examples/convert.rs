//! Turns labelled files of any format into JSONL.

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;

mod options;

use options::plain::tell;
use options::{end, labelled, Outcome};

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
    end(run(&Arguments::parse()))
}

fn run(arguments: &Arguments) -> Outcome {
    let corpus = labelled(&arguments.files)?;
    match &arguments.out {
        Some(out) => corpus.write(out)?,
        None => io::stdout().write_all(corpus.to_jsonl().as_bytes())?,
    }
    tell(format!("{} passages, {} pairs", corpus.passages().len(), corpus.pairs()));
    Ok(())
}
