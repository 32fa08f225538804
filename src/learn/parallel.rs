//! The one place that knows of threads. Work is cut into fixed chunks, so results do not depend on their number.

/// Applies `work` to chunks of `items`, on all cores with the feature `parallel`; results come in the items' order.
pub(crate) fn map_chunks<T: Sync, R: Send>(items: &[T], chunk: usize, work: impl Fn(&[T]) -> R + Sync) -> Vec<R> {
    #[cfg(feature = "parallel")]
    {
        use rayon::prelude::*;
        items.par_chunks(chunk.max(1)).map(&work).collect()
    }
    #[cfg(not(feature = "parallel"))]
    items.chunks(chunk.max(1)).map(&work).collect()
}

/// Does tasks that are large and independent of each other; results come in their order.
pub(crate) fn map_tasks<R: Send>(tasks: usize, work: impl Fn(usize) -> R + Sync) -> Vec<R> {
    #[cfg(feature = "parallel")]
    {
        use rayon::prelude::*;
        (0..tasks).into_par_iter().with_max_len(1).map(&work).collect()
    }
    #[cfg(not(feature = "parallel"))]
    (0..tasks).map(work).collect()
}

/// Fills `out` chunk by chunk: `work` gets the index of the chunk's first element and the chunk. The results of the
/// chunks come back in order.
pub(crate) fn fill_chunks<T: Send, R: Send>(
    out: &mut [T],
    chunk: usize,
    work: impl Fn(usize, &mut [T]) -> R + Sync,
) -> Vec<R> {
    let chunk = chunk.max(1);
    #[cfg(feature = "parallel")]
    {
        use rayon::prelude::*;
        out.par_chunks_mut(chunk).enumerate().map(|(i, part)| work(i * chunk, part)).collect()
    }
    #[cfg(not(feature = "parallel"))]
    out.chunks_mut(chunk).enumerate().map(|(i, part)| work(i * chunk, part)).collect()
}

/// Does two things that are large and independent of each other.
pub(crate) fn both<A: Send, B: Send>(one: impl FnOnce() -> A + Send, other: impl FnOnce() -> B + Send) -> (A, B) {
    #[cfg(feature = "parallel")]
    {
        rayon::join(one, other)
    }
    #[cfg(not(feature = "parallel"))]
    (one(), other())
}
