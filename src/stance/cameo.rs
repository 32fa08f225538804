//! CAMEO: the event codes that political scientists join judgements with.

use std::fmt;

use serde::Serialize;

use crate::span::Span;
use crate::stance::explanation::{CueRole, ExplainedCue, Explanation};
use crate::stance::judgement::Judgement;
use crate::stance::label::Stance;

/// A CAMEO event code, and the PLOVER event type that it belongs to.
///
/// This is a crosswalk of labels, not event coding. A label says what a passage conveys about one actor; an event code
/// says who did what to whom. The code is the nearest by the label and by the cues that the actor has a part in; there
/// is no target actor, no date and no check that anything happened: intentions, reports and the past get the same
/// codes. Use it to group judgements beside event data, not in place of an event coder.
///
/// | label | cues that the actor does or shares in | codes |
/// |---|---|---|
/// | pro | agree, peace | 038, 0871, 057, 036, else 037 |
/// | pro | talk, progress; mediate | 046; 039 if offered, else 045 |
/// | pro | offer, will, push; refuse (negated) | 036, 037, 038, 039, 0356; 036 |
/// | pro | concede | 0356 if it is about fighting, else 035 |
/// | skeptical | refuse | 129, 164, 165, 126, 125, 127, 1246, else 120 |
/// | skeptical | threaten; demand; stall | 139, 134, else 130; 139; 164 |
/// | skeptical | agree, will, talk, mediate, concede (all negated) | 125, 126, 127, 1246 |
/// | either | none of these | 030, 120: the label alone, even if nothing was said to be rejected |
///
/// Which of several codes is told by the words of the cue and the four behind it: "rejected the plan" is 127.
///
/// Codes and wording follow the CAMEO codebook 1.1b3 (Schrodt 2012), event types the PLOVER project's own conversion
/// (`CAMEO2PLOVER-2021.txt`).
///
/// Serialized as `{"code", "description", "plover"}`.
///
/// ```
/// use demarche::stance::Cameo;
/// use demarche::{Classifier, Model, Stance};
///
/// let classifier = Classifier::new(Model::bundled()?);
/// let text = "Moscow refused to negotiate.";
/// for (judgement, explanation) in classifier.explain::<Stance>(text) {
///     let nearest = explanation.map(|explanation| explanation.cameo(text));
///     assert_eq!(nearest, Some(vec![Cameo::REJECT_TALKS]));
///     // Without an explanation there is only the label.
///     assert_eq!(judgement.cameo(), Some(Cameo::REJECT));
/// }
/// # Ok::<(), demarche::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Cameo {
    code: &'static str,
    description: &'static str,
    plover: &'static str,
}

macro_rules! codes {
    ($($name:ident = $code:literal, $description:literal, $plover:literal;)*) => {
        /// The codes of the crosswalk.
        impl Cameo {
            $(
                #[doc = concat!($code, ": ", $description, ".")]
                pub const $name: Cameo = Cameo { code: $code, description: $description, plover: $plover };
            )*

            /// Every code of the crosswalk, in CAMEO's order.
            pub const ALL: &'static [Cameo] = &[$(Cameo::$name),*];
        }
    };
}

codes! {
    COOPERATE = "030", "Express intent to cooperate", "AGREE";
    YIELD = "035", "Express intent to yield", "AGREE";
    DE_ESCALATE = "0356", "Express intent to de-escalate military engagement", "AGREE";
    NEGOTIATE = "036", "Express intent to meet or negotiate", "AGREE";
    SETTLE = "037", "Express intent to settle dispute", "AGREE";
    ACCEPT_MEDIATION = "038", "Express intent to accept mediation", "AGREE";
    OFFER_MEDIATION = "039", "Express intent to mediate", "AGREE";
    MEDIATION = "045", "Engage in mediation", "CONSULT";
    NEGOTIATION = "046", "Engage in negotiation", "CONSULT";
    SIGN = "057", "Sign formal agreement", "SUPPORT";
    TRUCE = "0871", "Declare truce, ceasefire", "RETREAT";
    REJECT = "120", "Reject", "REJECT";
    KEEP_FIGHTING = "1246", "Decline to de-escalate military engagement", "REJECT";
    REJECT_TALKS = "125", "Reject proposal to meet, discuss, or negotiate", "REJECT";
    REJECT_MEDIATION = "126", "Reject mediation", "REJECT";
    REJECT_PLAN = "127", "Reject plan, agreement to settle dispute", "REJECT";
    VETO = "129", "Veto", "REJECT";
    THREATEN = "130", "Threaten", "THREATEN";
    THREATEN_TALKS = "134", "Threaten to halt negotiations", "THREATEN";
    ULTIMATUM = "139", "Give ultimatum", "THREATEN";
    HALT_TALKS = "164", "Halt negotiations", "SANCTION";
    HALT_MEDIATION = "165", "Halt mediation", "SANCTION";
}

impl Cameo {
    /// The code: three or four digits, the first two of which are its root.
    pub fn code(self) -> &'static str {
        self.code
    }

    /// What the code stands for.
    pub fn description(self) -> &'static str {
        self.description
    }

    /// The PLOVER event type of the code.
    pub fn plover(self) -> &'static str {
        self.plover
    }

    /// All that a label alone can tell: the root of its side; `None` for neutral.
    fn of_label(stance: Stance) -> Option<Cameo> {
        match stance {
            Stance::Pro => Some(Cameo::COOPERATE),
            Stance::Skeptical => Some(Cameo::REJECT),
            Stance::Neutral => None,
        }
    }
}

impl fmt::Display for Cameo {
    /// The code alone.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.code)
    }
}

/// Whether a negation reaches the cue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Polarity {
    Plain,
    Negated,
}
use Polarity::{Negated, Plain};

/// What the cue is about: words of it, or soon behind it, that begin like one of these. None: whatever it is about.
type Topic = &'static str;

const ANY: Topic = "";
const MEDIATION: Topic = "mediat arbitrat broker facilitat";
const TALKS: Topic = "talk negotiat dialog meet summit discuss diplomacy table contact engag round consult conference";
const PLAN: Topic = "plan proposal deal agreement accord treaty compromise settlement resolution offer \
    terms formula draft framework roadmap pact initiative";
const FIGHTING: Topic = "ceasefire cease truce armistice escalat de-escalat withdraw pull disarm lull pause \
    fire hostilities fighting troops attacks strikes offensive";
const TRUCE: Topic = "ceasefire cease truce armistice";
const SIGNING: Topic = "sign initial ratif conclu treaty pact seal";
const VETO: Topic = "veto";
const LEAVING: Topic = "walk quit suspend halt cancel call break broke leave left abandon freez froze";
const ULTIMATUM: Topic = "ultimatum deadline unless surrender capitulat else";

/// One row of the crosswalk.
type Rule = (Stance, &'static str, Polarity, Topic, Cameo);

/// The crosswalk: for a label and a cue of this class, the first row whose topic stands there.
const RULES: &[Rule] = &[
    (Stance::Pro, "agree", Plain, MEDIATION, Cameo::ACCEPT_MEDIATION),
    (Stance::Pro, "agree", Plain, TRUCE, Cameo::TRUCE),
    (Stance::Pro, "agree", Plain, SIGNING, Cameo::SIGN),
    (Stance::Pro, "agree", Plain, TALKS, Cameo::NEGOTIATE),
    (Stance::Pro, "agree", Plain, ANY, Cameo::SETTLE),
    (Stance::Pro, "peace", Plain, TRUCE, Cameo::TRUCE),
    (Stance::Pro, "peace", Plain, ANY, Cameo::SETTLE),
    (Stance::Pro, "talk", Plain, ANY, Cameo::NEGOTIATION),
    (Stance::Pro, "progress", Plain, ANY, Cameo::NEGOTIATION),
    (Stance::Pro, "mediate", Plain, "offer ready willing bid propos", Cameo::OFFER_MEDIATION),
    (Stance::Pro, "mediate", Plain, ANY, Cameo::MEDIATION),
    (Stance::Pro, "offer", Plain, "mediat", Cameo::OFFER_MEDIATION),
    (Stance::Pro, "offer", Plain, TALKS, Cameo::NEGOTIATE),
    (Stance::Pro, "offer", Plain, ANY, Cameo::SETTLE),
    (Stance::Pro, "will", Plain, MEDIATION, Cameo::ACCEPT_MEDIATION),
    (Stance::Pro, "will", Plain, TALKS, Cameo::NEGOTIATE),
    (Stance::Pro, "will", Plain, FIGHTING, Cameo::DE_ESCALATE),
    (Stance::Pro, "will", Plain, PLAN, Cameo::SETTLE),
    (Stance::Pro, "will", Plain, ANY, Cameo::NEGOTIATE),
    (Stance::Pro, "push", Plain, FIGHTING, Cameo::DE_ESCALATE),
    (Stance::Pro, "push", Plain, PLAN, Cameo::SETTLE),
    (Stance::Pro, "push", Plain, ANY, Cameo::NEGOTIATE),
    (Stance::Pro, "concede", Plain, FIGHTING, Cameo::DE_ESCALATE),
    (Stance::Pro, "concede", Plain, ANY, Cameo::YIELD),
    (Stance::Pro, "refuse", Negated, TALKS, Cameo::NEGOTIATE),
    (Stance::Skeptical, "refuse", Plain, VETO, Cameo::VETO),
    (Stance::Skeptical, "refuse", Plain, LEAVING, Cameo::HALT_TALKS),
    (Stance::Skeptical, "refuse", Plain, MEDIATION, Cameo::REJECT_MEDIATION),
    (Stance::Skeptical, "refuse", Plain, TALKS, Cameo::REJECT_TALKS),
    (Stance::Skeptical, "refuse", Plain, PLAN, Cameo::REJECT_PLAN),
    (Stance::Skeptical, "refuse", Plain, FIGHTING, Cameo::KEEP_FIGHTING),
    (Stance::Skeptical, "refuse", Plain, ANY, Cameo::REJECT),
    (Stance::Skeptical, "stall", Plain, LEAVING, Cameo::HALT_TALKS),
    (Stance::Skeptical, "threaten", Plain, ULTIMATUM, Cameo::ULTIMATUM),
    (Stance::Skeptical, "threaten", Plain, LEAVING, Cameo::THREATEN_TALKS),
    (Stance::Skeptical, "threaten", Plain, TALKS, Cameo::THREATEN_TALKS),
    (Stance::Skeptical, "threaten", Plain, ANY, Cameo::THREATEN),
    (Stance::Skeptical, "demand", Plain, ULTIMATUM, Cameo::ULTIMATUM),
    (Stance::Skeptical, "talk", Negated, ANY, Cameo::REJECT_TALKS),
    (Stance::Skeptical, "mediate", Negated, ANY, Cameo::REJECT_MEDIATION),
    (Stance::Skeptical, "agree", Negated, MEDIATION, Cameo::REJECT_MEDIATION),
    (Stance::Skeptical, "agree", Negated, TALKS, Cameo::REJECT_TALKS),
    (Stance::Skeptical, "agree", Negated, TRUCE, Cameo::KEEP_FIGHTING),
    (Stance::Skeptical, "agree", Negated, ANY, Cameo::REJECT_PLAN),
    (Stance::Skeptical, "will", Negated, FIGHTING, Cameo::KEEP_FIGHTING),
    (Stance::Skeptical, "will", Negated, PLAN, Cameo::REJECT_PLAN),
    (Stance::Skeptical, "will", Negated, ANY, Cameo::REJECT_TALKS),
    (Stance::Skeptical, "concede", Negated, FIGHTING, Cameo::KEEP_FIGHTING),
];

/// Words behind a cue that still tell what it is about: "rejected | a new round of talks".
const REACH: usize = 4;
/// They end within so many characters: nothing of the text beyond is looked at.
const LONGEST_TOPIC: usize = 200;

impl Judgement {
    /// The CAMEO code that the stance alone allows: the root of its side, `030` or `120`; `None` for neutral, or
    /// without a stance. [`Explanation::cameo`] comes nearer.
    pub fn cameo(&self) -> Option<Cameo> {
        Cameo::of_label(self.stance()?.label())
    }
}

impl Explanation<Stance> {
    /// The CAMEO codes nearest to the label, by the cues that the actor does or shares in, in their order; where no cue
    /// tells more, what the label alone allows. Empty for neutral. `text` is the text that was explained.
    pub fn cameo(&self, text: &str) -> Vec<Cameo> {
        codes(self.label(), self.cues(), text)
    }
}

/// The codes nearest to a label, by the cues of an actor; both are of this text.
pub(super) fn codes(label: Stance, cues: &[ExplainedCue], text: &str) -> Vec<Cameo> {
    let own = cues.iter().filter(|cue| matches!(cue.role(), CueRole::Agent | CueRole::Both));
    let mut codes: Vec<Cameo> = Vec::new();
    for cue in own {
        let polarity = if cue.is_negated() { Negated } else { Plain };
        let code = nearest(label, cue.class(), polarity, &topic(text, cue.span()));
        codes.extend(code.filter(|code| !codes.contains(code)));
    }
    if codes.is_empty() {
        codes.extend(Cameo::of_label(label));
    }
    codes
}

fn nearest(stance: Stance, class: &str, polarity: Polarity, words: &[String]) -> Option<Cameo> {
    let is_about = |topic: Topic| topic.is_empty() || words.iter().any(|w| topic.split(' ').any(|t| w.starts_with(t)));
    let row = RULES
        .iter()
        .find(|(label, of, reached, topic, _)| (*label, *of, *reached) == (stance, class, polarity) && is_about(topic));
    match row {
        // Who walks out of a mediation halts it.
        Some((.., Cameo::HALT_TALKS)) if is_about(MEDIATION) => Some(Cameo::HALT_MEDIATION),
        row => row.map(|row| row.4),
    }
}

/// The words of a cue, and a few behind it in the same clause, in lower case.
fn topic(text: &str, cue: Span) -> Vec<String> {
    let own = cue.slice(text).unwrap_or("");
    let behind = text.get(cue.end()..).unwrap_or("");
    let end = behind.char_indices().nth(LONGEST_TOPIC).map_or(behind.len(), |(at, _)| at);
    let clause = behind[..end].split(['.', ',', ';', ':', '!', '?', '\n']).next().unwrap_or("");
    own.split_whitespace().chain(clause.split_whitespace().take(REACH)).map(str::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::stance::classifier::Classifier;
    use crate::stance::cues::Cues;
    use crate::stance::model::Model;

    #[test]
    fn every_row_is_the_nearest_somewhere() -> crate::error::Result<()> {
        let cues = Cues::shipped()?;
        let classes: BTreeSet<&str> = cues.rows().iter().map(|cue| cue.class()).collect();
        for (stance, class, polarity, topic, code) in RULES {
            assert!(classes.contains(class), "{class} is no class of the lexicon");
            let words: Vec<String> = topic.split_whitespace().take(1).map(str::to_owned).collect();
            let reached = nearest(*stance, class, *polarity, &words);
            assert_eq!(reached, Some(*code), "{stance} {class} {polarity:?} {topic:?}");
        }
        for code in Cameo::ALL {
            assert!(
                Cameo::of_label(Stance::Pro) == Some(*code)
                    || Cameo::of_label(Stance::Skeptical) == Some(*code)
                    || *code == Cameo::HALT_MEDIATION
                    || RULES.iter().any(|rule| rule.4 == *code),
                "{code} is never given"
            );
        }
        assert!(Cameo::ALL.is_sorted_by_key(|code| code.code()));
        Ok(())
    }

    #[test]
    fn cues_and_words_behind_them_choose_the_code() {
        use Stance::{Neutral, Pro, Skeptical};
        let cases: &[(Stance, &str, Polarity, &str, Option<Cameo>)] = &[
            (Pro, "agree", Plain, "signed the accord", Some(Cameo::SIGN)),
            (Pro, "agree", Plain, "agreed to a ceasefire", Some(Cameo::TRUCE)),
            (Pro, "agree", Plain, "accepted Oman's mediation", Some(Cameo::ACCEPT_MEDIATION)),
            (Pro, "agree", Plain, "agreed to meet", Some(Cameo::NEGOTIATE)),
            (Pro, "agree", Plain, "accepted", Some(Cameo::SETTLE)),
            (Pro, "mediate", Plain, "offered to mediate", Some(Cameo::OFFER_MEDIATION)),
            (Pro, "mediate", Plain, "brokered", Some(Cameo::MEDIATION)),
            (Pro, "concede", Plain, "pulled back troops", Some(Cameo::DE_ESCALATE)),
            (Pro, "refuse", Negated, "ruled out talks", Some(Cameo::NEGOTIATE)),
            (Pro, "refuse", Plain, "refused to walk away", None),
            (Skeptical, "refuse", Plain, "vetoed the resolution", Some(Cameo::VETO)),
            (Skeptical, "refuse", Plain, "walked out of the talks", Some(Cameo::HALT_TALKS)),
            (Skeptical, "refuse", Plain, "walked out of the mediation", Some(Cameo::HALT_MEDIATION)),
            (Skeptical, "refuse", Plain, "rejected proposal for talks", Some(Cameo::REJECT_TALKS)),
            (Skeptical, "refuse", Plain, "rejected the ceasefire plan", Some(Cameo::REJECT_PLAN)),
            (Skeptical, "refuse", Plain, "refused to withdraw", Some(Cameo::KEEP_FIGHTING)),
            (Skeptical, "refuse", Plain, "refused", Some(Cameo::REJECT)),
            (Skeptical, "threaten", Plain, "threatened to quit the talks", Some(Cameo::THREATEN_TALKS)),
            (Skeptical, "threaten", Plain, "threatened retaliation", Some(Cameo::THREATEN)),
            (Skeptical, "demand", Plain, "gave an ultimatum", Some(Cameo::ULTIMATUM)),
            (Skeptical, "demand", Plain, "insisted on its terms", None),
            (Skeptical, "will", Negated, "ready to talk", Some(Cameo::REJECT_TALKS)),
            (Skeptical, "doubt", Plain, "doubted the offer", None),
            (Neutral, "refuse", Plain, "refused to negotiate", None),
        ];
        for (stance, class, polarity, text, code) in cases {
            let words: Vec<String> = text.split_whitespace().map(str::to_lowercase).collect();
            assert_eq!(nearest(*stance, class, *polarity, &words), *code, "{stance}, {class}: {text}");
        }
    }

    #[test]
    fn the_topic_ends_with_its_clause() {
        let text = "It refused, and the Talks went on without it for a week.";
        assert_eq!(topic(text, Span::new(3, 10)), ["refused"]);
        assert_eq!(topic(text, Span::new(16, 25)), ["the", "talks", "went", "on", "without", "it"]);
        assert_eq!(topic(text, Span::new(90, 99)), [""; 0]);
        // It is short whatever stands behind the cue.
        let text = format!("refused {}", "é".repeat(100_000));
        assert_eq!(topic(&text, Span::new(0, 7)).concat().chars().count(), 7 + LONGEST_TOPIC - 1);
    }

    #[test]
    fn judgements_get_the_codes_of_their_own_cues() -> crate::error::Result<()> {
        let classifier = Classifier::new(Model::bundled()?);
        let text = "Moscow rejected the peace plan. Kyiv agreed to meet in Geneva. Oslo lies in the north.";
        for (judgement, explanation) in classifier.explain::<Stance>(text) {
            let codes = explanation.map(|explanation| explanation.cameo(text)).unwrap_or_default();
            assert_eq!(codes.is_empty(), judgement.cameo().is_none());
            match judgement.actor().name() {
                "Russia" => assert_eq!(codes, [Cameo::REJECT_PLAN]),
                "Ukraine" => assert_eq!(codes, [Cameo::NEGOTIATE]),
                _ => {}
            }
        }
        Ok(())
    }
}
