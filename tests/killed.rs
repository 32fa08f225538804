//! Training writes its model as a whole: killed at whatever moment, it leaves the old file or the new one.
#![cfg(unix)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use demarche::Model;

/// Kills, unless the environment says otherwise: `DEMARCHE_KILLS=200 cargo test --test killed`.
const ROUNDS: u64 = 20;
/// Quick to train; the file is large enough for its writing to take a while.
const SETTINGS: &str = r#"{"folds": 2, "stance": {"tolerance": 0.1}, "sentiment": {"tolerance": 0.1}}"#;

fn train(folder: &Path) -> Command {
    let tests = std::env::current_exe().unwrap();
    let profile = tests.parent().and_then(Path::parent).unwrap();
    let mut command = Command::new(profile.join("examples/train"));
    command.current_dir(env!("CARGO_MANIFEST_DIR")).args(["--data", "data/tiny.jsonl"]);
    command.arg("--settings").arg(folder.join("settings.json")).arg("--out").arg(folder.join("out/my.model"));
    command.stdout(Stdio::null()).stderr(Stdio::null());
    command
}

fn parts(folder: &Path) -> Vec<PathBuf> {
    let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    paths.filter(|path| path.extension().is_some_and(|ending| ending == "part")).collect()
}

#[test]
fn a_killed_training_leaves_the_old_model_or_the_new_one() {
    let rounds = std::env::var("DEMARCHE_KILLS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(ROUNDS);
    let folder = tempfile::tempdir().unwrap();
    let (out, model) = (folder.path().join("out"), folder.path().join("out/my.model"));
    fs::create_dir(&out).unwrap();
    fs::write(folder.path().join("settings.json"), SETTINGS).unwrap();
    let started = Instant::now();
    assert!(train(folder.path()).status().unwrap().success());
    let whole = started.elapsed();
    let (old, new) = (fs::read("tests/files/format-2.model").unwrap(), fs::read(&model).unwrap());
    let card = fs::read(out.join("my.md")).unwrap();

    let (mut olds, mut halves) = (0, 0);
    for round in 1..=rounds {
        fs::write(&model, &old).unwrap();
        let _ = fs::remove_file(out.join("my.md"));
        let mut child = train(folder.path()).spawn().unwrap();
        let chance = round.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32;
        if round % 2 == 0 {
            // At any moment of the run.
            std::thread::sleep(whole.mul_f64(1.1 * chance as f64 / f64::from(u32::MAX)));
        } else {
            // While it writes.
            while parts(&out).is_empty() && child.try_wait().unwrap().is_none() {
                std::thread::sleep(Duration::from_micros(20));
            }
            std::thread::sleep(Duration::from_micros(chance % 2000));
        }
        child.kill().unwrap();
        child.wait().unwrap();

        let found = fs::read(&model).unwrap();
        assert!(found == old || found == new, "round {round}: {} bytes that are neither model", found.len());
        olds += u64::from(found == old);
        for path in parts(&out) {
            let half = fs::read(&path).unwrap();
            let is_card = card.starts_with(&half);
            assert!(half == new || is_card || Model::from_bytes(&half).is_err(), "round {round}: half a model is read");
            halves += 1;
            fs::remove_file(path).unwrap();
        }
        for entry in fs::read_dir(&out).unwrap().map(|entry| entry.unwrap().path()) {
            let is_card = entry.ends_with("my.md") && fs::read(&entry).unwrap() == card;
            assert!(entry == model || is_card, "round {round}: {} was left", entry.display());
        }
    }
    println!("{rounds} kills: {olds} left the old model, {} the new one, {halves} a part", rounds - olds);
}
