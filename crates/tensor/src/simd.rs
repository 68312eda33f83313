//! Loops compiled for the vector instructions of this processor, for crates above this one.

pub use crate::kernels::simd::{Arithmetic, Kernel, dispatch};
