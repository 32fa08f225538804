//! An article: its text, and what is known of it.

use crate::report::date::Date;

/// A text with its place in the press: title, source, date and address, each where known. A blank one counts as unknown.
///
/// ```
/// use demarche::report::Article;
///
/// let article = Article::new("Oslo offered to host the talks.")
///     .with_title("An offer from the north")
///     .with_source("Meridian Wire")
///     .with_date("2026-10-02".parse()?);
/// assert_eq!(article.source(), Some("Meridian Wire"));
/// # Ok::<(), demarche::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Article {
    text: String,
    id: Option<String>,
    title: Option<String>,
    date: Option<Date>,
    source: Option<String>,
    url: Option<String>,
}

impl Article {
    /// An article of which the text alone is known.
    pub fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }

    /// Names it: in a collection, or by its file. Shown where it has no title.
    pub fn with_id(mut self, id: impl Into<String>) -> Self {
        self.id = unless_blank(id.into());
        self
    }

    /// Gives it a headline.
    pub fn with_title(mut self, title: impl Into<String>) -> Self {
        self.title = unless_blank(title.into());
        self
    }

    /// Gives the day it was published.
    pub fn with_date(mut self, date: Date) -> Self {
        self.date = Some(date);
        self
    }

    /// Gives the newspaper, agency or site it comes from.
    pub fn with_source(mut self, source: impl Into<String>) -> Self {
        self.source = unless_blank(source.into());
        self
    }

    /// Gives its address; a report links it where it begins with `http://` or `https://` and has no more than 2,048 bytes.
    pub fn with_url(mut self, url: impl Into<String>) -> Self {
        self.url = unless_blank(url.into());
        self
    }

    /// The text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Its name in a collection.
    pub fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    /// The headline.
    pub fn title(&self) -> Option<&str> {
        self.title.as_deref()
    }

    /// The day it was published.
    pub fn date(&self) -> Option<Date> {
        self.date
    }

    /// The newspaper, agency or site it comes from.
    pub fn source(&self) -> Option<&str> {
        self.source.as_deref()
    }

    /// Its address.
    pub fn url(&self) -> Option<&str> {
        self.url.as_deref()
    }
}

fn unless_blank(text: String) -> Option<String> {
    Some(text).filter(|text| !text.trim().is_empty())
}
