//! Words for people: what a stranger's file holds may not steer the terminal that shows it.

use std::fmt::Display;
use std::io::{self, Write};

/// Text of a stranger's file in one line: white space becomes blanks, and what could steer a terminal or turn the order of
/// letters round is replaced.
pub fn plain(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            c if c.is_whitespace() => ' ',
            c if c.is_control() => char::REPLACEMENT_CHARACTER,
            // Embeddings, overrides and isolates of Unicode's bidirectional algorithm.
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => char::REPLACEMENT_CHARACTER,
            c => c,
        })
        .collect()
}

/// Prints lines for a program that has more to do than to print: a reader that has gone does not end it.
pub fn say(lines: impl Display) -> io::Result<()> {
    let lines = lines.to_string();
    match lines.split('\n').try_for_each(|line| writeln!(io::stdout(), "{}", plain(line))) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => written,
    }
}

/// One line on standard error. That nobody reads it is no fault, and `eprintln!` would panic.
pub fn tell(line: impl Display) {
    let _ = writeln!(io::stderr(), "{}", plain(&line.to_string()));
}
