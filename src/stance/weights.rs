//! The numbers of a model's columns, as they are in the file and in memory.

use serde::{Deserialize, Serialize};

/// Classes of both heads.
pub(crate) const OUTPUTS: usize = 6;

/// What a term adds to: [`OUTPUTS`], and two lanes that fill a vector register.
pub(crate) const LANES: usize = 8;

/// What a column holds, side by side: the weights of stance and of sentiment, in steps of each head; in the last two
/// lanes the bits of its idf. A term costs one look into memory.
pub(crate) type Column = [i16; LANES];

fn column([a, b, c]: [i16; 3], [d, e, f]: [i16; 3], idf: f32) -> Column {
    let [w, x, y, z] = idf.to_le_bytes();
    [a, b, c, d, e, f, i16::from_le_bytes([w, x]), i16::from_le_bytes([y, z])]
}

/// The idf of a column.
#[inline]
pub(crate) fn idf(column: &Column) -> f32 {
    let ([w, x], [y, z]) = (column[OUTPUTS].to_le_bytes(), column[OUTPUTS + 1].to_le_bytes());
    f32::from_le_bytes([w, x, y, z])
}

/// The idf and the weights of every column of a vocabulary.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Weights {
    #[serde(with = "crate::blob")]
    columns: Vec<Column>,
}

impl Weights {
    /// From the idf of each column and the weights of each head, columns × 3, in steps; none for a head that is not there.
    pub(crate) fn new(idf: &[f32], stance: &[i16], sentiment: &[i16]) -> Self {
        let of = |head: &[i16], at: usize| head.as_chunks::<3>().0.get(at).copied().unwrap_or_default();
        let columns = idf.iter().enumerate().map(|(at, idf)| column(of(stance, at), of(sentiment, at), *idf));
        Self { columns: columns.collect() }
    }

    /// Rounds the weights of a head to 65,535 steps, and tells the step: an error below 1/65,000 of the largest weight.
    pub(crate) fn rounded(weights: &[f64]) -> (Vec<i16>, f64) {
        let largest = weights.iter().fold(0.0f64, |largest, weight| largest.max(weight.abs()));
        let step = largest / f64::from(i16::MAX);
        let steps = |weight: &f64| if step > 0.0 { (weight / step).round() as i16 } else { 0 };
        (weights.iter().map(steps).collect(), step)
    }

    pub(crate) fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// Whether they are those of so many columns; what is read from a file must be valid.
    pub(crate) fn is_valid(&self, columns: usize) -> bool {
        self.columns.len() == columns && self.columns.iter().all(|column| idf(column).is_finite())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn columns_hold_what_was_put_in(
            rows in prop::collection::vec((any::<[i16; 3]>(), any::<[i16; 3]>(), 0f32..20.0), 0..9),
        ) {
            let idfs: Vec<f32> = rows.iter().map(|row| row.2).collect();
            let stance: Vec<i16> = rows.iter().flat_map(|row| row.0).collect();
            let sentiment: Vec<i16> = rows.iter().flat_map(|row| row.1).collect();
            let weights = Weights::new(&idfs, &stance, &sentiment);
            prop_assert!(weights.is_valid(rows.len()) && !weights.is_valid(rows.len() + 1));
            for (column, row) in weights.columns().iter().zip(&rows) {
                prop_assert_eq!((&column[..3], &column[3..OUTPUTS], idf(column)), (&row.0[..], &row.1[..], row.2));
            }
        }

        #[test]
        fn rounding_is_small(weights in prop::collection::vec(-9f64..9.0, 0..20)) {
            let (steps, step) = Weights::rounded(&weights);
            for (weight, rounded) in weights.iter().zip(steps) {
                prop_assert!((weight - step * f64::from(rounded)).abs() <= 0.5001 * step);
            }
        }
    }
}
