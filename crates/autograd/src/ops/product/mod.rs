//! Products of matrices.

mod linear;
mod matmul;
