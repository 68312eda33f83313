//! Products of matrices.

pub(crate) mod einsum;
mod equation;
mod linear;
mod matmul;
mod products;
