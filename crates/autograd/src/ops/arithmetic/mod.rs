//! Sums, differences, products and quotients, broadcasting, and Rust's operators on variables.

mod add;
mod div;
mod mul;
mod neg;
mod operators;
mod sub;
