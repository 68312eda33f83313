//! The geometry of windows over D dimensions: sizes, checks, and the linear maps that move them.

use std::ops::Range;

use gradus_tensor::AxisMap;

/// The number of windows that fit along each dimension.
///
/// # Panics
/// If a size is 0 where it must not be or a window is larger than the input with its padding, naming `operation`.
#[track_caller]
pub(super) fn count<const D: usize>(
    operation: &str,
    input: [usize; D],
    kernel: [usize; D],
    stride: [usize; D],
    padding: [usize; D],
    dilation: [usize; D],
) -> [usize; D] {
    assert!(
        [kernel, stride, dilation].iter().flatten().all(|&n| n > 0),
        "{operation}: kernel {kernel:?}, stride {stride:?} and dilation {dilation:?} must be positive"
    );
    let mut output = [0; D];
    for d in 0..D {
        let free = (input[d] + 2 * padding[d]).checked_sub(dilation[d] * (kernel[d] - 1) + 1);
        let Some(free) = free else {
            panic!(
                "{operation}: kernel {kernel:?} (dilation {dilation:?}) is larger than input {input:?} with padding \
                 {padding:?}"
            );
        };
        output[d] = free / stride[d] + 1;
    }
    output
}

/// PyTorch's number of pooling windows that cover `covered` places each, along one dimension where one fits.
pub(super) fn pooled(input: usize, covered: usize, stride: usize, padding: usize, ceil_mode: bool) -> usize {
    let free = input + 2 * padding - covered;
    if !ceil_mode {
        return free / stride + 1;
    }
    let size = free.div_ceil(stride) + 1;
    // A window that begins in the padding behind is left out.
    if (size - 1) * stride >= input + padding { size - 1 } else { size }
}

/// The last D sizes of `shape`, for windows over them.
///
/// # Panics
/// If there are fewer, or one is 0.
#[track_caller]
pub(super) fn plane<const D: usize>(operation: &str, shape: &[usize]) -> [usize; D] {
    let Some(&plane) = shape.last_chunk::<D>() else {
        panic!("{operation}: shape {shape:?} must have {D} dimensions at least");
    };
    assert!(!plane.contains(&0), "{operation}: shape {shape:?} has no element in its planes");
    plane
}

/// PyTorch's limit to the padding of pooling.
#[track_caller]
pub(super) fn check_padding<const D: usize>(operation: &str, padding: [usize; D], kernel_size: [usize; D]) {
    assert!(
        padding.iter().zip(kernel_size).all(|(&padding, kernel)| padding * 2 <= kernel),
        "{operation}: padding {padding:?} is more than half of kernel {kernel_size:?}"
    );
}

/// Window `i` of `output` that cover `input` entries.
pub(super) fn adaptive(input: usize, output: usize, i: usize) -> Range<usize> {
    i * input / output..((i + 1) * input).div_ceil(output)
}

/// Each element of each window, for all windows element after element: entry `k * windows + i` is element `k` of window
/// `i`, a zero where that lies in the padding.
pub(super) fn unfolding(
    input: usize,
    windows: usize,
    kernel: usize,
    [stride, padding, dilation]: [usize; 3],
) -> AxisMap {
    AxisMap::new(input, kernel * windows, |entry| {
        let (k, i) = (entry / windows, entry % windows);
        (i * stride + k * dilation).checked_sub(padding).filter(|&at| at < input).map(|at| (at, 1.0))
    })
}
