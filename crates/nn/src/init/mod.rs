//! Initial values of parameters, as `torch.nn.init`, drawn from this thread's [`Purpose::Init`] stream.
//!
//! ```
//! use gradus_nn::{Linear, init};
//!
//! let layer: Linear = Linear::new(8, 4);
//! layer.weight.set_value(init::xavier_uniform([4, 8], init::Nonlinearity::Tanh.gain()));
//! ```
//!
//! [`Purpose::Init`]: gradus_tensor::random::Purpose::Init

mod fans;
mod fixed;
mod nonlinearity;
mod orthogonal;
mod random;
mod truncated;

pub use fans::{FanMode, fan_in, fan_out, kaiming_normal, kaiming_uniform, xavier_normal, xavier_uniform};
pub(crate) use fans::{default_bias, default_weight};
pub use fixed::{constant, dirac, eye, ones, zeros};
pub use nonlinearity::Nonlinearity;
pub use orthogonal::orthogonal;
pub use random::{normal, sparse, uniform};
pub use truncated::trunc_normal;
