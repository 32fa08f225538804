//! Who is spoken of: a catalogue of actors and the finder of their mentions.

mod catalogue;
mod mention;

pub use catalogue::{Actor, ActorKind, Catalogue, Collision};
pub(crate) use mention::surface_key;
pub use mention::{Mention, MentionFinder, MentionForm, Metonyms};
