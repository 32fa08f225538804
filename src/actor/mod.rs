//! Who is spoken of: a catalogue of actors and the finder of their mentions.

mod catalogue;
mod collision;
mod dateline;
mod kind;
mod mention;

pub use catalogue::{Actor, Catalogue};
pub use collision::Collision;
pub(crate) use dateline::Dateline;
pub use kind::ActorKind;
pub(crate) use mention::surface_key;
pub use mention::{Mention, MentionFinder, MentionForm, Metonyms};
