//! What the programs say to people: it steers no terminal, it may go unread, and it tells of what was asked for in vain.

mod programs;

use std::fs;
use std::process::Stdio;

use programs::program;

#[test]
fn no_program_minds_a_standard_error_that_nobody_reads() {
    let folder = tempfile::tempdir().unwrap();
    let warned = folder.path().join("warned.jsonl");
    fs::write(&warned, "{\"text\":\"Oslo met.\",\"sort\":1,\"actors\":[{\"name\":\"Oslo\",\"mentions\":[\"Oslo\"]}]}\n")
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
