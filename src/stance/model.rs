//! The model: all that was learnt, as plain data in one file.

use std::borrow::Cow;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::actor::{Catalogue, MentionFinder, Metonyms};
use crate::error::{Error, ErrorKind, Result};
use crate::learn::{Calibration, Conformal, Vocabulary};
use crate::stance::lexicon::Lexicon;
use crate::stance::settings::FeatureSettings;
use crate::stance::weights::Weights;
use crate::text::{Language, Unit};

/// The first bytes of a model file.
const MAGIC: &[u8; 8] = b"DEMARCHE";
/// The version of the format that this crate reads and writes.
const VERSION: u32 = 3;
/// Magic, version, length of the body, CRC-32 of the body.
const HEAD: usize = 8 + 4 + 8 + 4;

/// Everything that was learnt, and everything that must be the same in prediction as in training: text settings, cues,
/// catalogue, vocabulary, idf, the weights of both heads, calibration, provenance.
///
/// A model is data; [`Classifier`](crate::Classifier) runs it and [`Trainer`](crate::Trainer) makes it. In a file it
/// stands in an envelope (magic, version, length, CRC-32) around a `postcard` body; a damaged file is an error, never
/// another model.
///
/// ```
/// use demarche::Model;
///
/// let model = Model::bundled()?;
/// assert!(model.provenance().pairs() > 0);
/// assert_eq!(Model::from_bytes(&model.to_bytes()?)?, model);
/// # Ok::<(), demarche::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Model {
    pub(super) provenance: Provenance,
    pub(super) language: Language,
    pub(super) unit: Unit,
    pub(super) metonyms: Metonyms,
    pub(super) lexicon: Lexicon,
    pub(super) catalogue: Catalogue,
    /// The finder of the catalogue's actors, ready to use.
    pub(super) finder: MentionFinder,
    pub(super) features: FeatureSettings,
    pub(super) vocabulary: Vocabulary,
    /// The numbers of the vocabulary's columns, ready to use.
    pub(super) weights: Weights,
    pub(super) stance: Option<Head>,
    pub(super) sentiment: Option<Head>,
}

/// A model as its file holds it. `Model` itself is not `Deserialize`: it would come in unchecked. The two runs of bytes are
/// the vocabulary and the weights: used as they lie.
type Body<'b> = (
    Provenance,
    (Language, Unit, Metonyms, FeatureSettings),
    Lexicon,
    Catalogue,
    MentionFinder,
    [Option<Head>; 2],
    &'b [u8],
    &'b [u8],
);

/// What turns the sums of one head's weights into its three probabilities.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Head {
    /// One step of its weights.
    pub step: f64,
    pub intercepts: [f64; 3],
    pub calibration: Calibration,
    pub conformal: Conformal,
}

/// No number of a head that was fitted comes near; products of several stay finite.
const LARGEST: f64 = 1e9;

impl Head {
    fn is_valid(&self) -> bool {
        self.intercepts.iter().chain([&self.step]).all(|number| number.abs() <= LARGEST)
            && self.calibration.classes() == 3
            && self.calibration.is_valid(LARGEST)
            && self.conformal.is_valid(3)
    }
}

/// Where a model comes from.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Provenance {
    pub(super) crate_version: String,
    pub(super) corpus_digest: u64,
    pub(super) passages: usize,
    pub(super) pairs: usize,
    /// The trainer's settings as JSON.
    pub(super) settings: String,
    /// Cross-validated macro-F1 of each head.
    pub(super) stance_macro_f1: Option<f64>,
    pub(super) sentiment_macro_f1: Option<f64>,
}

impl Provenance {
    /// Whether its scores are some; what is read from a file must be valid.
    fn is_valid(&self) -> bool {
        [self.stance_macro_f1, self.sentiment_macro_f1].iter().flatten().all(|score| (0.0..=1.0).contains(score))
    }

    /// The version of the crate that trained it.
    pub fn crate_version(&self) -> &str {
        &self.crate_version
    }

    /// The digest of the corpus; see [`Corpus::digest`](crate::Corpus::digest).
    pub fn corpus_digest(&self) -> u64 {
        self.corpus_digest
    }

    /// Passages it was trained on.
    pub fn passages(&self) -> usize {
        self.passages
    }

    /// (passage, actor) pairs it was trained on.
    pub fn pairs(&self) -> usize {
        self.pairs
    }

    /// The trainer's settings, as JSON.
    pub fn settings(&self) -> &str {
        &self.settings
    }

    /// Cross-validated macro-F1 of the stance head.
    pub fn stance_macro_f1(&self) -> Option<f64> {
        self.stance_macro_f1
    }

    /// Cross-validated macro-F1 of the sentiment head.
    pub fn sentiment_macro_f1(&self) -> Option<f64> {
        self.sentiment_macro_f1
    }
}

impl Model {
    /// The model that ships with the crate (`models/demarche.model`).
    ///
    /// # Errors
    /// None in a crate as published: the file is compiled in.
    #[cfg(feature = "bundled")]
    pub fn bundled() -> Result<Self> {
        Self::from_body(body(include_bytes!("../../models/demarche.model"), Trust::AsTheProgram)?, Cow::Borrowed)
    }

    /// Reads a model file.
    ///
    /// # Errors
    /// [`ErrorKind::Io`], or [`ErrorKind::Model`] when the file is no model, of another version, or damaged.
    pub fn read(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let bytes = std::fs::read(path).map_err(|error| Error::io(path, error))?;
        Self::from_bytes(&bytes).map_err(|error| error.in_file(path))
    }

    /// Writes a model file: beside, then renamed, so that the old file or the new one is there whatever happens.
    ///
    /// # Errors
    /// [`ErrorKind::Io`].
    pub fn write(&self, path: impl AsRef<Path>) -> Result<()> {
        crate::input::replace_file(path, &self.to_bytes()?)
    }

    /// The bytes of a model file; the same model gives the same bytes.
    ///
    /// # Errors
    /// [`ErrorKind::Model`] when the model cannot be serialized.
    pub fn to_bytes(&self) -> Result<Vec<u8>> {
        let Self { provenance, lexicon, catalogue, finder, .. } = self;
        let settings = (self.language, self.unit, self.metonyms, &self.features);
        let heads = [&self.stance, &self.sentiment];
        let (vocabulary, weights) = (self.vocabulary.as_bytes(), self.weights.as_bytes());
        let parts = (provenance, settings, lexicon, catalogue, finder, heads, vocabulary, weights);
        let body = postcard::to_allocvec(&parts)
            .map_err(|error| Error::new(ErrorKind::Model, format!("cannot be written: {error}")))?;
        let mut bytes = Vec::with_capacity(HEAD + body.len());
        bytes.extend_from_slice(MAGIC);
        bytes.extend_from_slice(&VERSION.to_le_bytes());
        bytes.extend_from_slice(&(body.len() as u64).to_le_bytes());
        bytes.extend_from_slice(&crc32fast::hash(&body).to_le_bytes());
        bytes.extend_from_slice(&body);
        Ok(bytes)
    }

    /// Reads the bytes of a model file.
    ///
    /// # Errors
    /// [`ErrorKind::Model`] when they are no model, of another version, or damaged.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        Self::from_body(body(bytes, Trust::None)?, |bytes| Cow::Owned(bytes.to_vec()))
    }

    /// From a body whose runs of bytes are kept in this way.
    fn from_body<'b>(body: &'b [u8], keep: impl Fn(&'b [u8]) -> Cow<'static, [u8]>) -> Result<Self> {
        let (parts, rest): (Body, &[u8]) =
            postcard::take_from_bytes(body).map_err(|error| damaged(&format!("its body does not parse: {error}")))?;
        if !rest.is_empty() {
            return Err(damaged("bytes are left over"));
        }
        let (provenance, settings, lexicon, catalogue, finder, heads, vocabulary, weights) = parts;
        let (language, unit, metonyms, features) = settings;
        let agree = provenance.is_valid()
            && heads.iter().flatten().all(Head::is_valid)
            && features.is_valid()
            && lexicon.is_valid()
            && finder.is_valid(catalogue.actors().len());
        let disagree = || damaged("its parts do not agree");
        if !agree {
            return Err(disagree());
        }
        let vocabulary = Vocabulary::from_bytes(keep(vocabulary)).ok_or_else(disagree)?;
        let weights = Weights::from_bytes(keep(weights), vocabulary.len()).ok_or_else(disagree)?;
        let [stance, sentiment] = heads;
        Ok(Self {
            provenance,
            language,
            unit,
            metonyms,
            lexicon,
            catalogue,
            finder,
            features,
            vocabulary,
            weights,
            stance,
            sentiment,
        })
    }

    /// Where it comes from.
    pub fn provenance(&self) -> &Provenance {
        &self.provenance
    }

    /// The language of its stemmer.
    pub fn language(&self) -> Language {
        self.language
    }

    /// The size of passage that text is cut into unless the caller says otherwise.
    pub fn unit(&self) -> Unit {
        self.unit
    }

    /// The actors it looks for.
    pub fn catalogue(&self) -> &Catalogue {
        &self.catalogue
    }

    /// The number of terms in its vocabulary.
    pub fn terms(&self) -> usize {
        self.vocabulary.len()
    }

    /// The same model with another catalogue of actors. Its judgements of an actor do not depend on the actor's name, so
    /// this needs no training.
    pub fn with_catalogue(mut self, catalogue: Catalogue) -> Self {
        self.finder = MentionFinder::new(&catalogue, self.metonyms);
        self.catalogue = catalogue;
        self
    }
}

/// Whether bytes may have been damaged on their way.
#[derive(PartialEq)]
enum Trust {
    None,
    #[cfg(feature = "bundled")]
    AsTheProgram,
}

/// Checks the envelope, and the checksum of what is not trusted, and hands back the body.
fn body(bytes: &[u8], trust: Trust) -> Result<&[u8]> {
    if !bytes.starts_with(MAGIC) {
        let error = Error::new(ErrorKind::Model, "this is no demarche model");
        return Err(error.help("give a file that the train example has written"));
    }
    let head = bytes.get(MAGIC.len()..HEAD).ok_or_else(|| damaged("it ends within its head"))?;
    let version = u32::from_le_bytes([head[0], head[1], head[2], head[3]]);
    if version != VERSION {
        let message = format!("this is a model of format {version}; this crate reads format {VERSION}");
        return Err(Error::new(ErrorKind::Model, message).help("train it anew, or use the crate that made it"));
    }
    let length = head[4..12].iter().rev().fold(0u64, |length, byte| length << 8 | u64::from(*byte));
    let checksum = u32::from_le_bytes([head[12], head[13], head[14], head[15]]);
    let body = &bytes[HEAD..];
    if body.len() as u64 != length {
        return Err(damaged(&format!("it has {} bytes instead of {length}", body.len())));
    }
    if trust == Trust::None && crc32fast::hash(body) != checksum {
        return Err(damaged("its checksum does not match"));
    }
    Ok(body)
}

fn damaged(why: &str) -> Error {
    Error::new(ErrorKind::Model, format!("the model is damaged: {why}"))
        .help("copy or train it again; nothing was read from it")
}
