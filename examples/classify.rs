//! Judges every actor in every passage of news articles.

use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, ValueEnum};
use demarche::stance::{Abstention, Cameo, Label, Rollup};
use demarche::{Catalogue, Judgement, Sentiment, Stance};
use serde_json::json;

mod options;

use options::plain::plain;
use options::{directory, end, or_standard_input, prose, Judging, Outcome, Unnamed};

/// Who is for talking, and who is not: judges every actor in every passage of news articles.
#[derive(Parser)]
#[command(name = "classify")]
struct Arguments {
    /// Text files in UTF-8; `-` or nothing for standard input.
    files: Vec<PathBuf>,
    #[command(flatten)]
    judging: Judging,
    /// Add actors up by the side they belong to: ministers and armies to their state. Armed groups stand for themselves.
    #[arg(long)]
    sides: bool,
    /// Mark stances below this certainty (0 to 1) as "not sure".
    #[arg(long, default_value_t = Abstention::LEAST_CERTAINTY)]
    sure: f64,
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
    /// Add the nearest CAMEO event codes (jsonl and csv).
    #[arg(long)]
    cameo: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people; ends with one line for each actor.
    Table,
    /// One judgement a line.
    Jsonl,
    /// One judgement a row. A ' stands before text that a spreadsheet would take for a formula (= + - @ tab); JSONL is exact.
    Csv,
}

fn main() -> ExitCode {
    end(run(&Arguments::parse()))
}

/// Why a stream was not judged to its end.
enum Stop {
    Reading(demarche::Error),
    Printing(Box<dyn std::error::Error>),
}

impl From<demarche::Error> for Stop {
    fn from(error: demarche::Error) -> Self {
        Stop::Reading(error)
    }
}

fn run(arguments: &Arguments) -> Outcome {
    if arguments.cameo && arguments.format == Format::Table {
        return Err("--cameo has no column in the table (add --format csv or --format jsonl)".into());
    }
    let model = arguments.judging.model()?;
    let catalogue = arguments.judging.catalogue(&model)?;
    let classifier = arguments.judging.classifier(model, &catalogue);
    let files = or_standard_input(&arguments.files);
    // Every file must open before anything is printed.
    let readers = files.iter().map(|path| open(path)).collect::<Outcome<Vec<_>>>()?;
    let codes = if arguments.cameo { Codes::Cameo } else { Codes::None };
    let mut printer = Printer {
        format: arguments.format,
        codes,
        out: BufWriter::new(io::stdout().lock()),
        rollup: Rollup::default(),
        sides: arguments.sides.then_some(catalogue),
        sure: arguments.sure,
        last: None,
        judged: 0,
        marked: 0,
        unnamed: arguments.judging.unnamed(),
    };
    printer.head()?;
    let mut worker = classifier.worker();
    for (path, reader) in files.iter().zip(readers) {
        let file = path.display().to_string();
        let read = match codes {
            Codes::None => worker.classify_stream(reader, |judgement, passage| {
                printer.judgement(&file, judgement, passage, &[]).map_err(Stop::Printing)
            }),
            Codes::Cameo => worker.cameo_stream(reader, |judgement, codes, passage| {
                printer.judgement(&file, judgement, passage, codes).map_err(Stop::Printing)
            }),
        };
        read.map_err(|stop| match stop {
            // The library's errors know the line; the file is ours to name.
            Stop::Reading(error) => format!("{file}: {error}").into(),
            Stop::Printing(error) => error,
        })?;
    }
    printer.foot()?;
    printer.unnamed.tell();
    Ok(())
}

fn open(path: &Path) -> Outcome<Box<dyn BufRead>> {
    if path == Path::new("-") {
        return Ok(Box::new(BufReader::new(io::stdin())));
    }
    prose(path)?;
    let located = |error: io::Error| format!("{}: {error}", path.display());
    if path.metadata().map_err(located)?.is_dir() {
        return Err(directory(path).into());
    }
    Ok(Box::new(BufReader::new(File::open(path).map_err(located)?)))
}

/// What is printed beside the labels.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Codes {
    None,
    Cameo,
}

struct Printer<W> {
    format: Format,
    codes: Codes,
    out: W,
    rollup: Rollup,
    /// Where the sides of actors stand, if actors are added up by side.
    sides: Option<Catalogue>,
    /// The certainty below which a stance is not sure.
    sure: f64,
    /// File and start of the passage that was printed last.
    last: Option<(String, usize)>,
    /// Judgements, and those of them that are marked.
    judged: usize,
    marked: usize,
    unnamed: Unnamed,
}

impl<W: Write> Printer<W> {
    fn head(&mut self) -> Outcome {
        if self.format == Format::Csv {
            let columns =
                "file,start,end,actor,id,stance,stance_pro,stance_skeptical,stance_neutral,sentiment,sentiment_positive,sentiment_neutral,sentiment_negative,abstention";
            let cameo = if self.codes == Codes::Cameo { ",cameo" } else { "" };
            writeln!(self.out, "{columns}{cameo},text")?;
        }
        Ok(())
    }

    fn judgement(&mut self, file: &str, judgement: &Judgement, passage: &str, codes: &[Cameo]) -> Outcome {
        self.unnamed.saw(judgement.actor());
        match self.format {
            Format::Table => self.row_for_people(file, judgement, passage),
            Format::Jsonl => {
                let span = judgement.passage();
                let mut line = json!({
                    "file": file,
                    "passage": {"start": span.start(), "end": span.end(), "text": passage},
                    "actor": judgement.actor().name(),
                    "id": judgement.actor().id(),
                    "mentions": judgement.mentions(),
                    "stance": judgement.stance(),
                    "sentiment": judgement.sentiment(),
                    "abstention": judgement.abstention(self.sure),
                });
                if self.codes == Codes::Cameo {
                    line["cameo"] = json!(codes);
                }
                Ok(writeln!(self.out, "{line}")?)
            }
            Format::Csv => self.row_for_spreadsheets(file, judgement, passage, codes),
        }
    }

    fn row_for_people(&mut self, file: &str, judgement: &Judgement, passage: &str) -> Outcome {
        match &self.sides {
            Some(catalogue) => self.rollup.add_to(catalogue.side(judgement.actor()), judgement),
            None => self.rollup.add(judgement),
        }
        let here = (file.to_owned(), judgement.passage().start());
        if self.last.as_ref() != Some(&here) {
            let text: Vec<&str> = passage.split_whitespace().collect();
            writeln!(self.out, "\n{}:{}  {}", plain(file), here.1, plain(&text.join(" ")))?;
            self.last = Some(here);
        }
        write!(self.out, "    {:<28}", plain(judgement.actor().name()))?;
        if let Some(stance) = judgement.stance() {
            write!(self.out, " {:<9} {:>3.0} %", stance.label(), 100.0 * stance.certainty())?;
        }
        if let Some(sentiment) = judgement.sentiment() {
            write!(self.out, "   {:<8} {:>3.0} %", sentiment.label(), 100.0 * sentiment.certainty())?;
        }
        self.judged += 1;
        if let Some(reason) = judgement.abstention(self.sure) {
            self.marked += 1;
            write!(self.out, "   ({reason})")?;
        }
        Ok(writeln!(self.out)?)
    }

    fn row_for_spreadsheets(&mut self, file: &str, judgement: &Judgement, passage: &str, codes: &[Cameo]) -> Outcome {
        let mut cells = vec![
            no_formula(file),
            judgement.passage().start().to_string(),
            judgement.passage().end().to_string(),
            no_formula(judgement.actor().name()),
            no_formula(judgement.actor().id()),
        ];
        match judgement.stance() {
            Some(d) => cells.extend(std::iter::once(d.label().to_string()).chain(d.probabilities().map(four_digits))),
            None => cells.extend(std::iter::repeat_n(String::new(), 4)),
        }
        match judgement.sentiment() {
            Some(d) => cells.extend(std::iter::once(d.label().to_string()).chain(d.probabilities().map(four_digits))),
            None => cells.extend(std::iter::repeat_n(String::new(), 4)),
        }
        cells.push(judgement.abstention(self.sure).map_or(String::new(), |reason| reason.to_string()));
        if self.codes == Codes::Cameo {
            let codes: Vec<&str> = codes.iter().map(|code| code.code()).collect();
            cells.push(codes.join(" "));
        }
        cells.push(no_formula(passage));
        // A fault of the output shows as what it is when the row is written by ourselves.
        let mut row = csv::Writer::from_writer(Vec::new());
        row.write_record(&cells)?;
        Ok(self.out.write_all(&row.into_inner()?)?)
    }

    fn foot(&mut self) -> Outcome {
        if self.format == Format::Table {
            let columns = ["pro", "skept.", "neutral", "posit.", "neutral", "negat."];
            write!(self.out, "\n{:<28} {:<10} {:>8}", "actor", "verdict", "passages")?;
            columns.iter().try_for_each(|column| write!(self.out, " {column:>7}"))?;
            writeln!(self.out)?;
            for actor in self.rollup.actors() {
                write!(self.out, "{:<28} {:<10} {:>8}", plain(actor.actor()), actor.lean(), actor.passages())?;
                for label in Stance::ALL {
                    write!(self.out, " {:>7}", actor.stance(label))?;
                }
                for label in Sentiment::ALL {
                    write!(self.out, " {:>7}", actor.sentiment(label))?;
                }
                writeln!(self.out)?;
            }
            let (marked, judged) = (self.marked, self.judged);
            if marked > 0 {
                writeln!(
                    self.out,
                    "\n{marked} of {judged} judgements are marked as not to be relied on; they count here too"
                )?;
            }
        }
        Ok(self.out.flush()?)
    }
}

/// Text that a spreadsheet would reckon with, marked as text. A sign alone, as in the name of standard input, is none.
fn no_formula(text: &str) -> String {
    let mark = if text.len() > 1 && text.starts_with(['=', '+', '-', '@', '\t', '\r']) { "'" } else { "" };
    format!("{mark}{text}")
}

fn four_digits(probability: f64) -> String {
    format!("{probability:.4}")
}
