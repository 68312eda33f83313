//! Sums, differences, products and quotients, broadcasting, and Rust's operators on variables.

mod add;
mod clamp;
mod compare;
mod div;
mod extremum;
mod mul;
mod neg;
pub(crate) mod operand;
mod operators;
mod pow;
mod sub;
mod where_;
