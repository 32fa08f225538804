//! Reads news prose and says, for every passage and every actor that it names, whether it is **pro-negotiation**,
//! **skeptical** or **neutral** toward that actor, and how favourably it portrays the actor.
//!
//! ```
//! use demarche::{Classifier, Model};
//!
//! let classifier = Classifier::new(Model::bundled()?);
//! for judgement in classifier.classify("Kyiv accepted the truce that Washington had proposed; Moscow rejected it.") {
//!     if let Some(stance) = judgement.stance() {
//!         println!("{}: {} ({:.0} %)", judgement.actor().name(), stance.label(), 100.0 * stance.certainty());
//!     }
//! }
//! # Ok::<(), demarche::Error>(())
//! ```
//!
//! # Overview
//!
//! * [`Model`] is all that was learnt, as data: [`Model::bundled`], [`Model::read`], [`Model::write`].
//! * [`Classifier`] is its compiled form: text in, [`Judgement`]s out.
//! * [`Trainer`] makes a model from a [`Corpus`] of labelled passages.
//! * [`text`] cuts text into passages and words, [`actor`] finds who is spoken of, [`learn`] holds the numerics, [`stance`]
//!   is where they meet, `report` (a feature, on by default) is what people look at.
//!
//! The [`guide`] tells what the words mean, how to teach a model of one's own, and what it is not for.
//!
//! The label of an actor does not depend on its name: mentions are masked before any feature is formed. Only the borders of
//! sentences are found before names are, so a name that ends like an abbreviation ("Hun Sen.") can move one.
#![forbid(unsafe_code)]
#![warn(missing_docs)]

pub mod actor;
mod blob;
mod error;
#[doc = include_str!("guide.md")]
pub mod guide {}
mod input;
mod key;
pub mod learn;
#[cfg(feature = "report")]
pub mod report;
mod span;
pub mod stance;
pub mod text;

pub use actor::{Actor, Catalogue};
pub use error::{Error, ErrorKind, Result};
pub use input::replace_file;
pub use span::Span;
pub use stance::{Classifier, Corpus, Cues, Evaluation, Judgement, Model, Sentiment, Stance, Trainer, TrainerSettings};

/// The README's program, compiled and run with the doctests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
