//! (passage, actor) → terms: the one function that training and prediction share.
//!
//! A term belongs to a block; blocks are normalised on their own. The target stands as ‹T› and other actors as ‹O› in
//! every term, so no term can tell who the actor is.

use crate::stance::analysis::Analyzer;
use crate::stance::cues::Roles;
use crate::stance::place::Place;
use crate::stance::settings::FeatureSettings;
use crate::stance::term::marks::{LEFT, MAYBE, NEXT, NOT, NUMBERS, PREVIOUS, RIGHT};
use crate::stance::term::{mark, Block, Part, Sink};
use crate::stance::view::{Unit, UnitKind, View};
use crate::stance::{events, frames};
use crate::text::TokenKind;

/// Content words that are looked at behind the target.
const FOLLOWERS: usize = 3;

/// Hands every term of the view to the sink.
pub(crate) fn terms(view: &View, analyzer: &Analyzer, settings: &FeatureSettings, sink: &mut impl Sink) {
    let place = Place::of(view);
    let wants = |block| settings.weight(block) > 0.0;
    if wants(Block::Near) {
        near(view, &place, settings, sink);
    }
    if wants(Block::Side) {
        side(view, &place, sink);
    }
    if wants(Block::Clause) {
        ngrams(view, Block::Clause, |unit| place.clauses.contains(&unit.clause), sink);
    }
    if wants(Block::Sentence) {
        ngrams(view, Block::Sentence, |unit| place.sentences.contains(&unit.sentence), sink);
    }
    if wants(Block::Passage) {
        ngrams(view, Block::Passage, |_| true, sink);
    }
    if wants(Block::Between) {
        between(view, &place, sink);
    }
    if wants(Block::Governor) {
        governor(view, sink);
    }
    if wants(Block::Cue) {
        events::classes(view, analyzer, &place, sink);
    }
    if wants(Block::Sequence) {
        events::sequence(view, analyzer, &place, sink);
    }
    events::paths(view, analyzer, &place, settings, sink);
    if wants(Block::Frame) {
        frames::terms(view, analyzer, sink);
    }
    if wants(Block::Shape) {
        shape(view, &place, sink);
    }
}

fn near(view: &View, place: &Place, settings: &FeatureSettings, sink: &mut impl Sink) {
    for (at, unit) in view.units.iter().enumerate() {
        let weight = match place.nearest[at] {
            Some(target) => (-(target.abs_diff(at) as f32) / settings.near_decay).exp(),
            None => settings.other_sentence,
        };
        if unit.kind != UnitKind::Target {
            sink.term(Block::Near, &[unit.part], weight, at..at + 1);
        }
        if let Some(next) = follower(view, at) {
            sink.term(Block::Near, &[unit.part, next.part], weight, at..at + 2);
        }
    }
}

/// The unit after this one, in the same sentence.
fn follower<'v, 'a>(view: &'v View<'a>, at: usize) -> Option<&'v Unit<'a>> {
    view.units.get(at + 1).filter(|next| next.sentence == view.units[at].sentence)
}

fn side(view: &View, place: &Place, sink: &mut impl Sink) {
    for (at, unit) in view.units.iter().enumerate() {
        if let Some(target) = place.nearest[at].filter(|&target| target != at) {
            let side = if at < target { LEFT } else { RIGHT };
            sink.term(Block::Side, &[side, unit.part], 1.0, at..at + 1);
        }
    }
}

fn ngrams(view: &View, block: Block, chosen: impl Fn(&Unit) -> bool, sink: &mut impl Sink) {
    for (at, unit) in view.units.iter().enumerate().filter(|(_, unit)| chosen(unit)) {
        sink.term(block, &[unit.part], 1.0, at..at + 1);
        if let Some(next) = follower(view, at).filter(|next| chosen(next)) {
            sink.term(block, &[unit.part, next.part], 1.0, at..at + 2);
        }
    }
}

fn between(view: &View, place: &Place, sink: &mut impl Sink) {
    let mut others = 0;
    let before: Vec<usize> = view
        .units
        .iter()
        .map(|unit| {
            others += usize::from(unit.kind == UnitKind::Other);
            others
        })
        .collect();
    for (at, unit) in view.units.iter().enumerate() {
        if let Some(target) = place.nearest[at].filter(|_| !unit.is_actor()) {
            let side = if at < target { LEFT } else { RIGHT };
            let between = NUMBERS[before[at].abs_diff(before[target]).min(2)];
            sink.term(Block::Between, &[side, between, unit.part], 1.0, at..at + 1);
        }
    }
}

fn is_function_word(unit: &Unit) -> bool {
    unit.roles.has(Roles::AUXILIARY)
        || unit.roles.has(Roles::DETERMINER)
        || unit.roles.has(Roles::MODAL)
        || unit.token != TokenKind::Word
}

/// What follows each mention of the target, with negation and hedging marked, and what stands before it.
fn governor(view: &View, sink: &mut impl Sink) {
    for &target in &view.targets {
        let sentence = view.units[target].sentence;
        let mut found = 0;
        for (at, unit) in view.units.iter().enumerate().skip(target + 1) {
            if unit.sentence != sentence || found == FOLLOWERS {
                break;
            }
            if is_function_word(unit) || unit.roles.has(Roles::NEGATION) {
                continue;
            }
            found += 1;
            let place = NUMBERS[found];
            sink.term(Block::Governor, &[NEXT, place, unit.part], 1.0, at..at + 1);
            sink.term(Block::Governor, &[NEXT, unit.part], 1.0, at..at + 1);
            if unit.negated {
                sink.term(Block::Governor, &[NEXT, NOT, unit.part], 1.0, at..at + 1);
            }
            if unit.hedged {
                sink.term(Block::Governor, &[NEXT, MAYBE, unit.part], 1.0, at..at + 1);
            }
        }
        let start = target.saturating_sub(4);
        let before: Vec<(usize, &Unit)> = (start..target)
            .map(|at| (at, &view.units[at]))
            .filter(|(_, unit)| unit.sentence == sentence && !unit.roles.has(Roles::DETERMINER))
            .collect();
        let mut behind = before.iter().rev();
        if let Some((at, previous)) = behind.next() {
            sink.term(Block::Governor, &[PREVIOUS, previous.part], 1.0, *at..target);
            if let Some((first, second)) = behind.next() {
                sink.term(Block::Governor, &[PREVIOUS, second.part, previous.part], 1.0, *first..target);
            }
        }
    }
}

fn shape(view: &View, place: &Place, sink: &mut impl Sink) {
    let Some(&first) = view.targets.first() else { return };
    let others = view.units.iter().filter(|unit| unit.kind == UnitKind::Other).count();
    let mut emit = |name: Part<'static>, value: usize| {
        sink.term(Block::Shape, &[name, NUMBERS[value.min(5)]], 1.0, first..first + 1);
    };
    let words = view.units.len();
    emit(mark(30, "length"), words / 12);
    emit(mark(31, "mentions"), view.targets.len());
    emit(mark(32, "others"), others);
    emit(mark(33, "sentence"), view.units[first].sentence as usize);
    emit(mark(34, "place"), first * 5 / words.max(1));
    emit(mark(35, "sentences with it"), place.sentences.len());
    emit(mark(36, "cues"), view.hits.len() / 2);
    let questions = view.units.iter().filter(|unit| unit.token == TokenKind::Question).count();
    emit(mark(37, "questions"), questions);
    let others_first = view.units[..first].iter().filter(|unit| unit.kind == UnitKind::Other).count();
    emit(mark(38, "others before"), others_first);
}
