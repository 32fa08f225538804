//! A passage with its actors masked: the target is ‹T›, every other actor ‹O›.
//!
//! Clauses, scopes and cues are worked out after masking, so nothing inside a name can show in a feature.

use crate::key::key;
use crate::span::Span;
use crate::stance::analysis::{Analysis, Analyzer, Word};
use crate::stance::cues::Roles;
use crate::stance::roles;
use crate::stance::term::marks::{OTHER, TARGET};
use crate::stance::term::{Name, Part};
use crate::stance::unit::{Hit, Unit, UnitKind};
use crate::text::TokenKind;

/// A negation reaches this many words to its right, within the clause.
const NEGATION_REACH: usize = 5;

const THE: u64 = key("the");
const COMMA: u64 = key(",");
const LISTING: [u64; 2] = [key("and"), key("or")];

/// A mention that is masked, and whose it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Mask {
    pub span: Span,
    pub owner: usize,
}

/// The owner of mentions that are nobody's target.
pub(crate) const NOBODY: usize = usize::MAX;

/// The number of no mention's owner.
const NO_ACTOR: usize = NOBODY - 1;

/// Puts the mentions of a target (owner 0) and of others in order. Where they overlap the target's stay, then the
/// first, then the longer.
pub(crate) fn masks(target: &[Span], others: impl IntoIterator<Item = Span>) -> Vec<Mask> {
    let mut all: Vec<Mask> = target.iter().map(|&span| Mask { span, owner: 0 }).collect();
    all.extend(others.into_iter().map(|span| Mask { span, owner: NOBODY }));
    all.sort_by_key(|mask| (mask.span.start(), mask.owner, std::cmp::Reverse(mask.span.len())));
    let mut kept: Vec<Mask> = Vec::with_capacity(all.len());
    for mask in all {
        match kept.last_mut() {
            Some(last) if last.span.overlaps(mask.span) => {
                if mask.owner < last.owner {
                    *last = mask;
                }
            }
            _ => kept.push(mask),
        }
    }
    kept
}

/// The units of a passage, seen by one of its actors at a time. Its memory is used again from passage to passage.
#[derive(Clone, Debug, Default)]
pub(crate) struct Scene {
    units: Vec<Unit>,
    hits: Vec<Hit>,
    targets: Vec<usize>,
}

impl Scene {
    pub(crate) fn units(&self) -> &[Unit] {
        &self.units
    }

    /// The cues, from left to right.
    pub(crate) fn hits(&self) -> &[Hit] {
        &self.hits
    }

    /// Positions of the mentions of the actor that the scene is focused on.
    pub(crate) fn targets(&self) -> &[usize] {
        &self.targets
    }

    /// Whether the actor that the scene is focused on is in this group.
    pub(crate) fn is_target(&self, group: u32) -> bool {
        // Groups rise from left to right.
        self.targets.binary_search_by_key(&group, |&at| self.units[at].group).is_ok()
    }

    /// Masks a passage; the masks are sorted and do not overlap. An article before a mention falls away with it, so
    /// "the United States" and "Russia" read alike. The scene is focused on nobody.
    pub(crate) fn set(&mut self, analyzer: &Analyzer, analysis: &Analysis, masks: &[Mask]) {
        self.units.clear();
        self.hits.clear();
        self.targets.clear();
        self.mask(analyzer, analysis.words(), masks);
        self.mark_scopes();
        self.number_groups();
        self.find_cues(analyzer);
        roles::assign(&self.units, &mut self.hits, analyzer.lexicon());
    }

    /// Looks at the scene as the actor of this number does.
    pub(crate) fn focus(&mut self, owner: usize) {
        for &at in &self.targets {
            self.units[at].kind = UnitKind::Other;
            self.units[at].part = OTHER;
        }
        self.targets.clear();
        for (at, unit) in self.units.iter_mut().enumerate() {
            if unit.is_actor() && unit.owner == owner {
                unit.kind = UnitKind::Target;
                unit.part = TARGET;
                self.targets.push(at);
            }
        }
    }

    /// Looks at the scene as nobody does.
    pub(crate) fn unfocus(&mut self) {
        self.focus(NO_ACTOR);
    }

    fn mask(&mut self, analyzer: &Analyzer, words: &[Word], masks: &[Mask]) {
        let units = &mut self.units;
        let mut masks = masks.iter().peekable();
        let mut inside: Option<Mask> = None;
        let mut clause = 0;
        let mut sentence = None;
        let mut after_break = true;
        for word in words {
            let span = word.token.span();
            if sentence.replace(word.sentence) != Some(word.sentence) {
                clause += 1;
                after_break = true;
            }
            while masks.next_if(|mask| mask.span.end() <= span.start()).is_some() {}
            // A possessive that ends a mention stands outside it; "Lord's Resistance Army" is one name.
            let possessive = matches!(word.token.kind(), TokenKind::Possessive | TokenKind::Apostrophe);
            let is_ending = |mask: &Mask| possessive && span.end() >= mask.span.end();
            let mask = masks.peek().copied().filter(|mask| mask.span.overlaps(span) && !is_ending(mask));
            if mask.is_some() && mask.copied() == inside {
                continue;
            }
            inside = mask.copied();
            if let Some(mask) = inside {
                if !after_break && units.last().is_some_and(|last| last.part.key == THE) {
                    after_break = units.pop().is_some_and(|the| the.after_break);
                }
                units.push(Unit {
                    kind: UnitKind::Other,
                    part: OTHER,
                    owner: mask.owner,
                    ..Unit::word(mask.span, word.sentence, clause, after_break)
                });
                after_break = false;
                continue;
            }
            let (key, roles) = analyzer.stem_key(word);
            match word.token.kind() {
                TokenKind::Break | TokenKind::Quote => {
                    // A comma alone may stand in a list or an apposition; other marks end a clause.
                    clause += u32::from(key != COMMA);
                    after_break = true;
                }
                TokenKind::Mark => after_break = true,
                // Behind a name in -s it is a possessive as 's is; behind other words it may end a quotation.
                TokenKind::Apostrophe if !units.last().is_some_and(|last| last.is_actor()) => {}
                kind => {
                    clause += u32::from(roles.has(Roles::SUBORDINATOR) || roles.has(Roles::CONTRAST));
                    units.push(Unit {
                        part: Part { key, name: Name::Stem(word.lexeme()) },
                        roles,
                        token: if possessive { TokenKind::Possessive } else { kind },
                        participle: analyzer.is_participle(word),
                        ..Unit::word(span, word.sentence, clause, after_break)
                    });
                    after_break = false;
                }
            }
        }
    }

    /// Marks the words that a negation or a hedge reaches.
    fn mark_scopes(&mut self) {
        for sentence in self.units.chunk_by_mut(|a, b| a.sentence == b.sentence) {
            let question = sentence.last().is_some_and(|unit| unit.token == TokenKind::Question);
            let mut negation: Option<(usize, u32)> = None;
            let mut hedge: Option<u32> = None;
            for (at, unit) in sentence.iter_mut().enumerate() {
                unit.negated =
                    negation.is_some_and(|(from, clause)| clause == unit.clause && at - from <= NEGATION_REACH);
                unit.hedged = question || hedge == Some(unit.clause);
                if unit.roles.has(Roles::NEGATION) {
                    negation = Some((at, unit.clause));
                }
                if unit.roles.has(Roles::MODAL) || unit.roles.has(Roles::CONDITION) {
                    hedge = Some(unit.clause);
                }
            }
        }
    }

    /// Actors with only "and", "or" or a comma between them share a group.
    fn number_groups(&mut self) {
        let mut group = 0;
        let mut last: Option<usize> = None;
        for at in 0..self.units.len() {
            if !self.units[at].is_actor() {
                continue;
            }
            let joined = last.is_some_and(|last| {
                let between = &self.units[last + 1..at];
                self.units[last].sentence == self.units[at].sentence
                    && match between {
                        [] => self.units[at].after_break,
                        [word] => LISTING.contains(&word.part.key),
                        _ => false,
                    }
            });
            group += u32::from(!joined);
            self.units[at].group = group;
            last = Some(at);
        }
    }

    /// Cues, from left to right, the longest at each place; none reaches across a mention or a mark.
    fn find_cues(&mut self, analyzer: &Analyzer) {
        let mut at = 0;
        while at < self.units.len() {
            let run = self.units[at..]
                .iter()
                .enumerate()
                .take_while(|(i, unit)| !unit.is_actor() && (*i == 0 || !unit.after_break))
                .map(|(_, unit)| unit.part.key);
            match analyzer.lexicon().longest(run) {
                Some((length, entry)) => {
                    let end = at + length;
                    self.hits.push(Hit { start: at, end, entry, sense: None, agent: None, patient: None });
                    at = end;
                }
                None => at += 1,
            }
        }
    }
}
