//! Terms over cues: their classes around the target, their sequence, and the paths that lead to them.

use std::ops::Range;

use crate::stance::analysis::Analyzer;
use crate::stance::cues::Roles;
use crate::stance::place::Place;
use crate::stance::settings::FeatureSettings;
use crate::stance::term::marks::{BE, END, FAR, LEFT, MAYBE, NOT, RIGHT, SAME, TURN};
use crate::stance::term::{Block, Part, Sink};
use crate::stance::view::{Unit, View};
use crate::text::TokenKind;

/// Longer skeletons are too rare to learn from.
const LONGEST_PATH: usize = 4;

/// Classes of cues by side, negation, hedging and clause.
pub(crate) fn classes(view: &View, analyzer: &Analyzer, place: &Place, sink: &mut impl Sink) {
    let finder = analyzer.cue_finder();
    for hit in &view.hits {
        let unit = &view.units[hit.start];
        let side = match place.nearest[hit.start] {
            Some(target) if hit.start < target => LEFT,
            Some(_) => RIGHT,
            None => FAR,
        };
        let reach = if place.clauses.contains(&unit.clause) { SAME } else { FAR };
        for sense in &finder.entry(hit.entry).senses {
            let (key, name) = finder.class(sense.class);
            let class = Part { key, name };
            let units = hit.start..hit.end;
            sink.term(Block::Cue, &[class], 1.0, units.clone());
            sink.term(Block::Cue, &[class, side], 1.0, units.clone());
            if unit.negated {
                sink.term(Block::Cue, &[class, side, NOT], 1.0, units.clone());
            }
            if unit.hedged {
                sink.term(Block::Cue, &[class, side, MAYBE], 1.0, units.clone());
            }
            sink.term(Block::Cue, &[class, side, reach], 1.0, units);
        }
    }
}

/// N-grams over what matters in the target's sentences: actors, cue classes, negations and turns.
pub(crate) fn sequence(view: &View, analyzer: &Analyzer, place: &Place, sink: &mut impl Sink) {
    let finder = analyzer.cue_finder();
    let mut events: Vec<(Part, Range<usize>)> = Vec::new();
    let mut hits = view.hits.iter().peekable();
    for (at, unit) in view.units.iter().enumerate() {
        while hits.next_if(|hit| hit.end <= at).is_some() {}
        if !place.sentences.contains(&unit.sentence) {
            continue;
        }
        let part = if unit.is_actor() {
            Some(unit.part)
        } else if let Some(hit) = hits.peek().filter(|hit| hit.start == at) {
            finder.entry(hit.entry).senses.first().map(|sense| {
                let (key, name) = finder.class(sense.class);
                Part { key, name }
            })
        } else if unit.roles.has(Roles::NEGATION) {
            Some(NOT)
        } else if unit.roles.has(Roles::CONTRAST) {
            Some(TURN)
        } else {
            None
        };
        if let Some(part) = part.filter(|part| part.name != "other" && part.name != "say") {
            events.push((part, at..at + 1));
        }
        if view.units.get(at + 1).is_none_or(|next| next.sentence != unit.sentence) {
            events.push((END, at..at + 1));
        }
    }
    for length in 2..=4 {
        for run in events.windows(length) {
            let parts: [Part; 4] = std::array::from_fn(|i| run.get(i).map_or(END, |event| event.0));
            let units = run[0].1.start..run[length - 1].1.end;
            sink.term(Block::Sequence, &parts[..length], 1.0, units);
        }
    }
}

/// What stands between the target and each cue of its sentence, as a skeleton of function words, actors and turns; ended
/// by the cue's class (a run of events) and by its stem (what governs the target).
pub(crate) fn paths(view: &View, analyzer: &Analyzer, place: &Place, settings: &FeatureSettings, sink: &mut impl Sink) {
    let finder = analyzer.cue_finder();
    for hit in &view.hits {
        let Some(target) = place.nearest[hit.start] else { continue };
        let (side, between) = if hit.start < target {
            (LEFT, &view.units[hit.end.min(target)..target])
        } else {
            (RIGHT, &view.units[target + 1..hit.start])
        };
        let mut parts = [side; 2 + LONGEST_PATH];
        let mut length = 2;
        for part in between.iter().filter_map(joint) {
            if let Some(slot) = parts.get_mut(length) {
                *slot = part;
            }
            length += 1;
        }
        if length > parts.len() {
            continue;
        }
        let units = hit.start..hit.end;
        if settings.weight(Block::Sequence) > 0.0 {
            for sense in &finder.entry(hit.entry).senses {
                let (key, name) = finder.class(sense.class);
                parts[1] = Part { key, name };
                sink.term(Block::Sequence, &parts[..length], 1.0, units.clone());
            }
        }
        if settings.weight(Block::Governor) > 0.0 {
            parts[1] = view.units[hit.start].part;
            sink.term(Block::Governor, &parts[..length], 1.0, units);
        }
    }
}

/// A unit that shows in a path: an actor, a function word that joins, a negation, a turn, a modal, a form of *be*.
fn joint<'a>(unit: &Unit<'a>) -> Option<Part<'a>> {
    let roles = unit.roles;
    let joins = roles.has(Roles::PREPOSITION) || roles.has(Roles::SUBORDINATOR) || unit.token == TokenKind::Possessive;
    if unit.is_actor() || joins {
        Some(unit.part)
    } else if roles.has(Roles::NEGATION) {
        Some(NOT)
    } else if roles.has(Roles::CONTRAST) {
        Some(TURN)
    } else if roles.has(Roles::MODAL) {
        Some(MAYBE)
    } else if roles.has(Roles::BE) {
        Some(BE)
    } else {
        None
    }
}
