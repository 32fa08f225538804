//! What must hold of any input at all. The fuzz targets and `tests/hostile.rs` share these checks; each takes raw bytes and
//! panics where a promise is broken.

use std::io::BufReader;
use std::sync::OnceLock;

use demarche::actor::{Catalogue, MentionFinder, Metonyms};
use demarche::stance::{without, Distribution, Explained, Label, Verdict, MOST_REMOVED};
use demarche::text::{tokenize, Language, Passage, Segmenter, Stemmer, Unit};
use demarche::{
    Classifier, Corpus, Cues, ErrorKind, Judgement, Model, Sentiment, Span, Stance, Trainer, TrainerSettings,
};

const CUES: &str = "phrase\tpos\tclass\tagent\tpatient\tagent_sentiment\tpatient_sentiment\n\
    agree\tverb\tagree\tp\t0\t0\t0\nreject\tverb\trefuse\ts\t0\t0\t0\nwalk out\tverb\trefuse\ts\t0\t-\t0\n\
    blame\tverb\tblame\t0\ts\t0\t-\ntruce\tnoun\tpeace\tp\t0\t0\t0\n";
const GRAMMAR: &str =
    "word\troles\tlemma\nnot\tnegation\t\nwould\tmodal\t\nthe\tdeterminer\t\nof\tpreposition\t\nbut\tcontrast\t\n";
const ACTORS: &str = "id\tiso\tkind\tname\taliases\tdemonyms\tmetonyms\tpart_of\n\
    Q1\tRU\tstate\tRussia\tRussian Federation\tRussian|Russians\tMoscow|Kremlin\t\n\
    Q2\tUS\tstate\tUnited States\tU.S.|US\tAmerican\tWashington\t\n\
    Q3\tIR\tstate\tIran\tإيران\tIranian\tTehran\t\n\
    Q4\tSS\tstate\tSouth Sudan\t\t\tJuba\t\nQ5\tSD\tstate\tSudan\t\tSudanese\tKhartoum\t\n\
    Q6\t\tperson\tHun Sen\t\t\t\t\nQ7\t\tarmed-group\tLord's Resistance Army\tLRA\t\t\t\n\
    Q8\tTR\tstate\tTürkiye\tTurkey\tTurkish\tAnkara\t\n\t\tphrase\tMoscow Times\t\t\t\t\n";
/// Enough to train on in a millisecond.
const LABELLED: &str = "[Oslo|Norway|p|+] agreed to a truce.\n[Bern|Switzerland|s|-] would not agree.\n\
    [Rome|Italy|s|-] walked out of talks.\n[Paris|France|p|+] agreed to talks.\n[Lima|Peru|n|0] has a harbour.\n\
    [Cairo|Egypt|n|0] has a museum.\n[Doha|Qatar|p|+] proposed a truce.\n[Baku|Azerbaijan|s|-] rejected the truce.\n";
const SENTENCES: &str =
    "Russia rejected the truce, but U.S. envoys agreed to talks. Iran would not. The talks went on.";

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

    // Spans that lie outside the text or cut a character are the caller's mistake, but no reason to panic.
    let spans = [Span::new(usize::from(names), usize::from(chunk)), Span::new(usize::from(chunk), text.len() / 2)];
    sound_verdict(&classifier, &classifier.judge(&text, &spans));
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
        let explanation = explanation.as_ref().expect("both heads were trained");
        assert_eq!(L::distribution(judgement.verdict()).map(|d| d.label()), Some(explanation.label()));
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
    let stemmer = Stemmer::new(Language::ALL[usize::from(language) % Language::ALL.len()]);
    let mut at = 0;
    for token in tokenize(&text) {
        assert!(token.span().start() >= at && !token.span().is_empty());
        stemmer.stem(token.span().slice(&text).expect("a token stands on character borders"));
        at = token.span().end();
    }
}

/// A catalogue is refused with a reason, or finds what it names.
pub fn catalogue(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let catalogue = match Catalogue::from_tsv(&text) {
        Ok(catalogue) => catalogue,
        Err(error) => return refused(&error, ErrorKind::Catalogue),
    };
    let json = serde_json::to_string(&catalogue).expect("strings only");
    assert_eq!(serde_json::from_str::<Catalogue>(&json).expect("what was written"), catalogue);
    assert_eq!(catalogue.clone().extended(catalogue.clone()), catalogue);
    let known = |id: &str| catalogue.actor(id).is_some();
    assert!(catalogue.collisions().iter().all(|collision| collision.actors().into_iter().all(known)));
    for metonyms in [Metonyms::Count, Metonyms::Ignore] {
        let finder = MentionFinder::new(&catalogue, metonyms);
        let mut at = 0;
        for mention in finder.find(&text) {
            assert!(mention.span().start() >= at && mention.span().slice(&text).is_some_and(|name| !name.is_empty()));
            assert!(mention.actor() < catalogue.actors().len());
            at = mention.span().end();
        }
        for actor in catalogue.actors() {
            finder.find(actor.name());
        }
    }
}

/// Labelled data are refused with a line, or can be written and read again.
pub fn labelled(bytes: &[u8]) {
    let ([format], text) = head(bytes);
    let text = String::from_utf8_lossy(text);
    let parsed = match format % 3 {
        0 => Corpus::from_jsonl(&text),
        1 => Corpus::from_csv(&text),
        _ => Corpus::from_markup(&text, "x"),
    };
    let corpus = match parsed {
        Ok(corpus) => corpus,
        Err(error) => {
            assert!(error.line().is_some(), "{error}");
            return refused(&error, ErrorKind::Data);
        }
    };
    for passage in corpus.passages() {
        let covers = |span: &Span| span.slice(passage.text()).is_some_and(|covered| !covered.trim().is_empty());
        for actor in passage.actors() {
            assert!(!actor.spans().is_empty() && actor.spans().is_sorted());
            assert!(actor.spans().iter().all(covers), "{actor:?} in {:?}", passage.text());
        }
    }
    let written = corpus.to_jsonl();
    let again = Corpus::from_jsonl(&written).expect("what was written");
    assert_eq!(again.to_jsonl(), written);
    assert_eq!(again.digest(), corpus.digest());
    // Nothing that is written is odd in itself; pairs that stood twice still do.
    let (odd, before) = (again.warnings().len(), corpus.warnings().len());
    assert!(odd <= before && again.warnings().iter().all(|warning| warning.message().ends_with("both count")));
    assert!(corpus.folds(3, 1).iter().all(|fold| *fold < 3));
}

/// Any bytes as a model file, also with length and checksum put right, and edits of a sound one: it is refused, or it runs.
pub fn model(bytes: &[u8]) {
    let ([mode], rest) = head(bytes);
    let file = match mode % 3 {
        0 => rest.to_vec(),
        1 => sealed(rest),
        _ => sealed(&edited(&small_model()[HEAD..], rest)),
    };
    match Model::from_bytes(&file) {
        Ok(model) => usable(model),
        Err(error) => refused(&error, ErrorKind::Model),
    }
}

/// A lexicon is refused with a line, or a model can be trained with it.
pub fn cues(bytes: &[u8]) {
    static TRAINER: OnceLock<(Trainer, Corpus)> = OnceLock::new();
    let (trainer, corpus) = TRAINER.get_or_init(|| (small_trainer(40), labelled_corpus()));
    let text = String::from_utf8_lossy(bytes);
    let (cues, grammar) = text.split_once('\u{1}').unwrap_or((&text, GRAMMAR));
    match Cues::from_tsv(cues, grammar) {
        Ok(cues) => match trainer.clone().cues(cues).fit(corpus) {
            Ok(trained) => usable(trained.into_model()),
            Err(error) => refused(&error, ErrorKind::Fit),
        },
        Err(error) => {
            assert!(error.line().is_some(), "{error}");
            refused(&error, ErrorKind::Cues);
        }
    }
}

/// Magic, version, length and checksum of a model file.
pub const HEAD: usize = 24;

/// A body in an envelope that is right about it.
pub fn sealed(body: &[u8]) -> Vec<u8> {
    let mut file = small_model()[..12].to_vec();
    file.extend((body.len() as u64).to_le_bytes());
    file.extend(crc32fast::hash(body).to_le_bytes());
    file.extend(body);
    file
}

/// The file of a model with few columns, cues and actors.
pub fn small_model() -> &'static [u8] {
    static FILE: OnceLock<Vec<u8>> = OnceLock::new();
    FILE.get_or_init(|| {
        let trained = small_trainer(6).fit(&labelled_corpus()).expect("labelled data");
        trained.model().to_bytes().expect("a model")
    })
}

/// A model that was accepted gives finite numbers, and the same file again.
pub fn usable(model: Model) {
    let file = model.to_bytes().expect("what was read can be written");
    let again = Model::from_bytes(&file).expect("what was written can be read");
    assert_eq!(again.to_bytes().expect("what was read can be written"), file);
    let name = model.catalogue().actors().first().map_or(String::new(), |actor| actor.name().to_owned());
    let text = format!("{SENTENCES} {name} agreed to talks.\n\n{name}");
    let classifier = Classifier::new(model);
    for classifier in [classifier.clone(), classifier.targets(["talks", name.as_str()])] {
        let found = classifier.classify(&text);
        sound(&text, &found);
        sound_verdict(&classifier, &classifier.judge(&text, &[Span::new(0, 6)]));
        explained::<Stance>(&classifier, &text);
        explained::<Sentiment>(&classifier, &text);
        assert!(found.iter().all(|judgement| serde_json::to_string(judgement).is_ok()));
    }
}

fn explained<L: Explained>(classifier: &Classifier, text: &str) {
    for explanation in classifier.explain::<L>(text).into_iter().filter_map(|(_, explanation)| explanation) {
        assert!(explanation.log_odds().is_finite() && explanation.base().is_finite());
        assert!(explanation.terms().iter().all(|term| term.value().is_finite()));
        assert!(explanation.words().iter().all(|word| word.value().is_finite()));
    }
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

fn sound_verdict(classifier: &Classifier, verdict: &Verdict) {
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

fn refused(error: &demarche::Error, kind: ErrorKind) {
    assert_eq!(error.kind(), kind, "{error}");
    assert!(!error.message().is_empty());
}

/// Only white space lies between what ended at `at` and `next`.
fn blank(text: &str, at: usize, next: Span) {
    assert!(text[at..next.start()].trim().is_empty(), "{:?} is in no passage", &text[at..next.start()]);
}

fn tiled(passage: &Passage) {
    let mut at = 0;
    for sentence in passage.sentences() {
        blank(passage.text(), at, *sentence);
        assert!(sentence.slice(passage.text()).is_some_and(|sentence| !sentence.trim().is_empty()));
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

/// The first bytes choose the configuration, the rest is the input; missing bytes are zero.
fn head<const N: usize>(bytes: &[u8]) -> ([u8; N], &[u8]) {
    let (head, rest) = bytes.split_at(N.min(bytes.len()));
    (std::array::from_fn(|at| head.get(at).copied().unwrap_or(0)), rest)
}

/// A small model with any size of passage, and the first lines of the text as targets.
fn configured(unit: u8, names: u8, text: &str) -> Classifier {
    static CLASSIFIER: OnceLock<Classifier> = OnceLock::new();
    let classifier = CLASSIFIER.get_or_init(|| {
        let corpus = Corpus::from_jsonl(include_str!("../../data/tiny.jsonl")).expect("data/tiny.jsonl");
        let trainer = Trainer::shipped().expect("the shipped lexicon").catalogue(catalogue_of_eight());
        Classifier::new(trainer.settings(settings(400)).fit(&corpus).expect("data/tiny.jsonl").into_model())
    });
    let mut classifier = classifier.clone().unit(size(unit));
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

/// Four bytes an edit: place, kind, value.
fn edited(body: &[u8], edits: &[u8]) -> Vec<u8> {
    let mut body = body.to_vec();
    for edit in edits.chunks_exact(4).take(64) {
        let at = usize::from(u16::from_le_bytes([edit[0], edit[1]])) % (body.len() + 1);
        match (edit[2] % 4, body.get_mut(at)) {
            (0, Some(byte)) => *byte ^= edit[3],
            (1, Some(byte)) => *byte = edit[3],
            (2, Some(_)) => drop(body.drain(at..(at + usize::from(edit[3])).min(body.len()))),
            _ => body.insert(at, edit[3]),
        }
    }
    body
}

fn catalogue_of_eight() -> Catalogue {
    Catalogue::from_tsv(ACTORS).expect("a sound catalogue")
}

fn labelled_corpus() -> Corpus {
    Corpus::from_markup(LABELLED, "x").expect("sound markup")
}

fn settings(columns: usize) -> TrainerSettings {
    let mut settings = TrainerSettings::shipped().expect("shipped settings");
    settings.folds = 2;
    settings.vocabulary.min_documents = 2;
    settings.vocabulary.max_columns = columns;
    settings
}

/// A trainer with few cues and actors.
pub fn small_trainer(columns: usize) -> Trainer {
    let cues = Cues::from_tsv(CUES, GRAMMAR).expect("a sound lexicon");
    Trainer::shipped().expect("shipped data").cues(cues).catalogue(catalogue_of_eight()).settings(settings(columns))
}
