//! A judgement with all that explains it, and its passage cut into pieces to colour.

use demarche::stance::{without, Distribution, Explained, Explanation};
use demarche::{Classifier, Judgement, Span};
use serde_json::{json, Value};

/// The words whose removal changes the label.
pub struct Flip<L> {
    /// Bytes of the whole text.
    removed: Vec<Span>,
    /// The label without them, and its probability.
    label: L,
    probability: f64,
}

impl<L: Explained> Flip<L> {
    pub fn removed(&self) -> &[Span] {
        &self.removed
    }

    pub fn label(&self) -> L {
        self.label
    }

    pub fn probability(&self) -> f64 {
        self.probability
    }
}

/// One judgement and why.
pub struct Reason<'t, L> {
    file: &'t str,
    text: &'t str,
    judgement: Judgement,
    distribution: Distribution<L>,
    explanation: Explanation<L>,
    flip: Option<Flip<L>>,
}

/// How much a piece adds beside the strongest word of its passage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strength {
    None,
    Weak,
    Middle,
    Strong,
}

/// A stretch of the passage that is shown in one way.
pub struct Piece<'t> {
    pub text: &'t str,
    pub value: f64,
    pub strength: Strength,
    pub is_mention: bool,
}

impl<'t, L: Explained> Reason<'t, L> {
    /// Looks for the flip; `None` where the model lacks the head.
    pub fn new(
        classifier: &Classifier,
        file: &'t str,
        text: &'t str,
        judgement: Judgement,
        explanation: Explanation<L>,
    ) -> Option<Self> {
        let distribution = L::distribution(judgement.verdict())?;
        let flip = flip(classifier, text, &judgement, explanation.label());
        Some(Self { file, text, judgement, distribution, explanation, flip })
    }

    pub fn file(&self) -> &str {
        self.file
    }

    pub fn judgement(&self) -> &Judgement {
        &self.judgement
    }

    pub fn explanation(&self) -> &Explanation<L> {
        &self.explanation
    }

    pub fn flip(&self) -> Option<&Flip<L>> {
        self.flip.as_ref()
    }

    pub fn probability(&self, label: L) -> f64 {
        self.distribution.probability(label)
    }

    /// The words under a span of the text, in one line.
    pub fn words(&self, span: Span) -> String {
        span.slice(self.text).unwrap_or("").split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// The sums of what speaks for the label and of what speaks against it.
    pub fn sides(&self) -> (f64, f64) {
        let values = || self.explanation.terms().iter().map(|term| term.value());
        (values().filter(|value| *value > 0.0).sum(), values().filter(|value| *value < 0.0).sum())
    }

    /// The passage, piece by piece.
    pub fn pieces(&self) -> Vec<Piece<'t>> {
        let words = self.explanation.words();
        let most = words.iter().map(|word| word.value().abs()).fold(f64::MIN_POSITIVE, f64::max);
        let mut pieces = Vec::new();
        let mut end = self.judgement.passage().start();
        let mut push = |span: Span, value: f64| {
            let strength = Strength::of(value.abs() / most);
            let is_mention = self.judgement.mentions().iter().any(|mention| mention.overlaps(span));
            if let Some(text) = span.slice(self.text).filter(|text| !text.is_empty()) {
                pieces.push(Piece { text, value, strength, is_mention });
            }
        };
        for word in words {
            push(Span::new(end, word.span().start()), 0.0);
            push(word.span(), word.value());
            end = word.span().end();
        }
        push(Span::new(end, self.judgement.passage().end()), 0.0);
        pieces
    }

    /// `{"file", "text", "judgement", "explanation", "flip": {"removed", "label", "probability"}}`; spans are bytes of
    /// the file, `text` is the passage.
    pub fn json(&self) -> Value {
        let flip = self
            .flip
            .as_ref()
            .map(|flip| json!({"removed": flip.removed, "label": flip.label, "probability": flip.probability}));
        json!({
            "file": self.file,
            "text": self.judgement.passage().slice(self.text),
            "judgement": self.judgement,
            "explanation": self.explanation,
            "flip": flip,
        })
    }
}

impl Strength {
    fn of(share: f64) -> Self {
        match share {
            share if share >= 0.6 => Strength::Strong,
            share if share >= 0.3 => Strength::Middle,
            share if share >= 0.1 => Strength::Weak,
            _ => Strength::None,
        }
    }
}

/// The flip of a passage on its own. `None` where no removal is found; and where the passage on its own has another
/// label from the start, what flips it would explain nothing here.
fn flip<L: Explained>(classifier: &Classifier, text: &str, judgement: &Judgement, label: L) -> Option<Flip<L>> {
    let start = judgement.passage().start();
    let passage = judgement.passage().slice(text)?;
    let inside = |mention: &Span| Span::new(mention.start() - start, mention.end() - start);
    let mentions: Vec<Span> = judgement.mentions().iter().map(inside).collect();
    if L::distribution(&classifier.judge(passage, &mentions))?.label() != label {
        return None;
    }
    let removed = classifier.flip::<L>(passage, &mentions)?;
    let (kept, moved) = without(passage, &mentions, &removed);
    let after = L::distribution(&classifier.judge(&kept, &moved))?;
    Some(Flip {
        removed: removed.into_iter().map(|span| span.shifted(start)).collect(),
        label: after.label(),
        probability: after.certainty(),
    })
}
