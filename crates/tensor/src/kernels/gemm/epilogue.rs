//! What becomes of a product on its way from registers to memory.

use crate::element::Float;

/// What is done to each element of a product, while it is still in a register.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Activation {
    /// Nothing.
    #[default]
    Identity,
    /// `max(y, 0)`; NaN stays NaN.
    Relu,
}

impl Activation {
    /// The activation of `y`.
    #[inline(always)]
    pub(crate) fn apply<T: Float>(self, y: T) -> T {
        match self {
            Self::Relu if y < T::zero() => T::zero(),
            Self::Identity | Self::Relu => y,
        }
    }
}

/// What the product is added to.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Accumulate<'a, T> {
    /// Nothing: it takes the place of what C held.
    Replace,
    /// What C holds.
    Add,
    /// Another matrix of C's size, with rows so far apart.
    Residual(&'a [T], usize),
}

/// What is done to each element at the end, while it is still in a register.
#[derive(Clone, Copy)]
pub(crate) struct Epilogue<'a, T> {
    /// Added to each row of C.
    pub(crate) bias: Option<&'a [T]>,
    /// Applied last.
    pub(crate) activation: Activation,
}

impl<T> Epilogue<'_, T> {
    /// Nothing is done.
    pub(crate) const NONE: Self = Self { bias: None, activation: Activation::Identity };
}
