//! Outputs where each group has one channel in and one out: sums over taps for many channels side by side.

use super::block::Block;
use super::correlate::Target;
use super::filters::Filters;
use super::geometry::{Correlation, Part};
use crate::element::Float;
use crate::kernels::gemm::Epilogue;
use crate::kernels::lanes::LANES;
use crate::kernels::simd::{Arithmetic, Kernel, dispatch};
use crate::storage::Storage;

/// Whether these sums are of this kind.
pub(super) fn suits<T: Float>(c: &Correlation, filters: &Filters<T>) -> bool {
    c.groups > 1 && c.group_channels() == 1 && filters.outputs == 1
}

/// Computes all outputs of `part` into `out`, as [`correlate`](super::correlate::correlate).
pub(super) fn correlate<T: Float>(
    out: &mut [T],
    target: Target,
    block: &Block<'_, T>,
    (c, part): (&Correlation, &Part),
    filters: &Filters<T>,
    epilogue: Epilogue<'_, T>,
) {
    let offsets: Vec<usize> = c.run_offsets(block.row).collect();
    // [taps, channels], with room for whole lanes.
    let row = c.channels.next_multiple_of(LANES);
    let mut scratch = Storage::<T>::zeros(offsets.len() * row);
    let weights = scratch.make_mut();
    // A phase of an input's gradient that no kernel element reaches has no taps.
    for channel in (0..c.channels).filter(|_| !offsets.is_empty()) {
        for (_, _, panel) in filters.panels(channel) {
            let taps = panel.iter().step_by(filters.width);
            weights[channel..].iter_mut().step_by(row).zip(taps).for_each(|(to, &weight)| *to = weight);
        }
    }
    dispatch(Depthwise { out, target, values: block.values(), block, c, part, offsets, weights, row, epilogue });
}

struct Depthwise<'a, T: Float> {
    out: &'a mut [T],
    target: Target,
    values: &'a [T],
    block: &'a Block<'a, T>,
    c: &'a Correlation,
    part: &'a Part,
    offsets: Vec<usize>,
    weights: &'a [T],
    row: usize,
    epilogue: Epilogue<'a, T>,
}

impl<T: Float> Kernel for Depthwise<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        let Self { out, target, values, block, c, part, offsets, weights, row, epilogue } = self;
        for n in 0..part.images.len() {
            for y in 0..part.rows.len() {
                for x in 0..c.grid[1] {
                    let from = n * block.image + y * c.step[0] * block.row + x * c.step[1] * c.channels;
                    let to = target.start + n * target.image + y * target.row + x * target.pixel;
                    let out = &mut out[to..to + c.channels];
                    for (i, out) in out.chunks_mut(LANES).enumerate() {
                        let mut sums = [T::zero(); LANES];
                        for (&offset, weights) in offsets.iter().zip(weights.chunks_exact(row)) {
                            let weights: &[T; LANES] = weights[i * LANES..].first_chunk().expect("rows of whole lanes");
                            let x = &values[from + offset + i * LANES..][..out.len()];
                            match x.first_chunk::<LANES>() {
                                Some(x) => (0..LANES).for_each(|c| sums[c] = A::mul_add(x[c], weights[c], sums[c])),
                                None => x.iter().zip(weights).zip(&mut sums).for_each(|((&x, &weight), sum)| {
                                    *sum = A::mul_add(x, weight, *sum);
                                }),
                            }
                        }
                        if let Some(bias) = epilogue.bias {
                            sums.iter_mut().zip(&bias[i * LANES..]).for_each(|(sum, &bias)| *sum += bias);
                        }
                        sums = sums.map(|y| epilogue.activation.apply(y));
                        out.copy_from_slice(&sums[..out.len()]);
                    }
                }
            }
        }
    }
}
