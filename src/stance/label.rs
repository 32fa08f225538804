//! The two labels that every (passage, actor) pair gets.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::error::{Error, ErrorKind};

/// What a passage conveys about an actor as a party to negotiation.
///
/// The order of the variants is the order of classes everywhere: `Pro`, `Skeptical`, `Neutral`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Stance {
    /// It seeks, backs, eases or moves toward talks or a settlement, or is worth talking to.
    Pro,
    /// It is doubted as a negotiating party: refuses, stalls, breaks its word, is distrusted or shut out.
    Skeptical,
    /// Neither.
    Neutral,
}

/// How favourably a passage portrays an actor.
///
/// The order of the variants is the order of classes everywhere: `Positive`, `Neutral`, `Negative`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Sentiment {
    /// Praised, successful, trusted, principled.
    Positive,
    /// Neither, or both alike.
    Neutral,
    /// Blamed, dishonest, weak, failing, dangerous.
    Negative,
}

/// A set of three classes that a head of the model tells apart.
pub trait Label: Copy + Eq + fmt::Debug + fmt::Display + FromStr<Err = Error> + Serialize + 'static {
    /// The labels in the order of their classes.
    const ALL: [Self; 3];
    /// The head's name: `stance` or `sentiment`.
    const HEAD: &'static str;

    /// The label's class: its position in [`Label::ALL`].
    fn class(self) -> usize {
        Self::ALL.iter().position(|label| *label == self).unwrap_or(0)
    }

    /// The label of a class; `None` from 3 on.
    fn from_class(class: usize) -> Option<Self> {
        Self::ALL.get(class).copied()
    }
}

impl Label for Stance {
    const ALL: [Self; 3] = [Stance::Pro, Stance::Skeptical, Stance::Neutral];
    const HEAD: &'static str = "stance";
}

impl Label for Sentiment {
    const ALL: [Self; 3] = [Sentiment::Positive, Sentiment::Neutral, Sentiment::Negative];
    const HEAD: &'static str = "sentiment";
}

impl fmt::Display for Stance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Stance::Pro => "pro",
            Stance::Skeptical => "skeptical",
            Stance::Neutral => "neutral",
        })
    }
}

impl fmt::Display for Sentiment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Sentiment::Positive => "positive",
            Sentiment::Neutral => "neutral",
            Sentiment::Negative => "negative",
        })
    }
}

impl FromStr for Stance {
    type Err = Error;

    fn from_str(s: &str) -> Result<Self, Error> {
        parse(s)
    }
}

impl FromStr for Sentiment {
    type Err = Error;

    fn from_str(s: &str) -> Result<Self, Error> {
        parse(s)
    }
}

fn parse<L: Label>(s: &str) -> Result<L, Error> {
    L::ALL.into_iter().find(|label| label.to_string() == s).ok_or_else(|| {
        let known: Vec<String> = L::ALL.iter().map(L::to_string).collect();
        Error::new(ErrorKind::Data, format!("unknown {} {s:?}", L::HEAD)).help(format!("use {}", known.join(", ")))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn round_trip<L: Label>() {
        for (class, label) in L::ALL.into_iter().enumerate() {
            assert_eq!(label.class(), class);
            assert_eq!(L::from_class(class), Some(label));
            assert_eq!(label.to_string().parse::<L>().unwrap(), label);
        }
        assert!(L::from_class(3).is_none());
        assert!("pro-ish".parse::<L>().is_err());
    }

    #[test]
    fn labels_classes_and_words_agree() {
        round_trip::<Stance>();
        round_trip::<Sentiment>();
    }
}
