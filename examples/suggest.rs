//! Chooses the passages that are worth labelling next, and prints them as inline markup to be corrected.

use std::collections::HashSet;
use std::fs;
use std::io::{self, BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, ValueEnum};
use demarche::stance::{Heads, LabelledPassage};
use demarche::{Catalogue, Classifier, Corpus, Model};

/// Chooses the passages that are worth labelling next: those the model is least sure of, no two of them alike.
///
/// Prints them as inline markup with the model's guesses filled in. Correct the labels in an editor, and give the file
/// to `train --base … --data`.
#[derive(Parser)]
#[command(name = "suggest")]
struct Arguments {
    /// Text files in UTF-8, or .jsonl with a text a line; `-` or nothing for standard input (text).
    files: Vec<PathBuf>,
    /// How many passages.
    #[arg(long, default_value_t = 50)]
    count: usize,
    /// Whose doubt counts.
    #[arg(long, value_enum, default_value_t = Head::Both)]
    head: Head,
    /// Labelled files whose passages are not to be suggested again.
    #[arg(long, num_args = 1..)]
    done: Vec<PathBuf>,
    /// A model that `train` has written, in place of the bundled one.
    #[arg(long)]
    model: Option<PathBuf>,
    /// A table of actors that adds to the model's catalogue or overrides it.
    #[arg(long)]
    catalogue: Option<PathBuf>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Head {
    Both,
    Stance,
    Sentiment,
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

/// Whether the reader of our output has gone (`suggest … | head`).
fn is_broken_pipe(error: &(dyn std::error::Error + 'static)) -> bool {
    error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}

fn run(arguments: Arguments) -> Outcome {
    let mut model = match &arguments.model {
        Some(path) => Model::read(path)?,
        None => Model::bundled()?,
    };
    if let Some(path) = &arguments.catalogue {
        let catalogue = model.catalogue().clone().extended(Catalogue::read(path)?);
        model = model.with_catalogue(catalogue);
    }
    let classifier = Classifier::new(model);
    let done = Corpus::read_all(&arguments.done)?;
    let done: HashSet<&str> = done.passages().iter().map(LabelledPassage::text).collect();
    let mut files = arguments.files;
    if files.is_empty() {
        files.push("-".into());
    }
    let mut pool = Corpus::default();
    for path in &files {
        pool.append(read(path, &classifier)?);
    }
    let pool = pool.filter(|passage| !done.contains(passage.text()));
    let heads = match arguments.head {
        Head::Both => Heads::Both,
        Head::Stance => Heads::Stance,
        Head::Sentiment => Heads::Sentiment,
    };
    let suggestions = classifier.suggest(&pool, arguments.count, heads);
    let mut out = BufWriter::new(io::stdout().lock());
    let mut dispute = None;
    for suggestion in &suggestions {
        let passage = suggestion.passage();
        if passage.dispute() != dispute {
            dispute = passage.dispute();
            writeln!(out, "@dispute {}", dispute.unwrap_or(""))?;
        }
        // An id may be anything; a comment is one line.
        let id = passage.id().replace(['\n', '\r'], " ");
        writeln!(out, "# {id}, uncertainty {:.2}\n{}", suggestion.uncertainty(), passage.to_markup())?;
    }
    out.flush()?;
    eprintln!("{} of {} passages", suggestions.len(), pool.passages().len());
    Ok(())
}

/// The passages of a file; those without actors get the actors that are found in them.
fn read(path: &Path, classifier: &Classifier) -> Outcome<Corpus> {
    let name = path.display().to_string();
    if path.extension().is_none_or(|ending| ending != "jsonl") {
        return Ok(classifier.unlabelled(&text_of(path)?, &name));
    }
    let mut all = Corpus::default();
    for (line, json) in (1..).zip(text_of(path)?.lines()).filter(|(_, json)| !json.trim().is_empty()) {
        let place = format!("{name}:{line}");
        let value: serde_json::Value = serde_json::from_str(json).map_err(|error| format!("{place}: {error}"))?;
        let has_actors = value["actors"].as_array().is_some_and(|actors| !actors.is_empty());
        all.append(match value["text"].as_str() {
            Some(_) if has_actors => Corpus::from_jsonl(json).map_err(|error| format!("{place}: {error}"))?,
            Some(text) => classifier.unlabelled(text, &place),
            None => return Err(format!("{place}: text: missing (write {{\"text\": …}}, one object a line)").into()),
        });
    }
    Ok(all)
}

fn text_of(path: &Path) -> Outcome<String> {
    let mut bytes = Vec::new();
    if path == Path::new("-") {
        io::stdin().read_to_end(&mut bytes)?;
    } else {
        bytes = fs::read(path).map_err(|error| format!("{}: {error}", path.display()))?;
    }
    let text = String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        format!("{}: byte {at} is not UTF-8 (convert it, for example with iconv)", path.display())
    })?;
    Ok(text.trim_start_matches('\u{feff}').to_owned())
}
