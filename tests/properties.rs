//! What must not change a judgement, and what must never come out of one. The cases are the same in every run.
//!
//! | property | cases |
//! |---|---|
//! | `a_stream_is_judged_alike_however_it_is_cut` | 300 |
//! | `windows_line_ends_change_nothing` | 300 |
//! | `a_paragraph_more_changes_no_other` | 300 |
//! | `a_model_read_back_gives_the_same_bits` | 300 |
//! | `judgements_of_odd_text_are_sound` | 300 |
//! | `finite_margins_give_probabilities` | 2000 |
//! | `other_margins_give_the_uniform_distribution` | 2000 |
//! | `a_calibration_fits_any_finite_margins` | 200 |
//! | `training_gives_finite_numbers_or_an_error` | 150 |
//!
//! The last four are in `numbers.rs`. `cargo test --test properties the_table -- --nocapture` prints this table.

// The other checks are for tests/hostile.rs.
#[allow(dead_code)]
#[path = "hostile/checks.rs"]
mod checks;

use std::io::{BufRead, Read};
use std::path::Path;
use std::process::Command;
use std::sync::OnceLock;

use demarche::text::Unit;
use demarche::{Classifier, Corpus, ErrorKind, Judgement, Model, Trainer};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

fn cases(cases: u32) -> ProptestConfig {
    ProptestConfig { cases, rng_seed: RngSeed::Fixed(1), failure_persistence: None, ..ProptestConfig::default() }
}

fn bundled() -> &'static Classifier {
    static CLASSIFIER: OnceLock<Classifier> = OnceLock::new();
    CLASSIFIER.get_or_init(|| Classifier::new(Model::bundled().unwrap()))
}

/// A model fresh from training, and its bytes read back.
fn trained() -> &'static [Classifier; 2] {
    static CLASSIFIERS: OnceLock<[Classifier; 2]> = OnceLock::new();
    CLASSIFIERS.get_or_init(|| {
        let model = Trainer::shipped().unwrap().fit(&Corpus::read("data/tiny.jsonl").unwrap()).unwrap().into_model();
        let again = Model::from_bytes(&model.to_bytes().unwrap()).unwrap();
        [Classifier::new(model), Classifier::new(again)]
    })
}

/// One paragraph of news, more or less, with whatever Unicode has to offer between its words.
fn paragraph() -> impl Strategy<Value = String> {
    let name = prop::sample::select(vec![
        "Russia",
        "the U.S.",
        "Iran's",
        "South Sudan",
        "Hun Sen.",
        "TURKEY",
        "Türkiye’s",
        "Moscow",
        "NATO,",
        "Hamas",
    ]);
    let word = prop::sample::select(vec![
        "agreed",
        "to",
        "talks",
        "rejected",
        "the truce",
        "would not",
        "but",
        "walked out.",
        "said:",
        "\"We refuse.\"",
        "was blamed by",
        "and",
        "Gen. A. Khan",
        "on Friday.",
        "3.5",
        "https://x.org/a.",
        "10,000",
        "Hardly?",
    ]);
    let odd = prop::sample::select(vec![
        "\u{301}",
        "\u{200d}",
        "\u{202e}",
        "\0",
        "\u{feff}",
        "\u{a0}",
        "\u{2028}",
        "إيران",
        "北京说",
        "👍🏽",
        "МИД",
        "ﬁ",
        "İ",
        "'",
        "’s",
        "-",
        "—",
    ]);
    let piece = prop_oneof![3 => name, 5 => word, 1 => odd];
    prop::collection::vec((piece, prop::sample::select(vec![" ", " ", " ", "", "\n"])), 1..24)
        .prop_map(|pieces| pieces.into_iter().flat_map(|(piece, gap)| [piece, gap]).collect())
}

fn article() -> impl Strategy<Value = Vec<String>> {
    prop::collection::vec(paragraph(), 1..5)
}

fn unit() -> impl Strategy<Value = Unit> {
    prop::sample::select(vec![Unit::Sentence, Unit::Paragraph, Unit::default()])
}

/// Id, place of passage and mentions, bits of the probabilities.
type Trace = (String, Vec<(usize, usize)>, Vec<u64>);

fn trace(judgement: &Judgement, place: impl Fn(usize) -> usize) -> Trace {
    let spans = std::iter::once(judgement.passage()).chain(judgement.mentions().iter().copied());
    let heads = [judgement.stance().map(|d| d.probabilities()), judgement.sentiment().map(|d| d.probabilities())];
    (
        judgement.actor().id().to_owned(),
        spans.map(|span| (place(span.start()), place(span.end()))).collect(),
        heads.into_iter().flatten().flatten().map(f64::to_bits).collect(),
    )
}

fn traces(classifier: &Classifier, text: &str) -> Vec<Trace> {
    classifier.classify(text).iter().map(|judgement| trace(judgement, |at| at)).collect()
}

fn streamed(classifier: &Classifier, reader: impl BufRead) -> Vec<Trace> {
    let mut found = Vec::new();
    let mut worker = classifier.worker();
    let each = |judgement: &Judgement, _: &str| {
        found.push(trace(judgement, |at| at));
        Ok::<(), demarche::Error>(())
    };
    worker.classify_stream(reader, each).unwrap();
    found
}

/// A stream that comes in pieces of these lengths, over and over.
struct Pieces<'t> {
    rest: &'t [u8],
    lengths: Vec<usize>,
    next: usize,
    left: usize,
}

impl Read for Pieces<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let read = self.fill_buf()?.read(buffer)?;
        self.consume(read);
        Ok(read)
    }
}

impl BufRead for Pieces<'_> {
    fn fill_buf(&mut self) -> std::io::Result<&[u8]> {
        if self.left == 0 {
            self.left = self.lengths[self.next % self.lengths.len()].min(self.rest.len());
            self.next += 1;
        }
        Ok(&self.rest[..self.left])
    }

    fn consume(&mut self, read: usize) {
        self.rest = &self.rest[read..];
        self.left -= read;
    }
}

proptest! {
    #![proptest_config(cases(300))]

    #[test]
    fn a_stream_is_judged_alike_however_it_is_cut(
        article in article(),
        lengths in prop::collection::vec(1usize..40, 1..8),
        unit in unit(),
    ) {
        let text = article.join("\n\n");
        let text = text.trim_start_matches('\u{feff}');
        let classifier = bundled().clone().unit(unit);
        let expected = traces(&classifier, text);
        let pieces = |rest| Pieces { rest, lengths: lengths.clone(), next: 0, left: 0 };
        prop_assert_eq!(&streamed(&classifier, pieces(text.as_bytes())), &expected);
        // A byte-order mark moves everything by its three bytes.
        let marked = format!("\u{feff}{text}");
        let moved: Vec<_> = classifier.classify(text).iter().map(|judgement| trace(judgement, |at| at + 3)).collect();
        prop_assert_eq!(streamed(&classifier, pieces(marked.as_bytes())), moved);
    }

    #[test]
    fn windows_line_ends_change_nothing(article in article(), unit in unit()) {
        let text = article.join("\n\n");
        let classifier = bundled().clone().unit(unit);
        let dos = text.replace('\n', "\r\n");
        let back = |at: usize| at - dos[..at].matches('\r').count();
        let found: Vec<_> = classifier.classify(&dos).iter().map(|judgement| trace(judgement, back)).collect();
        prop_assert_eq!(found, traces(&classifier, &text));
    }

    #[test]
    fn a_paragraph_more_changes_no_other(article in article(), added in paragraph(), at in 0usize..5, unit in unit()) {
        let at = at.min(article.len());
        let classifier = bundled().clone().unit(unit);
        let before: usize = article[..at].iter().map(|paragraph| paragraph.len() + 2).sum();
        let longer = [&article[..at], std::slice::from_ref(&added), &article[at..]].concat().join("\n\n");
        let shift = added.len() + 2;
        let others: Vec<Trace> = classifier
            .classify(&longer)
            .iter()
            .filter(|judgement| judgement.passage().end() <= before || judgement.passage().start() >= before + shift)
            .map(|judgement| trace(judgement, |place| if place >= before + shift { place - shift } else { place }))
            .collect();
        prop_assert_eq!(others, traces(&classifier, &article.join("\n\n")));
    }

    #[test]
    fn a_model_read_back_gives_the_same_bits(article in article(), unit in unit()) {
        let text = article.join("\n\n");
        let [fresh, again] = trained().clone().map(|classifier| traces(&classifier.unit(unit), &text));
        prop_assert_eq!(fresh, again);
    }

    #[test]
    fn judgements_of_odd_text_are_sound(article in article(), unit in unit(), target in "\\PC{0,6}") {
        let text = article.join("\n\n");
        let classifier = bundled().clone().unit(unit);
        checks::sound(&text, &classifier.classify(&text));
        checks::sound(&text, &classifier.targets([target, "the truce".to_owned()]).classify(&text));
    }
}

#[test]
fn mentions_at_the_first_and_the_last_byte() {
    let cases: &[(&str, &[&str])] = &[
        ("Iran", &["Iran"]),
        ("Iran\n", &["Iran"]),
        ("Iran agreed; so did Iraq", &["Iran", "Iraq"]),
        ("\u{301}Iran\u{200f} and Iraq\u{200e}", &["Iran", "Iraq"]),
        // A name with an accent that it does not have is another word.
        ("Iran\u{301} agreed", &[]),
    ];
    for (text, expected) in cases {
        let found = bundled().classify(text);
        let names: Vec<_> = found.iter().flat_map(|j| j.mentions()).filter_map(|mention| mention.slice(text)).collect();
        assert_eq!(names, *expected, "{text:?}");
    }
    let text = "رفضت إيران العرض. وافقت إيران";
    let found = bundled().clone().unit(Unit::Paragraph).targets(["إيران"]).classify(text);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].mentions().len(), 2);
    assert_eq!(found[0].mentions()[1].end(), text.len());
}

/// A worker forgets its words past some tens of thousands; what it knew of them must go with them.
#[test]
fn a_worker_that_has_read_much_judges_as_a_fresh_one_does() {
    let mut worker = bundled().worker();
    for part in 0..1_500 {
        let words: Vec<String> = (0..100).map(|word| format!("w{part}x{word}")).collect();
        assert!(!worker.classify(&format!("Iran said {}.", words.join(" "))).is_empty());
    }
    for article in ["data/samples/peace-plan.txt", "data/samples/agency-roundup.txt"] {
        let text = std::fs::read_to_string(article).unwrap();
        assert_eq!(worker.classify(&text), bundled().classify(&text));
    }
}

#[test]
fn surrogates_in_json_are_paired_or_refused() {
    let line =
        |text: &str| format!("{{\"text\":\"Oslo {text}\",\"actors\":[{{\"name\":\"N\",\"mentions\":[\"Oslo\"]}}]}}");
    for alone in ["\\ud800", "\\udc00", "\\udc00\\ud800", "\\ud800x", "\\ud800\\n"] {
        let error = Corpus::from_jsonl(&format!("\n{}", line(alone))).unwrap_err();
        assert_eq!((error.kind(), error.line()), (ErrorKind::Data, Some(2)), "{alone}");
    }
    assert_eq!(Corpus::from_jsonl(&line("\\ud83d\\udc4d\\u0000")).unwrap().passages()[0].text(), "Oslo 👍\0");
}

#[test]
fn the_number_of_threads_does_not_show() {
    let tests = std::env::current_exe().unwrap();
    let train = tests.parent().and_then(Path::parent).unwrap().join("examples/train");
    let folder = tempfile::tempdir().unwrap();
    let file = |threads: &str| {
        let out = folder.path().join(threads);
        let mut command = Command::new(&train);
        command.current_dir(env!("CARGO_MANIFEST_DIR")).env("RAYON_NUM_THREADS", threads);
        // Several files: more passages than one task reads.
        command.args(["--data", "data/tiny.jsonl", "data/contrast/checklist.jsonl", "--out"]).arg(&out);
        let output = command.output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        std::fs::read(out).unwrap()
    };
    let one = file("1");
    assert!(one == file("2") && one == file("3"));
}

#[test]
fn the_table_of_properties_is_right() {
    let source = include_str!("properties.rs");
    let mut table = "| property | cases |\n|---|---|\n".to_owned();
    for file in [source, include_str!("numbers.rs")] {
        let (mut name, mut cases) = ("", None);
        for line in file.lines() {
            let number = |start: &str| line.strip_prefix(start).and_then(|rest| rest.split_once(')')).map(|(n, _)| n);
            let function = line.trim_start().strip_prefix("fn ").and_then(|rest| rest.split_once('('));
            let own = number("    let mut runner = TestRunner::new(cases(");
            name = function.map_or(name, |(name, _)| name);
            cases = number("    #![proptest_config(cases(").or(cases).filter(|_| line != "}");
            if let Some(cases) = own.or(cases.filter(|_| function.is_some())) {
                table += &format!("| `{name}` | {cases} |\n");
            }
        }
    }
    println!("{table}");
    let documented: String =
        source.lines().filter_map(|line| line.strip_prefix("//! |")).map(|row| format!("|{row}\n")).collect();
    assert_eq!(documented, table);
}
