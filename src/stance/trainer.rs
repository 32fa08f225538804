//! From labelled data to a model.

use linfa::dataset::DatasetBase;
use ndarray::{Array1, Array2};

use crate::actor::{Catalogue, MentionFinder};
use crate::error::{Error, ErrorKind, Result};
use crate::learn::{both, map_tasks, Calibration, Conformal, Csr, LogisticRegression, Scores};
use crate::stance::corpus::Corpus;
use crate::stance::cues::Cues;
use crate::stance::evaluation::Evaluation;
use crate::stance::label::{Label, Sentiment, Stance};
use crate::stance::lexicon::Lexicon;
use crate::stance::model::{Head, Model, Provenance};
use crate::stance::settings::TrainerSettings;
use crate::stance::table::{Labelled, Sight, Table};
use crate::stance::vectorizer::Vectorizer;
use crate::stance::weights::Weights;

/// Makes a model from labelled data.
///
/// ```
/// use demarche::{Corpus, Trainer};
///
/// let corpus = Corpus::read("data/tiny.jsonl")?;
/// let trained = Trainer::shipped()?.fit(&corpus)?;
/// assert_eq!(trained.model().provenance().pairs(), corpus.pairs());
/// # Ok::<(), demarche::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Trainer {
    settings: TrainerSettings,
    cues: Cues,
    catalogue: Catalogue,
}

/// A model and how well its settings did in grouped cross-validation.
#[derive(Clone, Debug)]
pub struct Trained {
    model: Model,
    cross_validation: Evaluation,
}

impl Trained {
    /// The model, fitted to all of the data.
    pub fn model(&self) -> &Model {
        &self.model
    }

    /// The model by value.
    pub fn into_model(self) -> Model {
        self.model
    }

    /// Out-of-fold predictions, calibrated: every pair was judged by a model whose weights saw nothing of its dispute. Only
    /// the calibration (twelve numbers) was fitted to these same predictions, so their calibration error is a little
    /// flattered; take it from a test part.
    pub fn cross_validation(&self) -> &Evaluation {
        &self.cross_validation
    }
}

impl Trainer {
    /// A trainer with the shipped settings, cues and catalogue.
    ///
    /// # Errors
    /// None in a crate as published.
    pub fn shipped() -> Result<Self> {
        Ok(Self { settings: TrainerSettings::shipped()?, cues: Cues::shipped()?, catalogue: Catalogue::shipped()? })
    }

    /// Other settings.
    pub fn settings(mut self, settings: TrainerSettings) -> Self {
        self.settings = settings;
        self
    }

    /// Another lexicon.
    pub fn cues(mut self, cues: Cues) -> Self {
        self.cues = cues;
        self
    }

    /// Another catalogue of actors.
    pub fn catalogue(mut self, catalogue: Catalogue) -> Self {
        self.catalogue = catalogue;
        self
    }

    /// Fits both heads, as far as they are labelled: vocabulary and idf, grouped cross-validation, calibration and
    /// conformal thresholds from its out-of-fold predictions, and the final weights from all of the data.
    ///
    /// Vocabulary and idf are learnt once, without labels, and shared by the folds.
    ///
    /// # Errors
    /// [`ErrorKind::Fit`] for data without labels, with one class or one group only, or a solver that does not
    /// converge; [`ErrorKind::Settings`] for settings out of range.
    pub fn fit(&self, corpus: &Corpus) -> Result<Trained> {
        let table = self.table(corpus, Sight::Target)?;
        let (stance, sentiment) = both(
            || self.head::<Stance>(&table, &self.settings.stance),
            || self.head::<Sentiment>(&table, &self.settings.sentiment),
        );
        let (stance, sentiment) = (stance?, sentiment?);
        if stance.is_none() && sentiment.is_none() {
            let error = Error::new(ErrorKind::Fit, "no pair is labelled");
            return Err(error.help("give actors a stance, a sentiment, or both"));
        }
        let settings = serde_json::to_string(&self.settings).unwrap_or_default();
        let macro_f1 = |scores: &Scores| scores.confusion().macro_f1();
        let provenance = Provenance {
            crate_version: env!("CARGO_PKG_VERSION").to_owned(),
            corpus_digest: corpus.digest(),
            passages: corpus.passages().len(),
            pairs: corpus.pairs(),
            settings,
            stance_macro_f1: stance.as_ref().map(|(_, scores)| macro_f1(scores)),
            sentiment_macro_f1: sentiment.as_ref().map(|(_, scores)| macro_f1(scores)),
        };
        let (stance, stance_scores) = stance.unzip();
        let (sentiment, sentiment_scores) = sentiment.unzip();
        fn weights(fitted: &Option<Fitted>) -> &[i16] {
            fitted.as_ref().map_or(&[], |fitted| &fitted.weights)
        }
        let Vectorizer { settings: features, vocabulary, tfidf } = table.vectorizer;
        let finder = MentionFinder::new(&self.catalogue, self.settings.metonyms);
        let model = Model {
            provenance,
            language: self.settings.language,
            unit: self.settings.unit,
            metonyms: self.settings.metonyms,
            lexicon: Lexicon::new(&self.cues, self.settings.language)?,
            catalogue: self.catalogue.clone(),
            finder,
            features,
            vocabulary,
            weights: Weights::new(tfidf.idf(), weights(&stance), weights(&sentiment)),
            stance: stance.map(|fitted| fitted.head),
            sentiment: sentiment.map(|fitted| fitted.head),
        };
        Ok(Trained { model, cross_validation: Evaluation { stance: stance_scores, sentiment: sentiment_scores } })
    }

    /// Cross-validates without fitting a final model.
    ///
    /// # Errors
    /// As [`Trainer::fit`].
    pub fn cross_validate(&self, corpus: &Corpus) -> Result<Evaluation> {
        self.cross_validate_with(corpus, Sight::Target)
    }

    /// Cross-validates a target-blind model: the n-grams of the whole passage, which are the same for all its actors.
    ///
    /// # Errors
    /// As [`Trainer::fit`].
    pub fn cross_validate_blind(&self, corpus: &Corpus) -> Result<Evaluation> {
        self.cross_validate_with(corpus, Sight::Blind)
    }

    /// The labelled pairs of a corpus as a linfa dataset: TF-IDF rows, the classes of a head, the weights of the passages.
    /// What [`Trainer::fit`] fits its regression to, for linfa's own tools.
    ///
    /// ```
    /// use demarche::{Corpus, Stance, Trainer, TrainerSettings};
    /// use linfa::prelude::*;
    ///
    /// let dataset = Trainer::shipped()?.dataset::<Stance>(&Corpus::read("data/tiny.jsonl")?)?;
    /// let fitted = TrainerSettings::shipped()?.stance.fit(&dataset)?;
    /// let confusion = fitted.predict(&dataset).confusion_matrix(&dataset)?;
    /// assert!(confusion.accuracy() > 0.8);
    /// # Ok::<(), demarche::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::Fit`] for data without labels of this head or with one group only; [`ErrorKind::Settings`] for
    /// settings out of range.
    pub fn dataset<L: Label>(&self, corpus: &Corpus) -> Result<DatasetBase<Csr, Array1<usize>>> {
        let table = self.table(corpus, Sight::Target)?;
        let labels = match L::HEAD {
            Stance::HEAD => table.labels::<Stance>(),
            _ => table.labels::<Sentiment>(),
        };
        let (truth, weights) = labels.ok_or_else(|| {
            Error::new(ErrorKind::Fit, format!("no pair has a {}", L::HEAD)).help("label some of the actors")
        })?;
        // Rows that are not labelled have no weight.
        let labelled: Vec<usize> = (0..truth.len()).filter(|&row| weights[row] > 0.0).collect();
        let classes = labelled.iter().map(|&row| truth[row]).collect();
        let weights = labelled.iter().map(|&row| weights[row] as f32).collect();
        Ok(DatasetBase::new(table.rows.select(&labelled), classes).with_weights(weights))
    }

    fn cross_validate_with(&self, corpus: &Corpus, sight: Sight) -> Result<Evaluation> {
        let table = self.table(corpus, sight)?;
        let (stance, sentiment) = both(
            || self.out_of_fold::<Stance>(&table, &self.settings.stance),
            || self.out_of_fold::<Sentiment>(&table, &self.settings.sentiment),
        );
        Ok(Evaluation { stance: stance?, sentiment: sentiment? })
    }

    fn table(&self, corpus: &Corpus, sight: Sight) -> Result<Table> {
        Table::new(corpus, &self.settings, &self.cues, &self.catalogue, sight)
    }

    fn head<L: Labelled>(&self, table: &Table, regression: &LogisticRegression) -> Result<Option<(Fitted, Scores)>> {
        let Some((truth, weights)) = table.labels::<L>() else { return Ok(None) };
        // The fit to all of the data beside those that leave a fold out.
        let fit = |task: usize| match task.checked_sub(1) {
            None => Ok((Some(regression.fit_weighted(&table.rows, &truth, &weights, 3)?), None)),
            Some(fold) => Ok((None, held_out::<L>(table, regression, fold)?)),
        };
        let (fitted, folds): (Vec<_>, Vec<_>) =
            map_tasks(1 + self.settings.folds, fit).into_iter().collect::<Result<Vec<_>>>()?.into_iter().unzip();
        let Some(fitted) = fitted.into_iter().flatten().next() else { return Ok(None) };
        let (calibration, conformal, scores) = HeldOut::joined(folds.into_iter().flatten()).calibrated()?;
        let linfa = fitted.as_linfa();
        let (weights, step) = Weights::rounded(&linfa.params().iter().copied().collect::<Vec<f64>>());
        let intercepts = std::array::from_fn(|class| linfa.intercept()[class]);
        Ok(Some((Fitted { weights, head: Head { step, intercepts, calibration, conformal } }, scores)))
    }

    /// The scores of every labelled pair by a model that has not seen its fold.
    fn out_of_fold<L: Labelled>(&self, table: &Table, regression: &LogisticRegression) -> Result<Option<Scores>> {
        let folds = map_tasks(self.settings.folds, |fold| held_out::<L>(table, regression, fold));
        let joined = HeldOut::joined(folds.into_iter().collect::<Result<Vec<_>>>()?.into_iter().flatten());
        if joined.truth.is_empty() {
            return Ok(None);
        }
        joined.calibrated().map(|(_, _, scores)| Some(scores))
    }
}

/// A head fitted to all of the data, and its weights in steps: columns × 3.
struct Fitted {
    head: Head,
    weights: Vec<i16>,
}

/// Margins of the labelled pairs of one fold from a model fitted to the others; `None` where it has no labelled pair. Every
/// fold starts from zero: started from the fit to all of the data, a solver that stops early would remember the rows
/// held out.
fn held_out<L: Labelled>(table: &Table, regression: &LogisticRegression, fold: usize) -> Result<Option<HeldOut>> {
    let Some((truth, weights)) = table.labels::<L>() else { return Ok(None) };
    let is_out = |row: usize| table.pairs[row].fold == fold && weights[row] > 0.0;
    if !(0..truth.len()).any(is_out) {
        return Ok(None);
    }
    let kept: Vec<f64> =
        weights.iter().zip(&table.pairs).map(|(w, pair)| if pair.fold == fold { 0.0 } else { *w }).collect();
    let fitted = regression
        .fit_weighted(&table.rows, &truth, &kept, 3)
        .map_err(|error| error.help(format!("while fold {fold} was held out")))?;
    let mut held_out = HeldOut::default();
    for row in (0..truth.len()).filter(|&row| is_out(row)) {
        held_out.truth.push(truth[row]);
        held_out.clusters.push(table.pairs[row].cluster);
        held_out.margins.extend(fitted.margins(table.rows.row(row)));
    }
    Ok(Some(held_out))
}

/// Out-of-fold margins (rows × 3, flat), the truth, and the cluster of each row.
#[derive(Default)]
struct HeldOut {
    truth: Vec<usize>,
    clusters: Vec<u64>,
    margins: Vec<f64>,
}

impl HeldOut {
    fn joined(parts: impl Iterator<Item = HeldOut>) -> Self {
        parts.fold(Self::default(), |mut all, part| {
            all.truth.extend(part.truth);
            all.clusters.extend(part.clusters);
            all.margins.extend(part.margins);
            all
        })
    }

    /// Calibration and conformal thresholds, and the scores of the calibrated probabilities.
    fn calibrated(self) -> Result<(Calibration, Conformal, Scores)> {
        let rows = self.truth.len();
        let shape = |error: ndarray::ShapeError| Error::new(ErrorKind::Fit, error.to_string());
        let margins = Array2::from_shape_vec((rows, 3), self.margins).map_err(shape)?;
        let truth = Array1::from_vec(self.truth);
        let calibration = Calibration::fit(margins.view(), &truth)?;
        let probabilities: Vec<Vec<f64>> =
            margins.rows().into_iter().map(|row| calibration.probabilities(&row.to_vec())).collect();
        let mut scores = Scores::new(3);
        for ((&class, &cluster), p) in truth.iter().zip(&self.clusters).zip(&probabilities) {
            scores.push_in_cluster(cluster, class, p.clone());
        }
        let conformal = Conformal::fit(3, probabilities.iter().zip(&truth).map(|(p, &class)| (&p[..], class)));
        Ok((calibration, conformal, scores))
    }
}
