//! Model files: what is written is read back the same, and what is damaged is refused.

use demarche::{Classifier, Corpus, ErrorKind, Model, Trainer};

fn tiny() -> Model {
    let corpus = Corpus::read("data/tiny.jsonl").unwrap();
    Trainer::shipped().unwrap().fit(&corpus).unwrap().into_model()
}

#[test]
fn a_model_read_back_gives_bit_identical_probabilities() {
    let model = tiny();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tiny.model");
    model.write(&path).unwrap();
    let again = Model::read(&path).unwrap();
    assert_eq!(model, again);
    let text = std::fs::read_to_string("data/samples/peace-plan.txt").unwrap();
    assert_eq!(Classifier::new(model).classify(&text), Classifier::new(again).classify(&text));
}

#[test]
fn damage_is_refused() {
    let bytes = tiny().to_bytes().unwrap();
    let refused = |damaged: &[u8], what: &str| {
        let error = Model::from_bytes(damaged).expect_err(what);
        assert_eq!(error.kind(), ErrorKind::Model, "{what}");
    };
    // Every bit of the envelope, and bits spread over the body.
    let step = (bytes.len() * 8 / 400).max(1);
    for bit in (0..24 * 8).chain((24 * 8..bytes.len() * 8).step_by(step)) {
        let mut damaged = bytes.clone();
        damaged[bit / 8] ^= 1 << (bit % 8);
        refused(&damaged, &format!("bit {bit}"));
    }
    for length in (0..64).chain((64..bytes.len()).step_by(bytes.len() / 200)) {
        refused(&bytes[..length], &format!("cut to {length} bytes"));
    }
    refused(&[&bytes[..], b"x"].concat(), "a byte too many");
}

#[test]
fn another_version_says_what_to_do() {
    let mut bytes = tiny().to_bytes().unwrap();
    bytes[8] = 9;
    let error = Model::from_bytes(&bytes).unwrap_err();
    assert_eq!(
        error.to_string(),
        "this is a model of format 9; this crate reads format 2 (train it anew, or use the crate that made it)"
    );
}
