//! Where words meet numbers: labels, cues, features, the corpus, the model and what runs and trains it.

mod analysis;
mod card;
mod classes;
mod classifier;
mod corpus;
mod csv;
mod cues;
mod evaluation;
mod events;
mod explanation;
mod features;
mod files;
mod frames;
mod jsonl;
mod judgement;
mod label;
mod lexicon;
mod lint;
mod markup;
mod model;
mod place;
mod roles;
mod rollup;
mod scene;
mod scorer;
mod settings;
mod shingle;
mod stream;
mod suggestion;
mod table;
mod term;
mod trainer;
mod unit;
mod vectorizer;

pub use card::Comparison;
pub use classifier::{Classifier, Worker};
pub use corpus::{Corpus, LabelledActor, LabelledPassage, Warning};
pub use cues::{Cue, Cues, Effect, PartOfSpeech};
pub use evaluation::Evaluation;
pub use explanation::{
    CueRole, Explained, ExplainedCue, Explanation, TermContribution, WordContribution, MOST_REMOVED,
};
pub use judgement::{Abstention, Distribution, Judgement, Verdict};
pub use label::{Label, Sentiment, Stance};
pub use lint::{Finding, Linter};
pub use model::{Model, Provenance};
pub use rollup::{ActorSummary, Lean, Rollup};
pub use settings::{FeatureSettings, TrainerSettings};
pub use suggestion::{Heads, Suggestion};
pub use term::Block;
pub use trainer::{Trained, Trainer};
