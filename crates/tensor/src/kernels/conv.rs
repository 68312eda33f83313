//! Convolution as a matrix product over columns: each window of the image unrolled into one column.

use crate::element::Float;
use crate::kernels::gemm::{Accumulate, MatrixMut, MatrixRef, gemm_serial};
use crate::kernels::window::Window2d;
use crate::parallel::{for_each_piece, map_ranges};

/// Images whose weight gradients one piece adds up: a fixed number, so that the sum does not depend on threads.
const IMAGES_PER_PIECE: usize = 8;

/// Sizes of a convolution. N images, `groups` groups of `channels_in` and `channels_out` channels each.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Conv2d {
    pub(crate) images: usize,
    pub(crate) groups: usize,
    pub(crate) channels_in: usize,
    pub(crate) channels_out: usize,
    pub(crate) window: Window2d,
}

impl Conv2d {
    /// Rows of the unrolled image of one group: the inputs that one output sees.
    fn fan_in(&self) -> usize {
        self.channels_in * self.window.kernel_size()
    }

    fn input_image(&self) -> usize {
        self.groups * self.channels_in * self.window.input_size()
    }

    fn output_image(&self) -> usize {
        self.groups * self.channels_out * self.window.output_size()
    }

    fn weight_group(&self) -> usize {
        self.channels_out * self.fan_in()
    }

    /// Room for one group's unrolled image.
    fn columns<T: Float>(&self) -> Vec<T> {
        vec![T::zero(); self.fan_in() * self.window.output_size()]
    }
}

/// `y = conv(x, w) + bias`: per group, `y [O, P] = w [O, C K] columns(x) [C K, P]` with P output places.
pub(crate) fn forward<T: Float>(y: &mut [T], x: &[T], weight: &[T], bias: Option<&[T]>, conv: &Conv2d) {
    let (o, k, p) = (conv.channels_out, conv.fan_in(), conv.window.output_size());
    for_each_piece(y, conv.output_image(), |start, y| {
        let x = image(x, conv.input_image(), start / conv.output_image());
        let mut columns = conv.columns();
        for (g, y) in y.chunks_mut(o * p).enumerate() {
            im2col(&mut columns, group(x, conv.groups, g), &conv.window);
            let accumulate = match bias {
                None => Accumulate::Replace,
                Some(bias) => {
                    y.chunks_mut(p).zip(group(bias, conv.groups, g)).for_each(|(y, &bias)| y.fill(bias));
                    Accumulate::Add
                }
            };
            let weight = MatrixRef::row_major(group(weight, conv.groups, g), k);
            gemm_serial((o, k, p), weight, MatrixRef::row_major(&columns, p), MatrixMut::row_major(y, p), accumulate);
        }
    });
}

/// The gradient of `x`: per group, `columns(dx) [C K, P] = w^T [C K, O] dy [O, P]`, rolled up again.
pub(crate) fn input_gradient<T: Float>(dx: &mut [T], dy: &[T], weight: &[T], conv: &Conv2d) {
    let (o, k, p) = (conv.channels_out, conv.fan_in(), conv.window.output_size());
    for_each_piece(dx, conv.input_image(), |start, dx| {
        let dy = image(dy, conv.output_image(), start / conv.input_image());
        let mut columns = conv.columns();
        for (g, dx) in dx.chunks_mut(conv.channels_in * conv.window.input_size()).enumerate() {
            let weight = MatrixRef::row_major(group(weight, conv.groups, g), k).transposed();
            let dy = MatrixRef::row_major(group(dy, conv.groups, g), p);
            gemm_serial((k, o, p), weight, dy, MatrixMut::row_major(&mut columns, p), Accumulate::Replace);
            col2im(dx, &columns, &conv.window);
        }
    });
}

/// The gradient of `w`: per group, the sum over images of `dy [O, P] columns(x)^T [P, C K]`.
pub(crate) fn weight_gradient<T: Float>(dw: &mut [T], x: &[T], dy: &[T], conv: &Conv2d) {
    let (o, k, p) = (conv.channels_out, conv.fan_in(), conv.window.output_size());
    let partial = map_ranges(conv.images, IMAGES_PER_PIECE, |images| {
        let mut dw = vec![T::zero(); conv.groups * conv.weight_group()];
        let mut columns = conv.columns();
        for n in images {
            let (x, dy) = (image(x, conv.input_image(), n), image(dy, conv.output_image(), n));
            for (g, dw) in dw.chunks_mut(o * k).enumerate() {
                im2col(&mut columns, group(x, conv.groups, g), &conv.window);
                let dy = MatrixRef::row_major(group(dy, conv.groups, g), p);
                let columns = MatrixRef::row_major(&columns, p).transposed();
                gemm_serial((o, p, k), dy, columns, MatrixMut::row_major(dw, k), Accumulate::Add);
            }
        }
        dw
    });
    for part in partial {
        dw.iter_mut().zip(&part).for_each(|(dw, &x)| *dw += x);
    }
}

/// `columns[c, ki, kj, i, j] = x[c, i * stride + ki * dilation - padding, ...]`, 0 in the padding.
fn im2col<T: Float>(columns: &mut [T], x: &[T], window: &Window2d) {
    for_each_kernel_element(window, x.len() / window.input_size().max(1), |row, plane, (rows, top), (cols, left)| {
        let column = &mut columns[row * window.output_size()..(row + 1) * window.output_size()];
        column.fill(T::zero());
        if cols.is_empty() {
            return;
        }
        for (r, i) in rows.enumerate() {
            let source = &x[plane * window.input_size() + (top + r * window.stride[0]) * window.input[1] + left..];
            let target = &mut column[i * window.output[1] + cols.start..i * window.output[1] + cols.end];
            match window.stride[1] {
                1 => target.copy_from_slice(&source[..target.len()]),
                stride => target.iter_mut().zip(source.iter().step_by(stride)).for_each(|(out, &x)| *out = x),
            }
        }
    });
}

/// The transpose of [`im2col`]: adds every column element to the image element it came from; `x` starts at zero.
fn col2im<T: Float>(x: &mut [T], columns: &[T], window: &Window2d) {
    for_each_kernel_element(window, x.len() / window.input_size().max(1), |row, plane, (rows, top), (cols, left)| {
        let column = &columns[row * window.output_size()..(row + 1) * window.output_size()];
        if cols.is_empty() {
            return;
        }
        for (r, i) in rows.enumerate() {
            let start = plane * window.input_size() + (top + r * window.stride[0]) * window.input[1] + left;
            let source = &column[i * window.output[1] + cols.start..i * window.output[1] + cols.end];
            x[start..].iter_mut().step_by(window.stride[1]).zip(source).for_each(|(out, &x)| *out += x);
        }
    });
}

/// Output coordinates that see the image, and the image coordinate that the first of them sees.
type Covered = (std::ops::Range<usize>, usize);

/// Calls `f(row of the columns, plane, covered rows, covered columns)` for each plane and kernel element, where any
/// output sees the image.
fn for_each_kernel_element(window: &Window2d, planes: usize, mut f: impl FnMut(usize, usize, Covered, Covered)) {
    let [height, width] = window.kernel;
    for plane in 0..planes {
        for ki in 0..height {
            for kj in 0..width {
                let row = (plane * height + ki) * width + kj;
                f(row, plane, window.covering(0, ki), window.covering(1, kj));
            }
        }
    }
}

fn image<T>(x: &[T], size: usize, n: usize) -> &[T] {
    &x[n * size..(n + 1) * size]
}

fn group<T>(x: &[T], groups: usize, g: usize) -> &[T] {
    let size = x.len() / groups;
    &x[g * size..(g + 1) * size]
}
