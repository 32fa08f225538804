//! Labelled files, by their ending.

use std::collections::HashSet;
use std::path::Path;

use crate::error::Result;
use crate::stance::corpus::Corpus;

impl Corpus {
    /// Reads a labelled file: CSV from `.csv`, inline markup from `.txt`, JSONL from any other. Warnings name the file, and
    /// ids that are missing begin with its name.
    ///
    /// # Errors
    /// [`ErrorKind::Io`](crate::ErrorKind::Io), [`ErrorKind::Encoding`](crate::ErrorKind::Encoding), or
    /// [`ErrorKind::Data`](crate::ErrorKind::Data) with the line and field.
    pub fn read(path: impl AsRef<Path>) -> Result<Self> {
        Self::read_among(path.as_ref(), &mut HashSet::new())
    }

    /// Reads several labelled files as one corpus. Of files in markup that share a name, the second has ids that begin with
    /// `name#2`, and so on.
    ///
    /// # Errors
    /// As [`Corpus::read`].
    pub fn read_all<P: AsRef<Path>>(paths: impl IntoIterator<Item = P>) -> Result<Self> {
        let mut all = Self::default();
        let mut taken = HashSet::new();
        for path in paths {
            all.append(Self::read_among(path.as_ref(), &mut taken)?);
        }
        Ok(all)
    }

    /// Reads a file; in markup its ids begin with what is not taken yet.
    fn read_among(path: &Path, taken: &mut HashSet<String>) -> Result<Self> {
        let text = crate::input::read_text(path)?;
        let name = path.file_stem().map_or("line".into(), |stem| stem.to_string_lossy());
        let parsed = match path.extension().and_then(|ending| ending.to_str()) {
            Some("csv") => Self::csv(&text, &name),
            Some("txt") => {
                let mut prefix = name.to_string();
                let mut number = 1;
                while !taken.insert(prefix.clone()) {
                    number += 1;
                    prefix = format!("{name}#{number}");
                }
                Self::from_markup(&text, &prefix)
            }
            _ => Self::jsonl(&text, &name),
        };
        parsed.map(|corpus| corpus.in_file(path)).map_err(|error| error.in_file(path))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;

    use super::*;

    #[test]
    fn made_up_ids_differ_between_files_and_given_ones_stay() -> Result<()> {
        let folder = tempfile::tempdir().unwrap();
        let line = |more: &str, text: &str| {
            format!("{{{more}\"text\":\"{text}\",\"actors\":[{{\"name\":\"Oslo\",\"mentions\":[\"Oslo\"]}}]}}\n")
        };
        let mut paths = Vec::new();
        for (name, text) in [
            ("a.jsonl", line("\"id\":\"mine\",", "Oslo met.") + &line("", "Oslo left.")),
            ("b.jsonl", line("", "Oslo met.") + &line("", "Oslo left.")),
            ("part/b.jsonl", line("", "Oslo spoke.") + &line("", "Oslo sat.")),
            ("c.csv", "text,actor\nOslo met.,Oslo\nOslo left.,Oslo\n".to_owned()),
            ("d.txt", "[Oslo|Oslo|p|0] met.\n[Oslo|Oslo|p|0] left.\n".to_owned()),
            ("d#2.txt", "[Oslo|Oslo|p|0] met.\n".to_owned()),
            ("part/d.txt", "[Oslo|Oslo|p|0] met.\n[Oslo|Oslo|p|0] left.\n".to_owned()),
        ] {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, text).unwrap();
            paths.push(path);
        }
        let corpus = Corpus::read_all(&paths)?;
        assert_eq!(corpus.passages()[0].id(), "mine");
        assert!(corpus.passages()[1].id().starts_with("a-2-"), "{}", corpus.passages()[1].id());
        let ids: BTreeSet<&str> = corpus.passages().iter().map(|passage| passage.id()).collect();
        assert_eq!(ids.len(), corpus.passages().len(), "{ids:?}");
        let groups: BTreeSet<&str> = corpus.passages().iter().map(|passage| passage.group()).collect();
        assert_eq!(groups, ids);
        assert_eq!(corpus.warnings(), []);
        Ok(())
    }

    #[test]
    fn pairs_that_stand_twice_are_warned_of_in_every_format() {
        let folder = tempfile::tempdir().unwrap();
        let line = "{\"text\":\"Oslo met.\",\"actors\":[{\"name\":\"Oslo\",\"mentions\":[\"Oslo\"]}]}\n";
        for (name, text, place) in [
            ("a.jsonl", line.repeat(2), 1..=2),
            ("a.csv", "text,actor\nOslo met.,Oslo\nOslo met.,Oslo\n".to_owned(), 2..=3),
            ("a.txt", "[Oslo|Oslo|p|0] met.\n".repeat(2), 1..=2),
        ] {
            let path = folder.path().join(name);
            fs::write(&path, text).unwrap();
            let corpus = Corpus::read(&path).unwrap();
            let told: Vec<String> = corpus.warnings().iter().map(ToString::to_string).collect();
            let message =
                format!("\"Oslo\" is labelled for the same text at line {} already; both count", place.start());
            assert_eq!(told, [format!("{}:{}: {message}", path.display(), place.end())]);
            assert_eq!((corpus.pairs(), corpus.warnings()[0].file()), (2, Some(&*path)));
        }
    }
}
