//! `classify --cameo`: event codes beside the labels.

mod programs;

use std::fs;

use demarche::stance::Cameo;
use demarche::{Classifier, Error, Judgement, Model, Stance};
use serde_json::Value;

use crate::programs::{failed, printed, run, run_on, samples};

#[test]
fn passages_get_the_codes_of_their_cues() {
    // Passage, actor, label, codes that must be there.
    let cases: &[(&str, &str, &str, &[&str])] = &[
        ("Moscow refused to negotiate.", "Russia", "skeptical", &["125"]),
        ("Moscow rejected the peace plan out of hand.", "Russia", "skeptical", &["127"]),
        ("Iran walked out of the talks in anger.", "Iran", "skeptical", &["164"]),
        ("Kyiv agreed to meet the envoys in Geneva.", "Ukraine", "pro", &["036"]),
        ("Oman offered to mediate between the two sides.", "Oman", "pro", &["039"]),
        ("India and China signed the border agreement.", "India", "pro", &["057"]),
    ];
    for (text, actor, label, codes) in cases {
        let out = printed(run_on("classify", &["--cameo", "--format", "jsonl"], text.as_bytes()));
        let lines: Vec<Value> = out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let line = lines.iter().find(|line| line["actor"] == *actor).unwrap();
        assert_eq!(line["stance"]["label"], *label, "{text}");
        let found: Vec<&str> =
            line["cameo"].as_array().unwrap().iter().map(|code| code["code"].as_str().unwrap()).collect();
        assert!(codes.iter().all(|code| found.contains(code)), "{text}: {found:?}");
    }
}

#[test]
fn columns_and_fields_agree_with_the_labels() {
    for sample in samples() {
        let sample = sample.to_str().unwrap();
        let lines = printed(run("classify", &["--cameo", "--format", "jsonl", sample]));
        let rows = printed(run("classify", &["--cameo", "--format", "csv", sample]));
        let mut rows = csv::Reader::from_reader(rows.as_bytes());
        let column = rows.headers().unwrap().iter().position(|name| name == "cameo").unwrap();
        let rows: Vec<String> = rows.records().map(|row| row.unwrap()[column].to_owned()).collect();
        assert_eq!(rows.len(), lines.lines().count());
        for (row, line) in rows.iter().zip(lines.lines()) {
            let line: Value = serde_json::from_str(line).unwrap();
            let codes = line["cameo"].as_array().unwrap();
            let joined: Vec<&str> = codes.iter().map(|code| code["code"].as_str().unwrap()).collect();
            assert_eq!(*row, joined.join(" "));
            for code in codes {
                let known = Cameo::ALL.iter().find(|known| known.code() == code["code"]).unwrap();
                assert_eq!(code["description"], known.description());
                // Cooperation up to root 08, refusal and threats from root 12 on.
                let is_pro = known.code() < "09";
                assert_eq!(line["stance"]["label"], if is_pro { "pro" } else { "skeptical" }, "{line}");
            }
            assert_eq!(codes.is_empty(), line["stance"]["label"] == "neutral", "{line}");
        }
        let plain = printed(run("classify", &["--format", "jsonl", sample]));
        assert!(!plain.contains("\"cameo\""));
    }
    assert!(failed(run("classify", &["--cameo", &samples()[0].display().to_string()])).contains("--format csv"));
}

#[test]
fn a_stream_has_the_codes_of_its_explanations() {
    let classifier = Classifier::new(Model::bundled().unwrap());
    for sample in samples() {
        let text = fs::read_to_string(sample).unwrap();
        let mut found = Vec::new();
        let each = |judgement: &Judgement, codes: &[Cameo], passage: &str| {
            assert_eq!(judgement.passage().slice(&text), Some(passage));
            found.push((judgement.clone(), codes.to_vec()));
            Ok::<(), Error>(())
        };
        classifier.worker().cameo_stream(text.as_bytes(), each).unwrap();
        let explained = classifier.explain::<Stance>(&text).into_iter();
        let expected: Vec<_> = explained.map(|(judgement, why)| (judgement, why.unwrap().cameo(&text))).collect();
        assert!(!found.is_empty() && found == expected);
    }
}
