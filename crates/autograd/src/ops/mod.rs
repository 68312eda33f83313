//! Operations: the forward and the gradient of each side by side. Their names are listed in `registry`.

mod add;
mod attention;
mod broadcast_to;
mod conv2d;
pub(crate) mod cross_entropy;
mod div;
mod dropout;
mod exp;
mod linear;
mod ln;
mod log_softmax;
mod matmul;
mod max_pool2d;
mod mul;
mod neg;
mod operators;
mod permute;
pub(crate) mod reduction;
mod relu;
mod reshape;
mod softmax;
mod sqrt;
mod sub;
mod sum;
