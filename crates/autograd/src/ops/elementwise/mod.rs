//! Functions of each element.

pub(crate) mod abs;
mod angle;
mod arc;
mod area;
mod atan2;
mod erf;
mod erfc;
mod erfinv;
mod exp;
mod expm1;
mod hyperbolic;
mod hypot;
mod log;
mod log1p;
mod logaddexp;
mod logarithm;
mod logit;
mod nan_to_num;
mod reciprocal;
mod rounding;
mod rsqrt;
mod sinc;
mod sqrt;
mod trigonometry;
mod xlogy;
