//! `explain` as a program: its sums add up, its flips flip, its output is safe to look at.

mod programs;

use std::fs;
use std::process::Output;

use demarche::{Classifier, Corpus, Model, Span, Trainer};
use serde_json::Value;

use crate::programs::{failed, outlives_its_reader, printed, run, run_on, samples};

/// The sums of an explanation are `f64`, the judgement's own are `f32`: the log-odds of a judgement are as exact as that.
const LOG_ODDS: f64 = 1e-6;
/// Both sides are `f64`.
const EXACT: f64 = 1e-9;

fn explain(arguments: &[&str]) -> Output {
    run("explain", arguments)
}

fn explain_on(arguments: &[&str], input: &[u8]) -> Output {
    run_on("explain", arguments, input)
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("no number: {value}"))
}

fn values(list: &Value) -> f64 {
    list.as_array().unwrap().iter().map(|entry| number(&entry["value"])).sum()
}

fn span(pair: &Value) -> Span {
    serde_json::from_value(pair.clone()).unwrap()
}

/// The passage without these spans, and its mentions moved, letter by letter: the plain way.
fn rewritten(text: &str, start: usize, mentions: &[Span], removed: &[Span]) -> (String, Vec<Span>) {
    let is_kept = |at: usize| !removed.iter().any(|span| span.range().contains(&(start + at)));
    let kept: String = text.char_indices().filter(|(at, _)| is_kept(*at)).map(|(_, c)| c).collect();
    let moved = |at: usize| (0..at - start).filter(|&at| is_kept(at)).count();
    (kept, mentions.iter().map(|mention| Span::new(moved(mention.start()), moved(mention.end()))).collect())
}

#[test]
fn sums_add_up_and_flips_flip() {
    let classifier = Classifier::new(Model::bundled().unwrap());
    let (mut judgements, mut flips, mut odds, mut shares) = (0, 0, 0.0f64, 0.0f64);
    for sample in samples() {
        for head in ["stance", "sentiment"] {
            let out = printed(explain(&["--format", "json", "--head", head, sample.to_str().unwrap()]));
            assert!(out.lines().count() > 10, "{}", sample.display());
            for line in out.lines() {
                let line: Value = serde_json::from_str(line).unwrap();
                judgements += 1;
                let (explanation, judged) = (&line["explanation"], &line["judgement"][head]);
                let [label, runner_up] = ["label", "runner_up"].map(|key| explanation[key].as_str().unwrap());
                assert_eq!(judged["label"], label);
                let log_odds = number(&explanation["log_odds"]);
                let ratio = number(&judged[label]) / number(&judged[runner_up]);
                assert!((log_odds - ratio.ln()).abs() < EXACT, "{line}");
                let terms = values(&explanation["terms"]);
                odds = odds.max((number(&explanation["base"]) + terms - log_odds).abs());
                shares = shares.max((values(&explanation["words"]) - terms).abs());

                let Some(removed) = line["flip"]["removed"].as_array() else { continue };
                flips += 1;
                let text = line["text"].as_str().unwrap();
                let mentions: Vec<Span> = line["judgement"]["mentions"].as_array().unwrap().iter().map(span).collect();
                let removed: Vec<Span> = removed.iter().map(span).collect();
                let (kept, mentions) =
                    rewritten(text, span(&line["judgement"]["passage"]).start(), &mentions, &removed);
                let verdict = classifier.judge(&kept, &mentions);
                let again = match head {
                    "stance" => verdict.stance().unwrap().label().to_string(),
                    _ => verdict.sentiment().unwrap().label().to_string(),
                };
                assert_eq!(line["flip"]["label"], again, "{kept}");
                assert_ne!(label, again, "{kept}");
            }
        }
    }
    println!("{judgements} judgements, {flips} flips; log-odds off by {odds:.1e}, words by {shares:.1e} at most");
    assert!(flips > judgements / 2, "{flips} flips of {judgements} judgements");
    assert!(shares < EXACT, "words do not sum to the terms: {shares:e}");
    assert!(odds < LOG_ODDS, "terms do not sum to the log-odds: {odds:e}");
}

#[test]
fn colours_and_marks_show_the_same_passage() {
    let text = "Moscow refused to negotiate, but Kyiv agreed to the talks at once.";
    let marked = printed(explain_on(&[], text.as_bytes()));
    assert!(marked.contains("Russia: skeptical") && marked.contains("log-odds"), "{marked}");
    assert!(marked.contains("[+") && marked.contains("<Moscow>") && !marked.contains('\x1b'), "{marked}");
    assert!(marked.contains("cue \"refused to negotiate\": refuse, agent"), "{marked}");
    assert_eq!(marked, printed(explain_on(&["--color", "never"], text.as_bytes())));

    let coloured = printed(explain_on(&["--color", "always"], text.as_bytes()));
    assert!(coloured.contains("\x1b[") && coloured.contains("\x1b[0m"), "{coloured}");
    let (first, rest) = coloured.split_once('\x1b').unwrap();
    let stripped: String = rest.split('\x1b').filter_map(|part| Some(part.split_once('m')?.1)).collect();
    let stripped = format!("{first}{stripped}");
    assert_eq!(stripped.matches(text).count(), 2, "{stripped}");

    let one = printed(explain_on(&["--actor", "ukraine", "--top", "1"], text.as_bytes()));
    assert!(one.contains("Ukraine: pro") && !one.contains("Russia") && one.contains("terms more"), "{one}");
    let none = explain_on(&["--actor", "Atlantis"], text.as_bytes());
    assert!(String::from_utf8_lossy(&none.stderr).contains("note: no passage names Atlantis"));
    let steering = printed(explain_on(&[], "Moscow \x1b[2Jrefused \u{7}talks.".as_bytes()));
    assert!(!steering.contains('\x1b') && !steering.contains('\u{7}'), "{steering:?}");
}

#[test]
fn any_target_can_be_explained() {
    let text = "The rebels refused to negotiate. Moscow agreed to the talks.";
    let arguments = ["--format", "json", "--target", "the rebels", "--target", "Atlantis"];
    let output = explain_on(&arguments, text.as_bytes());
    assert_eq!(String::from_utf8_lossy(&output.stderr), "note: no passage names Atlantis\n");
    let line: Value = serde_json::from_str(printed(output).trim_end()).unwrap();
    assert_eq!(line["judgement"]["actor"], "the rebels");
    assert_eq!(line["judgement"]["stance"]["label"], "skeptical", "{line}");
    assert_eq!(line["flip"]["removed"].as_array().map(Vec::is_empty), Some(false), "{line}");
}

#[test]
fn explanations_are_printed_as_they_are_made() {
    // Held together they would take some gigabytes; a reader that leaves ends it all the same.
    let folder = tempfile::tempdir().unwrap();
    let long = folder.path().join("long.txt");
    fs::write(&long, "Moscow refused to negotiate.\n\n".repeat(400_000)).unwrap();
    let start = std::time::Instant::now();
    for format in ["text", "json", "html"] {
        outlives_its_reader("explain", &["--format", format, long.to_str().unwrap()]);
    }
    assert!(start.elapsed().as_secs() < 60, "{:?}", start.elapsed());
}

#[test]
fn a_page_stands_alone() {
    let text = "Moscow refused <script>alert(\"talks\" & 'more')</script> to negotiate.\n\nKyiv agreed to talks.";
    let page = printed(explain_on(&["--format", "html"], text.as_bytes()));
    assert!(page.starts_with("<!doctype html>") && page.ends_with("</html>\n"), "{page}");
    for outside in ["<script", "<link", "<img", "<iframe", "src=", "href=", "url(", "://", "@import", "onclick"] {
        assert!(!page.contains(outside), "{outside}: {page}");
    }
    for part in ["&lt;", "&gt;", "&quot;", "&amp;", "&#39;", "color-scheme:light dark", "name=\"viewport\"", "title=\""]
    {
        assert!(page.contains(part), "{part}: {page}");
    }
    for tag in ["article", "mark", "table", "details", "ul", "li", "q", "p", "tr", "td", "span"] {
        let opened = page.matches(&format!("<{tag}>")).count() + page.matches(&format!("<{tag} ")).count();
        assert_eq!(opened, page.matches(&format!("</{tag}>")).count(), "{tag}");
    }
    assert_eq!(page.matches("<article>").count(), 2);

    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("why.html");
    let sample = &samples()[0];
    printed(explain(&["--format", "html", "--out", out.to_str().unwrap(), sample.to_str().unwrap()]));
    assert!(fs::read_to_string(&out).unwrap().matches("<article>").count() > 10);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left beside it");
}

#[test]
fn faults_are_told_with_their_place() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    assert!(failed(explain(&["missing.txt"])).contains("missing.txt: No such file"));
    assert!(failed(explain(&[folder.path().to_str().unwrap()])).contains("this is a directory"));
    fs::write(path("latin1.txt"), b"one\n\ncaf\xe9").unwrap();
    assert!(failed(explain(&[&path("latin1.txt")])).contains("latin1.txt: line 3: byte 8 is not UTF-8"));
    assert!(failed(explain_on(&["--out", &path("no/why.html")], b"Moscow agreed.")).contains("why.html: No such file"));

    let labelled = "text,actor,sentiment,group\nOslo was praised for its courage.,Oslo,positive,a\n\
                    Oslo was blamed for the failure.,Oslo,negative,b\nBern was praised for its patience.,Bern,positive,c\n\
                    Bern was blamed for the scandal.,Bern,negative,d\n";
    let trained = Trainer::shipped().unwrap().fit(&Corpus::from_csv(labelled).unwrap()).unwrap();
    trained.model().write(path("sentiment.model")).unwrap();
    let model = path("sentiment.model");
    let error = failed(explain_on(&["--model", &model], b"France was praised."));
    assert!(error.contains("the model has no stance head"), "{error}");
    let out = printed(explain_on(&["--model", &model, "--head", "sentiment"], b"France was praised."));
    assert!(out.contains("France: "), "{out}");

    let samples = samples();
    outlives_its_reader("explain", &samples.iter().map(|path| path.to_str().unwrap()).collect::<Vec<_>>());
}
