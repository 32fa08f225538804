//! What a training run tells of its model: a comparison with simpler ones, and the model card.

use std::collections::BTreeMap;
use std::fmt::{self, Write};
use std::marker::PhantomData;
use std::path::Path;

use crate::error::Result;
use crate::learn::{Confusion, Interval, Scores};
use crate::stance::corpus::Corpus;
use crate::stance::evaluation::Evaluation;
use crate::stance::label::{Label, Sentiment, Stance};
use crate::stance::trainer::Trained;
use crate::text::Language;

/// A head's cross-validated scores beside the majority class and a target-blind model on the same folds.
#[derive(Clone, Debug)]
pub struct Comparison<L> {
    confusion: Confusion,
    model: Interval,
    blind: Interval,
    majority: f64,
    ece: f64,
    head: PhantomData<L>,
}

impl<L: Label> Comparison<L> {
    fn new(scores: &Scores, blind: &Scores) -> Self {
        let confusion = scores.confusion();
        let support = |class: usize| confusion.class(class).support();
        let largest = (0..L::ALL.len()).max_by_key(|&class| support(class)).unwrap_or(0);
        let always = (0..L::ALL.len()).flat_map(|class| std::iter::repeat_n((class, largest), support(class)));
        Self {
            model: scores.macro_f1(),
            blind: blind.macro_f1(),
            majority: Confusion::of(L::ALL.len(), always).macro_f1(),
            ece: scores.ece(),
            confusion,
            head: PhantomData,
        }
    }
}

impl<L: Label> fmt::Display for Comparison<L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}, cross-validated over disputes ({} pairs)", L::HEAD, self.confusion.total())?;
        writeln!(f, "  macro-F1 {}   accuracy {:.3}   ECE {:.3}", self.model, self.confusion.accuracy(), self.ece)?;
        writeln!(f, "  target-blind {}   majority class {:.3}", self.blind, self.majority)?;
        for (class, label) in L::ALL.into_iter().enumerate() {
            let scores = self.confusion.class(class);
            let (precision, recall, f1) = (scores.precision(), scores.recall(), scores.f1());
            write!(f, "  {label:<10} precision {precision:.3}   recall {recall:.3}   F1 {f1:.3}")?;
            if class + 1 < L::ALL.len() {
                writeln!(f)?;
            }
        }
        Ok(())
    }
}

impl Trained {
    /// The head's scores beside simpler models; `None` where it is not labelled. `blind` comes from
    /// [`Trainer::cross_validate_blind`](crate::Trainer::cross_validate_blind) on the same corpus.
    pub fn comparison<L: Label>(&self, blind: &Evaluation) -> Option<Comparison<L>> {
        Some(Comparison::new(self.cross_validation().head::<L>()?, blind.head::<L>()?))
    }

    /// Writes the model card: what the model is, what it was trained on, how good it is. The same training run gives
    /// the same card.
    ///
    /// # Errors
    /// [`ErrorKind::Io`](crate::ErrorKind::Io).
    pub fn write_card(&self, path: impl AsRef<Path>, corpus: &Corpus, blind: &Evaluation) -> Result<()> {
        // Writing into a String does not fail.
        let mut card = String::new();
        let _ = self.card(&mut card, corpus, blind);
        crate::input::replace_file(path, card.as_bytes())
    }

    fn card(&self, out: &mut String, corpus: &Corpus, blind: &Evaluation) -> fmt::Result {
        let provenance = self.model().provenance();
        writeln!(out, "# Model card\n\nWritten by the training run that made the model; do not edit.\n")?;
        writeln!(out, "## What it is\n")?;
        writeln!(
            out,
            "For each actor that a passage of news prose names: is the passage pro-negotiation, skeptical or neutral toward it, \
             and how favourably does it portray it. Two multinomial logistic regressions over one set of {} target-aware \
             TF-IDF terms, with calibrated probabilities. Actors are masked, so no judgement depends on a name.\n",
            self.model().terms()
        )?;
        writeln!(out, "## Data\n")?;
        writeln!(
            out,
            "{} passages, {} pairs; digest `{:016x}`.\n",
            provenance.passages(),
            provenance.pairs(),
            provenance.corpus_digest()
        )?;
        let mut kinds: BTreeMap<&str, [usize; 2]> = BTreeMap::new();
        for passage in corpus.passages() {
            let counts = kinds.entry(passage.kind().unwrap_or("(none)")).or_default();
            counts[0] += 1;
            counts[1] += passage.actors().len();
        }
        writeln!(out, "| kind | passages | pairs |\n|---|---|---|")?;
        for (kind, [passages, pairs]) in kinds {
            writeln!(out, "| {kind} | {passages} | {pairs} |")?;
        }
        writeln!(out, "\n## How good it is\n")?;
        writeln!(
            out,
            "Grouped cross-validation: no dispute is on both sides. Intervals are 95 %, bootstrapped over \
             disputes (over groups where there are none)."
        )?;
        if let Some(comparison) = self.comparison::<Stance>(blind) {
            comparison.table(out)?;
        }
        if let Some(comparison) = self.comparison::<Sentiment>(blind) {
            comparison.table(out)?;
        }
        writeln!(out, "\n## Limits\n")?;
        let language = match self.model().language() {
            Language::None => "News prose".to_owned(),
            language => format!("{language:?} news prose"),
        };
        writeln!(
            out,
            "{language}. It reads one passage at a time and knows nothing of the world: irony, oblique hints and what \
             stands in another paragraph escape it. It is made for reading many passages and adding them up; a single \
             judgement may well be wrong. It is not for judging people."
        )?;
        writeln!(out, "\n## Settings\n\n```json\n{}\n```", provenance.settings())
    }
}

impl<L: Label> Comparison<L> {
    fn table(&self, out: &mut String) -> fmt::Result {
        writeln!(out, "\n### {}\n\n| | macro-F1 |\n|---|---|", L::HEAD)?;
        writeln!(out, "| this model | {} |\n| target-blind | {} |", self.model, self.blind)?;
        writeln!(out, "| majority class | {:.3} |\n", self.majority)?;
        writeln!(out, "Accuracy {:.3}, expected calibration error {:.3}.\n", self.confusion.accuracy(), self.ece)?;
        write!(out, "| truth | precision | recall | F1 |")?;
        L::ALL.iter().try_for_each(|label| write!(out, " → {label} |"))?;
        writeln!(out, "\n|---|---|---|---|---|---|---|")?;
        for (class, label) in L::ALL.into_iter().enumerate() {
            let scores = self.confusion.class(class);
            write!(out, "| {label} | {:.3} | {:.3} | {:.3} |", scores.precision(), scores.recall(), scores.f1())?;
            (0..L::ALL.len()).try_for_each(|found| write!(out, " {} |", self.confusion.count(class, found)))?;
            writeln!(out)?;
        }
        Ok(())
    }
}
