//! Reading files and tables at the borders, with the place of every fault; writing beside, then renaming.

use std::fs;
use std::io::Write;
use std::path::Path;

use serde::{Deserialize, Deserializer};

use crate::error::{Error, ErrorKind, Result};

/// The text of a file.
pub(crate) fn read_text(path: &Path) -> Result<String> {
    let bytes = fs::read(path).map_err(|error| Error::io(path, error))?;
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        let line = error.as_bytes()[..at].iter().filter(|&&byte| byte == b'\n').count() + 1;
        Error::new(ErrorKind::Encoding, format!("byte {at} is not UTF-8"))
            .at_line(line)
            .in_file(path)
            .help("convert the file to UTF-8, for example with iconv")
    })
}

/// Writes a file as a whole, as every writer of this crate does: the bytes go to a new file beside it, reach the disk, and
/// take its name. Whenever this is interrupted, by a power cut too, the old file or the new one is there.
///
/// ```
/// let path = std::env::temp_dir().join(format!("demarche-{}.md", std::process::id()));
/// demarche::replace_file(&path, b"# Report\n")?;
/// assert_eq!(std::fs::read(&path)?, b"# Report\n");
/// # std::fs::remove_file(&path)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`ErrorKind::Io`]: the path names no file, or the folder is missing or may not be written to.
pub fn replace_file(path: impl AsRef<Path>, bytes: &[u8]) -> Result<()> {
    let path = path.as_ref();
    let io = |error| Error::io(path, error);
    let name = path.file_name().ok_or_else(|| io(std::io::ErrorKind::InvalidInput.into()))?;
    let mut beside = name.to_owned();
    beside.push(format!(".{}.part", std::process::id()));
    let beside = path.with_file_name(beside);
    let write = || -> std::io::Result<()> {
        let mut file = fs::File::create(&beside)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        drop(file);
        fs::rename(&beside, path)?;
        sync_folder(path)
    };
    write().map_err(|error| {
        // The first error is the one to tell of; a left-over part is removed where possible.
        let _ = fs::remove_file(&beside);
        io(error)
    })
}

/// Brings a new name to the disk: without this, a power cut may bring the old file back.
#[cfg(unix)]
fn sync_folder(path: &Path) -> std::io::Result<()> {
    use std::io::ErrorKind::{InvalidInput, PermissionDenied};
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    match fs::File::open(folder).and_then(|folder| folder.sync_all()) {
        // Some network file systems cannot sync a folder, and some folders may be written but not read; the file has its
        // name all the same.
        Err(error) if matches!(error.kind(), InvalidInput | PermissionDenied) => Ok(()),
        done => done,
    }
}

/// Elsewhere a folder cannot be opened as a file.
#[cfg(not(unix))]
fn sync_folder(_: &Path) -> std::io::Result<()> {
    Ok(())
}

/// Names in a model file or in JSON: as in a table, none is empty. For `#[serde(deserialize_with = "crate::input::names")]`.
pub(crate) fn names<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    let names = Vec::<Name>::deserialize(deserializer)?;
    Ok(names.into_iter().map(|name| name.0).collect())
}

/// A name that is not empty; the first that is ends the reading of a list.
#[derive(Deserialize)]
#[serde(try_from = "String")]
struct Name(String);

impl TryFrom<String> for Name {
    type Error = &'static str;

    fn try_from(name: String) -> Result<Self, Self::Error> {
        if name.is_empty() {
            Err("a name is empty")
        } else {
            Ok(Self(name))
        }
    }
}

/// One row of a table, with its line.
pub(crate) struct Row<'t> {
    line: usize,
    columns: &'static [&'static str],
    cells: Vec<&'t str>,
}

impl Row<'_> {
    pub(crate) fn text(&self, column: usize) -> &str {
        self.cells.get(column).copied().unwrap_or("")
    }

    pub(crate) fn list(&self, column: usize, separator: char) -> Vec<String> {
        self.text(column).split(separator).map(str::trim).filter(|s| !s.is_empty()).map(str::to_owned).collect()
    }

    /// The error with this row's line and the column's name.
    pub(crate) fn locate(&self, error: Error, column: usize) -> Error {
        error.at_line(self.line).in_field(self.columns.get(column).copied().unwrap_or(""))
    }
}

/// The rows of a tab-separated table whose first line names these columns; `#` begins a comment line.
pub(crate) fn tsv<'t>(
    text: &'t str,
    kind: ErrorKind,
    columns: &'static [&'static str],
) -> Result<impl Iterator<Item = Result<Row<'t>>>> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut lines = (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty() && !line.starts_with('#'));
    let expected = columns.join("\t");
    match lines.next() {
        Some((_, head)) if head.trim_end() == expected => {}
        other => {
            let message = "the first line must name the columns";
            let error = Error::new(kind, message).help(format!("write {}", columns.join(", ")));
            return Err(error.at_line(other.map_or(1, |(line, _)| line)));
        }
    }
    Ok(lines.map(move |(line, row)| {
        let cells: Vec<&str> = row.split('\t').map(str::trim).collect();
        if cells.len() == columns.len() {
            return Ok(Row { line, columns, cells });
        }
        let message = format!("{} columns instead of {}", cells.len(), columns.len());
        Err(Error::new(kind, message).at_line(line).help("separate columns by one tab"))
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_replaced_as_a_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("model");
        let other_name = folder.path().join("other name");
        replace_file(&path, b"old").unwrap();
        fs::hard_link(&path, &other_name).unwrap();
        replace_file(&path, b"new").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"new");
        assert_eq!(fs::read(&other_name).unwrap(), b"old", "the old file itself is not written to");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
        let error = replace_file(folder.path().join("missing/model"), b"").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Io);
    }

    #[cfg(unix)]
    #[test]
    fn a_file_that_may_only_be_read_is_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("model");
        fs::write(&path, b"old").unwrap();
        let mut permissions = fs::metadata(&path).unwrap().permissions();
        permissions.set_readonly(true);
        fs::set_permissions(&path, permissions).unwrap();
        replace_file(&path, b"new").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"new");
    }

    #[test]
    fn what_is_not_utf_8_is_located() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("latin1.txt");
        fs::write(&path, b"one\ncaf\xe9").unwrap();
        let error = read_text(&path).unwrap_err();
        assert_eq!((error.kind(), error.line()), (ErrorKind::Encoding, Some(2)));
    }
}
