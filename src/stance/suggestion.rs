//! What to label next: the passages that a model is least sure of, no two of them alike.

use std::cmp::Ordering;
use std::collections::{BinaryHeap, HashMap, HashSet};

use crate::key::KeyMap;
use crate::learn::count;
use crate::span::Span;
use crate::stance::classifier::Classifier;
use crate::stance::corpus::{Corpus, LabelledActor, LabelledPassage};
use crate::stance::evaluation::other_spans;
use crate::stance::judgement::{Distribution, Judgement, Verdict};
use crate::stance::label::Label;
use crate::stance::shingle::{are_near, shingles, word_keys};

/// Whose doubt counts when passages are suggested.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Heads {
    /// Stance and sentiment, as far as the model has them.
    #[default]
    Both,
    /// Stance only.
    Stance,
    /// Sentiment only.
    Sentiment,
}

/// A passage that is worth labelling, with the model's guesses in place of labels.
#[derive(Clone, Debug, PartialEq)]
pub struct Suggestion {
    position: usize,
    uncertainty: f64,
    passage: LabelledPassage,
}

impl Suggestion {
    /// Where the passage stands in the pool, counted from 0.
    pub fn position(&self) -> usize {
        self.position
    }

    /// How unsure the model is: 1 less the distance of the two most probable labels, averaged over actors and heads; 0
    /// (sure) to 1 (torn).
    pub fn uncertainty(&self) -> f64 {
        self.uncertainty
    }

    /// The passage; a head that the model lacks leaves its labels open.
    pub fn passage(&self) -> &LabelledPassage {
        &self.passage
    }
}

impl Classifier {
    /// The passages of a text that name an actor, with their actors but without labels; ids are `source` and the
    /// passage's place in bytes, and all are of the group `source`.
    pub fn unlabelled(&self, text: &str, source: &str) -> Corpus {
        let judgements = self.classify(text);
        let passages = judgements.chunk_by(|a, b| a.passage() == b.passage()).map(|judgements| {
            let span = judgements[0].passage();
            let actor = |judgement: &Judgement| LabelledActor {
                name: judgement.actor().name().to_owned(),
                spans: judgement.mentions().iter().map(|mention| within(*mention, span)).collect(),
                stance: None,
                sentiment: None,
            };
            LabelledPassage {
                id: format!("{source}:{}", span.start()),
                text: span.slice(text).unwrap_or("").to_owned(),
                group: source.to_owned(),
                actors: judgements.iter().map(actor).collect(),
                ..LabelledPassage::default()
            }
        });
        passages.collect()
    }

    /// Chooses up to `count` passages of a pool that are worth labelling next, the most useful first. Labels that the
    /// pool has are not looked at.
    ///
    /// Each time the passage with the largest `uncertainty · (1 − likeness)` is taken, where likeness is the cosine of
    /// its TF-IDF words with the most alike of those already taken; near-duplicates of these are passed over. The same
    /// pool and model give the same choice.
    ///
    /// ```
    /// use demarche::stance::Heads;
    /// use demarche::{Classifier, Model};
    ///
    /// let classifier = Classifier::new(Model::bundled()?);
    /// let pool = classifier.unlabelled("Iran agreed to talks.\n\nOman may, or may not, host Iran again.", "mine");
    /// for suggestion in classifier.suggest(&pool, 10, Heads::Both) {
    ///     println!("# {:.2}\n{}", suggestion.uncertainty(), suggestion.passage().to_markup());
    /// }
    /// # Ok::<(), demarche::Error>(())
    /// ```
    pub fn suggest(&self, pool: &Corpus, count: usize, heads: Heads) -> Vec<Suggestion> {
        let guesses = self.guesses(pool, heads);
        let uncertainties: Vec<f64> = guesses.iter().map(|guess| guess.uncertainty).collect();
        let order = chosen(&uncertainties, Taken::new(guesses.iter().map(|guess| guess.passage.text())), count);
        let mut guesses: Vec<Option<Suggestion>> = guesses.into_iter().map(Some).collect();
        order.into_iter().filter_map(|at| guesses[at].take()).collect()
    }

    /// The passages of a pool that have actors, with guesses in place of labels.
    fn guesses(&self, pool: &Corpus, heads: Heads) -> Vec<Suggestion> {
        let mut worker = self.worker();
        let mut found = Vec::new();
        for (position, passage) in pool.passages().iter().enumerate().filter(|(_, passage)| !passage.actors.is_empty())
        {
            let mut guess = passage.clone();
            let mut doubts = Vec::new();
            for (at, actor) in guess.actors.iter_mut().enumerate() {
                let verdict = worker.judge_among(&passage.text, &actor.spans, &other_spans(passage, at));
                actor.stance = verdict.stance().map(|stance| stance.label());
                actor.sentiment = verdict.sentiment().map(|sentiment| sentiment.label());
                doubts.extend(doubt(&verdict, heads));
            }
            let uncertainty = doubts.iter().sum::<f64>() / count(doubts.len().max(1));
            found.push(Suggestion { position, uncertainty, passage: guess });
        }
        found
    }
}

/// A mention as it stands in its passage.
fn within(mention: Span, passage: Span) -> Span {
    Span::new(mention.start() - passage.start(), mention.end() - passage.start())
}

/// How unsure each head is that counts.
fn doubt(verdict: &Verdict, heads: Heads) -> impl Iterator<Item = f64> {
    let stance = verdict.stance().filter(|_| heads != Heads::Sentiment).map(|stance| closeness(&stance));
    let sentiment = verdict.sentiment().filter(|_| heads != Heads::Stance).map(|sentiment| closeness(&sentiment));
    stance.into_iter().chain(sentiment)
}

/// 1 less the distance of the two most probable labels.
fn closeness<L: Label>(distribution: &Distribution<L>) -> f64 {
    let mut probabilities = distribution.probabilities();
    probabilities.sort_by(|a, b| b.total_cmp(a));
    1.0 - (probabilities[0] - probabilities[1])
}

/// What a text is worth, highest first; of equals the first in the pool.
struct Worth {
    value: f64,
    at: usize,
}

impl Ord for Worth {
    fn cmp(&self, other: &Self) -> Ordering {
        self.value.total_cmp(&other.value).then_with(|| other.at.cmp(&self.at))
    }
}

impl PartialOrd for Worth {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Worth {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Worth {}

/// The texts to take, the best first. A pool may be near-duplicates throughout, of which each is found out only when its turn
/// comes: so what a text is worth is worked out anew when it comes up, not for all texts each time.
fn chosen(uncertainties: &[f64], mut taken: Taken, count: usize) -> Vec<usize> {
    let worth = |taken: &Taken, at: usize| Worth { value: uncertainties[at] * (1.0 - taken.likeness[at]), at };
    let mut open: BinaryHeap<Worth> = (0..uncertainties.len()).map(|at| worth(&taken, at)).collect();
    let mut order = Vec::new();
    while order.len() < count {
        let Some(best) = open.pop() else { break };
        let now = worth(&taken, best.at);
        // Likeness only grows, so worth only falls: what is still worth as much is the best of all.
        if now < best {
            open.push(now);
        } else if taken.take(best.at) {
            order.push(best.at);
        }
    }
    order
}

/// Words in more than this share of the passages, and in more than [`FEW`], tell nothing of likeness.
const COMMON: f64 = 0.1;
const FEW: usize = 50;

/// What has been taken from a pool of texts, and how like it the rest is.
struct Taken {
    /// The words of each text, by number, with their TF-IDF; each text of length 1.
    words: Vec<Vec<(usize, f64)>>,
    /// The texts that hold each word.
    holders: Vec<Vec<(usize, f64)>>,
    shingles: Vec<HashSet<u64>>,
    /// The texts taken that hold each shingle.
    taken: HashMap<u64, Vec<usize>>,
    /// For each text, the cosine with the most alike of those taken.
    likeness: Vec<f64>,
}

impl Taken {
    fn new<'t>(texts: impl Iterator<Item = &'t str>) -> Self {
        let mut numbers: KeyMap<u64, usize> = KeyMap::default();
        let mut frequencies: Vec<usize> = Vec::new();
        let mut words: Vec<Vec<(usize, f64)>> = Vec::new();
        let mut all_shingles = Vec::new();
        for text in texts {
            let keys = word_keys(text);
            all_shingles.push(shingles(&keys));
            let mut numbered: Vec<usize> = Vec::with_capacity(keys.len());
            for key in keys {
                let fresh = frequencies.len();
                let number = *numbers.entry(key).or_insert(fresh);
                if number == fresh {
                    frequencies.push(0);
                }
                numbered.push(number);
            }
            numbered.sort_unstable();
            let counted = numbered.chunk_by(|a, b| a == b).map(|run| (run[0], count(run.len())));
            let counted: Vec<(usize, f64)> = counted.collect();
            counted.iter().for_each(|(number, _)| frequencies[*number] += 1);
            words.push(counted);
        }
        let texts = words.len();
        let mut holders = vec![Vec::new(); frequencies.len()];
        for (at, words) in words.iter_mut().enumerate() {
            words.retain(|(number, _)| {
                let frequency = frequencies[*number];
                frequency <= FEW || count(frequency) <= COMMON * count(texts)
            });
            for (number, value) in words.iter_mut() {
                *value = (1.0 + value.ln()) * (count(1 + texts) / count(frequencies[*number])).ln();
            }
            let length = words.iter().map(|(_, value)| value * value).sum::<f64>().sqrt();
            for (number, value) in words.iter_mut() {
                *value /= length;
                holders[*number].push((at, *value));
            }
        }
        Self { likeness: vec![0.0; texts], words, holders, shingles: all_shingles, taken: HashMap::new() }
    }

    /// Takes a text, unless it is a near-duplicate of one that was taken.
    fn take(&mut self, at: usize) -> bool {
        let mut shared: HashMap<usize, usize> = HashMap::new();
        for other in self.shingles[at].iter().filter_map(|shingle| self.taken.get(shingle)).flatten() {
            *shared.entry(*other).or_default() += 1;
        }
        let size = |at: usize| self.shingles[at].len();
        if shared.iter().any(|(&other, &shared)| are_near(size(at), size(other), shared)) {
            return false;
        }
        for shingle in &self.shingles[at] {
            self.taken.entry(*shingle).or_default().push(at);
        }
        let mut cosine = vec![0.0; self.words.len()];
        for (number, value) in &self.words[at] {
            self.holders[*number].iter().for_each(|(other, weight)| cosine[*other] += value * weight);
        }
        for (known, cosine) in self.likeness.iter_mut().zip(cosine) {
            *known = known.max(cosine.min(1.0));
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::error::Result;
    use crate::stance::model::Model;

    const TEXT: &str = "Iran agreed to sign the accord with Oman.\n\nIran may yet sign, but few in Oman expect it this year.\n\n\
        Iran may yet sign, but few in Oman expect it this month.\n\nThe harbour of Oman is deep.\n\nIraq said little [sic].";

    #[test]
    fn what_is_suggested_is_read_again_and_has_no_near_duplicates() -> Result<()> {
        let classifier = Classifier::new(Model::bundled()?);
        let pool = classifier.unlabelled(TEXT, "mine");
        assert_eq!(pool.passages().len(), 5);
        let all = classifier.suggest(&pool, usize::MAX, Heads::Both);
        let positions: HashSet<usize> = all.iter().map(Suggestion::position).collect();
        assert_eq!((all.len(), positions.len()), (4, 4));
        assert!(!(positions.contains(&1) && positions.contains(&2)));
        for suggestion in &all {
            let line = suggestion.passage().to_markup();
            let read = Corpus::from_markup(&line, "x")?;
            assert_eq!(read.passages()[0].text(), pool.passages()[suggestion.position()].text());
            assert_eq!(read.passages()[0].actors(), suggestion.passage().actors());
        }
        assert_eq!(classifier.suggest(&pool, 2, Heads::Both)[..], all[..2]);
        Ok(())
    }

    #[test]
    fn the_first_is_the_one_that_the_head_is_least_sure_of() -> Result<()> {
        let classifier = Classifier::new(Model::bundled()?);
        let pool = classifier.unlabelled(TEXT, "mine");
        for heads in [Heads::Both, Heads::Stance, Heads::Sentiment] {
            let found = classifier.suggest(&pool, usize::MAX, heads);
            let most = found.iter().map(Suggestion::uncertainty).fold(0.0, f64::max);
            assert_eq!(found[0].uncertainty(), most);
        }
        assert_eq!(classifier.suggest(&Corpus::default(), 3, Heads::Both), []);
        Ok(())
    }

    /// Every text that is open, valued anew each time.
    fn chosen_plainly(uncertainties: &[f64], mut taken: Taken, count: usize) -> Vec<usize> {
        let mut open: Vec<usize> = (0..uncertainties.len()).collect();
        let mut order = Vec::new();
        while order.len() < count {
            let value = |at: usize| uncertainties[at] * (1.0 - taken.likeness[at]);
            let best = (0..open.len()).max_by(|&a, &b| value(open[a]).total_cmp(&value(open[b])).then(b.cmp(&a)));
            let Some(at) = best.map(|best| open.remove(best)) else { break };
            if taken.take(at) {
                order.push(at);
            }
        }
        order
    }

    proptest! {
        #[test]
        fn what_is_chosen_is_what_is_worth_most(
            pool in prop::collection::vec((prop::collection::vec(0u8..6, 0..14), 0u8..4), 0..30),
            count in 0usize..30,
        ) {
            // Few words and few uncertainties: near-duplicates and equals abound.
            let text = |words: &[u8]| words.iter().map(|word| format!("w{word} ")).collect::<String>();
            let texts: Vec<String> = pool.iter().map(|(words, _)| text(words)).collect();
            let uncertainties: Vec<f64> = pool.iter().map(|(_, steps)| f64::from(*steps) / 3.0).collect();
            let taken = || Taken::new(texts.iter().map(String::as_str));
            prop_assert_eq!(
                chosen(&uncertainties, taken(), count),
                chosen_plainly(&uncertainties, taken(), count)
            );
        }
    }

    #[test]
    fn a_pool_of_near_duplicates_is_soon_done_with() {
        let texts = vec!["Iran may yet sign, but few in Oman expect it this year."; 100_000];
        let start = std::time::Instant::now();
        assert_eq!(chosen(&vec![0.5; texts.len()], Taken::new(texts.iter().copied()), 50), [0]);
        // Going through all that are open each time takes more than a minute.
        assert!(start.elapsed().as_secs() < 30, "{:?}", start.elapsed());
    }
}
