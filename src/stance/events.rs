//! Terms over cues: their sequence, and the paths that lead to them.

use crate::stance::analysis::Analyzer;
use crate::stance::cues::Roles;
use crate::stance::place::Place;
use crate::stance::scene::Scene;
use crate::stance::settings::FeatureSettings;
use crate::stance::term::marks::{BE, END, LEFT, MAYBE, NOT, RIGHT, TURN};
use crate::stance::term::{Block, Family, Part, Sink};
use crate::stance::unit::Unit;
use crate::text::TokenKind;

/// Longer skeletons are too rare to learn from.
const LONGEST_PATH: usize = 4;

/// Farther cues have no path (words).
const FARTHEST: usize = 48;

/// Events of a run, at most.
const LONGEST_RUN: usize = 4;

/// N-grams over what matters in the target's sentences: actors, cue classes, negations and turns.
pub(crate) fn sequence(scene: &Scene, analyzer: &Analyzer, place: &Place, sink: &mut impl Sink) {
    let units = scene.units();
    // The last few events and where they stand, the newest last.
    let mut run = [(END, 0); LONGEST_RUN];
    let mut length = 0;
    let mut push = |event: Part, at: usize| {
        run.rotate_left(1);
        run[LONGEST_RUN - 1] = (event, at);
        length = LONGEST_RUN.min(length + 1);
        let parts: [Part; LONGEST_RUN] = std::array::from_fn(|i| run[i].0);
        for start in (LONGEST_RUN - length..LONGEST_RUN - 1).rev() {
            let gram = sink.gram(&parts[start..]);
            sink.term(Family::SEQUENCE, gram, 1.0, run[start].1..at + 1);
        }
    };
    let lexicon = analyzer.lexicon();
    let mut hits = scene.hits().iter().peekable();
    for (at, unit) in units.iter().enumerate() {
        while hits.next_if(|hit| hit.end <= at).is_some() {}
        if !place.standings[at].in_sentence() {
            continue;
        }
        let cue = hits.peek().filter(|hit| hit.start == at);
        if unit.is_actor() {
            push(unit.part, at);
        } else if let Some(hit) = cue {
            let first = lexicon.senses(hit.entry).first();
            if let Some(class) = first.filter(|sense| lexicon.is_telling(sense.class)).map(|s| lexicon.class(s.class)) {
                push(class, at);
            }
        } else if unit.roles.has(Roles::NEGATION) {
            push(NOT, at);
        } else if unit.roles.has(Roles::CONTRAST) {
            push(TURN, at);
        }
        if units.get(at + 1).is_none_or(|next| next.sentence != unit.sentence) {
            push(END, at);
        }
    }
}

/// What stands between the target and each cue of its sentence, as a skeleton of function words, actors and turns; ended
/// by the cue's class (a run of events) and by its stem (what governs the target).
pub(crate) fn paths(
    scene: &Scene,
    analyzer: &Analyzer,
    place: &Place,
    settings: &FeatureSettings,
    sink: &mut impl Sink,
) {
    let lexicon = analyzer.lexicon();
    let units = scene.units();
    for hit in scene.hits() {
        let Some(target) = place.standings[hit.start].nearest else { continue };
        let (side, between) = if hit.start < target {
            (LEFT, &units[hit.end.min(target)..target])
        } else {
            (RIGHT, &units[target + 1..hit.start])
        };
        if between.len() > FARTHEST {
            continue;
        }
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
        let mut emit = |family: Family, end: Part| {
            parts[1] = end;
            let gram = sink.gram(&parts[..length]);
            sink.term(family, gram, 1.0, hit.start..hit.end);
        };
        if settings.weight(Block::Sequence) > 0.0 {
            for sense in lexicon.senses(hit.entry) {
                emit(Family::CLASS_PATH, lexicon.class(sense.class));
            }
        }
        if settings.weight(Block::Governor) > 0.0 {
            emit(Family::PATH, units[hit.start].part);
        }
    }
}

/// A unit that shows in a path: an actor, a function word that joins, a negation, a turn, a modal, a form of *be*.
fn joint(unit: &Unit) -> Option<Part> {
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
