//! Reasons for a terminal, in colours or in marks.

use std::io::{self, Write};

use demarche::stance::Explained;

use crate::options::plain::plain;
use crate::reason::{Piece, Reason, Strength};

/// How the words of a passage are set off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Paint {
    /// Green for the label, red for the runner-up; bold, then reversed where stronger; the actor underlined.
    Colours,
    /// `[+word]` for the label, `[-word]` for the runner-up, up to three signs; `<actor>`.
    Marks,
}

const RESET: &str = "\x1b[0m";

/// Says once how to read what follows.
pub fn head(out: &mut dyn Write, paint: Paint) -> io::Result<()> {
    match paint {
        Paint::Colours => writeln!(
            out,
            "\x1b[32mfor the label{RESET}, \x1b[31mfor the runner-up{RESET}; \x1b[1mbold{RESET} and \x1b[1;7mreversed{RESET} \
             are stronger; \x1b[4mthe actor{RESET}"
        ),
        Paint::Marks => writeln!(out, "[+for the label] [-for the runner-up], more signs are stronger; <the actor>"),
    }
}

/// One judgement: its passage, and what its label comes from.
pub fn show<L: Explained>(out: &mut dyn Write, reason: &Reason<L>, paint: Paint, top: usize) -> io::Result<()> {
    let explanation = reason.explanation();
    let (label, runner_up) = (explanation.label(), explanation.runner_up());
    let (own, next) = (100.0 * reason.probability(label), 100.0 * reason.probability(runner_up));
    let judgement = reason.judgement();
    let place = format!("{}:{}", plain(reason.file()), judgement.passage().start());
    let actor = plain(judgement.actor().name());
    writeln!(out, "\n{place}  {actor}: {label} {own:.0} %, {runner_up} {next:.0} %")?;
    write!(out, "  ")?;
    for piece in reason.pieces() {
        write!(out, "{}", painted(&piece, paint))?;
    }
    let (plus, minus) = reason.sides();
    let (odds, base) = (explanation.log_odds(), explanation.base());
    writeln!(out, "\n  log-odds {odds:+.3} = base {base:+.3}, for {label} {plus:+.3}, for {runner_up} {minus:+.3}")?;
    for term in explanation.terms().iter().take(top) {
        writeln!(out, "    {:+.3}  {}", term.value(), plain(term.term()))?;
    }
    if let Some(rest) = explanation.terms().len().checked_sub(top).filter(|rest| *rest > 0) {
        writeln!(out, "    and {rest} terms more")?;
    }
    for cue in explanation.cues() {
        let negated = if cue.is_negated() { ", negated" } else { "" };
        let words = plain(&reason.words(cue.span()));
        writeln!(out, "  cue \"{words}\": {}, {}{negated}", plain(cue.class()), cue.role())?;
    }
    match reason.flip() {
        Some(flip) => {
            let words: Vec<String> =
                flip.removed().iter().map(|span| format!("\"{}\"", plain(&reason.words(*span)))).collect();
            let percent = 100.0 * flip.probability();
            writeln!(out, "  without {}: {} {percent:.0} %", words.join(", "), flip.label())
        }
        None => writeln!(out, "  no small removal of words changes the label"),
    }
}

fn painted(piece: &Piece, paint: Paint) -> String {
    let text = plain(piece.text);
    let is_for = piece.value > 0.0;
    match paint {
        Paint::Marks => {
            let named = if piece.is_mention { format!("<{text}>") } else { text };
            let sign = if is_for { "+" } else { "-" };
            match piece.strength {
                Strength::None => named,
                Strength::Weak => format!("[{sign}{named}]"),
                Strength::Middle => format!("[{}{named}]", sign.repeat(2)),
                Strength::Strong => format!("[{}{named}]", sign.repeat(3)),
            }
        }
        Paint::Colours => {
            let mut codes = Vec::new();
            if piece.is_mention {
                codes.push("4");
            }
            if piece.strength != Strength::None {
                codes.push(if is_for { "32" } else { "31" });
            }
            match piece.strength {
                Strength::None | Strength::Weak => {}
                Strength::Middle => codes.push("1"),
                Strength::Strong => codes.extend(["1", "7"]),
            }
            if codes.is_empty() {
                text
            } else {
                format!("\x1b[{}m{text}{RESET}", codes.join(";"))
            }
        }
    }
}
