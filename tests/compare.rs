//! `compare` as a program: its tables are what the library counts.

mod programs;

use demarche::learn::mcnemar;
use demarche::{Classifier, Corpus, Evaluation, Model, Trainer};

use crate::programs::{failed, outlives_its_reader, printed, run, samples};

const DATA: &str = "data/tiny.jsonl";

/// The three rows of the table below this line.
fn table(out: &str, head: &str) -> Vec<Vec<usize>> {
    let lines = out.lines().skip_while(|line| !line.starts_with(&format!("{head}: "))).skip(2).take(3);
    lines.map(|line| line.split_whitespace().skip(1).map(|cell| cell.parse().unwrap()).collect()).collect()
}

/// Rows that are right, of all.
fn right(evaluation: &Evaluation) -> (usize, usize) {
    let confusion = evaluation.stance().unwrap().confusion();
    ((0..3).map(|class| confusion.count(class, class)).sum(), confusion.total())
}

#[test]
fn flips_are_counted_as_the_library_counts() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tiny.model");
    let corpus = Corpus::read(DATA).unwrap();
    let model = Trainer::shipped().unwrap().fit(&corpus).unwrap().into_model();
    model.write(&path).unwrap();
    let path = path.to_str().unwrap();

    let out = printed(run("compare", &["--new", path, "--top", "1000", "--data", DATA]));
    let (old, new) = (Classifier::new(Model::bundled().unwrap()), Classifier::new(model));
    let ((old, pairs), (new, _)) = (right(&old.evaluate(&corpus)), right(&new.evaluate(&corpus)));
    let stance = table(&out, "stance");
    assert_eq!(stance.iter().flatten().sum::<usize>(), pairs);
    let flips = pairs - (0..3).map(|class| stance[class][class]).sum::<usize>();
    assert!(out.contains(&format!("stance: {flips} of {pairs} judgements flip")), "{out}");
    let accuracies = format!("accuracy {:.3} → {:.3}", old as f64 / pairs as f64, new as f64 / pairs as f64);
    assert!(out.contains(&accuracies), "{accuracies}: {out}");
    let counts = out.lines().find(|line| line.contains(" flips mend")).unwrap();
    let numbers: Vec<usize> = counts.split_whitespace().filter_map(|word| word.parse().ok()).collect();
    let [mended, broken] = numbers[..2] else { panic!("{counts}") };
    assert_eq!(mended + old, broken + new);
    let p = mcnemar(mended, broken);
    let told = if p < 0.001 { "p < 0.001".to_owned() } else { format!("p = {p:.3}") };
    assert!(counts.ends_with(&told), "{counts}");
    assert_eq!(table(&out, "sentiment").iter().flatten().sum::<usize>(), corpus.pairs());

    // The largest changes come first.
    let group: Vec<&str> =
        out.lines().skip_while(|line| *line != "largest changes:").skip(1).step_by(2).take(pairs).collect();
    let sizes: Vec<f64> = group.iter().map_while(|line| line.get(2..6)?.parse().ok()).collect();
    assert!(sizes.len() > 10 && sizes.is_sorted_by(|a, b| a >= b), "{sizes:?}");
    outlives_its_reader("compare", &["--new", path, "--top", "1000", "--data", DATA]);
}

#[test]
fn a_model_does_not_differ_from_itself() {
    let samples = samples();
    let mut arguments = vec!["--old", "models/demarche.model", "--new", "models/demarche.model"];
    arguments.extend(samples.iter().map(|path| path.to_str().unwrap()));
    let out = printed(run("compare", &arguments));
    assert!(out.contains("; 0 by the old one only, 0 by the new one"), "{out}");
    assert!(out.contains("stance: 0 of ") && out.contains("sentiment: 0 of "), "{out}");
    assert!(!out.contains("largest changes") && !out.contains("labelled"), "{out}");
}

#[test]
fn faults_are_told() {
    let model = ["--new", "models/demarche.model"];
    let error = failed(run("compare", &[&model[..], &["missing.txt"]].concat()));
    assert!(error.contains("missing.txt: No such file"), "{error}");
    let folder = tempfile::tempdir().unwrap();
    let latin1 = folder.path().join("latin1.txt");
    std::fs::write(&latin1, b"one\n\ncaf\xe9").unwrap();
    let error = failed(run("compare", &[&model[..], &[latin1.to_str().unwrap()]].concat()));
    assert!(error.contains("latin1.txt: line 3: byte 8 is not UTF-8"), "{error}");
    let error = failed(run("compare", &["--new", "README.md", "--data", DATA]));
    assert!(error.contains("README.md") && error.contains("no demarche model"), "{error}");
    assert!(!run("compare", &model).status.success(), "there is nothing to judge");
}
