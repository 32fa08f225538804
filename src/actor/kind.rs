//! Kinds of actors.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::error::{Error, ErrorKind, Result};

/// What sort of actor it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ActorKind {
    /// A man or woman.
    Person,
    /// A state, and the government that speaks for it.
    State,
    /// A territory, region or state that few recognise.
    Territory,
    /// An alliance, union or group of states.
    Bloc,
    /// An international body, ministry, parliament, party, union or company.
    Organization,
    /// An armed group.
    ArmedGroup,
    /// No actor: a phrase that holds an actor's name but means something else ("Paris Agreement").
    Phrase,
}

const KINDS: [(&str, ActorKind); 7] = [
    ("person", ActorKind::Person),
    ("state", ActorKind::State),
    ("territory", ActorKind::Territory),
    ("bloc", ActorKind::Bloc),
    ("organization", ActorKind::Organization),
    ("armed-group", ActorKind::ArmedGroup),
    ("phrase", ActorKind::Phrase),
];

impl fmt::Display for ActorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(KINDS.iter().find(|(_, kind)| kind == self).map_or("", |(name, _)| name))
    }
}

impl FromStr for ActorKind {
    type Err = Error;

    fn from_str(s: &str) -> Result<Self> {
        KINDS.iter().find(|(name, _)| *name == s).map(|(_, kind)| *kind).ok_or_else(|| {
            let known: Vec<&str> = KINDS.iter().map(|(name, _)| *name).collect();
            Error::new(ErrorKind::Catalogue, format!("unknown kind {s:?}")).help(format!("use {}", known.join(", ")))
        })
    }
}
