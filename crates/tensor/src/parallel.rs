//! How work is cut for threads, in one place.
//!
//! Sums are cut by the problem's size alone, never by the number of threads, and every piece writes memory of its own,
//! so results are the same bits for 1, 2 or 64 threads. (Matrix products are cut by the number of threads, but never
//! within a sum.)

use std::fmt;
use std::num::NonZero;
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::thread::available_parallelism;

use crate::kernels::team::Team;

/// Elements of cheap work (a few operations each) that one piece holds: enough to hide the cost of handing it over.
pub const GRAIN: usize = 32 * 1024;

/// Threads of a team at most: more than that are a mistake, and would take memory for each.
const MOST_THREADS: usize = 4096;

/// `None` until it is needed or set.
static TEAM: RwLock<Option<Arc<Team>>> = RwLock::new(None);

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
/// If they are more than 4,096 or the operating system refuses; the threads are then those of before.
pub fn set_threads(threads: usize) -> Result<(), ThreadsError> {
    let threads = if threads == 0 { available_parallelism().map_or(1, NonZero::get) } else { threads };
    let refused = |reason| ThreadsError { threads, reason };
    if threads > MOST_THREADS {
        return Err(refused(format!("the most are {MOST_THREADS}")));
    }
    let team = Team::new(threads).map_err(|error| refused(error.to_string()))?;
    *TEAM.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(team));
    Ok(())
}

/// The number of threads that kernels use.
pub fn threads() -> usize {
    team().threads()
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
    team().run_pieces(out, size, &f);
}

/// [`for_each_piece`] over two slices cut in step: piece `i` of `a` has `size_a` elements, that of `b` `size_b`.
pub fn for_each_piece2<A: Send, B: Send>(
    (a, size_a): (&mut [A], usize),
    (b, size_b): (&mut [B], usize),
    f: impl Fn(usize, &mut [A], &mut [B]) + Sync,
) {
    team().run_pieces2((a, size_a.max(1)), (b, size_b.max(1)), &f);
}

/// Cuts `0..n` into ranges of `size` and collects `f` of each, in order.
pub fn map_ranges<R: Send>(n: usize, size: usize, f: impl Fn(Range<usize>) -> R + Sync) -> Vec<R> {
    let size = size.max(1);
    let mut results: Vec<Option<R>> = (0..n.div_ceil(size)).map(|_| None).collect();
    for_each_piece(&mut results, 1, |i, result| result[0] = Some(f(i * size..((i + 1) * size).min(n))));
    results.into_iter().map(|result| result.expect("every piece is done")).collect()
}

/// Calls `f` with every task, on all threads.
pub fn for_each_task<W: Send>(tasks: Vec<W>, f: impl Fn(W) + Sync) {
    let tasks: Vec<Mutex<Option<W>>> = tasks.into_iter().map(|task| Mutex::new(Some(task))).collect();
    for_each_index(tasks.len(), |i| {
        let task = tasks[i].lock().unwrap_or_else(PoisonError::into_inner).take();
        f(task.expect("every index comes once"));
    });
}

/// Calls `f` with every index below `n`, on all threads.
pub fn for_each_index(n: usize, f: impl Fn(usize) + Sync) {
    match n {
        0 => {}
        1 => f(0),
        _ => team().run(n, &f),
    }
}

/// Who does the work; the first time one thread for every core, or the caller alone where those cannot be had.
fn team() -> Arc<Team> {
    if let Some(team) = TEAM.read().unwrap_or_else(PoisonError::into_inner).as_ref() {
        return team.clone();
    }
    if set_threads(0).is_err() {
        set_threads(1).expect("a team of the caller alone starts no thread");
    }
    team()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn absurd_numbers_of_threads_are_refused() {
        let error = set_threads(usize::MAX).unwrap_err();
        let message = format!("cannot start {} threads (the most are 4096); ask for fewer", usize::MAX);
        assert_eq!(error.to_string(), message);
    }

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
