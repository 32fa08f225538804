//! Labelled data as inline markup: `[surface|name|stance|sentiment]`.

use crate::error::Result;
use crate::span::Span;
use crate::stance::corpus::{fault, Corpus, LabelledActor, LabelledPassage};
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
                let error = fault(line, "directive", format!("unknown directive @{other}"));
                return Err(error.help("use @kind, @dispute, @register, @set or @capability"));
            }
        }
        Ok(())
    }
}

impl Corpus {
    /// Parses inline markup, one passage a line: `[surface|name|stance|sentiment]` with stance `p`, `s`, `n` and
    /// sentiment `+`, `-`, `0`. Lines that begin with `@` set the kind, dispute, register, set and capability of
    /// those below, `#` begins a comment, `\\n` in a passage is a line break. Ids begin with `prefix`.
    ///
    /// # Errors
    /// [`ErrorKind::Data`](crate::ErrorKind::Data) with the line.
    pub fn from_markup(text: &str, prefix: &str) -> Result<Self> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut directives = Directives::default();
        let mut passages = Vec::new();
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
        Ok(Corpus::of(passages, Vec::new()))
    }
}

fn passage(source: &str, line: usize) -> Result<(String, Vec<LabelledActor>)> {
    let source = source.replace("\\n", "\n");
    let mut rest = source.as_str();
    let mut text = String::with_capacity(rest.len());
    let mut actors: Vec<LabelledActor> = Vec::new();
    while let Some(at) = rest.find(['[', ']', '|']) {
        let malformed = |what: &str| {
            let near: String = rest[at..].chars().take(40).collect();
            fault(line, "markup", format!("{what} at {near:?}")).help("write [surface|name|p, s or n|+, - or 0]")
        };
        text.push_str(&rest[..at]);
        let inner = rest[at..].strip_prefix('[').ok_or_else(|| malformed("a mark outside brackets"))?;
        let end = inner.find(']').ok_or_else(|| malformed("an open bracket"))?;
        let fields: Vec<&str> = inner[..end].split('|').collect();
        let &[surface, name, stance, sentiment] = &fields[..] else {
            return Err(malformed("not four fields"));
        };
        if surface.trim().is_empty() || name.trim().is_empty() || surface.contains('[') {
            return Err(malformed("no surface or name"));
        }
        let stance = match stance {
            "p" => Stance::Pro,
            "s" => Stance::Skeptical,
            "n" => Stance::Neutral,
            _ => return Err(malformed("an unknown stance")),
        };
        let sentiment = match sentiment {
            "+" => Sentiment::Positive,
            "-" => Sentiment::Negative,
            "0" => Sentiment::Neutral,
            _ => return Err(malformed("an unknown sentiment")),
        };
        let span = Span::new(text.len(), text.len() + surface.len());
        text.push_str(surface);
        rest = &inner[end + 1..];
        match actors.iter_mut().find(|actor| actor.name == name) {
            Some(actor) if (actor.stance, actor.sentiment) == (Some(stance), Some(sentiment)) => {
                actor.spans.push(span);
            }
            Some(_) => {
                let error = fault(line, "markup", format!("{name:?} has two different labels"));
                return Err(error.help("give every mention of an actor the same labels"));
            }
            None => actors.push(LabelledActor {
                name: name.to_owned(),
                spans: vec![span],
                stance: Some(stance),
                sentiment: Some(sentiment),
            }),
        }
    }
    text.push_str(rest);
    if actors.is_empty() {
        return Err(fault(line, "markup", "no actor is marked").help("write [surface|name|p, s or n|+, - or 0]"));
    }
    Ok((text, actors))
}

#[cfg(test)]
mod tests {
    use super::*;

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
}
