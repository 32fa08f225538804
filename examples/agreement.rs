//! How far two readers agree: Cohen's kappa, and their confusion, from the table of second labels.

use std::collections::BTreeMap;
use std::io::{self, BufWriter, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use demarche::learn::{cohen_kappa, Confusion};
use demarche::stance::Label;
use demarche::{Sentiment, Stance};

mod options;

use options::plain::plain;
use options::{end, Outcome};

/// Cohen's kappa of the first and the second reader.
#[derive(Parser)]
#[command(name = "agreement")]
struct Arguments {
    /// The table of second labels.
    #[arg(default_value = "data/second-labels.tsv")]
    file: PathBuf,
}

fn main() -> ExitCode {
    end(run(&Arguments::parse()))
}

fn run(arguments: &Arguments) -> Outcome {
    let mut reader = csv::ReaderBuilder::new().delimiter(b'\t').from_path(&arguments.file)?;
    let mut by_kind: BTreeMap<String, [Vec<(usize, usize)>; 2]> = BTreeMap::new();
    for record in reader.records() {
        let record = record?;
        let cell = |at: usize| record.get(at).unwrap_or("");
        let stance = (cell(3).parse::<Stance>()?.class(), cell(5).parse::<Stance>()?.class());
        let sentiment = (cell(4).parse::<Sentiment>()?.class(), cell(6).parse::<Sentiment>()?.class());
        for kind in [cell(1), "all"] {
            let pairs = by_kind.entry(kind.to_owned()).or_default();
            pairs[0].push(stance);
            pairs[1].push(sentiment);
        }
    }
    let mut out = BufWriter::new(io::stdout().lock());
    writeln!(
        out,
        "{:<12} {:>7} {:>13} {:>13} {:>16} {:>16}",
        "", "pairs", "stance agree", "stance kappa", "sentiment agree", "sentiment kappa"
    )?;
    for (kind, [stance, sentiment]) in &by_kind {
        let agree = |pairs: &[(usize, usize)]| Confusion::of(3, pairs.iter().copied()).accuracy();
        let kappa = |pairs: &[(usize, usize)]| cohen_kappa(3, pairs.iter().copied());
        writeln!(
            out,
            "{:<12} {:>7} {:>13.3} {:>13.3} {:>16.3} {:>16.3}",
            plain(kind),
            stance.len(),
            agree(stance),
            kappa(stance),
            agree(sentiment),
            kappa(sentiment)
        )?;
    }
    if let Some([stance, sentiment]) = by_kind.get("all") {
        confusion::<Stance>(&mut out, stance)?;
        confusion::<Sentiment>(&mut out, sentiment)?;
    }
    Ok(out.flush()?)
}

fn confusion<L: Label>(out: &mut impl Write, pairs: &[(usize, usize)]) -> io::Result<()> {
    let counts = Confusion::of(3, pairs.iter().copied());
    write!(out, "\n{:<22}", format!("{}: first, second", L::HEAD))?;
    L::ALL.iter().try_for_each(|label| write!(out, " {label:>10}"))?;
    writeln!(out)?;
    for first in L::ALL {
        write!(out, "{first:<22}")?;
        L::ALL.iter().try_for_each(|second| write!(out, " {:>10}", counts.count(first.class(), second.class())))?;
        writeln!(out)?;
    }
    Ok(())
}
