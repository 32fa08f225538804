//! What the programs have in common: the options that they share, and how they read, warn, print and end.
// Every program uses its part of it.
#![allow(dead_code)]

use std::error::Error;
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use demarche::actor::{Actor, Metonyms};
use demarche::text::Unit;
use demarche::{Catalogue, Classifier, Corpus, Model};

pub mod plain;

use plain::tell;

pub type Outcome<T = ()> = Result<T, Box<dyn Error>>;

/// Ends a program: a failure is told on standard error. That the reader of the output has gone (`… | head`) is none.
pub fn end(outcome: Outcome) -> ExitCode {
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if error.downcast_ref::<io::Error>().is_some_and(is_closed_pipe) => ExitCode::SUCCESS,
        Err(error) => {
            tell(format!("error: {error}"));
            ExitCode::FAILURE
        }
    }
}

fn is_closed_pipe(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::BrokenPipe
}

/// The choice of a model.
#[derive(clap::Args)]
pub struct ModelChoice {
    /// A model that `train` has written, in place of the bundled one.
    #[arg(long)]
    model: Option<PathBuf>,
}

impl ModelChoice {
    pub fn read(&self) -> Result<Model, demarche::Error> {
        model_at(self.model.as_deref())
    }
}

/// The model of a file, or the bundled one.
pub fn model_at(path: Option<&Path>) -> Result<Model, demarche::Error> {
    path.map_or_else(Model::bundled, Model::read)
}

/// How to judge: the model, the actors, the passages.
#[derive(clap::Args)]
pub struct Judging {
    #[command(flatten)]
    model: ModelChoice,
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

impl Judging {
    pub fn model(&self) -> Result<Model, demarche::Error> {
        self.model.read()
    }

    /// The model's actors with those that were given.
    pub fn catalogue(&self, model: &Model) -> Result<Catalogue, demarche::Error> {
        match &self.catalogue {
            Some(path) => extended(model.catalogue(), path),
            None => Ok(model.catalogue().clone()),
        }
    }

    /// The targets that were asked for, all of them unnamed as yet.
    pub fn unnamed(&self) -> Unnamed {
        Unnamed::of(&self.target)
    }

    /// The model, compiled, with the actors of [`Judging::catalogue`] and the passages that were asked for.
    pub fn classifier(&self, model: Model, catalogue: &Catalogue) -> Classifier {
        // The model's own catalogue is compiled already.
        let mut classifier = match (self.no_metonyms, &self.catalogue) {
            (true, _) => Classifier::new(model).catalogue(catalogue, Metonyms::Ignore),
            (false, Some(_)) => Classifier::new(model.with_catalogue(catalogue.clone())),
            (false, None) => Classifier::new(model),
        };
        if let Some(unit) = self.unit {
            classifier = classifier.unit(unit);
        }
        if !self.target.is_empty() {
            classifier = classifier.targets(&self.target);
        }
        classifier
    }
}

/// Targets that no passage has named so far.
pub struct Unnamed(Vec<String>);

impl Unnamed {
    pub fn of(targets: &[String]) -> Self {
        Self(targets.to_vec())
    }

    pub fn saw(&mut self, actor: &Actor) {
        self.0.retain(|target| target != actor.name());
    }

    /// A name that was misspelt should not look like an actor that is never mentioned.
    pub fn tell(&self) {
        self.0.iter().for_each(|target| tell(format!("note: no passage names {target}")));
    }
}

/// A catalogue and the actors of a table; names that two actors claim are told.
pub fn extended(catalogue: &Catalogue, table: &Path) -> Result<Catalogue, demarche::Error> {
    let all = catalogue.clone().extended(Catalogue::read(table)?);
    for collision in all.collisions() {
        let [before, after] = collision.actors();
        tell(format!("warning: {:?} names both {before} and {after}; it counts for {after}", collision.form()));
    }
    Ok(all)
}

/// Labelled files as one corpus; what is odd about them is told.
pub fn labelled(files: &[PathBuf]) -> Result<Corpus, demarche::Error> {
    let corpus = Corpus::read_all(files)?;
    corpus.warnings().iter().for_each(|warning| tell(format!("warning: {warning}")));
    Ok(corpus)
}

/// Standard input where no file is named.
pub fn or_standard_input(files: &[PathBuf]) -> Vec<PathBuf> {
    if files.is_empty() {
        vec!["-".into()]
    } else {
        files.to_vec()
    }
}

/// The text of a file, or of standard input for `-`.
pub fn text_of(path: &Path) -> Outcome<String> {
    let is_input = path == Path::new("-");
    let name = if is_input { "standard input".into() } else { path.to_string_lossy() };
    let located = |error: io::Error| format!("{name}: {error}");
    let mut bytes = Vec::new();
    if is_input {
        io::stdin().read_to_end(&mut bytes).map_err(located)?;
    } else if path.is_dir() {
        return Err(directory(path).into());
    } else {
        bytes = fs::read(path).map_err(located)?;
    }
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        let line = error.as_bytes()[..at].iter().filter(|&&byte| byte == b'\n').count() + 1;
        format!("{name}: line {line}: byte {at} is not UTF-8 (convert it to UTF-8, for example with iconv)").into()
    })
}

/// Refuses what is no prose by its name: labels would be given to keys and brackets.
pub fn prose(path: &Path) -> Outcome {
    match path.extension().and_then(|ending| ending.to_str()) {
        Some("jsonl" | "json") => {
            Err(format!("{}: this holds JSON, not prose (`report` reads articles from JSONL)", path.display()).into())
        }
        _ => Ok(()),
    }
}

/// What to say of a directory in place of a file.
pub fn directory(path: &Path) -> String {
    format!("{}: this is a directory (give files)", path.display())
}
