//! Checks of what people write for the crate: catalogues, lexicons, labelled data, articles.

use std::sync::OnceLock;

use demarche::actor::{ActorKind, Catalogue, MentionFinder, Metonyms};
use demarche::report::{Article, Report};
use demarche::text::tokenize;
use demarche::{Classifier, Corpus, Cues, ErrorKind, Model, Span, Trainer};

use super::{head, labelled_corpus, refused, small_model, small_trainer, usable, GRAMMAR};

/// What a page is made of, behind its style sheet.
const TAGS: &str = "html head title body header main footer section h1 h2 h3 h4 p a b bdi small span time cite code mark blockquote ul ol li dl \
    div dt dd figure figcaption details summary table caption thead tbody tr th td svg defs pattern rect circle line text desc";

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
        if metonyms == Metonyms::Count && catalogue.actors().iter().all(|actor| actor.kind() != ActorKind::Phrase) {
            catalogue.actors().iter().for_each(|actor| found(&finder, actor.name()));
        }
    }
}

/// A name is a mention from its first word to its last, whoever else claims it.
fn found(finder: &MentionFinder, name: &str) {
    let mut words = tokenize(name).map(|token| token.span());
    let Some(first) = words.next() else { return };
    let whole = Span::new(first.start(), words.last().unwrap_or(first).end());
    let mentions: Vec<Span> = finder.find(name).iter().map(|mention| mention.span()).collect();
    assert_eq!(mentions, [whole], "{name:?}");
}

/// Articles are refused with a line, or make a page in which none of their text is markup.
pub fn articles(bytes: &[u8]) {
    static CLASSIFIER: OnceLock<Classifier> = OnceLock::new();
    let classifier = CLASSIFIER.get_or_init(|| Classifier::new(Model::from_bytes(small_model()).expect("a model")));
    let text = String::from_utf8_lossy(bytes);
    let articles = match Article::from_jsonl(&text) {
        Ok(articles) => articles,
        Err(error) => {
            assert!(error.line().is_some(), "{error}");
            return refused(&error, ErrorKind::Data);
        }
    };
    let mut report = Report::new(text.chars().take(20).collect::<String>());
    for article in articles {
        assert!(!article.text().trim().is_empty());
        let judgements = classifier.classify(article.text());
        report.add(article, judgements).expect("judgements of its own text");
    }
    let page = report.to_html();
    let (_, body) = page.split_once("</style>").expect("one style sheet");
    assert!(page.starts_with("<!doctype html>") && page.ends_with("</html>\n"));
    assert!(!page.chars().any(|c| c.is_control() && !c.is_ascii_whitespace()));
    for tag in body.split('<').skip(1) {
        let name = tag.trim_start_matches('/').split([' ', '>']).next().unwrap_or("");
        assert!(TAGS.split_whitespace().any(|tag| tag == name), "<{name}");
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
