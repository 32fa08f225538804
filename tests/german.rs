//! Another language, end to end: the German tables train a model that judges German.

use demarche::learn::Confusion;
use demarche::stance::{Label, Linter};
use demarche::{Catalogue, Classifier, Corpus, Cues, Error, Stance, Trainer, TrainerSettings};

fn trainer() -> Result<Trainer, Error> {
    Ok(Trainer::shipped()?
        .settings(TrainerSettings::read("data/german/settings.json")?)
        .cues(Cues::read("data/german/cues.tsv", "data/german/grammar.tsv")?)
        .catalogue(Catalogue::read("data/german/actors.tsv")?))
}

#[test]
fn a_german_model_reads_german() -> Result<(), Error> {
    let (train, test) = (Corpus::read("data/german/train.jsonl")?, Corpus::read("data/german/test.jsonl")?);
    let classifier = Classifier::new(trainer()?.fit(&train)?.into_model());

    let judged: Vec<(String, Option<Stance>)> = classifier
        .classify("Moskau lehnte den Vorschlag der ukrainischen Regierung ab.\n\nDie Türkei bot ihre Vermittlung an.")
        .iter()
        .map(|judgement| (judgement.actor().name().to_owned(), judgement.stance().map(|stance| stance.label())))
        .collect();
    let names: Vec<&str> = judged.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["Russland", "Ukraine", "Türkei"]);
    assert_eq!((judged[0].1, judged[2].1), (Some(Stance::Skeptical), Some(Stance::Pro)));

    // Far above the majority class and above a model that is blind to the target, on disputes it has not seen.
    let evaluation = classifier.evaluate(&test);
    let Some(confusion) = evaluation.stance().map(|scores| scores.confusion()) else { panic!("no stance head") };
    let blind = trainer()?.cross_validate_blind(&train)?;
    let blind = blind.stance().map_or(1.0, |scores| scores.confusion().macro_f1());
    let largest = (0..3).max_by_key(|&class| confusion.class(class).support()).unwrap_or(0);
    let truth = (0..3).flat_map(|class| std::iter::repeat_n((class, largest), confusion.class(class).support()));
    let majority = Confusion::of(Stance::ALL.len(), truth).macro_f1();
    assert!(confusion.macro_f1() > 0.8 && blind < 0.7 && majority < 0.3, "{} {blind} {majority}", confusion.macro_f1());
    Ok(())
}

#[test]
fn the_german_data_are_sound() -> Result<(), Error> {
    let mut linter = Linter::default();
    linter.read("train", "data/german/train.jsonl");
    linter.read("test", "data/german/test.jsonl");
    assert_eq!(linter.findings(), []);
    let catalogue = Catalogue::read("data/german/actors.tsv")?;
    let collisions = catalogue.collisions();
    assert!(collisions.is_empty(), "{collisions:?}");
    Ok(())
}
