//! Articles with their judgements, gathered; and the same by actor.

use std::collections::{BTreeMap, BTreeSet};

use crate::error::{Error, ErrorKind, Result};
use crate::report::article::Article;
use crate::report::date::Date;
use crate::span::Span;
use crate::stance::{Abstention, ActorSummary, Judgement, Label, Lean, Provenance, Rollup, Sentiment, Stance};

/// Passages of a kind that an actor's section quotes, unless the caller says otherwise.
const QUOTED: usize = 25;

/// Articles and what was judged of them; written as a page for people.
///
/// The same articles, judgements and settings, added in the same order, give the same bytes.
#[derive(Clone, Debug)]
pub struct Report {
    title: String,
    date: Option<Date>,
    provenance: Option<Provenance>,
    quoted: usize,
    articles: Vec<Article>,
    /// The article's position, and a judgement of its text.
    judged: Vec<(usize, Judgement)>,
}

impl Report {
    /// A report without articles.
    pub fn new(title: impl Into<String>) -> Self {
        let title = title.into();
        Self { title, date: None, provenance: None, quoted: QUOTED, articles: Vec::new(), judged: Vec::new() }
    }

    /// Gives the day that the report is made, for its footer. The clock is not asked.
    pub fn with_date(mut self, date: Date) -> Self {
        self.date = Some(date);
        self
    }

    /// Says which model judged; see [`Model::provenance`](crate::Model::provenance).
    pub fn with_provenance(mut self, provenance: Provenance) -> Self {
        self.provenance = Some(provenance);
        self
    }

    /// Quotes at most this many passages of each stance for an actor, the most certain ones; 25 unless set. All are
    /// counted.
    pub fn with_passages_quoted(mut self, most: usize) -> Self {
        self.quoted = most;
        self
    }

    /// Adds an article with the judgements of its text.
    ///
    /// ```
    /// use demarche::report::{Article, Report};
    /// use demarche::{Classifier, Model};
    ///
    /// let judgements = Classifier::new(Model::bundled()?).classify("Bern refused to attend.");
    /// let mut report = Report::new("The week in talks");
    /// assert!(report.add(Article::new("Another text."), judgements).is_err());
    /// # Ok::<(), demarche::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::Data`] when a judgement's spans do not fit the text; nothing is added then.
    pub fn add(&mut self, article: Article, judgements: impl IntoIterator<Item = Judgement>) -> Result<()> {
        let judgements: Vec<Judgement> = judgements.into_iter().collect();
        for judgement in &judgements {
            let passage = judgement.passage();
            let fits = |span: &Span| span.slice(article.text()).is_some();
            let inside = |span: &Span| passage.contains(*span) && fits(span);
            if !fits(&passage) || !judgement.mentions().iter().all(inside) {
                let place = format!("bytes {} to {} are no passage of this article", passage.start(), passage.end());
                return Err(
                    Error::new(ErrorKind::Data, place).help("add an article with the judgements of its own text")
                );
            }
        }
        let at = self.articles.len();
        self.judged.extend(judgements.into_iter().map(|judgement| (at, judgement)));
        self.articles.push(article);
        Ok(())
    }

    pub(super) fn title(&self) -> &str {
        &self.title
    }

    pub(super) fn date(&self) -> Option<Date> {
        self.date
    }

    pub(super) fn provenance(&self) -> Option<&Provenance> {
        self.provenance.as_ref()
    }

    pub(super) fn quoted(&self) -> usize {
        self.quoted
    }

    pub(super) fn articles(&self) -> &[Article] {
        &self.articles
    }

    /// The passages of each article that name an actor.
    pub(super) fn passages(&self) -> Vec<usize> {
        let mut passages = vec![BTreeSet::new(); self.articles.len()];
        for (at, judgement) in &self.judged {
            if let Some(passages) = passages.get_mut(*at) {
                passages.insert(judgement.passage());
            }
        }
        passages.iter().map(BTreeSet::len).collect()
    }

    /// The first and the last day of publication.
    pub(super) fn days(&self) -> Option<(Date, Date)> {
        let days = || self.articles.iter().filter_map(Article::date);
        days().min().zip(days().max())
    }

    /// The sources, those with most articles first, then by name; `None` stands for articles without one and is the last.
    pub(super) fn sources(&self) -> Vec<Option<&str>> {
        let mut articles: BTreeMap<Option<&str>, usize> = BTreeMap::new();
        for article in &self.articles {
            *articles.entry(article.source()).or_default() += 1;
        }
        let mut sources: Vec<Option<&str>> = articles.keys().copied().collect();
        sources.sort_by_key(|source| (source.is_none(), std::cmp::Reverse(articles.get(source).copied())));
        sources
    }

    /// The actors, those with most passages first.
    pub(super) fn portraits(&self) -> Vec<Portrait<'_>> {
        let mut findings: BTreeMap<&str, Vec<Finding>> = BTreeMap::new();
        for (at, judgement) in &self.judged {
            if let Some(article) = self.articles.get(*at) {
                findings.entry(judgement.actor().id()).or_default().push(Finding { article, at: *at, judgement });
            }
        }
        let mut portraits: Vec<Portrait> = findings.into_values().filter_map(Portrait::of).collect();
        portraits.sort_by(|one, other| {
            let order = other.summary.passages().cmp(&one.summary.passages());
            order.then_with(|| one.summary.actor().cmp(other.summary.actor()))
        });
        portraits
    }
}

/// One judgement, with the article that it is of.
#[derive(Clone, Copy)]
pub(super) struct Finding<'r> {
    pub article: &'r Article,
    pub at: usize,
    pub judgement: &'r Judgement,
}

impl Finding<'_> {
    /// The stance's probability; 0 where there is none.
    pub(super) fn certainty(&self) -> f64 {
        self.judgement.stance().map_or(0.0, |stance| stance.certainty())
    }
}

/// All that was found of one actor.
pub(super) struct Portrait<'r> {
    pub summary: ActorSummary,
    pub findings: Vec<Finding<'r>>,
}

impl<'r> Portrait<'r> {
    fn of(findings: Vec<Finding<'r>>) -> Option<Self> {
        let summary = sum(&findings)?;
        Some(Self { summary, findings })
    }

    /// The verdict; `None` where the model judges no stance.
    pub(super) fn lean(&self) -> Option<Lean> {
        let judged = Stance::ALL.into_iter().any(|label| self.summary.stance(label) > 0);
        judged.then(|| self.summary.lean())
    }

    pub(super) fn has_sentiment(&self) -> bool {
        Sentiment::ALL.into_iter().any(|label| self.summary.sentiment(label) > 0)
    }

    /// Passages that take a side.
    pub(super) fn polar(&self) -> usize {
        self.summary.stance(Stance::Pro) + self.summary.stance(Stance::Skeptical)
    }

    /// The mean certainty of the passages that take a side.
    pub(super) fn mean_certainty(&self) -> Option<f64> {
        let is_polar = |finding: &&Finding| finding.judgement.stance().is_some_and(|d| d.label() != Stance::Neutral);
        let total: f64 = self.findings.iter().filter(is_polar).map(Finding::certainty).sum();
        let polar = u32::try_from(self.polar()).ok().filter(|polar| *polar > 0)?;
        Some(total / f64::from(polar))
    }

    /// Judgements that had better not be relied upon; they count like the others.
    pub(super) fn unreliable(&self) -> usize {
        let is_unreliable = |finding: &&Finding| finding.judgement.abstention(Abstention::LEAST_CERTAINTY).is_some();
        self.findings.iter().filter(is_unreliable).count()
    }

    /// Articles that name it.
    pub(super) fn articles(&self) -> usize {
        self.findings.iter().map(|finding| finding.at).collect::<BTreeSet<_>>().len()
    }

    /// The findings with this stance, the most certain first.
    pub(super) fn with_stance(&self, stance: Option<Stance>) -> Vec<Finding<'r>> {
        let has = |finding: &Finding| finding.judgement.stance().map(|stance| stance.label()) == stance;
        let mut found: Vec<Finding> = self.findings.iter().copied().filter(has).collect();
        found.sort_by(|one, other| other.certainty().total_cmp(&one.certainty()));
        found
    }

    /// The same actor, by the column of each finding's source.
    pub(super) fn by_source(&self, column: impl Fn(Option<&str>) -> usize) -> BTreeMap<usize, ActorSummary> {
        let mut parts: BTreeMap<usize, Vec<Finding>> = BTreeMap::new();
        for finding in &self.findings {
            parts.entry(column(finding.article.source())).or_default().push(*finding);
        }
        parts.into_iter().filter_map(|(column, findings)| Some((column, sum(&findings)?))).collect()
    }
}

/// The findings of one actor, added up.
fn sum(findings: &[Finding]) -> Option<ActorSummary> {
    let mut rollup = Rollup::default();
    findings.iter().for_each(|finding| rollup.add(finding.judgement));
    rollup.actors().first().cloned()
}
