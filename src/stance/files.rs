//! Labelled files, by their ending.

use std::path::Path;

use crate::error::Result;
use crate::stance::corpus::Corpus;

impl Corpus {
    /// Reads a labelled file: CSV from `.csv`, inline markup from `.txt`, JSONL from any other.
    ///
    /// # Errors
    /// [`ErrorKind::Io`](crate::ErrorKind::Io), [`ErrorKind::Encoding`](crate::ErrorKind::Encoding), or
    /// [`ErrorKind::Data`](crate::ErrorKind::Data) with the line and field.
    pub fn read(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let text = crate::input::read_text(path)?;
        let parsed = match path.extension().and_then(|ending| ending.to_str()) {
            Some("csv") => Self::from_csv(&text),
            Some("txt") => {
                let name = path.file_stem().map_or("markup".into(), |stem| stem.to_string_lossy());
                Self::from_markup(&text, &name)
            }
            _ => Self::from_jsonl(&text),
        };
        parsed.map_err(|error| error.in_file(path))
    }

    /// Reads several labelled files as one corpus.
    ///
    /// # Errors
    /// As [`Corpus::read`].
    pub fn read_all<P: AsRef<Path>>(paths: impl IntoIterator<Item = P>) -> Result<Self> {
        let mut all = Self::default();
        for path in paths {
            all.append(Self::read(path)?);
        }
        Ok(all)
    }
}
