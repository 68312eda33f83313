//! A team of threads that share out the pieces of one job at a time: the caller and its workers.
//!
//! A job must cost about a microsecond to hand over, or a step of a small model would be all waiting. So workers watch
//! for the next job for a while before they sleep, a job is a borrowed closure and nothing is allocated, and the caller
//! takes pieces too and waits only for workers that have begun: one that the system has not woken yet is not waited
//! for.

use std::any::Any;
use std::cell::UnsafeCell;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, TryLockError};
use std::thread::{self, JoinHandle, Thread};
use std::time::{Duration, Instant};

use super::shared_slice::SharedSlice;

/// How long a worker watches for the next job before it sleeps: longer than the pauses inside a training step.
const WATCH: Duration = Duration::from_micros(200);

/// The workers of one pool of threads. Dropping the team ends them.
pub(crate) struct Team {
    board: Arc<Board>,
    workers: Vec<Worker>,
    /// Held by the caller whose job is running.
    busy: Mutex<()>,
}

struct Worker {
    thread: Thread,
    handle: Option<JoinHandle<()>>,
}

/// What the caller and the workers share: the job, and who is at it.
struct Board {
    /// The number of jobs so far, whether the last is open to workers, and how many are inside: see [`State`].
    state: AtomicU64,
    job: UnsafeCell<Job>,
    /// For each member of the team, the next piece of its own part.
    next: Box<[Padded<AtomicUsize>]>,
    /// For each worker, whether it sleeps or is about to.
    asleep: Box<[AtomicBool]>,
    panic: Mutex<Option<Box<dyn Any + Send>>>,
    ended: AtomicBool,
}

/// Keeps what different threads write on different cache lines.
#[repr(align(128))]
#[derive(Default)]
struct Padded<T>(T);

/// A closure without its lifetime and type.
#[derive(Clone, Copy)]
struct Job {
    call: unsafe fn(*const (), usize),
    closure: *const (),
    pieces: usize,
}

// SAFETY: `job` is written only by the caller that holds `busy`, while the state is closed and nobody is inside; it is
// read only inside. Everything else is atomic or locked. The closure behind the job is `Sync`.
unsafe impl Sync for Board {}
// SAFETY: the pointer in `job` is used only while the closure it points to is borrowed by `Team::run`.
unsafe impl Send for Board {}

/// The parts of [`Board::state`].
struct State;

impl State {
    /// Set while workers may enter.
    const OPEN: u64 = 1 << 32;
    /// Added with every job.
    const JOB: u64 = 1 << 33;

    /// The number of workers inside.
    fn inside(state: u64) -> u64 {
        state & (Self::OPEN - 1)
    }

    /// Which job it is, where one is open.
    fn open_job(state: u64) -> Option<u64> {
        (state & Self::OPEN != 0).then_some(state / Self::JOB)
    }
}

impl Team {
    /// A team of `threads` members, the caller among them.
    ///
    /// # Errors
    /// If the system starts no more threads.
    pub(crate) fn new(threads: usize) -> std::io::Result<Self> {
        let board = Arc::new(Board {
            state: AtomicU64::new(0),
            job: UnsafeCell::new(Job { call: |_, _| (), closure: std::ptr::null(), pieces: 0 }),
            next: (0..threads.max(1)).map(|_| Padded::default()).collect(),
            asleep: (1..threads).map(|_| AtomicBool::new(false)).collect(),
            panic: Mutex::new(None),
            ended: AtomicBool::new(false),
        });
        let mut team = Self { board, workers: Vec::new(), busy: Mutex::new(()) };
        for member in 1..threads {
            let board = team.board.clone();
            let handle = thread::Builder::new().name(format!("gradus-{member}")).spawn(move || board.serve(member))?;
            team.workers.push(Worker { thread: handle.thread().clone(), handle: Some(handle) });
        }
        Ok(team)
    }

    /// The number of members.
    pub(crate) fn threads(&self) -> usize {
        self.board.next.len()
    }

    /// Calls `f` with every number below `pieces`, each once, on all threads, and returns when all are done.
    ///
    /// A job inside a job, or beside one of another thread, runs on its caller alone.
    pub(crate) fn run<F: Fn(usize) + Sync>(&self, pieces: usize, f: &F) {
        let free = match self.busy.try_lock() {
            Ok(busy) => Some(busy),
            // A piece of an earlier job panicked on its caller, when all workers had left that job.
            Err(TryLockError::Poisoned(busy)) => Some(busy.into_inner()),
            Err(TryLockError::WouldBlock) => None,
        };
        let Some(busy) = free.filter(|_| pieces > 1 && !self.workers.is_empty()) else {
            return (0..pieces).for_each(f);
        };
        // SAFETY: `closure` is made of `f` below, a live `&F`.
        let call = |closure: *const (), piece: usize| unsafe { (*closure.cast::<F>())(piece) };
        self.open(Job { call, closure: std::ptr::from_ref(f).cast(), pieces });
        // Also when a piece panics here, since the workers use `f` until they have left.
        let closed = Close(&self.board);
        self.board.work(0);
        drop(closed);
        drop(busy);
        let panic = self.board.panic.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(panic) = panic {
            resume_unwind(panic);
        }
    }

    /// Cuts `out` into pieces of `size` elements (the last may be shorter) and calls `f` with each piece's position in
    /// `out` and the piece.
    pub(crate) fn run_pieces<T: Send>(&self, out: &mut [T], size: usize, f: &(impl Fn(usize, &mut [T]) + Sync)) {
        let out = SharedSlice::new(out);
        // SAFETY: `run` gives each index once.
        self.run(out.len().div_ceil(size), &|i| f(i * size, unsafe { piece(&out, i, size) }));
    }

    /// The same over two slices cut in step, as far as both reach; `f` is given the piece's number.
    pub(crate) fn run_pieces2<A: Send, B: Send>(
        &self,
        (a, size_a): (&mut [A], usize),
        (b, size_b): (&mut [B], usize),
        f: &(impl Fn(usize, &mut [A], &mut [B]) + Sync),
    ) {
        let pieces = a.len().div_ceil(size_a).min(b.len().div_ceil(size_b));
        let (a, b) = (SharedSlice::new(a), SharedSlice::new(b));
        // SAFETY: `run` gives each index once.
        self.run(pieces, &|i| f(i, unsafe { piece(&a, i, size_a) }, unsafe { piece(&b, i, size_b) }));
    }

    fn open(&self, job: Job) {
        let board = &*self.board;
        // SAFETY: the last job is closed and all have left it (`Close`), so nobody reads; `busy` keeps other callers
        // out.
        unsafe { *board.job.get() = job };
        for (member, next) in board.next.iter().enumerate() {
            next.0.store(board.part(member, job.pieces).start, Ordering::Relaxed);
        }
        // Sequentially consistent with `asleep`: either this load sees that a worker is about to sleep, or the worker's
        // last look sees the job.
        let state = board.state.load(Ordering::Relaxed);
        board.state.store(state.wrapping_add(State::JOB) | State::OPEN, Ordering::SeqCst);
        for (worker, asleep) in self.workers.iter().zip(&board.asleep) {
            if asleep.load(Ordering::SeqCst) {
                worker.thread.unpark();
            }
        }
    }
}

impl Drop for Team {
    fn drop(&mut self) {
        self.board.ended.store(true, Ordering::SeqCst);
        for worker in &mut self.workers {
            worker.thread.unpark();
            // A worker catches the panics of pieces and has none of its own.
            let _ = worker.handle.take().map(JoinHandle::join);
        }
    }
}

/// Piece `index` of `slice` cut into pieces of `size` elements; the last may be shorter.
///
/// # Safety
/// Each index is asked for once as long as pieces are in use.
#[expect(clippy::mut_from_ref, reason = "each piece is handed out once, by the caller's promise")]
unsafe fn piece<'a, T>(slice: &'a SharedSlice<'_, T>, index: usize, size: usize) -> &'a mut [T] {
    let start = index * size;
    // SAFETY: pieces do not overlap, and nobody else is given this one.
    unsafe { slice.part_mut(start..slice.len().min(start + size)) }
}

/// Closes the job and waits until every worker has left it.
struct Close<'a>(&'a Board);

impl Drop for Close<'_> {
    fn drop(&mut self) {
        let panicking = thread::panicking();
        if panicking {
            self.0.abandon();
        }
        self.0.state.fetch_and(!State::OPEN, Ordering::AcqRel);
        let mut looks = 0u32;
        while State::inside(self.0.state.load(Ordering::Acquire)) > 0 {
            looks += 1;
            // With more threads than cores the worker may need this core to finish.
            if looks.is_multiple_of(256) { thread::yield_now() } else { std::hint::spin_loop() }
        }
        if panicking {
            // One panic is enough; another must not come up in the next job.
            *self.0.panic.lock().unwrap_or_else(PoisonError::into_inner) = None;
        }
    }
}

impl Board {
    /// A worker's life.
    fn serve(&self, member: usize) {
        let mut last = 0;
        while let Some(job) = self.wait_for_job(member, last) {
            last = job;
            if let Err(panic) = catch_unwind(AssertUnwindSafe(|| self.work(member))) {
                self.abandon();
                self.panic.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(panic);
            }
            self.state.fetch_sub(1, Ordering::Release);
        }
    }

    /// Waits for a job after `last` and enters it; `None` when the team ends.
    fn wait_for_job(&self, member: usize, last: u64) -> Option<u64> {
        let asleep = &self.asleep[member - 1];
        let mut since = None;
        let mut looks = 0u32;
        loop {
            if let Some(job) = self.enter(last) {
                return Some(job);
            }
            if self.ended.load(Ordering::Relaxed) {
                return None;
            }
            looks += 1;
            if !looks.is_multiple_of(64) {
                std::hint::spin_loop();
                continue;
            }
            if since.get_or_insert_with(Instant::now).elapsed() < WATCH {
                continue;
            }
            asleep.store(true, Ordering::SeqCst);
            let state = self.state.load(Ordering::SeqCst);
            if State::open_job(state).is_none_or(|job| job == last) && !self.ended.load(Ordering::SeqCst) {
                thread::park();
            }
            asleep.store(false, Ordering::SeqCst);
            since = None;
        }
    }

    /// Enters the open job unless it is `last`.
    fn enter(&self, last: u64) -> Option<u64> {
        let state = self.state.load(Ordering::Acquire);
        let job = State::open_job(state).filter(|&job| job != last)?;
        self.state.compare_exchange(state, state + 1, Ordering::AcqRel, Ordering::Relaxed).ok().map(|_| job)
    }

    /// Does the pieces of `member`'s own part, then what others have left of theirs. A member has the same part of
    /// every job of one size, so that it finds in its cache what it wrote there before.
    fn work(&self, member: usize) {
        // SAFETY: the caller of `run`, or a worker that has entered: the job stands until all have left.
        let job = unsafe { *self.job.get() };
        let members = self.next.len();
        for other in (0..members).map(|i| (member + i) % members) {
            let end = self.part(other, job.pieces).end;
            loop {
                let piece = self.next[other].0.fetch_add(1, Ordering::Relaxed);
                if piece >= end {
                    break;
                }
                // SAFETY: `run` made `call` for the closure's type and keeps the closure alive until all have left.
                unsafe { (job.call)(job.closure, piece) };
            }
        }
    }

    /// The pieces that `member` begins with.
    fn part(&self, member: usize, pieces: usize) -> Range<usize> {
        let members = self.next.len();
        member * pieces / members..(member + 1) * pieces / members
    }

    /// Leaves the pieces that nobody has begun undone.
    fn abandon(&self) {
        self.next.iter().for_each(|next| next.0.store(usize::MAX / 2, Ordering::Relaxed));
    }
}

#[cfg(test)]
mod tests;
