//! Bounds on what is read: settings, model files, labelled data, lexicons; and that the programs replace a file as a whole.

// The other checks are for tests/hostile.rs.
#[allow(dead_code)]
#[path = "hostile/checks.rs"]
mod checks;
mod programs;

use std::fs;

use checks::HEAD;
use demarche::stance::Block;
use demarche::{Catalogue, Corpus, Cues, Error, ErrorKind, Model, Trainer, TrainerSettings};
use programs::{printed, run};

const TINY: &str = "data/tiny.jsonl";
/// A number that stands in a model file where it was put, and nowhere else.
const MARK: f32 = 0.123_456_79;
const CUES: &str = "phrase\tpos\tclass\tagent\tpatient\tagent_sentiment\tpatient_sentiment\n";

fn settings() -> TrainerSettings {
    let mut settings = TrainerSettings::shipped().unwrap();
    settings.folds = 2;
    settings.vocabulary.max_columns = 40;
    settings
}

fn trainer() -> Trainer {
    checks::small_trainer(40).settings(settings())
}

fn small(settings: TrainerSettings) -> Model {
    trainer().settings(settings).fit(&Corpus::read(TINY).unwrap()).unwrap().into_model()
}

fn body_of(model: &Model) -> Vec<u8> {
    model.to_bytes().unwrap()[HEAD..].to_vec()
}

/// The body with these bytes in the place of those that stand there once.
fn patched(body: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let places: Vec<usize> = (0..body.len()).filter(|at| body[*at..].starts_with(from)).collect();
    assert_eq!(places.len(), 1, "{from:?}");
    [&body[..places[0]], to, &body[places[0] + from.len()..]].concat()
}

fn refused(body: &[u8]) {
    assert_eq!(Model::from_bytes(&checks::sealed(body)).err().map(|error| error.kind()), Some(ErrorKind::Model));
}

/// A setting, and how it is set.
type Setting = (&'static str, fn(&mut TrainerSettings, f32));

const FEATURES: [Setting; 3] = [
    ("other_sentence", |settings, value| settings.features.other_sentence = value),
    ("near_decay", |settings, value| settings.features.near_decay = value),
    ("block_weights", |settings, value| {
        settings.features = settings.features.clone().with_weight(Block::Near, value);
    }),
];

#[test]
fn settings_of_a_model_file_are_bounded() {
    for (name, set) in FEATURES {
        let mut marked = settings();
        set(&mut marked, MARK);
        let body = body_of(&small(marked));
        for value in [f32::MAX, 1.1e6, f32::NAN, f32::INFINITY, -1.0] {
            println!("{name} {value}");
            refused(&patched(&body, &MARK.to_le_bytes(), &value.to_le_bytes()));
        }
        let large = patched(&body, &MARK.to_le_bytes(), &1e6f32.to_le_bytes());
        checks::usable(Model::from_bytes(&checks::sealed(&large)).unwrap());
    }
}

#[test]
fn settings_of_a_training_are_bounded() {
    for (name, set) in FEATURES {
        let mut large = settings();
        set(&mut large, f32::MAX);
        let error = trainer().settings(large).fit(&Corpus::read(TINY).unwrap()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Settings, "{name}: {error}");
        assert!(error.advice().is_some_and(|advice| advice.contains("1000000")), "{name}: {error}");
    }
}

#[test]
fn scores_of_a_model_file_are_shares() {
    let model = small(settings());
    let body = body_of(&model);
    let settings = model.provenance().settings().as_bytes();
    let start = (0..body.len()).find(|at| body[*at..].starts_with(settings)).unwrap() + settings.len();
    let scores = [model.provenance().stance_macro_f1(), model.provenance().sentiment_macro_f1()];
    for (score, at) in scores.into_iter().zip([start + 1, start + 10]) {
        assert_eq!(body[at - 1], 1);
        assert_eq!(body[at..at + 8], score.unwrap().to_le_bytes());
        let with = |value: f64| [&body[..at], &value.to_le_bytes(), &body[at + 8..]].concat();
        [f64::NAN, f64::INFINITY, -0.1, 1.1].map(with).iter().for_each(|body| refused(body));
        [0.0, 1.0].map(with).iter().for_each(|body| drop(Model::from_bytes(&checks::sealed(body)).unwrap()));
    }
}

fn faulty(read: Result<Corpus, Error>, line: usize, field: &str) {
    let error = read.unwrap_err();
    assert_eq!((error.kind(), error.line(), error.field()), (ErrorKind::Data, Some(line), Some(field)), "{error}");
    assert!(error.advice().is_some(), "{error}");
}

#[test]
fn a_form_that_is_given_often_is_sought_once() {
    let mentions = vec!["\"a\""; 10_000].join(",");
    let text = "a ".repeat(20_000);
    let line = format!("{{\"text\":\"{text}\",\"actors\":[{{\"name\":\"A\",\"mentions\":[{mentions}]}}]}}");
    let corpus = Corpus::from_jsonl(&line).unwrap();
    assert_eq!(corpus.passages()[0].actors()[0].spans().len(), 20_000);
}

#[test]
fn the_spans_of_a_passage_are_bounded() {
    let actor = |name: usize, how: &str| format!("{{\"name\":\"A{name}\",{how}}}");
    let jsonl = |text: &str, actors: &[String]| {
        Corpus::from_jsonl(&format!("\n{{\"text\":\"{text}\",\"actors\":[{}]}}", actors.join(",")))
    };
    let text = "a ".repeat(20_000);
    // Two actors have a span for each byte; the third has too many.
    let named: Vec<String> = (0..1500).map(|name| actor(name, "\"mentions\":[\"a\"]")).collect();
    faulty(jsonl(&text, &named), 2, "actors[2].mentions");
    assert_eq!(jsonl(&text, &named[..2]).unwrap().pairs(), 2);
    let spans: Vec<String> = (0..400).flat_map(|at| [format!("[{at},1000]"), format!("[{at},999]")]).collect();
    let spanned: Vec<String> = (0..3).map(|name| actor(name, &format!("\"spans\":[{}]", spans.join(",")))).collect();
    faulty(jsonl(&"a".repeat(1000), &spanned), 2, "actors[2]");

    let row = |name: usize| format!("{text},A{name},a\n");
    let rows: String = (0..4).map(row).collect();
    faulty(Corpus::from_csv(&format!("text,actor,mention\n{rows}")), 4, "mention");
    let corpus = Corpus::from_csv(&format!("text,actor,mention\n{}{}", row(0), row(1))).unwrap();
    assert_eq!(Corpus::from_jsonl(&corpus.to_jsonl()).unwrap().pairs(), 2);
}

#[test]
fn an_actor_needs_a_name_that_can_be_seen() {
    faulty(
        Corpus::from_jsonl("{\"text\":\"Oslo met.\",\"actors\":[{\"name\":\" \",\"mentions\":[\"Oslo\"]}]}"),
        1,
        "actors[0].name",
    );
    faulty(Corpus::from_jsonl("{\"text\":\" \",\"actors\":[]}"), 1, "text");
    faulty(Corpus::from_csv("text,actor,mention\nOslo met.,\u{2003},Oslo\n"), 2, "actor");
    faulty(Corpus::from_markup("[Oslo| |p|+] met.", "x"), 1, "markup");
}

#[test]
fn names_and_classes_of_a_file_are_not_empty() {
    let catalogue = |alias: &str| {
        let actor = format!(
            "{{\"id\":\"Q1\",\"iso\":null,\"kind\":\"state\",\"name\":\"A\",\"aliases\":[{alias}],\"demonyms\":[],\
             \"metonyms\":[],\"part_of\":null}}"
        );
        serde_json::from_str::<Catalogue>(&format!("[{actor}]"))
    };
    assert_eq!(catalogue("\"B\"").unwrap().actors()[0].aliases(), ["B"]);
    let error = catalogue("\"B\",\"\"").unwrap_err().to_string();
    assert!(error.contains("empty"), "{error}");

    let body = body_of(&small(settings()));
    refused(&patched(&body, b"\x06refuse\x05", b"\x00\x05"));
}

/// A class of its own for each number, in letters.
fn class(number: usize) -> String {
    let digit = |place: u32| char::from(b'a' + (number / 26usize.pow(place) % 26) as u8);
    (0..4).map(digit).collect()
}

#[test]
fn classes_of_cues_are_bounded() {
    const MOST: usize = 4096;
    let row = |number: usize| format!("agree {0}\tverb\t{0}\tp\t0\t0\t0\n", class(number));
    let table = |classes: usize| format!("{CUES}{}", (0..classes).map(row).collect::<String>());
    let grammar = "word\troles\tlemma\n";
    let error = Cues::from_tsv(&table(MOST + 1), grammar).unwrap_err();
    assert_eq!((error.kind(), error.line(), error.field()), (ErrorKind::Cues, Some(MOST + 2), Some("class")));
    assert!(error.advice().is_some(), "{error}");

    let cues = Cues::from_tsv(&table(MOST), grammar).unwrap();
    let model = trainer().cues(cues).fit(&Corpus::read(TINY).unwrap()).unwrap().into_model();
    let body = body_of(&model);
    Model::from_bytes(&checks::sealed(&body)).unwrap();
    // The classes as they lie in the file: their number, then each with its length before it.
    let classes: Vec<u8> = (0..MOST).flat_map(|number| format!("\u{4}{}", class(number)).into_bytes()).collect();
    let more = [&classes[..], b"\x04more"].concat();
    refused(&patched(&body, &[&[0x80, 0x20], &classes[..]].concat(), &[&[0x81, 0x20], &more[..]].concat()));
}

/// What a program writes over stays whole under its other names: the new file is another one.
#[test]
fn programs_replace_files_as_a_whole() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let old = "Counts:\n<!-- counts -->\n<!-- end of counts -->\n";
    let programs: [(&str, &[&str], &str, &str); 4] = [
        ("lint", &[TINY], "--into", "counts.md"),
        ("explain", &["data/samples/peace-plan.txt"], "--out", "why.txt"),
        ("report_card", &["--train", TINY, "--test", TINY], "--out", "card.md"),
        ("evaluate", &["--data", TINY], "--plots", "stance-reliability.svg"),
    ];
    for (program, arguments, option, name) in programs {
        fs::write(path(name), old).unwrap();
        fs::hard_link(path(name), path("kept")).unwrap();
        let target = if option == "--plots" { path("") } else { path(name) };
        printed(run(program, &[arguments, &[option, &target]].concat()));
        assert_eq!(fs::read_to_string(path("kept")).unwrap(), old, "{program}");
        assert_ne!(fs::read_to_string(path(name)).unwrap(), old, "{program}");
        fs::remove_file(path("kept")).unwrap();
    }
    let left_over = |entry: &fs::DirEntry| entry.file_name().to_string_lossy().ends_with(".part");
    assert!(!fs::read_dir(folder.path()).unwrap().any(|entry| left_over(&entry.unwrap())));
}
