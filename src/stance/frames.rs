//! Who does what to whom: the role of the target in each cue, and what the cue conveys about that role.
//!
//! Connotation frames (H. Rashkin, S. Singh, Y. Choi, ACL 2016), with agents and patients found by rule: voice, the
//! preposition that governs a mention, possession, coordination.

use crate::stance::analysis::Analyzer;
use crate::stance::cues::{Effect, PartOfSpeech, Roles, Sense};
use crate::stance::term::marks::{MAYBE, NOT};
use crate::stance::term::{mark, Block, Part, Sink};
use crate::stance::view::{Hit, Unit, View};

const AGENT: Part = mark(40, "agent");
const PATIENT: Part = mark(41, "patient");
const BYSTANDER: Part = mark(42, "bystander");
const GOOD: Part = mark(45, "pro");
const BAD: Part = mark(46, "skeptical");
const PRAISED: Part = mark(47, "praised");
const BLAMED: Part = mark(48, "blamed");
const REPORTED: Part = mark(49, "reported");

/// The groups of actors that fill a cue's roles.
#[derive(Clone, Copy, Debug, Default)]
struct Filled {
    agent: Option<u32>,
    patient: Option<u32>,
}

pub(crate) fn terms(view: &View, analyzer: &Analyzer, sink: &mut impl Sink) {
    let groups: Vec<u32> = view.targets.iter().map(|&at| view.units[at].group).collect();
    for hit in &view.hits {
        let Some(sense) = sense(view, hit, &analyzer.cue_finder().entry(hit.entry).senses) else { continue };
        let filled = roles(view, hit, sense.pos);
        let (key, name) = analyzer.cue_finder().class(sense.class);
        let class = Part { key, name };
        let unit = &view.units[hit.start];
        let negated = unit.negated;
        let is_target = |group: Option<u32>| group.is_some_and(|group| groups.contains(&group));
        let units = hit.start..hit.end;
        let mut found = false;
        for (role, group, party) in [(AGENT, filled.agent, 0), (PATIENT, filled.patient, 1)] {
            if !is_target(group) {
                continue;
            }
            found = true;
            let polarity = if negated { NOT } else { role };
            sink.term(Block::Frame, &[role, class], 1.0, units.clone());
            sink.term(Block::Frame, &[role, polarity, class], 1.0, units.clone());
            sink.term(Block::Frame, &[role, polarity, unit.part], 1.0, units.clone());
            for (effect, good, bad) in
                [(sense.effects[0][party], GOOD, BAD), (sense.effects[1][party], PRAISED, BLAMED)]
            {
                let effect = match (effect, negated) {
                    (Effect::None, _) => continue,
                    (Effect::Good, false) | (Effect::Bad, true) => good,
                    (Effect::Bad, false) | (Effect::Good, true) => bad,
                };
                sink.term(Block::Frame, &[effect], 1.0, units.clone());
                sink.term(Block::Frame, &[role, effect], 1.0, units.clone());
                if unit.hedged {
                    sink.term(Block::Frame, &[effect, MAYBE], 1.0, units.clone());
                }
            }
        }
        if !found && (filled.agent.is_some() || filled.patient.is_some()) {
            sink.term(Block::Frame, &[BYSTANDER, class], 1.0, units.clone());
        }
    }
    for &target in &view.targets {
        if let Some(verb) = next_word(view, target).filter(|verb| view.units[*verb].roles.has(Roles::REPORT)) {
            sink.term(Block::Frame, &[REPORTED], 1.0, target..verb + 1);
        }
    }
}

fn next_word(view: &View, at: usize) -> Option<usize> {
    let sentence = view.units[at].sentence;
    (at + 1..view.units.len())
        .take_while(|&i| view.units[i].sentence == sentence)
        .find(|&i| !view.units[i].roles.has(Roles::AUXILIARY) && !view.units[i].roles.has(Roles::ADVERBIAL))
}

/// The sense that fits the context: a verb after an actor, "to", a pronoun or an auxiliary, or in the past; a noun
/// after a determiner or a preposition.
fn sense<'s>(view: &View, hit: &Hit, senses: &'s [Sense]) -> Option<&'s Sense> {
    let unit = &view.units[hit.start];
    let before = hit.start.checked_sub(1).map(|at| &view.units[at]).filter(|b| b.sentence == unit.sentence);
    let verbal = unit.participle
        || before.is_some_and(|b| {
            b.part.name == "to" || b.is_actor() || b.roles.has(Roles::AUXILIARY) || b.roles.has(Roles::PRONOUN)
        });
    let nominal = before.is_some_and(|b| b.roles.has(Roles::DETERMINER) || b.roles.has(Roles::PREPOSITION));
    let wanted = |sense: &&Sense| match sense.pos {
        PartOfSpeech::Verb => verbal && !(nominal && !unit.participle && before.is_some_and(|b| b.part.name != "to")),
        PartOfSpeech::Noun => nominal,
        _ => false,
    };
    let informed = |sense: &&Sense| sense.pos != PartOfSpeech::Any;
    senses.iter().find(wanted).or_else(|| senses.iter().find(informed)).or(senses.first())
}

fn roles(view: &View, hit: &Hit, pos: PartOfSpeech) -> Filled {
    match pos {
        PartOfSpeech::Noun => noun_roles(view, hit),
        _ => verb_roles(view, hit),
    }
}

/// The preposition that governs the actor at this position, looking back over articles and adjectives.
fn governed_by<'v>(view: &'v View, at: usize) -> Option<&'v str> {
    let sentence = view.units[at].sentence;
    let group = view.units[at].group;
    (at.saturating_sub(4)..at)
        .rev()
        .map(|i| &view.units[i])
        .take_while(|unit| unit.sentence == sentence && !unit.roles.has(Roles::SUBORDINATOR))
        .filter(|unit| unit.group != group || !unit.is_actor())
        .find(|unit| !unit.roles.has(Roles::DETERMINER) && unit.part.name != "and")
        .filter(|unit| unit.roles.has(Roles::PREPOSITION))
        .map(|unit| unit.part.name)
}

/// The actor to the left that can be the subject: in the same clause first, not governed by a preposition.
fn subject(view: &View, at: usize) -> Option<u32> {
    let here = &view.units[at];
    let candidates = || {
        (0..at)
            .rev()
            .take_while(|&i| view.units[i].sentence == here.sentence)
            .filter(|&i| view.units[i].is_actor() && !is_possessor(view, i))
    };
    let free = |i: &usize| governed_by(view, *i).is_none();
    candidates()
        .filter(|&i| view.units[i].clause == here.clause)
        .find(free)
        .or_else(|| candidates().find(free))
        .or_else(|| candidates().next())
        .map(|i| view.units[i].group)
}

fn is_possessor(view: &View, at: usize) -> bool {
    view.units.get(at + 1).is_some_and(|next: &Unit| next.part.name == "'s")
}

/// The first actor to the right in the same clause.
fn object(view: &View, at: usize) -> Option<usize> {
    let here = &view.units[at];
    (at + 1..view.units.len())
        .take_while(|&i| view.units[i].sentence == here.sentence && view.units[i].clause <= here.clause + 1)
        .find(|&i| view.units[i].is_actor())
}

fn verb_roles(view: &View, hit: &Hit) -> Filled {
    let left = subject(view, hit.start);
    let right = object(view, hit.end - 1);
    let be = (hit.start.saturating_sub(3)..hit.start)
        .any(|i| view.units[i].roles.has(Roles::BE) && view.units[i].clause == view.units[hit.start].clause);
    if view.units[hit.start].participle && be {
        let by = right.filter(|&i| governed_by(view, i) == Some("by"));
        return Filled { agent: by.map(|i| view.units[i].group), patient: left };
    }
    let right = right.map(|i| view.units[i].group);
    Filled { agent: left, patient: right.filter(|group| Some(*group) != left) }
}

fn noun_roles(view: &View, hit: &Hit) -> Filled {
    let right = object(view, hit.end - 1);
    let group = |i: usize| view.units[i].group;
    let after = right.and_then(|i| governed_by(view, i).map(|preposition| (preposition, group(i))));
    let owner = (hit.start.saturating_sub(3)..hit.start)
        .rev()
        .find(|&i| view.units[i].is_actor() && view.units[i].sentence == view.units[hit.start].sentence);
    let holder = owner.map(group).or_else(|| subject(view, hit.start));
    match after {
        Some(("by" | "from" | "of", group)) => Filled { agent: Some(group), patient: None },
        Some(("between" | "among", group)) => Filled { agent: Some(group), patient: Some(group) },
        Some((_, group)) => Filled { agent: holder, patient: Some(group).filter(|g| Some(*g) != holder) },
        None => Filled { agent: holder, patient: None },
    }
}
