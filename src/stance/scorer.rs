//! The numbers of a model: counted terms to margins, both heads at once.

use crate::learn::Vocabulary;
use crate::stance::label::{Label, Stance};
use crate::stance::model::Head;
use crate::stance::settings::FeatureSettings;
use crate::stance::term::Block;
use crate::stance::vectorizer::Counter;
use crate::stance::weights::{idf, weights, Weights, LANES, OUTPUTS};

/// Sums of products by block, before the norms of the blocks divide them.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Sums {
    products: [[f32; LANES]; Block::ALL.len()],
    squares: [f32; Block::ALL.len()],
}

/// What one of the two heads tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Task {
    Stance,
    Sentiment,
}

impl Task {
    /// That of these labels.
    pub(crate) fn of<L: Label>() -> Self {
        if L::HEAD == Stance::HEAD {
            Task::Stance
        } else {
            Task::Sentiment
        }
    }
}

impl Head {
    /// Calibrated probabilities from sums of weights in steps.
    fn probabilities(&self, sums: &[f64]) -> [f64; 3] {
        let margins: [f64; 3] = std::array::from_fn(|class| self.intercepts[class] + self.step * sums[class]);
        self.calibration.probabilities_of(&margins)
    }

    /// How much one step of each class's weights adds to the calibrated log-odds of one class against another, and what
    /// these log-odds are without any term.
    fn log_odds(&self, class: usize, against: usize) -> ([f64; 3], f64) {
        let odds = |margins: [f64; 3]| {
            let scaled = self.calibration.scale(&margins);
            scaled[class] - scaled[against]
        };
        // Scaling is linear: three unit vectors tell all of it.
        let base = odds([0.0; 3]);
        let slope = |k: usize| odds(std::array::from_fn(|class| f64::from(u8::from(class == k)))) - base;
        let slopes: [f64; 3] = std::array::from_fn(slope);
        let intercepts: f64 = slopes.iter().zip(self.intercepts).map(|(slope, intercept)| slope * intercept).sum();
        (slopes.map(|slope| slope * self.step), base + intercepts)
    }

    /// The labels that cannot be ruled out at this coverage.
    pub(crate) fn label_set<L: Label>(&self, probabilities: &[f64; 3], coverage: f64) -> Vec<L> {
        self.conformal.set(probabilities, coverage).into_iter().filter_map(L::from_class).collect()
    }
}

/// The numbers of a model at work.
#[derive(Clone, Debug)]
pub(crate) struct Scorer {
    settings: FeatureSettings,
    vocabulary: Vocabulary,
    weights: Weights,
    /// Stance and sentiment.
    heads: [Option<Head>; 2],
}

impl Scorer {
    pub(crate) fn new(
        settings: FeatureSettings,
        vocabulary: Vocabulary,
        weights: Weights,
        heads: [Option<Head>; 2],
    ) -> Self {
        Self { settings, vocabulary, weights, heads }
    }

    pub(crate) fn settings(&self) -> &FeatureSettings {
        &self.settings
    }

    pub(crate) fn vocabulary(&self) -> &Vocabulary {
        &self.vocabulary
    }

    pub(crate) fn head(&self, task: Task) -> Option<&Head> {
        self.heads[task as usize].as_ref()
    }

    /// The calibrated log-odds of one class of a head against another, taken apart: the part of each counted term, and
    /// what is there without any. The counter is ready for the next.
    pub(crate) fn log_odds(
        &self,
        task: Task,
        [class, against]: [usize; 2],
        counter: &mut Counter,
    ) -> (Vec<(u32, f64)>, f64) {
        let Some(own) = self.head(task) else { return (Vec::new(), 0.0) };
        let start = 3 * task as usize;
        let (slopes, base) = own.log_odds(class, against);
        let mut squares = [0.0f64; Block::ALL.len()];
        let (mut terms, columns, weighting) = (Vec::new(), self.weights.columns(), self.settings.weighting);
        for (number, block, count) in counter.take() {
            let column = &columns[number as usize];
            let value = f64::from(weighting.apply(count) * idf(column));
            squares[block as usize] += value * value;
            let lanes = weights(column);
            let weighted = slopes.iter().zip(&lanes[start..]).map(|(slope, weight)| slope * f64::from(*weight));
            terms.push((number, block, value * weighted.sum::<f64>()));
        }
        let scale = |block: Block| match squares[block as usize] {
            square if square > 0.0 => f64::from(self.settings.weight(block)) / square.sqrt(),
            _ => 0.0,
        };
        (terms.into_iter().map(|(number, block, part)| (number, part * scale(block))).collect(), base)
    }

    /// Adds the terms that were counted; the counter is ready for the next.
    pub(crate) fn add(&self, counter: &mut Counter, sums: &mut Sums) {
        let (columns, weighting) = (self.weights.columns(), self.settings.weighting);
        for (column, block, count) in counter.take() {
            let column = &columns[column as usize];
            let value = weighting.apply(count) * idf(column);
            sums.squares[block as usize] += value * value;
            let products = &mut sums.products[block as usize];
            products.iter_mut().zip(weights(column)).for_each(|(sum, weight)| *sum += value * f32::from(weight));
        }
    }

    /// The calibrated probabilities of stance and of sentiment. The norm of a block divides the sums of its products, so
    /// one pass over the terms is enough.
    pub(crate) fn probabilities(&self, sums: &Sums) -> [Option<[f64; 3]>; 2] {
        let mut totals = [0.0f64; OUTPUTS];
        for (block, (products, square)) in Block::ALL.into_iter().zip(sums.products.iter().zip(sums.squares)) {
            if square > 0.0 {
                let scale = f64::from(self.settings.weight(block)) / f64::from(square).sqrt();
                totals.iter_mut().zip(products).for_each(|(total, sum)| *total += scale * f64::from(*sum));
            }
        }
        let (totals, _) = totals.as_chunks::<3>();
        std::array::from_fn(|head| self.heads[head].as_ref().map(|own| own.probabilities(&totals[head])))
    }
}
