//! The report page: whatever the articles hold, it is well-formed, says what went in, and nothing of it is markup.

use std::path::Path;
use std::process::{Command, Output, Stdio};

use demarche::report::{Article, Report};
use demarche::{Classifier, Model};
use proptest::prelude::*;

/// A piece of a page: a tag with its name, or text.
#[derive(Debug, PartialEq)]
enum Piece<'h> {
    Open(&'h str),
    Close(&'h str),
    Text(&'h str),
}

const VOID: [&str; 3] = ["meta", "br", "hr"];

/// Cuts a page into tags and text, as simply as possible; panics at what is no tag.
fn pieces(html: &str) -> Vec<Piece<'_>> {
    let mut found = Vec::new();
    let mut rest = html.strip_prefix("<!doctype html>").expect("a doctype");
    while !rest.is_empty() {
        let (text, after) = rest.split_at(rest.find('<').unwrap_or(rest.len()));
        if !text.is_empty() {
            found.push(Piece::Text(text));
        }
        if after.is_empty() {
            break;
        }
        let end = after.find('>').expect("a tag that ends");
        let tag = &after[1..end];
        assert!(!tag.contains('<'), "{tag}");
        let name_end = tag.trim_start_matches('/').find([' ', '/']);
        let name = tag.trim_start_matches('/');
        let name = &name[..name_end.unwrap_or(name.len())];
        assert!(!name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric()), "<{tag}>");
        if tag.starts_with('/') {
            found.push(Piece::Close(name));
        } else {
            found.push(Piece::Open(name));
            if tag.ends_with('/') || VOID.contains(&name) {
                found.push(Piece::Close(name));
            }
        }
        rest = &after[end + 1..];
        if name == "style" && !tag.starts_with('/') {
            rest = &rest[rest.find("</style>").expect("a style that ends")..];
        }
    }
    found
}

/// Every tag is closed by its own name, in order; no script.
fn assert_well_formed(html: &str) {
    let mut open = Vec::new();
    for piece in pieces(html) {
        match piece {
            Piece::Open(name) => {
                assert_ne!(name, "script");
                open.push(name);
            }
            Piece::Close(name) => assert_eq!(open.pop(), Some(name)),
            Piece::Text(_) => {}
        }
    }
    assert!(open.is_empty(), "{open:?}");
}

/// The text of a page, references to characters resolved, white space as one blank.
fn text(html: &str) -> String {
    let pieces = pieces(html).into_iter();
    let text: String =
        pieces.filter_map(|piece| if let Piece::Text(text) = piece { Some(text) } else { None }).collect();
    let plain = text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&#39;", "'");
    plain.replace("&amp;", "&").split_whitespace().collect::<Vec<_>>().join(" ")
}

fn classifier() -> &'static Classifier {
    static CLASSIFIER: std::sync::OnceLock<Classifier> = std::sync::OnceLock::new();
    CLASSIFIER.get_or_init(|| Classifier::new(Model::bundled().unwrap()).targets(["<b>Iran</b>", "\"Bern\" & 'Oslo'"]))
}

fn report(title: &str, articles: &[(String, String)]) -> Report {
    let mut report = Report::new(title);
    for (source, text) in articles {
        let article = Article::new(text.clone()).with_source(source.clone()).with_title(source.clone());
        let judgements = classifier().classify(text);
        report.add(article, judgements).unwrap();
    }
    report
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn nothing_that_comes_in_is_markup(
        title in "[a-z<>&\"'/ ]{1,20}",
        articles in prop::collection::vec(
            ("[a-z<>&\"'/=]{1,12}", "([a-z<>&\"'/. ]|<b>Iran</b> refused|\"Bern\" & 'Oslo' agreed|<script>){1,12}"),
            0..4,
        ),
    ) {
        let report = report(&title, &articles);
        let html = report.to_html();
        assert_well_formed(&html);
        prop_assert_eq!(&html, &report.to_html());
        let title = title.split_whitespace().collect::<Vec<_>>().join(" ");
        prop_assert!(text(&html).contains(&title), "{:?}", title);
        for (source, _) in &articles {
            prop_assert!(text(&html).contains(source.as_str()), "{:?}", source);
        }
    }
}

#[test]
fn an_empty_report_says_so() {
    let html = Report::new("Nothing").to_html();
    assert_well_formed(&html);
    assert!(text(&html).contains("No article was given"), "{}", text(&html));
}

#[test]
fn spans_of_another_text_are_refused() {
    let judgements = classifier().classify("<b>Iran</b> refused to negotiate at length.");
    assert!(!judgements.is_empty());
    let error = Report::new("x").add(Article::new("Short."), judgements).unwrap_err();
    assert_eq!(error.kind(), demarche::ErrorKind::Data);
}

fn run(arguments: &[&str]) -> Output {
    let tests = std::env::current_exe().unwrap();
    let profile = tests.parent().and_then(Path::parent).unwrap();
    let mut command = Command::new(profile.join("examples/report"));
    command.current_dir(env!("CARGO_MANIFEST_DIR")).args(arguments).stdin(Stdio::null()).output().unwrap()
}

/// The sample: twelve articles of six weeks, several sources.
#[test]
fn the_sample_month_becomes_a_page() {
    let folder = tempfile::tempdir().unwrap();
    let page = folder.path().join("month.html");
    let arguments =
        ["--catalogue", "data/samples/month-actors.tsv", "--date", "2026-11-22", "data/samples/month.jsonl"];
    let output = run(&[&arguments[..], &["--out", page.to_str().unwrap()]].concat());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let html = std::fs::read_to_string(&page).unwrap();
    assert_well_formed(&html);
    let articles = std::fs::read_to_string("data/samples/month.jsonl").unwrap().lines().count();
    let counted = |what: &str| html.matches(what).count();
    assert_eq!(counted("<h1"), 1);
    assert!(counted("<svg") > 3 && counted("<table") >= 2 && counted("<mark") > articles, "{}", html.len());
    for actor in ["Ethiopia", "Egypt", "Selam Woldu"] {
        assert!(text(&html).contains(actor), "{actor}");
    }
    assert!(!html.contains("http-equiv=\"refresh\"") && !html.contains("<link") && !html.contains("src="));
    let again = run(&arguments);
    assert_eq!(String::from_utf8(again.stdout).unwrap(), html);
}

#[test]
fn faults_of_articles_are_located() {
    let folder = tempfile::tempdir().unwrap();
    let cases =
        [("{\"text\": 5}\n", ":1:"), ("{\"text\": \"a\"}\n{\"text\": \"b\", \"date\": \"2026-13-01\"}\n", ":2:")];
    for (lines, place) in cases {
        let path = folder.path().join("bad.jsonl");
        std::fs::write(&path, lines).unwrap();
        let output = run(&[path.to_str().unwrap()]);
        let message = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success() && message.contains(place), "{message}");
    }
}
