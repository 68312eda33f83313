//! One output element from the input elements at the same place.
//!
//! Every loop runs through [`simd::dispatch`]: a function that is plain arithmetic and selects becomes vector
//! instructions. A function that wants fused multiply-adds or the functions of [`math`](super::math) is a [`Unary`] or
//! a [`Binary`]; any other is a closure.

use super::simd::{self, Arithmetic, Kernel};
use crate::parallel::{GRAIN, for_each_piece, rows_per_piece};

/// A function of one element. Implementations are `#[inline(always)]`.
pub(crate) trait Unary<X, O>: Sync {
    fn apply<A: Arithmetic>(&self, x: X) -> O;
}

/// A function of two elements. Implementations are `#[inline(always)]`.
pub(crate) trait Binary<X, Y, O>: Sync {
    fn apply<A: Arithmetic>(&self, x: X, y: Y) -> O;
}

/// A closure that needs no [`Arithmetic`].
struct Plain<F>(F);

impl<X, O, F: Fn(X) -> O + Sync> Unary<X, O> for Plain<F> {
    #[inline(always)]
    fn apply<A: Arithmetic>(&self, x: X) -> O {
        (self.0)(x)
    }
}

impl<X, Y, O, F: Fn(X, Y) -> O + Sync> Binary<X, Y, O> for Plain<F> {
    #[inline(always)]
    fn apply<A: Arithmetic>(&self, x: X, y: Y) -> O {
        (self.0)(x, y)
    }
}

/// `out[i] = f(x[i])`.
pub(crate) fn map<X: Copy + Sync, O: Send>(out: &mut [O], x: &[X], f: impl Fn(X) -> O + Sync) {
    map_by(out, x, &Plain(f));
}

/// [`map`] by a [`Unary`].
pub(crate) fn map_by<X: Copy + Sync, O: Send>(out: &mut [O], x: &[X], f: &impl Unary<X, O>) {
    for_each_piece(out, GRAIN, |start, out| simd::dispatch(Map { x: &x[start..start + out.len()], out, f }));
}

/// `x[i] = f(x[i])`.
pub(crate) fn map_in_place<X: Copy + Send>(x: &mut [X], f: impl Fn(X) -> X + Sync) {
    let f = Plain(f);
    for_each_piece(x, GRAIN, |_, x| simd::dispatch(MapInPlace { x, f: &f }));
}

/// `out[i] = f(a[i], b[i])`.
pub(crate) fn zip<X: Copy + Sync, Y: Copy + Sync, O: Send>(
    out: &mut [O],
    a: &[X],
    b: &[Y],
    f: impl Fn(X, Y) -> O + Sync,
) {
    zip_by(out, a, b, &Plain(f));
}

/// [`zip`] by a [`Binary`].
pub(crate) fn zip_by<X: Copy + Sync, Y: Copy + Sync, O: Send>(
    out: &mut [O],
    a: &[X],
    b: &[Y],
    f: &impl Binary<X, Y, O>,
) {
    for_each_piece(out, GRAIN, |start, out| {
        let range = start..start + out.len();
        simd::dispatch(Zip { a: &a[range.clone()], b: &b[range], out, f });
    });
}

/// `a[i] = f(a[i], b[i])`.
pub(crate) fn zip_in_place<X: Copy + Send, Y: Copy + Sync>(a: &mut [X], b: &[Y], f: impl Fn(X, Y) -> X + Sync) {
    let f = Plain(f);
    for_each_piece(a, GRAIN, |start, a| simd::dispatch(ZipInPlace { b: &b[start..start + a.len()], a, f: &f }));
}

/// `out[r, i] = f(a[r, i], row[i])`: one row against every row of a matrix.
pub(crate) fn zip_row<X: Copy + Sync, Y: Copy + Sync, O: Send>(
    out: &mut [O],
    a: &[X],
    row: &[Y],
    f: impl Fn(X, Y) -> O + Sync,
) {
    let f = Plain(f);
    let width = row.len();
    for_each_piece(out, rows_per_piece(width) * width, |start, out| {
        simd::dispatch(ZipRow { a: &a[start..start + out.len()], row, out, f: &f });
    });
}

/// `out[i] = f(a[i], b[i], c[i])`.
pub(crate) fn zip3<X: Copy + Sync, Y: Copy + Sync, Z: Copy + Sync, O: Send>(
    out: &mut [O],
    (a, b, c): (&[X], &[Y], &[Z]),
    f: impl Fn(X, Y, Z) -> O + Sync,
) {
    for_each_piece(out, GRAIN, |start, out| {
        let range = start..start + out.len();
        simd::dispatch(Zip3 { a: &a[range.clone()], b: &b[range.clone()], c: &c[range], out, f: &f });
    });
}

struct Map<'a, X, O, F> {
    out: &'a mut [O],
    x: &'a [X],
    f: &'a F,
}

impl<X: Copy, O, F: Unary<X, O>> Kernel for Map<'_, X, O, F> {
    type Output = ();

    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        for (out, &x) in self.out.iter_mut().zip(self.x) {
            *out = self.f.apply::<A>(x);
        }
    }
}

struct MapInPlace<'a, X, F> {
    x: &'a mut [X],
    f: &'a F,
}

impl<X: Copy, F: Unary<X, X>> Kernel for MapInPlace<'_, X, F> {
    type Output = ();

    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        for x in self.x {
            *x = self.f.apply::<A>(*x);
        }
    }
}

struct Zip<'a, X, Y, O, F> {
    out: &'a mut [O],
    a: &'a [X],
    b: &'a [Y],
    f: &'a F,
}

impl<X: Copy, Y: Copy, O, F: Binary<X, Y, O>> Kernel for Zip<'_, X, Y, O, F> {
    type Output = ();

    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        for ((out, &a), &b) in self.out.iter_mut().zip(self.a).zip(self.b) {
            *out = self.f.apply::<A>(a, b);
        }
    }
}

struct ZipInPlace<'a, X, Y, F> {
    a: &'a mut [X],
    b: &'a [Y],
    f: &'a F,
}

impl<X: Copy, Y: Copy, F: Binary<X, Y, X>> Kernel for ZipInPlace<'_, X, Y, F> {
    type Output = ();

    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        for (a, &b) in self.a.iter_mut().zip(self.b) {
            *a = self.f.apply::<A>(*a, b);
        }
    }
}

struct ZipRow<'a, X, Y, O, F> {
    out: &'a mut [O],
    a: &'a [X],
    row: &'a [Y],
    f: &'a F,
}

impl<X: Copy, Y: Copy, O, F: Binary<X, Y, O>> Kernel for ZipRow<'_, X, Y, O, F> {
    type Output = ();

    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        let width = self.row.len();
        for (out, a) in self.out.chunks_mut(width).zip(self.a.chunks(width)) {
            for ((out, &a), &b) in out.iter_mut().zip(a).zip(self.row) {
                *out = self.f.apply::<A>(a, b);
            }
        }
    }
}

struct Zip3<'a, X, Y, Z, O, F> {
    out: &'a mut [O],
    a: &'a [X],
    b: &'a [Y],
    c: &'a [Z],
    f: &'a F,
}

impl<X: Copy, Y: Copy, Z: Copy, O, F: Fn(X, Y, Z) -> O> Kernel for Zip3<'_, X, Y, Z, O, F> {
    type Output = ();

    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        for (((out, &a), &b), &c) in self.out.iter_mut().zip(self.a).zip(self.b).zip(self.c) {
            *out = (self.f)(a, b, c);
        }
    }
}
