//! Agents and patients: which actors fill the roles of a cue, found by rule: voice, the preposition that governs a
//! mention, possession, coordination.

use crate::key::key;
use crate::stance::cues::{PartOfSpeech, Roles};
use crate::stance::lexicon::{Lexicon, Sense};
use crate::stance::unit::{Hit, Unit};

const AND: u64 = key("and");
const BY: u64 = key("by");
const TO: u64 = key("to");
const POSSESSIVE: u64 = key("'s");
const SOURCES: [u64; 3] = [BY, key("from"), key("of")];
const PAIRING: [u64; 2] = [key("between"), key("among")];

/// Chooses the sense of every cue, and finds who fills its roles. Takes one pass in each direction.
pub(crate) fn assign(units: &[Unit], hits: &mut [Hit], lexicon: &Lexicon) {
    let next_actor = next_actors(units);
    let mut subjects = Subjects::default();
    let mut at = 0;
    for hit in hits {
        while at < hit.start {
            subjects.pass(units, at);
            at += 1;
        }
        let Some(sense) = sense(units, hit, lexicon.senses(hit.entry)) else { continue };
        let context =
            Context { units, hit, subject: subjects.of(units, hit.start), object: object(units, hit, &next_actor) };
        let [agent, patient] = match sense.pos {
            PartOfSpeech::Noun => context.around_noun(),
            _ => context.around_verb(),
        };
        (hit.sense, hit.agent, hit.patient) = (Some(*sense), agent, patient);
    }
}

/// For each unit, the next actor behind it in its sentence.
fn next_actors(units: &[Unit]) -> Vec<Option<usize>> {
    let mut next = vec![None; units.len()];
    for at in (1..units.len()).rev() {
        next[at - 1] = match () {
            () if units[at].sentence != units[at - 1].sentence => None,
            () if units[at].is_actor() => Some(at),
            () => next[at],
        };
    }
    next
}

/// The actors to the left that can be the subject of what follows.
#[derive(Default)]
struct Subjects {
    sentence: u32,
    /// The last one that no preposition governs.
    free: Option<u32>,
    /// The last one at all.
    any: Option<u32>,
}

impl Subjects {
    fn pass(&mut self, units: &[Unit], at: usize) {
        let unit = &units[at];
        if unit.sentence != self.sentence {
            *self = Self { sentence: unit.sentence, ..Self::default() };
        }
        let is_possessor = units.get(at + 1).is_some_and(|next| next.part.key == POSSESSIVE);
        if unit.is_actor() && !is_possessor {
            self.any = Some(unit.group);
            if governed_by(units, at).is_none() {
                self.free = Some(unit.group);
            }
        }
    }

    fn of(&self, units: &[Unit], at: usize) -> Option<u32> {
        if units[at].sentence != self.sentence {
            return None;
        }
        self.free.or(self.any)
    }
}

/// The first actor to the right of a cue, in its clause or the next.
fn object(units: &[Unit], hit: &Hit, next_actor: &[Option<usize>]) -> Option<usize> {
    let last = hit.end - 1;
    next_actor[last].filter(|&at| units[at].clause <= units[last].clause + 1)
}

/// The preposition that governs the actor at this position, looking back over articles and adjectives.
fn governed_by(units: &[Unit], at: usize) -> Option<u64> {
    let actor = &units[at];
    units[at.saturating_sub(4)..at]
        .iter()
        .rev()
        .take_while(|unit| unit.sentence == actor.sentence && !unit.roles.has(Roles::SUBORDINATOR))
        .filter(|unit| unit.group != actor.group || !unit.is_actor())
        .find(|unit| !unit.roles.has(Roles::DETERMINER) && unit.part.key != AND)
        .filter(|unit| unit.roles.has(Roles::PREPOSITION))
        .map(|unit| unit.part.key)
}

/// The sense that fits the context: a verb after an actor, "to", a pronoun or an auxiliary, or in the past; a noun
/// after a determiner or a preposition.
fn sense<'s>(units: &[Unit], hit: &Hit, senses: &'s [Sense]) -> Option<&'s Sense> {
    let unit = &units[hit.start];
    let before = hit.start.checked_sub(1).map(|at| &units[at]).filter(|b| b.sentence == unit.sentence);
    let is_to = |b: &Unit| b.part.key == TO;
    let verbal = unit.participle
        || before
            .is_some_and(|b| is_to(b) || b.is_actor() || b.roles.has(Roles::AUXILIARY) || b.roles.has(Roles::PRONOUN));
    let nominal = before.is_some_and(|b| b.roles.has(Roles::DETERMINER) || b.roles.has(Roles::PREPOSITION));
    let wanted = |sense: &&Sense| match sense.pos {
        PartOfSpeech::Verb => verbal && !(nominal && !unit.participle && !before.is_some_and(is_to)),
        PartOfSpeech::Noun => nominal,
        _ => false,
    };
    let informed = |sense: &&Sense| sense.pos != PartOfSpeech::Any;
    senses.iter().find(wanted).or_else(|| senses.iter().find(informed)).or(senses.first())
}

/// A cue with the actors around it.
struct Context<'u> {
    units: &'u [Unit],
    hit: &'u Hit,
    subject: Option<u32>,
    object: Option<usize>,
}

impl Context<'_> {
    fn group(&self, at: usize) -> u32 {
        self.units[at].group
    }

    /// The three units before the cue, the nearest first.
    fn just_before(&self) -> impl Iterator<Item = &Unit> {
        self.units[self.hit.start.saturating_sub(3)..self.hit.start].iter().rev()
    }

    /// Agent and patient of a verb, an adjective or a phrase.
    fn around_verb(&self) -> [Option<u32>; 2] {
        let here = &self.units[self.hit.start];
        let be = self.just_before().any(|unit| unit.roles.has(Roles::BE) && unit.clause == here.clause);
        if here.participle && be {
            let agent = self.object.filter(|&at| governed_by(self.units, at) == Some(BY));
            return [agent.map(|at| self.group(at)), self.subject];
        }
        let patient = self.object.map(|at| self.group(at));
        [self.subject, patient.filter(|group| Some(*group) != self.subject)]
    }

    /// Agent and patient of a noun.
    fn around_noun(&self) -> [Option<u32>; 2] {
        let here = &self.units[self.hit.start];
        let owner = self.just_before().find(|unit| unit.is_actor() && unit.sentence == here.sentence);
        let holder = owner.map(|unit| unit.group).or(self.subject);
        let after = self.object.and_then(|at| Some((governed_by(self.units, at)?, self.group(at))));
        match after {
            Some((preposition, group)) if SOURCES.contains(&preposition) => [Some(group), None],
            Some((preposition, group)) if PAIRING.contains(&preposition) => [Some(group); 2],
            Some((_, group)) => [holder, Some(group).filter(|g| Some(*g) != holder)],
            None => [holder, None],
        }
    }
}
