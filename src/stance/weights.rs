//! The numbers of a model's columns, as they are in the file and in memory.

use std::borrow::Cow;
use std::ops::RangeInclusive;

/// Classes of both heads.
pub(crate) const OUTPUTS: usize = 6;

/// What a term adds to: [`OUTPUTS`], and two lanes that fill a vector register.
pub(crate) const LANES: usize = 8;

/// What a column holds, side by side, two bytes each: the weights of stance and of sentiment, in steps of each head; in
/// the last four bytes its idf. A term costs one look into memory.
pub(crate) type Column = [u8; 2 * LANES];

/// The weights in a column; the lanes from [`OUTPUTS`] on mean nothing.
#[inline]
pub(crate) fn weights(column: &Column) -> [i16; LANES] {
    let (lanes, _) = column.as_chunks::<2>();
    std::array::from_fn(|lane| i16::from_le_bytes(lanes[lane]))
}

/// The idf of a column.
#[inline]
pub(crate) fn idf(column: &Column) -> f32 {
    column.last_chunk().map_or(0.0, |bytes| f32::from_le_bytes(*bytes))
}

/// What an idf can be: that of one among 2⁶⁴ documents is 45.
const IDF: RangeInclusive<f32> = 0.0..=64.0;

/// The idf and the weights of every column of a vocabulary.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Weights {
    bytes: Cow<'static, [u8]>,
}

impl Weights {
    /// From the idf of each column and the weights of each head, columns × 3, in steps; none for a head that is not there.
    pub(crate) fn new(idf: &[f32], stance: &[i16], sentiment: &[i16]) -> Self {
        let of = |head: &[i16], at: usize| head.as_chunks::<3>().0.get(at).copied().unwrap_or_default();
        let mut bytes = Vec::with_capacity(idf.len() * size_of::<Column>());
        for (at, idf) in idf.iter().enumerate() {
            let weights = [of(stance, at), of(sentiment, at)];
            weights.as_flattened().iter().for_each(|weight| bytes.extend(weight.to_le_bytes()));
            bytes.extend(idf.to_le_bytes());
        }
        Self { bytes: bytes.into() }
    }

    /// As they lie in a file; `None` where they are not those of so many columns.
    pub(crate) fn from_bytes(bytes: Cow<'static, [u8]>, columns: usize) -> Option<Self> {
        let (all, rest) = bytes.as_chunks();
        let whole = all.len() == columns && rest.is_empty();
        (whole && all.iter().all(|column| IDF.contains(&idf(column)))).then_some(Self { bytes })
    }

    /// As they lie in a file.
    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Rounds the weights of a head to 65,535 steps, and tells the step: an error below 1/65,000 of the largest weight.
    pub(crate) fn rounded(weights: &[f64]) -> (Vec<i16>, f64) {
        let largest = weights.iter().fold(0.0f64, |largest, weight| largest.max(weight.abs()));
        let step = largest / f64::from(i16::MAX);
        let steps = |weight: &f64| if step > 0.0 { (weight / step).round() as i16 } else { 0 };
        (weights.iter().map(steps).collect(), step)
    }

    pub(crate) fn columns(&self) -> &[Column] {
        self.bytes.as_chunks().0
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
            let bytes = Weights::new(&idfs, &stance, &sentiment).bytes;
            prop_assert_eq!(Weights::from_bytes(bytes.clone(), rows.len() + 1), None);
            let all = Weights::from_bytes(bytes, rows.len()).unwrap();
            prop_assert_eq!(all.columns().len(), rows.len());
            for (column, row) in all.columns().iter().zip(&rows) {
                let lanes = weights(column);
                prop_assert_eq!((&lanes[..3], &lanes[3..OUTPUTS], idf(column)), (&row.0[..], &row.1[..], row.2));
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
