//! From text to words: pure and infallible.
//!
//! [`Segmenter`] cuts an article into [`Passage`]s and their sentences, [`tokenize`] cuts a passage into
//! [`Token`]s, [`Stemmer`] brings words to their stems. Every offset points into the caller's text.

mod passage;
mod phrase;
mod sentence;
mod stem;
mod token;

pub use passage::{Passage, Passages, Segmenter, Unit};
pub(crate) use phrase::{Phrases, PhrasesBuilder};
pub use stem::{Language, Stemmer};
pub use token::{tokenize, Token, TokenKind};
