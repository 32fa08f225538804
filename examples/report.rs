//! Judges articles and writes one HTML page: who is for talking, who is not, and the passages that say so.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Parser;
use demarche::actor::Metonyms;
use demarche::report::{Article, Date, Report};
use demarche::text::Unit;
use demarche::{Catalogue, Classifier, Model};

/// Judges articles and writes one self-contained HTML page.
#[derive(Parser)]
#[command(name = "report")]
struct Arguments {
    /// Text files, folders of .txt files, or .jsonl files with one article a line: {"text", "id"?, "title"?, "date"?,
    /// "source"?, "url"?}. `-` reads such lines from standard input.
    #[arg(required = true)]
    articles: Vec<PathBuf>,
    /// Where the page goes; standard output unless given.
    #[arg(long)]
    out: Option<PathBuf>,
    /// The headline of the page.
    #[arg(long, default_value = "Who is for talking")]
    title: String,
    /// The day the page is made (YYYY-MM-DD), for its footer; left out unless given.
    #[arg(long)]
    date: Option<Date>,
    /// Passages of each stance that an actor's section quotes at most.
    #[arg(long, default_value_t = 25)]
    passages: usize,
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
}

type Outcome<T = ()> = Result<T, Box<dyn std::error::Error>>;

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
    // Every article must be readable before a model is loaded.
    let articles = arguments.articles.iter().map(|path| read(path)).collect::<Outcome<Vec<_>>>()?;
    let model = match &arguments.model {
        Some(path) => Model::read(path)?,
        None => Model::bundled()?,
    };
    let mut report = Report::new(&arguments.title)
        .with_provenance(model.provenance().clone())
        .with_passages_quoted(arguments.passages);
    if let Some(date) = arguments.date {
        report = report.with_date(date);
    }
    let classifier = classifier(arguments, model)?;
    let mut worker = classifier.worker();
    for article in articles.into_iter().flatten() {
        let judgements = worker.classify(article.text());
        report.add(article, judgements)?;
    }
    match &arguments.out {
        Some(out) => report.write_html(out)?,
        None => match io::stdout().lock().write_all(report.to_html().as_bytes()) {
            // A reader that has gone is no fault of the articles.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {}
            written => written?,
        },
    }
    Ok(())
}

fn read(path: &Path) -> Outcome<Vec<Article>> {
    if path == Path::new("-") {
        let text = io::read_to_string(io::stdin()).map_err(|error| format!("standard input: {error}"))?;
        return Ok(Article::from_jsonl(&text).map_err(|error| format!("standard input: {error}"))?);
    }
    Ok(Article::read(path)?)
}

fn classifier(arguments: &Arguments, model: Model) -> Outcome<Classifier> {
    let mut catalogue = model.catalogue().clone();
    if let Some(path) = &arguments.catalogue {
        catalogue = catalogue.extended(Catalogue::read(path)?);
        for collision in catalogue.collisions() {
            let [before, after] = collision.actors();
            eprintln!("warning: {:?} names both {before} and {after}; it counts for {after}", collision.form());
        }
    }
    let metonyms = if arguments.no_metonyms { Metonyms::Ignore } else { Metonyms::Count };
    let mut classifier = Classifier::new(model).catalogue(&catalogue, metonyms);
    if let Some(unit) = arguments.unit {
        classifier = classifier.unit(unit);
    }
    if !arguments.target.is_empty() {
        classifier = classifier.targets(&arguments.target);
    }
    Ok(classifier)
}
