//! Judges every actor in every passage of news articles.

use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, ValueEnum};
use demarche::actor::Metonyms;
use demarche::stance::{Abstention, Cameo, Explanation, Label, Rollup};
use demarche::text::Unit;
use demarche::{Catalogue, Classifier, Judgement, Model, Sentiment, Stance};
use serde_json::json;

/// Who is for talking, and who is not: judges every actor in every passage of news articles.
#[derive(Parser)]
#[command(name = "classify")]
struct Arguments {
    /// Text files in UTF-8; `-` or nothing for standard input.
    files: Vec<PathBuf>,
    /// A model that `train` has written, in place of the bundled one.
    #[arg(long)]
    model: Option<PathBuf>,
    /// A table of actors that adds to the shipped catalogue or overrides it.
    #[arg(long)]
    catalogue: Option<PathBuf>,
    /// Judge this actor, named as the text names it (may be given several times), and no other.
    #[arg(long)]
    target: Vec<String>,
    /// The size of a passage: sentence, paragraph or window:N.
    #[arg(long)]
    unit: Option<Unit>,
    /// Capitals and seats ("the Kremlin") are no mentions.
    #[arg(long)]
    no_metonyms: bool,
    /// Add actors up by the side they belong to: ministers and armies to their state.
    #[arg(long)]
    sides: bool,
    /// Mark stances below this certainty (0 to 1) as "not sure".
    #[arg(long, default_value_t = Abstention::LEAST_CERTAINTY)]
    sure: f64,
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
    /// Add the nearest CAMEO event codes (jsonl and csv; takes about twice the time).
    #[arg(long)]
    cameo: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people; ends with one line for each actor.
    Table,
    /// One judgement a line.
    Jsonl,
    /// One judgement a row.
    Csv,
}

type Outcome<T = ()> = Result<T, Box<dyn std::error::Error>>;

fn main() -> ExitCode {
    match run(Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if is_broken_pipe(&*error) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
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

/// Whether the reader of our output has gone (`classify … | head`).
fn is_broken_pipe(error: &(dyn std::error::Error + 'static)) -> bool {
    error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}

fn run(arguments: Arguments) -> Outcome {
    if arguments.cameo && arguments.format == Format::Table {
        return Err("--cameo has no column in the table (add --format csv or --format jsonl)".into());
    }
    let model = match &arguments.model {
        Some(path) => Model::read(path)?,
        None => Model::bundled()?,
    };
    let mut catalogue = model.catalogue().clone();
    let mut classifier = Classifier::new(model);
    if let Some(path) = &arguments.catalogue {
        catalogue = catalogue.extended(Catalogue::read(path)?);
        for collision in catalogue.collisions() {
            let [before, after] = collision.actors();
            eprintln!("warning: {:?} names both {before} and {after}; it counts for {after}", collision.form());
        }
    }
    // The model's own catalogue is compiled already.
    if arguments.no_metonyms {
        classifier = classifier.catalogue(&catalogue, Metonyms::Ignore);
    } else if arguments.catalogue.is_some() {
        classifier = classifier.catalogue(&catalogue, Metonyms::Count);
    }
    if let Some(unit) = arguments.unit {
        classifier = classifier.unit(unit);
    }
    if !arguments.target.is_empty() {
        classifier = classifier.targets(&arguments.target);
    }

    let mut files = arguments.files;
    if files.is_empty() {
        files.push("-".into());
    }
    // Every file must open before anything is printed.
    let readers = files.iter().map(|path| open(path)).collect::<Outcome<Vec<_>>>()?;
    let crosswalk =
        arguments.cameo.then(|| Crosswalk { classifier: &classifier, passage: String::new(), codes: Vec::new() });
    let mut printer = Printer {
        format: arguments.format,
        crosswalk,
        out: BufWriter::new(io::stdout().lock()),
        rollup: Rollup::default(),
        sides: arguments.sides.then_some(catalogue),
        sure: arguments.sure,
        last: None,
    };
    printer.head()?;
    let mut worker = classifier.worker();
    for (path, reader) in files.iter().zip(readers) {
        let file = path.display().to_string();
        worker
            .classify_stream(reader, |judgement, passage| {
                printer.judgement(&file, judgement, passage).map_err(Stop::Printing)
            })
            .map_err(|stop| match stop {
                // The library's errors know the line; the file is ours to name.
                Stop::Reading(error) => format!("{file}: {error}").into(),
                Stop::Printing(error) => error,
            })?;
    }
    printer.foot()
}

fn open(path: &Path) -> Outcome<Box<dyn BufRead>> {
    if path == Path::new("-") {
        return Ok(Box::new(BufReader::new(io::stdin())));
    }
    let located = |error: io::Error| format!("{}: {error}", path.display());
    if path.metadata().map_err(located)?.is_dir() {
        return Err(format!("{}: this is a directory (give files)", path.display()).into());
    }
    Ok(Box::new(BufReader::new(File::open(path).map_err(located)?)))
}

/// The CAMEO codes of the passage that was explained last, for each of its actors.
struct Crosswalk<'c> {
    classifier: &'c Classifier,
    passage: String,
    codes: Vec<(Judgement, Vec<Cameo>)>,
}

impl Crosswalk<'_> {
    fn codes(&mut self, judgement: &Judgement, passage: &str) -> Vec<Cameo> {
        if self.passage != passage {
            let explained = self.classifier.explain::<Stance>(passage).into_iter();
            let codes = |why: Option<Explanation<Stance>>| why.map(|why| why.cameo(passage)).unwrap_or_default();
            self.codes = explained.map(|(judgement, why)| (judgement, codes(why))).collect();
            self.passage = passage.to_owned();
        }
        let is_same = |(own, _): &&(Judgement, _)| own.actor().id() == judgement.actor().id();
        match self.codes.iter().find(is_same) {
            Some((own, codes)) if own.verdict() == judgement.verdict() => codes.clone(),
            // A passage that reads otherwise without its surroundings has the code of its label.
            _ => judgement.cameo().into_iter().collect(),
        }
    }
}

struct Printer<'c, W> {
    format: Format,
    crosswalk: Option<Crosswalk<'c>>,
    out: W,
    rollup: Rollup,
    /// Where the sides of actors stand, if actors are added up by side.
    sides: Option<Catalogue>,
    /// The certainty below which a stance is not sure.
    sure: f64,
    /// File and start of the passage that was printed last.
    last: Option<(String, usize)>,
}

impl<W: Write> Printer<'_, W> {
    fn head(&mut self) -> Outcome {
        if self.format == Format::Csv {
            let columns =
                "file,start,end,actor,id,stance,stance_pro,stance_skeptical,stance_neutral,sentiment,sentiment_positive,sentiment_neutral,sentiment_negative,abstention";
            let cameo = if self.crosswalk.is_some() { ",cameo" } else { "" };
            writeln!(self.out, "{columns}{cameo},text")?;
        }
        Ok(())
    }

    fn judgement(&mut self, file: &str, judgement: &Judgement, passage: &str) -> Outcome {
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
                if let Some(crosswalk) = &mut self.crosswalk {
                    line["cameo"] = json!(crosswalk.codes(judgement, passage));
                }
                Ok(writeln!(self.out, "{line}")?)
            }
            Format::Csv => self.row_for_spreadsheets(file, judgement, passage),
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
            writeln!(self.out, "\n{file}:{}  {}", here.1, text.join(" "))?;
            self.last = Some(here);
        }
        write!(self.out, "    {:<28}", judgement.actor().name())?;
        if let Some(stance) = judgement.stance() {
            write!(self.out, " {:<9} {:>3.0} %", stance.label(), 100.0 * stance.certainty())?;
        }
        if let Some(sentiment) = judgement.sentiment() {
            write!(self.out, "   {:<8} {:>3.0} %", sentiment.label(), 100.0 * sentiment.certainty())?;
        }
        if let Some(reason) = judgement.abstention(self.sure) {
            write!(self.out, "   ({reason})")?;
        }
        Ok(writeln!(self.out)?)
    }

    fn row_for_spreadsheets(&mut self, file: &str, judgement: &Judgement, passage: &str) -> Outcome {
        let mut cells = vec![
            file.to_owned(),
            judgement.passage().start().to_string(),
            judgement.passage().end().to_string(),
            judgement.actor().name().to_owned(),
            judgement.actor().id().to_owned(),
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
        if let Some(crosswalk) = &mut self.crosswalk {
            let codes: Vec<&str> = crosswalk.codes(judgement, passage).iter().map(|code| code.code()).collect();
            cells.push(codes.join(" "));
        }
        cells.push(passage.to_owned());
        let mut row = csv::Writer::from_writer(&mut self.out);
        row.write_record(&cells)?;
        Ok(row.flush()?)
    }

    fn foot(&mut self) -> Outcome {
        if self.format == Format::Table {
            let columns = ["pro", "skept.", "neutral", "posit.", "neutral", "negat."];
            write!(self.out, "\n{:<28} {:<10} {:>8}", "actor", "verdict", "passages")?;
            columns.iter().try_for_each(|column| write!(self.out, " {column:>7}"))?;
            writeln!(self.out)?;
            for actor in self.rollup.actors() {
                write!(self.out, "{:<28} {:<10} {:>8}", actor.actor(), actor.lean(), actor.passages())?;
                for label in Stance::ALL {
                    write!(self.out, " {:>7}", actor.stance(label))?;
                }
                for label in Sentiment::ALL {
                    write!(self.out, " {:>7}", actor.sentiment(label))?;
                }
                writeln!(self.out)?;
            }
        }
        Ok(self.out.flush()?)
    }
}

fn four_digits(probability: f64) -> String {
    format!("{probability:.4}")
}
