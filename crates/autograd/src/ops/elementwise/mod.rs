//! Functions of each element.

pub(crate) mod abs;
mod erf;
mod exp;
mod expm1;
mod log;
mod log1p;
mod reciprocal;
mod rsqrt;
mod sqrt;
