//! A judgement never depends on who the actor is: swapping names leaves every probability bit-identical.

use demarche::actor::ActorKind;
use demarche::{Actor, Classifier, Model};
use proptest::prelude::*;
use proptest::sample::Index;

/// Passages with two actors, in many places of the sentence.
const PASSAGES: [&str; 11] = [
    "{A} rejected the offer that {B} had made, but said it was open to talks.",
    "On Monday, {B} met envoys of {A}. {A} called the plan unacceptable; {B}’s delegation left early.",
    "Talks between {A} and {B} collapsed after {B} walked out.",
    "{A}'s refusal to compromise has angered {B}, whose negotiators arrived with a new draft.",
    "Analysts doubt that {A} can be trusted. \"Nobody believes {B} either,\" one of them said.",
    "The ceasefire was brokered by {A} and signed by {B} on 3 May.",
    "Would {A} accept a deal over the heads of {B}? Hardly.",
    "{B} agreed. {A} did not.",
    "If {A}, {B} and the mediators sit down, an agreement is within reach",
    "It was {A}'s refusal, not {B}'s offer, that ended the truce.",
    "In a statement, {A} accused {B} of bad faith – and offered a truce (again).",
];

fn filled(passage: &str, a: &Actor, b: &Actor) -> String {
    let fill = |text: String, slot: &str, name: &str| {
        // Names in -s take a bare apostrophe.
        let plural = if name.ends_with('s') { "'" } else { "'s" };
        text.replace(&format!("{slot}'s"), &format!("{name}{plural}")).replace(slot, name)
    };
    fill(fill(passage.to_owned(), "{A}", a.name()), "{B}", b.name())
}

/// Actor ids and the bits of every probability, in order.
fn bits(classifier: &Classifier, text: &str) -> Vec<(String, Vec<u64>)> {
    classifier
        .classify(text)
        .iter()
        .map(|judgement| {
            let stance = judgement.stance().map(|d| d.probabilities());
            let sentiment = judgement.sentiment().map(|d| d.probabilities());
            let bits = stance.into_iter().chain(sentiment).flatten().map(f64::to_bits).collect();
            (judgement.actor().id().to_owned(), bits)
        })
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]
    #[test]
    fn swapping_names_changes_nothing(passage in 0..PASSAGES.len(), picks in any::<[Index; 4]>()) {
        let model = Model::bundled().unwrap();
        let actors: Vec<Actor> =
            model.catalogue().actors().iter().filter(|a| a.kind() != ActorKind::Phrase).cloned().collect();
        let classifier = Classifier::new(model);
        let [a, b, c, d] = picks.map(|pick| pick.get(&actors));
        prop_assume!(a.id() != b.id() && c.id() != d.id());
        let before = bits(&classifier, &filled(PASSAGES[passage], a, b));
        let after = bits(&classifier, &filled(PASSAGES[passage], c, d));
        prop_assert_eq!(before.len(), after.len());
        for ((old, old_bits), (new, new_bits)) in before.iter().zip(&after) {
            let renamed = if old == a.id() { c.id() } else { d.id() };
            prop_assert_eq!(new.as_str(), renamed);
            prop_assert_eq!(old_bits, new_bits, "{} {} → {} {}", a.name(), b.name(), c.name(), d.name());
        }
    }
}
