//! Products of matrices.

mod bilinear;
pub(crate) mod einsum;
mod equation;
mod linear;
mod matmul;
mod products;
