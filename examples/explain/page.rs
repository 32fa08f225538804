//! Reasons as a page: no scripts, nothing from outside, readable in the dark, on a phone and without colours.

use std::fmt;
use std::io::{self, Write};

use demarche::stance::{Explained, Label};

use crate::reason::{Piece, Reason, Strength};

/// Green and red carry the sign together with the underline: solid for the label, wavy for the runner-up.
const STYLE: &str = "\
:root{color-scheme:light dark;--for:34 139 34;--against:200 40 40}
body{font:1rem/1.6 system-ui,sans-serif;margin:0 auto;max-width:46rem;padding:1rem;overflow-wrap:anywhere}
article{border-top:1px solid #8888;margin-top:1.5rem}
h1{font-size:1.4rem}h2{font-size:1.1rem;margin-bottom:.2rem}
small{opacity:.8}
mark{color:inherit;background:none;border-radius:.2em;text-underline-offset:.2em}
.for{text-decoration:underline solid rgb(var(--for))}
.against{text-decoration:underline wavy rgb(var(--against))}
.s1{text-decoration-thickness:1px}.s2{text-decoration-thickness:2px}.s3{text-decoration-thickness:3px;font-weight:bold}
.for.s1{background:rgb(var(--for)/.12)}.for.s2{background:rgb(var(--for)/.25)}.for.s3{background:rgb(var(--for)/.4)}
.against.s1{background:rgb(var(--against)/.12)}.against.s2{background:rgb(var(--against)/.25)}
.against.s3{background:rgb(var(--against)/.4)}
.actor{border:1px solid;border-radius:.2em;padding:0 .15em}
table{border-collapse:collapse}
td,th{padding:.1rem .8rem .1rem 0;text-align:left;vertical-align:top}
td:first-child{font-variant-numeric:tabular-nums;text-align:right}
";

/// The page up to the first judgement.
pub fn head<L: Label>(out: &mut dyn Write) -> io::Result<()> {
    let head = L::HEAD;
    write!(
        out,
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <title>Why this {head}?</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n<h1>Why this {head}?</h1>\n\
         <p><mark class=\"for s2\">Solid underline, green</mark>: speaks for the label. \
         <mark class=\"against s2\">Wavy underline, red</mark>: speaks for the runner-up. Thicker and darker is stronger. \
         <span class=\"actor\">Boxed</span>: the actor. Values are parts of the log-odds of the label against the \
         runner-up.</p>\n"
    )
}

/// One judgement.
pub fn show<L: Explained>(out: &mut dyn Write, reason: &Reason<L>, top: usize) -> io::Result<()> {
    let explanation = reason.explanation();
    let (label, runner_up) = (explanation.label(), explanation.runner_up());
    let (own, next) = (100.0 * reason.probability(label), 100.0 * reason.probability(runner_up));
    let judgement = reason.judgement();
    let (file, start) = (Escaped(reason.file()), judgement.passage().start());
    writeln!(out, "<article>\n<h2>{}: {label}, {own:.0} %</h2>", Escaped(judgement.actor().name()))?;
    writeln!(out, "<small>{file}:{start}; runner-up {runner_up}, {next:.0} %</small>")?;
    write!(out, "<p>")?;
    for piece in reason.pieces() {
        passage_piece(out, &piece, [label, runner_up])?;
    }
    let (plus, minus) = reason.sides();
    let (odds, base) = (explanation.log_odds(), explanation.base());
    writeln!(out, "</p>")?;
    match reason.flip() {
        Some(flip) => {
            write!(out, "<p>Without ")?;
            for (at, span) in flip.removed().iter().enumerate() {
                let comma = if at == 0 { "" } else { ", " };
                write!(out, "{comma}<q>{}</q>", Escaped(&reason.words(*span)))?;
            }
            writeln!(out, " it would be <strong>{}</strong>, {:.0} %.</p>", flip.label(), 100.0 * flip.probability())?;
        }
        None => writeln!(out, "<p>No small removal of words changes the label.</p>")?,
    }
    writeln!(out, "<details>\n<summary>Terms and cues</summary>")?;
    writeln!(
        out,
        "<p>Log-odds {odds:+.3} = base {base:+.3}, for {label} {plus:+.3}, for {runner_up} {minus:+.3}.</p>"
    )?;
    writeln!(out, "<table>\n<tr><th scope=\"col\">value</th><th scope=\"col\">term</th></tr>")?;
    for term in explanation.terms().iter().take(top) {
        writeln!(out, "<tr><td>{:+.3}</td><td>{}</td></tr>", term.value(), Escaped(term.term()))?;
    }
    writeln!(out, "</table>")?;
    if !explanation.cues().is_empty() {
        writeln!(out, "<ul>")?;
        for cue in explanation.cues() {
            let negated = if cue.is_negated() { ", negated" } else { "" };
            let words = reason.words(cue.span());
            let class = Escaped(cue.class());
            writeln!(out, "<li><q>{}</q>: {class}, {}{negated}</li>", Escaped(&words), cue.role())?;
        }
        writeln!(out, "</ul>")?;
    }
    writeln!(out, "</details>\n</article>")
}

/// The end of the page.
pub fn foot(out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "</main>\n</body>\n</html>")
}

fn passage_piece<L: Explained>(out: &mut dyn Write, piece: &Piece, [label, runner_up]: [L; 2]) -> io::Result<()> {
    let text = Escaped(piece.text);
    let actor = if piece.is_mention { " actor" } else { "" };
    let (side, whom) = if piece.value > 0.0 { ("for", label) } else { ("against", runner_up) };
    let step = match piece.strength {
        Strength::None if piece.is_mention => return write!(out, "<span class=\"actor\">{text}</span>"),
        Strength::None => return write!(out, "{text}"),
        Strength::Weak => 1,
        Strength::Middle => 2,
        Strength::Strong => 3,
    };
    write!(out, "<mark class=\"{side} s{step}{actor}\" title=\"{:.3} for {whom}\">{text}</mark>", piece.value.abs())
}

/// Text that says nothing to a browser.
struct Escaped<'t>(&'t str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.chars().try_for_each(|c| match c {
            '&' => f.write_str("&amp;"),
            '<' => f.write_str("&lt;"),
            '>' => f.write_str("&gt;"),
            '"' => f.write_str("&quot;"),
            '\'' => f.write_str("&#39;"),
            c if c.is_control() && !c.is_whitespace() => write!(f, "{}", char::REPLACEMENT_CHARACTER),
            c => write!(f, "{c}"),
        })
    }
}
