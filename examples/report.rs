//! Judges articles and writes one HTML page: who is for talking, who is not, and the passages that say so.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Parser;
use demarche::report::{Article, Date, Report};

mod options;

use options::{end, text_of, Judging, Outcome};

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
    #[command(flatten)]
    judging: Judging,
}

fn main() -> ExitCode {
    end(run(&Arguments::parse()))
}

fn run(arguments: &Arguments) -> Outcome {
    // Every article must be readable before a model is loaded.
    let articles = arguments.articles.iter().map(|path| read(path)).collect::<Outcome<Vec<_>>>()?;
    let model = arguments.judging.model()?;
    let mut report = Report::new(&arguments.title)
        .with_provenance(model.provenance().clone())
        .with_passages_quoted(arguments.passages);
    if let Some(date) = arguments.date {
        report = report.with_date(date);
    }
    let catalogue = arguments.judging.catalogue(&model)?;
    let classifier = arguments.judging.classifier(model, &catalogue);
    let mut worker = classifier.worker();
    for article in articles.into_iter().flatten() {
        let judgements = worker.classify(article.text());
        report.add(article, judgements)?;
    }
    match &arguments.out {
        Some(out) => report.write_html(out)?,
        None => io::stdout().write_all(report.to_html().as_bytes())?,
    }
    Ok(())
}

fn read(path: &Path) -> Outcome<Vec<Article>> {
    if path == Path::new("-") {
        return Ok(Article::from_jsonl(&text_of(path)?).map_err(|error| format!("standard input: {error}"))?);
    }
    Ok(Article::read(path)?)
}
