//! Pooling over images in either order of memory: `[outer, height, width, inner]`, where `inner` is 1 for planes and the
//! channels for channels-last images.

mod max;

use crate::kernels::window::Window2d;

pub(crate) use max::{Place, gather, max_pool2d, scatter};

/// What is pooled: `outer` grids of pixels of `inner` elements, under a window.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pool<'a> {
    pub(crate) window: &'a Window2d,
    pub(crate) inner: usize,
}

impl Pool<'_> {
    /// Elements of a row of inputs.
    fn row_in(&self) -> usize {
        self.window.input[1] * self.inner
    }

    /// Elements of a row of outputs.
    fn row_out(&self) -> usize {
        self.window.output[1] * self.inner
    }

    /// Elements of a grid of inputs.
    fn grid_in(&self) -> usize {
        self.window.input_size() * self.inner
    }

    /// Elements of a grid of outputs.
    fn grid_out(&self) -> usize {
        self.window.output_size() * self.inner
    }
}
