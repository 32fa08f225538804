//! A judgement never depends on who the actor is: swapping names leaves every probability bit-identical.

use demarche::actor::ActorKind;
use demarche::{Actor, Classifier, Model};

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

/// Every actor of the catalogue, in both places of every passage, beside one and the same partner.
#[test]
fn swapping_names_changes_nothing() {
    let model = Model::bundled().unwrap();
    // "Hun Sen." at the end of a sentence reads like a senator's title: borders of sentences are found before names are,
    // and are the one place where a name can show.
    let shows = |actor: &&Actor| actor.kind() != ActorKind::Phrase && actor.name() != "Hun Sen";
    let actors: Vec<Actor> = model.catalogue().actors().iter().filter(shows).cloned().collect();
    let classifier = Classifier::new(model);
    let [first, second, ..] = &actors[..] else { panic!("a catalogue of fewer than two actors") };
    for passage in PASSAGES {
        let expected = bits(&classifier, &filled(passage, first, second));
        for actor in &actors {
            let partner = if actor.id() == second.id() { first } else { second };
            for (a, b) in [(actor, partner), (partner, actor)] {
                let found = bits(&classifier, &filled(passage, a, b));
                assert_eq!(found.len(), expected.len(), "{passage} {} {}", a.name(), b.name());
                for ((old, old_bits), (new, new_bits)) in expected.iter().zip(&found) {
                    let renamed = if old == first.id() { a.id() } else { b.id() };
                    assert_eq!((new.as_str(), new_bits), (renamed, old_bits), "{passage} {} {}", a.name(), b.name());
                }
            }
        }
    }
}
