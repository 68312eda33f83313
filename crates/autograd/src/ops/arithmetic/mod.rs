//! Sums, differences, products and quotients, broadcasting, and Rust's operators on variables.

mod add;
mod addcmul;
mod broadcast;
mod clamp;
mod compare;
mod div;
mod extremum;
mod lerp;
mod mul;
mod neg;
pub(crate) mod operand;
mod operators;
mod pow;
mod remainder;
mod sub;
mod where_;
