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

/// What becomes of the product.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Accumulate {
    /// It takes the place of what C held.
    Replace,
    /// It is added to what C holds.
    Add,
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
