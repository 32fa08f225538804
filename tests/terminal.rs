//! What the programs say to people: it steers no terminal, it may go unread, and it tells of what was asked for in vain.

mod programs;

use std::fs;
use std::process::Stdio;

use programs::{printed, program, run, run_on};

const TINY: &str = "data/tiny.jsonl";

#[test]
fn no_program_minds_a_standard_error_that_nobody_reads() {
    let folder = tempfile::tempdir().unwrap();
    let warned = folder.path().join("warned.jsonl");
    fs::write(
        &warned,
        "{\"text\":\"Oslo met.\",\"sort\":1,\"actors\":[{\"name\":\"Oslo\",\"mentions\":[\"Oslo\"]}]}\n",
    )
    .unwrap();
    let runs: [(&str, &[&str], i32); 4] = [
        ("convert", &[warned.to_str().unwrap()], 0),
        ("suggest", &["data/samples/peace-plan.txt"], 0),
        ("explain", &["--actor", "Nobody of This Name", "data/samples/peace-plan.txt"], 0),
        ("classify", &["missing.txt"], 1),
    ];
    for (name, arguments, code) in runs {
        let mut child = program(name).args(arguments).stdin(Stdio::null()).spawn().unwrap();
        drop(child.stderr.take());
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(code), "{name} {arguments:?}");
    }
}

/// Whether a terminal would do something else than to show this.
fn steers(text: &str) -> bool {
    let turns = |c: char| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    text.chars().any(|c| turns(c) || (c.is_control() && c != '\n'))
}

#[test]
fn nothing_that_was_read_steers_the_terminal() {
    const EVIL: &str = "\u{1b}[2J\u{9b}31m\u{7}\u{202e}\u{2066}";
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, content: &str| {
        let path = folder.path().join(name);
        fs::write(&path, content).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let article = file(&format!("{EVIL}.txt"), &format!("Moscow {EVIL} refused {EVIL} to negotiate."));
    let row = format!("X1\t\tstate\tRus{EVIL}sia\tMoscow\t\t\t\nX2\t\tstate\tBern\tMoscow\t\t\t\n");
    let actors = file("actors.tsv", &format!("id\tiso\tkind\tname\taliases\tdemonyms\tmetonyms\tpart_of\n{row}"));
    let line = serde_json::json!({
        "id": EVIL, "text": format!("Oslo {EVIL} refused to negotiate."), "kind": EVIL, "capability": EVIL, EVIL: 1,
        "actors": [{"name": format!("Oslo{EVIL}"), "mentions": ["Oslo"], "stance": "pro", "sentiment": "neutral"}],
    });
    let labelled = file("labelled.jsonl", &format!("{line}\n{line}\n"));
    let small = file("small.model", "");
    fs::copy("tests/files/format-3.model", &small).unwrap();
    let missing = format!("missing{EVIL}.txt");
    let runs: [(&str, &[&str]); 10] = [
        ("classify", &[&article]),
        ("classify", &["--catalogue", &actors, &article]),
        ("classify", &[&missing]),
        ("compare", &["--new", &small, "--data", &labelled]),
        ("evaluate", &["--by", "kind", "--data", &labelled]),
        ("explain", &[&article]),
        ("explain", &["--actor", EVIL, &article]),
        ("lint", &[&labelled]),
        ("report_card", &["--train", &labelled, "--test", &labelled, "--contrast", &labelled]),
        ("suggest", &["--catalogue", &actors, &missing]),
    ];
    for (name, arguments) in runs {
        let output = run(name, arguments);
        let told = [output.stdout, output.stderr].map(|told| String::from_utf8(told).unwrap()).concat();
        assert!(!told.is_empty() && !steers(&told), "{name} {arguments:?}: {told:?}");
    }
    let suggested = printed(run("suggest", &[&labelled]));
    assert!(suggested.lines().any(|line| line.starts_with('#')), "{suggested}");
    assert!(suggested.lines().all(|line| !line.starts_with('#') || !steers(line)), "{suggested:?}");

    let exact = printed(run("classify", &["--format", "jsonl", &article]));
    let judged: serde_json::Value = serde_json::from_str(exact.lines().next().unwrap()).unwrap();
    assert_eq!(judged["file"], article, "what is written for machines stays as it was");
}

#[test]
fn no_cell_is_a_formula() {
    let folder = tempfile::tempdir().unwrap();
    let actors = folder.path().join("actors.tsv");
    let head = "id\tiso\tkind\tname\taliases\tdemonyms\tmetonyms\tpart_of";
    fs::write(&actors, format!("{head}\n@X1\t\tstate\t+Front\tRebels\t\t\t\n")).unwrap();
    let arguments = ["--format", "csv", "--catalogue", actors.to_str().unwrap()];
    let text = "=HYPERLINK(\"https://example.org\") said the Rebels.\n\n-1 for the Rebels.\n\nThe Rebels left.";
    let csv = printed(run_on("classify", &arguments, text.as_bytes()));
    let mut rows = csv::Reader::from_reader(csv.as_bytes());
    let rows: Vec<csv::StringRecord> = rows.records().map(|row| row.unwrap()).collect();
    let texts: Vec<&str> = rows.iter().map(|row| &row[row.len() - 1]).collect();
    let marked = ["'=HYPERLINK(\"https://example.org\") said the Rebels.", "'-1 for the Rebels.", "The Rebels left."];
    assert_eq!(texts, marked);
    assert!(rows.iter().all(|row| &row[0] == "-" && &row[3] == "'+Front" && &row[4] == "'@X1"), "{csv}");
}

#[test]
fn what_was_asked_for_in_vain_is_told() {
    for format in ["table", "jsonl", "csv"] {
        let arguments = ["--format", format, "--target", "the rebels", "--target", "Atlantis", "--target", "Mu"];
        let output = run_on("classify", &arguments, b"The rebels refused to talk.");
        let told = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.success());
        assert_eq!(told, "note: no passage names Atlantis\nnote: no passage names Mu\n");
    }
}

#[test]
fn a_model_of_few_pairs_is_told_of() {
    let told = |arguments: &[&str]| String::from_utf8(run("train", arguments).stderr).unwrap();
    let alone = told(&["--data", TINY]);
    assert!(alone.contains("pairs only, which are few (--base data/train/*.jsonl adds"), "{alone}");
    assert_eq!(told(&["--data", TINY, "--base", TINY]), "");
}
