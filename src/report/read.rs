//! Reading articles: JSONL, text files, folders of them.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use crate::error::{Error, ErrorKind, Result};
use crate::input::read_text;
use crate::report::article::Article;

impl Article {
    /// Reads articles, one JSON object a line: `{"text", "id"?, "title"?, "date"?, "source"?, "url"?}`. The date is
    /// `YYYY-MM-DD`; an optional field may be null or empty; other fields are passed over.
    ///
    /// ```
    /// use demarche::report::Article;
    ///
    /// let articles = Article::from_jsonl(r#"{"text": "Oslo agreed.", "date": "2026-10-02"}"#)?;
    /// assert_eq!(articles[0].text(), "Oslo agreed.");
    /// # Ok::<(), demarche::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::Data`] with the line and field.
    pub fn from_jsonl(text: &str) -> Result<Vec<Self>> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let lines = (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty());
        lines.map(|(number, line)| article(line).map_err(|error| error.at_line(number))).collect()
    }

    /// Reads what is at a path: JSONL from `.jsonl`, the `.txt` files of a folder in the order of their names, the text
    /// of any other file. A text file's title is its name without the ending.
    ///
    /// # Errors
    /// [`ErrorKind::Io`], also where a folder has no `.txt` file; [`ErrorKind::Encoding`]; [`ErrorKind::Data`] with the
    /// line and field.
    pub fn read(path: impl AsRef<Path>) -> Result<Vec<Self>> {
        let path = path.as_ref();
        if path.is_dir() {
            return text_files(path)?.iter().map(|file| text_file(file)).collect();
        }
        if has_ending(path, "jsonl") {
            return Self::from_jsonl(&read_text(path)?).map_err(|error| error.in_file(path));
        }
        Ok(vec![text_file(path)?])
    }
}

fn text_file(path: &Path) -> Result<Article> {
    let text = read_text(path)?;
    let title = path.file_stem().unwrap_or_default().to_string_lossy();
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    Ok(Article::new(text).with_id(path.to_string_lossy()).with_title(title))
}

fn text_files(folder: &Path) -> Result<Vec<PathBuf>> {
    let io = |error| Error::io(folder, error);
    let entries = fs::read_dir(folder).map_err(io)?;
    let mut files = entries.map(|entry| Ok(entry?.path())).collect::<std::io::Result<Vec<_>>>().map_err(io)?;
    files.retain(|path| has_ending(path, "txt"));
    files.sort();
    if files.is_empty() {
        let error = Error::new(ErrorKind::Io, "this folder has no .txt file").in_file(folder);
        return Err(error.help("give the articles as .txt files, or as one .jsonl file"));
    }
    Ok(files)
}

fn has_ending(path: &Path, ending: &str) -> bool {
    path.extension().is_some_and(|own| own.eq_ignore_ascii_case(ending))
}

fn article(line: &str) -> Result<Article> {
    let data = |message: String| Error::new(ErrorKind::Data, message);
    let value: Value = serde_json::from_str(line)
        .map_err(|error| data(format!("column {}: not JSON", error.column())).caused_by(error))?;
    let Value::Object(fields) = value else {
        return Err(data("not a JSON object".to_owned()).help("write one object {…} a line"));
    };
    let text = optional(&fields, "text")?;
    let text =
        text.ok_or_else(|| data("missing or empty".to_owned()).in_field("text").help("give the article's text"))?;
    let mut article = Article::new(text);
    if let Some(id) = optional(&fields, "id")? {
        article = article.with_id(id);
    }
    if let Some(title) = optional(&fields, "title")? {
        article = article.with_title(title);
    }
    if let Some(date) = optional(&fields, "date")? {
        article = article.with_date(date.trim().parse().map_err(|error: Error| error.in_field("date"))?);
    }
    if let Some(source) = optional(&fields, "source")? {
        article = article.with_source(source);
    }
    if let Some(url) = optional(&fields, "url")? {
        article = article.with_url(url);
    }
    Ok(article)
}

/// A field's string; `None` where it is missing, null or blank. An id may be a number.
fn optional(fields: &Map<String, Value>, name: &str) -> Result<Option<String>> {
    match fields.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone()).filter(|text| !text.trim().is_empty())),
        Some(Value::Number(number)) if name == "id" => Ok(Some(number.to_string())),
        Some(_) => Err(Error::new(ErrorKind::Data, "not a string").in_field(name).help("put it in quotation marks")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_read_and_faults_located() {
        let articles = Article::from_jsonl(
            "\u{feff}{\"text\":\"a\",\"id\":7,\"title\":\"t\",\"source\":\"\",\"url\":null,\"more\":[]}\r\n\n{\"text\":\"b\"}\n",
        )
        .unwrap();
        assert_eq!(articles, [Article::new("a").with_id("7").with_title("t"), Article::new("b")]);
        assert_eq!(Article::from_jsonl("\n \n").unwrap(), []);
        let cases = [
            ("{", "line 2: column 1: not JSON"),
            ("[]", "line 2: not a JSON object (write one object {…} a line)"),
            ("{}", "line 2: text: missing or empty (give the article's text)"),
            ("{\"text\":3}", "line 2: text: not a string (put it in quotation marks)"),
            (
                "{\"text\":\"x\",\"date\":\"2 May\"}",
                "line 2: date: \"2 May\" is no date (write YYYY-MM-DD, for example 2026-10-02)",
            ),
        ];
        for (line, message) in cases {
            let error = Article::from_jsonl(&format!("{{\"text\":\"a\"}}\n{line}")).unwrap_err();
            assert_eq!(error.to_string(), message);
        }
    }

    #[test]
    fn files_and_folders_are_read_in_order() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        assert!(Article::read(folder.path()).unwrap_err().to_string().contains("no .txt file"));
        for (name, text) in [("b.txt", "two"), ("a.TXT", "\u{feff}one"), ("c.jsonl", "{\"text\":1}"), ("d.md", "four")]
        {
            fs::write(path(name), text).unwrap();
        }
        let articles = Article::read(folder.path()).unwrap();
        assert_eq!(articles.iter().map(Article::text).collect::<Vec<_>>(), ["one", "two"]);
        assert_eq!(articles[0].title(), Some("a"));
        assert_eq!(Article::read(path("d.md")).unwrap()[0].text(), "four");
        let error = Article::read(path("c.jsonl")).unwrap_err();
        assert!(error.to_string().ends_with("c.jsonl:1: text: not a string (put it in quotation marks)"), "{error}");
        assert_eq!(Article::read(path("missing.txt")).unwrap_err().kind(), ErrorKind::Io);
    }
}
