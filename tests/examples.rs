//! Every example, run as a program: what it prints, and what it says of bad input.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;

/// `cargo test` builds the examples beside the tests.
fn example(name: &str) -> Command {
    let tests = std::env::current_exe().unwrap();
    let profile = tests.parent().and_then(Path::parent).unwrap();
    let mut command = Command::new(profile.join("examples").join(name));
    command.current_dir(env!("CARGO_MANIFEST_DIR"));
    command
}

fn run(name: &str, arguments: &[&str]) -> Output {
    example(name).args(arguments).stdin(Stdio::null()).output().unwrap()
}

fn run_on(name: &str, arguments: &[&str], input: &[u8]) -> Output {
    let mut child = example(name)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_vec();
    let writer = std::thread::spawn(move || stdin.write_all(&input));
    let output = child.wait_with_output().unwrap();
    // The program may have stopped reading at an error.
    let _ = writer.join().unwrap();
    output
}

fn printed(output: &Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn samples() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/samples");
    let mut found: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    found.retain(|path| path.extension().is_some_and(|ending| ending == "txt"));
    found.sort();
    found
}

#[test]
fn classify_prints_a_judgement_a_line_with_spans_into_the_file() {
    for sample in samples() {
        let text = fs::read_to_string(&sample).unwrap();
        let out = printed(&run("classify", &["--format", "jsonl", sample.to_str().unwrap()]));
        assert!(out.lines().count() > 10, "{}", sample.display());
        for line in out.lines() {
            let line: Value = serde_json::from_str(line).unwrap();
            let (start, end) = (line["passage"]["start"].as_u64().unwrap(), line["passage"]["end"].as_u64().unwrap());
            assert_eq!(line["passage"]["text"], text[start as usize..end as usize]);
            for mention in line["mentions"].as_array().unwrap() {
                let (from, to) = (mention[0].as_u64().unwrap(), mention[1].as_u64().unwrap());
                assert!(start <= from && to <= end && text.get(from as usize..to as usize).is_some());
            }
            for (head, labels) in
                [("stance", ["pro", "skeptical", "neutral"]), ("sentiment", ["positive", "neutral", "negative"])]
            {
                let sum: f64 = labels.iter().map(|label| line[head][label].as_f64().unwrap()).sum();
                assert!((sum - 1.0).abs() < 1e-6);
                assert!(labels.contains(&line[head]["label"].as_str().unwrap()));
            }
        }
    }
}

#[test]
fn classify_reads_pipes_files_and_options_alike() {
    let sample = samples().remove(0);
    let text = fs::read_to_string(&sample).unwrap();
    let judged = |out: String| -> Vec<Value> {
        let drop_file = |line: &str| {
            let mut value: Value = serde_json::from_str(line).unwrap();
            value["file"] = Value::Null;
            value
        };
        out.lines().map(drop_file).collect()
    };
    let from_file = judged(printed(&run("classify", &["--format", "jsonl", sample.to_str().unwrap()])));
    let from_pipe = judged(printed(&run_on("classify", &["--format", "jsonl"], text.as_bytes())));
    assert_eq!(from_file, from_pipe);

    let table = printed(&run("classify", &[sample.to_str().unwrap()]));
    assert!(table.contains("verdict") && table.contains("passages"));
    let csv = printed(&run("classify", &["--format", "csv", sample.to_str().unwrap()]));
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    assert_eq!(reader.records().count(), from_file.len());

    let sentences = printed(&run("classify", &["--format", "jsonl", "--unit", "sentence", sample.to_str().unwrap()]));
    assert!(sentences.lines().count() >= from_file.len());
    let target = printed(&run_on("classify", &["--format", "jsonl", "--target", "the rebels"], b"So the rebels left."));
    assert_eq!(judged(target)[0]["mentions"], serde_json::json!([[3, 13]]));
    assert_eq!(printed(&run_on("classify", &["--format", "jsonl"], b"")), "");
}

#[test]
fn report_writes_one_page_from_any_kind_of_input() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let month = "data/samples/month.jsonl";
    let options =
        ["--catalogue", "data/samples/month-actors.tsv", "--date", "2026-11-22", "--title", "Six weeks <on> the river"];
    let page = printed(&run("report", &[&[month][..], &options].concat()));
    assert!(page.starts_with("<!doctype html>") && page.ends_with("</html>\n"));
    for part in
        ["<h1><bdi>Six weeks &lt;on&gt; the river</bdi></h1>", "Selam Woldu", "22 November 2026", "corpus digest"]
    {
        assert!(page.contains(part), "{part}");
    }
    let out = path("page.html");
    assert_eq!(printed(&run("report", &[&[month, "--out", &out][..], &options].concat())), "");
    assert_eq!(fs::read_to_string(&out).unwrap(), page, "the same input gives the same bytes");
    let piped = printed(&run_on("report", &[&["-"][..], &options].concat(), &fs::read(month).unwrap()));
    assert_eq!(piped, page);

    let texts = printed(&run("report", &["data/samples", "--unit", "sentence", "--no-metonyms", "--passages", "2"]));
    assert!(texts.contains("<dd>4</dd>") && texts.contains("peace-plan") && !texts.contains("class=\"plot\""));
    let target = printed(&run("report", &["data/samples/peace-plan.txt", "--target", "Nobody of This Name"]));
    assert!(target.contains("No known actor is named in 1 article,"));

    fs::write(path("bad.jsonl"), "{\"text\":\"a\"}\n{\"text\":\"b\",\"date\":\"May\"}\n").unwrap();
    fs::create_dir(path("empty")).unwrap();
    let (bad, empty) = (path("bad.jsonl"), path("empty"));
    let cases: &[(&[&str], &str)] = &[
        (&[&bad], "bad.jsonl:2: date: \"May\" is no date (write YYYY-MM-DD"),
        (&[&empty], "this folder has no .txt file"),
        (&["missing.txt"], "missing.txt: No such file"),
        (&[month, "--date", "2026-02-30"], "is no date"),
        (&[month, "--out", "missing/page.html"], "missing/page.html: No such file"),
        (&[], "required"),
    ];
    for (arguments, message) in cases {
        let output = run("report", arguments);
        let error = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success() && error.contains(message), "{arguments:?}: {error}");
        assert!(!error.contains("panicked"), "{error}");
    }
}

#[test]
fn train_and_evaluate_on_data_of_ones_own() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (first, second) = (path("first.model"), path("second.model"));
    let out = printed(&run("train", &["--data", "data/tiny.jsonl", "--out", &first]));
    for part in ["stance, cross-validated", "sentiment, cross-validated", "target-blind", "majority class"] {
        assert!(out.contains(part), "{out}");
    }
    printed(&run("train", &["--data", "data/tiny.jsonl", "--out", &second]));
    assert_eq!(fs::read(&first).unwrap(), fs::read(&second).unwrap(), "the same data give the same bytes");
    let card = fs::read_to_string(path("first.md")).unwrap();
    assert!(card.contains("# Model card") && card.contains("| target-blind |"));

    let json = printed(&run("evaluate", &["--data", "data/tiny.jsonl", "--model", &first, "--json"]));
    let report: Value = serde_json::from_str(&json).unwrap();
    for field in ["n", "accuracy", "macro_f1", "ece", "confusion", "per_class"] {
        assert!(!report["stance"][field].is_null(), "{field}");
    }
    assert!(report["stance"]["accuracy"].as_f64().unwrap() > 0.8, "it has learnt what it was trained on");

    let sentiment_only = path("mine.csv");
    fs::write(
        &sentiment_only,
        "text,actor,sentiment,group\n\
         Oslo was praised for its courage.,Oslo,positive,a\nOslo was blamed for the failure.,Oslo,negative,b\n\
         Bern was praised for its patience.,Bern,positive,c\nBern was blamed for the scandal.,Bern,negative,d\n\
         Bern has lakes.,Bern,neutral,e\nOslo has a harbour.,Oslo,neutral,f\n",
    )
    .unwrap();
    let out = printed(&run("train", &["--data", &sentiment_only, "--out", &second]));
    assert!(out.contains("stance: not labelled"), "{out}");
    let json = printed(&run("evaluate", &["--data", &sentiment_only, "--model", &second, "--json"]));
    assert!(serde_json::from_str::<Value>(&json).unwrap()["stance"].is_null());
    let json = printed(&run_on("classify", &["--model", &second, "--format", "jsonl"], b"France was praised."));
    assert!(serde_json::from_str::<Value>(&json).unwrap()["stance"].is_null());
    let page = printed(&run("report", &["--model", &second, "data/samples/peace-plan.txt"]));
    assert!(page.contains("Not judged") && page.contains("Sentiment") && !page.contains("Where they stand"));
    printed(&run("train", &["--data", &sentiment_only, "--base", "data/tiny.jsonl", "--weight", "3"]));
}

#[test]
fn bad_input_is_told_with_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, content: &[u8]| {
        let path = folder.path().join(name);
        fs::write(&path, content).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let line = |actors: &str| format!("{{\"text\":\"Pàris agreed.\",\"actors\":[{actors}]}}\n").into_bytes();
    let labelled: &[(&str, Vec<u8>, &str)] = &[
        (
            "broken.jsonl",
            [line(r#"{"name":"P","mentions":["agreed"]}"#), b"{\"text\":".to_vec()].concat(),
            ":2: column",
        ),
        (
            "label.jsonl",
            line(r#"{"name":"P","mentions":["agreed"],"stance":"maybe"}"#),
            ":1: actors[0].stance: unknown stance",
        ),
        (
            "mention.jsonl",
            line(r#"{"name":"P","mentions":["Rome"]}"#),
            ":1: actors[0].mentions: \"Rome\" does not stand in the text",
        ),
        (
            "outside.jsonl",
            line(r#"{"name":"P","spans":[[0,99]]}"#),
            ":1: actors[0].spans: [0, 99] lies outside the text",
        ),
        ("inside.jsonl", line(r#"{"name":"P","spans":[[0,2]]}"#), ":1: actors[0].spans: [0, 2] cuts a character"),
        ("reversed.jsonl", line(r#"{"name":"P","spans":[[3,1]]}"#), ":1: actors[0].spans: [3, 1] lies outside"),
        ("nowhere.jsonl", line(r#"{"name":"P","stance":"pro"}"#), ":1: actors[0]: \"P\" has no mention"),
        ("name.jsonl", line(r#"{"mentions":["agreed"]}"#), ":1: actors[0].name: missing or empty"),
        ("surrogate.jsonl", b"{\"text\":\"\\ud800\",\"actors\":[]}".to_vec(), ":1: column"),
        ("latin1.jsonl", b"{\"text\":\"caf\xe9\"}".to_vec(), ":1: byte 12 is not UTF-8"),
        ("empty.jsonl", Vec::new(), "there is no labelled passage"),
        ("one.jsonl", line(r#"{"name":"P","mentions":["agreed"],"stance":"pro"}"#).repeat(3), "one class"),
        ("small.jsonl", line(r#"{"name":"P","mentions":["agreed"],"stance":"pro"}"#), "no term is in 3 documents"),
        ("none.jsonl", line(r#"{"name":"P","mentions":["agreed"]}"#).repeat(3), "no pair is labelled"),
        ("columns.csv", b"text,stance\nA agreed.,pro\n".to_vec(), ":1: actor: this column is missing"),
        ("label.csv", b"text,actor,stance\nA agreed.,A,yes\n".to_vec(), ":2: stance: unknown stance"),
        ("cells.csv", b"text,actor,stance\nA agreed.,A\n".to_vec(), ":2: not CSV"),
        ("open.txt", b"[Moscow|Russia|s|- left.\n".to_vec(), ":1: markup: an open bracket"),
        ("directive.txt", b"@sort news\n".to_vec(), ":1: directive: unknown directive"),
    ];
    let model = folder.path().join("out.model");
    for (name, content, message) in labelled {
        let path = file(name, content);
        let output = run("train", &["--data", &path, "--out", model.to_str().unwrap()]);
        let error = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{name}: {error}");
        assert!(error.lines().any(|line| line.starts_with("error: ")) && error.contains(message), "{name}: {error}");
        assert!(!error.contains("panicked"), "{name}: {error}");
        assert!(!model.exists(), "{name}: nothing may be written");
    }
    let directory = folder.path().to_str().unwrap();
    let no_model = file("no.model", b"not a model");
    let latin1 = file("latin1.txt", b"one\n\ncaf\xe9 closed");
    let cases: &[(&[&str], &str)] = &[
        (&["missing.txt"], "missing.txt: No such file"),
        (&[directory], "this is a directory"),
        (&[&latin1], "line 3: byte 8 is not UTF-8"),
        (&["--model", &no_model, "-"], "this is no demarche model"),
        (&["--model", directory, "-"], "directory"),
        (&["--unit", "window:0", "-"], "unknown unit"),
    ];
    for (arguments, message) in cases {
        let output = run("classify", arguments);
        let error = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success() && error.contains(message), "{arguments:?}: {error}");
        assert!(!error.contains("panicked"), "{error}");
    }
}

#[test]
fn convert_lint_agreement_and_curve() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (markup, jsonl) = (path("mine.txt"), path("mine.jsonl"));
    fs::write(&markup, "@kind news\n[Oslo|Norway|p|0] agreed to talks with [Bern|Switzerland|n|0].\n").unwrap();
    printed(&run("convert", &[&markup, "--out", &jsonl]));
    let line: Value = serde_json::from_str(&fs::read_to_string(&jsonl).unwrap()).unwrap();
    assert_eq!(line["text"], "Oslo agreed to talks with Bern.");
    assert_eq!(line["actors"][1]["spans"], serde_json::json!([[26, 30]]));

    let counts = path("counts.md");
    fs::write(&counts, "before <!-- counts --> old <!-- end of counts --> after").unwrap();
    let out = printed(&run("lint", &[&jsonl, "--into", &counts]));
    assert!(out.contains("| news | 1 | 2 |") && out.ends_with("0 findings\n"), "{out}");
    let counts = fs::read_to_string(&counts).unwrap();
    assert!(counts.starts_with("before <!-- counts -->\n| part |") && counts.ends_with(" after"), "{counts}");

    // Leaks, contradictions and faults: each found, with its file and line.
    for part in ["train", "test"] {
        fs::create_dir(folder.path().join(part)).unwrap();
    }
    let passage = |stance: &str| {
        format!(
            "{{\"id\":\"{stance}\",\"text\":\"Oslo agreed to hold talks in the old town hall.\",\"dispute\":\"d\",\"sort\":1,\
             \"actors\":[{{\"name\":\"Norway\",\"mentions\":[\"Oslo\"],\"stance\":\"{stance}\"}}]}}\n"
        )
    };
    fs::write(folder.path().join("train/a.jsonl"), passage("pro")).unwrap();
    fs::write(folder.path().join("test/a.jsonl"), passage("neutral")).unwrap();
    fs::write(
        folder.path().join("test/b.jsonl"),
        "{\"text\":\"x\",\"actors\":[{\"name\":\"y\",\"mentions\":[\"z\"]}]}",
    )
    .unwrap();
    let output = run("lint", &[folder.path().to_str().unwrap()]);
    let out = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(1));
    for finding in [
        "dispute \"d\" of train is in test too",
        "\"Norway\" has other labels for the same text",
        "near-duplicate of",
        "unknown field \"sort\" is left out",
        "b.jsonl:1: actors[0].mentions: \"z\" does not stand in the text",
    ] {
        assert!(out.contains(finding), "{finding}: {out}");
    }

    let table = path("second.tsv");
    let head = "id\tkind\tactor\tfirst_stance\tfirst_sentiment\tsecond_stance\tsecond_sentiment\tthird_stance\tthird_sentiment\n";
    let rows =
        "1\tnews\tA\tpro\tneutral\tpro\tneutral\t\t\n2\tnews\tB\tneutral\tpositive\tpro\tpositive\tpro\tpositive\n";
    fs::write(&table, format!("{head}{rows}")).unwrap();
    let out = printed(&run("agreement", &[&table]));
    assert!(out.contains("stance: first, second") && out.contains("0.500"), "{out}");

    let plot = path("curve.svg");
    let out = printed(&run("curve", &["--data", "data/tiny.jsonl", "--on", "data/tiny.jsonl", "--plot", &plot]));
    assert_eq!(out.lines().count(), 6, "{out}");
    assert!(fs::read_to_string(&plot).unwrap().starts_with("<svg"));
}
