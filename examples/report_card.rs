//! The report card of a model: how good it is, on what, against what, and where it fails.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use demarche::learn::{Confusion, Scores};
use demarche::stance::{Abstention, Block, Effect, Explained, Explanation, LabelledActor, LabelledPassage, Verdict};
use demarche::{Classifier, Corpus, Sentiment, Span, Stance, Trainer, TrainerSettings};

mod options;

use options::plain::plain;
use options::{end, labelled, ModelChoice, Outcome};

/// Writes the report card of a model.
#[derive(Parser)]
#[command(name = "report_card")]
struct Arguments {
    /// The labelled files that the model was trained on: for the actors that it knows, and for the ablation.
    #[arg(long, required = true, num_args = 1..)]
    train: Vec<PathBuf>,
    /// Labelled files that it has not seen.
    #[arg(long, required = true, num_args = 1..)]
    test: Vec<PathBuf>,
    /// Contrast sets with capabilities.
    #[arg(long, num_args = 1..)]
    contrast: Vec<PathBuf>,
    #[command(flatten)]
    model: ModelChoice,
    /// Also leave each block of terms out in turn and train without it (two folds; minutes).
    #[arg(long)]
    ablation: bool,
    /// The date that the card bears.
    #[arg(long)]
    date: Option<String>,
    /// Where the card goes (Markdown); without it, to standard output.
    #[arg(long)]
    out: Option<PathBuf>,
}

/// The solver's tolerance in the ablation.
const LOOSE: f64 = 2e-2;

fn main() -> ExitCode {
    end(run(&Arguments::parse()))
}

fn run(arguments: &Arguments) -> Outcome {
    let model = arguments.model.read()?;
    let mut card = String::new();
    let provenance = model.provenance();
    writeln!(card, "# Report card\n\nWritten by `report_card`; do not edit.")?;
    writeln!(
        card,
        "{}Model of {} pairs, corpus digest `{:016x}`, {} terms.",
        arguments.date.as_ref().map_or(String::new(), |date| format!("{date}. ")),
        provenance.pairs(),
        provenance.corpus_digest(),
        model.terms()
    )?;
    let classifier = Classifier::new(model);
    let train = labelled(&arguments.train)?;
    let test = labelled(&arguments.test)?;
    let readings = Reading::all(&classifier, &test);
    for_head::<Stance>(&mut card, &classifier, &train, &test, &readings)?;
    for_head::<Sentiment>(&mut card, &classifier, &train, &test, &readings)?;
    abstentions(&mut card, &readings)?;
    if !arguments.contrast.is_empty() {
        capabilities(&mut card, &classifier, &labelled(&arguments.contrast)?)?;
    }
    if arguments.ablation {
        ablation(&mut card, &train, &test)?;
    }
    match &arguments.out {
        Some(path) => demarche::replace_file(path, card.as_bytes())?,
        None => io::stdout().write_all(card.as_bytes())?,
    }
    Ok(())
}

/// A labelled pair and what the model makes of it.
struct Reading<'c> {
    passage: &'c LabelledPassage,
    actor: &'c LabelledActor,
    verdict: Verdict,
    stance: Option<Explanation<Stance>>,
    sentiment: Option<Explanation<Sentiment>>,
}

impl<'c> Reading<'c> {
    fn all(classifier: &Classifier, corpus: &'c Corpus) -> Vec<Self> {
        let mut readings = Vec::new();
        for passage in corpus.passages() {
            for actor in passage.actors() {
                let others: Vec<Span> = passage
                    .actors()
                    .iter()
                    .filter(|other| other.name() != actor.name())
                    .flat_map(|other| other.spans().iter().copied())
                    .collect();
                let (verdict, stance) = classifier.explain_judged::<Stance>(passage.text(), actor.spans(), &others);
                let (_, sentiment) = classifier.explain_judged::<Sentiment>(passage.text(), actor.spans(), &others);
                readings.push(Reading { passage, actor, verdict, stance, sentiment });
            }
        }
        readings
    }

    fn words(&self) -> usize {
        self.passage.text().split_whitespace().count()
    }
}

/// A head as this card reads it.
trait Head: Explained {
    fn truth(actor: &LabelledActor) -> Option<Self>;
    fn explanation<'r>(reading: &'r Reading) -> Option<&'r Explanation<Self>>;
    /// The label that the lexicon alone gives: the sign of the sum of what the cues convey about the actor.
    fn by_lexicon(reading: &Reading) -> Self;
}

impl Head for Stance {
    fn truth(actor: &LabelledActor) -> Option<Self> {
        actor.stance()
    }

    fn explanation<'r>(reading: &'r Reading) -> Option<&'r Explanation<Self>> {
        reading.stance.as_ref()
    }

    fn by_lexicon(reading: &Reading) -> Self {
        match sum(reading, |cue| cue.stance()) {
            0 => Stance::Neutral,
            sum if sum > 0 => Stance::Pro,
            _ => Stance::Skeptical,
        }
    }
}

impl Head for Sentiment {
    fn truth(actor: &LabelledActor) -> Option<Self> {
        actor.sentiment()
    }

    fn explanation<'r>(reading: &'r Reading) -> Option<&'r Explanation<Self>> {
        reading.sentiment.as_ref()
    }

    fn by_lexicon(reading: &Reading) -> Self {
        match sum(reading, |cue| cue.sentiment()) {
            0 => Sentiment::Neutral,
            sum if sum > 0 => Sentiment::Positive,
            _ => Sentiment::Negative,
        }
    }
}

fn sum(reading: &Reading, effect: impl Fn(&demarche::stance::ExplainedCue) -> Effect) -> i32 {
    let cues = reading.stance.as_ref().map_or(&[][..], |explanation| explanation.cues());
    cues.iter()
        .map(|cue| match effect(cue) {
            Effect::Good => 1,
            Effect::Bad => -1,
            Effect::None => 0,
        })
        .sum()
}

fn scores<'r, 'c: 'r, L: Head>(readings: impl Iterator<Item = &'r Reading<'c>>) -> Scores {
    let mut scores = Scores::new(L::ALL.len());
    for reading in readings {
        if let (Some(truth), Some(found)) = (L::truth(reading.actor), L::distribution(&reading.verdict)) {
            scores.push_in_cluster(reading.passage.cluster(), truth.class(), found.probabilities().to_vec());
        }
    }
    scores
}

fn for_head<L: Head>(
    card: &mut String,
    classifier: &Classifier,
    train: &Corpus,
    test: &Corpus,
    readings: &[Reading],
) -> Outcome {
    let all = scores::<L>(readings.iter());
    writeln!(card, "\n## {}\n", L::HEAD)?;
    writeln!(card, "{} unseen pairs of {} passages; disputes of the training part are not among them. Intervals: 95 %, bootstrapped over disputes.\n", all.len(), test.passages().len())?;
    let truths = || readings.iter().filter_map(|reading| L::truth(reading.actor).map(|truth| (reading, truth)));
    let classes = L::ALL.len();
    let largest =
        (0..classes).max_by_key(|class| truths().filter(|(_, truth)| truth.class() == *class).count()).unwrap_or(0);
    let majority = Confusion::of(classes, truths().map(|(_, truth)| (truth.class(), largest)));
    let rule = Confusion::of(classes, truths().map(|(reading, truth)| (truth.class(), L::by_lexicon(reading).class())));
    writeln!(card, "| | macro-F1 | accuracy |\n|---|---|---|")?;
    writeln!(card, "| this model | {} | {:.3} |", all.macro_f1(), all.confusion().accuracy())?;
    writeln!(card, "| the lexicon alone | {:.3} | {:.3} |", rule.macro_f1(), rule.accuracy())?;
    writeln!(card, "| the commonest label | {:.3} | {:.3} |", majority.macro_f1(), majority.accuracy())?;
    writeln!(card, "\nA target-blind model stands beside this one in the model card (cross-validation).\n")?;
    confusion::<L>(card, &all)?;
    parts::<L>(card, train, readings)?;
    calibration::<L>(card, classifier, &all)?;
    strongest_terms::<L>(card, readings)
}

fn confusion<L: Head>(card: &mut String, all: &Scores) -> Outcome {
    let confusion = all.confusion();
    write!(card, "| truth | precision | recall | F1 |")?;
    L::ALL.iter().try_for_each(|label| write!(card, " → {label} |"))?;
    writeln!(card, "\n|---|---|---|---|---|---|---|")?;
    for label in L::ALL {
        let class = confusion.class(label.class());
        write!(card, "| {label} | {:.3} | {:.3} | {:.3} |", class.precision(), class.recall(), class.f1())?;
        L::ALL.iter().try_for_each(|found| write!(card, " {} |", confusion.count(label.class(), found.class())))?;
        writeln!(card)?;
    }
    Ok(())
}

/// Scores by kind, by length, and for actors that the training part does not hold.
fn parts<L: Head>(card: &mut String, train: &Corpus, readings: &[Reading]) -> Outcome {
    let known: BTreeSet<&str> =
        train.passages().iter().flat_map(|passage| passage.actors()).map(LabelledActor::name).collect();
    let kinds: BTreeSet<&str> = readings.iter().filter_map(|reading| reading.passage.kind()).collect();
    writeln!(card, "\n| part | pairs | macro-F1 | accuracy |\n|---|---|---|---|")?;
    let mut row = |name: String, chosen: &dyn Fn(&Reading) -> bool| -> Outcome {
        let part = scores::<L>(readings.iter().filter(|reading| chosen(reading)));
        writeln!(card, "| {name} | {} | {} | {:.3} |", part.len(), part.macro_f1(), part.confusion().accuracy())?;
        Ok(())
    };
    for kind in kinds {
        row(format!("kind {}", plain(kind)), &|reading| reading.passage.kind() == Some(kind))?;
    }
    row("actors in the training part".into(), &|reading| known.contains(reading.actor.name()))?;
    row("actors not in it".into(), &|reading| !known.contains(reading.actor.name()))?;
    for (low, high) in [(0, 20), (20, 40), (40, 60), (60, usize::MAX)] {
        let name =
            if high == usize::MAX { format!("{low} words and more") } else { format!("{low} to {} words", high - 1) };
        row(name, &|reading| (low..high).contains(&reading.words()))?;
    }
    Ok(())
}

/// Reliability, label sets, and what is gained by leaving the unsure out.
fn calibration<L: Head>(card: &mut String, classifier: &Classifier, all: &Scores) -> Outcome {
    writeln!(card, "\nExpected calibration error {:.3}, Brier score {:.3}.\n", all.ece(), all.brier())?;
    writeln!(card, "| asked coverage | {} | labels in a set |", L::ALL.map(|label| label.to_string()).join(" | "))?;
    writeln!(card, "|---|---|---|---|---|")?;
    for asked in [0.8, 0.9, 0.95] {
        let coverage = classifier.coverage::<L>(all, asked);
        let [a, b, c] = coverage.per_class();
        writeln!(card, "| {asked} | {a:.3} | {b:.3} | {c:.3} | {:.2} |", coverage.labels())?;
    }
    writeln!(card, "\n| least certainty | share judged | accuracy | macro-F1 |\n|---|---|---|---|")?;
    for least in [0.0, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9] {
        let mut kept = Scores::new(L::ALL.len());
        for (truth, p) in all.rows().filter(|(_, p)| p.iter().any(|p| *p >= least)) {
            kept.push(truth, p.to_vec());
        }
        let share = 100.0 * kept.len() as f64 / all.len().max(1) as f64;
        let confusion = kept.confusion();
        writeln!(card, "| {least} | {share:.0} % | {:.3} | {:.3} |", confusion.accuracy(), confusion.macro_f1())?;
    }
    Ok(())
}

/// The terms that do most for each label: their contributions added up over the pairs that got it.
fn strongest_terms<L: Head>(card: &mut String, readings: &[Reading]) -> Outcome {
    writeln!(card, "\nTerms that did most for each label (‹T› the actor, ‹O› another):\n")?;
    for label in L::ALL {
        let mut sums: BTreeMap<&str, f64> = BTreeMap::new();
        for explanation in readings.iter().filter_map(L::explanation).filter(|found| found.label() == label) {
            for term in explanation.terms() {
                *sums.entry(term.term()).or_default() += term.value();
            }
        }
        let mut sums: Vec<(&str, f64)> = sums.into_iter().collect();
        sums.sort_by(|a, b| b.1.total_cmp(&a.1));
        let names: Vec<String> = sums.iter().take(15).map(|(term, _)| format!("`{}`", plain(term))).collect();
        writeln!(card, "- **{label}**: {}", names.join(", "))?;
    }
    Ok(())
}

fn abstentions(card: &mut String, readings: &[Reading]) -> Outcome {
    writeln!(card, "\n## Abstention\n\n| reason | pairs | accuracy of stance |\n|---|---|---|")?;
    let reasons =
        [Abstention::TooShort, Abstention::UnknownWords, Abstention::NotAboutNegotiation, Abstention::NotSure];
    for reason in reasons.map(Some).into_iter().chain([None]) {
        let part = readings.iter().filter(|r| r.verdict.abstention(Abstention::LEAST_CERTAINTY) == reason);
        let part = scores::<Stance>(part);
        let name = reason.map_or("none".to_owned(), |reason| reason.to_string());
        writeln!(card, "| {name} | {} | {:.3} |", part.len(), part.confusion().accuracy())?;
    }
    Ok(())
}

/// Pass rates by capability, and the surest mistakes.
fn capabilities(card: &mut String, classifier: &Classifier, corpus: &Corpus) -> Outcome {
    let readings = Reading::all(classifier, corpus);
    writeln!(card, "\n## Contrast sets\n\n| capability | pairs | stance right | sets all right |\n|---|---|---|---|")?;
    let is_right =
        |r: &Reading| r.actor.stance().is_none() || r.actor.stance() == r.verdict.stance().map(|s| s.label());
    let capabilities: BTreeSet<&str> = corpus.passages().iter().filter_map(LabelledPassage::capability).collect();
    for capability in capabilities.iter().copied().map(Some).chain([None]) {
        let part: Vec<&Reading> =
            readings.iter().filter(|r| capability.is_none() || r.passage.capability() == capability).collect();
        let mut sets: BTreeMap<&str, bool> = BTreeMap::new();
        for reading in &part {
            *sets.entry(reading.passage.group()).or_insert(true) &= is_right(reading);
        }
        let right = part.iter().filter(|reading| is_right(reading)).count();
        let share = right as f64 / part.len().max(1) as f64;
        let passed = sets.values().filter(|passed| **passed).count();
        let name = plain(capability.unwrap_or("all"));
        writeln!(card, "| {name} | {} | {share:.3} | {passed}/{} |", part.len(), sets.len())?;
    }
    writeln!(card, "\n## Known weaknesses\n\nThe surest mistake in each capability:\n")?;
    for capability in capabilities {
        let certainty = |r: &Reading| r.verdict.stance().map_or(0.0, |stance| stance.certainty());
        let wrong = readings.iter().filter(|r| r.passage.capability() == Some(capability) && !is_right(r));
        let Some(surest) = wrong.max_by(|a, b| certainty(a).total_cmp(&certainty(b))) else { continue };
        let (Some(truth), Some(found)) = (surest.actor.stance(), surest.verdict.stance()) else { continue };
        writeln!(
            card,
            "- {}: “{}” — {}: {truth}, judged {} ({:.0} %)",
            plain(capability),
            plain(&surest.passage.text().replace('\n', " / ")),
            plain(surest.actor.name()),
            found.label(),
            100.0 * found.certainty()
        )?;
    }
    Ok(())
}

fn ablation(card: &mut String, train: &Corpus, test: &Corpus) -> Outcome {
    writeln!(card, "\n## Ablation\n\nOne block of terms left out at a time; two folds, a loose solver.\n")?;
    writeln!(
        card,
        "| without | stance, cross-validated | test | sentiment, cross-validated | test |\n|---|---|---|---|---|"
    )?;
    for block in std::iter::once(None).chain(Block::ALL.map(Some)) {
        let mut settings = TrainerSettings::shipped()?;
        settings.folds = 2;
        settings.stance = settings.stance.tolerance(LOOSE);
        settings.sentiment = settings.sentiment.tolerance(LOOSE);
        if let Some(block) = block {
            settings.features = settings.features.with_weight(block, 0.0);
        }
        let trained = Trainer::shipped()?.settings(settings).fit(train)?;
        let cross = trained.cross_validation().clone();
        let unseen = Classifier::new(trained.into_model()).evaluate(test);
        let figure = |scores: Option<&Scores>| scores.map_or(0.0, |scores| scores.confusion().macro_f1());
        writeln!(
            card,
            "| {} | {:.3} | {:.3} | {:.3} | {:.3} |",
            block.map_or("(nothing)", Block::name),
            figure(cross.stance()),
            figure(unseen.stance()),
            figure(cross.sentiment()),
            figure(unseen.sentiment())
        )?;
    }
    Ok(())
}
