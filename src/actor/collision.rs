//! Names that two actors claim.

use std::collections::HashMap;

use crate::actor::catalogue::{Actor, Catalogue};

/// One surface form that two actors claim; the later actor has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Collision<'c> {
    form: &'c str,
    actors: [&'c Actor; 2],
}

impl<'c> Collision<'c> {
    /// The surface form.
    pub fn form(self) -> &'c str {
        self.form
    }

    /// The ids of the two actors; the second has the form.
    pub fn actors(self) -> [&'c str; 2] {
        self.actors.map(Actor::id)
    }
}

impl Catalogue {
    /// Surface forms that several actors claim.
    pub fn collisions(&self) -> Vec<Collision<'_>> {
        let mut owners: HashMap<&str, &Actor> = HashMap::new();
        let mut found = Vec::new();
        for actor in self.actors() {
            for form in actor.forms() {
                if let Some(before) = owners.insert(form, actor).filter(|before| before.id() != actor.id()) {
                    found.push(Collision { form, actors: [before, actor] });
                }
            }
        }
        found
    }
}
