//! Labelled data as inline markup: `[surface|name|stance|sentiment]`.

use std::collections::HashMap;

use crate::error::Result;
use crate::span::Span;
use crate::stance::corpus::{fault, Corpus, LabelledActor, LabelledPassage, Repeats};
use crate::stance::label::{Sentiment, Stance};

/// What the lines that begin with `@` have set so far.
#[derive(Default)]
struct Directives {
    kind: Option<String>,
    dispute: Option<String>,
    register: Option<String>,
    set: Option<String>,
    capability: Option<String>,
}

impl Directives {
    fn apply(&mut self, directive: &str, line: usize) -> Result<()> {
        let (name, value) = directive.split_once(' ').unwrap_or((directive, ""));
        let value = Some(value.trim().to_owned()).filter(|value| !value.is_empty());
        match name {
            "kind" => {
                // A kind ends the contrast set above it; background belongs to no dispute.
                self.set = None;
                self.capability = None;
                if value.as_deref() == Some("background") {
                    self.dispute = None;
                }
                self.kind = value;
            }
            "set" => {
                self.kind = Some("contrast".to_owned());
                self.set = value;
            }
            "dispute" => self.dispute = value,
            "register" => self.register = value,
            "capability" => self.capability = value,
            other => {
                let error = fault(line, "directive", format!("unknown directive {other:?}"));
                return Err(error.help("use @kind, @dispute, @register, @set or @capability"));
            }
        }
        Ok(())
    }
}

impl Corpus {
    /// Parses inline markup, one passage a line: `[surface|name|stance|sentiment]` with stance `p`, `s`, `n` and
    /// sentiment `+`, `-`, `0`; `?` for a label that is not given. Lines that begin with `@` set the kind, dispute,
    /// register, set and capability of those below, `#` begins a comment. In a passage `\\n` is a line break, and a
    /// backslash before `[`, `]`, `|`, `\\`, `#` or `@` takes the meaning from it. Ids begin with `prefix`.
    ///
    /// # Errors
    /// [`ErrorKind::Data`](crate::ErrorKind::Data) with the line.
    pub fn from_markup(text: &str, prefix: &str) -> Result<Self> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut directives = Directives::default();
        let mut passages = Vec::new();
        let mut warnings = Vec::new();
        let mut repeats = Repeats::default();
        for (line, source) in (1..).zip(text.lines()) {
            let source = source.trim_end();
            if let Some(directive) = source.strip_prefix('@') {
                directives.apply(directive, line)?;
            } else if !source.is_empty() && !source.starts_with('#') {
                let id = format!("{prefix}-{:04}", passages.len() + 1);
                let group = match &directives.set {
                    Some(set) => format!("{prefix}-{}-set-{set}", directives.dispute.as_deref().unwrap_or("")),
                    None => id.clone(),
                };
                let (text, actors) = passage(source, line)?;
                warnings.extend(repeats.check(&text, &actors, line));
                passages.push(LabelledPassage {
                    id,
                    group,
                    text,
                    actors,
                    kind: directives.kind.clone(),
                    dispute: directives.dispute.clone(),
                    register: directives.register.clone(),
                    capability: directives.capability.clone(),
                    weight: None,
                    line,
                });
            }
        }
        Ok(Corpus::of(passages, warnings))
    }
}

const HELP: &str = "write [surface|name|p, s, n or ?|+, -, 0 or ?], and a backslash before a bracket of the text";

/// What a backslash can precede, beside the n of a line break.
const ESCAPED: [char; 6] = ['[', ']', '|', '\\', '#', '@'];

/// The place of the first of these marks that has no backslash before it.
fn find_mark(source: &str, marks: &[char]) -> Option<usize> {
    let mut escaped = false;
    let is_mark = |c: char| {
        let found = !escaped && marks.contains(&c);
        escaped = !escaped && c == '\\';
        found
    };
    source.find(is_mark)
}

/// The text that stands behind its backslashes.
fn unescaped(source: &str) -> String {
    let mut text = String::with_capacity(source.len());
    let mut chars = source.chars().peekable();
    while let Some(c) = chars.next() {
        let next = if c == '\\' { chars.next_if(|next| *next == 'n' || ESCAPED.contains(next)) } else { None };
        text.push(match next {
            Some('n') => '\n',
            Some(mark) => mark,
            None => c,
        });
    }
    text
}

fn escaped(text: &str, out: &mut String) {
    for c in text.chars() {
        match c {
            '\n' => out.push_str("\\n"),
            '[' | ']' | '|' | '\\' => out.extend(['\\', c]),
            _ => out.push(c),
        }
    }
}

impl LabelledPassage {
    /// The passage as a line of inline markup, which [`Corpus::from_markup`] reads: text, mentions and labels, `?` for
    /// a label that is not given. Mentions that overlap an earlier one are left out, and actors of one name get the
    /// labels of the first. White space at the end of the text is not kept, line breaks there are, nor is a byte order mark
    /// before it; a passage without actors gives a line that cannot be read.
    ///
    /// ```
    /// use demarche::Corpus;
    ///
    /// let line = "[Moscow|Russia|s|-] left the \\[first\\] round early.";
    /// assert_eq!(Corpus::from_markup(line, "x")?.passages()[0].to_markup(), line);
    /// # Ok::<(), demarche::Error>(())
    /// ```
    pub fn to_markup(&self) -> String {
        let mut mentions: Vec<(Span, &LabelledActor)> =
            self.actors.iter().flat_map(|actor| actor.spans.iter().map(move |span| (*span, actor))).collect();
        mentions.sort_by_key(|(span, _)| (span.start(), std::cmp::Reverse(span.len())));
        let mut first: HashMap<&str, &LabelledActor> = HashMap::new();
        for actor in &self.actors {
            first.entry(&actor.name).or_insert(actor);
        }
        let mut out = String::with_capacity(2 * self.text.len());
        let mut end = 0;
        for (span, actor) in mentions {
            if span.start() < end {
                continue;
            }
            let labels = first.get(actor.name.as_str()).copied().unwrap_or(actor);
            escaped(&self.text[end..span.start()], &mut out);
            out.push('[');
            escaped(&self.text[span.range()], &mut out);
            out.push('|');
            escaped(&actor.name, &mut out);
            out.push_str(match labels.stance {
                Some(Stance::Pro) => "|p",
                Some(Stance::Skeptical) => "|s",
                Some(Stance::Neutral) => "|n",
                None => "|?",
            });
            out.push_str(match labels.sentiment {
                Some(Sentiment::Positive) => "|+]",
                Some(Sentiment::Negative) => "|-]",
                Some(Sentiment::Neutral) => "|0]",
                None => "|?]",
            });
            end = span.end();
        }
        escaped(&self.text[end..], &mut out);
        if out.starts_with(['#', '@']) {
            out.insert(0, '\\');
        }
        out
    }
}

/// The fields of one pair of brackets.
fn fields(mut inner: &str) -> Vec<String> {
    let mut fields = Vec::with_capacity(4);
    while let Some(at) = find_mark(inner, &['|']) {
        fields.push(unescaped(&inner[..at]));
        inner = &inner[at + 1..];
    }
    fields.push(unescaped(inner));
    fields
}

fn passage(source: &str, line: usize) -> Result<(String, Vec<LabelledActor>)> {
    let mut rest = source;
    let mut text = String::with_capacity(rest.len());
    let mut actors: Vec<LabelledActor> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    while let Some(at) = find_mark(rest, &['[', ']', '|']) {
        let malformed = |what: &str| {
            let near: String = rest[at..].chars().take(40).collect();
            fault(line, "markup", format!("{what} at {near:?}")).help(HELP)
        };
        text.push_str(&unescaped(&rest[..at]));
        let inner = rest[at..].strip_prefix('[').ok_or_else(|| malformed("a mark outside brackets"))?;
        let end = find_mark(inner, &[']']).ok_or_else(|| malformed("an open bracket"))?;
        let fields = fields(&inner[..end]);
        let [surface, name, stance, sentiment] = &fields[..] else {
            return Err(malformed("not four fields"));
        };
        if surface.trim().is_empty() || name.trim().is_empty() || find_mark(&inner[..end], &['[']).is_some() {
            return Err(malformed("no surface or name"));
        }
        let stance = match stance.as_str() {
            "p" => Some(Stance::Pro),
            "s" => Some(Stance::Skeptical),
            "n" => Some(Stance::Neutral),
            "?" => None,
            _ => return Err(malformed("an unknown stance")),
        };
        let sentiment = match sentiment.as_str() {
            "+" => Some(Sentiment::Positive),
            "-" => Some(Sentiment::Negative),
            "0" => Some(Sentiment::Neutral),
            "?" => None,
            _ => return Err(malformed("an unknown sentiment")),
        };
        let span = Span::new(text.len(), text.len() + surface.len());
        text.push_str(surface);
        rest = &inner[end + 1..];
        let next = actors.len();
        let place = *places.entry(name.clone()).or_insert(next);
        if place == next {
            actors.push(LabelledActor { name: name.clone(), spans: Vec::new(), stance, sentiment });
        }
        if (actors[place].stance, actors[place].sentiment) != (stance, sentiment) {
            let error = fault(line, "markup", format!("{name:?} has two different labels"));
            return Err(error.help("give every mention of an actor the same labels"));
        }
        actors[place].spans.push(span);
    }
    text.push_str(&unescaped(rest));
    if actors.is_empty() {
        return Err(fault(line, "markup", "no actor is marked").help(HELP));
    }
    Ok((text, actors))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::stance::label::Label;

    const SOURCE: &str = "# comment\n@kind news\n@dispute grain\n@register agency\n\
        [Moscow|Russia|s|-] left.\\n[Kyiv|Ukraine|p|0]\u{2019}s envoy met [Russia|Russia|s|-].\n\
        @set 1\n@capability negation\n[Oslo|Norway|p|+] agreed.\n[Oslo|Norway|s|0] did not agree.\n@kind background\n[Bern|Switzerland|n|0] has lakes.\n";

    #[test]
    fn directives_mentions_and_line_breaks() -> Result<()> {
        let corpus = Corpus::from_markup(SOURCE, "x")?;
        let [news, first, second, background] = corpus.passages() else { panic!("{corpus:?}") };
        assert_eq!(news.text(), "Moscow left.\nKyiv\u{2019}s envoy met Russia.");
        assert_eq!((news.kind(), news.dispute(), news.register()), (Some("news"), Some("grain"), Some("agency")));
        let mentions: Vec<_> = news.actors()[0].spans().iter().filter_map(|span| span.slice(news.text())).collect();
        assert_eq!(mentions, ["Moscow", "Russia"]);
        assert_eq!(first.group(), second.group());
        assert_eq!((first.kind(), first.capability()), (Some("contrast"), Some("negation")));
        assert_eq!((background.dispute(), background.capability()), (None, None));
        assert_eq!(background.line(), 11);
        Ok(())
    }

    #[test]
    fn markup_survives_the_way_through_jsonl() -> Result<()> {
        let corpus = Corpus::from_markup(SOURCE, "x")?;
        let again = Corpus::from_jsonl(&corpus.to_jsonl())?;
        assert_eq!(corpus.to_jsonl(), again.to_jsonl());
        assert_eq!(corpus.digest(), again.digest());
        assert_eq!(again.warnings(), []);
        Ok(())
    }

    #[test]
    fn white_space_at_the_end_is_not_kept() {
        for (text, kept) in [("Oslo met. \r", "Oslo met."), ("Oslo\r met.\n", "Oslo\r met.\n"), ("Oslo.\n ", "Oslo.\n")]
        {
            let actor =
                LabelledActor { name: "N".to_owned(), spans: vec![Span::new(0, 4)], stance: None, sentiment: None };
            let passage = LabelledPassage { text: text.to_owned(), actors: vec![actor], ..LabelledPassage::default() };
            assert_eq!(Corpus::from_markup(&passage.to_markup(), "x").unwrap().passages()[0].text(), kept);
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(
            pieces in prop::collection::vec(("[a-c#@|\\\\n\\[\\] é\n]{0,8}", "[A-C\\[\\]|\\\\ #]{0,3}x", 0usize..5), 1..6),
        ) {
            let mut text = String::new();
            let mut actors: Vec<LabelledActor> = Vec::new();
            for (between, surface, number) in &pieces {
                text.push_str(between);
                let span = Span::new(text.len(), text.len() + surface.len());
                text.push_str(surface);
                let name = format!("{number}|]");
                match actors.iter_mut().find(|actor| actor.name == name) {
                    Some(actor) => actor.spans.push(span),
                    None => actors.push(LabelledActor {
                        name,
                        spans: vec![span],
                        stance: Stance::from_class(*number),
                        sentiment: Sentiment::from_class(4 - number),
                    }),
                }
            }
            let passage = LabelledPassage { text, actors, ..LabelledPassage::default() };
            let read = Corpus::from_markup(&passage.to_markup(), "x").unwrap();
            prop_assert_eq!(read.passages().len(), 1);
            prop_assert_eq!(read.passages()[0].text(), passage.text());
            prop_assert_eq!(read.passages()[0].actors(), passage.actors());
        }
    }
}
