//! Running results along a dimension: each element from the one before.
//!
//! A tensor comes as `[outer, middle, inner]`, and results run along `middle`. They are kept in `f64`.

use crate::element::Float;
use crate::parallel::{for_each_piece, rows_per_piece};
use crate::storage::Storage;

/// `out[o, m, i] = f(out[o, m - 1, i], a[o, m, i], b[o, m, i])`, with `None` before the first.
pub(crate) fn scan<T: Float>(
    out: &mut [T],
    (a, b): (&[T], &[T]),
    (middle, inner): (usize, usize),
    f: impl Fn(Option<f64>, f64, f64) -> f64 + Sync,
) {
    let block = middle * inner;
    for_each_piece(out, rows_per_piece(block) * block, |start, out| {
        let mut states = Storage::<f64>::scratch(inner);
        let states = states.make_mut();
        let (a, b) = (&a[start..start + out.len()], &b[start..start + out.len()]);
        let rows = out.chunks_mut(inner).zip(a.chunks(inner)).zip(b.chunks(inner));
        for (m, ((out, a), b)) in rows.enumerate() {
            let first = m % middle == 0;
            for (((out, &a), &b), state) in out.iter_mut().zip(a).zip(b).zip(states.iter_mut()) {
                *state = f((!first).then_some(*state), a.as_(), b.as_());
                *out = T::from_f64(*state);
            }
        }
    });
}
