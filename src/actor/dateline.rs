//! Datelines: where a report says that it was filed, as in "KYIV, Ukraine (AP) —". They name a place, nobody who acts.

use crate::actor::mention::{Mention, MentionForm};
use crate::span::Span;

/// A dateline ends within so many bytes.
const LONGEST: usize = 100;
/// A city's name has so many words at most, and so has each other part.
const MOST_WORDS: usize = 4;
/// Agencies that sign after a city which is not in capitals.
const AGENCIES: &str = "AA AAP AFP AKIpress ANI ANSA AP APA APP Anadolu Bloomberg CNA CP DPA EFE IANS IRNA ISNA Interfax JTA KCNA KUNA Kyodo \
    PA PTI QNA RFE/RL RIA Reuters SANA SPA TASS Tasnim UPI Ukrinform VOA WAM Xinhua Yonhap dpa";

/// The dateline of a passage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Dateline {
    /// Where it ends, and the report begins (bytes).
    end: usize,
    certainty: Certainty,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Certainty {
    /// It has a region, a date or an agency.
    Full,
    /// A name in capitals with a mark after it: a city, or else a speaker or a party ("PUTIN: …", "NATO — …").
    Bare,
}

/// What ends a dateline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mark {
    Dash,
    Colon,
    /// An agency between slashes: "/TASS/".
    Slashes,
}

impl Dateline {
    /// The dateline that a passage begins with.
    pub(crate) fn of(passage: &str) -> Option<Self> {
        let (head, mark, end) = marked(passage)?;
        let (places, agency) = match head.strip_suffix(')').and_then(|head| head.rsplit_once('(')) {
            Some((places, agency)) => (places, Some(agency)),
            None => (head, None),
        };
        let mut parts = places.trim_end().split(',').map(str::trim);
        let city = parts.next().filter(|city| is_name(city))?;
        let in_capitals = is_in_capitals(city);
        let more: Vec<&str> = parts.collect();
        if !more.iter().all(|part| is_name(part) || is_date(part)) {
            return None;
        }
        let is_dated = more.iter().any(|part| is_date(part));
        let signed = agency.is_some_and(is_agency);
        let begins_a_sentence = begins_a_sentence(&passage[end..]);
        let certainty = match mark {
            Mark::Slashes if is_dated => Certainty::Full,
            Mark::Dash if signed => Certainty::Full,
            Mark::Dash if in_capitals && is_dated => Certainty::Full,
            Mark::Dash if in_capitals && begins_a_sentence && (agency.is_some() || !more.is_empty()) => Certainty::Full,
            Mark::Dash | Mark::Colon if in_capitals && begins_a_sentence && agency.is_none() => Certainty::Bare,
            _ => return None,
        };
        Some(Self { end, certainty })
    }

    /// Whether a mention of the passage only says where the report was filed.
    pub(crate) fn holds(self, mention: &Mention) -> bool {
        let is_place = self.certainty == Certainty::Full || mention.form() == MentionForm::Metonym;
        is_place && Span::new(0, self.end).contains(mention.span())
    }
}

/// What stands before the first mark of a passage, the mark, and where it ends.
fn marked(passage: &str) -> Option<(&str, Mark, usize)> {
    let mut before = ' ';
    for (at, c) in passage.char_indices().take_while(|(at, _)| *at < LONGEST) {
        let rest = &passage[at..];
        let found = match c {
            '\n' | '\r' => return None,
            '-' | '–' | '—' | '―' | '_' => {
                dashes(rest, before.is_whitespace()).map(|length| (Mark::Dash, length))
            }
            ':' if rest[1..].starts_with(char::is_whitespace) => Some((Mark::Colon, 1)),
            '/' if before.is_whitespace() => slashes(rest).map(|length| (Mark::Slashes, length)),
            _ => None,
        };
        if let Some((mark, length)) = found {
            return Some((passage[..at].trim_end_matches([' ', '.']), mark, at + length));
        }
        before = c;
    }
    None
}

/// The length of the dashes in front, where they are no hyphen.
fn dashes(rest: &str, after_space: bool) -> Option<usize> {
    let length = rest.len() - rest.trim_start_matches(['-', '–', '—', '―', '_']).len();
    let stands_apart = after_space && rest[length..].starts_with(char::is_whitespace);
    (stands_apart || rest.starts_with(['—', '―'])).then_some(length)
}

/// The length of an agency between slashes.
fn slashes(rest: &str) -> Option<usize> {
    let agency = &rest[1..rest[1..].find('/')? + 1];
    is_agency(agency).then_some(agency.len() + 2)
}

fn is_agency(name: &str) -> bool {
    AGENCIES.split(' ').any(|agency| agency == name)
}

/// Words with capitals in front, some of them with "of" or the like between.
fn is_name(part: &str) -> bool {
    let mut words = part.split_whitespace();
    let has_capital = |word: &str| word.starts_with(char::is_uppercase);
    let is_small = |word: &str| ["of", "the", "and", "de", "da", "do", "la", "al", "el", "on"].contains(&word);
    let letters = |word: &str| word.chars().all(|c| c.is_alphabetic() || ".'’-/".contains(c));
    words.next().is_some_and(|first| has_capital(first) && letters(first))
        && words.clone().all(|word| letters(word) && (has_capital(word) || is_small(word)))
        && words.count() < MOST_WORDS
}

fn is_in_capitals(city: &str) -> bool {
    city.chars().filter(|c| c.is_alphabetic()).count() > 2 && !city.chars().any(char::is_lowercase)
}

/// "Nov. 3", "3 November 2026".
fn is_date(part: &str) -> bool {
    let is_dated = |c: char| c.is_alphanumeric() || ". ".contains(c);
    part.contains(|c: char| c.is_ascii_digit()) && part.chars().all(is_dated) && part.split(' ').count() <= MOST_WORDS
}

fn begins_a_sentence(rest: &str) -> bool {
    let rest = rest.trim_start();
    rest.starts_with(|c: char| c.is_uppercase() || c.is_ascii_digit() || "\"'“‘«„".contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actor::{Catalogue, MentionFinder, Metonyms};

    #[test]
    fn places_of_reports_are_told_from_speakers_and_parties() {
        let catalogue = Catalogue::shipped().unwrap();
        let finder = MentionFinder::new(&catalogue, Metonyms::Count);
        let left = |text: &str| -> Vec<String> {
            let dateline = Dateline::of(text);
            let mentions = finder.find(text).into_iter().filter(|mention| !dateline.is_some_and(|d| d.holds(mention)));
            mentions.map(|mention| catalogue.actors()[mention.actor()].name().to_owned()).collect()
        };
        // The report says that Iran did something; what else is named before it, is only where it was filed.
        let datelines = [
            "MOSCOW (Reuters) - ",
            "KYIV, Ukraine (AP) — ",
            "Kyiv (AFP) – ",
            "WASHINGTON, Nov. 3 (Xinhua) -- ",
            "BEIJING, Sept 19 (AP) - ",
            "DUBAI/RIYADH/CAIRO (Reuters) - ",
            "MOSCOW, November 3. /TASS/. ",
            "Moscow, 3 November 2026 /Interfax/ ",
            "GENEVA (3 November 2026) – ",
            "UNITED NATIONS (AP) _ ",
            "LUSAKA, May 9 - ",
            "KYIV, Ukraine — ",
            "WASHINGTON—",
            "MOSCOW — ",
            "ISLAMABAD: ",
            "NEW DELHI: ",
            "ST. PETERSBURG, Russia (AP) — ",
            "ANKARA, Turkey, Nov 3 (UPI) -- ",
        ];
        for dateline in datelines {
            assert_eq!(left(&format!("{dateline}Iran refused.")), ["Iran"], "{dateline}");
        }
        let others: &[(&str, &[&str])] = &[
            ("NATO — the alliance that Moscow fears — agreed.", &["NATO", "Russia"]),
            ("NATO — Europe's shield — agreed.", &["NATO", "Europe"]),
            ("IRAN: We shall not talk.", &["Iran"]),
            ("Moscow — a patient host — agreed.", &["Russia"]),
            ("Moscow: no talks with Kyiv.", &["Russia", "Ukraine"]),
            ("Russia (AP) is where the talks - if any - are.", &["Russia"]),
            ("RUSSIA TELLS UKRAINE - no talks", &["Russia", "Ukraine"]),
            ("Russia, Ukraine — Two parties, no talks.", &["Russia", "Ukraine"]),
            ("MOSCOW\n— Talks failed.", &["Russia"]),
            ("MOSCOW-BACKED forces", &["Russia"]),
            ("MOSCOW said on Friday it would talk (Reuters) - if Iran did.", &["Russia", "Iran"]),
        ];
        for (text, expected) in others {
            assert_eq!(left(text), *expected, "{text}");
        }
    }

    #[test]
    fn any_text_has_one_or_none() {
        for text in ["", "—", "/", "/TASS", "A/", "A (", "A )", "A, ()—", "É, 3 —", "ÀÉÎ —", "ÀÉÎ: Ö", "北京(AP) — 北"]
        {
            assert!(Dateline::of(text).is_none_or(|dateline| text.is_char_boundary(dateline.end)), "{text}");
        }
    }
}
