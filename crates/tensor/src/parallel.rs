//! How work is cut for threads, in one place.
//!
//! The cut depends on the problem's size alone, never on the number of threads, and every piece writes memory of its
//! own, so results are the same bits for 1, 2 or 64 threads.

use std::fmt;
use std::num::NonZero;
use std::ops::Range;
use std::sync::{Arc, PoisonError, RwLock};
use std::thread::available_parallelism;

use rayon::ThreadPool;
use rayon::prelude::*;

/// Elements of cheap work (a few operations each) that one piece holds: enough to hide the cost of handing it over.
pub const GRAIN: usize = 32 * 1024;

/// `None` until it is needed or set.
static THREADS: RwLock<Option<Threads>> = RwLock::new(None);

/// Who does the work.
#[derive(Clone)]
enum Threads {
    /// The caller alone.
    Caller,
    Pool(Arc<ThreadPool>),
}

/// The operating system did not start the threads asked for.
#[derive(Debug)]
pub struct ThreadsError {
    threads: usize,
    reason: String,
}

impl fmt::Display for ThreadsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot start {} threads ({}); ask for fewer", self.threads, self.reason)
    }
}

impl std::error::Error for ThreadsError {}

/// Sets the number of threads that kernels use. 0 means one for every core; 1 starts none.
///
/// # Errors
/// If the operating system refuses; the threads are then those of before.
pub fn set_threads(threads: usize) -> Result<(), ThreadsError> {
    let threads = if threads == 0 { available_parallelism().map_or(1, NonZero::get) } else { threads };
    let chosen = if threads == 1 {
        Threads::Caller
    } else {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).thread_name(|i| format!("gradus-{i}"));
        Threads::Pool(Arc::new(pool.build().map_err(|error| ThreadsError { threads, reason: error.to_string() })?))
    };
    *THREADS.write().unwrap_or_else(PoisonError::into_inner) = Some(chosen);
    Ok(())
}

/// The number of threads that kernels use.
pub fn threads() -> usize {
    match chosen() {
        Threads::Caller => 1,
        Threads::Pool(pool) => pool.current_num_threads(),
    }
}

/// Cuts `out` into pieces of `size` elements (the last may be shorter) and calls `f` with each piece's position in
/// `out` and the piece, on all threads.
pub fn for_each_piece<T: Send>(out: &mut [T], size: usize, f: impl Fn(usize, &mut [T]) + Sync) {
    let size = size.max(1);
    if out.is_empty() {
        return;
    }
    if out.len() <= size {
        return f(0, out);
    }
    on_pool(
        out,
        |out| out.chunks_mut(size).enumerate().for_each(|(i, piece)| f(i * size, piece)),
        |out| out.par_chunks_mut(size).enumerate().for_each(|(i, piece)| f(i * size, piece)),
    );
}

/// [`for_each_piece`] over two slices cut in step: piece `i` of `a` has `size_a` elements, that of `b` `size_b`.
pub fn for_each_piece2<A: Send, B: Send>(
    (a, size_a): (&mut [A], usize),
    (b, size_b): (&mut [B], usize),
    f: impl Fn(usize, &mut [A], &mut [B]) + Sync,
) {
    on_pool(
        (a, b),
        |(a, b)| a.chunks_mut(size_a).zip(b.chunks_mut(size_b)).enumerate().for_each(|(i, (a, b))| f(i, a, b)),
        |(a, b)| {
            let pieces = a.par_chunks_mut(size_a).zip(b.par_chunks_mut(size_b));
            pieces.enumerate().for_each(|(i, (a, b))| f(i, a, b));
        },
    );
}

/// Cuts `0..n` into ranges of `size` and collects `f` of each, in order.
pub fn map_ranges<R: Send>(n: usize, size: usize, f: impl Fn(Range<usize>) -> R + Sync) -> Vec<R> {
    let size = size.max(1);
    let range = |i: usize| i * size..((i + 1) * size).min(n);
    let count = n.div_ceil(size);
    if count <= 1 {
        return (0..count).map(|i| f(range(i))).collect();
    }
    on_pool(
        (),
        |()| (0..count).map(|i| f(range(i))).collect(),
        |()| (0..count).into_par_iter().map(|i| f(range(i))).collect(),
    )
}

/// Calls `f` with every task, on all threads.
pub fn for_each_task<W: Send>(tasks: Vec<W>, f: impl Fn(W) + Sync) {
    if tasks.len() <= 1 {
        return tasks.into_iter().for_each(f);
    }
    on_pool(tasks, |tasks| tasks.into_iter().for_each(&f), |tasks| tasks.into_par_iter().for_each(&f));
}

/// Calls `f` with every index below `n`, on all threads.
pub fn for_each_index(n: usize, f: impl Fn(usize) + Sync) {
    if n == 1 {
        return f(0);
    }
    on_pool((), |()| (0..n).for_each(&f), |()| (0..n).into_par_iter().for_each(&f));
}

/// Runs `serial` on the caller where there is but one thread, else `parallel` inside the pool.
fn on_pool<W: Send, R: Send>(work: W, serial: impl FnOnce(W) -> R, parallel: impl FnOnce(W) -> R + Send) -> R {
    match chosen() {
        Threads::Caller => serial(work),
        Threads::Pool(pool) => pool.install(|| parallel(work)),
    }
}

/// Who does the work; the first time one thread for every core, or the caller alone where those cannot be had.
fn chosen() -> Threads {
    if let Some(threads) = THREADS.read().unwrap_or_else(PoisonError::into_inner).as_ref() {
        return threads.clone();
    }
    if set_threads(0).is_err() {
        *THREADS.write().unwrap_or_else(PoisonError::into_inner) = Some(Threads::Caller);
    }
    chosen()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_element_is_in_one_piece() {
        for (n, size) in [(0, 4), (1, 4), (4, 4), (5, 4), (1000, 7)] {
            let mut out = vec![0usize; n];
            for_each_piece(&mut out, size, |start, piece| {
                piece.iter_mut().enumerate().for_each(|(i, x)| *x += start + i + 1);
            });
            assert!(out.iter().enumerate().all(|(i, &x)| x == i + 1), "{n} elements in pieces of {size}");
            let ranges = map_ranges(n, size, |range| range);
            assert_eq!(ranges.iter().flat_map(Clone::clone).collect::<Vec<_>>(), (0..n).collect::<Vec<_>>());
        }
    }
}
