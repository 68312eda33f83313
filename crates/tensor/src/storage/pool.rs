//! Freed memory kept for the next tensor of about the same size, so that a steady training step takes no memory from
//! the system and touches no fresh page.
//!
//! Blocks come in size classes, eight to a doubling, each with a list of idle blocks. A block of 2 MiB or more starts
//! on a 2 MiB boundary and asks Linux for huge pages. Memory of a new block is zeroed once, so that every block always
//! holds initialised bytes.

use std::alloc::{Layout, alloc_zeroed, dealloc, handle_alloc_error};
use std::ptr::NonNull;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// A cache line, and the width of the widest vector register.
pub(super) const ALIGNMENT: usize = 64;

/// The size of a huge page on the processors we know.
const HUGE_PAGE: usize = 2 << 20;

/// Size classes in each doubling.
const STEPS: usize = 8;

/// Enough classes for `isize::MAX` bytes.
const CLASSES: usize = STEPS * 60;

/// Idle blocks of each class.
static IDLE: [Mutex<Vec<Block>>; CLASSES] = [const { Mutex::new(Vec::new()) }; CLASSES];

static LIMIT: AtomicUsize = AtomicUsize::new(4 << 30);
static IDLE_BYTES: AtomicUsize = AtomicUsize::new(0);
/// Taken from the system and not given back: idle, or held by tensors. So that what tensors hold needs no counter of
/// its own, which each of them would change twice.
static TAKEN_BYTES: AtomicUsize = AtomicUsize::new(0);
static PEAK_BYTES: AtomicUsize = AtomicUsize::new(0);
static REUSED: AtomicUsize = AtomicUsize::new(0);
static ALLOCATED: AtomicUsize = AtomicUsize::new(0);

/// What tensor memory there is, and where it came from; read by [`usage`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Usage {
    /// Bytes that tensors hold now.
    pub used: usize,
    /// The largest that `used` has been.
    pub peak: usize,
    /// Bytes kept for coming tensors.
    pub idle: usize,
    /// Tensors so far whose memory was kept memory.
    pub reused: usize,
    /// Tensors so far whose memory was taken from the system.
    pub allocated: usize,
}

/// What tensor memory there is now.
///
/// ```
/// use gradus_tensor::{Tensor, memory};
///
/// drop(Tensor::<f32>::zeros([1000]));
/// let before = memory::usage();
/// let again = Tensor::<f32>::ones([1000]);
/// assert!(memory::usage().reused > before.reused, "the memory of the first is used again");
/// # drop(again);
/// ```
pub fn usage() -> Usage {
    let read = |counter: &AtomicUsize| counter.load(Ordering::Relaxed);
    Usage {
        used: used_bytes(read(&IDLE_BYTES)),
        peak: read(&PEAK_BYTES),
        idle: read(&IDLE_BYTES),
        reused: read(&REUSED),
        allocated: read(&ALLOCATED),
    }
}

/// What tensors hold, while this much is idle. Between the counters' changes it may be less than the truth.
fn used_bytes(idle: usize) -> usize {
    TAKEN_BYTES.load(Ordering::Relaxed).saturating_sub(idle)
}

/// Sets how many idle bytes are kept (at first 4 GiB) and gives the rest back to the system. 0 keeps none: every
/// tensor's memory then comes from the system and goes back to it.
pub fn set_limit(bytes: usize) {
    LIMIT.store(bytes, Ordering::Relaxed);
    if IDLE_BYTES.load(Ordering::Relaxed) > bytes {
        release();
    }
}

/// Gives all idle memory back to the system.
pub fn release() {
    for (class, list) in IDLE.iter().enumerate() {
        for block in std::mem::take(&mut *lock(list)) {
            block.free();
            IDLE_BYTES.fetch_sub(class_size(class), Ordering::Relaxed);
        }
    }
}

/// Memory of one size class, all of it initialised.
pub(super) struct Block {
    start: NonNull<u8>,
    class: usize,
}

// SAFETY: a block owns its memory, as a `Vec` does.
unsafe impl Send for Block {}

impl Block {
    /// A block of at least `bytes` bytes, whose contents are whatever they are.
    pub(super) fn take(bytes: usize) -> Self {
        let class = class_of(bytes);
        let size = class_size(class);
        // In a statement of its own, so that the lock is gone before memory is asked for.
        let kept = lock(&IDLE[class]).pop();
        if let Some(block) = kept {
            let idle = IDLE_BYTES.fetch_sub(size, Ordering::Relaxed) - size;
            note_peak(used_bytes(idle));
            REUSED.fetch_add(1, Ordering::Relaxed);
            return block;
        }
        ALLOCATED.fetch_add(1, Ordering::Relaxed);
        let block = Self::allocate(class);
        note_peak(used_bytes(IDLE_BYTES.load(Ordering::Relaxed)));
        block
    }

    /// Keeps the block for the next of its class. Where that would pass the limit, what is idle makes room first: it is
    /// of sizes that are not asked for now.
    pub(super) fn give_back(self) {
        let size = class_size(self.class);
        let limit = LIMIT.load(Ordering::Relaxed);
        if size > limit {
            return self.free();
        }
        if IDLE_BYTES.fetch_add(size, Ordering::Relaxed) + size > limit {
            release();
        }
        lock(&IDLE[self.class]).push(self);
    }

    pub(super) fn start(&self) -> NonNull<u8> {
        self.start
    }

    fn allocate(class: usize) -> Self {
        let layout = layout(class);
        // SAFETY: no class has size zero.
        let start = unsafe { allocate_zeroed(layout) };
        let Some(start) = NonNull::new(start) else { handle_alloc_error(layout) };
        TAKEN_BYTES.fetch_add(layout.size(), Ordering::Relaxed);
        Self { start, class }
    }

    fn free(self) {
        // SAFETY: `start` came from `allocate` with this same layout; `self` is consumed, so it is freed once.
        unsafe { dealloc(self.start.as_ptr(), layout(self.class)) };
        TAKEN_BYTES.fetch_sub(class_size(self.class), Ordering::Relaxed);
    }
}

/// Zeroed memory; in huge pages where it is large and Linux grants them.
///
/// # Safety
/// The layout's size is not zero.
#[cfg(all(target_os = "linux", not(miri)))]
unsafe fn allocate_zeroed(layout: Layout) -> *mut u8 {
    if layout.align() < HUGE_PAGE {
        // SAFETY: the caller's promise.
        return unsafe { alloc_zeroed(layout) };
    }
    // SAFETY: the caller's promise.
    let start = unsafe { std::alloc::alloc(layout) };
    if !start.is_null() {
        // Before the first touch, which decides the size of pages. It is advice: a refusal costs only time.
        // SAFETY: the range was allocated just above, and advice changes no contents.
        let _ = unsafe { libc::madvise(start.cast(), layout.size(), libc::MADV_HUGEPAGE) };
        // SAFETY: as above, the range is ours.
        unsafe { start.write_bytes(0, layout.size()) };
    }
    start
}

/// Zeroed memory.
///
/// # Safety
/// The layout's size is not zero.
#[cfg(not(all(target_os = "linux", not(miri))))]
unsafe fn allocate_zeroed(layout: Layout) -> *mut u8 {
    // SAFETY: the caller's promise.
    unsafe { alloc_zeroed(layout) }
}

/// The class of blocks for `bytes`: in units of the alignment, 1 to 8 and then eight steps to each doubling.
fn class_of(bytes: usize) -> usize {
    let last = bytes.div_ceil(ALIGNMENT).max(1) - 1;
    if last < STEPS {
        return last;
    }
    let doubling = last.ilog2() as usize - STEPS.ilog2() as usize;
    doubling * STEPS + (last >> doubling)
}

/// The bytes of the blocks of `class`: the most for which [`class_of`] gives it.
fn class_size(class: usize) -> usize {
    if class < STEPS {
        return (class + 1) * ALIGNMENT;
    }
    let doubling = class / STEPS - 1;
    ((class % STEPS + STEPS + 1) << doubling) * ALIGNMENT
}

fn layout(class: usize) -> Layout {
    let size = class_size(class);
    let alignment = if size >= HUGE_PAGE { HUGE_PAGE } else { ALIGNMENT };
    Layout::from_size_align(size, alignment)
        .unwrap_or_else(|_| panic!("a tensor of {size} bytes is larger than memory"))
}

fn note_peak(used: usize) {
    // Read first: a steady step makes no new peak, and a write takes the cache line from the other threads.
    if used > PEAK_BYTES.load(Ordering::Relaxed) {
        PEAK_BYTES.fetch_max(used, Ordering::Relaxed);
    }
}

fn lock(list: &Mutex<Vec<Block>>) -> MutexGuard<'_, Vec<Block>> {
    // A push or pop that panicked left the list whole.
    list.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_class_is_the_smallest_that_holds_the_bytes() {
        let sizes = (1..5000).chain((12..40).flat_map(|bit| [-1i64, 0, 1].map(|d| ((1i64 << bit) + d) as usize)));
        for bytes in sizes {
            let class = class_of(bytes);
            assert!(class_size(class) >= bytes, "{bytes} bytes in class {class} of {}", class_size(class));
            assert!(class == 0 || class_size(class - 1) < bytes, "{bytes} bytes fit the class before {class}");
            assert!(bytes < 512 || class_size(class) - bytes <= bytes / STEPS + ALIGNMENT, "{bytes} bytes waste more");
        }
    }
}
