//! Labelled data as JSONL.

use std::collections::HashSet;

use serde::de::Error as _;
use serde_json::{Map, Value};

use crate::error::{Error, Result};
use crate::span::Span;
use crate::stance::corpus::{fault, made_up_id, Corpus, LabelledActor, LabelledPassage, Repeats, Warning};
use crate::stance::label::Label;
use crate::stance::occurrences::{occurrences, SpansLeft};

const PASSAGE_FIELDS: [&str; 9] =
    ["id", "text", "group", "kind", "dispute", "register", "capability", "weight", "actors"];
const ACTOR_FIELDS: [&str; 5] = ["name", "mentions", "spans", "stance", "sentiment"];

impl Corpus {
    /// Parses JSONL, one passage a line; see `data/README.md` for the fields. Unknown fields are left out with a warning.
    ///
    /// # Errors
    /// [`ErrorKind::Data`](crate::ErrorKind::Data) with the line and field.
    pub fn from_jsonl(text: &str) -> Result<Self> {
        Self::jsonl(text, "line")
    }

    /// Ids that are missing begin with `prefix`.
    pub(super) fn jsonl(text: &str, prefix: &str) -> Result<Self> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut passages = Vec::new();
        let mut warnings = Vec::new();
        let mut repeats = Repeats::default();
        for (line, json) in (1..).zip(text.lines()).filter(|(_, json)| !json.trim().is_empty()) {
            let passage = Reader { line, prefix, warnings: &mut warnings }.passage(json)?;
            warnings.extend(repeats.check(&passage.text, &passage.actors, line));
            passages.push(passage);
        }
        Ok(Corpus::of(passages, warnings))
    }
}

/// Reads the values of one line.
struct Reader<'w> {
    line: usize,
    prefix: &'w str,
    warnings: &'w mut Vec<Warning>,
}

impl Reader<'_> {
    fn passage(&mut self, json: &str) -> Result<LabelledPassage> {
        let value: Value = serde_json::from_str(json).map_err(|error| {
            fault(self.line, format!("column {}", error.column()), format!("not JSON: {error}"))
                .help("write one object a line")
                .caused_by(error)
        })?;
        let Value::Object(object) = value else {
            return Err(fault(self.line, "passage", "not an object").help("write {\"text\": …, \"actors\": […]}"));
        };
        self.warn_of_unknown(&object, &PASSAGE_FIELDS, "");
        let text = self.required(&object, "text", "text")?;
        let id = match object.get("id") {
            Some(Value::Number(number)) => number.to_string(),
            _ => self.optional(&object, "id", "id")?.unwrap_or_else(|| made_up_id(self.prefix, self.line, &text)),
        };
        let group = self.optional(&object, "group", "group")?.unwrap_or_else(|| id.clone());
        let weight = match object.get("weight") {
            None | Some(Value::Null) => None,
            Some(value) => match value.as_f64().filter(|weight| (0.0..=1e6).contains(weight)) {
                Some(weight) => Some(weight as f32),
                None => return Err(fault(self.line, "weight", format!("{value} is no weight")).help("0 to 1000000")),
            },
        };
        let mut actors = Vec::new();
        let mut left = SpansLeft::of(&text);
        match object.get("actors") {
            Some(Value::Array(values)) => {
                for (at, value) in values.iter().enumerate() {
                    actors.push(self.actor(value, &format!("actors[{at}]"), &text, &mut left)?);
                }
            }
            _ => return Err(fault(self.line, "actors", "not a list").help("write a list of objects")),
        }
        Ok(LabelledPassage {
            id,
            group,
            kind: self.optional(&object, "kind", "kind")?,
            dispute: self.optional(&object, "dispute", "dispute")?,
            register: self.optional(&object, "register", "register")?,
            capability: self.optional(&object, "capability", "capability")?,
            weight,
            actors,
            text,
            line: self.line,
        })
    }

    fn actor(&mut self, value: &Value, path: &str, text: &str, left: &mut SpansLeft) -> Result<LabelledActor> {
        let Value::Object(object) = value else {
            return Err(fault(self.line, path, "not an object"));
        };
        self.warn_of_unknown(object, &ACTOR_FIELDS, path);
        let name = self.required(object, "name", &format!("{path}.name"))?;
        let mut spans = self.spans(object, path, text)?;
        spans.extend(self.mentions(object, path, text, left)?);
        spans.sort_unstable();
        spans.dedup();
        left.take(spans.len(), self.line, path)?;
        if spans.is_empty() {
            let error = fault(self.line, path, format!("{name:?} has no mention"));
            return Err(error.help("give mentions (words of the text) or spans (byte offsets)"));
        }
        Ok(LabelledActor { name, spans, stance: self.label(object, path)?, sentiment: self.label(object, path)? })
    }

    fn spans(&self, object: &Map<String, Value>, path: &str, text: &str) -> Result<Vec<Span>> {
        let path = format!("{path}.spans");
        let values = match object.get("spans") {
            None | Some(Value::Null) => return Ok(Vec::new()),
            Some(value) => value,
        };
        let pairs: Vec<(usize, usize)> = serde_json::from_value(values.clone())
            .map_err(|error| fault(self.line, &path, error.to_string()).help("write [[start, end], …] in bytes"))?;
        pairs
            .into_iter()
            .map(|(start, end)| {
                let help = |why: &str| fault(self.line, &path, format!("[{start}, {end}] {why}"));
                match text.get(start..end) {
                    Some(covered) if !covered.trim().is_empty() => Ok(Span::new(start, end)),
                    Some(_) => Err(help("covers no word")),
                    None if start > end || end > text.len() => {
                        Err(help("lies outside the text").help(format!("the text has {} bytes", text.len())))
                    }
                    None => Err(help("cuts a character").help("offsets count bytes of UTF-8")),
                }
            })
            .collect()
    }

    fn mentions(&self, object: &Map<String, Value>, path: &str, text: &str, left: &SpansLeft) -> Result<Vec<Span>> {
        let path = format!("{path}.mentions");
        let values = match object.get("mentions") {
            None | Some(Value::Null) => return Ok(Vec::new()),
            Some(value) => value,
        };
        let forms: Vec<String> = serde_json::from_value(values.clone())
            .and_then(|forms: Vec<String>| {
                let blank = forms.iter().any(|form| form.trim().is_empty());
                if blank {
                    Err(serde_json::Error::custom("an empty mention"))
                } else {
                    Ok(forms)
                }
            })
            .map_err(|error| fault(self.line, &path, error.to_string()).help("write a list of words of the text"))?;
        let mut found = Vec::new();
        let mut sought = HashSet::new();
        for form in forms.iter().filter(|form| sought.insert(form.as_str())) {
            let spans = occurrences(text, form);
            if spans.is_empty() {
                let error = fault(self.line, &path, format!("{form:?} does not stand in the text"));
                return Err(error.help("mentions are whole words, with capitals as printed"));
            }
            found.extend(spans);
            left.check(found.len(), self.line, &path)?;
        }
        Ok(found)
    }

    fn label<L: Label>(&self, object: &Map<String, Value>, path: &str) -> Result<Option<L>> {
        let path = format!("{path}.{}", L::HEAD);
        match self.optional(object, L::HEAD, &path)? {
            None => Ok(None),
            Some(text) => text.parse().map(Some).map_err(|e: Error| e.at_line(self.line).in_field(path)),
        }
    }

    fn required(&self, object: &Map<String, Value>, field: &str, path: &str) -> Result<String> {
        self.optional(object, field, path)?.filter(|text| !text.trim().is_empty()).ok_or_else(|| {
            fault(self.line, path, "missing or empty").help(format!("every line needs a {field:?} in quotes"))
        })
    }

    fn optional(&self, object: &Map<String, Value>, field: &str, path: &str) -> Result<Option<String>> {
        match object.get(field) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(other) => Err(fault(self.line, path, format!("{other} is no text")).help("put it in quotes")),
        }
    }

    fn warn_of_unknown(&mut self, object: &Map<String, Value>, known: &[&str], path: &str) {
        for field in object.keys().filter(|field| !known.contains(&field.as_str())) {
            let place = if path.is_empty() { String::new() } else { format!(" of {path}") };
            let message = format!("unknown field {field:?}{place} is left out");
            self.warnings.push(Warning::new(self.line, message));
        }
    }
}
