//! The machine's two roofs, and what it costs to start all threads.

use std::hint::black_box;

use gradus_benches::measure;
use gradus_tensor::random::Generator;
use gradus_tensor::simd::{Arithmetic, Kernel, dispatch};
use gradus_tensor::{Tensor, parallel};

/// Seconds for each measurement; the best round counts.
const SECONDS: f64 = 0.5;

const LANES: usize = 16;

/// Independent sums of [`LANES`] each. A multiply-add takes 4 cycles and two can start in each, so 8 vectors at least
/// must be under way.
const SUMS: usize = 12;

/// Multiply-adds of each sum in one call.
const REPEATS: usize = 1 << 14;

/// `REPEATS` multiply-adds in `SUMS * LANES` independent chains, all in registers.
struct Chains {
    factor: f32,
    addend: f32,
}

impl Kernel for Chains {
    type Output = f32;

    #[inline(always)]
    fn run<A: Arithmetic>(self) -> f32 {
        let Chains { factor, addend } = self;
        // A variable each: the compiler keeps the sums of one array in memory.
        let [mut a, mut b, mut c, mut d, mut e, mut f, mut g, mut h, mut i, mut j, mut k, mut l] =
            [[0.0f32; LANES]; SUMS];
        for _ in 0..REPEATS {
            step::<A>(&mut a, factor, addend);
            step::<A>(&mut b, factor, addend);
            step::<A>(&mut c, factor, addend);
            step::<A>(&mut d, factor, addend);
            step::<A>(&mut e, factor, addend);
            step::<A>(&mut f, factor, addend);
            step::<A>(&mut g, factor, addend);
            step::<A>(&mut h, factor, addend);
            step::<A>(&mut i, factor, addend);
            step::<A>(&mut j, factor, addend);
            step::<A>(&mut k, factor, addend);
            step::<A>(&mut l, factor, addend);
        }
        [a, b, c, d, e, f, g, h, i, j, k, l].iter().flatten().sum()
    }
}

#[inline(always)]
fn step<A: Arithmetic>(sum: &mut [f32; LANES], factor: f32, addend: f32) {
    for lane in sum {
        *lane = A::mul_add(*lane, factor, addend);
    }
}

/// Multiplications and additions a second of `threads` threads together.
pub(crate) fn peak(threads: usize) -> f64 {
    const PIECES: usize = 16;
    let work = |_| {
        for _ in 0..PIECES {
            black_box(dispatch(Chains { factor: black_box(0.5), addend: black_box(1.0) }));
        }
    };
    let timing = measure(SECONDS, || if threads == 1 { work(0) } else { parallel::for_each_index(threads, work) });
    (threads * PIECES * REPEATS * SUMS * LANES * 2) as f64 / timing.min.as_secs_f64()
}

/// Bytes a second, read and written, of scaling 256 MiB in place on all threads.
pub(crate) fn bandwidth() -> f64 {
    let mut x: Tensor = Generator::new(0, 0).normal([64 << 20], 0.0, 1.0);
    let bytes = 2 * 4 * x.numel();
    let timing = measure(2.0 * SECONDS, || black_box(&mut x).map_in_place(|x| x * 0.999));
    bytes as f64 / timing.min.as_secs_f64()
}

/// Seconds that a job with one piece for each of `threads` threads takes beyond one piece by itself, pieces being long
/// enough (some 5 us) that none is done by another's thread: the median of many jobs, one after the other.
pub(crate) fn fork_join(threads: usize) -> f64 {
    const JOBS: usize = 1000;
    let piece = |i: usize| (0..10_000).for_each(|step| _ = black_box(i + step));
    let each = |job: &dyn Fn()| measure(SECONDS, || (0..JOBS).for_each(|_| job())).median.as_secs_f64() / JOBS as f64;
    let alone = each(&|| piece(0));
    each(&|| parallel::for_each_index(threads, piece)) - alone
}
