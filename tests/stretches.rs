//! Streams with no blank line for more than a mebibyte: cut where the documentation says, and nowhere else.

use std::io::BufReader;

use demarche::text::Unit;
use demarche::{Classifier, Judgement, Model, Span};

/// The longest stretch that is judged at once.
const LONGEST: usize = 1 << 20;
const LENGTH: usize = 2_500_000;
/// Where a sentence about somebody stands: far from the ends of stretches, and in each of them.
const PLACES: [usize; 6] = [0, 100_000, 250_000, 1_200_000, 1_450_000, 2_300_000];
const SENTENCES: [&str; 3] =
    ["Iran rejected the talks. ", "Egypt agreed to a truce, Qatar said. ", "Moscow would not negotiate with Kyiv. "];

/// `filler` over and over, with a sentence about somebody at each of the places.
fn long(filler: &str) -> String {
    let mut text = String::with_capacity(LENGTH + 100);
    let mut sentences = PLACES.iter().zip(SENTENCES.iter().cycle()).peekable();
    while text.len() < LENGTH {
        if let Some((_, sentence)) = sentences.next_if(|(place, _)| **place <= text.len()) {
            text += sentence;
        }
        text += filler;
    }
    text
}

/// The stretches of a text without a blank line, by the documentation: each as long as may be.
fn stretches(text: &str) -> Vec<Span> {
    let mut found = Vec::new();
    let mut start = 0;
    while text.len() - start > LONGEST {
        // A line break may stand behind the mebibyte that it ends.
        let most = (start..=start + LONGEST + 1).rev().find(|&at| text.is_char_boundary(at)).unwrap();
        let last = |mark| text[start..most].rfind(mark).filter(|at| *at >= LONGEST / 2).map(|at| start + at + 1);
        let whole = (start..=start + LONGEST).rev().find(|&at| text.is_char_boundary(at)).unwrap();
        let end = last('\n').or_else(|| last(' ')).unwrap_or(whole);
        found.push(Span::new(start, end));
        start = end;
    }
    found.push(Span::new(start, text.len()));
    found
}

type Trace = (String, Span, Vec<Span>, Option<[f64; 3]>, Option<[f64; 3]>);

fn trace(judgement: &Judgement, by: usize) -> Trace {
    let moved = |span: Span| Span::new(span.start() + by, span.end() + by);
    (
        judgement.actor().id().to_owned(),
        moved(judgement.passage()),
        judgement.mentions().iter().copied().map(moved).collect(),
        judgement.stance().map(|stance| stance.probabilities()),
        judgement.sentiment().map(|sentiment| sentiment.probabilities()),
    )
}

/// The judgements of a stream that comes in pieces of this length.
fn streamed(classifier: &Classifier, text: &str, piece: usize) -> Vec<Trace> {
    let mut found = Vec::new();
    let reader = BufReader::with_capacity(piece, text.as_bytes());
    let read = classifier.worker().classify_stream(reader, |judgement, passage| {
        assert_eq!(judgement.passage().slice(text), Some(passage));
        assert!(passage.len() <= LONGEST, "{} bytes", passage.len());
        found.push(trace(judgement, 0));
        Ok::<(), demarche::Error>(())
    });
    assert_eq!(read.unwrap(), text.len());
    found
}

#[test]
fn overlong_stretches_are_judged_alike_however_they_come() {
    let paragraphs = Classifier::new(Model::bundled().unwrap()).unit(Unit::Paragraph);
    let windows = paragraphs.clone().unit(Unit::default());
    // Too wide to be hard-wrapped: each line is a paragraph.
    let lines = format!("{}\n", "The delegates met again on Monday. ".repeat(4));
    let fillers = [lines.as_str(), "The delegates met again,\n", "and they met again ", "北"];
    let ways = [(&paragraphs, &[7, 4_093, LONGEST][..]), (&windows, &[4_093])];
    for (filler, (classifier, pieces)) in fillers.iter().flat_map(|filler| ways.map(|way| (filler, way))) {
        let text = long(filler);
        let mut worker = classifier.worker();
        let expected: Vec<Trace> = stretches(&text)
            .into_iter()
            .flat_map(|stretch| {
                let judgements = worker.classify(stretch.slice(&text).unwrap());
                judgements.iter().map(|judgement| trace(judgement, stretch.start())).collect::<Vec<_>>()
            })
            .collect();
        for piece in pieces {
            assert!(streamed(classifier, &text, *piece) == expected, "{filler:?} in pieces of {piece} bytes");
        }
        for (place, sentence) in PLACES.iter().zip(SENTENCES.iter().cycle()) {
            let near = *place..place + sentence.len() + filler.len();
            let named = expected.iter().flat_map(|(_, _, mentions, ..)| mentions).filter(|m| near.contains(&m.start()));
            assert!(named.count() > 0, "{filler:?}: nobody at {place}");
        }
        if *filler == lines {
            let whole: Vec<Trace> = classifier.classify(&text).iter().map(|judgement| trace(judgement, 0)).collect();
            assert!(whole == expected, "cuts between lines that are paragraphs do not show");
        }
    }
}

/// The reader may stop before, within or behind the line break that ends the mebibyte: what is left of it is no blank line.
#[test]
fn a_stretch_is_cut_no_more_often_than_it_must_be() {
    let classifier = Classifier::new(Model::bundled().unwrap()).unit(Unit::Paragraph);
    for (end, place) in ["\n", "\r\n"].into_iter().flat_map(|end| (LONGEST..LONGEST + 3).map(move |at| (end, at))) {
        // Hard-wrapped, so one paragraph; as many lines are longer as it takes for one to end at the place.
        let (long, short) = (format!("Iran met the envoys.{end}"), format!("Iran met the envoys{end}"));
        let text = long.repeat((place + 1) % short.len()) + &short.repeat(LONGEST / short.len());
        assert_eq!(text.as_bytes()[place], b'\n');
        let passages: Vec<Span> = streamed(&classifier, &text, 4_093).into_iter().map(|trace| trace.1).collect();
        assert_eq!(passages.len(), 2, "{end:?} at {place}: {passages:?}");
    }
}
