//! Checks labelled files and counts what is in them.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Parser;
use demarche::stance::{Label, Linter};
use demarche::{Sentiment, Stance};

mod options;

use options::plain::{plain, say};
use options::{end, Outcome};

/// Checks labelled files: faults, near-duplicates, leaks between parts; and counts what is in them.
#[derive(Parser)]
#[command(name = "lint")]
struct Arguments {
    /// Labelled files, or folders whose subfolders are the parts (train, development, test …).
    #[arg(required = true)]
    paths: Vec<PathBuf>,
    /// Write the counts into this file too, between the lines `<!-- counts -->` and `<!-- end of counts -->`.
    #[arg(long)]
    into: Option<PathBuf>,
}

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(0) => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => end(Err(error)),
    }
}

/// Tells the counts and the findings; returns how many findings there are.
fn run(arguments: &Arguments) -> Outcome<usize> {
    let mut linter = Linter::default();
    for path in &arguments.paths {
        if path.is_dir() {
            read_folder(&mut linter, path).map_err(|error| format!("{}: {error}", path.display()))?;
        } else {
            linter.read("", path);
        }
    }
    let table = counts(&linter);
    say(table.trim_end())?;
    if let Some(file) = &arguments.into {
        insert(&table, file)?;
    }
    let findings = linter.findings();
    findings.iter().try_for_each(|finding| say(plain(&finding.to_string())))?;
    say(format!("{} findings", findings.len()))?;
    Ok(findings.len())
}

/// A subfolder of this name holds articles, not labels.
const ARTICLES: &str = "samples";

/// Each subfolder is a part of its own; only its labelled files are read.
fn read_folder(linter: &mut Linter, folder: &Path) -> io::Result<()> {
    for part in sorted(folder)?.into_iter().filter(|path| path.is_dir()) {
        let name = part.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if name == ARTICLES {
            continue;
        }
        for file in sorted(&part)?.into_iter().filter(|path| path.extension().is_some_and(|ending| ending == "jsonl")) {
            linter.read(&name, file);
        }
    }
    Ok(())
}

fn sorted(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut paths = fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>()?;
    paths.sort();
    Ok(paths)
}

/// Passages, pairs and labels of a part or kind.
#[derive(Default)]
struct Counts {
    passages: usize,
    pairs: usize,
    stance: [usize; 3],
    sentiment: [usize; 3],
    disputes: std::collections::BTreeSet<String>,
}

/// A table of counts in Markdown, one row for each part and kind.
fn counts(linter: &Linter) -> String {
    let mut rows: BTreeMap<(String, String), Counts> = BTreeMap::new();
    for (part, _, corpus) in linter.files() {
        let part = plain(part);
        for passage in corpus.passages() {
            let kind = plain(passage.kind().unwrap_or("-"));
            let all = "all".to_owned();
            for row in
                [(part.clone(), kind.clone()), (part.clone(), all.clone()), (all.clone(), kind), (all.clone(), all)]
            {
                let counts = rows.entry(row).or_default();
                counts.passages += 1;
                counts.disputes.extend(passage.dispute().map(str::to_owned));
                for actor in passage.actors() {
                    counts.pairs += 1;
                    if let Some(stance) = actor.stance() {
                        counts.stance[stance.class()] += 1;
                    }
                    if let Some(sentiment) = actor.sentiment() {
                        counts.sentiment[sentiment.class()] += 1;
                    }
                }
            }
        }
    }
    let labels: Vec<String> =
        Stance::ALL.iter().map(Stance::to_string).chain(Sentiment::ALL.iter().map(Sentiment::to_string)).collect();
    let mut table = format!("| part | kind | passages | pairs | disputes | {} |\n", labels.join(" | "));
    table.push_str(&format!("|{}\n", "---|".repeat(5 + labels.len())));
    for ((part, kind), counts) in rows {
        let disputes = counts.disputes.len();
        table.push_str(&format!("| {part} | {kind} | {} | {} | {disputes} |", counts.passages, counts.pairs));
        for count in counts.stance.iter().chain(&counts.sentiment) {
            table.push_str(&format!(" {:.1} % |", 100.0 * *count as f64 / counts.pairs.max(1) as f64));
        }
        table.push('\n');
    }
    table
}

/// Replaces what stands between the two marks of a file.
fn insert(table: &str, path: &Path) -> Outcome {
    let text = fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let parts = text
        .split_once("<!-- counts -->")
        .and_then(|(head, rest)| rest.split_once("<!-- end of counts -->").map(|(_, tail)| (head, tail)));
    let Some((head, tail)) = parts else {
        return Err(format!("{}: the two marks for the counts are missing", path.display()).into());
    };
    let whole = format!("{head}<!-- counts -->\n{table}<!-- end of counts -->{tail}");
    Ok(demarche::replace_file(path, whole.as_bytes())?)
}
