//! All algorithms: one line each.

use gradus_tensor::Float;
use serde::{Deserialize, Serialize};

use crate::algorithms::{adadelta::Adadelta, adam::Adam, adamw::AdamW, sgd::Sgd};
use crate::error::OptimError;
use crate::rule::Rule;

macro_rules! registry {
    ($($algorithm:ident),* $(,)?) => {
        /// An algorithm with its hyper-parameters.
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
        pub enum Algorithm {
            $(
                #[doc = concat!("See [`", stringify!($algorithm), "`].")]
                $algorithm($algorithm)
            ),*
        }

        $(
            impl From<$algorithm> for Algorithm {
                fn from(algorithm: $algorithm) -> Self {
                    Self::$algorithm(algorithm)
                }
            }
        )*

        impl Algorithm {
            /// The names of all algorithms.
            pub const NAMES: &'static [&'static str] = &[$($algorithm::NAME),*];

            /// The algorithm called `name`, with PyTorch's defaults.
            ///
            /// # Errors
            /// If there is none; the error names those there are.
            pub fn by_name(name: &str) -> Result<Self, OptimError> {
                match name {
                    $($algorithm::NAME => Ok($algorithm::default().into()),)*
                    _ => Err(OptimError::UnknownAlgorithm { name: name.to_owned(), known: Self::NAMES.to_vec() }),
                }
            }

            /// The algorithm's name.
            pub fn name(&self) -> &'static str {
                match self { $(Self::$algorithm(_) => $algorithm::NAME),* }
            }

            /// The names of the tensors kept for each parameter.
            pub fn slots(&self) -> &'static [&'static str] {
                match self { $(Self::$algorithm(rule) => rule.slots()),* }
            }

            /// The learning rate.
            pub fn lr(&self) -> f64 {
                match self { $(Self::$algorithm(rule) => rule.lr),* }
            }

            /// Sets the learning rate, as schedules do.
            pub fn set_lr(&mut self, lr: f64) {
                match self { $(Self::$algorithm(rule) => rule.lr = lr),* }
            }

            /// Sets the weight decay.
            pub fn set_weight_decay(&mut self, weight_decay: f64) {
                match self { $(Self::$algorithm(rule) => rule.weight_decay = weight_decay),* }
            }

            /// What schedules that cycle the momentum set: the momentum, or the first beta of Adam and its kin; none
            /// where the algorithm has neither.
            pub fn momentum_mut(&mut self) -> Option<&mut f64> {
                match self { $(Self::$algorithm(rule) => rule.momentum_mut()),* }
            }

            /// The value of [`momentum_mut`](Self::momentum_mut).
            pub fn momentum(&self) -> Option<f64> {
                self.clone().momentum_mut().copied()
            }

            /// Checks the hyper-parameters.
            ///
            /// # Errors
            /// The first that the algorithm cannot work with.
            pub fn check(&self) -> Result<(), OptimError> {
                match self { $(Self::$algorithm(rule) => rule.check()),* }
            }

            #[inline(always)]
            pub(crate) fn update<T: Float>(&self, step: u64, param: &mut [T], grad: &[T], slots: &mut [&mut [T]]) {
                match self { $(Self::$algorithm(rule) => rule.update(step, param, grad, slots)),* }
            }
        }
    };
}

registry!(Sgd, Adam, AdamW, Adadelta);
