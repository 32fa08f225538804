//! Shows why: the words, terms and cues behind every judgement, and the smallest removal that changes its label.

#[path = "../options/mod.rs"]
mod options;
mod page;
mod reason;
mod terminal;

use std::error::Error;
use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, ValueEnum};
use demarche::stance::Explained;
use demarche::{Classifier, Judgement, Sentiment, Stance};

use crate::options::plain::tell;
use crate::options::{end, or_standard_input, prose, text_of, ModelChoice, Outcome, Unnamed};
use crate::reason::Reason;
use crate::terminal::Paint;

/// Why a passage is judged as it is: its words, terms and cues, and what would have to go for another label.
#[derive(Parser)]
#[command(name = "explain")]
struct Arguments {
    /// Text files in UTF-8; `-` or nothing for standard input.
    files: Vec<PathBuf>,
    #[command(flatten)]
    model: ModelChoice,
    /// What to explain.
    #[arg(long, value_enum, default_value_t = Head::Stance)]
    head: Head,
    /// Only this actor, by its name or its id in the catalogue (may be given several times).
    #[arg(long)]
    actor: Vec<String>,
    /// Explain this actor, named as the text names it (may be given several times), and none of the catalogue.
    #[arg(long)]
    target: Vec<String>,
    /// Show this many terms of each judgement, the strongest first; JSON has all of them.
    #[arg(long, default_value_t = 8)]
    top: usize,
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Colours in text: where they are off, marks stand in their place.
    #[arg(long, value_enum, default_value_t = Colour::Auto)]
    color: Colour,
    /// Where it goes; standard output unless given.
    #[arg(long)]
    out: Option<PathBuf>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Head {
    Stance,
    Sentiment,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For a terminal.
    Text,
    /// One object a line for each judgement; spans are bytes of the file.
    Json,
    /// One page without scripts that needs nothing beside it.
    Html,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Colour {
    /// On a terminal, unless NO_COLOR is set.
    Auto,
    Always,
    Never,
}

fn main() -> ExitCode {
    end(run(&Arguments::parse()))
}

fn run(arguments: &Arguments) -> Outcome {
    let mut classifier = Classifier::new(arguments.model.read()?);
    if !arguments.target.is_empty() {
        classifier = classifier.targets(&arguments.target);
    }
    // Every file must be readable before anything is printed.
    let files = or_standard_input(&arguments.files);
    let texts = files
        .iter()
        .map(|path| prose(path).and_then(|()| Ok((path.display().to_string(), text_of(path)?))))
        .collect::<Outcome<Vec<_>>>()?;
    match &arguments.out {
        None => {
            let mut out = BufWriter::new(io::stdout().lock());
            explain(arguments, &classifier, &texts, &mut out)?;
            Ok(out.flush()?)
        }
        Some(path) => {
            let mut page = Vec::new();
            explain(arguments, &classifier, &texts, &mut page)?;
            Ok(demarche::replace_file(path, &page)?)
        }
    }
}

fn explain(arguments: &Arguments, classifier: &Classifier, texts: &[(String, String)], out: &mut dyn Write) -> Outcome {
    match arguments.head {
        Head::Stance => explain_head::<Stance>(arguments, classifier, texts, out),
        Head::Sentiment => explain_head::<Sentiment>(arguments, classifier, texts, out),
    }
}

fn explain_head<L: Explained>(
    arguments: &Arguments,
    classifier: &Classifier,
    texts: &[(String, String)],
    out: &mut dyn Write,
) -> Outcome {
    let paint = arguments.paint();
    let wanted = |judgement: &Judgement| {
        let is_actor = |name: &String| {
            let actor = judgement.actor();
            name.eq_ignore_ascii_case(actor.name()) || name.eq_ignore_ascii_case(actor.id())
        };
        arguments.actor.is_empty() || arguments.actor.iter().any(is_actor)
    };
    match arguments.format {
        Format::Text => terminal::head(out, paint)?,
        Format::Html => page::head::<L>(out)?,
        Format::Json => {}
    }
    let mut shown = 0;
    let mut unnamed = Unnamed::of(&arguments.target);
    for (file, text) in texts {
        classifier.explain_each::<L, Box<dyn Error>>(text, |judgement, explanation| {
            unnamed.saw(judgement.actor());
            if !wanted(&judgement) {
                return Ok(());
            }
            let missing = || format!("the model has no {} head (train it on data with this label)", L::HEAD);
            let explanation = explanation.ok_or_else(missing)?;
            let reason = Reason::new(classifier, file, text, judgement, explanation).ok_or_else(missing)?;
            match arguments.format {
                Format::Text => terminal::show(out, &reason, paint, arguments.top)?,
                Format::Html => page::show(out, &reason, arguments.top)?,
                Format::Json => writeln!(out, "{}", reason.json())?,
            }
            shown += 1;
            Ok(())
        })?;
    }
    unnamed.tell();
    if arguments.format == Format::Html {
        page::foot(out)?;
    }
    if shown == 0 && !arguments.actor.is_empty() {
        let names = arguments.actor.join(" or ");
        tell(format!("note: no passage names {names} (give names as `classify` prints them)"));
    }
    Ok(())
}

impl Arguments {
    fn paint(&self) -> Paint {
        let is_set = |variable: &str| std::env::var_os(variable).is_some_and(|value| !value.is_empty());
        let is_coloured = match self.color {
            Colour::Always => true,
            Colour::Never => false,
            Colour::Auto => self.out.is_none() && !is_set("NO_COLOR") && io::stdout().is_terminal(),
        };
        if is_coloured {
            Paint::Colours
        } else {
            Paint::Marks
        }
    }
}
