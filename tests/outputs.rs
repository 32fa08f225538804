//! What the programs write beside the labels: charts, and warnings with their place; and that no program minds a reader
//! that leaves.

mod programs;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::{Output, Stdio};

use programs::{printed, program, run};

const TINY: &str = "data/tiny.jsonl";
const MODEL: &str = "models/demarche.model";
const ARTICLE: &str = "data/samples/peace-plan.txt";

/// Every program with arguments for a quick run that prints.
const RUNS: [(&str, &[&str]); 18] = [
    ("active", &["--data", TINY, "--on", TINY, "--start", "60", "--step", "10", "--rounds", "1", "--seeds", "1"]),
    ("agreement", &[]),
    ("classify", &[ARTICLE]),
    ("classify", &["--cameo", "--format", "csv", ARTICLE]),
    ("compare", &["--new", MODEL, "--data", TINY]),
    ("convert", &[TINY]),
    ("curve", &["--data", TINY, "--on", TINY]),
    ("evaluate", &["--data", TINY]),
    ("evaluate", &["--data", TINY, "--json"]),
    ("evaluate", &["--data", "data/contrast/checklist.jsonl", "--by", "capability"]),
    ("explain", &[ARTICLE]),
    ("explain", &["--format", "html", ARTICLE]),
    ("lint", &[TINY]),
    ("lint", &[TINY, TINY]),
    ("report", &[ARTICLE]),
    ("report_card", &["--train", TINY, "--test", TINY, "--contrast", "data/contrast/checklist.jsonl"]),
    ("suggest", &[ARTICLE]),
    ("train", &["--data", TINY]),
];

/// With a reader of its output that has gone before anything is printed.
fn run_unread(name: &str, arguments: &[&str]) -> Output {
    let mut child = program(name).args(arguments).stdin(Stdio::null()).spawn().unwrap();
    drop(child.stdout.take());
    child.wait_with_output().unwrap()
}

#[test]
fn no_program_minds_a_reader_that_leaves() {
    let mut left: BTreeSet<String> = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("examples"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "rs") || path.join("main.rs").exists())
        .map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    for (name, arguments) in RUNS {
        left.remove(name);
        let output = run_unread(name, arguments);
        let error = String::from_utf8(output.stderr).unwrap();
        assert!(!error.contains("panicked") && !error.contains("error"), "{name} {arguments:?}: {error}");
        // Repeats are findings, read or unread.
        let findings = arguments == [TINY, TINY];
        assert_eq!(output.status.code(), Some(i32::from(findings)), "{name} {arguments:?}: {error}");
    }
    assert!(left.is_empty(), "not tried: {left:?}");
}

#[test]
fn work_is_finished_without_its_reader() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (model, curve, counts) = (path("my.model"), path("curve.svg"), path("counts.md"));
    fs::write(&counts, "<!-- counts --><!-- end of counts -->").unwrap();
    assert!(run_unread("train", &["--data", TINY, "--out", &model]).status.success());
    assert!(run_unread("curve", &["--data", TINY, "--on", TINY, "--plot", &curve]).status.success());
    run_unread("lint", &[TINY, "--into", &counts]);
    assert!(Path::new(&model).exists() && Path::new(&path("my.md")).exists());
    assert!(fs::read_to_string(&counts).unwrap().contains("| all |"));
    let words = svg_words(&fs::read_to_string(&curve).unwrap());
    assert!(words.contains(&"training pairs (log scale)".to_owned()), "{words:?}");
}

/// The texts of an SVG file, with those of its title and description first; fails on what is not well-formed XML.
fn svg_words(svg: &str) -> Vec<String> {
    let (mut open, mut words, mut roots) = (Vec::new(), Vec::new(), 0);
    let mut rest = svg.trim();
    while let Some(start) = rest.find('<') {
        let text = &rest[..start];
        assert!(!text.contains('>') && (text.trim().is_empty() || !open.is_empty()), "{text}");
        if matches!(open.last(), Some(&"title" | &"desc" | &"text")) && !text.trim().is_empty() {
            words.push(unescaped(text.trim()));
        }
        let end = rest.find('>').expect("a tag that ends");
        let tag = &rest[start + 1..end];
        rest = &rest[end + 1..];
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop(), Some(name));
            continue;
        }
        let (tag, is_empty) = tag.strip_suffix('/').map_or((tag, false), |tag| (tag, true));
        let (name, mut attributes) = tag.split_once(char::is_whitespace).unwrap_or((tag, ""));
        assert!(!name.is_empty() && name.chars().all(char::is_alphanumeric), "{tag}");
        let mut names = BTreeSet::new();
        while !attributes.trim().is_empty() {
            let (name, value) = attributes.trim_start().split_once("=\"").expect("a value");
            let (value, after) = value.split_once('"').expect("a value that ends");
            assert!(names.insert(name) && !value.contains('<'), "{tag}");
            unescaped(value);
            attributes = after;
        }
        roots += usize::from(open.is_empty());
        if !is_empty {
            open.push(name);
        }
    }
    assert!(open.is_empty() && rest.is_empty() && roots == 1, "{open:?} {rest:?}");
    words
}

fn unescaped(text: &str) -> String {
    let mut parts = text.split('&');
    let mut out = parts.next().unwrap_or("").to_owned();
    for part in parts {
        let (entity, after) = part.split_once(';').expect("an entity that ends");
        let known = [("amp", "&"), ("lt", "<"), ("gt", ">"), ("quot", "\""), ("apos", "'"), ("#39", "'")];
        out += known.iter().find(|(name, _)| *name == entity).expect("a known entity").1;
        out += after;
    }
    out
}

#[test]
fn evaluate_draws_three_charts_of_each_head() {
    let folder = tempfile::tempdir().unwrap();
    let plots = folder.path().join("a/plots");
    let printed_with = printed(run("evaluate", &["--data", TINY, "--plots", plots.to_str().unwrap()]));
    assert_eq!(printed_with, printed(run("evaluate", &["--data", TINY])), "the figures are the same");
    assert_eq!(fs::read_dir(&plots).unwrap().count(), 6);
    for head in ["stance", "sentiment"] {
        for (chart, title, axes) in [
            ("confusion", "Confusion of", ["predicted label (pairs, % of the true label)", "true label"]),
            ("reliability", "Reliability of", ["predicted probability (%)", "pairs that are of the label (%)"]),
            ("risk-coverage", "Risk and coverage of", ["coverage: pairs decided (%)", "risk: wrong among these (%)"]),
        ] {
            let svg = fs::read_to_string(plots.join(format!("{head}-{chart}.svg"))).unwrap();
            assert!(
                svg.starts_with("<svg") && svg.contains("role=\"img\"") && svg.contains("prefers-color-scheme:dark")
            );
            let words = svg_words(&svg);
            assert_eq!(words[0], format!("{title} {head}"));
            assert!(words[1].contains(" of ") || words[1].starts_with("Of "), "a description: {}", words[1]);
            assert!(words[2..].contains(&words[0]), "the title stands above the chart: {words:?}");
            for axis in axes {
                assert!(words.iter().any(|word| word == axis), "{axis}: {words:?}");
            }
            // What is drawn has a colour of its own where the browser is dark.
            let style = svg.split("<style>").nth(1).and_then(|rest| rest.split("</style>").next()).unwrap();
            let drawn = svg.split("</style>").nth(1).unwrap();
            for colour in drawn.split("=\"#").skip(1).map(|rest| &rest[..6]) {
                assert!(style.contains(&format!("fill=\"#{colour}\"")), "#{colour}");
            }
        }
    }
}

#[test]
fn warnings_say_file_and_line() {
    let folder = tempfile::tempdir().unwrap();
    let first = folder.path().join("first.jsonl");
    let line = "{\"text\":\"Oslo met.\",\"sort\":1,\"actors\":[{\"name\":\"Oslo\",\"mentions\":[\"Oslo\"],\"stance\":\"pro\"}]}\n";
    fs::write(&first, line).unwrap();
    let second = folder.path().join("second.csv");
    fs::write(&second, "text,actor,stance\nOslo met.,Oslo,pro\nOslo met.,Oslo,neutral\n").unwrap();
    let [first, second] = [&first, &second].map(|path| path.to_str().unwrap());
    let told = [
        format!("warning: {first}:1: unknown field \"sort\" is left out\n"),
        format!("warning: {second}:3: \"Oslo\" is labelled for the same text at line 2 already; both count\n"),
    ];
    for (name, arguments) in [
        ("convert", &[first, second][..]),
        ("evaluate", &["--data", first, second]),
        ("compare", &["--new", MODEL, "--data", first, second]),
        ("train", &["--data", first, second]),
    ] {
        let error = String::from_utf8(run(name, arguments).stderr).unwrap();
        assert!(error.starts_with(&told.concat()), "{name}: {error}");
    }
    let found = String::from_utf8(run("lint", &[first, second]).stdout).unwrap();
    assert!(
        found.contains(&format!("{first}:1: unknown field")) && found.contains(&format!("{second}:3: ")),
        "{found}"
    );
}
