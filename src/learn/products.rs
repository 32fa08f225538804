//! A sparse row times a dense matrix: the inner loops of the solver.

use crate::learn::sparse::Csr;

/// Numbers that one vector register holds.
pub(super) const LANES: usize = 4;

/// Sums that grow side by side: an addition need not wait for the one before it.
const WAYS: usize = 4;

/// Adds `Σ x · source[index·K ..]` over the stored values of a row: a row times a dense matrix.
pub(super) fn add_row(matrix: &Csr, row: usize, source: &[f64], out: &mut [f64]) {
    match out {
        // One and three are our cases: the sums stay in registers.
        [a] => *a += exact::<1>(matrix, row, source)[0],
        [a, b, c] => {
            let sum = exact::<3>(matrix, row, source);
            (*a, *b, *c) = (*a + sum[0], *b + sum[1], *c + sum[2]);
        }
        _ => {
            let k = out.len();
            for (index, x) in matrix.row(row) {
                let at = index as usize * k;
                out.iter_mut().zip(&source[at..at + k]).for_each(|(o, s)| *o += f64::from(x) * s);
            }
        }
    }
}

fn exact<const K: usize>(matrix: &Csr, row: usize, source: &[f64]) -> [f64; K] {
    let (source, _) = source.as_chunks::<K>();
    let mut sums = [[0.0; K]; 2];
    for (way, (index, x)) in matrix.row(row).enumerate() {
        let (from, x) = (&source[index as usize], f64::from(x));
        let sum = &mut sums[way % 2];
        for lane in 0..K {
            sum[lane] += x * from[lane];
        }
    }
    std::array::from_fn(|lane| sums[0][lane] + sums[1][lane])
}

/// L numbers in `f32`: those given, then zeros.
pub(super) fn lanes<const L: usize>(numbers: &[f64]) -> [f32; L] {
    std::array::from_fn(|lane| numbers.get(lane).map_or(0.0, |number| *number as f32))
}

/// A row of a dense matrix and the same row of a product, side by side: what a sparse row reads it adds to a moment later,
/// while both are at hand.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cell<const L: usize> {
    pub factor: [f32; L],
    pub product: [f32; L],
}

/// `Σ x · factor[index]` over the stored values of a row.
pub(super) fn gather<const L: usize>(matrix: &Csr, row: usize, cells: &[Cell<L>]) -> [f32; L] {
    let (indices, values) = matrix.stored_in(row);
    let mut sums = [[0.0; L]; WAYS];
    let (quads, last) = indices.as_chunks::<WAYS>();
    let (factors, last_factors) = values.as_chunks::<WAYS>();
    for (indices, values) in quads.iter().zip(factors) {
        for way in 0..WAYS {
            let from = &cells[indices[way] as usize].factor;
            for lane in 0..L {
                sums[way][lane] += values[way] * from[lane];
            }
        }
    }
    for (index, x) in last.iter().zip(last_factors) {
        let from = &cells[*index as usize].factor;
        for lane in 0..L {
            sums[0][lane] += x * from[lane];
        }
    }
    std::array::from_fn(|lane| sums.iter().map(|sum| sum[lane]).sum())
}

/// Adds `x · numbers` to `product[index]` for the stored values of a row.
pub(super) fn scatter<const L: usize>(matrix: &Csr, row: usize, numbers: [f32; L], cells: &mut [Cell<L>]) {
    let (indices, values) = matrix.stored_in(row);
    for (index, x) in indices.iter().zip(values) {
        let product = &mut cells[*index as usize].product;
        for lane in 0..L {
            product[lane] += x * numbers[lane];
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::learn::sparse::CsrBuilder;

    fn cells<const L: usize>(source: &[f64], k: usize) -> Vec<Cell<L>> {
        source.chunks(k).map(|row| Cell { factor: lanes(row), product: [0.0; L] }).collect()
    }

    proptest! {
        #[test]
        fn all_are_the_dense_product(
            row in prop::collection::vec((0u32..600, -2f32..2.0), 0..700),
            source in prop::collection::vec(-3f64..3.0, 3_000),
        ) {
            let mut builder = CsrBuilder::new(600);
            builder.push_row(row).unwrap();
            let matrix = builder.build();
            let dense = matrix.to_dense();
            for k in [1, 2, 3, 5] {
                let source = &source[..600 * k];
                let oracle = |lane: usize| (0..600).map(|j| dense[(0, j)] * source[k * j + lane]).sum::<f64>();
                let mut sums = vec![0.0; k];
                add_row(&matrix, 0, source, &mut sums);
                for lane in 0..k {
                    prop_assert!((sums[lane] - oracle(lane)).abs() < 1e-9);
                    if k <= LANES {
                        let sums = gather(&matrix, 0, &cells::<LANES>(source, k));
                        prop_assert!((f64::from(sums[lane]) - oracle(lane)).abs() < 1e-2);
                        prop_assert!(sums[k..].iter().all(|sum| *sum == 0.0));
                    }
                }
            }
            let single = &source[..600];
            let [sum] = gather(&matrix, 0, &cells::<1>(single, 1));
            prop_assert_eq!(sum, gather(&matrix, 0, &cells::<LANES>(single, 1))[0]);
            let mut cells = cells::<1>(single, 1);
            scatter(&matrix, 0, [2.0], &mut cells);
            for (j, cell) in cells.iter().enumerate() {
                prop_assert_eq!(f64::from(cell.product[0]), 2.0 * dense[(0, j)]);
            }
        }
    }
}
