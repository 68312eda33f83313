//! Where the time of training goes, by operation.
//!
//! One stopwatch a thread, which is read where an operation has been computed or its gradient has: the time since the
//! last reading is that operation's, with whatever the caller did before it. So no operation knows of it, and a reading
//! costs some 50 ns; while the stopwatch is off, a look at one flag of the thread.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::time::{Duration, Instant};

/// The part of a training step that time goes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Part {
    /// Computing a value.
    Forward,
    /// Computing a gradient.
    Backward,
    /// Everything around them: data, optimizer, trackers.
    Around,
}

/// The time of one operation in one part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The operation, or what else was done.
    pub name: &'static str,
    /// When it was done.
    pub part: Part,
    /// How many times.
    pub calls: u64,
    /// How long, all calls together.
    pub time: Duration,
}

/// What a running stopwatch has seen.
struct Stopwatch {
    last: Instant,
    times: HashMap<(Part, &'static str), (u64, Duration)>,
}

thread_local! {
    static RUNNING: Cell<bool> = const { Cell::new(false) };
    static IN_BACKWARD: Cell<bool> = const { Cell::new(false) };
    static STOPWATCH: RefCell<Option<Stopwatch>> = const { RefCell::new(None) };
}

/// Starts this thread's stopwatch anew.
///
/// ```
/// use gradus_autograd::{Var, profile};
/// use gradus_tensor::Tensor;
///
/// let x = Var::new(Tensor::<f32>::ones([2, 3])).requires_grad_();
/// profile::start();
/// x.exp().sum().backward()?;
/// let entries = profile::stop();
/// assert!(entries.iter().any(|entry| entry.name == "exp" && entry.part == profile::Part::Backward));
/// # Ok::<(), gradus_autograd::AutogradError>(())
/// ```
pub fn start() {
    STOPWATCH.set(Some(Stopwatch { last: Instant::now(), times: HashMap::new() }));
    RUNNING.set(true);
}

/// Stops this thread's stopwatch and gives what it has seen, the longest first; nothing where it was not running.
pub fn stop() -> Vec<Entry> {
    RUNNING.set(false);
    let times = STOPWATCH.take().map(|stopwatch| stopwatch.times).unwrap_or_default();
    let entry = |((part, name), (calls, time))| Entry { name, part, calls, time };
    let mut entries: Vec<Entry> = times.into_iter().map(entry).collect();
    entries.sort_by(|a, b| b.time.cmp(&a.time).then(a.name.cmp(b.name)));
    entries
}

/// Counts the time since the last reading as that of `name`; does nothing while the stopwatch is off. A training loop
/// calls it after what it does around the model.
#[inline]
pub fn lap(part: Part, name: &'static str) {
    if RUNNING.get() {
        read(part, name);
    }
}

/// Whether this thread's stopwatch runs.
#[inline]
pub(crate) fn is_running() -> bool {
    RUNNING.get()
}

/// A value has been computed by the operation `name`. What a gradient is composed of counts as the gradient's.
#[inline]
pub(crate) fn computed(name: &'static str) {
    if RUNNING.get() && !IN_BACKWARD.get() {
        read(Part::Forward, name);
    }
}

/// Runs a backward pass, whose operations are read by [`lap`] with [`Part::Backward`].
pub(crate) fn in_backward<R>(f: impl FnOnce() -> R) -> R {
    /// Also when a rule panics.
    struct Restore(bool);
    impl Drop for Restore {
        fn drop(&mut self) {
            IN_BACKWARD.set(self.0);
        }
    }
    let _restore = Restore(IN_BACKWARD.replace(true));
    f()
}

#[cold]
fn read(part: Part, name: &'static str) {
    STOPWATCH.with_borrow_mut(|stopwatch| {
        let Some(stopwatch) = stopwatch else { return };
        let now = Instant::now();
        let (calls, time) = stopwatch.times.entry((part, name)).or_default();
        *calls += 1;
        *time += now - stopwatch.last;
        stopwatch.last = now;
    });
}

#[cfg(test)]
mod tests {
    use gradus_tensor::Tensor;

    use super::*;
    use crate::Var;

    #[test]
    fn every_operation_counts_forward_and_backward_once() {
        let x = Var::new(Tensor::<f64>::ones([2, 3])).requires_grad_();
        let step = || (&x.exp() * &x).sum().backward().unwrap();
        step();
        assert_eq!(stop(), [], "nothing is kept while it is off");
        start();
        let begun = Instant::now();
        step();
        let elapsed = begun.elapsed();
        lap(Part::Around, "rest");
        let entries = stop();
        let calls = |name, part| entries.iter().find(|e| (e.name, e.part) == (name, part)).map(|e| e.calls);
        for name in ["exp", "mul", "sum_dims"] {
            assert_eq!(calls(name, Part::Forward), Some(1), "{name}");
            assert_eq!(calls(name, Part::Backward), Some(1), "{name}");
        }
        assert_eq!(calls("rest", Part::Around), Some(1));
        assert!(entries.iter().map(|entry| entry.time).sum::<Duration>() >= elapsed, "no time is left out");
    }
}
