//! What people look at: articles and their judgements in, one HTML page out.
//!
//! The page needs nothing else: no script, no style sheet or font from elsewhere. Nothing here decides a label, and
//! nothing of an article can become markup.
//!
//! ```
//! use demarche::report::{Article, Report};
//! use demarche::{Classifier, Model};
//!
//! let model = Model::bundled()?;
//! let mut report = Report::new("The week in talks").with_provenance(model.provenance().clone());
//! let classifier = Classifier::new(model);
//! let article = Article::new("Oslo offered to host talks. Bern refused to attend.").with_source("Meridian Wire");
//! let judgements = classifier.classify(article.text());
//! report.add(article, judgements)?;
//! assert!(report.to_html().contains("<mark>Bern</mark> refused"));
//! # Ok::<(), demarche::Error>(())
//! ```

mod article;
mod chart;
mod collection;
mod date;
mod escape;
mod page;
mod portrait;
mod read;
mod table;

pub use article::Article;
pub use collection::Report;
pub use date::Date;
