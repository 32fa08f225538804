//! Charts as inline SVG. Widths are shares of the page's, so that nothing is shrunk on a phone; classes are told apart by
//! place, pattern and number, not by colour alone.

use std::collections::BTreeMap;
use std::fmt::Display;

use crate::report::collection::{Finding, Portrait};
use crate::report::date::Date;
use crate::report::escape::{Attribute, Html};
use crate::stance::Label;

/// The patterns of the classes, once for the page.
pub(super) const PATTERNS: &str = concat!(
    r#"<svg class="patterns" width="0" height="0" aria-hidden="true" focusable="false"><defs>"#,
    r#"<pattern id="fill-against" width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">"#,
    r#"<rect width="7" height="7" class="against-ground"/><rect width="2" height="7" class="against-stripe"/></pattern>"#,
    r#"<pattern id="fill-neither" width="6" height="6" patternUnits="userSpaceOnUse">"#,
    r#"<rect width="6" height="6" class="neither-ground"/><circle cx="2" cy="2" r="0.9" class="neither-dot"/></pattern>"#,
    "</defs></svg>\n"
);

/// A class of a bar: its word, its style, its count.
pub(super) type Part = (&'static str, &'static str, usize);

/// A stacked bar; the numbers stand in the parts that have room for them.
pub(super) fn bar(html: &mut Html, what: &str, parts: &[Part; 3]) {
    let total: usize = parts.iter().map(|part| part.2).sum();
    let counts: Vec<String> = parts.iter().map(|(word, _, count)| format!("{count} {word}")).collect();
    svg(html, "bar", "28", format_args!("{what}: {}", counts.join(", ")), |html| {
        let mut left = 0.0;
        for (_, class, count) in parts.iter().filter(|part| part.2 > 0) {
            let width = percent(*count, total);
            let (x, middle) = (format!("{left:.2}%"), format!("{:.2}%", left + width / 2.0));
            rect(html, class, [&x, &"0", &format_args!("{width:.2}%"), &"28"]);
            if width >= ROOM {
                html.leaf("text", &[("class", &format_args!("on-{class}")), ("x", &middle), ("y", &"19")], count);
            }
            left += width;
        }
    });
}

/// A chart as wide as the page, with a name for those who do not see it.
fn svg(html: &mut Html, class: &'static str, height: &'static str, name: impl Display, inside: impl FnOnce(&mut Html)) {
    let attributes: &[Attribute] =
        &[("class", &class), ("role", &"img"), ("width", &"100%"), ("height", &height), ("focusable", &"false")];
    html.block("svg", attributes, |html| {
        html.leaf("title", &[], name);
        inside(html);
    });
}

fn rect(html: &mut Html, class: &'static str, [x, y, width, height]: [&dyn Display; 4]) {
    html.inline("rect", &[("class", &class), ("x", x), ("y", y), ("width", width), ("height", height)], |_| {});
}

/// The share of a bar (percent) that has room for a number.
const ROOM: f64 = 9.0;

/// One count as percent of another; 0 of nothing.
fn percent(part: usize, whole: usize) -> f64 {
    // Exact far above any count of passages.
    100.0 * part as f64 / whole.max(1) as f64
}

/// How wide a column of a timeline is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Day,
    Week,
    Month,
    Year,
}

impl Step {
    fn for_days(days: i32) -> Self {
        match days {
            ..=14 => Step::Day,
            15..=200 => Step::Week,
            201..=1200 => Step::Month,
            _ => Step::Year,
        }
    }

    /// The column that a day falls into, counted from a fixed day; weeks begin on Monday.
    fn column(self, date: Date) -> i32 {
        match self {
            Step::Day => date.days(),
            Step::Week => (date.days() + 3).div_euclid(7),
            Step::Month => date.months(),
            Step::Year => date.year(),
        }
    }

    /// What to call a column.
    fn name(self, column: i32) -> String {
        let day = |days: i32| Date::from_days(days).map_or(String::new(), Date::short);
        match self {
            Step::Day => day(column),
            Step::Week => day(column * 7 - 3),
            Step::Month => u8::try_from(column.rem_euclid(12) + 1)
                .ok()
                .and_then(|month| Date::new(column.div_euclid(12), month, 1))
                .map_or(String::new(), Date::short_month),
            Step::Year => column.to_string(),
        }
    }

    /// How many columns are named at most: as many names as a phone has room for.
    fn named(self) -> i32 {
        match self {
            Step::Month => 4,
            Step::Day | Step::Week | Step::Year => 6,
        }
    }

    fn word(self) -> &'static str {
        match self {
            Step::Day => "day",
            Step::Week => "week",
            Step::Month => "month",
            Step::Year => "year",
        }
    }
}

/// The columns that all timelines of a page share, and their common scale.
pub(super) struct Timeline {
    step: Step,
    first: i32,
    last: i32,
    /// The most passages of one side in one column of any actor.
    most: usize,
}

/// Heights of a timeline's rows (pixels): pro upward, neutral between, skeptical downward, then the days.
const SIDE: f64 = 58.0;
const BETWEEN: f64 = 22.0;
const TALLEST: f64 = 40.0;

impl Timeline {
    /// The columns for these days; `None` where there is but one day.
    pub(super) fn new(days: Option<(Date, Date)>, portraits: &[Portrait]) -> Option<Self> {
        let (first, last) = days.filter(|(first, last)| first < last)?;
        let step = Step::for_days(last.days() - first.days());
        let counts = portraits.iter().flat_map(|portrait| columns(step, &portrait.findings).into_values());
        let most = counts.map(|[pro, skeptical, _]| pro.max(skeptical)).max().unwrap_or(0);
        Some(Self { step, first: step.column(first), last: step.column(last), most })
    }

    /// What a column is: day, week, month or year.
    pub(super) fn step(&self) -> &'static str {
        self.step.word()
    }

    /// Draws one actor's passages over time.
    pub(super) fn draw(&self, html: &mut Html, actor: &str, findings: &[Finding]) {
        let columns = columns(self.step, findings);
        html.block("div", &[("class", &"timeline")], |html| {
            html.block("div", &[("class", &"rows"), ("aria-hidden", &"true")], |html| {
                ["pro", "neutral", "skeptical"].iter().for_each(|row| html.leaf("span", &[], row));
            });
            svg(html, "plot", "162", format_args!("{actor}: passages by {}", self.step()), |html| {
                html.leaf("desc", &[], self.in_words(&columns));
                for y in [SIDE, SIDE + BETWEEN] {
                    let attributes: &[Attribute] =
                        &[("class", &"axis"), ("x1", &"0"), ("x2", &"100%"), ("y1", &y), ("y2", &y)];
                    html.inline("line", attributes, |_| {});
                }
                columns.iter().for_each(|(column, counts)| self.column(html, *column, counts));
                self.names(html);
            });
        });
    }

    fn column(&self, html: &mut Html, column: i32, [pro, skeptical, neutral]: &[usize; 3]) {
        let width = self.width();
        let left = format!("{:.2}%", width * (f64::from(column - self.first) + 0.15));
        let (middle, width) = (self.middle(column), format!("{:.2}%", 0.7 * width));
        let height = |count: &usize| percent(*count, self.most) / 100.0 * TALLEST;
        let mut side = |count: &usize, class: &'static str, top: f64, baseline: f64| {
            if *count > 0 {
                rect(html, class, [&left, &format_args!("{top:.1}"), &width, &format_args!("{:.1}", height(count))]);
                html.leaf("text", &[("x", &middle), ("y", &format_args!("{baseline:.1}"))], count);
            }
        };
        side(pro, "for", SIDE - height(pro), SIDE - height(pro) - 4.0);
        side(skeptical, "against", SIDE + BETWEEN, SIDE + BETWEEN + height(skeptical) + 14.0);
        if *neutral > 0 {
            html.leaf("text", &[("class", &"quiet"), ("x", &middle), ("y", &(SIDE + BETWEEN - 6.5))], neutral);
        }
    }

    fn names(&self, html: &mut Html) {
        let every = (self.last - self.first) / self.step.named() + 1;
        for column in (self.first..=self.last).filter(|column| (column - self.first) % every == 0) {
            html.leaf(
                "text",
                &[("class", &"quiet"), ("x", &self.middle(column)), ("y", &"157")],
                self.step.name(column),
            );
        }
    }

    fn in_words(&self, columns: &BTreeMap<i32, [usize; 3]>) -> String {
        let name = |column: i32| match self.step {
            Step::Week => format!("week of {}", self.step.name(column)),
            _ => self.step.name(column),
        };
        let parts = columns.iter().map(|(column, [pro, skeptical, neutral])| {
            format!("{}: {pro} pro, {neutral} neutral, {skeptical} skeptical", name(*column))
        });
        parts.collect::<Vec<_>>().join("; ")
    }

    /// The width of a column (percent).
    fn width(&self) -> f64 {
        100.0 / f64::from(self.last - self.first + 1)
    }

    fn middle(&self, column: i32) -> String {
        format!("{:.2}%", self.width() * (f64::from(column - self.first) + 0.5))
    }
}

/// Passages by column and stance; those without a date are left out.
fn columns(step: Step, findings: &[Finding]) -> BTreeMap<i32, [usize; 3]> {
    let mut columns: BTreeMap<i32, [usize; 3]> = BTreeMap::new();
    for finding in findings {
        if let (Some(date), Some(stance)) = (finding.article.date(), finding.judgement.stance()) {
            columns.entry(step.column(date)).or_default()[stance.label().class()] += 1;
        }
    }
    columns
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_named_by_their_first_day() {
        let date = |s: &str| s.parse::<Date>().unwrap();
        for (step, day, name) in [
            (Step::Day, "2026-11-22", "22 Nov"),
            (Step::Week, "2026-11-22", "16 Nov"),
            (Step::Week, "2026-11-23", "23 Nov"),
            (Step::Month, "2026-12-31", "Dec 2026"),
            (Step::Year, "2026-01-01", "2026"),
            (Step::Week, "0001-01-01", "1 Jan"),
        ] {
            assert_eq!(step.name(step.column(date(day))), name);
        }
    }
}
