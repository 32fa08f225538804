//! A passage with its actors masked: the target is ‹T›, every other actor ‹O›.
//!
//! Clauses, scopes and cues are worked out after masking, so nothing inside a name can show in a feature.

use crate::span::Span;
use crate::stance::analysis::{Analysis, Analyzer};
use crate::stance::cues::Roles;
use crate::stance::term::Part;
use crate::text::TokenKind;

/// A negation reaches this many words to its right, within the clause.
const NEGATION_REACH: usize = 5;

/// What a unit is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum UnitKind {
    /// A mention of the target.
    Target,
    /// A mention of another actor.
    Other,
    /// A word of its own.
    Word,
}

/// A word, or a whole mention.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Unit<'a> {
    pub kind: UnitKind,
    pub part: Part<'a>,
    pub roles: Roles,
    pub token: TokenKind,
    pub sentence: u32,
    pub clause: u32,
    pub after_break: bool,
    pub negated: bool,
    pub hedged: bool,
    /// Whether the word is printed like a past participle.
    pub participle: bool,
    /// Whose mention it is; 0 for words.
    pub owner: usize,
    /// Actors that are listed together ("Russia and the United States") share a number.
    pub group: u32,
}

impl Unit<'_> {
    /// A word of which only the place is known yet.
    fn word(sentence: u32, clause: u32, after_break: bool) -> Self {
        Self {
            kind: UnitKind::Word,
            part: Part { key: 0, name: "" },
            roles: Roles::default(),
            token: TokenKind::Word,
            sentence,
            clause,
            after_break,
            negated: false,
            hedged: false,
            participle: false,
            owner: 0,
            group: 0,
        }
    }

    pub(crate) fn is_actor(&self) -> bool {
        self.kind != UnitKind::Word
    }
}

/// A found cue: the units it covers and its number in the lexicon.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Hit {
    pub start: usize,
    pub end: usize,
    pub entry: u32,
}

/// The units of a passage, as none of its actors in particular sees it.
#[derive(Clone, Debug)]
pub(crate) struct Scene<'a> {
    units: Vec<Unit<'a>>,
    hits: Vec<Hit>,
}

/// The units of a passage for one target.
#[derive(Clone, Debug)]
pub(crate) struct View<'a> {
    pub units: Vec<Unit<'a>>,
    /// Positions of the target's mentions.
    pub targets: Vec<usize>,
    pub hits: Vec<Hit>,
}

/// A mention that is masked, and whose it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Mask {
    pub span: Span,
    pub owner: usize,
}

/// The owner of mentions that are nobody's target.
pub(crate) const NOBODY: usize = usize::MAX;

const TARGET: Part<'static> = Part { key: 0x54, name: "‹T›" };
const OTHER: Part<'static> = Part { key: 0x4f, name: "‹O›" };

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

impl<'a> Scene<'a> {
    /// Masks a passage; the masks are sorted and do not overlap. An article before a mention falls away with it, so
    /// "the United States" and "Russia" read alike.
    pub(crate) fn new(analyzer: &'a Analyzer, analysis: &Analysis, masks: &[Mask]) -> Self {
        let mut units: Vec<Unit<'a>> = Vec::with_capacity(analysis.words().len());
        let mut masks = masks.iter().peekable();
        let mut inside: Option<Mask> = None;
        let mut clause = 0;
        let mut sentence = None;
        let mut after_break = true;
        for word in analysis.words() {
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
            let (key, name, roles) = analyzer.stem(word);
            if let Some(mask) = inside {
                if !after_break && units.last().is_some_and(|last| last.part.name == "the") {
                    after_break = units.pop().is_some_and(|the| the.after_break);
                }
                units.push(Unit {
                    kind: UnitKind::Other,
                    part: OTHER,
                    roles: Roles::default(),
                    token: TokenKind::Word,
                    owner: mask.owner,
                    ..Unit::word(word.sentence, clause, after_break)
                });
                after_break = false;
                continue;
            }
            match word.token.kind() {
                TokenKind::Break | TokenKind::Quote => {
                    // A comma alone may stand in a list or an apposition; other marks end a clause.
                    clause += u32::from(name != ",");
                    after_break = true;
                }
                TokenKind::Mark => after_break = true,
                // Behind a name in -s it is a possessive as 's is; behind other words it may end a quotation.
                TokenKind::Apostrophe if !units.last().is_some_and(|last| last.is_actor()) => {}
                kind => {
                    clause += u32::from(roles.has(Roles::SUBORDINATOR) || roles.has(Roles::CONTRAST));
                    units.push(Unit {
                        part: Part { key, name },
                        roles,
                        token: if possessive { TokenKind::Possessive } else { kind },
                        participle: analyzer.is_participle(word),
                        ..Unit::word(word.sentence, clause, after_break)
                    });
                    after_break = false;
                }
            }
        }
        let mut scene = Self { units, hits: Vec::new() };
        scene.mark_scopes();
        scene.number_groups();
        scene.find_cues(analyzer);
        scene
    }

    /// The scene as the actor of this number sees it.
    pub(crate) fn view(&self, owner: usize) -> View<'a> {
        let mut units = self.units.clone();
        let mut targets = Vec::new();
        for (at, unit) in units.iter_mut().enumerate() {
            if unit.is_actor() && unit.owner == owner {
                unit.kind = UnitKind::Target;
                unit.part = TARGET;
                targets.push(at);
            }
        }
        View { units, targets, hits: self.hits.clone() }
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
                        [word] => word.part.name == "and" || word.part.name == "or",
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
            match analyzer.cue_finder().longest(run) {
                Some((length, entry)) => {
                    self.hits.push(Hit { start: at, end: at + length, entry });
                    at += length;
                }
                None => at += 1,
            }
        }
    }
}
