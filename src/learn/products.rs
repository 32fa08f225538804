//! A sparse row times a dense matrix: the inner loops of the solver.

use crate::learn::sparse::Csr;

/// Adds `Σ x · source[index·K ..]` over the stored values of a row: a row times a dense matrix.
pub(super) fn add_row(matrix: &Csr, row: usize, source: &[f64], out: &mut [f64]) {
    if let [a, b, c] = out {
        // Three classes is our case: the sums stay in registers.
        let mut sum = [*a, *b, *c];
        for (index, x) in matrix.row(row) {
            let at = index as usize * 3;
            if let [p, q, r] = source[at..at + 3] {
                let x = f64::from(x);
                sum[0] += x * p;
                sum[1] += x * q;
                sum[2] += x * r;
            }
        }
        [*a, *b, *c] = sum;
        return;
    }
    let k = out.len();
    for (index, x) in matrix.row(row) {
        let at = index as usize * k;
        out.iter_mut().zip(&source[at..at + k]).for_each(|(o, s)| *o += f64::from(x) * s);
    }
}

/// Numbers that one vector register holds.
pub(super) const LANES: usize = 4;

/// Terms that are summed in `f32` before the sum is put aside: few enough for its precision.
const RUN: usize = 256;

/// A matrix of up to four columns in `f32`, each row as wide as a register.
pub(super) fn pack(matrix: &[f64], columns: usize) -> Vec<[f32; LANES]> {
    let packed = |row: &[f64]| std::array::from_fn(|lane| row.get(lane).map_or(0.0, |value| *value as f32));
    matrix.chunks(columns).map(packed).collect()
}

/// `Σ x · source[index]` over the stored values of a row.
pub(super) fn sum_row(matrix: &Csr, row: usize, source: &[[f32; LANES]]) -> [f32; LANES] {
    let mut total = [0.0; LANES];
    let mut values = matrix.row(row);
    while values.len() > 0 {
        let mut sum = [0.0; LANES];
        for (index, x) in values.by_ref().take(RUN) {
            let from = &source[index as usize];
            for lane in 0..LANES {
                sum[lane] += x * from[lane];
            }
        }
        for lane in 0..LANES {
            total[lane] += sum[lane];
        }
    }
    total
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::learn::sparse::CsrBuilder;

    proptest! {
        #[test]
        fn both_are_the_dense_product(
            row in prop::collection::vec((0u32..9, -2f32..2.0), 0..9),
            source in prop::collection::vec(-3f64..3.0, 27),
        ) {
            let mut builder = CsrBuilder::new(9);
            builder.push_row(row).unwrap();
            let matrix = builder.build();
            let dense = matrix.to_dense();
            let oracle = |k: usize| (0..9).map(|j| dense[(0, j)] * source[3 * j + k]).sum::<f64>();
            let mut sums = [0.0; 3];
            add_row(&matrix, 0, &source, &mut sums);
            let lanes = sum_row(&matrix, 0, &pack(&source, 3));
            for k in 0..3 {
                prop_assert!((sums[k] - oracle(k)).abs() < 1e-9);
                prop_assert!((f64::from(lanes[k]) - oracle(k)).abs() < 1e-4);
            }
            prop_assert_eq!(lanes[3], 0.0);
        }
    }
}
