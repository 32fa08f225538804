//! What must hold of any input at all. The fuzz targets and `tests/hostile.rs` share these checks; each takes raw bytes and
//! panics where a promise is broken.

mod models;
mod tables;
mod texts;

use demarche::actor::Catalogue;
use demarche::{Corpus, Cues, ErrorKind, Trainer, TrainerSettings};

// Each of those who share the checks uses some of them.
#[allow(unused_imports)]
pub use models::{model, sealed, small_model, usable, HEAD};
#[allow(unused_imports)]
pub use tables::{articles, catalogue, cues, labelled};
#[allow(unused_imports)]
pub use texts::{classify, explain, segment, sound};

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
/// The first bytes choose the configuration, the rest is the input; missing bytes are zero.
fn head<const N: usize>(bytes: &[u8]) -> ([u8; N], &[u8]) {
    let (head, rest) = bytes.split_at(N.min(bytes.len()));
    (std::array::from_fn(|at| head.get(at).copied().unwrap_or(0)), rest)
}

fn refused(error: &demarche::Error, kind: ErrorKind) {
    assert_eq!(error.kind(), kind, "{error}");
    assert!(!error.message().is_empty());
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
