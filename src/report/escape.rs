//! Markup by construction: tags are part of the program, everything else is escaped.
//!
//! Tags and attribute names are `&'static str`, so what was read from somewhere cannot become one; elements close
//! themselves, so the page is well-formed whatever is in it.

use std::borrow::Cow;
use std::fmt::{self, Display, Write};

/// An attribute: its name, and a value that is escaped.
pub(super) type Attribute<'a> = (&'static str, &'a dyn Display);

/// A page, or a part of one, that is being written.
#[derive(Default)]
pub(super) struct Html {
    out: String,
}

impl Html {
    /// Markup that is part of the program: the style sheet, the patterns of the charts.
    pub(super) fn markup(&mut self, markup: &'static str) {
        self.out.push_str(markup);
    }

    /// Text, escaped.
    pub(super) fn text(&mut self, text: impl Display) {
        // Writing to a string fails only where `Display` itself fails; then there is nothing to write.
        let _ = write!(Escaping(&mut self.out), "{text}");
    }

    /// An element on lines of its own.
    pub(super) fn block(&mut self, tag: &'static str, attributes: &[Attribute], inside: impl FnOnce(&mut Self)) {
        self.inline(tag, attributes, inside);
        self.out.push('\n');
    }

    /// An element within a line.
    pub(super) fn inline(&mut self, tag: &'static str, attributes: &[Attribute], inside: impl FnOnce(&mut Self)) {
        self.void(tag, attributes);
        inside(self);
        self.out.push_str("</");
        self.out.push_str(tag);
        self.out.push('>');
    }

    /// An element that holds text only.
    pub(super) fn leaf(&mut self, tag: &'static str, attributes: &[Attribute], text: impl Display) {
        self.inline(tag, attributes, |html| html.text(text));
    }

    /// An element on a line of its own that holds text only.
    pub(super) fn line(&mut self, tag: &'static str, attributes: &[Attribute], text: impl Display) {
        self.block(tag, attributes, |html| html.text(text));
    }

    /// A tag that has no end: `meta`.
    pub(super) fn void(&mut self, tag: &'static str, attributes: &[Attribute]) {
        self.out.push('<');
        self.out.push_str(tag);
        for (name, value) in attributes {
            self.out.push(' ');
            self.out.push_str(name);
            self.out.push_str("=\"");
            self.text(value);
            self.out.push('"');
        }
        self.out.push('>');
    }

    pub(super) fn finish(self) -> String {
        self.out
    }
}

/// Escapes what is written through it, for text and for quoted attributes alike.
struct Escaping<'o>(&'o mut String);

impl Write for Escaping<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for c in text.chars() {
            match c {
                '&' => self.0.push_str("&amp;"),
                '<' => self.0.push_str("&lt;"),
                '>' => self.0.push_str("&gt;"),
                '"' => self.0.push_str("&quot;"),
                '\'' => self.0.push_str("&#39;"),
                // HTML knows no other control characters; a NUL would be dropped or replaced by each reader in its own way.
                c if c.is_control() && !c.is_ascii_whitespace() => self.0.push(char::REPLACEMENT_CHARACTER),
                c => self.0.push(c),
            }
        }
        Ok(())
    }
}

/// The fragment that names an actor's section: letters, digits and `-` as they are, any other character as its number
/// between underscores. Two ids never share one.
pub(super) fn anchor(id: &str) -> String {
    let mut anchor = String::from("actor-");
    for c in id.chars() {
        if c.is_ascii_alphanumeric() || c == '-' {
            anchor.push(c);
        } else {
            anchor.push_str(&format!("_{:x}_", u32::from(c)));
        }
    }
    anchor
}

/// Titles and sources stand beside every quotation: longer ones are cut to this many characters.
const LONGEST_LABEL: usize = 200;
/// Addresses of more bytes are not linked; servers refuse longer ones anyway.
const LONGEST_ADDRESS: usize = 2048;

/// Text that is cut where it is longer than a label should be.
pub(super) fn label(text: &str) -> Cow<'_, str> {
    match text.char_indices().nth(LONGEST_LABEL) {
        Some((end, _)) => Cow::Owned(format!("{}…", &text[..end])),
        None => Cow::Borrowed(text),
    }
}

/// The address, where it is one that a page may lead to: http or https, nothing that a browser would run; and not too long.
pub(super) fn web_address(url: &str) -> Option<&str> {
    let url = url.trim();
    let scheme = url.split_once("://").map(|(scheme, _)| scheme)?;
    let is_web = scheme.eq_ignore_ascii_case("https") || scheme.eq_ignore_ascii_case("http");
    (is_web && url.len() <= LONGEST_ADDRESS).then_some(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_never_markup() {
        let mut html = Html::default();
        html.leaf("p", &[("title", &"\"><script>")], "a < b & 'c'\0");
        assert_eq!(html.finish(), "<p title=\"&quot;&gt;&lt;script&gt;\">a &lt; b &amp; &#39;c&#39;\u{fffd}</p>");
    }

    #[test]
    fn anchors_differ_where_ids_do() {
        let ids = ["a b", "a-b", "a_b", "a_20_b", "", "Q159", "q159", "é"];
        let anchors: std::collections::BTreeSet<String> = ids.iter().map(|id| anchor(id)).collect();
        assert_eq!(anchors.len(), ids.len());
        assert!(anchors
            .iter()
            .flat_map(|anchor| anchor.chars())
            .all(|c| c.is_ascii_alphanumeric() || "-_".contains(c)));
    }

    #[test]
    fn only_the_web_is_linked() {
        assert_eq!(web_address(" https://example.org/a?b=c "), Some("https://example.org/a?b=c"));
        for url in
            ["javascript:alert(1)", "javascript://x%0aalert(1)", "data:text/html,x", "//example.org", "a.html", ""]
        {
            assert_eq!(web_address(url), None, "{url}");
        }
        let long = |bytes: usize| format!("{:x<bytes$}", "https://example.org/");
        assert!(web_address(&long(LONGEST_ADDRESS)).is_some() && web_address(&long(LONGEST_ADDRESS + 1)).is_none());
    }

    #[test]
    fn labels_are_cut_between_characters() {
        let text = "é".repeat(LONGEST_LABEL);
        assert_eq!(label(&text), text);
        assert_eq!(label(&format!("{text}é")), format!("{text}…"));
    }
}
