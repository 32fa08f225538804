//! A sparse row times a dense matrix: the inner loops of the solver.

use std::ops::{Add, Mul};

use crate::learn::sparse::Csr;

/// Numbers that one vector register holds.
pub(super) const LANES: usize = 4;

/// Sums that grow side by side: an addition need not wait for the one before it.
const WAYS: usize = 4;

/// Adds `Σ x · source[index·K ..]` over the stored values of a row: a row times a dense matrix.
pub(super) fn add_row(matrix: &Csr, row: usize, source: &[f64], out: &mut [f64]) {
    let k = out.len();
    for (index, x) in matrix.row(row) {
        let at = index as usize * k;
        out.iter_mut().zip(&source[at..at + k]).for_each(|(o, s)| *o += f64::from(x) * s);
    }
}

/// Adds a function of x times `numbers` to `out[index·K ..]` for the stored values of a row.
pub(super) fn add_to_rows(matrix: &Csr, row: usize, numbers: &[f64], out: &mut [f64], of: impl Fn(f64) -> f64) {
    let k = numbers.len();
    for (index, x) in matrix.row(row) {
        let (at, x) = (index as usize * k, of(f64::from(x)));
        out[at..at + k].iter_mut().zip(numbers).for_each(|(o, number)| *o += x * number);
    }
}

/// Begins where a cache line begins; as `[Line; 0]` in a struct of that size, none of them lies across two.
#[derive(Clone, Copy, Debug)]
#[repr(align(64))]
pub(super) struct Line;

/// The same for half a cache line.
#[derive(Clone, Copy, Debug)]
#[repr(align(32))]
pub(super) struct HalfLine;

/// The weights of a column and, side by side with them, what the rows add to its slopes and curvatures: what a sparse row
/// reads it adds to a moment later, while both are at hand.
#[derive(Clone, Copy, Debug)]
pub(super) struct Slot<const K: usize, A> {
    _alignment: [A; 0],
    weights: [f64; K],
    pub slopes: [f64; K],
    pub curvatures: [f32; K],
}

impl<const K: usize, A> Slot<K, A> {
    pub(super) fn at(weights: [f64; K]) -> Self {
        Self { _alignment: [], weights, slopes: [0.0; K], curvatures: [0.0; K] }
    }
}

/// `Σ x · weights[index]` over the stored values of a row.
pub(super) fn gather_exact<const K: usize, A>(matrix: &Csr, row: usize, slots: &[Slot<K, A>]) -> [f64; K] {
    let (indices, values) = matrix.stored_in(row);
    let (pairs, last) = indices.as_chunks::<2>();
    let (factors, last_factor) = values.as_chunks::<2>();
    let mut sums = [[0.0; K]; 2];
    for (indices, values) in pairs.iter().zip(factors) {
        for way in 0..2 {
            sums[way] = plus(sums[way], f64::from(values[way]), &slots[indices[way] as usize].weights);
        }
    }
    for (index, x) in last.iter().zip(last_factor) {
        sums[0] = plus(sums[0], f64::from(*x), &slots[*index as usize].weights);
    }
    plus(sums[0], 1.0, &sums[1])
}

/// Adds `x · slope` and `x² · curvature` to the columns of the stored values of a row.
pub(super) fn scatter_exact<const K: usize, A>(
    matrix: &Csr,
    row: usize,
    slope: [f64; K],
    curvature: [f32; K],
    slots: &mut [Slot<K, A>],
) {
    for (index, x) in matrix.row(row) {
        let slot = &mut slots[index as usize];
        slot.slopes = plus(slot.slopes, f64::from(x), &slope);
        slot.curvatures = plus(slot.curvatures, x * x, &curvature);
    }
}

/// L numbers in `f32`: those given, then zeros.
pub(super) fn lanes<const L: usize>(numbers: &[f64]) -> [f32; L] {
    std::array::from_fn(|lane| numbers.get(lane).map_or(0.0, |number| *number as f32))
}

/// A row of a dense matrix and the same row of a product, side by side.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cell<const L: usize, A> {
    _alignment: [A; 0],
    factor: [f32; L],
    pub product: [f32; L],
}

impl<const L: usize, A> Cell<L, A> {
    pub(super) fn of(factor: [f32; L]) -> Self {
        Self { _alignment: [], factor, product: [0.0; L] }
    }
}

/// `Σ x · factor[index]` over the stored values of a row.
pub(super) fn gather<const L: usize, A>(matrix: &Csr, row: usize, cells: &[Cell<L, A>]) -> [f32; L] {
    let (indices, values) = matrix.stored_in(row);
    let mut sums = [[0.0; L]; WAYS];
    let (quads, last) = indices.as_chunks::<WAYS>();
    let (factors, last_factors) = values.as_chunks::<WAYS>();
    for (indices, values) in quads.iter().zip(factors) {
        for way in 0..WAYS {
            sums[way] = plus(sums[way], values[way], &cells[indices[way] as usize].factor);
        }
    }
    for (index, x) in last.iter().zip(last_factors) {
        sums[0] = plus(sums[0], *x, &cells[*index as usize].factor);
    }
    std::array::from_fn(|lane| sums.iter().map(|sum| sum[lane]).sum())
}

/// `sum + x · numbers`.
#[inline(always)]
fn plus<T, const L: usize>(sum: [T; L], x: T, numbers: &[T; L]) -> [T; L]
where
    T: Copy + Add<Output = T> + Mul<Output = T>,
{
    std::array::from_fn(|lane| sum[lane] + x * numbers[lane])
}

/// Adds `x · numbers` to `product[index]` for the stored values of a row.
pub(super) fn scatter<const L: usize, A>(matrix: &Csr, row: usize, numbers: [f32; L], cells: &mut [Cell<L, A>]) {
    let (indices, values) = matrix.stored_in(row);
    for (index, x) in indices.iter().zip(values) {
        let product = &mut cells[*index as usize].product;
        *product = plus(*product, *x, &numbers);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::learn::sparse::CsrBuilder;

    fn cells<const L: usize>(source: &[f64], k: usize) -> Vec<Cell<L, HalfLine>> {
        source.chunks(k).map(|row| Cell::of(lanes(row))).collect()
    }

    #[test]
    fn no_cell_lies_across_two_cache_lines() {
        assert_eq!((size_of::<Cell<LANES, HalfLine>>(), align_of::<Cell<LANES, HalfLine>>()), (32, 32));
        assert_eq!((size_of::<Slot<3, Line>>(), align_of::<Slot<3, Line>>()), (64, 64));
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
