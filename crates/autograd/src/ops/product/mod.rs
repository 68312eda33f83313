//! Products of matrices.

pub(crate) mod einsum;
mod equation;
mod bilinear;
mod linear;
mod matmul;
mod products;
