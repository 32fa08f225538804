//! The learning curve: how good the model gets with 1/8, 1/4, 1/2 and all of the training pairs.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Parser;
use demarche::{Classifier, Corpus, Trainer};
use plotters::prelude::*;

type Outcome<T = ()> = Result<T, Box<dyn std::error::Error>>;

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
    match run(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Outcome {
    let corpus = Corpus::read_all(&arguments.data)?;
    let tests = arguments.on.iter().map(Corpus::read).collect::<Result<Vec<_>, _>>()?;
    let name = |path: &PathBuf| path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let names: Vec<String> = arguments.on.iter().map(name).collect();
    println!("| pairs | {} |\n|{}", names.join(" | "), "---|".repeat(names.len() + 1));
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
        println!("| {} | {} |", part.pairs(), cells.join(" | "));
        points.push((part.pairs() as f64, scores));
    }
    match &arguments.plot {
        Some(plot) => draw(plot, &names, &points),
        None => Ok(()),
    }
}

fn draw(path: &Path, names: &[String], points: &[(f64, Vec<f64>)]) -> Outcome {
    let area = SVGBackend::new(path, (720, 440)).into_drawing_area();
    area.fill(&WHITE)?;
    let most = points.iter().map(|point| point.0).fold(1.0, f64::max);
    let mut chart = ChartBuilder::on(&area)
        .margin(16)
        .x_label_area_size(40)
        .y_label_area_size(50)
        .build_cartesian_2d((most / 10.0..most * 1.05).log_scale(), 0.3..0.9)?;
    chart.configure_mesh().x_desc("training pairs").y_desc("stance macro-F1").draw()?;
    for (at, name) in names.iter().enumerate() {
        let color = Palette99::pick(at).to_rgba();
        let line = points.iter().map(|(pairs, scores)| (*pairs, scores[at]));
        chart
            .draw_series(LineSeries::new(line, color.stroke_width(2)).point_size(4))?
            .label(name)
            .legend(move |(x, y)| PathElement::new([(x, y), (x + 20, y)], color.stroke_width(2)));
    }
    chart.configure_series_labels().border_style(BLACK).background_style(WHITE).draw()?;
    Ok(area.present()?)
}
