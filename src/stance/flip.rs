//! Flips: the words without which a judgement would be another.

use crate::span::Span;
use crate::stance::classifier::Classifier;
use crate::stance::explanation::{Explained, WordContribution};

/// The most words that [`Classifier::flip`] removes.
pub const MOST_REMOVED: usize = 12;

impl Classifier {
    /// The words whose removal changes the label of an actor in a passage: taken greedily, the strongest for the label
    /// first, then every one that is not needed is put back. Mentions stay. `None` where no removal of up to
    /// [`MOST_REMOVED`] words does it, or the model lacks the head.
    ///
    /// `text` and `mentions` (bytes) are as in [`Classifier::judge`].
    ///
    /// ```
    /// use demarche::stance::without;
    /// use demarche::{Classifier, Model, Span, Stance};
    ///
    /// let classifier = Classifier::new(Model::bundled()?);
    /// let (text, mentions) = ("Moscow refused to negotiate.", [Span::new(0, 6)]);
    /// if let Some(removed) = classifier.flip::<Stance>(text, &mentions) {
    ///     let (kept, moved) = without(text, &mentions, &removed);
    ///     let label = |text: &str, mentions: &[Span]| classifier.judge(text, mentions).stance().map(|d| d.label());
    ///     assert_ne!(label(&kept, &moved), label(text, &mentions));
    /// }
    /// # Ok::<(), demarche::Error>(())
    /// ```
    pub fn flip<L: Explained>(&self, text: &str, mentions: &[Span]) -> Option<Vec<Span>> {
        let explanation = self.explain_judged::<L>(text, mentions, &[]).1?;
        let label = explanation.label();
        let mut worker = self.worker();
        let mut words: Vec<&WordContribution> = explanation.words().iter().filter(|word| word.value() > 0.0).collect();
        words.retain(|word| !mentions.iter().any(|mention| mention.overlaps(word.span())));
        words.sort_by(|a, b| b.value().total_cmp(&a.value()));
        let mut keeps_label = |removed: &[Span]| {
            let (text, mentions) = without(text, mentions, removed);
            L::distribution(&worker.judge_among(&text, &mentions, &[])).map(|d| d.label()) == Some(label)
        };
        let mut removed: Vec<Span> = Vec::new();
        for word in words.into_iter().take(MOST_REMOVED) {
            removed.push(word.span());
            if keeps_label(&removed) {
                continue;
            }
            for at in (0..removed.len()).rev() {
                let back = removed.remove(at);
                if keeps_label(&removed) {
                    removed.insert(at, back);
                }
            }
            removed.sort();
            return Some(removed);
        }
        None
    }
}

/// The text without these spans (bytes), and where the mentions stand then: what [`Classifier::flip`] judges again.
/// Of a mention that loses a part, the rest is left.
///
/// ```
/// use demarche::stance::without;
/// use demarche::Span;
///
/// let (text, mentions) = without("Iran firmly refused.", &[Span::new(0, 4)], &[Span::new(5, 12)]);
/// assert_eq!((text.as_str(), mentions), ("Iran refused.", vec![Span::new(0, 4)]));
/// ```
pub fn without(text: &str, mentions: &[Span], removed: &[Span]) -> (String, Vec<Span>) {
    let mut apart: Vec<Span> = Vec::with_capacity(removed.len());
    let mut sorted = removed.to_vec();
    sorted.sort();
    for span in sorted {
        let end = apart.last().map_or(0, |last| last.end());
        apart.push(Span::new(span.start().max(end), span.end().max(end)));
    }
    let mut kept = String::with_capacity(text.len());
    let mut end = 0;
    for span in &apart {
        kept.push_str(text.get(end..span.start()).unwrap_or(""));
        end = span.end();
    }
    kept.push_str(text.get(end..).unwrap_or(""));
    let gone = |at: usize| apart.iter().map(|span| at.min(span.end()) - at.min(span.start())).sum::<usize>();
    let moved = |m: &Span| Span::new(m.start() - gone(m.start()), m.end() - gone(m.end()));
    (kept, mentions.iter().map(moved).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_removed_moves_what_follows() {
        let text = "Iran firmly refused talks.";
        let (kept, mentions) =
            without(text, &[Span::new(0, 4), Span::new(20, 25)], &[Span::new(12, 19), Span::new(5, 11)]);
        assert_eq!(kept, "Iran   talks.");
        let named: Vec<Option<&str>> = mentions.iter().map(|mention| mention.slice(&kept)).collect();
        assert_eq!(named, [Some("Iran"), Some("talks")]);
        // Spans that overlap count once, and a mention keeps what is left of it.
        let (kept, mentions) = without(text, &[Span::new(5, 19)], &[Span::new(0, 8), Span::new(3, 12)]);
        assert_eq!((kept.as_str(), mentions[0].slice(&kept)), ("refused talks.", Some("refused")));
    }
}
