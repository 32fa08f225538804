//! (passage, actor) → terms: the one function that training and prediction share.
//!
//! A term belongs to a block; blocks are normalised on their own. The target stands as ‹T› and other actors as ‹O› in
//! every term, so no term can tell who the actor is.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::learn::TermWeighting;
use crate::stance::analysis::Analyzer;
use crate::stance::cues::Roles;
use crate::stance::frames;
use crate::stance::term::{mark, Block, Part, Sink};
use crate::stance::view::{Unit, UnitKind, View};
use crate::text::TokenKind;

/// How terms are formed; part of the model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct FeatureSettings {
    /// The weight of each block beside the others, in the order of [`Block::ALL`]; 0 leaves it out.
    pub block_weights: [f32; 11],
    /// How counts become numbers.
    pub weighting: TermWeighting,
    /// Nearness falls by a factor of e over this many words.
    pub near_decay: f32,
    /// The weight of words in other sentences than the target's, in the block of nearness.
    pub other_sentence: f32,
}

impl Default for FeatureSettings {
    fn default() -> Self {
        Self { block_weights: [1.0; 11], weighting: TermWeighting::Sublinear, near_decay: 6.0, other_sentence: 0.3 }
    }
}

impl FeatureSettings {
    /// The weight of a block.
    pub fn weight(&self, block: Block) -> f32 {
        self.block_weights[block as usize]
    }

    /// The same settings with another weight for a block.
    pub fn with_weight(mut self, block: Block, weight: f32) -> Self {
        self.block_weights[block as usize] = weight;
        self
    }

    pub(crate) fn is_valid(&self) -> bool {
        let numbers = [self.near_decay, self.other_sentence];
        self.near_decay > 0.0 && numbers.iter().chain(&self.block_weights).all(|n| n.is_finite() && *n >= 0.0)
    }
}

const LEFT: Part = mark(1, "left");
const RIGHT: Part = mark(2, "right");
const NOT: Part = mark(3, "not");
const MAYBE: Part = mark(4, "maybe");
const SAME: Part = mark(5, "same");
const FAR: Part = mark(6, "far");
const NUMBERS: [Part; 6] = [mark(10, "0"), mark(11, "1"), mark(12, "2"), mark(13, "3"), mark(14, "4"), mark(15, "5+")];
const PREVIOUS: Part = mark(20, "previous");
const NEXT: Part = mark(21, "next");
const TURN: Part = mark(22, "turn");
const END: Part = mark(23, "end");

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
        cues(view, analyzer, &place, sink);
    }
    if wants(Block::Sequence) {
        sequence(view, analyzer, &place, sink);
    }
    if wants(Block::Frame) {
        frames::terms(view, analyzer, sink);
    }
    if wants(Block::Shape) {
        shape(view, &place, sink);
    }
}

/// How the target stands in the passage, and how far each unit is from it.
struct Place {
    sentences: Vec<u32>,
    clauses: Vec<u32>,
    /// For each unit: the nearest mention of the target in its sentence, if there is one.
    nearest: Vec<Option<usize>>,
}

impl Place {
    fn of(view: &View) -> Self {
        let mut sentences: Vec<u32> = view.targets.iter().map(|&at| view.units[at].sentence).collect();
        let mut clauses: Vec<u32> = view.targets.iter().map(|&at| view.units[at].clause).collect();
        sentences.dedup();
        clauses.dedup();
        let mut nearest = vec![None; view.units.len()];
        let mut last: Option<usize> = None;
        for (at, unit) in view.units.iter().enumerate() {
            if unit.kind == UnitKind::Target {
                last = Some(at);
            }
            nearest[at] = last.filter(|&t| view.units[t].sentence == unit.sentence);
        }
        let mut next: Option<usize> = None;
        for (at, unit) in view.units.iter().enumerate().rev() {
            if unit.kind == UnitKind::Target {
                next = Some(at);
            }
            if let Some(next) = next.filter(|&t| view.units[t].sentence == unit.sentence) {
                if nearest[at].is_none_or(|last| next - at < at - last) {
                    nearest[at] = Some(next);
                }
            }
        }
        Self { sentences, clauses, nearest }
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

fn cues(view: &View, analyzer: &Analyzer, place: &Place, sink: &mut impl Sink) {
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
fn sequence(view: &View, analyzer: &Analyzer, place: &Place, sink: &mut impl Sink) {
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
