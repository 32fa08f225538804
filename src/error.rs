//! What can go wrong at the borders: reading, parsing, fitting.

use std::fmt;
use std::path::{Path, PathBuf};

/// A result whose error is [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// An error with its kind, its place (file, line, field) and what to do about it.
///
/// Only the borders can fail: reading and parsing files, and fitting a model.
/// Segmenting, finding actors and classifying take any text and never fail.
///
/// ```
/// use demarche::{Corpus, ErrorKind};
///
/// let error = Corpus::from_jsonl("{\"text\": 3}").unwrap_err();
/// assert_eq!(error.kind(), ErrorKind::Data);
/// assert_eq!(error.line(), Some(1));
/// ```
pub struct Error(Box<Inner>);

struct Inner {
    kind: ErrorKind,
    message: String,
    file: Option<PathBuf>,
    line: Option<usize>,
    field: Option<String>,
    help: Option<String>,
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

/// The sort of thing that went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The operating system could not read or write a file.
    Io,
    /// A file that must be text is not UTF-8.
    Encoding,
    /// Labelled data, or an article, is malformed.
    Data,
    /// The actor catalogue is malformed.
    Catalogue,
    /// The cue lexicon is malformed.
    Cues,
    /// A model file is damaged, of another version, or no model at all.
    Model,
    /// Settings or arguments that make no sense.
    Settings,
    /// The data cannot be fitted: too few rows, one class only, no convergence.
    Fit,
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            kind,
            message: message.into(),
            file: None,
            line: None,
            field: None,
            help: None,
            source: None,
        }))
    }

    pub(crate) fn io(file: &Path, source: std::io::Error) -> Self {
        Self::new(ErrorKind::Io, source.to_string()).in_file(file).caused_by(source)
    }

    /// Names the file, unless a deeper floor has named one.
    pub(crate) fn in_file(mut self, file: &Path) -> Self {
        self.0.file.get_or_insert_with(|| file.to_owned());
        self
    }

    pub(crate) fn at_line(mut self, line: usize) -> Self {
        self.0.line = Some(line);
        self
    }

    pub(crate) fn in_field(mut self, field: impl Into<String>) -> Self {
        self.0.field = Some(field.into());
        self
    }

    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.0.help = Some(help.into());
        self
    }

    pub(crate) fn caused_by(mut self, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        self.0.source = Some(source.into());
        self
    }

    /// The sort of thing that went wrong.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// What went wrong, without its place.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// What to do about it, if there is something to say.
    pub fn advice(&self) -> Option<&str> {
        self.0.help.as_deref()
    }

    /// The file that was being read or written, if there was one.
    pub fn file(&self) -> Option<&Path> {
        self.0.file.as_deref()
    }

    /// The line in that file or string, counted from 1.
    pub fn line(&self) -> Option<usize> {
        self.0.line
    }

    /// The field of that line, as a path such as `actors[1].stance`.
    pub fn field(&self) -> Option<&str> {
        self.0.field.as_deref()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner { message, file, line, field, help, .. } = &*self.0;
        match (file, line) {
            (Some(file), Some(line)) => write!(f, "{}:{line}: ", file.display())?,
            (Some(file), None) => write!(f, "{}: ", file.display())?,
            (None, Some(line)) => write!(f, "line {line}: ")?,
            (None, None) => {}
        }
        if let Some(field) = field {
            write!(f, "{field}: ")?;
        }
        f.write_str(message)?;
        if let Some(help) = help {
            write!(f, " ({help})")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Error {
    // `fn main() -> Result<(), Error>` prints this: the sentence serves people better than the fields.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self} [{:?}]", self.0.kind)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source.as_deref().map(|source| source as _)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_where_and_what_to_do() {
        let error = Error::new(ErrorKind::Data, "unknown label \"maybe\"")
            .at_line(7)
            .in_field("actors[0].stance")
            .help("use pro, skeptical or neutral")
            .in_file(Path::new("mine.jsonl"))
            .in_file(Path::new("outer.jsonl"));
        assert_eq!(
            error.to_string(),
            "mine.jsonl:7: actors[0].stance: unknown label \"maybe\" (use pro, skeptical or neutral)"
        );
    }
}
