//! The page: its frame, the summary on top, the sections, the footer.

use std::path::Path;

use crate::error::Result;
use crate::input;
use crate::report::chart::{self, Timeline, PATTERNS};
use crate::report::collection::{Portrait, Report};
use crate::report::date::Date;
use crate::report::escape::{anchor, Html};
use crate::report::portrait::counted;
use crate::report::table;

/// Actors in the summary's chart; the others unfold.
const STANDINGS: usize = 15;
/// Nothing is loaded and nothing runs, even if a browser could be talked into it.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

impl Report {
    /// The page, as UTF-8 that needs no other file.
    ///
    /// ```
    /// use demarche::report::Report;
    ///
    /// assert!(Report::new("Talks & <more>").to_html().contains("<h1><bdi>Talks &amp; &lt;more&gt;</bdi></h1>"));
    /// ```
    pub fn to_html(&self) -> String {
        let portraits = self.portraits();
        let mut html = Html::default();
        html.markup("<!doctype html>\n");
        html.block("html", &[("lang", &"en")], |html| {
            self.head(html);
            html.block("body", &[], |html| {
                html.markup(PATTERNS);
                html.block("header", &[("class", &"masthead")], |html| self.masthead(html, &portraits));
                html.block("main", &[], |html| self.sections(html, &portraits));
                html.block("footer", &[], |html| self.footer(html));
            });
        });
        html.finish()
    }

    /// Writes the page to a file; one that is there is replaced as a whole.
    ///
    /// # Errors
    /// [`ErrorKind::Io`](crate::ErrorKind::Io).
    pub fn write_html(&self, path: impl AsRef<Path>) -> Result<()> {
        input::replace_file(path, self.to_html().as_bytes())
    }

    fn head(&self, html: &mut Html) {
        html.block("head", &[], |html| {
            html.void("meta", &[("charset", &"utf-8")]);
            html.void("meta", &[("http-equiv", &"Content-Security-Policy"), ("content", &POLICY)]);
            html.void("meta", &[("name", &"viewport"), ("content", &"width=device-width, initial-scale=1")]);
            html.void("meta", &[("name", &"color-scheme"), ("content", &"light dark")]);
            html.void("meta", &[("name", &"generator"), ("content", &concat!("demarche ", env!("CARGO_PKG_VERSION")))]);
            html.line("title", &[], self.title());
            html.markup(concat!("<style>\n", include_str!("page.css"), "</style>\n"));
        });
    }

    fn masthead(&self, html: &mut Html, portraits: &[Portrait]) {
        html.line("p", &[("class", &"kicker")], "Who is for talking, and who is not");
        html.block("h1", &[], |html| html.leaf("bdi", &[], self.title()));
        if let Some((first, last)) = self.days() {
            html.block("p", &[("class", &"days")], |html| {
                day(html, first);
                if first < last {
                    html.text(" – ");
                    day(html, last);
                }
            });
        }
        let sources = self.sources().iter().flatten().count();
        let figures = [
            (["Article", "Articles"], self.articles().len()),
            (["Source", "Sources"], sources),
            (["Passage with actors", "Passages with actors"], self.passages().iter().sum()),
            (["Actor", "Actors"], portraits.len()),
        ];
        html.block("dl", &[("class", &"figures-on-top")], |html| {
            for ([one, many], figure) in
                figures.into_iter().filter(|([one, _], figure)| *one != "Source" || *figure > 0)
            {
                html.block("div", &[], |html| {
                    html.leaf("dt", &[], if figure == 1 { one } else { many });
                    html.leaf("dd", &[], figure);
                });
            }
        });
    }

    fn sections(&self, html: &mut Html, portraits: &[Portrait]) {
        if portraits.is_empty() {
            let said = match self.articles().len() {
                0 => "No article was given, so there is nothing to judge.".to_owned(),
                n => format!("No known actor is named in {}, so there is nothing to judge.", counted(n, "article")),
            };
            html.line("p", &[("class", &"lead")], said);
        } else {
            self.actors(html, portraits);
        }
        if !self.articles().is_empty() {
            section(html, "articles", "What was read", |html| table::articles(html, self));
        }
    }

    fn actors(&self, html: &mut Html, portraits: &[Portrait]) {
        let sources = self.sources();
        let timeline = Timeline::new(self.days(), portraits);
        let has_stance = portraits.iter().any(|portrait| portrait.lean().is_some());
        if has_stance {
            section(html, "standings", "Where they stand", |html| {
                key(html);
                let (first, rest) = portraits.split_at(portraits.len().min(STANDINGS));
                standings(html, first);
                if !rest.is_empty() {
                    html.block("details", &[], |html| {
                        html.line("summary", &[], counted(rest.len(), "more actor"));
                        standings(html, rest);
                    });
                }
            });
        }
        section(html, "side-by-side", "Side by side", |html| {
            table::side_by_side(html, portraits);
            html.line(
                "p",
                &[("class", &"note")],
                "Weight: the heavier side's share of the passages that take a side, each weighed by its certainty; 60% carries \
                 the verdict. Certainty: the mean probability of their labels.",
            );
        });
        if has_stance && sources.len() > 1 {
            section(html, "by-source", "Source by source", |html| {
                table::by_source(html, portraits, &sources);
                html.line(
                    "p",
                    &[("class", &"note")],
                    "+2 of 5: of five passages that name the actor, two more are pro than skeptical. The stronger the shade, the \
                     more one-sided; a dash where the source does not name the actor.",
                );
            });
        }
        section(html, "actors", "Actor by actor", |html| {
            portraits.iter().for_each(|portrait| portrait.section(html, timeline.as_ref(), self.quoted()));
        });
    }

    fn footer(&self, html: &mut Html) {
        html.line("h2", &[], "How this was made");
        html.line(
            "p",
            &[],
            "A program cut the articles into passages, found the actors that each one names, and judged for every actor whether \
             the passage is pro-negotiation, skeptical or neutral toward it. These are machine judgements of passages, not of \
             people: they say what a passage conveys, not what is true, and a single one may well be wrong.",
        );
        html.block("p", &[], |html| {
            html.text(concat!("Made with demarche ", env!("CARGO_PKG_VERSION")));
            if let Some(date) = self.date() {
                html.text(" on ");
                day(html, date);
            }
            html.text(".");
            if let Some(model) = self.provenance() {
                let trained = format!(
                    " Model: demarche {}, trained on {} passages ({} judgements), corpus digest ",
                    model.crate_version(),
                    model.passages(),
                    model.pairs()
                );
                html.text(trained);
                html.leaf("code", &[], format_args!("{:016x}", model.corpus_digest()));
                let scores = [("stance", model.stance_macro_f1()), ("sentiment", model.sentiment_macro_f1())];
                let known = scores.into_iter().filter_map(|(head, score)| Some(format!("{head} {:.2}", score?)));
                let known = known.collect::<Vec<_>>().join(", ");
                if !known.is_empty() {
                    html.text(format_args!("; macro-F1 in cross-validation: {known}"));
                }
                html.text(".");
            }
        });
    }
}

fn section(html: &mut Html, id: &'static str, heading: &'static str, inside: impl FnOnce(&mut Html)) {
    let name = format!("{id}-heading");
    html.block("section", &[("id", &id), ("aria-labelledby", &name)], |html| {
        html.line("h2", &[("id", &name)], heading);
        inside(html);
    });
}

fn day(html: &mut Html, date: Date) {
    html.leaf("time", &[("datetime", &date)], date.long());
}

/// What the colours, patterns and words mean.
fn key(html: &mut Html) {
    let classes = [
        ("for", "pro", "seeks, backs or moves toward talks or a settlement"),
        ("neither", "neutral", "neither"),
        ("against", "skeptical", "refuses, stalls, breaks its word, or is distrusted as a party to talks"),
    ];
    html.block("ul", &[("class", &"key")], |html| {
        for (class, word, meaning) in classes {
            html.block("li", &[], |html| {
                html.inline(
                    "svg",
                    &[("width", &"18"), ("height", &"18"), ("aria-hidden", &"true"), ("focusable", &"false")],
                    |html| {
                        html.inline("rect", &[("class", &class), ("width", &"18"), ("height", &"18")], |_| {});
                    },
                );
                html.leaf("b", &[], word);
                html.text(" ");
                html.leaf("span", &[], meaning);
            });
        }
    });
}

/// One line an actor: name, verdict, bar.
fn standings(html: &mut Html, portraits: &[Portrait]) {
    html.block("ol", &[("class", &"standings")], |html| {
        for portrait in portraits {
            let summary = &portrait.summary;
            html.block("li", &[], |html| {
                html.inline("a", &[("href", &format_args!("#{}", anchor(summary.id())))], |html| {
                    html.leaf("bdi", &[], summary.actor());
                });
                html.leaf("small", &[], counted(summary.passages(), "passage"));
                portrait.verdict(html);
                chart::bar(html, summary.actor(), &portrait.stance_parts());
            });
        }
    });
}
