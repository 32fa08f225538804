//! Where the target stands in a passage, and where every unit stands to it.

use crate::stance::scene::Scene;
use crate::stance::unit::UnitKind;

/// How a unit stands to the target.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Standing {
    /// The nearest mention of the target in its sentence, if there is one; the earlier of two.
    pub nearest: Option<usize>,
    /// Whether a mention of the target is in its clause.
    pub in_clause: bool,
    /// Mentions of other actors from the start of the passage up to this unit.
    pub others: usize,
}

impl Standing {
    /// Whether a mention of the target is in its sentence.
    pub(crate) fn in_sentence(&self) -> bool {
        self.nearest.is_some()
    }
}

/// The standing of every unit of a scene to the actor that it is focused on.
#[derive(Clone, Debug, Default)]
pub(crate) struct Place {
    pub standings: Vec<Standing>,
    /// Sentences that mention the target.
    pub sentences: usize,
}

impl Place {
    /// Works the standings out anew.
    pub(crate) fn set(&mut self, scene: &Scene) {
        let units = scene.units();
        let targets = scene.targets();
        self.standings.clear();
        let mut others = 0;
        let mut passed = 0;
        for (at, unit) in units.iter().enumerate() {
            others += usize::from(unit.kind == UnitKind::Other);
            while targets.get(passed).is_some_and(|target| *target < at) {
                passed += 1;
            }
            let before = passed.checked_sub(1).map(|passed| targets[passed]);
            let after = targets.get(passed).copied();
            let beside = |target: &usize| units[*target].sentence == unit.sentence;
            let (before, after) = (before.filter(beside), after.filter(beside));
            let nearest = match (before, after) {
                (Some(before), Some(after)) if after - at < at - before => Some(after),
                (Some(before), _) => Some(before),
                (None, after) => after,
            };
            let in_clause = [before, after].into_iter().flatten().any(|target| units[target].clause == unit.clause);
            self.standings.push(Standing { nearest, in_clause, others });
        }
        self.sentences = targets.chunk_by(|a, b| units[*a].sentence == units[*b].sentence).count();
    }
}
