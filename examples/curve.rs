//! The learning curve: how good the model gets with 1/8, 1/4, 1/2 and all of the training pairs.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Parser;
use demarche::{Classifier, Corpus, Trainer};
use plotters::prelude::IntoLogRange;

mod options;
mod plot;

use options::plain::say;
use options::{end, labelled, Outcome};
use plot::{lines, measured, Axis, Line, Words};

/// Trains on growing parts of a corpus and scores each model on other files.
#[derive(Parser)]
#[command(name = "curve")]
struct Arguments {
    /// Labelled files to train on.
    #[arg(long, required = true, num_args = 1..)]
    data: Vec<PathBuf>,
    /// Labelled files to score on; each file is a curve of its own.
    #[arg(long, required = true, num_args = 1..)]
    on: Vec<PathBuf>,
    /// Where the plot goes (SVG).
    #[arg(long)]
    plot: Option<PathBuf>,
}

/// Disputes are dealt into this many folds; 1, 2, 4 or all of them are trained on.
const EIGHTHS: usize = 8;

fn main() -> ExitCode {
    end(run(&Arguments::parse()))
}

fn run(arguments: &Arguments) -> Outcome {
    let corpus = labelled(&arguments.data)?;
    let tests = arguments.on.iter().map(Corpus::read).collect::<Result<Vec<_>, _>>()?;
    let name = |path: &PathBuf| path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let names: Vec<String> = arguments.on.iter().map(name).collect();
    say(format!("| pairs | {} |\n|{}", names.join(" | "), "---|".repeat(names.len() + 1)))?;
    let folds = corpus.folds(EIGHTHS, 1);
    let mut points = Vec::new();
    for eighths in [1, 2, 4, 8] {
        let mut folds = folds.iter();
        let part = corpus.filter(|_| folds.next().is_some_and(|fold| *fold < eighths));
        let classifier = Classifier::new(Trainer::shipped()?.fit(&part)?.into_model());
        let scores: Vec<f64> = tests
            .iter()
            .map(|test| classifier.evaluate(test).stance().map_or(0.0, |scores| scores.confusion().macro_f1()))
            .collect();
        let cells: Vec<String> = scores.iter().map(|score| format!("{score:.3}")).collect();
        say(format!("| {} | {} |", part.pairs(), cells.join(" | ")))?;
        points.push((part.pairs() as f64, scores));
    }
    match &arguments.plot {
        Some(plot) => draw(plot, names, &points),
        None => Ok(()),
    }
}

fn draw(path: &Path, names: Vec<String>, points: &[(f64, Vec<f64>)]) -> Outcome {
    let most = points.iter().map(|point| point.0).fold(1.0, f64::max);
    let curves = names.into_iter().enumerate().map(|(at, name)| Line {
        name,
        points: points.iter().map(|(pairs, scores)| (*pairs, scores[at])).collect(),
        style: measured(at),
    });
    let curves: Vec<Line> = curves.collect();
    let told = curves.iter().map(|curve| {
        let points: Vec<String> =
            curve.points.iter().map(|(pairs, score)| format!("{score:.3} with {pairs} pairs")).collect();
        format!("{}: {}.", curve.name, points.join(", "))
    });
    let words = Words {
        title: "Stance macro-F1 by training pairs".to_owned(),
        description: told.collect::<Vec<_>>().join(" "),
    };
    let range = (most / 10.0..most * 1.05).log_scale();
    let across = Axis { name: "training pairs (log scale)", range, number: |pairs| format!("{pairs:.0}") };
    let upward = Axis { name: "stance macro-F1 (0 to 1)", range: 0.3..0.9, number: |score| format!("{score:.1}") };
    lines(path, &words, across, upward, &curves)
}
