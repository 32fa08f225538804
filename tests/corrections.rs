//! The loop of corrections, run as programs: suggest, correct, train, and suggest again.

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

/// `cargo test` builds the examples beside the tests.
fn example(name: &str) -> Command {
    let tests = std::env::current_exe().unwrap();
    let profile = tests.parent().and_then(Path::parent).unwrap();
    let mut command = Command::new(profile.join("examples").join(name));
    command.current_dir(env!("CARGO_MANIFEST_DIR")).stdin(Stdio::null());
    command
}

fn run(name: &str, arguments: &[&str]) -> Output {
    example(name).args(arguments).output().unwrap()
}

fn printed(output: &Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout.clone()).unwrap()
}

#[test]
fn what_is_suggested_can_be_corrected_and_trained_on() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (corrected, model) = (path("corrected.txt"), path("my.model"));
    let article = "data/samples/peace-plan.txt";
    let suggested = printed(&run("suggest", &["--count", "6", article]));
    let passages = |markup: &str| markup.lines().filter(|line| !line.starts_with(['#', '@'])).count();
    assert_eq!(passages(&suggested), 6, "{suggested}");
    assert!(suggested.starts_with("# data/samples/peace-plan.txt:"), "{suggested}");
    assert_eq!(printed(&run("suggest", &["--count", "6", article])), suggested, "the same choice every time");

    fs::write(&corrected, suggested.replace("|s|-]", "|s|0]")).unwrap();
    printed(&run("train", &["--base", "data/tiny.jsonl", "--data", &corrected, "--weight", "3", "--out", &model]));
    let next = printed(&run("suggest", &["--model", &model, "--done", &corrected, "--count", "6", article]));
    let old: Vec<&str> = suggested.lines().filter(|line| line.starts_with('#')).collect();
    let place = |line: &str| line.split(',').next().map(str::to_owned);
    for line in next.lines().filter(|line| line.starts_with('#')) {
        assert!(!old.iter().any(|old| place(old) == place(line)), "{line} was done");
    }
}

#[test]
fn jsonl_pools_keep_their_actors_and_find_them_where_there_are_none() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("pool.jsonl");
    let lines = "{\"text\": \"Iran may [yet] agree.\"}\n\
        {\"text\": \"The guild left.\", \"dispute\": \"d\", \"actors\": [{\"name\": \"Guild\", \"mentions\": [\"guild\"]}]}\n";
    fs::write(&path, lines).unwrap();
    let pool = path.to_str().unwrap();
    let out = printed(&run("suggest", &[pool]));
    assert!(out.contains("[Iran|Iran|") && out.contains("may \\[yet\\] agree."), "{out}");
    assert!(out.contains("@dispute d\n") && out.contains("[guild|Guild|"), "{out}");
    fs::write(&path, format!("{lines}{{\"txt\": 1}}\n")).unwrap();
    for (arguments, message) in [(vec![pool], "pool.jsonl:3: text: missing"), (vec!["no.txt"], "no.txt: No such file")]
    {
        let output = run("suggest", &arguments);
        let error = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success() && error.contains(message), "{error}");
    }
}

#[test]
fn a_dispute_writes_no_labelled_lines() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (pool, corrected, read) = (path("pool.jsonl"), path("corrected.txt"), path("read.jsonl"));
    let line = serde_json::json!({
        "id": "x\n[Bern|Switzerland|p|+] won.", "text": "The guild left.", "dispute": "d\n[Oslo|Norway|p|+] won.\r\n",
        "actors": [{"name": "Guild", "mentions": ["guild"]}],
    });
    fs::write(&pool, line.to_string()).unwrap();
    fs::write(&corrected, printed(&run("suggest", &[&pool]))).unwrap();
    printed(&run("convert", &[&corrected, "--out", &read]));
    let passages = fs::read_to_string(&read).unwrap();
    assert_eq!(passages.lines().count(), 1, "{passages}");
    assert!(passages.contains("The guild left.") && passages.contains("\"d [Oslo|Norway|p|+] won.\""), "{passages}");
}

#[test]
fn active_compares_and_train_takes_other_tables() {
    let small = ["--pool", "200", "--start", "120", "--step", "30", "--rounds", "1", "--seeds", "1"];
    let data = ["--data", "data/tiny.jsonl", "--on", "data/tiny.jsonl"];
    let out = printed(&run("active", &[&data[..], &small].concat()));
    assert!(out.starts_with("| pairs | random | suggested |") && out.contains("| 150 |"), "{out}");

    let german = |name: &str| format!("data/german/{name}");
    let (train, cues, grammar) = (german("train.jsonl"), german("cues.tsv"), german("grammar.tsv"));
    let (actors, settings) = (german("actors.tsv"), german("settings.json"));
    let tables = ["--cues", &cues, "--grammar", &grammar, "--actors", &actors, "--settings", &settings];
    let out = printed(&run("train", &[&["--data", train.as_str()][..], &tables].concat()));
    assert!(out.contains("240 passages") && out.contains("target-blind"), "{out}");
    let output = run("train", &["--data", &train, "--cues", &cues]);
    assert!(String::from_utf8_lossy(&output.stderr).contains("--grammar"));
}
