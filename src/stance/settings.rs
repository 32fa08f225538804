//! How terms are formed.

use serde::{Deserialize, Serialize};

use crate::learn::TermWeighting;
use crate::stance::term::Block;

/// How terms are formed; part of the model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct FeatureSettings {
    /// The weight of each block beside the others, in the order of [`Block::ALL`]; 0 leaves it out.
    pub block_weights: [f32; 11],
    /// How counts become numbers.
    pub weighting: TermWeighting,
    /// Nearness falls by a factor of e over this many words.
    pub near_decay: f32,
    /// The weight of words in other sentences than the target's, in the block of nearness.
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
        self.near_decay > 0.0 && numbers.iter().chain(&self.block_weights).all(|n| n.is_finite() && *n >= 0.0)
    }
}
