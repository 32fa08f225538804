//! Who does what to whom: the role of the target in each cue, and what the cue conveys about that role.
//!
//! Connotation frames (H. Rashkin, S. Singh, Y. Choi, ACL 2016) over the roles that `roles.rs` assigns.

use crate::stance::analysis::Analyzer;
use crate::stance::cues::{Effect, Roles};
use crate::stance::scene::Scene;
use crate::stance::term::marks::{AGENT, BAD, BLAMED, BYSTANDER, GOOD, MAYBE, NOT, PATIENT, PRAISED, REPORTED};
use crate::stance::term::{Family, Part, Sink};

pub(crate) fn terms(scene: &Scene, analyzer: &Analyzer, sink: &mut impl Sink) {
    let units = scene.units();
    let mut emit = |parts: &[Part], start: usize, end: usize| {
        let gram = sink.gram(parts);
        sink.term(Family::FRAME, gram, 1.0, start..end);
    };
    for hit in scene.hits() {
        let Some(sense) = hit.sense else { continue };
        let class = analyzer.lexicon().class(sense.class);
        let unit = &units[hit.start];
        let is_target = |group: Option<u32>| group.is_some_and(|group| scene.is_target(group));
        let mut emit = |parts: &[Part]| emit(parts, hit.start, hit.end);
        let mut found = false;
        for (role, group, party) in [(AGENT, hit.agent, 0), (PATIENT, hit.patient, 1)] {
            if !is_target(group) {
                continue;
            }
            found = true;
            let polarity = if unit.negated { NOT } else { role };
            emit(&[role, class]);
            emit(&[role, polarity, class]);
            emit(&[role, polarity, unit.part]);
            for (effect, good, bad) in
                [(sense.effects[0][party], GOOD, BAD), (sense.effects[1][party], PRAISED, BLAMED)]
            {
                let effect = match if unit.negated { effect.opposite() } else { effect } {
                    Effect::None => continue,
                    Effect::Good => good,
                    Effect::Bad => bad,
                };
                emit(&[effect]);
                emit(&[role, effect]);
                if unit.hedged {
                    emit(&[effect, MAYBE]);
                }
            }
        }
        if !found && (hit.agent.is_some() || hit.patient.is_some()) {
            emit(&[BYSTANDER, class]);
        }
    }
    for &target in scene.targets() {
        if let Some(verb) = next_word(scene, target).filter(|verb| units[*verb].roles.has(Roles::REPORT)) {
            emit(&[REPORTED], target, verb + 1);
        }
    }
}

/// The next word of the sentence that is no auxiliary and no adverb.
fn next_word(scene: &Scene, at: usize) -> Option<usize> {
    let units = scene.units();
    (at + 1..units.len())
        .take_while(|&i| units[i].sentence == units[at].sentence)
        .find(|&i| !units[i].roles.has(Roles::AUXILIARY) && !units[i].roles.has(Roles::ADVERBIAL))
}
