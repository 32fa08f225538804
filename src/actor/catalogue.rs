//! Actors and their names, as plain data.

use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::sync::OnceLock;

use serde::{Deserialize, Serialize};

use crate::actor::kind::ActorKind;
use crate::error::{Error, ErrorKind, Result};

/// One actor: a stable id, what it is, and every name it goes by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    id: String,
    iso: Option<String>,
    kind: ActorKind,
    name: String,
    #[serde(deserialize_with = "crate::input::names")]
    aliases: Vec<String>,
    #[serde(deserialize_with = "crate::input::names")]
    demonyms: Vec<String>,
    #[serde(deserialize_with = "crate::input::names")]
    metonyms: Vec<String>,
    part_of: Option<String>,
}

impl Actor {
    /// An actor that goes by its name alone; its id is the name.
    pub fn named(name: impl Into<String>, kind: ActorKind) -> Self {
        let name = name.into();
        Self {
            id: name.clone(),
            iso: None,
            kind,
            name,
            aliases: Vec::new(),
            demonyms: Vec::new(),
            metonyms: Vec::new(),
            part_of: None,
        }
    }

    /// The same actor with one more name; an empty one is left out.
    ///
    /// ```
    /// use demarche::actor::{Actor, ActorKind};
    ///
    /// let rebels = Actor::named("the rebels", ActorKind::ArmedGroup).with_alias("The rebels");
    /// assert_eq!(rebels.aliases(), ["The rebels"]);
    /// ```
    pub fn with_alias(mut self, alias: impl Into<String>) -> Self {
        self.aliases.extend(Some(alias.into()).filter(|alias| !alias.is_empty()));
        self
    }

    /// A stable id: the Wikidata QID where one is known, else `x-` and a slug.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The ISO 3166-1 alpha-2 code of a state or territory.
    pub fn iso(&self) -> Option<&str> {
        self.iso.as_deref()
    }

    /// What sort of actor it is.
    pub fn kind(&self) -> ActorKind {
        self.kind
    }

    /// The name that judgements carry.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Other names.
    pub fn aliases(&self) -> &[String] {
        &self.aliases
    }

    /// Adjectives and names of its people ("Russian", "Russians").
    pub fn demonyms(&self) -> &[String] {
        &self.demonyms
    }

    /// Capitals and seats that stand for it ("Moscow", "Kremlin").
    pub fn metonyms(&self) -> &[String] {
        &self.metonyms
    }

    /// The id of the actor that this one belongs to (Putin → Russia).
    pub fn part_of(&self) -> Option<&str> {
        self.part_of.as_deref()
    }
}

/// Actors by id, in the order they were added.
///
/// Kept in a table of tab-separated columns, `id iso kind name aliases demonyms metonyms part_of`, where several
/// names are separated by `|` and lines that begin with `#` are comments. See `data/actors.tsv`.
///
/// ```
/// use demarche::actor::Catalogue;
///
/// let mine = Catalogue::from_tsv(
///     "id\tiso\tkind\tname\taliases\tdemonyms\tmetonyms\tpart_of\n\
///      x-norland\t\tstate\tNorland\tKingdom of Norland\tNorlander|Norlanders\tNorburg\t\n",
/// )?;
/// assert_eq!(mine.actor("x-norland").map(|actor| actor.name()), Some("Norland"));
/// # Ok::<(), demarche::Error>(())
/// ```
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(try_from = "Vec<Actor>", into = "Vec<Actor>")]
pub struct Catalogue {
    actors: Vec<Actor>,
    /// Made when it is first asked for: who only reads text never does.
    by_id: OnceLock<HashMap<String, usize>>,
}

impl PartialEq for Catalogue {
    fn eq(&self, other: &Self) -> bool {
        self.actors == other.actors
    }
}

impl Eq for Catalogue {}

impl Catalogue {
    /// The actors that ship with the crate (`data/actors.tsv`).
    pub fn shipped() -> Result<Self> {
        Self::from_tsv(include_str!("../../data/actors.tsv"))
    }

    /// Reads a catalogue file.
    ///
    /// # Errors
    /// [`ErrorKind::Io`], [`ErrorKind::Encoding`], or [`ErrorKind::Catalogue`] with the line and column.
    pub fn read(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let text = crate::input::read_text(path)?;
        Self::from_tsv(&text).map_err(|error| error.in_file(path))
    }

    /// Parses the table.
    ///
    /// # Errors
    /// [`ErrorKind::Catalogue`] with the line and column: a missing column, an unknown kind, an id used twice, an
    /// actor without a name, a `part_of` that leads in a circle.
    pub fn from_tsv(text: &str) -> Result<Self> {
        let mut catalogue = Self::default();
        for row in crate::input::tsv(text, ErrorKind::Catalogue, &COLUMNS)? {
            let row = row?;
            let names = |column| row.list(column, '|');
            let optional = |column: usize| Some(row.text(column).to_owned()).filter(|s| !s.is_empty());
            let kind: ActorKind = row.text(2).parse().map_err(|error: Error| row.locate(error, 2))?;
            let phrase = kind == ActorKind::Phrase;
            let name = optional(3).or_else(|| names(4).first().cloned());
            let Some(name) = name else {
                return Err(row.locate(Error::new(ErrorKind::Catalogue, "an actor needs a name"), 3));
            };
            let id = optional(0).unwrap_or_else(|| format!("phrase:{name}"));
            if !phrase && row.text(0).is_empty() {
                let error = Error::new(ErrorKind::Catalogue, "an actor needs an id");
                return Err(row.locate(error.help("a Wikidata QID, or x- and a slug"), 0));
            }
            if catalogue.places().contains_key(&id) {
                return Err(row.locate(Error::new(ErrorKind::Catalogue, format!("id {id:?} is used twice")), 0));
            }
            catalogue.insert(Actor {
                id,
                iso: optional(1),
                kind,
                name,
                aliases: names(4),
                demonyms: names(5),
                metonyms: names(6),
                part_of: optional(7),
            });
        }
        catalogue.check_circles()?;
        Ok(catalogue)
    }

    /// Adds an actor; one with the same id is replaced.
    pub fn insert(&mut self, actor: Actor) {
        if let Some(&at) = self.places().get(&actor.id) {
            self.actors[at] = actor;
            return;
        }
        if let Some(places) = self.by_id.get_mut() {
            places.insert(actor.id.clone(), self.actors.len());
        }
        self.actors.push(actor);
    }

    /// The place of each id.
    fn places(&self) -> &HashMap<String, usize> {
        let place = |(at, actor): (usize, &Actor)| (actor.id.clone(), at);
        self.by_id.get_or_init(|| self.actors.iter().enumerate().map(place).collect())
    }

    /// This catalogue with the actors of another: new ids are added, known ones replaced.
    pub fn extended(mut self, other: Catalogue) -> Self {
        other.actors.into_iter().for_each(|actor| self.insert(actor));
        self
    }

    /// The actors, in order.
    pub fn actors(&self) -> &[Actor] {
        &self.actors
    }

    /// The actor of this id.
    pub fn actor(&self, id: &str) -> Option<&Actor> {
        self.places().get(id).map(|&at| &self.actors[at])
    }

    /// The side that an actor belongs to: the top of its chain of `part_of`; the actor itself where it is part of nothing
    /// that the catalogue knows. Armed groups and territories end the chain: they belong to a state on the map, and may
    /// be at war with it. No more than 32 steps are taken.
    ///
    /// ```
    /// use demarche::Catalogue;
    ///
    /// let catalogue = Catalogue::from_tsv(
    ///     "id\tiso\tkind\tname\taliases\tdemonyms\tmetonyms\tpart_of\n\
    ///      Q159\tRU\tstate\tRussia\t\t\t\t\nx-lavrov\t\tperson\tSergei Lavrov\t\t\t\tQ159\n",
    /// )?;
    /// assert_eq!(catalogue.side(&catalogue.actors()[1]).name(), "Russia");
    /// let rebels = Catalogue::shipped()?.actor("x-rsf").map(|rebels| Catalogue::shipped().map(|all| all.side(rebels) == rebels));
    /// assert_eq!(rebels.transpose()?, Some(true));
    /// # Ok::<(), demarche::Error>(())
    /// ```
    pub fn side<'c>(&'c self, actor: &'c Actor) -> &'c Actor {
        let above = |at: &&'c Actor| match at.kind() {
            ActorKind::ArmedGroup | ActorKind::Territory => None,
            _ => at.part_of().and_then(|id| self.actor(id)),
        };
        std::iter::successors(Some(actor), above).take(HIGHEST + 1).last().unwrap_or(actor)
    }

    fn check_circles(&self) -> Result<()> {
        let above = |at: usize| self.actors[at].part_of().and_then(|id| self.places().get(id).copied());
        circle(self.actors.len(), above).map_or(Ok(()), |at| {
            let message = format!("part_of of {:?} leads in a circle", self.actors[at].id);
            Err(Error::new(ErrorKind::Catalogue, message).in_field("part_of"))
        })
    }
}

/// The first of these places that leads in a circle. `above` is asked once for each place.
fn circle(places: usize, mut above: impl FnMut(usize) -> Option<usize>) -> Option<usize> {
    // The walk that met a place last; what an earlier one has passed leads to no circle, so each is passed once.
    let mut met: Vec<Option<usize>> = vec![None; places];
    for walk in 0..places {
        let mut at = Some(walk);
        while let Some(here) = at {
            match met[here].replace(walk) {
                Some(before) if before == walk => return Some(walk),
                Some(_) => break,
                None => at = above(here),
            }
        }
    }
    None
}

/// The steps that a chain of `part_of` is followed. Two catalogues that were joined may lead in a circle.
const HIGHEST: usize = 32;

const COLUMNS: [&str; 8] = ["id", "iso", "kind", "name", "aliases", "demonyms", "metonyms", "part_of"];

impl Actor {
    /// Every surface form.
    pub(super) fn forms(&self) -> impl Iterator<Item = &str> {
        std::iter::once(&self.name).chain(&self.aliases).chain(&self.demonyms).chain(&self.metonyms).map(String::as_str)
    }
}

impl TryFrom<Vec<Actor>> for Catalogue {
    type Error = Error;

    fn try_from(actors: Vec<Actor>) -> Result<Self> {
        let ids: HashSet<&str> = actors.iter().map(Actor::id).collect();
        if ids.len() < actors.len() {
            return Err(Error::new(ErrorKind::Catalogue, "two actors have one id"));
        }
        Ok(Self { actors, by_id: OnceLock::new() })
    }
}

impl From<Catalogue> for Vec<Actor> {
    fn from(catalogue: Catalogue) -> Self {
        catalogue.actors
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "id\tiso\tkind\tname\taliases\tdemonyms\tmetonyms\tpart_of\n";

    #[test]
    fn faults_are_located() {
        let cases = [
            ("Q1\t\tstate\tA\t\t\t\t\nQ1\t\tstate\tB\t\t\t\t\n", "line 3: id: id \"Q1\" is used twice"),
            ("Q1\t\tkingdom\tA\t\t\t\t\n", "line 2: kind: unknown kind \"kingdom\""),
            ("\t\tstate\tA\t\t\t\t\n", "line 2: id: an actor needs an id"),
            ("Q1\t\tstate\t\t\t\t\t\n", "line 2: name: an actor needs a name"),
            ("Q1\t\tstate\n", "line 2: 3 columns instead of 8"),
            ("Q1\t\tstate\tA\t\t\t\tQ1\n", "part_of: part_of of \"Q1\" leads in a circle"),
        ];
        for (rows, message) in cases {
            let error = Catalogue::from_tsv(&format!("{HEAD}{rows}")).unwrap_err();
            assert!(error.to_string().starts_with(message), "{error}");
        }
    }

    #[test]
    fn collisions_are_reported_and_overrides_replace() {
        let a = Catalogue::from_tsv(&format!("{HEAD}Q1\t\tstate\tA\tX\t\t\t\n")).unwrap();
        let b = Catalogue::from_tsv(&format!("{HEAD}Q2\t\tstate\tB\tX\t\t\t\nQ1\t\tstate\tA2\tX\t\t\t\n")).unwrap();
        let both = a.extended(b);
        assert_eq!(both.actors().len(), 2);
        assert_eq!(both.actor("Q1").map(Actor::name), Some("A2"));
        assert_eq!(both.collisions().len(), 1);
        assert_eq!(both.collisions()[0].actors(), ["Q1", "Q2"]);
    }

    #[test]
    fn one_id_for_two_actors_is_refused() {
        let actors = |ids: [&str; 2]| ids.map(|id| Actor::named(id, ActorKind::State)).to_vec();
        assert_eq!(Catalogue::try_from(actors(["A", "A"])).unwrap_err().kind(), ErrorKind::Catalogue);
        let both = Catalogue::try_from(actors(["A", "B"])).unwrap();
        assert_eq!(both.actor("B"), both.actors().last());
    }

    #[test]
    fn long_chains_take_linear_time() {
        let last = 60_000;
        // Each place leads to the next, from the first on and from the last on: one long walk, or many short ones.
        for (case, step) in [("up", 1), ("down", -1)] {
            let steps = std::cell::Cell::new(0);
            let next = |at: usize| at.checked_add_signed(step).filter(|next| *next <= last);
            let asked = |at| next(at).inspect(|_| steps.set(steps.get() + 1));
            assert_eq!((circle(last + 1, asked), steps.get()), (None, last), "{case}");
        }
        assert_eq!(circle(last + 1, |at| Some(if at == last { last / 2 } else { at + 1 })), Some(0));

        let chain = |top: &str| {
            let rows = (0..last).map(|i| format!("Q{i}\t\tbloc\tA{i}\t\t\t\tQ{}\n", i + 1));
            format!("{HEAD}{}Q{last}\t\tbloc\tZ\t\t\t\t{top}\n", rows.collect::<String>())
        };
        assert_eq!(Catalogue::from_tsv(&chain("")).unwrap().actors().len(), last + 1);
        assert!(Catalogue::from_tsv(&chain("Q30000")).is_err());
    }

    /// As high as this: a long chain must not be walked for every judgement.
    #[test]
    fn sides_are_sought_32_steps_up() {
        let rows: String = (0..40).map(|i| format!("Q{i}\t\tbloc\tA{i}\t\t\t\tQ{}\n", i + 1)).collect();
        let chain = Catalogue::from_tsv(&format!("{HEAD}{rows}")).unwrap();
        let side = |at: usize| chain.side(&chain.actors()[at]).id();
        assert_eq!([side(0), side(7), side(39)], ["Q32", "Q39", "Q39"]);
        let circle = |id: &str, of: &str| Catalogue::from_tsv(&format!("{HEAD}{id}\t\tbloc\tA\t\t\t\t{of}\n")).unwrap();
        let both = circle("Q1", "Q2").extended(circle("Q2", "Q1"));
        assert_eq!(both.side(&both.actors()[0]).id(), "Q1");
    }

    #[test]
    fn the_shipped_catalogue_is_sound() {
        let shipped = Catalogue::shipped().unwrap();
        assert!(shipped.actors().iter().filter(|a| a.kind() != ActorKind::Phrase).count() >= 250);
        let collisions = shipped.collisions();
        assert!(collisions.is_empty(), "{collisions:?}");
        for actor in shipped.actors() {
            assert!(actor.part_of().is_none_or(|id| shipped.actor(id).is_some()), "{actor:?}");
        }
    }
}
