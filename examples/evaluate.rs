//! Scores a model on labelled files. Actors are taken as labelled, not searched.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, ValueEnum};
use demarche::learn::{ReliabilityBin, Scores};
use demarche::stance::{Label, LabelledPassage};
use demarche::{Classifier, Corpus, Sentiment, Stance};
use plotters::prelude::*;

mod options;
mod plot;

use options::plain::plain;
use options::{end, labelled, ModelChoice, Outcome};
use plot::{letters, lines, measured, save, Axis, Canvas, Line, Words, COLORS, INK};

/// Scores a model on labelled files.
#[derive(Parser)]
#[command(name = "evaluate")]
struct Arguments {
    /// Labelled files: .jsonl, .csv, or inline markup in .txt.
    #[arg(long, required = true, num_args = 1..)]
    data: Vec<PathBuf>,
    #[command(flatten)]
    model: ModelChoice,
    /// Print JSON.
    #[arg(long)]
    json: bool,
    /// Score each value of a field on its own; for `capability`, also the contrast sets of which every pair is right.
    #[arg(long, value_enum)]
    by: Option<Field>,
    /// A folder for three charts of each head (SVG): confusion, reliability of each label, risk against coverage.
    #[arg(long, conflicts_with = "by")]
    plots: Option<PathBuf>,
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
    end(run(&Arguments::parse()))
}

fn run(arguments: &Arguments) -> Outcome {
    let classifier = Classifier::new(arguments.model.read()?);
    let corpus = labelled(&arguments.data)?;
    let mut out = BufWriter::new(io::stdout().lock());
    if let Some(field) = arguments.by {
        print_by(&mut out, field, &classifier, &corpus)?;
        return Ok(out.flush()?);
    }
    let evaluation = classifier.evaluate(&corpus);
    if let Some(folder) = &arguments.plots {
        fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        draw::<Stance>(folder, evaluation.stance())?;
        draw::<Sentiment>(folder, evaluation.sentiment())?;
    }
    if arguments.json {
        writeln!(out, "{}", serde_json::json!(evaluation))?;
        return Ok(out.flush()?);
    }
    writeln!(out, "{} passages, {} pairs", corpus.passages().len(), corpus.pairs())?;
    print::<Stance>(&mut out, evaluation.stance())?;
    print::<Sentiment>(&mut out, evaluation.sentiment())?;
    Ok(out.flush()?)
}

fn print_by(out: &mut impl Write, field: Field, classifier: &Classifier, corpus: &Corpus) -> io::Result<()> {
    let values: BTreeSet<&str> = corpus.passages().iter().filter_map(|passage| field.of(passage)).collect();
    writeln!(out, "{:<24} {:>6} {:>17} {:>17} {:>9}", "", "pairs", "stance F1 / acc", "sentim. F1 / acc", "sets")?;
    for value in values {
        let part = corpus.filter(|passage| field.of(passage) == Some(value));
        let evaluation = classifier.evaluate(&part);
        let figures = |scores: Option<&Scores>| match scores.map(Scores::confusion) {
            Some(confusion) => format!("{:.3} / {:.3}", confusion.macro_f1(), confusion.accuracy()),
            None => "-".to_owned(),
        };
        let (stance, sentiment) = (figures(evaluation.stance()), figures(evaluation.sentiment()));
        let sets = if field == Field::Capability { passed_sets(classifier, &part) } else { String::new() };
        let value = plain(value);
        writeln!(out, "{value:<24} {:>6} {stance:>17} {sentiment:>17} {sets:>9}", part.pairs())?;
    }
    if field == Field::Capability {
        writeln!(out, "{:<24} {:>6} {:>45}", "all", corpus.pairs(), passed_sets(classifier, corpus))?;
    }
    Ok(())
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

fn print<L: Label>(out: &mut impl Write, scores: Option<&Scores>) -> io::Result<()> {
    let Some(scores) = scores else {
        return writeln!(out, "\n{}: not labelled", L::HEAD);
    };
    let confusion = scores.confusion();
    writeln!(
        out,
        "\n{}: macro-F1 {}   accuracy {:.3}   ECE {:.3}   Brier {:.3}   n {}",
        L::HEAD,
        scores.macro_f1(),
        confusion.accuracy(),
        scores.ece(),
        scores.brier(),
        scores.len()
    )?;
    writeln!(out, "{:>12} {:>9} {:>9} {:>9} {:>9}", "", "precision", "recall", "F1", "n")?;
    for label in L::ALL {
        let class = confusion.class(label.class());
        let (precision, recall, f1) = (class.precision(), class.recall(), class.f1());
        writeln!(out, "{label:>12} {precision:>9.3} {recall:>9.3} {f1:>9.3} {:>9}", class.support())?;
    }
    Ok(())
}

/// Bins of a reliability diagram.
const BINS: usize = 10;

/// Three charts of a head: `stance-confusion.svg` and its like.
fn draw<L: Label>(folder: &Path, scores: Option<&Scores>) -> Outcome {
    let Some(scores) = scores else { return Ok(()) };
    let file = |chart: &str| folder.join(format!("{}-{chart}.svg", L::HEAD));
    draw_confusion::<L>(&file("confusion"), scores)?;
    draw_reliability::<L>(&file("reliability"), scores)?;
    draw_risk::<L>(&file("risk-coverage"), scores)
}

/// A line to compare with.
fn comparison(name: &str, points: [(f64, f64); 2]) -> Line {
    Line { name: name.to_owned(), points: points.to_vec(), style: INK.mix(0.6).stroke_width(1) }
}

fn percent(share: &f64) -> String {
    format!("{:.0}", 100.0 * share)
}

fn draw_reliability<L: Label>(path: &Path, scores: &Scores) -> Outcome {
    let mut told = Vec::new();
    let mut curves = Vec::new();
    for label in L::ALL {
        let bins = scores.reliability(label.class(), BINS);
        let bin = |bin: &ReliabilityBin| {
            format!("{} % of {} given {} %", percent(&bin.observed()), bin.rows(), percent(&bin.predicted()))
        };
        told.push(format!("{label}: {}.", bins.iter().map(bin).collect::<Vec<_>>().join(", ")));
        let points = bins.iter().map(|bin| (bin.predicted(), bin.observed())).collect();
        curves.push(Line { name: label.to_string(), points, style: measured(label.class()) });
    }
    curves.push(comparison("calibrated", [(0.0, 0.0), (1.0, 1.0)]));
    let words = Words { title: format!("Reliability of {}", L::HEAD), description: told.join(" ") };
    let across = Axis { name: "predicted probability (%)", range: 0.0..1.0, number: percent };
    let upward = Axis { name: "pairs that are of the label (%)", range: 0.0..1.0, number: percent };
    lines(path, &words, across, upward, &curves)
}

fn draw_risk<L: Label>(path: &Path, scores: &Scores) -> Outcome {
    let points = scores.risk_coverage();
    let all = points.last().map_or(0.0, |(_, risk)| *risk);
    let most = points.iter().map(|(_, risk)| *risk).fold(0.1, f64::max);
    let told = [0.25, 0.5, 0.75, 1.0].into_iter().filter_map(|wanted| {
        let (coverage, risk) = points.iter().find(|(coverage, _)| *coverage >= wanted)?;
        Some(format!("{} % wrong of the surest {} %", percent(risk), percent(coverage)))
    });
    let words = Words {
        title: format!("Risk and coverage of {}", L::HEAD),
        description: format!("{}.", told.collect::<Vec<_>>().join(", ")),
    };
    let curves = [
        Line { name: "surest pairs first".to_owned(), points, style: measured(0) },
        comparison("no pair left out", [(0.0, all), (1.0, all)]),
    ];
    let across = Axis { name: "coverage: pairs decided (%)", range: 0.0..1.0, number: percent };
    let upward = Axis { name: "risk: wrong among these (%)", range: 0.0..1.05 * most, number: percent };
    lines(path, &words, across, upward, &curves)
}

/// Rows of true against columns of predicted labels; a cell is the stronger, the larger its share of the row.
fn draw_confusion<L: Label>(path: &Path, scores: &Scores) -> Outcome {
    let confusion = scores.confusion();
    let told = L::ALL.map(|truth| {
        let counts = L::ALL.map(|found| format!("{} {found}", confusion.count(truth.class(), found.class())));
        format!("Of {} {truth}, predicted: {}.", confusion.class(truth.class()).support(), counts.join(", "))
    });
    let words = Words { title: format!("Confusion of {}", L::HEAD), description: told.join(" ") };
    save(path, (600, 480), &words, |area: &Canvas| {
        let (left, top, wide, high) = (160, 100, 140, 110);
        area.draw(&Text::new(words.title.clone(), (left, 16), letters(18)))?;
        area.draw(&Text::new("predicted label (pairs, % of the true label)", (left, 46), letters(14)))?;
        let upright = letters(14).transform(FontTransform::Rotate270);
        area.draw(&Text::new("true label", (16, top + 3 * high / 2 + 32), upright))?;
        for (row, truth) in (0..).zip(L::ALL) {
            area.draw(&Text::new(truth.to_string(), (60, top + row * high + high / 2 - 8), letters(15)))?;
            area.draw(&Text::new(truth.to_string(), (left + row * wide + 30, top - 24), letters(15)))?;
            let all = confusion.class(truth.class()).support().max(1);
            for (column, found) in (0..).zip(L::ALL) {
                let count = confusion.count(truth.class(), found.class());
                let share = count as f64 / all as f64;
                let (x, y) = (left + column * wide, top + row * high);
                // Never so strong that the ink would not stand out.
                let fill = COLORS[0].mix(0.06 + 0.6 * share).filled();
                area.draw(&Rectangle::new([(x, y), (x + wide - 3, y + high - 3)], fill))?;
                let place = (x + wide / 2 - 24, y + high / 2 - 18);
                area.draw(&Text::new(count.to_string(), place, letters(18)))?;
                area.draw(&Text::new(format!("{} %", percent(&share)), (place.0, place.1 + 22), letters(14)))?;
            }
        }
        Ok(())
    })
}
