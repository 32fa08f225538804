//! Chooses the passages that are worth labelling next, and prints them as inline markup to be corrected.

use std::collections::HashSet;
use std::fmt::Write as _;
use std::io::{self, IsTerminal, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, ValueEnum};
use demarche::stance::{Heads, LabelledPassage};
use demarche::{Classifier, Corpus};

mod options;

use options::plain::{plain, say, tell};
use options::{end, extended, labelled, or_standard_input, text_of, ModelChoice, Outcome};

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
    #[command(flatten)]
    model: ModelChoice,
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

fn main() -> ExitCode {
    end(run(&Arguments::parse()))
}

fn run(arguments: &Arguments) -> Outcome {
    let mut model = arguments.model.read()?;
    if let Some(path) = &arguments.catalogue {
        let catalogue = extended(model.catalogue(), path)?;
        model = model.with_catalogue(catalogue);
    }
    let classifier = Classifier::new(model);
    let done = labelled(&arguments.done)?;
    let done: HashSet<&str> = done.passages().iter().map(LabelledPassage::text).collect();
    let mut pool = Corpus::default();
    for path in &or_standard_input(&arguments.files) {
        pool.append(read(path, &classifier)?);
    }
    let pool = pool.filter(|passage| !done.contains(passage.text()));
    let heads = match arguments.head {
        Head::Both => Heads::Both,
        Head::Stance => Heads::Stance,
        Head::Sentiment => Heads::Sentiment,
    };
    let suggestions = classifier.suggest(&pool, arguments.count, heads);
    let mut page = String::new();
    let mut dispute = None;
    for suggestion in &suggestions {
        let passage = suggestion.passage();
        if passage.dispute() != dispute {
            dispute = passage.dispute();
            // A dispute may be any string; what stands behind a line break would be read as a labelled line.
            writeln!(page, "@dispute {}", dispute.unwrap_or("").replace(['\n', '\r'], " "))?;
        }
        // An id may be anything; a comment is one line.
        let id = plain(passage.id());
        writeln!(page, "# {id}, uncertainty {:.2}\n{}", suggestion.uncertainty(), passage.to_markup())?;
    }
    // What goes to a file is trained on, so it stays exact.
    if io::stdout().is_terminal() {
        say(page.trim_end())?;
    } else {
        io::stdout().write_all(page.as_bytes())?;
    }
    tell(format!("{} of {} passages", suggestions.len(), pool.passages().len()));
    Ok(())
}

/// The passages of a file; those without actors get the actors that are found in them.
fn read(path: &Path, classifier: &Classifier) -> Outcome<Corpus> {
    let name = path.display().to_string();
    let text = text_of(path)?;
    let text = text.trim_start_matches('\u{feff}');
    if path.extension().is_none_or(|ending| ending != "jsonl") {
        return Ok(classifier.unlabelled(text, &name));
    }
    let mut all = Corpus::default();
    for (line, json) in (1..).zip(text.lines()).filter(|(_, json)| !json.trim().is_empty()) {
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
