//! Where the target stands in a passage.

use crate::stance::view::{UnitKind, View};

/// How the target stands in the passage, and how far each unit is from it.
pub(crate) struct Place {
    pub sentences: Vec<u32>,
    pub clauses: Vec<u32>,
    /// For each unit: the nearest mention of the target in its sentence, if there is one.
    pub nearest: Vec<Option<usize>>,
}

impl Place {
    pub(crate) fn of(view: &View) -> Self {
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
