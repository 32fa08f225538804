//! Where words meet numbers: labels, cues, features, the corpus, the model and what runs and trains it.

mod analysis;
mod card;
mod classifier;
mod corpus;
mod csv;
mod cues;
mod evaluation;
mod events;
mod features;
mod files;
mod frames;
mod jsonl;
mod label;
mod lint;
mod markup;
mod model;
mod place;
mod rollup;
mod settings;
mod stream;
mod term;
mod trainer;
mod vectorizer;
mod view;

pub use card::Comparison;
pub use classifier::{Classifier, Distribution, Judgement, Verdict, Worker};
pub use corpus::{Corpus, LabelledActor, LabelledPassage, Warning};
pub use cues::{Cue, Cues, Effect, PartOfSpeech};
pub use evaluation::Evaluation;
pub use label::{Label, Sentiment, Stance};
pub use lint::{Finding, Linter};
pub use model::{Model, Provenance};
pub use rollup::{ActorSummary, Lean, Rollup};
pub use settings::FeatureSettings;
pub use term::Block;
pub use trainer::{Trained, Trainer, TrainerSettings};
