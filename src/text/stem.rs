//! Stems: Snowball by language.

use rust_stemmers::Algorithm;
use serde::{Deserialize, Serialize};

/// A language whose words can be stemmed.
///
/// Greek is left out: `rust-stemmers` panics on some Greek words. English, Danish, Hungarian and Portuguese agree
/// with today's Snowball (57 of its 42,649 English words differ); Dutch, Romanian and Turkish follow older
/// rules, which does no harm as long as training and prediction use the same ones.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs)]
pub enum Language {
    Arabic,
    Danish,
    Dutch,
    #[default]
    English,
    Finnish,
    French,
    German,
    Hungarian,
    Italian,
    Norwegian,
    Portuguese,
    Romanian,
    Russian,
    Spanish,
    Swedish,
    Tamil,
    Turkish,
    /// No stemming: words count as they are, in lower case.
    None,
}

impl Language {
    /// Every language, and none.
    pub const ALL: [Self; 18] = [
        Self::Arabic,
        Self::Danish,
        Self::Dutch,
        Self::English,
        Self::Finnish,
        Self::French,
        Self::German,
        Self::Hungarian,
        Self::Italian,
        Self::Norwegian,
        Self::Portuguese,
        Self::Romanian,
        Self::Russian,
        Self::Spanish,
        Self::Swedish,
        Self::Tamil,
        Self::Turkish,
        Self::None,
    ];

    fn algorithm(self) -> Option<Algorithm> {
        Some(match self {
            Language::Arabic => Algorithm::Arabic,
            Language::Danish => Algorithm::Danish,
            Language::Dutch => Algorithm::Dutch,
            Language::English => Algorithm::English,
            Language::Finnish => Algorithm::Finnish,
            Language::French => Algorithm::French,
            Language::German => Algorithm::German,
            Language::Hungarian => Algorithm::Hungarian,
            Language::Italian => Algorithm::Italian,
            Language::Norwegian => Algorithm::Norwegian,
            Language::Portuguese => Algorithm::Portuguese,
            Language::Romanian => Algorithm::Romanian,
            Language::Russian => Algorithm::Russian,
            Language::Spanish => Algorithm::Spanish,
            Language::Swedish => Algorithm::Swedish,
            Language::Tamil => Algorithm::Tamil,
            Language::Turkish => Algorithm::Turkish,
            Language::None => return None,
        })
    }
}

/// Longer words are not stemmed but kept as they are (bytes).
const LONGEST_WORD: usize = 64;

/// Brings words to their stems.
///
/// ```
/// use demarche::text::{Language, Stemmer};
///
/// let stemmer = Stemmer::new(Language::English);
/// assert_eq!(stemmer.stem("Negotiations"), "negoti");
/// assert_eq!(stemmer.stem("NEGOTIATED"), "negoti");
/// ```
pub struct Stemmer {
    language: Language,
    snowball: Option<rust_stemmers::Stemmer>,
}

impl Stemmer {
    /// A stemmer for one language.
    pub fn new(language: Language) -> Self {
        Self { language, snowball: language.algorithm().map(rust_stemmers::Stemmer::create) }
    }

    /// The language of this stemmer.
    pub fn language(&self) -> Language {
        self.language
    }

    /// The stem of `word`: lower case, typographic apostrophes made plain, then Snowball. Words of another script
    /// than the language's come back in lower case.
    pub fn stem(&self, word: &str) -> String {
        let lower = word.to_lowercase().replace('’', "'");
        match &self.snowball {
            Some(snowball) if lower.len() <= LONGEST_WORD => snowball.stem(&lower).into_owned(),
            _ => lower,
        }
    }
}

impl Clone for Stemmer {
    fn clone(&self) -> Self {
        Self::new(self.language)
    }
}

impl std::fmt::Debug for Stemmer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Stemmer").field(&self.language).finish()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn where_rust_stemmers_differs_from_todays_snowball() {
        let stemmer = Stemmer::new(Language::English);
        assert_eq!(stemmer.stem("organization"), "organ");
        assert_eq!(stemmer.stem("international"), "intern");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]
        #[test]
        fn no_language_panics(word in "[\\p{Latin}\\p{Cyrillic}\\p{Arabic}\\p{Tamil}\\p{Greek}'’]{0,14}", any in "\\PC{0,8}") {
            for language in Language::ALL {
                let stemmer = Stemmer::new(language);
                stemmer.stem(&word);
                stemmer.stem(&any);
            }
        }
    }
}
