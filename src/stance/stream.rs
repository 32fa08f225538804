//! Judging a stream: a file or pipe of any size, in bounded memory.

use std::io::BufRead;

use crate::error::{Error, ErrorKind, Result};
use crate::stance::cameo::{codes, Cameo};
use crate::stance::classifier::Worker;
use crate::stance::judgement::Judgement;

/// A stretch without a blank line is judged in pieces of about this size (bytes).
const LONGEST_STRETCH: usize = 1 << 20;

impl Worker<'_> {
    /// Judges a stream of UTF-8 paragraph by paragraph; `each` gets every judgement, with spans in bytes of the whole
    /// stream, and the text of its passage. Returns the number of bytes read. A byte-order mark is passed over.
    ///
    /// A stretch without a blank line that is longer than a mebibyte is cut at a line break or white space.
    ///
    /// ```
    /// use demarche::{Classifier, Model};
    ///
    /// let classifier = Classifier::new(Model::bundled()?);
    /// let mut actors = Vec::new();
    /// classifier.worker().classify_stream("Iran agreed.\n\nIraq refused.".as_bytes(), |judgement, passage| {
    ///     actors.push((judgement.actor().name().to_owned(), passage.to_owned()));
    ///     Ok::<(), demarche::Error>(())
    /// })?;
    /// assert_eq!(actors[1], ("Iraq".to_owned(), "Iraq refused.".to_owned()));
    /// # Ok::<(), demarche::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::Io`] when reading fails, [`ErrorKind::Encoding`] with the line of a byte that is not UTF-8, and
    /// whatever `each` returns.
    pub fn classify_stream<E: From<Error>>(
        &mut self,
        reader: impl BufRead,
        mut each: impl FnMut(&Judgement, &str) -> Result<(), E>,
    ) -> Result<usize, E> {
        stretches(reader, |text, offset| {
            for judgement in self.classify(text) {
                let inside = judgement.passage().slice(text).unwrap_or("");
                each(&judgement.shifted(offset), inside)?;
            }
            Ok(())
        })
    }

    /// As [`Worker::classify_stream`], with the CAMEO codes nearest to each stance, as [`Explanation::cameo`] gives them;
    /// it takes little longer, for only the cues are explained. Empty for neutral, and without a stance.
    ///
    /// ```
    /// use demarche::{Classifier, Model};
    ///
    /// let classifier = Classifier::new(Model::bundled()?);
    /// let text = "Iran agreed.\n\nMoscow refused to negotiate.";
    /// let mut found = Vec::new();
    /// classifier.worker().cameo_stream(text.as_bytes(), |_, codes, _| {
    ///     found.extend(codes.iter().map(|code| code.code()));
    ///     Ok::<(), demarche::Error>(())
    /// })?;
    /// assert_eq!(found, ["037", "125"]);
    /// # Ok::<(), demarche::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`Worker::classify_stream`].
    ///
    /// [`Explanation::cameo`]: crate::stance::Explanation::cameo
    pub fn cameo_stream<E: From<Error>>(
        &mut self,
        reader: impl BufRead,
        mut each: impl FnMut(&Judgement, &[Cameo], &str) -> Result<(), E>,
    ) -> Result<usize, E> {
        stretches(reader, |text, offset| {
            let mut found = Vec::new();
            self.walk(text, |worker, judgement| {
                let stance = judgement.stance().map(|stance| stance.label());
                let cues = worker.cues(judgement.passage().start());
                found.push((stance.map_or(Vec::new(), |label| codes(label, &cues, text)), judgement));
            });
            for (codes, judgement) in found {
                let inside = judgement.passage().slice(text).unwrap_or("");
                each(&judgement.shifted(offset), &codes, inside)?;
            }
            Ok(())
        })
    }
}

/// Reads a stream stretch by stretch; `each` gets the text of each and where it begins. Returns the number of bytes.
fn stretches<E: From<Error>>(
    mut reader: impl BufRead,
    mut each: impl FnMut(&str, usize) -> Result<(), E>,
) -> Result<usize, E> {
    let mut stretch = Stretch::default();
    while stretch.fill(&mut reader)? {
        each(stretch.text()?, stretch.offset)?;
        stretch.advance();
    }
    Ok(stretch.offset)
}

/// A part of the stream that can be judged on its own.
#[derive(Default)]
struct Stretch {
    bytes: Vec<u8>,
    /// The bytes of this stretch; those behind belong to the next.
    end: usize,
    offset: usize,
    lines: usize,
}

impl Stretch {
    /// Reads up to the next blank line; false at the end of the stream.
    fn fill(&mut self, reader: &mut impl BufRead) -> Result<bool> {
        loop {
            let start = self.bytes.len();
            let room = (LONGEST_STRETCH - start.min(LONGEST_STRETCH)) as u64 + 1;
            let read = std::io::Read::take(&mut *reader, room).read_until(b'\n', &mut self.bytes);
            let read = read.map_err(|error| Error::new(ErrorKind::Io, error.to_string()).caused_by(error))?;
            if self.offset == 0 && start == 0 && self.bytes.starts_with("\u{feff}".as_bytes()) {
                self.bytes.drain(..3);
                self.offset = 3;
            }
            // A line may begin in what the last cut has left.
            let line = self.bytes.strip_suffix(b"\n").and_then(|before| before.rsplit(|&byte| byte == b'\n').next());
            if read == 0 || line.is_some_and(|line| line.trim_ascii().is_empty()) {
                self.end = self.bytes.len();
                return Ok(read > 0 || self.end > 0);
            }
            if self.bytes.len() > LONGEST_STRETCH {
                self.end = cut(&self.bytes);
                return Ok(true);
            }
        }
    }

    fn text(&self) -> Result<&str> {
        std::str::from_utf8(&self.bytes[..self.end]).map_err(|error| {
            let before = &self.bytes[..error.valid_up_to()];
            let line = self.lines + before.iter().filter(|&&byte| byte == b'\n').count() + 1;
            let message = format!("byte {} is not UTF-8", self.offset + error.valid_up_to());
            Error::new(ErrorKind::Encoding, message).at_line(line).help("convert it to UTF-8, for example with iconv")
        })
    }

    fn advance(&mut self) {
        self.lines += self.bytes[..self.end].iter().filter(|&&byte| byte == b'\n').count();
        self.offset += self.end;
        self.bytes.drain(..self.end);
        self.end = 0;
    }
}

/// Where to cut an overlong stretch: behind the last line break, else behind white space, else before a character.
fn cut(bytes: &[u8]) -> usize {
    let behind = |found: Option<usize>| found.map(|at| at + 1).filter(|&at| at > bytes.len() / 2);
    behind(bytes.iter().rposition(|&byte| byte == b'\n'))
        .or_else(|| behind(bytes.iter().rposition(u8::is_ascii_whitespace)))
        .unwrap_or_else(|| {
            let is_start = |byte: &u8| byte & 0b1100_0000 != 0b1000_0000;
            let tail = bytes.len().saturating_sub(4);
            tail + bytes[tail..].iter().rposition(is_start).unwrap_or(0)
        })
}
