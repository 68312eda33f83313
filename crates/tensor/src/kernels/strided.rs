//! Elements at any stride, walked by ndarray: the general path where memory is not row-major.

use ndarray::{ArrayViewD, ArrayViewMutD, IxDyn, Zip};

/// Copies `view` into `out` in row-major order.
pub(crate) fn gather<T: Copy>(out: &mut [T], view: &ArrayViewD<'_, T>) {
    Zip::from(row_major(out, view.shape())).and(view).for_each(|out, &x| *out = x);
}

/// `out[i] = f(a[i], b[i])` in row-major order of `out`.
pub(crate) fn zip<A: Copy, B: Copy, O>(
    out: &mut [O],
    a: &ArrayViewD<'_, A>,
    b: &ArrayViewD<'_, B>,
    f: impl Fn(A, B) -> O,
) {
    Zip::from(row_major(out, a.shape())).and(a).and(b).for_each(|out, &x, &y| *out = f(x, y));
}

fn row_major<'a, T>(out: &'a mut [T], shape: &[usize]) -> ArrayViewMutD<'a, T> {
    ArrayViewMutD::from_shape(IxDyn(shape), out).expect("the caller sized the output by the view's shape")
}
