//! The element types a tensor can hold.

use std::fmt::{Debug, Display};
use std::iter::Sum;

use num_traits::{AsPrimitive, NumAssign};

use crate::kernels::gemm::Gemm;
use crate::kernels::math::Math;

/// The name of an element type, as files and messages spell it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DType {
    /// 32-bit floating point.
    F32,
    /// 64-bit floating point.
    F64,
    /// 64-bit signed integer: labels and indices.
    I64,
    /// 8-bit unsigned integer: pixels and bytes.
    U8,
    /// Truth values: masks.
    Bool,
}

impl Display for DType {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            DType::F32 => "f32",
            DType::F64 => "f64",
            DType::I64 => "i64",
            DType::U8 => "u8",
            DType::Bool => "bool",
        })
    }
}

/// A type that a [`Tensor`](crate::Tensor) can hold: `f32`, `f64`, `i64`, `u8`, `bool`.
///
/// Sealed: storage relies on every element being valid when all its bytes are zero.
pub trait Element:
    sealed::Sealed + Copy + Default + Debug + Display + PartialEq + PartialOrd + Send + Sync + 'static
{
    /// This type's name.
    const DTYPE: DType;

    /// Appends the little-endian bytes of this element.
    fn write_le(self, out: &mut Vec<u8>);

    /// The element in `bytes`, as many as the type has; `None` where they are no value of it.
    fn read_le(bytes: &[u8]) -> Option<Self>;
}

/// An element that can carry gradients: `f32` or `f64`.
pub trait Float: Element + num_traits::Float + NumAssign + Sum + Gemm + Math + AsPrimitive<f64> {
    /// The nearest value of this type.
    fn from_f64(value: f64) -> Self;
}

macro_rules! numbers {
    ($($t:ty => $dtype:ident),*) => {$(
        impl sealed::Sealed for $t {}
        impl Element for $t {
            const DTYPE: DType = DType::$dtype;
            fn write_le(self, out: &mut Vec<u8>) {
                out.extend_from_slice(&self.to_le_bytes());
            }
            fn read_le(bytes: &[u8]) -> Option<Self> {
                Some(Self::from_le_bytes(bytes.try_into().ok()?))
            }
        }
    )*};
}
numbers!(f32 => F32, f64 => F64, i64 => I64, u8 => U8);

impl sealed::Sealed for bool {}
impl Element for bool {
    const DTYPE: DType = DType::Bool;

    fn write_le(self, out: &mut Vec<u8>) {
        out.push(u8::from(self));
    }

    fn read_le(bytes: &[u8]) -> Option<Self> {
        match bytes {
            [0] => Some(false),
            [1] => Some(true),
            _ => None,
        }
    }
}

impl Float for f32 {
    fn from_f64(value: f64) -> Self {
        value as f32
    }
}

impl Float for f64 {
    fn from_f64(value: f64) -> Self {
        value
    }
}

mod sealed {
    /// Keeps [`Element`](super::Element) to the types of this file.
    pub trait Sealed {}
}
