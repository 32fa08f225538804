//! (passage, actor) → terms: the one way that training, prediction and explanation share.
//!
//! A term belongs to a block; blocks are normalised on their own. The target stands as ‹T› and other actors as ‹O› in
//! every term, so no term can tell who the actor is.

use crate::stance::analysis::Analyzer;
use crate::stance::classes::CueClasses;
use crate::stance::cues::Roles;
use crate::stance::place::Place;
use crate::stance::scene::Scene;
use crate::stance::settings::FeatureSettings;
use crate::stance::term::marks;
use crate::stance::term::{Block, Family, FamilySet, Name, Part, Sink};
use crate::stance::unit::{Unit, UnitKind};
use crate::stance::{events, frames};
use crate::text::TokenKind;

/// Content words that are looked at behind the target.
const FOLLOWERS: [Family; 3] = [Family::NEXT_1, Family::NEXT_2, Family::NEXT_3];

/// How far before the target a governing word is looked for (units).
const REACH_BACK: usize = 4;

/// Numbers as parts of terms.
const NUMBERS: [Part; 6] = [marks::ZERO, marks::ONE, marks::TWO, marks::THREE, marks::FOUR, marks::MORE];

/// Beyond this distance (words) nearness is what it is here.
const FAR_AWAY: usize = 64;

/// Makes the terms of scene after scene, for one kind of sink.
#[derive(Clone, Debug)]
pub(crate) struct FeatureExtractor<G> {
    settings: FeatureSettings,
    /// The families whose block counts.
    wanted: FamilySet,
    /// The weight of a word by its distance from the target (words).
    nearness: Vec<f32>,
    place: Place,
    /// What the sink knows of each unit, and of each unit with the next one of its sentence.
    unigrams: Vec<G>,
    bigrams: Vec<Option<G>>,
    /// What it was before the scene was focused, by place: to be put back.
    unfocused: Vec<(usize, G, Option<G>)>,
    /// What the sink knows of each word that the analyzer remembers, by number.
    known: Vec<Option<G>>,
    forgotten: u32,
    classes: CueClasses<G>,
}

impl<G: Copy> FeatureExtractor<G> {
    /// For one sink and one analyzer.
    pub(crate) fn new(settings: &FeatureSettings) -> Self {
        let nearness = (0u8..).take(FAR_AWAY + 1).map(|far| (-f32::from(far) / settings.near_decay).exp()).collect();
        Self {
            settings: settings.clone(),
            wanted: FamilySet::of_blocks(|block| settings.weight(block) > 0.0),
            nearness,
            place: Place::default(),
            unigrams: Vec::new(),
            bigrams: Vec::new(),
            unfocused: Vec::new(),
            known: Vec::new(),
            forgotten: 0,
            classes: CueClasses::default(),
        }
    }

    /// Looks up the words of a scene that is focused on nobody, and hands the terms that all its actors share to the sink.
    pub(crate) fn open(&mut self, scene: &Scene, analyzer: &Analyzer, sink: &mut impl Sink<Gram = G>) {
        self.unigrams.clear();
        self.bigrams.clear();
        if self.forgotten != analyzer.forgotten() {
            self.forgotten = analyzer.forgotten();
            self.known.clear();
        }
        let units = scene.units();
        let passage = self.wanted.has(Family::PASSAGE);
        for (at, unit) in units.iter().enumerate() {
            let unigram = self.unigram(unit.part, sink);
            let bigram = bigram(scene, at, sink);
            self.unigrams.push(unigram);
            self.bigrams.push(bigram);
            if !passage || unit.is_actor() {
                continue;
            }
            sink.term(Family::PASSAGE, unigram, 1.0, at..at + 1);
            if let Some(bigram) = bigram.filter(|_| !units[at + 1].is_actor()) {
                sink.term(Family::PASSAGE, bigram, 1.0, at..at + 2);
            }
        }
        if self.settings.weight(Block::Cue) > 0.0 {
            self.classes.open(scene, analyzer.lexicon(), sink);
        }
    }

    /// What the sink knows of a word; looked up the first time that it is met.
    fn unigram(&mut self, part: Part, sink: &mut impl Sink<Gram = G>) -> G {
        let Name::Stem(number) = part.name else { return sink.gram(&[part]) };
        let number = number as usize;
        if number >= self.known.len() {
            self.known.resize(number + 1, None);
        }
        *self.known[number].get_or_insert_with(|| sink.gram(&[part]))
    }

    /// What the sink knows of each unit of the opened scene.
    pub(crate) fn unigrams(&self) -> &[G] {
        &self.unigrams
    }

    /// Hands every term of the opened scene that depends on the actor that it is focused on to the sink.
    pub(crate) fn terms(&mut self, scene: &Scene, analyzer: &Analyzer, sink: &mut impl Sink<Gram = G>) {
        self.refresh(scene, sink);
        self.place.set(scene);
        let wants = |block| self.settings.weight(block) > 0.0;
        self.words(scene, sink);
        if wants(Block::Governor) {
            self.governors(scene, sink);
        }
        if wants(Block::Cue) {
            self.classes.terms(scene, analyzer.lexicon(), &self.place, sink);
        }
        if wants(Block::Sequence) {
            events::sequence(scene, analyzer, &self.place, sink);
        }
        events::paths(scene, analyzer, &self.place, &self.settings, sink);
        if wants(Block::Frame) {
            frames::terms(scene, analyzer, sink);
        }
        if wants(Block::Shape) {
            self.shape(scene, sink);
        }
        self.restore();
    }

    /// Looks up anew what holds a mention of the target.
    fn refresh(&mut self, scene: &Scene, sink: &mut impl Sink<Gram = G>) {
        let Some(&first) = scene.targets().first() else { return };
        let target = sink.gram(&[scene.units()[first].part]);
        self.unfocused.clear();
        for &at in scene.targets() {
            for place in at.saturating_sub(1)..=at {
                self.unfocused.push((place, self.unigrams[place], self.bigrams[place]));
                self.bigrams[place] = bigram(scene, place, sink);
            }
            self.unigrams[at] = target;
        }
    }

    /// Undoes [`FeatureExtractor::refresh`]: the next actor sees this one as ‹O›.
    fn restore(&mut self) {
        for (place, unigram, bigram) in self.unfocused.drain(..).rev() {
            self.unigrams[place] = unigram;
            self.bigrams[place] = bigram;
        }
    }

    /// Words and pairs: near the target, beside it, in its clause, its sentences, the passage.
    fn words(&self, scene: &Scene, sink: &mut impl Sink<Gram = G>) {
        const BETWEEN: [[Family; 3]; 2] =
            [[Family::LEFT_0, Family::LEFT_1, Family::LEFT_2], [Family::RIGHT_0, Family::RIGHT_1, Family::RIGHT_2]];
        const SIDES: [Family; 2] = [Family::SIDE_LEFT, Family::SIDE_RIGHT];
        let near = self.wanted.has(Family::NEAR);
        let units = scene.units();
        for (at, (unit, standing)) in units.iter().zip(&self.place.standings).enumerate() {
            let unigram = self.unigrams[at];
            let in_sentence = standing.in_sentence();
            let is_target = unit.kind == UnitKind::Target;
            let weight = match standing.nearest {
                Some(target) => self.nearness[target.abs_diff(at).min(FAR_AWAY)],
                None => self.settings.other_sentence,
            };
            if near && !is_target {
                sink.term(Family::NEAR, unigram, weight, at..at + 1);
            }
            let mut families = FamilySet::default()
                .with_if(standing.in_clause, Family::CLAUSE)
                .with_if(in_sentence, Family::SENTENCE)
                .with_if(unit.is_actor(), Family::PASSAGE);
            if let Some(target) = standing.nearest.filter(|_| !is_target) {
                let is_right = usize::from(at > target);
                families = families.with(SIDES[is_right]);
                if !unit.is_actor() {
                    let others = standing.others.abs_diff(self.place.standings[target].others);
                    families = families.with(BETWEEN[is_right][others.min(2)]);
                }
            }
            sink.terms(families.within(self.wanted), unigram, at..at + 1);
            let Some(bigram) = self.bigrams[at] else { continue };
            if near {
                sink.term(Family::NEAR, bigram, weight, at..at + 2);
            }
            let families = FamilySet::default()
                .with_if(standing.in_clause && self.place.standings[at + 1].in_clause, Family::CLAUSE)
                .with_if(in_sentence, Family::SENTENCE)
                .with_if(unit.is_actor() || units[at + 1].is_actor(), Family::PASSAGE);
            sink.terms(families.within(self.wanted), bigram, at..at + 2);
        }
    }

    /// What follows each mention of the target, with negation and hedging marked, and what stands before it.
    fn governors(&self, scene: &Scene, sink: &mut impl Sink<Gram = G>) {
        let units = scene.units();
        for &target in scene.targets() {
            let sentence = units[target].sentence;
            let follows = (target + 1..units.len())
                .take_while(|&at| units[at].sentence == sentence)
                .filter(|&at| !is_function_word(&units[at]) && !units[at].roles.has(Roles::NEGATION));
            for (at, family) in follows.zip(FOLLOWERS) {
                let gram = self.unigrams[at];
                sink.term(family, gram, 1.0, at..at + 1);
                sink.term(Family::NEXT, gram, 1.0, at..at + 1);
                if units[at].negated {
                    sink.term(Family::NEXT_NOT, gram, 1.0, at..at + 1);
                }
                if units[at].hedged {
                    sink.term(Family::NEXT_MAYBE, gram, 1.0, at..at + 1);
                }
            }
            let mut before = (target.saturating_sub(REACH_BACK)..target)
                .rev()
                .filter(|&at| units[at].sentence == sentence && !units[at].roles.has(Roles::DETERMINER));
            let Some(first) = before.next() else { continue };
            sink.term(Family::PREVIOUS, self.unigrams[first], 1.0, first..target);
            if let Some(second) = before.next() {
                let gram = sink.gram(&[units[second].part, units[first].part]);
                sink.term(Family::PREVIOUS, gram, 1.0, second..target);
            }
        }
    }

    fn shape(&self, scene: &Scene, sink: &mut impl Sink<Gram = G>) {
        let Some(&first) = scene.targets().first() else { return };
        let units = scene.units();
        let others = self.place.standings.last().map_or(0, |last| last.others);
        let questions = units.iter().filter(|unit| unit.token == TokenKind::Question).count();
        let properties: [(Part, usize); 9] = [
            (marks::LENGTH, units.len() / 12),
            (marks::MENTIONS, scene.targets().len()),
            (marks::OTHERS, others),
            (marks::SENTENCE, units[first].sentence as usize),
            (marks::PLACE, first * 5 / units.len()),
            (marks::SENTENCES, self.place.sentences),
            (marks::CUES, scene.hits().len() / 2),
            (marks::QUESTIONS, questions),
            (marks::OTHERS_BEFORE, self.place.standings[first].others),
        ];
        for (name, value) in properties {
            let gram = sink.gram(&[name, NUMBERS[value.min(NUMBERS.len() - 1)]]);
            sink.term(Family::SHAPE, gram, 1.0, first..first + 1);
        }
    }
}

/// The unit after this one, in the same sentence.
fn follower(scene: &Scene, at: usize) -> Option<usize> {
    let units = scene.units();
    units.get(at + 1).filter(|next| next.sentence == units[at].sentence).map(|_| at + 1)
}

fn bigram<S: Sink>(scene: &Scene, at: usize, sink: &mut S) -> Option<S::Gram> {
    follower(scene, at).map(|next| sink.gram(&[scene.units()[at].part, scene.units()[next].part]))
}

fn is_function_word(unit: &Unit) -> bool {
    unit.roles.has(Roles::AUXILIARY)
        || unit.roles.has(Roles::DETERMINER)
        || unit.roles.has(Roles::MODAL)
        || unit.token != TokenKind::Word
}
