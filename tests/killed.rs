//! Training writes its model as a whole: killed at whatever moment, it leaves the old file or the new one.
#![cfg(unix)]

use std::fs;
use std::os::unix::process::ExitStatusExt;
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

/// The same command, killed by the system when it writes more than so many blocks of half a KiB to a file (in some shells, of
/// one KiB).
fn limited(command: &Command, blocks: usize) -> Command {
    let mut limited = Command::new("sh");
    limited.args(["-c", "ulimit -c 0 && ulimit -f \"$0\" && exec \"$@\""]).arg(blocks.to_string());
    limited.arg(command.get_program()).args(command.get_args()).current_dir(command.get_current_dir().unwrap());
    limited.stdout(Stdio::null()).stderr(Stdio::null());
    limited
}

#[test]
fn a_killed_training_leaves_the_old_model_or_the_new_one() {
    let rounds = std::env::var("DEMARCHE_KILLS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(ROUNDS).max(4);
    let folder = tempfile::tempdir().unwrap();
    let (out, model) = (folder.path().join("out"), folder.path().join("out/my.model"));
    fs::create_dir(&out).unwrap();
    fs::write(folder.path().join("settings.json"), SETTINGS).unwrap();
    let started = Instant::now();
    assert!(train(folder.path()).status().unwrap().success());
    let whole = started.elapsed();
    let (old, new) = (fs::read("tests/files/format-2.model").unwrap(), fs::read(&model).unwrap());
    let card = fs::read(out.join("my.md")).unwrap();

    let (mut olds, mut news, mut halves, mut met) = (0, 0, 0, 0);
    for round in 0..rounds {
        fs::write(&model, &old).unwrap();
        let _ = fs::remove_file(out.join("my.md"));
        let share = round as f64 / rounds as f64;
        let last = round == rounds - 1;
        let cut = !last && round % 3 == 2;
        if last {
            // After its end.
            assert!(train(folder.path()).status().unwrap().success());
        } else if cut {
            // Within the file, at a place that is spread over it.
            let blocks = 1 + (share * (new.len() / 1024 - 1) as f64) as usize;
            let status = limited(&train(folder.path()), blocks).status().unwrap();
            assert!(status.signal().is_some(), "round {round}: {status}");
        } else {
            let mut child = train(folder.path()).spawn().unwrap();
            if round % 3 == 0 {
                // At a moment that is spread over the run.
                std::thread::sleep(whole.mul_f64(1.3 * share));
            } else {
                // While it writes.
                while parts(&out).is_empty() && child.try_wait().unwrap().is_none() {
                    std::thread::sleep(Duration::from_micros(20));
                }
                met += u64::from(!parts(&out).is_empty());
                std::thread::sleep(Duration::from_micros((2000.0 * share) as u64));
            }
            child.kill().unwrap();
            child.wait().unwrap();
        }

        let found = fs::read(&model).unwrap();
        assert!(found == old || found == new, "round {round}: {} bytes that are neither model", found.len());
        assert!(found == old || !cut, "round {round}: the new model was too long to be written");
        assert!(found == new || !last, "the training was not killed");
        *(if found == old { &mut olds } else { &mut news }) += 1;
        let left = parts(&out);
        assert!(!cut || left.len() == 1, "round {round}: {left:?}");
        for path in left {
            let half = fs::read(&path).unwrap();
            let is_card = card.starts_with(&half);
            assert!(half == new || is_card || Model::from_bytes(&half).is_err(), "round {round}: half a model is read");
            assert!(!cut || (!half.is_empty() && half.len() < new.len() && new.starts_with(&half)), "round {round}");
            halves += 1;
            fs::remove_file(path).unwrap();
        }
        for entry in fs::read_dir(&out).unwrap().map(|entry| entry.unwrap().path()) {
            let is_card = entry.ends_with("my.md") && fs::read(&entry).unwrap() == card;
            assert!(entry == model || is_card, "round {round}: {} was left", entry.display());
        }
    }
    println!("{rounds} kills: {olds} left the old model, {news} the new one, {halves} a part; {met} met it writing");
    // Certain, whatever else the machine does: a third are cut short within the file, and the last is left alone.
    assert!(olds >= (rounds - 1) / 3 && halves >= (rounds - 1) / 3 && news >= 1);
}
