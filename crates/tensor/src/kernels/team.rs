//! A team of threads that share out the pieces of one job at a time: the caller and its workers.
//!
//! A job must cost about a microsecond to hand over, or a step of a small model would be all waiting. So workers watch
//! for the next job for a while before they sleep, a job is a borrowed closure and nothing is allocated, and the caller
//! takes pieces too and waits only for workers that have begun: one that the system has not woken yet is not waited
//! for.

use std::any::Any;
use std::cell::UnsafeCell;
use std::marker::PhantomData;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, TryLockError};
use std::thread::{self, JoinHandle, Thread};
use std::time::{Duration, Instant};

/// How long a worker watches for the next job before it sleeps: longer than the pauses inside a training step.
const WATCH: Duration = Duration::from_micros(200);

/// The workers of one pool of threads. Dropping the team ends them.
pub(crate) struct Team {
    shared: Arc<Shared>,
    workers: Vec<Worker>,
    /// Held by the caller whose job is running.
    busy: Mutex<()>,
}

struct Worker {
    thread: Thread,
    handle: Option<JoinHandle<()>>,
}

/// What the caller and the workers share.
struct Shared {
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
unsafe impl Sync for Shared {}
// SAFETY: the pointer in `job` is used only while the closure it points to is borrowed by `Team::run`.
unsafe impl Send for Shared {}

/// The parts of [`Shared::state`].
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
        let shared = Arc::new(Shared {
            state: AtomicU64::new(0),
            job: UnsafeCell::new(Job { call: |_, _| (), closure: std::ptr::null(), pieces: 0 }),
            next: (0..threads.max(1)).map(|_| Padded::default()).collect(),
            asleep: (1..threads).map(|_| AtomicBool::new(false)).collect(),
            panic: Mutex::new(None),
            ended: AtomicBool::new(false),
        });
        let mut team = Self { shared, workers: Vec::new(), busy: Mutex::new(()) };
        for member in 1..threads {
            let shared = team.shared.clone();
            let handle = thread::Builder::new().name(format!("gradus-{member}")).spawn(move || shared.serve(member))?;
            team.workers.push(Worker { thread: handle.thread().clone(), handle: Some(handle) });
        }
        Ok(team)
    }

    /// The number of members.
    pub(crate) fn threads(&self) -> usize {
        self.shared.next.len()
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
        let closed = Close(&self.shared);
        self.shared.work(0);
        drop(closed);
        drop(busy);
        let panic = self.shared.panic.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(panic) = panic {
            resume_unwind(panic);
        }
    }

    /// Cuts `out` into pieces of `size` elements (the last may be shorter) and calls `f` with each piece's position in
    /// `out` and the piece.
    pub(crate) fn run_pieces<T: Send>(&self, out: &mut [T], size: usize, f: &(impl Fn(usize, &mut [T]) + Sync)) {
        let out = Cut::new(out, size);
        // SAFETY: `run` gives each index once.
        self.run(out.pieces(), &|i| f(i * size, unsafe { out.piece(i) }));
    }

    /// The same over two slices cut in step, as far as both reach; `f` is given the piece's number.
    pub(crate) fn run_pieces2<A: Send, B: Send>(
        &self,
        (a, size_a): (&mut [A], usize),
        (b, size_b): (&mut [B], usize),
        f: &(impl Fn(usize, &mut [A], &mut [B]) + Sync),
    ) {
        let (a, b) = (Cut::new(a, size_a), Cut::new(b, size_b));
        // SAFETY: `run` gives each index once.
        self.run(a.pieces().min(b.pieces()), &|i| f(i, unsafe { a.piece(i) }, unsafe { b.piece(i) }));
    }

    fn open(&self, job: Job) {
        let shared = &*self.shared;
        // SAFETY: the last job is closed and all have left it (`Close`), so nobody reads; `busy` keeps other callers
        // out.
        unsafe { *shared.job.get() = job };
        for (member, next) in shared.next.iter().enumerate() {
            next.0.store(shared.part(member, job.pieces).start, Ordering::Relaxed);
        }
        // Sequentially consistent with `asleep`: either this load sees that a worker is about to sleep, or the worker's
        // last look sees the job.
        let state = shared.state.load(Ordering::Relaxed);
        shared.state.store(state.wrapping_add(State::JOB) | State::OPEN, Ordering::SeqCst);
        for (worker, asleep) in self.workers.iter().zip(&shared.asleep) {
            if asleep.load(Ordering::SeqCst) {
                worker.thread.unpark();
            }
        }
    }
}

impl Drop for Team {
    fn drop(&mut self) {
        self.shared.ended.store(true, Ordering::SeqCst);
        for worker in &mut self.workers {
            worker.thread.unpark();
            // A worker catches the panics of pieces and has none of its own.
            let _ = worker.handle.take().map(JoinHandle::join);
        }
    }
}

/// Closes the job and waits until every worker has left it.
struct Close<'a>(&'a Shared);

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

impl Shared {
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

/// A slice cut into pieces that threads write at the same time, each its own.
struct Cut<'a, T> {
    start: *mut T,
    len: usize,
    size: usize,
    borrow: PhantomData<&'a mut [T]>,
}

// SAFETY: a piece is a `&mut [T]` to memory that no other piece has, which may go to another thread where `T` may.
unsafe impl<T: Send> Sync for Cut<'_, T> {}

impl<'a, T> Cut<'a, T> {
    /// `slice` in pieces of `size` elements; the last may be shorter.
    fn new(slice: &'a mut [T], size: usize) -> Self {
        assert!(size > 0, "a piece has at least one element");
        Self { start: slice.as_mut_ptr(), len: slice.len(), size, borrow: PhantomData }
    }

    /// The number of pieces.
    fn pieces(&self) -> usize {
        self.len.div_ceil(self.size)
    }

    /// Piece `index`.
    ///
    /// # Safety
    /// Each index is asked for once as long as pieces are in use.
    #[expect(clippy::mut_from_ref, reason = "each piece is handed out once, by the caller's promise")]
    unsafe fn piece(&self, index: usize) -> &mut [T] {
        let start = index * self.size;
        assert!(start < self.len, "piece {index} of {}", self.pieces());
        // SAFETY: the range lies inside the slice that `new` borrowed for `'a`, and no other piece overlaps it.
        unsafe { std::slice::from_raw_parts_mut(self.start.add(start), self.size.min(self.len - start)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_piece_is_done_once_by_any_team() {
        for threads in [1, 2, 3, 8] {
            let team = Team::new(threads).unwrap();
            for pieces in [0, 1, 2, 7, 100] {
                let counts: Vec<AtomicUsize> = (0..pieces).map(|_| AtomicUsize::new(0)).collect();
                for round in 1..=100 {
                    team.run(pieces, &|piece| {
                        counts[piece].fetch_add(1, Ordering::Relaxed);
                    });
                    assert!(counts.iter().all(|count| count.load(Ordering::Relaxed) == round), "{threads}, {pieces}");
                }
            }
        }
    }

    #[test]
    fn sleeping_workers_wake_and_a_job_inside_a_job_runs() {
        let team = Team::new(3).unwrap();
        let count = AtomicUsize::new(0);
        for _ in 0..3 {
            thread::sleep(WATCH * 5);
            team.run(4, &|_| team.run(5, &|_| _ = count.fetch_add(1, Ordering::Relaxed)));
        }
        assert_eq!(count.into_inner(), 3 * 20);
    }

    #[test]
    fn callers_of_many_threads_share_a_team() {
        let team = Team::new(2).unwrap();
        let count = AtomicUsize::new(0);
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..200 {
                        team.run(3, &|_| _ = count.fetch_add(1, Ordering::Relaxed));
                    }
                });
            }
        });
        assert_eq!(count.into_inner(), 4 * 200 * 3);
    }

    #[test]
    fn a_panic_in_any_piece_reaches_the_caller_and_the_team_goes_on() {
        let team = Team::new(2).unwrap();
        for bad in 0..8 {
            let run = || team.run(8, &|piece| assert!(piece != bad, "piece {piece} on purpose"));
            let panic = catch_unwind(AssertUnwindSafe(run)).unwrap_err();
            let message = panic.downcast_ref::<String>().expect("a message");
            assert_eq!(message, &format!("piece {bad} on purpose"));
        }
        let every = || team.run(8, &|piece| panic!("piece {piece} on purpose"));
        assert!(catch_unwind(AssertUnwindSafe(every)).is_err());
        // Both threads still work: two pieces meet.
        let (here, deadline) = (AtomicUsize::new(0), Instant::now() + Duration::from_secs(10));
        team.run(2, &|_| {
            here.fetch_add(1, Ordering::SeqCst);
            while here.load(Ordering::SeqCst) < 2 && Instant::now() < deadline {
                thread::yield_now();
            }
        });
        assert!(Instant::now() < deadline, "the pieces ran one after the other");
    }

    #[test]
    fn pieces_cover_the_slices() {
        let team = Team::new(3).unwrap();
        let (mut a, mut b) = ([0; 10], [0; 5]);
        team.run_pieces(&mut a, 4, &|position, piece| piece.fill(position));
        assert_eq!(a, [0, 0, 0, 0, 4, 4, 4, 4, 8, 8]);
        team.run_pieces2((&mut a, 4), (&mut b, 2), &|number, a, b| {
            a.fill(number);
            b.fill(number);
        });
        assert_eq!((a, b), ([0, 0, 0, 0, 1, 1, 1, 1, 2, 2], [0, 0, 1, 1, 2]));
    }
}
