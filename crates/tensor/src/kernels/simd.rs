//! Which vector instructions this processor has, found at run time, and one body compiled for each.
//!
//! A [`Kernel`]'s loops are plain Rust. [`dispatch`] runs them inside a function that the compiler may fill with
//! AVX-512 or AVX2 instructions, so that it vectorises them; elsewhere the same body runs as it stands. Only matrix
//! products are written with intrinsics ([`gemm`](super::gemm)).

use std::sync::atomic::{AtomicU8, Ordering};

use crate::element::Float;

/// Sets of vector instructions, each holding those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Level {
    /// What every processor of this architecture has.
    Portable,
    /// AVX2 and FMA: 8 floats.
    Avx2,
    /// AVX-512 F, BW, DQ and VL: 16 floats.
    Avx512,
}

/// Work whose loops are compiled for every set of vector instructions.
pub trait Kernel {
    /// What the work gives.
    type Output;

    /// The loops; every implementation is `#[inline(always)]`, and so is what it calls, or it would be compiled without
    /// the vector instructions.
    fn run<A: Arithmetic>(self) -> Self::Output;
}

/// How a level multiplies and adds.
pub trait Arithmetic: Copy {
    /// `a * b + c`, rounded once where there is an instruction for it.
    fn mul_add<T: Float>(a: T, b: T, c: T) -> T;
}

/// One rounding, by the instruction.
#[derive(Clone, Copy)]
pub(crate) struct Fused;

impl Arithmetic for Fused {
    #[inline(always)]
    fn mul_add<T: Float>(a: T, b: T, c: T) -> T {
        num_traits::Float::mul_add(a, b, c)
    }
}

/// Two roundings: without the instruction, one rounding would cost a function call.
#[derive(Clone, Copy)]
pub(crate) struct Separate;

impl Arithmetic for Separate {
    #[inline(always)]
    fn mul_add<T: Float>(a: T, b: T, c: T) -> T {
        a * b + c
    }
}

/// Runs `kernel` with the best instructions there are.
///
/// ```
/// use gradus_tensor::simd::{Arithmetic, Kernel, dispatch};
///
/// /// `y <- a x + y`.
/// struct Axpy<'a>(f32, &'a [f32], &'a mut [f32]);
///
/// impl Kernel for Axpy<'_> {
///     type Output = ();
///
///     #[inline(always)]
///     fn run<A: Arithmetic>(self) {
///         let Axpy(a, x, y) = self;
///         y.iter_mut().zip(x).for_each(|(y, &x)| *y = A::mul_add(a, x, *y));
///     }
/// }
///
/// let mut y = [1.0; 3];
/// dispatch(Axpy(2.0, &[0.0, 1.0, 2.0], &mut y));
/// assert_eq!(y, [1.0, 3.0, 5.0]);
/// ```
#[inline]
pub fn dispatch<K: Kernel>(kernel: K) -> K::Output {
    match level() {
        // SAFETY: `level` has found the instructions that the function is compiled for.
        #[cfg(target_arch = "x86_64")]
        Level::Avx512 => unsafe { run_avx512(kernel) },
        // SAFETY: as above.
        #[cfg(target_arch = "x86_64")]
        Level::Avx2 => unsafe { run_avx2(kernel) },
        _ if cfg!(target_arch = "aarch64") => kernel.run::<Fused>(),
        _ => kernel.run::<Separate>(),
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx2,fma")]
fn run_avx512<K: Kernel>(kernel: K) -> K::Output {
    kernel.run::<Fused>()
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
fn run_avx2<K: Kernel>(kernel: K) -> K::Output {
    kernel.run::<Fused>()
}

/// The level that [`dispatch`] runs at; found once.
#[inline]
pub(crate) fn level() -> Level {
    /// 0 until it is found, then one more than the level's number.
    static FOUND: AtomicU8 = AtomicU8::new(0);
    match FOUND.load(Ordering::Relaxed) {
        1 => Level::Portable,
        2 => Level::Avx2,
        3 => Level::Avx512,
        _ => {
            let level = detect();
            FOUND.store(level as u8 + 1, Ordering::Relaxed);
            level
        }
    }
}

#[cfg(all(target_arch = "x86_64", not(feature = "portable"), not(miri)))]
fn detect() -> Level {
    let wide = std::is_x86_feature_detected!("avx512f")
        && std::is_x86_feature_detected!("avx512bw")
        && std::is_x86_feature_detected!("avx512dq")
        && std::is_x86_feature_detected!("avx512vl");
    match std::is_x86_feature_detected!("avx2") && std::is_x86_feature_detected!("fma") {
        true if wide => Level::Avx512,
        true => Level::Avx2,
        false => Level::Portable,
    }
}

#[cfg(not(all(target_arch = "x86_64", not(feature = "portable"), not(miri))))]
fn detect() -> Level {
    Level::Portable
}

/// Calls `f` with the body of `$kernel` at every level that this processor has, for tests that compare levels.
#[cfg(test)]
pub(crate) fn at_every_level<K: Kernel + Clone>(kernel: &K, mut f: impl FnMut(Level, K::Output)) {
    f(Level::Portable, kernel.clone().run::<Separate>());
    #[cfg(target_arch = "x86_64")]
    {
        if level() >= Level::Avx2 {
            // SAFETY: the level says that the instructions are there.
            f(Level::Avx2, unsafe { run_avx2(kernel.clone()) });
        }
        if level() >= Level::Avx512 {
            // SAFETY: as above.
            f(Level::Avx512, unsafe { run_avx512(kernel.clone()) });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Clone)]
    struct Dot<'a>(&'a [f32], &'a [f32]);

    impl Kernel for Dot<'_> {
        type Output = f32;

        #[inline(always)]
        fn run<A: Arithmetic>(self) -> f32 {
            let mut lanes = [0.0f32; 16];
            for (a, b) in self.0.as_chunks::<16>().0.iter().zip(self.1.as_chunks::<16>().0) {
                for i in 0..16 {
                    lanes[i] = A::mul_add(a[i], b[i], lanes[i]);
                }
            }
            lanes.iter().sum()
        }
    }

    #[test]
    fn every_level_runs_the_same_body() {
        let x: Vec<f32> = (0..64).map(|i| i as f32).collect();
        let want = x.iter().map(|x| x * x).sum::<f32>();
        at_every_level(&Dot(&x, &x), |level, sum| assert_eq!(sum, want, "{level:?}"));
        assert_eq!(dispatch(Dot(&x, &x)), want);
    }
}
