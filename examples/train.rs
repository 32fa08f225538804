//! Trains a model on labelled files, says how good it is, and writes it with its card.

use std::io;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use demarche::stance::{Label, Trained};
use demarche::{Catalogue, Cues, Evaluation, Sentiment, Stance, Trainer, TrainerSettings};

mod options;

use options::plain::{say, tell};
use options::{end, labelled, Outcome};

/// Trains a model on labelled files.
#[derive(Parser)]
#[command(name = "train")]
struct Arguments {
    /// Labelled files: .jsonl, .csv, or inline markup in .txt.
    #[arg(long, required = true, num_args = 1..)]
    data: Vec<PathBuf>,
    /// Labelled files to build on, for example the shipped corpus (data/train/*.jsonl): without them the model knows your
    /// data only.
    #[arg(long, num_args = 1..)]
    base: Vec<PathBuf>,
    /// How much your data count beside the base.
    #[arg(long, default_value_t = 1.0, requires = "base")]
    weight: f32,
    /// Where the model goes; its card goes beside it, with the ending .md.
    #[arg(long, value_parser = model_path)]
    out: Option<PathBuf>,
    /// Settings in JSON; see models/settings.json.
    #[arg(long)]
    settings: Option<PathBuf>,
    /// Cues of another language, in place of the shipped ones; see data/cues.tsv.
    #[arg(long, requires = "grammar")]
    cues: Option<PathBuf>,
    /// Function words and irregular forms of that language; see data/grammar.tsv.
    #[arg(long, requires = "cues")]
    grammar: Option<PathBuf>,
    /// Actors in place of the shipped ones; see data/actors.tsv.
    #[arg(long)]
    actors: Option<PathBuf>,
}

/// A model of fewer pairs, and nothing beside them, knows too little to judge news by.
const FEW: usize = 300;

/// A name for the model that leaves its card a name.
fn model_path(name: &str) -> Result<PathBuf, String> {
    let path = PathBuf::from(name);
    if path.extension().is_some_and(|ending| ending == "md") {
        return Err("the model's card would take this name; give the model another ending, such as .model".into());
    }
    Ok(path)
}

fn main() -> ExitCode {
    end(run(&Arguments::parse()))
}

fn run(arguments: &Arguments) -> Outcome {
    let settings = match &arguments.settings {
        Some(path) => TrainerSettings::read(path)?,
        None => TrainerSettings::shipped()?,
    };
    let mut corpus = labelled(&arguments.data)?;
    if !arguments.base.is_empty() {
        let mut all = labelled(&arguments.base)?;
        all.append(corpus.weighted(arguments.weight));
        corpus = all;
    }
    let pairs = corpus.pairs();
    if arguments.base.is_empty() && (1..FEW).contains(&pairs) {
        // The shipped corpus is English.
        let base = if arguments.cues.is_none() { " (--base data/train/*.jsonl adds the shipped corpus)" } else { "" };
        tell(format!("note: the model will know these {pairs} pairs only, which are few{base}"));
    }
    let mut trainer = Trainer::shipped()?.settings(settings);
    if let (Some(cues), Some(grammar)) = (&arguments.cues, &arguments.grammar) {
        trainer = trainer.cues(Cues::read(cues, grammar)?);
    }
    if let Some(path) = &arguments.actors {
        trainer = trainer.catalogue(Catalogue::read(path)?);
    }
    say(format!("{} passages, {} pairs", corpus.passages().len(), corpus.pairs()))?;
    say("training: about a minute and a half for 50,000 pairs on two cores")?;
    let trained = trainer.fit(&corpus)?;
    let blind = trainer.cross_validate_blind(&corpus)?;
    print::<Stance>(&trained, &blind)?;
    print::<Sentiment>(&trained, &blind)?;
    if let Some(out) = &arguments.out {
        trained.model().write(out)?;
        trained.write_card(out.with_extension("md"), &corpus, &blind)?;
        say(format!("\nwrote {} ({} terms)", out.display(), trained.model().terms()))?;
    }
    Ok(())
}

fn print<L: Label>(trained: &Trained, blind: &Evaluation) -> io::Result<()> {
    match trained.comparison::<L>(blind) {
        Some(comparison) => say(format!("\n{comparison}")),
        None => say(format!("\n{}: not labelled", L::HEAD)),
    }
}
