//! The page of a report: well-formed whatever is in it, complete, the same bytes each time, readable.

mod page;

use std::collections::{BTreeMap, BTreeSet};

use demarche::actor::Metonyms;
use demarche::report::{Article, Report};
use demarche::{Catalogue, Classifier, ErrorKind, Judgement, Model};
use proptest::prelude::*;

use crate::page::Page;

/// What a page makes of characters that HTML does not know.
fn shown(text: &str) -> String {
    text.chars().map(|c| if c.is_control() && !c.is_ascii_whitespace() { '\u{fffd}' } else { c }).collect()
}

/// What a page makes of a long title or source.
fn cut(text: &str) -> String {
    let more = if text.chars().count() > 200 { "…" } else { "" };
    text.chars().take(200).collect::<String>() + more
}

fn classifier() -> Classifier {
    Classifier::new(Model::bundled().unwrap())
}

/// Text with what breaks pages in it.
fn hostile() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("<script>alert(1)</script>".to_owned()),
        Just("</style></title>\"'><img src=x onerror=alert(1)>".to_owned()),
        Just("&amp; &lt;b&gt; &#0; &".to_owned()),
        Just("<!-- ]]> --".to_owned()),
        Just("\u{202e}\u{2066}\0\u{7f}\u{85}".to_owned()),
        Just("the Rebels refused to talk. ".to_owned()),
        any::<String>(),
    ];
    prop::collection::vec(piece, 0..5).prop_map(|pieces| pieces.concat())
}

/// A catalogue of one actor that the text calls "Rebels".
fn catalogue(id: &str, name: &str) -> Option<Catalogue> {
    let cell = |text: &str| text.replace(|c: char| c.is_whitespace() || c == '#', " ").trim().to_owned();
    let rows = format!(
        "id\tiso\tkind\tname\taliases\tdemonyms\tmetonyms\tpart_of\n{}\t\tstate\t{}\tRebels\t\t\t\n",
        cell(id),
        cell(name)
    );
    Catalogue::from_tsv(&rows).ok()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn nothing_that_was_read_is_markup(
        fields in prop::array::uniform6(hostile()), text in hostile(), day in prop::option::of(1u8..29), quoted in 0usize..4,
    ) {
        let [title, headline, source, url, id, name] = fields;
        let catalogue = catalogue(&format!("x-{id}"), &format!("Front {name}")).expect("a catalogue");
        let name = catalogue.actors()[0].name().to_owned();
        let classifier = classifier().catalogue(&catalogue, Metonyms::Count);
        let text = format!("{text} The Rebels agreed to talk.\n\nThe Rebels refused to sign.");
        let mut article = Article::new(&text).with_title(&headline).with_source(&source).with_url(&url);
        if let Some(day) = day {
            article = article.with_date(demarche::report::Date::new(2026, 5, day).unwrap());
        }
        let judgements = classifier.classify(&text);
        prop_assert!(judgements.len() > 1);
        let mut report = Report::new(&title).with_passages_quoted(quoted);
        report.add(article.clone(), judgements.clone()).unwrap();
        report.add(Article::new("Nobody is named.").with_date("2026-05-30".parse().unwrap()), Vec::new()).unwrap();

        let page = Page::of(&report.to_html());
        prop_assert_eq!(page.texts("h1"), [shown(&title)]);
        prop_assert_eq!(page.texts("h3"), [shown(&name)]);
        let quotations = page.texts("blockquote");
        let passages: Vec<String> = judgements.iter().map(|j| shown(j.passage().slice(&text).unwrap())).collect();
        prop_assert!(quotations.iter().all(|quotation| passages.contains(quotation)));
        prop_assert!(quotations.len() <= 3 * quoted);
        if quoted > judgements.len() {
            prop_assert_eq!(quotations.len(), judgements.len());
            let marks: usize = judgements.iter().map(|j| j.mentions().len()).sum();
            prop_assert_eq!(page.texts("mark").len(), marks);
        }
        let given = |text: &str, otherwise: &str| shown(&cut(if text.trim().is_empty() { otherwise } else { text }));
        prop_assert!(page.texts("cite").iter().all(|cite| *cite == given(&headline, "Untitled")));
        prop_assert!(page.texts("bdi").contains(&given(&source, "–")));
    }
}

/// The articles of the sample, judged.
fn month() -> (Vec<Article>, Vec<Vec<Judgement>>) {
    let articles = Article::read("data/samples/month.jsonl").unwrap();
    let classifier = classifier();
    let judged = articles.iter().map(|article| classifier.classify(article.text())).collect();
    (articles, judged)
}

fn report(articles: &[Article], judged: &[Vec<Judgement>]) -> Report {
    let mut report = Report::new("A month").with_date("2026-11-22".parse().unwrap());
    for (article, judgements) in articles.iter().zip(judged) {
        report.add(article.clone(), judgements.clone()).unwrap();
    }
    report
}

#[test]
fn a_page_holds_every_article_actor_and_passage() {
    let (articles, judged) = month();
    let report = report(&articles, &judged);
    let html = report.to_html();
    assert_eq!(html, self::report(&articles, &judged).to_html(), "the same input gives the same bytes");
    let page = Page::of(&html);

    let actors: BTreeSet<&str> = judged.iter().flatten().map(|judgement| judgement.actor().id()).collect();
    assert_eq!(page.count("section", ("class", "actor")), actors.len());
    assert_eq!(page.count("svg", ("class", "plot")), actors.len());
    assert_eq!(page.texts("blockquote").len(), judged.iter().flatten().count());
    assert_eq!(
        page.texts("mark").len(),
        judged.iter().flatten().map(|judgement| judgement.mentions().len()).sum::<usize>()
    );
    // Side by side, by source, what was read; the second has the four sources beside the actor.
    assert_eq!(page.texts("table").len(), 3);
    assert_eq!(page.texts("caption").len(), 3);
    assert_eq!(page.count("th", ("scope", "col")), 12 + 5 + 4);
    assert_eq!(page.count("th", ("scope", "row")), 2 * actors.len() + articles.len());
    assert_eq!(page.texts("dd")[..2], ["12", "4"]);
    assert_eq!(page.count("svg", ("role", "img")), page.texts("svg").len() - 1 - 3, "all but the patterns and the key");
    for svg in page.texts("svg").iter().filter(|svg| !svg.trim().is_empty()) {
        assert!(svg.contains(": "), "a title: {svg}");
    }

    let short = Page::of(&report.with_passages_quoted(0).to_html());
    assert!(short.texts("blockquote").is_empty());
    assert_eq!(short.count("section", ("class", "actor")), actors.len());
}

#[test]
fn a_page_does_not_grow_with_titles_times_quotations() {
    let text = "Iran agreed to talks with Oman.\n\nIran refused to sign.\n\n".repeat(50);
    let judgements = classifier().classify(&text);
    let page = |bytes: usize| {
        let long = "x".repeat(bytes);
        let article = Article::new(&text).with_title(&long).with_source(&long).with_url(format!("https://{long}"));
        let mut report = Report::new("Long names");
        report.add(article, judgements.clone()).unwrap();
        report.to_html()
    };
    let long = page(200_000);
    Page::of(&long);
    assert!(long.len() < page(200).len() + 1000, "{} bytes", long.len());
}

#[test]
fn rare_sources_share_a_column() {
    let page = |articles: &[(&str, Option<&str>)]| {
        let mut report = Report::new("Many sources");
        for (text, source) in articles {
            let article = Article::new(*text);
            let article = if let Some(source) = source { article.with_source(*source) } else { article };
            report.add(article, classifier().classify(text)).unwrap();
        }
        Page::of(&report.to_html())
    };
    let names: Vec<String> = (0..40).map(|at| format!("Wire {at:02}")).collect();
    let mut articles: Vec<(&str, Option<&str>)> =
        names.iter().map(|name| ("Iran refused to negotiate.", Some(name.as_str()))).collect();
    articles.extend([("Iran agreed to talks.", Some("Wire 39")), ("Iran agreed to talks.", None)]);
    let many = page(&articles);
    let columns = many.texts("th");
    let first = columns.iter().position(|name| name == "Wire 39").unwrap();
    let names: Vec<&str> = columns[first..][..32].iter().map(String::as_str).collect();
    assert_eq!(names[1..30], (0..29).map(|at| format!("Wire {at:02}")).collect::<Vec<_>>());
    assert_eq!(names[30..], ["10 other sources", "Source not given"]);
    // One pro and one skeptical of the first, one skeptical of each other, ten of those that share, one pro without a source.
    let cells: Vec<String> = many.texts("td").into_iter().filter(|cell| cell.contains(" of ")).collect();
    assert_eq!(cells.len(), 32);
    assert_eq!((&*cells[0], &*cells[1], &*cells[30], &*cells[31]), ("0 of 2", "−1 of 1", "−10 of 10", "+1 of 1"));
    // Of thirty, each has its own.
    assert!(page(&articles[..30]).texts("th").iter().all(|name| !name.contains("other source")));
}

#[test]
fn judgements_not_to_be_relied_on_are_counted() {
    let page = |text: &str| {
        let mut report = Report::new("Doubts");
        report.add(Article::new(text), classifier().classify(text)).unwrap();
        report.to_html()
    };
    let sure = "Iran refused to negotiate with the inspectors.";
    assert!(!page(sure).contains("relied on"));
    assert!(page(&format!("{sure}\n\nIran.")).contains("1 of 2 judgements is not to be relied on (too short,"));
    assert!(page(&format!("{sure}\n\nIran.\n\nIran!")).contains("2 of 3 judgements are not to be relied on"));
}

#[test]
fn where_there_is_little_to_show_the_page_says_so() {
    let empty = Report::new("Nothing").to_html();
    assert_eq!(Page::of(&empty).texts("section").len(), 0);
    assert!(empty.contains("No article was given"));

    let mut report = Report::new("Nobody");
    report.add(Article::new("It rained."), Vec::new()).unwrap();
    let nobody = report.to_html();
    assert_eq!(Page::of(&nobody).texts("table").len(), 1);
    assert!(nobody.contains("No known actor is named in 1 article,"));

    // Neither dates nor sources: no timeline, no table by source.
    let text = "Iran agreed to talks.";
    report.add(Article::new(text), classifier().classify(text)).unwrap();
    let page = Page::of(&report.to_html());
    assert_eq!((page.count("svg", ("class", "plot")), page.texts("table").len()), (0, 2));
}

#[test]
fn a_page_is_written_as_a_whole_and_foreign_judgements_are_refused() {
    let (articles, judged) = month();
    let mut report = report(&articles, &judged);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("page.html");
    report.write_html(&path).unwrap();
    assert_eq!(std::fs::read_to_string(&path).unwrap(), report.to_html());
    assert!(report.write_html(folder.path().join("missing/page.html")).is_err());

    let before = report.to_html();
    let error = report.add(Article::new("Ünrelated."), judged[0].clone()).unwrap_err();
    assert!(error.to_string().contains("are no passage of this article"), "{error}");
    assert_eq!(report.to_html(), before, "nothing is added");
}

/// The relative luminance of `#rgb` or `#rrggbb` (WCAG 2).
fn luminance(color: &str) -> f64 {
    let digits = color.trim_start_matches('#');
    let wide: String =
        if digits.len() == 3 { digits.chars().flat_map(|c| [c, c]).collect() } else { digits.to_owned() };
    let channel = |at: usize| {
        let value = f64::from(u8::from_str_radix(&wide[at..at + 2], 16).unwrap()) / 255.0;
        if value <= 0.04045 {
            value / 12.92
        } else {
            ((value + 0.055) / 1.055).powf(2.4)
        }
    };
    0.2126 * channel(0) + 0.7152 * channel(2) + 0.0722 * channel(4)
}

#[test]
fn text_stands_out_from_its_ground_in_every_theme() {
    let style = include_str!("../src/report/page.css");
    let mut themes = 0;
    for block in style.split(":root {").skip(1).map(|block| block.split('}').next().unwrap()) {
        let colors: BTreeMap<&str, &str> =
            block.split(';').filter_map(|line| line.trim().strip_prefix("--")?.split_once(": #")).collect();
        let mut pairs = vec![("on-for", "for"), ("on-against", "against"), ("on-neither", "neither"), ("ink", "mark")];
        for text in ["ink", "soft", "link", "for", "against"] {
            pairs.push((text, "paper"));
        }
        pairs.push(("ink", "raised"));
        for shade in ["for-1", "for-2", "for-3", "against-1", "against-2", "against-3"] {
            pairs.push(("ink", shade));
        }
        for (text, ground) in pairs {
            let [a, b] = [text, ground].map(|name| luminance(colors[name]));
            let contrast = (a.max(b) + 0.05) / (a.min(b) + 0.05);
            assert!(contrast >= 4.5, "{text} on {ground}: {contrast:.2}");
        }
        themes += 1;
    }
    assert_eq!(themes, 3, "light, dark, print");
}

#[test]
fn surrogates_in_articles_are_paired_or_refused() {
    for field in ["text", "title", "source"] {
        let line = |value: &str| format!("{{\"text\":\"x\",\"{field}\":\"Oslo {value}\"}}");
        for alone in ["\\ud800", "\\udc00", "\\udc00\\ud800", "\\ud800x", "\\ud800\\n"] {
            let error = Article::from_jsonl(&format!("{}\n\n{}", line("1"), line(alone))).unwrap_err();
            assert_eq!((error.kind(), error.line()), (ErrorKind::Data, Some(3)), "{field}: {alone}");
        }
        let articles = Article::from_jsonl(&line("\\ud83d\\udc4d\\u0000")).unwrap();
        let read = [Some(articles[0].text()), articles[0].title(), articles[0].source()];
        assert!(read.contains(&Some("Oslo 👍\0")), "{field}: {read:?}");
    }
}
