//! Operations, a folder a family: the forward and the gradient of each side by side. Their names are listed in
//! `registry`.

pub(crate) mod activation;
pub(crate) mod arithmetic;
mod dims;
mod elementwise;
pub(crate) mod index;
pub(crate) mod loss;
pub(crate) mod norm;
pub(crate) mod product;
mod random;
mod reduction;
pub(crate) mod sequence;
pub(crate) mod shape;
pub(crate) mod window;
