//! Checks of text: whatever is read, what is found in it is sound.

use std::io::BufReader;
use std::sync::OnceLock;

use demarche::actor::Metonyms;
use demarche::stance::{without, Distribution, Explained, Label, Verdict, MOST_REMOVED};
use demarche::text::{tokenize, Language, Passage, Segmenter, Stemmer, Unit};
use demarche::{Classifier, Corpus, Judgement, Sentiment, Span, Stance, Trainer};

use super::{catalogue_of_eight, head, settings};

/// Sentences are cut at 1,024 bytes, or at the end of the character that stands there.
const LONGEST_SENTENCE: usize = 1024 + 4;

/// Any text, any size of passage, any targets, read whole and as a stream.
pub fn classify(bytes: &[u8]) {
    let ([unit, names, chunk], text) = head(bytes);
    let text = String::from_utf8_lossy(text);
    let classifier = configured(unit, names, &text);
    let found = classifier.classify(&text);
    sound(&text, &found);
    let mut worker = classifier.worker();
    worker.classify("Iran left. Moscow stayed.");
    assert_eq!(found, worker.classify(&text), "what a worker has read before must not show");

    let bare = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let expected: Vec<_> =
        classifier.classify(bare).iter().map(|judgement| bits(judgement, text.len() - bare.len())).collect();
    let mut streamed = Vec::new();
    let reader = BufReader::with_capacity(usize::from(chunk) + 1, text.as_bytes());
    let read = worker.classify_stream(reader, |judgement, passage| {
        assert_eq!(judgement.passage().slice(&text), Some(passage));
        streamed.push(bits(judgement, 0));
        Ok::<(), demarche::Error>(())
    });
    assert_eq!(read.expect("UTF-8 from memory"), text.len());
    assert_eq!(expected, streamed, "a stream is judged as the text is");

    let mut coded = Vec::new();
    let reader = BufReader::with_capacity(usize::from(chunk) + 1, text.as_bytes());
    let read = worker.cameo_stream(reader, |judgement, codes, _| {
        assert_eq!(codes.is_empty(), judgement.cameo().is_none());
        coded.push(bits(judgement, 0));
        Ok::<(), demarche::Error>(())
    });
    assert_eq!(read.expect("UTF-8 from memory"), text.len());
    assert_eq!(expected, coded, "codes change no judgement");

    // Spans that lie outside the text or cut a character are the caller's mistake, but no reason to panic.
    let spans = [Span::new(usize::from(names), usize::from(chunk)), Span::new(usize::from(chunk), text.len() / 2)];
    sound_verdict(&classifier, &classifier.judge(&text, &spans));
    without(&text, &spans[..1], &spans[1..]);
    for head in [classifier.explain_judged::<Stance>(&text, &spans, &spans[1..]).0, classifier.judge(&text, &[])] {
        sound_verdict(&classifier, &head);
    }
}

/// Explanations of any text: the shares of the words and of the terms sum to the log-odds, cues lie in the passage, and the words
/// of a flip flip it.
pub fn explain(bytes: &[u8]) {
    let ([unit, names], text) = head(bytes);
    let text = String::from_utf8_lossy(text);
    let classifier = configured(unit, names, &text);
    let judgements = classifier.classify(&text);
    adds_up::<Stance>(&classifier, &text, &judgements);
    adds_up::<Sentiment>(&classifier, &text, &judgements);
}

fn adds_up<L: Explained>(classifier: &Classifier, text: &str, judgements: &[Judgement]) {
    let explained = classifier.explain::<L>(text);
    assert!(explained.iter().map(|(judgement, _)| judgement).eq(judgements), "to explain is to judge");
    for (judgement, explanation) in &explained {
        let label = L::distribution(judgement.verdict()).map(|distribution| distribution.label());
        assert_eq!(explanation.as_ref().map(|explanation| explanation.label()), label, "what is judged is explained");
        let Some(explanation) = explanation else { continue };
        let terms = explanation.terms().iter().map(|term| term.value());
        let words = explanation.words().iter().map(|word| word.value());
        // The judgement's own sums are `f32`.
        let scale = 1.0 + explanation.base().abs() + terms.clone().map(f64::abs).sum::<f64>();
        let off = explanation.base() + terms.clone().sum::<f64>() - explanation.log_odds();
        assert!(off.abs() < 1e-6 * scale, "the terms are off by {off:e} of {scale}");
        let off = words.sum::<f64>() - terms.sum::<f64>();
        assert!(off.abs() < 1e-12 * scale, "the words are off by {off:e} of {scale}");
        let spans = explanation.words().iter().map(|word| word.span());
        for span in spans.chain(explanation.cues().iter().map(|cue| cue.span())) {
            assert!(judgement.passage().contains(span) && span.slice(text).is_some(), "{span:?}");
        }
    }
    if let Some((judgement, _)) = explained.last() {
        let passage = judgement.passage().slice(text).expect("a passage lies in the text");
        let start = judgement.passage().start();
        let mentions: Vec<Span> =
            judgement.mentions().iter().map(|m| Span::new(m.start() - start, m.end() - start)).collect();
        let label =
            |text: &str, mentions: &[Span]| L::distribution(&classifier.judge(text, mentions)).map(|d| d.label());
        if let Some(removed) = classifier.flip::<L>(passage, &mentions) {
            assert!(!removed.is_empty() && removed.len() <= MOST_REMOVED);
            assert!(!removed.iter().any(|span| mentions.iter().any(|mention| mention.overlaps(*span))));
            let (kept, moved) = without(passage, &mentions, &removed);
            assert!(mentions.iter().zip(&moved).all(|(from, to)| from.slice(passage) == to.slice(&kept)));
            assert_ne!(label(&kept, &moved), label(passage, &mentions));
        }
    }
}

/// Passages and sentences tile the text, tokens stand in order, stems come of any word in any language.
pub fn segment(bytes: &[u8]) {
    let ([unit, language], text) = head(bytes);
    let text = String::from_utf8_lossy(text);
    let unit = size(unit);
    assert_eq!(unit.to_string().parse::<Unit>().expect("what is printed is read"), unit);
    let mut at = 0;
    for passage in Segmenter::new(unit).passages(&text) {
        blank(&text, at, passage.span());
        assert_eq!(passage.span().slice(&text), Some(passage.text()));
        tiled(&passage);
        at = passage.span().end();
    }
    blank(&text, at, Span::new(text.len(), text.len()));
    tiled(&Passage::whole(&text));
    let mut covered = vec![false; text.len()];
    let stemmer = Stemmer::new(Language::ALL[usize::from(language) % Language::ALL.len()]);
    let mut at = 0;
    for token in tokenize(&text) {
        assert!(token.span().start() >= at && !token.span().is_empty());
        stemmer.stem(token.span().slice(&text).expect("a token stands on character borders"));
        covered[token.span().range()].fill(true);
        at = token.span().end();
    }
    let lost = text.char_indices().find(|(at, c)| c.is_alphanumeric() && !covered[*at]);
    assert_eq!(lost, None, "every letter and digit is in a token");
}

/// Passages in order, mentions within them, everything on character borders, probabilities that are some.
pub fn sound(text: &str, judgements: &[Judgement]) {
    let mut passage = Span::new(0, 0);
    for judgement in judgements {
        let here = judgement.passage();
        assert!(here == passage || here.start() >= passage.end(), "{here:?} after {passage:?}");
        assert!(here.slice(text).is_some_and(|passage| !passage.trim().is_empty()));
        passage = here;
        let mentions = judgement.mentions();
        assert!(!mentions.is_empty() && mentions.windows(2).all(|pair| pair[0].end() <= pair[1].start()));
        assert!(mentions.iter().all(|mention| here.contains(*mention) && !mention.is_empty()));
        assert!(mentions.iter().all(|mention| mention.slice(text).is_some()));
        let heads = [judgement.stance().map(|d| d.probabilities()), judgement.sentiment().map(|d| d.probabilities())];
        heads.into_iter().flatten().for_each(|probabilities| sum_to_one(&probabilities));
    }
}

pub fn sound_verdict(classifier: &Classifier, verdict: &Verdict) {
    fn set_grows<L: Label>(distribution: &Distribution<L>, set: impl Fn(f64) -> Vec<L>) {
        sum_to_one(&distribution.probabilities());
        let sets = [0.0, 0.5, 0.9, 1.0].map(&set);
        assert!(sets.windows(2).all(|pair| pair[0].iter().all(|label| pair[1].contains(label))), "{sets:?}");
        assert_eq!(sets[3].len(), 3);
    }
    if let Some(stance) = verdict.stance() {
        set_grows(&stance, |coverage| classifier.stance_set(&stance, coverage));
    }
    if let Some(sentiment) = verdict.sentiment() {
        set_grows(&sentiment, |coverage| classifier.sentiment_set(&sentiment, coverage));
    }
}

fn sum_to_one(probabilities: &[f64; 3]) {
    assert!(probabilities.iter().all(|p| (0.0..=1.0).contains(p)), "{probabilities:?}");
    assert!((probabilities.iter().sum::<f64>() - 1.0).abs() < 1e-6, "{probabilities:?}");
}

/// Only white space lies between what ended at `at` and `next`.
fn blank(text: &str, at: usize, next: Span) {
    assert!(text[at..next.start()].trim().is_empty(), "{:?} is in no passage", &text[at..next.start()]);
}

fn tiled(passage: &Passage) {
    let mut at = 0;
    for sentence in passage.sentences() {
        blank(passage.text(), at, *sentence);
        let sentence_text = sentence.slice(passage.text()).expect("a sentence stands on character borders");
        assert!(!sentence_text.trim().is_empty() && sentence_text.len() <= LONGEST_SENTENCE, "{sentence:?}");
        at = sentence.end();
    }
    blank(passage.text(), at, Span::new(passage.text().len(), passage.text().len()));
}

/// All of a judgement that must not change, with its spans moved on.
fn bits(judgement: &Judgement, by: usize) -> (String, Vec<(usize, usize)>, Vec<u64>) {
    let spans = std::iter::once(judgement.passage()).chain(judgement.mentions().iter().copied());
    let heads = [judgement.stance().map(|d| d.probabilities()), judgement.sentiment().map(|d| d.probabilities())];
    (
        judgement.actor().id().to_owned(),
        spans.map(|span| (span.start() + by, span.end() + by)).collect(),
        heads.into_iter().flatten().flatten().map(f64::to_bits).collect(),
    )
}

/// A small model with any size of passage, with one head or both, and the first lines of the text as targets.
fn configured(unit: u8, names: u8, text: &str) -> Classifier {
    static CLASSIFIERS: OnceLock<[Classifier; 2]> = OnceLock::new();
    let classifiers = CLASSIFIERS.get_or_init(|| {
        let labelled = include_str!("../../data/tiny.jsonl");
        let unlabelled = labelled.replace("\"stance\"", "\"stance_left_open\"");
        [labelled, unlabelled.as_str()].map(|labelled| {
            let corpus = Corpus::from_jsonl(labelled).expect("data/tiny.jsonl");
            let trainer = Trainer::shipped().expect("the shipped lexicon").catalogue(catalogue_of_eight());
            Classifier::new(trainer.settings(settings(400)).fit(&corpus).expect("data/tiny.jsonl").into_model())
        })
    });
    let mut classifier = classifiers[usize::from(names & 8 != 0)].clone().unit(size(unit));
    if names & 4 != 0 {
        classifier = classifier.catalogue(&catalogue_of_eight(), Metonyms::Ignore);
    }
    match names % 4 {
        0 => classifier,
        names => classifier.targets(text.lines().take(usize::from(names))),
    }
}

fn size(byte: u8) -> Unit {
    match byte % 4 {
        0 => Unit::default(),
        1 => Unit::Sentence,
        2 => Unit::Paragraph,
        _ => Unit::Window(std::num::NonZeroUsize::MIN.saturating_add(usize::from(byte / 4))),
    }
}
