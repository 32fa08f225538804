//! Labelled data as CSV.

use std::collections::HashMap;

use crate::error::{Error, ErrorKind, Result};
use crate::stance::corpus::{fault, made_up_id, Corpus, LabelledActor, LabelledPassage, Repeats, Warning};
use crate::stance::occurrences::{occurrences, SpansLeft};

const COLUMNS: [&str; 6] = ["text", "actor", "mention", "stance", "sentiment", "group"];
/// Columns that may be missing.
const OPTIONAL: [&str; 4] = ["mention", "stance", "sentiment", "group"];

impl Corpus {
    /// Parses CSV with the columns `text,actor,mention,stance,sentiment,group`, in any order; all but the first two may
    /// be left out or empty. Rows of the same text and group become one passage; an actor that is labelled twice for a text is
    /// warned of, as in every format.
    ///
    /// # Errors
    /// [`ErrorKind::Data`] with the line and column.
    pub fn from_csv(text: &str) -> Result<Self> {
        Self::csv(text, "line")
    }

    /// Ids that are missing begin with `prefix`.
    pub(super) fn csv(text: &str, prefix: &str) -> Result<Self> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::Headers).from_reader(text.as_bytes());
        let malformed = |error: csv::Error| {
            let line = error.position().map_or(1, |at| at.line() as usize);
            Error::new(ErrorKind::Data, format!("not CSV: {error}")).at_line(line).caused_by(error)
        };
        let head = reader.headers().map_err(malformed)?.clone();
        let mut warnings = Vec::new();
        for column in head.iter().filter(|column| !COLUMNS.contains(column)) {
            warnings.push(Warning::new(1, format!("unknown column {column:?} is left out")));
        }
        let at = |name: &str| head.iter().position(|column| column == name);
        if let Some(missing) = COLUMNS.iter().find(|name| at(name).is_none() && !OPTIONAL.contains(name)) {
            let error = fault(1, *missing, "this column is missing");
            return Err(error.help(format!("the first line names the columns: {}", COLUMNS.join(","))));
        }
        let mut passages: Vec<LabelledPassage> = Vec::new();
        // Of each passage.
        let mut left: Vec<SpansLeft> = Vec::new();
        let mut repeats = Repeats::default();
        let mut known: HashMap<(String, String), usize> = HashMap::new();
        for record in reader.records() {
            let record = record.map_err(malformed)?;
            let line = record.position().map_or(1, |at| at.line() as usize);
            let cell = |name: &str| at(name).and_then(|column| record.get(column)).unwrap_or("");
            let text = cell("text");
            let actor = actor(text, line, &cell)?;
            warnings.extend(repeats.check(text, std::slice::from_ref(&actor), line));
            let place = (text.to_owned(), cell("group").to_owned());
            let next = passages.len();
            let at = *known.entry(place).or_insert(next);
            if at == next {
                let id = made_up_id(prefix, line, text);
                let group = Some(cell("group").to_owned()).filter(|group| !group.is_empty());
                passages.push(LabelledPassage {
                    group: group.unwrap_or_else(|| id.clone()),
                    id,
                    text: text.to_owned(),
                    line,
                    ..LabelledPassage::default()
                });
                left.push(SpansLeft::of(text));
            }
            left[at].take(actor.spans.len(), line, "mention")?;
            passages[at].actors.push(actor);
        }
        Ok(Corpus::of(passages, warnings))
    }
}

fn actor<'c>(text: &str, line: usize, cell: &impl Fn(&str) -> &'c str) -> Result<LabelledActor> {
    let name = cell("actor");
    if text.trim().is_empty() || name.trim().is_empty() {
        let field = if name.trim().is_empty() { "actor" } else { "text" };
        return Err(fault(line, field, "empty").help("every row needs a text and an actor"));
    }
    let mention = Some(cell("mention")).filter(|mention| !mention.trim().is_empty()).unwrap_or(name);
    let spans = occurrences(text, mention);
    if spans.is_empty() {
        let error = fault(line, "mention", format!("{mention:?} does not stand in the text"));
        return Err(error.help("mentions are whole words, with capitals as printed"));
    }
    let label = |field: &str| Some(cell(field)).filter(|label| !label.is_empty());
    let place = |error: Error, field: &str| error.at_line(line).in_field(field);
    Ok(LabelledActor {
        name: name.to_owned(),
        spans,
        stance: label("stance").map(str::parse).transpose().map_err(|e| place(e, "stance"))?,
        sentiment: label("sentiment").map(str::parse).transpose().map_err(|e| place(e, "sentiment"))?,
    })
}
