//! Products of matrices.

mod bilinear;
mod linear;
mod matmul;
