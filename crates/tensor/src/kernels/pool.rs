//! Max pooling over planes.

use crate::element::Float;
use crate::kernels::window::Window2d;
use crate::parallel::{GRAIN, for_each_piece, for_each_piece2};

/// The largest element of every window of every plane, and its place in the plane; a NaN counts as largest, of equals
/// the first counts, as in PyTorch.
pub(crate) fn max_pool2d<T: Float>(values: &mut [T], places: &mut [i64], x: &[T], window: &Window2d) {
    let (size_in, size_out) = (window.input_size(), window.output_size());
    let planes = (GRAIN / size_in.max(1)).max(1);
    for_each_piece2((values, planes * size_out), (places, planes * size_out), |piece, values, places| {
        let x = &x[piece * planes * size_in..];
        let each = values.chunks_mut(size_out).zip(places.chunks_mut(size_out)).zip(x.chunks(size_in));
        for ((values, places), plane) in each {
            max_pool_plane(values, places, plane, window);
        }
    });
}

fn max_pool_plane<T: Float>(values: &mut [T], places: &mut [i64], plane: &[T], window: &Window2d) {
    let [height_out, width_out] = window.output;
    for i in 0..height_out {
        let rows = window.inside(0, i);
        for j in 0..width_out {
            let columns = window.inside(1, j);
            let mut best: Option<(T, usize)> = None;
            for row in rows.clone() {
                for column in columns.clone() {
                    let place = row * window.input[1] + column;
                    let x = plane[place];
                    if best.is_none_or(|(value, _)| x > value || (x.is_nan() && !value.is_nan())) {
                        best = Some((x, place));
                    }
                }
            }
            let (value, place) = best.expect("padding is at most half a window, so every window meets the plane");
            (values[i * width_out + j], places[i * width_out + j]) = (value, place as i64);
        }
    }
}

/// `out[p, places[p, i]] += x[p, i]` over planes of `size_out` and `size_in` elements; `out` starts at zero.
pub(crate) fn scatter_planes<T: Float>(out: &mut [T], x: &[T], places: &[i64], size_out: usize, size_in: usize) {
    let planes = (GRAIN / size_out.max(1)).max(1);
    for_each_piece(out, planes * size_out, |start, out| {
        let first = start / size_out * size_in;
        let each = out.chunks_mut(size_out).zip(x[first..].chunks(size_in)).zip(places[first..].chunks(size_in));
        for ((out, x), places) in each {
            x.iter().zip(places).for_each(|(&x, &place)| out[place as usize] += x);
        }
    });
}

/// `out[p, i] = x[p, places[p, i]]` over planes of `size_out` and `size_in` elements.
pub(crate) fn gather_planes<T: Float>(out: &mut [T], x: &[T], places: &[i64], size_out: usize, size_in: usize) {
    let planes = (GRAIN / size_out.max(1)).max(1);
    for_each_piece(out, planes * size_out, |start, out| {
        let first = start / size_out * size_in;
        let each = out.chunks_mut(size_out).zip(x[first..].chunks(size_in)).zip(places[start..].chunks(size_out));
        for ((out, x), places) in each {
            out.iter_mut().zip(places).for_each(|(out, &place)| *out = x[place as usize]);
        }
    });
}
