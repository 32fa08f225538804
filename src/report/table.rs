//! The tables: actors side by side, actors by source, the articles.

use std::borrow::Cow;
use std::collections::HashMap;

use crate::report::collection::{Portrait, Report};
use crate::report::escape::{anchor, label, Attribute, Html};
use crate::report::portrait::{counted, title, verdict_word};
use crate::stance::{ActorSummary, Sentiment, Stance};

/// Articles in view; longer lists unfold.
const ARTICLES: usize = 15;
/// Sources with a column of their own.
const SOURCES: usize = 30;

/// A table that scrolls in its own frame, which the keyboard reaches.
fn framed(html: &mut Html, class: &'static str, caption: &str, rows: impl FnOnce(&mut Html)) {
    let frame: &[Attribute] = &[("class", &"frame"), ("role", &"region"), ("tabindex", &"0"), ("aria-label", &caption)];
    html.block("div", frame, |html| {
        html.block("table", &[("class", &class)], |html| {
            html.line("caption", &[], caption);
            rows(html);
        });
    });
}

fn head<'c>(html: &mut Html, columns: impl IntoIterator<Item = &'c str>) {
    html.block("thead", &[], |html| {
        html.block("tr", &[], |html| {
            columns.into_iter().for_each(|column| html.leaf("th", &[("scope", &"col")], column));
        });
    });
}

/// The cell that names a row's actor and leads to its section.
fn actor(html: &mut Html, summary: &ActorSummary) {
    html.inline("th", &[("scope", &"row")], |html| {
        html.inline("a", &[("href", &format_args!("#{}", anchor(summary.id())))], |html| {
            html.leaf("bdi", &[], summary.actor());
        });
    });
}

/// One row an actor, one figure a cell, so that it can be copied into a spreadsheet.
pub(super) fn side_by_side(html: &mut Html, portraits: &[Portrait]) {
    let columns = [
        "Actor",
        "Verdict",
        "Weight",
        "Certainty",
        "Articles",
        "Passages",
        "Pro",
        "Neutral",
        "Skeptical",
        "Positive tone",
        "Neutral tone",
        "Negative tone",
    ];
    framed(html, "figures", "Passages of each actor by stance and sentiment", |html| {
        head(html, columns);
        html.block("tbody", &[], |html| {
            for portrait in portraits {
                let summary = &portrait.summary;
                html.block("tr", &[], |html| {
                    actor(html, summary);
                    html.leaf("td", &[("class", &"word")], verdict_word(portrait.lean()));
                    share(html, summary.majority().map(|(_, share)| share));
                    share(html, portrait.mean_certainty());
                    let stances = [Stance::Pro, Stance::Neutral, Stance::Skeptical].map(|label| summary.stance(label));
                    let tones = [Sentiment::Positive, Sentiment::Neutral, Sentiment::Negative];
                    let counts = [portrait.articles(), summary.passages()].into_iter().chain(stances);
                    counts
                        .chain(tones.map(|label| summary.sentiment(label)))
                        .for_each(|count| html.leaf("td", &[], count));
                });
            }
        });
    });
}

fn share(html: &mut Html, share: Option<f64>) {
    match share {
        Some(share) => html.leaf("td", &[], format_args!("{:.0}%", 100.0 * share)),
        None => html.leaf("td", &[], "–"),
    }
}

/// How each source portrays each actor: pro less skeptical passages, shaded by how one-sided they are. Sources beyond
/// [`SOURCES`] share a column; articles without one keep theirs.
pub(super) fn by_source(html: &mut Html, portraits: &[Portrait], sources: &[Option<&str>]) {
    let named: Vec<&str> = sources.iter().flatten().copied().collect();
    let (own, others) = named.split_at(named.len().min(SOURCES));
    let mut names: Vec<Cow<str>> = own.iter().map(|source| label(source)).collect();
    if !others.is_empty() {
        names.push(counted(others.len(), "other source").into());
    }
    if named.len() < sources.len() {
        names.push("Source not given".into());
    }
    let columns: HashMap<&str, usize> = own.iter().copied().zip(0..).collect();
    let column = |source: Option<&str>| match source {
        Some(source) => columns.get(source).copied().unwrap_or(own.len()),
        None => names.len() - 1,
    };
    framed(html, "heat", "Pro less skeptical passages", |html| {
        head(html, std::iter::once("Actor").chain(names.iter().map(AsRef::as_ref)));
        html.block("tbody", &[], |html| {
            for portrait in portraits {
                let parts = portrait.by_source(column);
                html.block("tr", &[], |html| {
                    actor(html, &portrait.summary);
                    (0..names.len()).for_each(|column| cell(html, parts.get(&column)));
                });
            }
        });
    });
}

fn cell(html: &mut Html, part: Option<&ActorSummary>) {
    let Some(part) = part else {
        html.leaf("td", &[("class", &"nothing")], "–");
        return;
    };
    let (pro, skeptical) = (part.stance(Stance::Pro), part.stance(Stance::Skeptical));
    let (sign, side, ahead) = match pro.cmp(&skeptical) {
        std::cmp::Ordering::Greater => ("+", "for", pro - skeptical),
        std::cmp::Ordering::Less => ("−", "against", skeptical - pro),
        std::cmp::Ordering::Equal => ("", "even", 0),
    };
    // One passage alone is no strong colour: the share is taken of one passage more than there are.
    let shade = (3 * ahead).div_ceil(part.passages() + 1);
    html.inline("td", &[("class", &format_args!("shade-{side}-{shade}"))], |html| {
        html.leaf("b", &[], format_args!("{sign}{ahead}"));
        html.leaf("small", &[], format_args!(" of {}", part.passages()));
    });
}

/// What was read.
pub(super) fn articles(html: &mut Html, report: &Report) {
    let table = |html: &mut Html| {
        framed(html, "articles", "Articles, in the order they were given", |html| {
            head(html, ["Date", "Source", "Title", "Passages"]);
            html.block("tbody", &[], |html| {
                for (article, passages) in report.articles().iter().zip(report.passages()) {
                    html.block("tr", &[], |html| {
                        match article.date() {
                            Some(date) => {
                                html.inline("td", &[], |html| html.leaf("time", &[("datetime", &date)], date))
                            }
                            None => html.leaf("td", &[], "–"),
                        }
                        html.inline("td", &[("class", &"word")], |html| {
                            html.leaf("bdi", &[], label(article.source().unwrap_or("–")))
                        });
                        html.inline("th", &[("scope", &"row")], |html| title(html, article));
                        html.leaf("td", &[], passages);
                    });
                }
            });
        });
    };
    if report.articles().len() <= ARTICLES {
        table(html);
    } else {
        html.block("details", &[], |html| {
            html.line("summary", &[], counted(report.articles().len(), "article"));
            table(html);
        });
    }
}
