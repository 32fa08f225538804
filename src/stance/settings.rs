//! What can be chosen: how terms are formed, and everything else in training.

use serde::{Deserialize, Serialize};

use crate::actor::Metonyms;
use crate::error::{Error, ErrorKind, Result};
use crate::learn::{LogisticRegression, TermWeighting, VocabularyLimits};
use crate::stance::term::Block;
use crate::text::{Language, Unit};

/// No setting of terms that makes sense comes near; the counts and squares of any passage stay finite.
const LARGEST: f32 = 1e6;

/// How terms are formed; part of the model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct FeatureSettings {
    /// The weight of each block beside the others, in the order of [`Block::ALL`]; 0 leaves it out, 1,000,000 is the most.
    pub block_weights: [f32; 11],
    /// How counts become numbers.
    pub weighting: TermWeighting,
    /// Nearness falls by a factor of e over this many words: above 0, at most 1,000,000.
    pub near_decay: f32,
    /// The weight of words in other sentences than the target's, in the block of nearness: 0 to 1,000,000.
    pub other_sentence: f32,
}

impl Default for FeatureSettings {
    fn default() -> Self {
        Self { block_weights: [1.0; 11], weighting: TermWeighting::Sublinear, near_decay: 6.0, other_sentence: 0.3 }
    }
}

impl FeatureSettings {
    /// The weight of a block.
    pub fn weight(&self, block: Block) -> f32 {
        self.block_weights[block as usize]
    }

    /// The same settings with another weight for a block.
    pub fn with_weight(mut self, block: Block, weight: f32) -> Self {
        self.block_weights[block as usize] = weight;
        self
    }

    pub(crate) fn is_valid(&self) -> bool {
        let numbers = [self.near_decay, self.other_sentence];
        self.near_decay > 0.0 && numbers.iter().chain(&self.block_weights).all(|n| (0.0..=LARGEST).contains(n))
    }
}

/// Everything that can be chosen in training; stored in the model as its provenance.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TrainerSettings {
    /// The language of the stemmer.
    pub language: Language,
    /// The size of passage that the model will cut text into.
    pub unit: Unit,
    /// Whether capitals and seats count as mentions.
    pub metonyms: Metonyms,
    /// How terms are formed.
    pub features: FeatureSettings,
    /// Which terms become columns.
    pub vocabulary: VocabularyLimits,
    /// The regression of the stance head.
    pub stance: LogisticRegression,
    /// The regression of the sentiment head.
    pub sentiment: LogisticRegression,
    /// Folds of the cross-validation, at least 2.
    pub folds: usize,
    /// Decides which disputes share a fold.
    pub seed: u64,
}

impl Default for TrainerSettings {
    fn default() -> Self {
        Self {
            language: Language::English,
            unit: Unit::default(),
            metonyms: Metonyms::Count,
            features: FeatureSettings::default(),
            vocabulary: VocabularyLimits::default(),
            stance: LogisticRegression::default(),
            sentiment: LogisticRegression::default(),
            folds: 5,
            seed: 1,
        }
    }
}

impl TrainerSettings {
    /// The settings of the bundled model (`models/settings.json`).
    ///
    /// # Errors
    /// None in a crate as published.
    pub fn shipped() -> Result<Self> {
        Self::from_json(include_str!("../../models/settings.json"))
    }

    /// Reads settings from a JSON file.
    ///
    /// # Errors
    /// [`ErrorKind::Io`], [`ErrorKind::Encoding`], or as [`TrainerSettings::from_json`].
    pub fn read(path: impl AsRef<std::path::Path>) -> Result<Self> {
        let path = path.as_ref();
        Self::from_json(&crate::input::read_text(path)?).map_err(|error| error.in_file(path))
    }

    /// Reads settings from JSON; what is left out keeps its default.
    ///
    /// # Errors
    /// [`ErrorKind::Settings`] for an unknown name or a value of the wrong type.
    pub fn from_json(json: &str) -> Result<Self> {
        serde_json::from_str(json)
            .map_err(|error| Error::new(ErrorKind::Settings, error.to_string()).at_line(error.line()).caused_by(error))
    }

    pub(crate) fn check(&self) -> Result<()> {
        if !(2..=1000).contains(&self.folds) || !self.features.is_valid() {
            let error = Error::new(ErrorKind::Settings, "folds, weights or decay are out of range");
            return Err(error.help("2 to 1000 folds; weights of 0 to 1000000; a decay above 0, at most 1000000"));
        }
        Ok(())
    }
}
