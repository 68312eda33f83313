//! A register of floats, as the product kernels see it: one implementation a set of vector instructions.
//!
//! Every function is `#[inline(always)]`: it must end up inside a function compiled for the instructions.

#[cfg(target_arch = "x86_64")]
use std::arch::x86_64::{
    __m256, __m256i, __m512, __mmask16, _CMP_NLT_UQ, _cvtu32_mask16, _mm_loadu_ps, _mm256_add_ps, _mm256_and_ps,
    _mm256_castpd_ps, _mm256_castps_pd, _mm256_castps128_ps256, _mm256_cmp_ps, _mm256_cmpgt_epi32, _mm256_fmadd_ps,
    _mm256_insertf128_ps, _mm256_loadu_ps, _mm256_maskload_ps, _mm256_maskstore_ps, _mm256_set1_epi32, _mm256_set1_ps,
    _mm256_setr_epi32, _mm256_setzero_ps, _mm256_storeu_ps, _mm256_unpackhi_pd, _mm256_unpackhi_ps, _mm256_unpacklo_pd,
    _mm256_unpacklo_ps, _mm512_add_ps, _mm512_castpd_ps, _mm512_castps_pd, _mm512_castps128_ps512, _mm512_cmp_ps_mask,
    _mm512_fmadd_ps, _mm512_loadu_ps, _mm512_mask_broadcast_f32x4, _mm512_mask_storeu_ps, _mm512_maskz_loadu_ps,
    _mm512_maskz_mov_ps, _mm512_set1_ps, _mm512_setzero_ps, _mm512_storeu_ps, _mm512_unpackhi_pd, _mm512_unpackhi_ps,
    _mm512_unpacklo_pd, _mm512_unpacklo_ps,
};

/// Lanes of the widest vector.
pub(crate) const MAX_LANES: usize = 16;

/// Where rows of a matrix start.
pub(crate) type Rows = [*const f32; MAX_LANES];

/// `LANES` floats that instructions treat at once.
///
/// # Safety
/// Implementations read and write what the methods' docs say and nothing else.
pub(crate) unsafe trait Vector: Copy {
    /// Floats in one register.
    const LANES: usize;

    /// Which of the lanes, from the first on, a partial load or store touches.
    type Mask: Copy;

    /// The mask of the first `lanes` lanes.
    ///
    /// # Safety
    /// The processor has the instructions, as for every method here.
    unsafe fn mask(lanes: usize) -> Self::Mask;

    /// 0 in every lane.
    ///
    /// # Safety
    /// The processor has the instructions.
    unsafe fn zero() -> Self;

    /// `x` in every lane.
    ///
    /// # Safety
    /// The processor has the instructions.
    unsafe fn splat(x: f32) -> Self;

    /// `LANES` floats from `from` on.
    ///
    /// # Safety
    /// They can be read, and the processor has the instructions.
    unsafe fn load(from: *const f32) -> Self;

    /// The floats of the lanes in `mask`, and 0 in the others.
    ///
    /// # Safety
    /// Those lanes can be read, and the processor has the instructions.
    unsafe fn load_part(from: *const f32, mask: Self::Mask) -> Self;

    /// Writes `LANES` floats from `to` on.
    ///
    /// # Safety
    /// They can be written, and the processor has the instructions.
    unsafe fn store(self, to: *mut f32);

    /// Writes the floats of the lanes in `mask`.
    ///
    /// # Safety
    /// Those lanes can be written, and the processor has the instructions.
    unsafe fn store_part(self, to: *mut f32, mask: Self::Mask);

    /// `self * b + c`.
    ///
    /// # Safety
    /// The processor has the instructions.
    unsafe fn mul_add(self, b: Self, c: Self) -> Self;

    /// `self + b`.
    ///
    /// # Safety
    /// The processor has the instructions.
    unsafe fn add(self, b: Self) -> Self;

    /// 0 where `self < 0`; NaN stays NaN.
    ///
    /// # Safety
    /// The processor has the instructions.
    unsafe fn relu(self) -> Self;

    /// Four columns of `LANES` rows: lane `r` of vector `c` is `rows[r][at + c]`.
    ///
    /// # Safety
    /// Four floats can be read at `at` from each of the first `LANES` rows, and the processor has the instructions.
    unsafe fn load_columns(rows: &Rows, at: usize) -> [Self; 4];
}

/// Writes an implementation whose methods are single intrinsics.
#[cfg(target_arch = "x86_64")]
macro_rules! vector {
    ($vector:ty, $lanes:literal, $mask:ty, |$n:ident| $make_mask:expr,
     $zero:ident, $splat:ident, $load:ident, $store:ident,
     |$from:ident, $lm:ident| $load_part:expr, |$to:ident, $sm:ident, $value:ident| $store_part:expr,
     $fma:ident, $add:ident, |$x:ident| $relu:expr, $load_columns:ident) => {
        // SAFETY: each method is one or two intrinsics that touch what the method's docs say.
        unsafe impl Vector for $vector {
            const LANES: usize = $lanes;
            type Mask = $mask;

            #[inline(always)]
            unsafe fn mask($n: usize) -> Self::Mask {
                // SAFETY: the caller says that the instructions are there; so below.
                unsafe { $make_mask }
            }

            #[inline(always)]
            unsafe fn zero() -> Self {
                // SAFETY: as above.
                unsafe { $zero() }
            }

            #[inline(always)]
            unsafe fn splat(x: f32) -> Self {
                // SAFETY: as above.
                unsafe { $splat(x) }
            }

            #[inline(always)]
            unsafe fn load(from: *const f32) -> Self {
                // SAFETY: as above, and the caller says that the floats can be read.
                unsafe { $load(from) }
            }

            #[inline(always)]
            unsafe fn load_part($from: *const f32, $lm: Self::Mask) -> Self {
                // SAFETY: as above; lanes outside the mask are not read.
                unsafe { $load_part }
            }

            #[inline(always)]
            unsafe fn store(self, to: *mut f32) {
                // SAFETY: as above, and the caller says that the floats can be written.
                unsafe { $store(to, self) }
            }

            #[inline(always)]
            unsafe fn store_part(self, $to: *mut f32, $sm: Self::Mask) {
                let $value = self;
                // SAFETY: as above; lanes outside the mask are not written.
                unsafe { $store_part }
            }

            #[inline(always)]
            unsafe fn mul_add(self, b: Self, c: Self) -> Self {
                // SAFETY: the caller says that the instructions are there.
                unsafe { $fma(self, b, c) }
            }

            #[inline(always)]
            unsafe fn add(self, b: Self) -> Self {
                // SAFETY: as above.
                unsafe { $add(self, b) }
            }

            #[inline(always)]
            unsafe fn relu(self) -> Self {
                let $x = self;
                // SAFETY: as above.
                unsafe { $relu }
            }

            #[inline(always)]
            unsafe fn load_columns(rows: &Rows, at: usize) -> [Self; 4] {
                // SAFETY: as above, and the caller says that four floats can be read from each row.
                unsafe { $load_columns(rows, at) }
            }
        }
    };
}

#[cfg(target_arch = "x86_64")]
vector!(
    __m512,
    16,
    __mmask16,
    |n| _cvtu32_mask16((1u32 << n) - 1),
    _mm512_setzero_ps,
    _mm512_set1_ps,
    _mm512_loadu_ps,
    _mm512_storeu_ps,
    |from, mask| _mm512_maskz_loadu_ps(mask, from),
    |to, mask, value| _mm512_mask_storeu_ps(to, mask, value),
    _mm512_fmadd_ps,
    _mm512_add_ps,
    |x| _mm512_maskz_mov_ps(_mm512_cmp_ps_mask::<_CMP_NLT_UQ>(x, _mm512_setzero_ps()), x),
    columns_avx512
);

#[cfg(target_arch = "x86_64")]
vector!(
    __m256,
    8,
    __m256i,
    |n| _mm256_cmpgt_epi32(_mm256_set1_epi32(n as i32), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7)),
    _mm256_setzero_ps,
    _mm256_set1_ps,
    _mm256_loadu_ps,
    _mm256_storeu_ps,
    |from, mask| _mm256_maskload_ps(from, mask),
    |to, mask, value| _mm256_maskstore_ps(to, mask, value),
    _mm256_fmadd_ps,
    _mm256_add_ps,
    |x| _mm256_and_ps(_mm256_cmp_ps::<_CMP_NLT_UQ>(x, _mm256_setzero_ps()), x),
    columns_avx2
);

/// # Safety
/// As for [`Vector::load_columns`].
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx2,fma")]
#[inline]
unsafe fn columns_avx512(rows: &Rows, at: usize) -> [__m512; 4] {
    // Rows q, 4 + q, 8 + q and 12 + q in the quarters of one register, by masked loads alone.
    let quarters = |q: usize| {
        // SAFETY: the caller says that four floats can be read at `at` of each row.
        unsafe {
            let x = _mm512_castps128_ps512(_mm_loadu_ps(rows[q].add(at)));
            let x = _mm512_mask_broadcast_f32x4(x, 0x00f0, _mm_loadu_ps(rows[4 + q].add(at)));
            let x = _mm512_mask_broadcast_f32x4(x, 0x0f00, _mm_loadu_ps(rows[8 + q].add(at)));
            _mm512_mask_broadcast_f32x4(x, 0xf000, _mm_loadu_ps(rows[12 + q].add(at)))
        }
    };
    let [a, b, c, d] = [quarters(0), quarters(1), quarters(2), quarters(3)];
    let (ab, cd) = (_mm512_castps_pd(_mm512_unpacklo_ps(a, b)), _mm512_castps_pd(_mm512_unpacklo_ps(c, d)));
    let (ef, gh) = (_mm512_castps_pd(_mm512_unpackhi_ps(a, b)), _mm512_castps_pd(_mm512_unpackhi_ps(c, d)));
    [
        _mm512_castpd_ps(_mm512_unpacklo_pd(ab, cd)),
        _mm512_castpd_ps(_mm512_unpackhi_pd(ab, cd)),
        _mm512_castpd_ps(_mm512_unpacklo_pd(ef, gh)),
        _mm512_castpd_ps(_mm512_unpackhi_pd(ef, gh)),
    ]
}

/// # Safety
/// As for [`Vector::load_columns`].
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
#[inline]
unsafe fn columns_avx2(rows: &Rows, at: usize) -> [__m256; 4] {
    // Rows q and 4 + q in the halves of one register.
    let halves = |q: usize| {
        // SAFETY: the caller says that four floats can be read at `at` of each row.
        unsafe {
            let x = _mm256_castps128_ps256(_mm_loadu_ps(rows[q].add(at)));
            _mm256_insertf128_ps::<1>(x, _mm_loadu_ps(rows[4 + q].add(at)))
        }
    };
    let [a, b, c, d] = [halves(0), halves(1), halves(2), halves(3)];
    let (ab, cd) = (_mm256_castps_pd(_mm256_unpacklo_ps(a, b)), _mm256_castps_pd(_mm256_unpacklo_ps(c, d)));
    let (ef, gh) = (_mm256_castps_pd(_mm256_unpackhi_ps(a, b)), _mm256_castps_pd(_mm256_unpackhi_ps(c, d)));
    [
        _mm256_castpd_ps(_mm256_unpacklo_pd(ab, cd)),
        _mm256_castpd_ps(_mm256_unpackhi_pd(ab, cd)),
        _mm256_castpd_ps(_mm256_unpacklo_pd(ef, gh)),
        _mm256_castpd_ps(_mm256_unpackhi_pd(ef, gh)),
    ]
}

/// Four floats in plain Rust, for processors whose instructions we do not write for.
#[derive(Clone, Copy)]
pub(crate) struct Plain([f32; 4]);

// SAFETY: each method touches what the method's docs say.
unsafe impl Vector for Plain {
    const LANES: usize = 4;
    type Mask = usize;

    #[inline(always)]
    unsafe fn mask(lanes: usize) -> usize {
        lanes
    }

    #[inline(always)]
    unsafe fn zero() -> Self {
        Self([0.0; 4])
    }

    #[inline(always)]
    unsafe fn splat(x: f32) -> Self {
        Self([x; 4])
    }

    #[inline(always)]
    unsafe fn load(from: *const f32) -> Self {
        // SAFETY: the caller says that four floats can be read; an array of floats needs no more alignment than one.
        Self(unsafe { from.cast::<[f32; 4]>().read() })
    }

    #[inline(always)]
    unsafe fn load_part(from: *const f32, lanes: usize) -> Self {
        // SAFETY: the caller says that `lanes` floats can be read.
        Self(std::array::from_fn(|i| if i < lanes { unsafe { *from.add(i) } } else { 0.0 }))
    }

    #[inline(always)]
    unsafe fn store(self, to: *mut f32) {
        // SAFETY: the caller says that four floats can be written.
        unsafe { to.cast::<[f32; 4]>().write(self.0) }
    }

    #[inline(always)]
    unsafe fn store_part(self, to: *mut f32, lanes: usize) {
        for (i, x) in self.0.into_iter().enumerate().take(lanes) {
            // SAFETY: the caller says that `lanes` floats can be written.
            unsafe { *to.add(i) = x }
        }
    }

    #[inline(always)]
    unsafe fn mul_add(self, b: Self, c: Self) -> Self {
        Self(std::array::from_fn(|i| match cfg!(target_arch = "aarch64") {
            true => self.0[i].mul_add(b.0[i], c.0[i]),
            false => self.0[i] * b.0[i] + c.0[i],
        }))
    }

    #[inline(always)]
    unsafe fn add(self, b: Self) -> Self {
        Self(std::array::from_fn(|i| self.0[i] + b.0[i]))
    }

    #[inline(always)]
    unsafe fn relu(self) -> Self {
        Self(self.0.map(|x| if x < 0.0 { 0.0 } else { x }))
    }

    #[inline(always)]
    unsafe fn load_columns(rows: &Rows, at: usize) -> [Self; 4] {
        // SAFETY: the caller says that four floats can be read at `at` of each row.
        std::array::from_fn(|c| Self(std::array::from_fn(|r| unsafe { *rows[r].add(at + c) })))
    }
}
