//! Terms over the classes of cues: by side, negation, hedging and clause.

use crate::stance::lexicon::Lexicon;
use crate::stance::place::Place;
use crate::stance::scene::Scene;
use crate::stance::term::marks::{FAR, LEFT, MAYBE, NOT, RIGHT, SAME};
use crate::stance::term::{Family, Part, Sink};

/// Where a cue stands to the target: before it, behind it, in another sentence.
const SIDES: [Part; 3] = [LEFT, RIGHT, FAR];

/// What a sink knows of the terms of one class.
#[derive(Clone, Copy, Debug)]
struct ClassGrams<G> {
    class: G,
    /// Each by side.
    side: [G; 3],
    negated: [G; 3],
    hedged: [G; 3],
    same_clause: [G; 3],
    other_clause: [G; 3],
}

/// The terms of cue classes, by number; looked up the first time that a class is met.
#[derive(Clone, Debug)]
pub(crate) struct CueClasses<G> {
    grams: Vec<Option<ClassGrams<G>>>,
}

impl<G> Default for CueClasses<G> {
    fn default() -> Self {
        Self { grams: Vec::new() }
    }
}

impl<G: Copy> ClassGrams<G> {
    fn new(class: Part, sink: &mut impl Sink<Gram = G>) -> Self {
        let mut with = |mark: Option<Part>| {
            SIDES.map(|side| match mark {
                Some(mark) => sink.gram(&[class, side, mark]),
                None => sink.gram(&[class, side]),
            })
        };
        Self {
            side: with(None),
            negated: with(Some(NOT)),
            hedged: with(Some(MAYBE)),
            same_clause: with(Some(SAME)),
            other_clause: with(Some(FAR)),
            class: sink.gram(&[class]),
        }
    }
}

impl<G: Copy> CueClasses<G> {
    /// Hands the classes of a scene to the sink: what does not depend on the target.
    pub(crate) fn open(&mut self, scene: &Scene, lexicon: &Lexicon, sink: &mut impl Sink<Gram = G>) {
        self.grams.resize(lexicon.classes(), None);
        for hit in scene.hits() {
            for sense in lexicon.senses(hit.entry) {
                let grams = self.grams[usize::from(sense.class)]
                    .get_or_insert_with(|| ClassGrams::new(lexicon.class(sense.class), sink));
                sink.term(Family::CUE, grams.class, 1.0, hit.start..hit.end);
            }
        }
    }

    /// Hands the classes of an opened scene, as they stand to the target, to the sink.
    pub(crate) fn terms(&self, scene: &Scene, lexicon: &Lexicon, place: &Place, sink: &mut impl Sink<Gram = G>) {
        for hit in scene.hits() {
            let unit = &scene.units()[hit.start];
            let standing = &place.standings[hit.start];
            let side = match standing.nearest {
                Some(target) if hit.start < target => 0,
                Some(_) => 1,
                None => 2,
            };
            for sense in lexicon.senses(hit.entry) {
                let Some(grams) = &self.grams[usize::from(sense.class)] else { continue };
                let mut emit = |gram: [G; 3]| sink.term(Family::CUE, gram[side], 1.0, hit.start..hit.end);
                emit(grams.side);
                if unit.negated {
                    emit(grams.negated);
                }
                if unit.hedged {
                    emit(grams.hedged);
                }
                emit(if standing.in_clause { grams.same_clause } else { grams.other_clause });
            }
        }
    }
}
