//! Checks of model files: a file is refused, or what it holds runs.

use std::sync::OnceLock;

use demarche::stance::Explained;
use demarche::{Classifier, ErrorKind, Model, Sentiment, Span, Stance};

use super::texts::{sound, sound_verdict};
use super::{head, labelled_corpus, refused, small_trainer};

const SENTENCES: &str =
    "Russia rejected the truce, but U.S. envoys agreed to talks. Iran would not. The talks, the talks went on. The talks went on.";

/// Any bytes as a model file, also with length and checksum put right, and edits of a sound one: it is refused, or it runs.
pub fn model(bytes: &[u8]) {
    let ([mode], rest) = head(bytes);
    let file = match mode % 3 {
        0 => rest.to_vec(),
        1 => sealed(rest),
        _ => sealed(&edited(&small_model()[HEAD..], rest)),
    };
    match Model::from_bytes(&file) {
        Ok(model) => usable(model),
        Err(error) => refused(&error, ErrorKind::Model),
    }
}

/// Magic, version, length and checksum of a model file.
pub const HEAD: usize = 24;

/// A body in an envelope that is right about it.
pub fn sealed(body: &[u8]) -> Vec<u8> {
    let mut file = small_model()[..12].to_vec();
    file.extend((body.len() as u64).to_le_bytes());
    file.extend(crc32fast::hash(body).to_le_bytes());
    file.extend(body);
    file
}

/// The file of a model with few columns, cues and actors.
pub fn small_model() -> &'static [u8] {
    static FILE: OnceLock<Vec<u8>> = OnceLock::new();
    FILE.get_or_init(|| {
        let trained = small_trainer(6).fit(&labelled_corpus()).expect("labelled data");
        trained.model().to_bytes().expect("a model")
    })
}

/// A model that was accepted gives finite numbers, and the same file again.
pub fn usable(model: Model) {
    let file = model.to_bytes().expect("what was read can be written");
    let again = Model::from_bytes(&file).expect("what was written can be read");
    assert_eq!(again, model, "no number of it is none");
    assert_eq!(again.to_bytes().expect("what was read can be written"), file);
    let name = model.catalogue().actors().first().map_or(String::new(), |actor| actor.name().to_owned());
    let text = format!("{SENTENCES} {name} agreed to talks.\n\n{name}");
    let classifier = Classifier::new(model);
    for classifier in [classifier.clone(), classifier.targets(["talks", name.as_str()])] {
        let found = classifier.classify(&text);
        sound(&text, &found);
        sound_verdict(&classifier, &classifier.judge(&text, &[Span::new(0, 6)]));
        explained::<Stance>(&classifier, &text);
        explained::<Sentiment>(&classifier, &text);
        assert!(found.iter().all(|judgement| serde_json::to_string(judgement).is_ok()));
    }
}

fn explained<L: Explained>(classifier: &Classifier, text: &str) {
    for explanation in classifier.explain::<L>(text).into_iter().filter_map(|(_, explanation)| explanation) {
        assert!(explanation.log_odds().is_finite() && explanation.base().is_finite());
        assert!(explanation.terms().iter().all(|term| term.value().is_finite()));
        assert!(explanation.words().iter().all(|word| word.value().is_finite()));
    }
}

/// Four bytes an edit: place, kind, value.
fn edited(body: &[u8], edits: &[u8]) -> Vec<u8> {
    let mut body = body.to_vec();
    for edit in edits.chunks_exact(4).take(64) {
        let at = usize::from(u16::from_le_bytes([edit[0], edit[1]])) % (body.len() + 1);
        match (edit[2] % 4, body.get_mut(at)) {
            (0, Some(byte)) => *byte ^= edit[3],
            (1, Some(byte)) => *byte = edit[3],
            (2, Some(_)) => drop(body.drain(at..(at + usize::from(edit[3])).min(body.len()))),
            _ => body.insert(at, edit[3]),
        }
    }
    body
}
