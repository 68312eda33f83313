//! One output element from the input elements at the same place.

use crate::parallel::{GRAIN, for_each_piece};

/// `out[i] = f(x[i])`.
pub(crate) fn map<X: Copy + Sync, O: Send>(out: &mut [O], x: &[X], f: impl Fn(X) -> O + Sync) {
    for_each_piece(out, GRAIN, |start, out| {
        let x = &x[start..start + out.len()];
        out.iter_mut().zip(x).for_each(|(out, &x)| *out = f(x));
    });
}

/// `x[i] = f(x[i])`.
pub(crate) fn map_in_place<X: Copy + Send>(x: &mut [X], f: impl Fn(X) -> X + Sync) {
    for_each_piece(x, GRAIN, |_, x| x.iter_mut().for_each(|x| *x = f(*x)));
}

/// `out[i] = f(a[i], b[i])`.
pub(crate) fn zip<A: Copy + Sync, B: Copy + Sync, O: Send>(
    out: &mut [O],
    a: &[A],
    b: &[B],
    f: impl Fn(A, B) -> O + Sync,
) {
    for_each_piece(out, GRAIN, |start, out| {
        let (a, b) = (&a[start..start + out.len()], &b[start..start + out.len()]);
        out.iter_mut().zip(a).zip(b).for_each(|((out, &a), &b)| *out = f(a, b));
    });
}

/// `a[i] = f(a[i], b[i])`.
pub(crate) fn zip_in_place<A: Copy + Send, B: Copy + Sync>(a: &mut [A], b: &[B], f: impl Fn(A, B) -> A + Sync) {
    for_each_piece(a, GRAIN, |start, a| {
        let b = &b[start..start + a.len()];
        a.iter_mut().zip(b).for_each(|(a, &b)| *a = f(*a, b));
    });
}

/// `out[r, i] = f(a[r, i], row[i])`: one row against every row of a matrix.
pub(crate) fn zip_row<A: Copy + Sync, B: Copy + Sync, O: Send>(
    out: &mut [O],
    a: &[A],
    row: &[B],
    f: impl Fn(A, B) -> O + Sync,
) {
    let width = row.len();
    for_each_piece(out, (GRAIN / width).max(1) * width, |start, out| {
        let a = &a[start..start + out.len()];
        for (out, a) in out.chunks_mut(width).zip(a.chunks(width)) {
            out.iter_mut().zip(a).zip(row).for_each(|((out, &a), &b)| *out = f(a, b));
        }
    });
}
