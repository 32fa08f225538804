//! Compressed sparse rows.

use ndarray::Array2;

use crate::error::{Error, ErrorKind, Result};

/// A sparse matrix, row by row: rows × columns of `f32`, zeros left out.
///
/// Within a row the columns rise. Implements linfa's `Records`, so a `linfa::DatasetBase` can hold it.
///
/// ```
/// use demarche::learn::CsrBuilder;
///
/// let mut builder = CsrBuilder::new(3);
/// builder.push_row([(2, 1.0), (0, 0.5)])?;
/// let matrix = builder.build();
/// assert_eq!((matrix.rows(), matrix.columns()), (1, 3));
/// assert_eq!(matrix.row(0).collect::<Vec<_>>(), [(0, 0.5), (2, 1.0)]);
/// # Ok::<(), demarche::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Csr {
    columns: usize,
    starts: Vec<usize>,
    indices: Vec<u32>,
    values: Vec<f32>,
}

impl Csr {
    /// The number of rows.
    pub fn rows(&self) -> usize {
        self.starts.len() - 1
    }

    /// The number of columns.
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// The number of stored values.
    pub fn stored(&self) -> usize {
        self.indices.len()
    }

    /// The stored values of a row with their columns.
    ///
    /// # Panics
    /// When `row` is not below [`Csr::rows`].
    pub fn row(&self, row: usize) -> impl ExactSizeIterator<Item = (u32, f32)> + Clone + '_ {
        let (indices, values) = self.stored_in(row);
        indices.iter().copied().zip(values.iter().copied())
    }

    /// The columns of a row's stored values, and the values.
    pub(super) fn stored_in(&self, row: usize) -> (&[u32], &[f32]) {
        let range = self.starts[row]..self.starts[row + 1];
        (&self.indices[range.clone()], &self.values[range])
    }

    /// The chosen rows, in the order given.
    ///
    /// # Panics
    /// When one is not below [`Csr::rows`].
    pub fn select(&self, rows: &[usize]) -> Csr {
        let mut chosen = Csr { columns: self.columns, starts: vec![0], indices: Vec::new(), values: Vec::new() };
        for &row in rows {
            let range = self.starts[row]..self.starts[row + 1];
            chosen.indices.extend_from_slice(&self.indices[range.clone()]);
            chosen.values.extend_from_slice(&self.values[range]);
            chosen.starts.push(chosen.indices.len());
        }
        chosen
    }

    /// The matrix with its zeros: rows × columns.
    pub fn to_dense(&self) -> Array2<f64> {
        let mut dense = Array2::zeros((self.rows(), self.columns));
        for row in 0..self.rows() {
            for (column, value) in self.row(row) {
                dense[(row, column as usize)] = f64::from(value);
            }
        }
        dense
    }
}

impl linfa::dataset::Records for Csr {
    type Elem = f32;

    fn nsamples(&self) -> usize {
        self.rows()
    }

    fn nfeatures(&self) -> usize {
        self.columns
    }
}

/// Builds a [`Csr`] row by row.
#[derive(Clone, Debug)]
pub struct CsrBuilder {
    matrix: Csr,
    row: Vec<(u32, f32)>,
}

impl CsrBuilder {
    /// A matrix with this many columns and no rows yet.
    pub fn new(columns: usize) -> Self {
        Self { matrix: Csr { columns, starts: vec![0], indices: Vec::new(), values: Vec::new() }, row: Vec::new() }
    }

    /// Adds a row; entries may come in any order, those of one column are added up, zeros are left out.
    ///
    /// # Errors
    /// [`ErrorKind::Fit`] for a column that the matrix does not have or a value that is not finite.
    pub fn push_row(&mut self, entries: impl IntoIterator<Item = (u32, f32)>) -> Result<()> {
        self.row.clear();
        self.row.extend(entries);
        self.row.sort_unstable_by_key(|entry| entry.0);
        self.row.dedup_by(|next, kept| {
            let same = next.0 == kept.0;
            if same {
                kept.1 += next.1;
            }
            same
        });
        let number = self.matrix.rows();
        for &(column, value) in &self.row {
            if column as usize >= self.matrix.columns || !value.is_finite() {
                let message = format!("row {number} has {value} in column {column} of {}", self.matrix.columns);
                return Err(Error::new(ErrorKind::Fit, message).help("values must be finite and columns in range"));
            }
        }
        for &(column, value) in self.row.iter().filter(|entry| entry.1 != 0.0) {
            self.matrix.indices.push(column);
            self.matrix.values.push(value);
        }
        self.matrix.starts.push(self.matrix.indices.len());
        Ok(())
    }

    /// The matrix.
    pub fn build(self) -> Csr {
        self.matrix
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn entries_of_one_column_are_added_up(rows in prop::collection::vec(prop::collection::vec((0u32..7, -2f32..2.0), 0..9), 0..9)) {
            let mut builder = CsrBuilder::new(7);
            for row in &rows {
                builder.push_row(row.iter().copied()).unwrap();
            }
            let matrix = builder.build();
            for (r, row) in rows.iter().enumerate() {
                for column in 0..7u32 {
                    let sum: f64 = row.iter().filter(|e| e.0 == column).map(|e| f64::from(e.1)).sum();
                    prop_assert!((matrix.to_dense()[(r, column as usize)] - sum).abs() < 1e-5);
                }
            }
        }
    }

    #[test]
    fn bad_entries_are_refused() {
        let mut builder = CsrBuilder::new(2);
        assert!(builder.push_row([(2, 1.0)]).is_err());
        assert!(builder.push_row([(0, f32::NAN)]).is_err());
        assert_eq!(builder.build().rows(), 0);
    }
}
