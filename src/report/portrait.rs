//! An actor's section: the verdict, its bars, its timeline, and the passages behind them.

use crate::report::article::Article;
use crate::report::chart::{self, Part, Timeline};
use crate::report::collection::{Finding, Portrait};
use crate::report::escape::{anchor, label, web_address, Html};
use crate::span::Span;
use crate::stance::{Lean, Sentiment, Stance};

/// Passages of a stance that are open to view; the others unfold.
const OPEN: usize = 3;
/// A verdict on fewer passages that take a side is marked.
const FEW: usize = 5;

impl Portrait<'_> {
    /// Writes the section.
    pub(super) fn section(&self, html: &mut Html, timeline: Option<&Timeline>, quoted: usize) {
        let name = self.summary.actor();
        let anchor = anchor(self.summary.id());
        let heading = format!("{anchor}-name");
        html.block("section", &[("class", &"actor"), ("id", &anchor), ("aria-labelledby", &heading)], |html| {
            html.block("h3", &[("id", &heading)], |html| html.leaf("bdi", &[], name));
            self.verdict(html);
            self.grounds(html);
            self.bars(html);
            if let (Some(timeline), Some(_)) = (timeline, self.lean()) {
                self.over_time(html, timeline);
            }
            self.passages(html, "Pro-negotiation", self.with_stance(Some(Stance::Pro)), quoted);
            self.passages(html, "Skeptical", self.with_stance(Some(Stance::Skeptical)), quoted);
            self.folded_passages(html, "Neutral", self.with_stance(Some(Stance::Neutral)), quoted);
            self.folded_passages(html, "Passages", self.with_stance(None), quoted);
            html.block("p", &[("class", &"back")], |html| {
                html.leaf("a", &[("href", &"#side-by-side")], "↑ All actors")
            });
        });
    }

    /// The verdict in a word, with a sign of its own.
    pub(super) fn verdict(&self, html: &mut Html) {
        let (class, sign) = match self.lean() {
            Some(Lean::Pro) => ("verdict is-for", "▲"),
            Some(Lean::Skeptical) => ("verdict is-against", "▼"),
            Some(Lean::Divided) => ("verdict is-divided", "◆"),
            Some(Lean::Neutral) | None => ("verdict is-neither", "●"),
        };
        html.block("p", &[("class", &class)], |html| {
            html.leaf("span", &[("aria-hidden", &"true")], sign);
            html.text(" ");
            html.text(verdict_word(self.lean()));
        });
    }

    /// What the verdict rests on, in a sentence.
    fn grounds(&self, html: &mut Html) {
        let passages = self.summary.passages();
        let (polar, articles) = (self.polar(), counted(self.articles(), "article"));
        let named = format!("Named in {} of {articles}", counted(passages, "passage"));
        let weight = self.summary.majority().zip(self.mean_certainty());
        let sentence = match (self.lean(), weight) {
            (None, _) => format!("{named}; the model judges no stance."),
            (Some(_), Some(((side, majority), certainty))) => {
                let take = if polar == 1 { "takes" } else { "take" };
                let few = if polar < FEW { " Few passages: read with care." } else { "" };
                format!(
                    "{named}. {polar} {take} a side, with a mean certainty of {:.0}%; weighed by it, {:.0}% are {side}.{few}",
                    100.0 * certainty,
                    100.0 * majority
                )
            }
            _ => format!("{named}. None takes a side."),
        };
        html.line("p", &[("class", &"grounds")], sentence + &self.doubt());
    }

    /// How much of it is doubtful, in a sentence more.
    fn doubt(&self) -> String {
        let (count, all) = (self.unreliable(), counted(self.findings.len(), "judgement"));
        let (is, they) = if count == 1 { ("is", "it counts") } else { ("are", "they count") };
        match (count, self.lean()) {
            (0, _) | (_, None) => String::new(),
            _ => format!(
                " {count} of {all} {is} not to be relied on (too short, unknown words, not about negotiation, or not sure); \
                 {they} here too."
            ),
        }
    }

    fn bars(&self, html: &mut Html) {
        let mut bar = |what: &str, parts: [Part; 3]| {
            html.block("div", &[("class", &"measure")], |html| {
                html.block("p", &[], |html| {
                    html.leaf("span", &[("class", &"what")], what);
                    for (at, (word, _, count)) in parts.iter().enumerate() {
                        html.text(if at == 0 { "" } else { " · " });
                        html.leaf("b", &[], count);
                        html.text(format_args!(" {word}"));
                    }
                });
                chart::bar(html, &format!("{}, {}", self.summary.actor(), what.to_lowercase()), &parts);
            });
        };
        if self.lean().is_some() {
            bar("Stance", self.stance_parts());
        }
        if self.has_sentiment() {
            let count = |label| self.summary.sentiment(label);
            let [positive, neutral, negative] =
                [Sentiment::Positive, Sentiment::Neutral, Sentiment::Negative].map(count);
            bar(
                "Sentiment",
                [("positive", "for", positive), ("neutral", "neither", neutral), ("negative", "against", negative)],
            );
        }
    }

    /// The bar of the stances: pro and skeptical at the ends.
    pub(super) fn stance_parts(&self) -> [Part; 3] {
        let count = |label| self.summary.stance(label);
        [
            ("pro", "for", count(Stance::Pro)),
            ("neutral", "neither", count(Stance::Neutral)),
            ("skeptical", "against", count(Stance::Skeptical)),
        ]
    }

    fn over_time(&self, html: &mut Html, timeline: &Timeline) {
        let undated = self.findings.iter().filter(|finding| finding.article.date().is_none()).count();
        html.block("figure", &[("class", &"over-time")], |html| {
            html.block("figcaption", &[], |html| {
                html.text(format_args!("Passages by {} of publication", timeline.step()));
                if undated > 0 {
                    html.text(format_args!("; {} without a date left out", counted(undated, "passage")));
                }
            });
            timeline.draw(html, self.summary.actor(), &self.findings);
        });
    }

    fn passages(&self, html: &mut Html, heading: &str, found: Vec<Finding>, quoted: usize) {
        if found.is_empty() {
            return;
        }
        html.line("h4", &[], format_args!("{heading} ({})", found.len()));
        let shown = found.get(..quoted).unwrap_or(&found);
        let (open, folded) = shown.split_at(shown.len().min(OPEN));
        quotations(html, open);
        if !folded.is_empty() {
            html.block("details", &[], |html| {
                html.line("summary", &[], format_args!("{} less certain", counted(folded.len(), "passage")));
                quotations(html, folded);
            });
        }
        unquoted(html, found.len() - shown.len());
    }

    fn folded_passages(&self, html: &mut Html, heading: &str, found: Vec<Finding>, quoted: usize) {
        if found.is_empty() {
            return;
        }
        let shown = found.get(..quoted).unwrap_or(&found);
        html.block("details", &[("class", &"aside")], |html| {
            html.line("summary", &[], format_args!("{heading} ({})", found.len()));
            quotations(html, shown);
            unquoted(html, found.len() - shown.len());
        });
    }
}

/// The verdict as a word.
pub(super) fn verdict_word(lean: Option<Lean>) -> &'static str {
    match lean {
        Some(Lean::Pro) => "Pro-negotiation",
        Some(Lean::Skeptical) => "Skeptical",
        Some(Lean::Divided) => "Divided",
        Some(Lean::Neutral) => "Neutral",
        None => "Not judged",
    }
}

/// A number with its noun: `1 passage`, `2 passages`.
pub(super) fn counted(n: usize, noun: &str) -> String {
    format!("{n} {noun}{}", if n == 1 { "" } else { "s" })
}

fn unquoted(html: &mut Html, n: usize) {
    if n > 0 {
        html.line("p", &[("class", &"note")], format_args!("{} not quoted, but counted.", counted(n, "passage")));
    }
}

fn quotations(html: &mut Html, findings: &[Finding]) {
    if findings.is_empty() {
        return;
    }
    html.block("ol", &[("class", &"passages")], |html| {
        for finding in findings {
            html.block("li", &[], |html| {
                html.block("blockquote", &[("dir", &"auto")], |html| quotation(html, finding));
                caption(html, finding);
            });
        }
    });
}

/// The passage, with the actor's mentions marked.
fn quotation(html: &mut Html, finding: &Finding) {
    let text = finding.article.text();
    let passage = finding.judgement.passage();
    let mut at = passage.start();
    for mention in finding.judgement.mentions() {
        // Mentions do not overlap; were it otherwise, no word should be shown twice.
        let from = mention.start().max(at);
        html.text(Span::new(at, from).slice(text).unwrap_or(""));
        if from < mention.end() {
            html.leaf("mark", &[], Span::new(from, mention.end()).slice(text).unwrap_or(""));
            at = mention.end();
        }
    }
    html.text(Span::new(at, passage.end().max(at)).slice(text).unwrap_or(""));
}

/// Where the passage stands, and how certain its labels are.
fn caption(html: &mut Html, finding: &Finding) {
    let article = finding.article;
    html.block("p", &[("class", &"origin")], |html| {
        if let Some(stance) = finding.judgement.stance() {
            html.leaf(
                "span",
                &[("class", &"certainty")],
                format_args!("{} {:.0}%", stance.label(), 100.0 * stance.certainty()),
            );
        }
        if let Some(sentiment) = finding.judgement.sentiment() {
            html.leaf("span", &[], format_args!("tone {} {:.0}%", sentiment.label(), 100.0 * sentiment.certainty()));
        }
        if let Some(source) = article.source() {
            html.leaf("bdi", &[], label(source));
        }
        if let Some(date) = article.date() {
            html.leaf("time", &[("datetime", &date)], date.long());
        }
        html.inline("cite", &[], |html| title(html, article));
    });
}

/// The article's title, linked where it has an address.
pub(super) fn title(html: &mut Html, article: &Article) {
    let words = &label(article.title().or(article.id()).unwrap_or("Untitled"));
    match article.url().and_then(web_address) {
        Some(url) => html.inline("a", &[("href", &url), ("rel", &"noreferrer")], |html| html.leaf("bdi", &[], words)),
        None => html.leaf("bdi", &[], words),
    }
}
