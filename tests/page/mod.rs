//! Takes a page apart and checks how it is made.

use std::collections::{BTreeMap, BTreeSet};

/// What a page may consist of.
const TAGS: &str = "html head meta title style body header main footer section h1 h2 h3 h4 p a b bdi small span time cite code mark \
    blockquote ul ol li dl div dt dd figure figcaption details summary table caption thead tbody tr th td svg defs pattern rect \
    circle line text desc";
const ATTRIBUTES: &str =
    "lang charset http-equiv content name id class href rel role aria-label aria-labelledby aria-hidden dir \
    scope tabindex datetime focusable width height x y x1 x2 y1 y2 cx cy r patternUnits patternTransform";

#[derive(Debug)]
enum Token {
    Open(String, BTreeMap<String, String>),
    Close(String),
    Text(String),
}

/// Takes a page apart; fails on anything that is not plain, well-formed markup.
fn tokens(page: &str) -> Vec<Token> {
    let mut rest = page.strip_prefix("<!doctype html>").expect("a document type");
    let mut tokens = Vec::new();
    while !rest.is_empty() {
        let Some(tag) = rest.strip_prefix('<') else {
            let end = rest.find('<').unwrap_or(rest.len());
            tokens.push(Token::Text(unescaped(&rest[..end])));
            rest = &rest[end..];
            continue;
        };
        let end = tag.find('>').expect("an end of the tag");
        let (inside, after) = (&tag[..end], &tag[end + 1..]);
        rest = after;
        if let Some(name) = inside.strip_prefix('/') {
            tokens.push(Token::Close(name.to_owned()));
            continue;
        }
        let (name, attributes) = open_tag(inside);
        if name == "style" {
            let end = rest.find("</style>").expect("an end of the style sheet");
            tokens.push(Token::Text(rest[..end].to_owned()));
            rest = &rest[end..];
            let at = tokens.len() - 1;
            tokens.insert(at, Token::Open(name, attributes));
            continue;
        }
        let close = inside.ends_with('/').then(|| Token::Close(name.clone()));
        tokens.push(Token::Open(name, attributes));
        tokens.extend(close);
    }
    tokens
}

fn open_tag(inside: &str) -> (String, BTreeMap<String, String>) {
    let inside = inside.trim_end_matches('/');
    let (name, mut rest) = inside.split_once(' ').unwrap_or((inside, ""));
    assert!(TAGS.split_whitespace().any(|tag| tag == name), "unknown tag <{inside}>");
    let mut attributes = BTreeMap::new();
    while !rest.trim().is_empty() {
        let (key, value) = rest.trim_start().split_once("=\"").unwrap_or_else(|| panic!("no value in <{inside}>"));
        let (value, after) = value.split_once('"').unwrap_or_else(|| panic!("an open value in <{inside}>"));
        assert!(
            ATTRIBUTES.split_whitespace().any(|attribute| attribute == key),
            "unknown attribute {key} in <{inside}>"
        );
        assert!(attributes.insert(key.to_owned(), unescaped(value)).is_none(), "{key} twice in <{inside}>");
        rest = after;
    }
    (name.to_owned(), attributes)
}

fn unescaped(text: &str) -> String {
    assert!(!text.contains(['<', '>', '"', '\'']), "not escaped: {text}");
    let mut parts = text.split('&');
    let mut out = parts.next().unwrap_or("").to_owned();
    for part in parts {
        let (entity, after) = part.split_once(';').unwrap_or_else(|| panic!("an open entity: &{part}"));
        let known = [("amp", "&"), ("lt", "<"), ("gt", ">"), ("quot", "\""), ("#39", "'")];
        out += known.iter().find(|(name, _)| *name == entity).unwrap_or_else(|| panic!("unknown entity {entity}")).1;
        out += after;
    }
    out
}

/// A page that was found well-formed, its links whole and its headings in order.
pub struct Page {
    tokens: Vec<Token>,
}

impl Page {
    pub fn of(html: &str) -> Self {
        let page = Self { tokens: tokens(html) };
        page.check_nesting();
        page.check_links();
        page.check_headings();
        page
    }

    fn check_nesting(&self) {
        let mut open = Vec::new();
        for token in &self.tokens {
            match token {
                Token::Open(tag, _) if tag == "meta" => {}
                Token::Open(tag, _) => open.push(tag),
                Token::Close(tag) => assert_eq!(open.pop(), Some(tag)),
                Token::Text(text) => assert!(!open.is_empty() || text.trim().is_empty()),
            }
        }
        assert!(open.is_empty(), "{open:?} not closed");
    }

    fn check_links(&self) {
        let ids: Vec<&String> = self.attributes("id").collect();
        let known: BTreeSet<&str> = ids.iter().map(|id| id.as_str()).collect();
        assert_eq!(ids.len(), known.len(), "ids are unique");
        for href in self.attributes("href") {
            let inner = href.strip_prefix('#').is_some_and(|id| known.contains(id));
            assert!(inner || href.starts_with("https://") || href.starts_with("http://"), "{href}");
        }
        assert!(self.attributes("aria-labelledby").all(|id| known.contains(id.as_str())));
    }

    fn check_headings(&self) {
        let levels: Vec<u32> = (self.tokens.iter())
            .filter_map(|token| match token {
                Token::Open(tag, _) => tag.strip_prefix('h').and_then(|level| level.parse().ok()),
                _ => None,
            })
            .collect();
        assert_eq!(levels.first(), Some(&1));
        assert!(levels[1..].iter().all(|level| *level > 1), "one h1");
        assert!(levels.windows(2).all(|pair| pair[1] <= pair[0] + 1), "{levels:?}");
    }

    fn attributes<'p>(&'p self, name: &'p str) -> impl Iterator<Item = &'p String> {
        self.tokens.iter().filter_map(move |token| match token {
            Token::Open(_, attributes) => attributes.get(name),
            _ => None,
        })
    }

    /// The text in each element of this tag.
    pub fn texts(&self, tag: &str) -> Vec<String> {
        let mut found = Vec::new();
        let mut depth = 0;
        for token in &self.tokens {
            match token {
                Token::Open(name, _) if name == tag => {
                    depth += 1;
                    found.push(String::new());
                }
                Token::Close(name) if name == tag => depth -= 1,
                Token::Text(text) if depth > 0 => found.last_mut().unwrap().push_str(text),
                _ => {}
            }
        }
        found
    }

    pub fn count(&self, tag: &str, attribute: (&str, &str)) -> usize {
        let has = |attributes: &BTreeMap<String, String>| attributes.get(attribute.0).is_some_and(|v| v == attribute.1);
        self.tokens
            .iter()
            .filter(|token| matches!(token, Token::Open(name, attributes) if name == tag && has(attributes)))
            .count()
    }
}
