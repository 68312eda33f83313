//! f64: products by matrixmultiply, and a register tile of plain loops.

use super::problem::{OperandB, Problem, Strided};
use super::register_tile::{RegisterTile, TileShape};
use super::tile::{Output, TileInput};
use super::{Activation, Gemm};
use crate::kernels::simd::{Arithmetic, Kernel, dispatch};

/// Columns of a tile.
const WIDTH: usize = 16;

impl Gemm for f64 {
    unsafe fn product(problem: &Problem<Self>) {
        // SAFETY: the caller's promises.
        unsafe { product(problem) }
    }

    fn panel() -> usize {
        WIDTH
    }

    fn packed_len(k: usize, n: usize) -> usize {
        k * n
    }

    fn rows() -> usize {
        16
    }

    unsafe fn pack(b: Strided<Self>, sizes: (usize, usize), room: *mut Self) {
        // SAFETY: the caller's promises.
        unsafe { pack(b, sizes, room) }
    }
}

/// Computes the problem on the calling thread.
///
/// # Safety
/// As for [`Gemm::product`](super::Gemm::product).
pub(super) unsafe fn product(problem: &Problem<f64>) {
    let &Problem { m, k, n, a, c, c_row_stride, .. } = problem;
    let b = match problem.b {
        OperandB::Strided(b) => b,
        OperandB::Packed { start, columns, first } => {
            Strided { start: start.wrapping_add(first), row_stride: columns, column_stride: 1 }
        }
    };
    if !problem.addend.is_null() && !std::ptr::eq(problem.addend, c) {
        for i in 0..m {
            // SAFETY: the caller says that rows of C and of the addend are `n` long, and C is not borrowed elsewhere.
            unsafe {
                let from = problem.addend.add(i * problem.addend_row_stride);
                std::ptr::copy_nonoverlapping(from, c.add(i * c_row_stride), n);
            }
        }
    }
    let beta = if problem.addend.is_null() { 0.0 } else { 1.0 };
    let strides = |x: Strided<f64>| (x.row_stride as isize, x.column_stride as isize);
    let ((rsa, csa), (rsb, csb)) = (strides(a), strides(b));
    // SAFETY: the caller's promises are matrixmultiply's own.
    unsafe {
        matrixmultiply::dgemm(m, k, n, 1.0, a.start, rsa, csa, b.start, rsb, csb, beta, c, c_row_stride as isize, 1);
    };
    if problem.bias.is_null() && problem.activation == Activation::Identity {
        return;
    }
    for i in 0..m {
        for j in 0..n {
            // SAFETY: the caller says that C can be written and the bias is as long as its rows.
            unsafe {
                let c = c.add(i * c_row_stride + j);
                if !problem.bias.is_null() {
                    *c += *problem.bias.add(j);
                }
                *c = problem.activation.apply(*c);
            }
        }
    }
}

/// Copies B of `k` x `n` row after row.
///
/// # Safety
/// As for [`Gemm::pack`](super::Gemm::pack).
pub(super) unsafe fn pack(b: Strided<f64>, (k, n): (usize, usize), room: *mut f64) {
    for p in 0..k {
        for j in 0..n {
            // SAFETY: the caller's promises.
            unsafe { *room.add(p * n + j) = *b.at(p, j).start }
        }
    }
}

impl RegisterTile for f64 {
    #[inline]
    fn tile_shape() -> TileShape {
        TileShape { rows: 4, columns: WIDTH, lanes: 8 }
    }

    unsafe fn tile(rows: usize, product: &TileInput<'_, f64>, output: &Output<f64>) {
        for row in 0..rows {
            dispatch(TileRow { row, product, output });
        }
    }
}

/// One row of a tile, in the order of sums of [`tile`](super::tile). Made where the promises of [`RegisterTile::tile`]
/// hold.
struct TileRow<'a> {
    row: usize,
    product: &'a TileInput<'a, f64>,
    output: &'a Output<f64>,
}

impl Kernel for TileRow<'_> {
    type Output = ();

    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        let Self { row, product, output } = self;
        let width = output.width;
        let mut sums = [0.0; WIDTH];
        for tap in product.taps {
            for p in 0..product.k {
                // SAFETY: the caller of `tile` says that these elements can be read.
                let (a, b) = unsafe {
                    let b = tap.b.add(p * product.b_row_stride);
                    (*tap.rows[row].add(p * product.a_step), std::slice::from_raw_parts(b, width))
                };
                sums.iter_mut().zip(b).for_each(|(sum, &b)| *sum = A::mul_add(a, b, *sum));
            }
        }
        if !output.addend.is_null() {
            for (j, sum) in sums[..width].iter_mut().enumerate() {
                // SAFETY: the caller of `tile` says that the addend is as large as the tile. It may be C, so this is
                // read before C is borrowed.
                *sum += unsafe { *output.addend.add(row * output.addend_row_stride + j) };
            }
        }
        // SAFETY: the caller of `tile` says that C can be written and the bias is as wide as the tile.
        let (c, bias) = unsafe {
            let bias = (!output.bias.is_null()).then(|| std::slice::from_raw_parts(output.bias, width));
            (std::slice::from_raw_parts_mut(output.c.add(row * output.row_stride), width), bias)
        };
        for (j, c) in c.iter_mut().enumerate() {
            *c = output.activation.apply(sums[j] + bias.map_or(0.0, |bias| bias[j]));
        }
    }
}
