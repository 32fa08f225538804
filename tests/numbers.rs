//! What must hold of numbers, however extreme: margins, calibrations, settings and weights of a training.

// The other checks are for tests/hostile.rs.
#[allow(dead_code)]
#[path = "hostile/checks.rs"]
mod checks;

use std::cell::Cell;

use demarche::learn::{softmax, Calibration, ClassWeights};
use demarche::{Classifier, Corpus, ErrorKind, Span, TrainerSettings};
use ndarray::{Array1, Array2};
use proptest::prelude::*;
use proptest::test_runner::{RngSeed, TestRunner};

fn cases(cases: u32) -> ProptestConfig {
    ProptestConfig { cases, rng_seed: RngSeed::Fixed(1), failure_persistence: None, ..ProptestConfig::default() }
}

/// Any finite number, most of them extreme.
fn finite() -> impl Strategy<Value = f64> {
    use prop::num::f64::{NEGATIVE, NORMAL, POSITIVE, SUBNORMAL, ZERO};
    prop_oneof![POSITIVE | NEGATIVE | NORMAL | SUBNORMAL | ZERO, -40.0..40.0]
}

/// As extreme as a model file may hold one, and beyond.
fn calibration() -> impl Strategy<Value = Calibration> {
    let bounds = prop::sample::select(vec![0.0, -0.0, 1e-300, 1.0, -1.0, 1e9, -1e9, f64::MAX, f64::MIN]);
    let number = prop_oneof![3 => bounds, 2 => -1e9..1e9, 2 => -2.0..2.0];
    prop::collection::vec(number, 12).prop_map(|numbers| {
        let json = serde_json::json!({"matrix": &numbers[..9], "offsets": &numbers[9..]});
        serde_json::from_value(json).unwrap()
    })
}

proptest! {
    #![proptest_config(cases(2000))]

    #[test]
    fn finite_margins_give_probabilities(margins in prop::array::uniform3(finite()), calibration in calibration()) {
        let mut plain = margins;
        softmax(&mut plain);
        for found in [&plain[..], &Calibration::identity(3).probabilities(&margins), &calibration.probabilities(&margins)] {
            prop_assert!(found.iter().all(|p| (0.0..=1.0).contains(p)), "{:?}", found);
            prop_assert!((found.iter().sum::<f64>() - 1.0).abs() < 1e-12, "{:?}", found);
        }
        let largest = |numbers: [f64; 3]| numbers.map(|number| numbers.iter().all(|other| number >= *other));
        let kept = largest(margins).iter().zip(largest(plain)).all(|(before, after)| after || !before);
        prop_assert!(kept, "the largest margin has the largest probability: {:?}", plain);
    }

    #[test]
    fn other_margins_give_the_uniform_distribution(
        margins in prop::array::uniform3(finite()), calibration in calibration(), at in 0usize..3,
        number in prop::sample::select(vec![f64::NAN, f64::INFINITY, f64::NEG_INFINITY]),
    ) {
        let mut margins = margins;
        margins[at] = number;
        for found in [calibration, Calibration::identity(3)].map(|c| c.probabilities(&margins)) {
            prop_assert_eq!(found, [1.0 / 3.0; 3]);
        }
        softmax(&mut margins);
        prop_assert_eq!(margins, [1.0 / 3.0; 3]);
    }
}

proptest! {
    #![proptest_config(cases(200))]

    #[test]
    fn a_calibration_fits_any_finite_margins(margins in prop::array::uniform32(finite())) {
        let rows = Array2::from_shape_fn((10, 3), |(row, class)| margins[3 * row + class]);
        let fitted = Calibration::fit(rows.view(), &Array1::from_shape_fn(10, |row| row % 3)).unwrap();
        for row in rows.rows() {
            let found = fitted.probabilities(&row.to_vec());
            prop_assert!((found.iter().sum::<f64>() - 1.0).abs() < 1e-12, "{:?}", found);
        }
    }
}

/// Extreme settings and sample weights: an error that says so, or a model whose numbers are finite.
#[test]
fn training_gives_finite_numbers_or_an_error() {
    let weights = prop::collection::vec(prop::sample::select(vec![0.0, 1e-12, 1.0, 1e6]), 9);
    let class = prop::sample::select(vec![0.0, 1e-200, 1.0, 1e200]);
    let tolerance = prop::sample::select(vec![1e-9, 1e-2, 1e3]);
    let other = prop::sample::select(vec![0.0, 1.0, 1e38]);
    let (trained, sure) = (Cell::new(0), Cell::new(0));
    let mut runner = TestRunner::new(cases(150));
    let run =
        runner.run(&(-14i32..14, weights, class, tolerance, other), |(alpha, weights, class, tolerance, other)| {
            let mut settings = TrainerSettings::shipped().unwrap();
            (settings.folds, settings.vocabulary.min_documents, settings.features.other_sentence) = (2, 1, other);
            let regression = settings.stance.clone().alpha(10f64.powi(alpha)).tolerance(tolerance);
            settings.sentiment = regression.clone();
            settings.stance = regression.class_weights(ClassWeights::Given(vec![class, 1.0, 1.0]));
            match checks::small_trainer(100).settings(settings).fit(&separable(&weights)) {
                Ok(model) => {
                    trained.set(trained.get() + 1);
                    let verdict = Classifier::new(model.model().clone()).judge("Oslo agreed.", &[Span::new(0, 4)]);
                    sure.set(sure.get() + u32::from(verdict.stance().is_some_and(|stance| stance.certainty() > 0.9)));
                    checks::usable(model.into_model());
                }
                Err(error) => prop_assert!(matches!(error.kind(), ErrorKind::Fit | ErrorKind::Settings), "{}", error),
            }
            Ok(())
        });
    run.unwrap_or_else(|error| panic!("{error}"));
    println!("{} of 150 trained, {} of them sure", trained.get(), sure.get());
    assert!(trained.get() >= 50 && sure.get() >= 5, "{trained:?} trained, {sure:?} sure");
}

/// Texts of three classes that share no word but the actor's name, with these weights: nothing keeps the coefficients small.
fn separable(weights: &[f64]) -> Corpus {
    let classes = [
        ("pro", "positive", "agreed to the truce"),
        ("skeptical", "negative", "rejected every offer"),
        ("neutral", "neutral", "has harbours"),
    ];
    let line = |(weight, (stance, sentiment, words)): (&f64, &(&str, &str, &str))| {
        format!(
            "{{\"text\":\"Oslo {words}.\",\"weight\":{weight:e},\"actors\":[{{\"name\":\"N\",\"mentions\":[\"Oslo\"],\
             \"stance\":\"{stance}\",\"sentiment\":\"{sentiment}\"}}]}}\n"
        )
    };
    Corpus::from_jsonl(&weights.iter().zip(classes.iter().cycle()).map(line).collect::<String>()).unwrap()
}
