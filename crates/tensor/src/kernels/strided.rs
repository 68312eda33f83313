//! Elements at any stride, walked by ndarray: the general path where memory is not row-major.

use ndarray::{ArrayViewD, ArrayViewMutD, IxDyn, Slice, Zip};

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

/// `out[start + i step] = f(out[start + i step], part[i])` along every dimension of `out`, whose shape is `shape`.
pub(crate) fn place<T: Copy>(
    out: &mut [T],
    shape: &[usize],
    part: &ArrayViewD<'_, T>,
    at: &[(usize, usize)],
    f: impl Fn(T, T) -> T,
) {
    let mut places = row_major(out, shape);
    places.slice_each_axis_inplace(|axis| {
        let (start, step) = at[axis.axis.index()];
        let end = part.shape()[axis.axis.index()].checked_sub(1).map_or(start, |last| start + last * step + 1);
        Slice::new(start as isize, Some(end as isize), step as isize)
    });
    Zip::from(places).and(part).for_each(|out, &x| *out = f(*out, x));
}

fn row_major<'a, T>(out: &'a mut [T], shape: &[usize]) -> ArrayViewMutD<'a, T> {
    ArrayViewMutD::from_shape(IxDyn(shape), out).expect("the caller sized the output by the view's shape")
}
