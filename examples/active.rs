//! Does it pay to choose what is labelled next? Starts with a few labelled pairs and adds to them round by round, at
//! random and as `suggest` would, and scores the model after each round.

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use demarche::stance::{Heads, LabelledPassage};
use demarche::{Classifier, Corpus, Trainer, TrainerSettings};

mod options;

use options::plain::tell;
use options::{end, labelled, Outcome};

/// Compares suggested passages with random ones on labelled data.
#[derive(Parser)]
#[command(name = "active")]
struct Arguments {
    /// Labelled files; their labels are unveiled as they are asked for.
    #[arg(long, required = true, num_args = 1..)]
    data: Vec<PathBuf>,
    /// Labelled files to score on.
    #[arg(long, required = true, num_args = 1..)]
    on: Vec<PathBuf>,
    /// Pairs of the data that are taken, at random.
    #[arg(long, default_value_t = 6000)]
    pool: usize,
    /// Labelled files that are mixed into the pool as a whole: passages that say little, as most do in real news.
    #[arg(long, num_args = 1..)]
    among: Vec<PathBuf>,
    /// Pairs that are labelled at the beginning.
    #[arg(long, default_value_t = 300)]
    start: usize,
    /// Pairs that each round adds.
    #[arg(long, default_value_t = 300)]
    step: usize,
    /// Rounds.
    #[arg(long, default_value_t = 6)]
    rounds: usize,
    /// Runs that are averaged, each with a pool and a start of its own.
    #[arg(long, default_value_t = 3)]
    seeds: u64,
    /// Settings in JSON; small ones unless given.
    #[arg(long)]
    settings: Option<PathBuf>,
}

/// As the shipped settings, but quick.
const SETTINGS: &str = r#"{
    "features": {"near_decay": 3.0}, "folds": 2, "vocabulary": {"min_documents": 2, "max_columns": 30000},
    "stance": {"alpha": 4.0, "tolerance": 2e-2}, "sentiment": {"alpha": 6.0, "tolerance": 2e-2}
}"#;

/// How passages are chosen: the columns of the table.
#[derive(Clone, Copy)]
enum Choice {
    Random,
    Suggested(Heads),
}

const CHOICES: [(&str, Choice); 3] = [
    ("random", Choice::Random),
    ("suggested", Choice::Suggested(Heads::Both)),
    ("suggested by stance", Choice::Suggested(Heads::Stance)),
];

fn main() -> ExitCode {
    end(run(&Arguments::parse()))
}

fn run(arguments: &Arguments) -> Outcome {
    let settings = match &arguments.settings {
        Some(path) => TrainerSettings::read(path)?,
        None => TrainerSettings::from_json(SETTINGS)?,
    };
    let trainer = Trainer::shipped()?.settings(settings);
    let corpus = labelled(&arguments.data)?;
    let among = labelled(&arguments.among)?;
    let test = labelled(&arguments.on)?;
    // Rounds × choices × heads, summed over the seeds.
    let mut scores = vec![[[0.0; 2]; CHOICES.len()]; arguments.rounds + 1];
    for seed in 0..arguments.seeds {
        let mut pool = first_pairs(shuffled(corpus.passages().to_vec(), seed), arguments.pool).0;
        pool.extend_from_slice(among.passages());
        let pool = shuffled(pool, seed);
        for (column, (name, choice)) in CHOICES.into_iter().enumerate() {
            let (mut labelled, mut rest) = first_pairs(pool.clone(), arguments.start);
            for (round, row) in scores.iter_mut().enumerate() {
                let known: Corpus = labelled.iter().cloned().collect();
                let classifier = Classifier::new(trainer.fit(&known)?.into_model());
                let evaluation = classifier.evaluate(&test);
                let heads = [evaluation.stance(), evaluation.sentiment()];
                let heads = heads.map(|scores| scores.map_or(0.0, |scores| scores.confusion().macro_f1()));
                let (pairs, [stance, sentiment]) = (known.pairs(), heads);
                tell(format!("seed {seed}, {name}, round {round}: {pairs} pairs, {stance:.3} / {sentiment:.3}"));
                row[column].iter_mut().zip(heads).for_each(|(sum, score)| *sum += score);
                if round < arguments.rounds {
                    if let Choice::Suggested(heads) = choice {
                        rest = in_order_of_suggestion(&classifier, rest, arguments.step, heads);
                    }
                    let (next, left) = first_pairs(rest, arguments.step);
                    labelled.extend(next);
                    rest = left;
                }
            }
        }
    }
    let names: Vec<&str> = CHOICES.iter().map(|(name, _)| *name).collect();
    let mut table = format!("| pairs | {} |\n|{}\n", names.join(" | "), "---|".repeat(names.len() + 1));
    for (round, row) in scores.iter().enumerate() {
        let mean = |sum: f64| sum / arguments.seeds.max(1) as f64;
        let cells: Vec<String> = row.iter().map(|[a, b]| format!("{:.3} / {:.3}", mean(*a), mean(*b))).collect();
        table += &format!("| {} | {} |\n", arguments.start + round * arguments.step, cells.join(" | "));
    }
    Ok(io::stdout().write_all(table.as_bytes())?)
}

/// Those that are suggested first, then the others as they were.
fn in_order_of_suggestion(
    classifier: &Classifier,
    rest: Vec<LabelledPassage>,
    count: usize,
    heads: Heads,
) -> Vec<LabelledPassage> {
    let pool: Corpus = rest.iter().cloned().collect();
    let mut rest: Vec<Option<LabelledPassage>> = rest.into_iter().map(Some).collect();
    let suggestions = classifier.suggest(&pool, count, heads);
    let mut ordered: Vec<LabelledPassage> =
        suggestions.iter().filter_map(|suggestion| rest[suggestion.position()].take()).collect();
    ordered.extend(rest.into_iter().flatten());
    ordered
}

/// The first passages that hold so many pairs, and the rest.
fn first_pairs(mut passages: Vec<LabelledPassage>, pairs: usize) -> (Vec<LabelledPassage>, Vec<LabelledPassage>) {
    let mut held = 0;
    let enough = passages.iter().position(|passage| {
        held += passage.actors().len();
        held >= pairs
    });
    let rest = passages.split_off(enough.map_or(passages.len(), |last| last + 1));
    (passages, rest)
}

/// Fisher and Yates' shuffle with Marsaglia's xorshift: the same on every platform.
fn shuffled(mut passages: Vec<LabelledPassage>, seed: u64) -> Vec<LabelledPassage> {
    let mut state = 0x9e37_79b9_7f4a_7c15 ^ (seed + 1);
    for last in (1..passages.len()).rev() {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        passages.swap(last, (state % (last as u64 + 1)) as usize);
    }
    passages
}
