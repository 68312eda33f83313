//! All algorithms: one line each.

use gradus_tensor::{Float, Tensor};
use serde::{Deserialize, Serialize};

use crate::algorithms::{
    adadelta::Adadelta, adafactor::Adafactor, adagrad::Adagrad, adam::Adam, adamax::Adamax, adamw::AdamW, asgd::Asgd,
    lamb::Lamb, lion::Lion, muon::Muon, nadam::NAdam, radam::RAdam, rmsprop::RMSprop, rprop::Rprop,
    schedule_free_adamw::ScheduleFreeAdamW, sgd::Sgd,
};
use crate::error::OptimError;
use crate::rule::{Elementwise, Rule, Slot, Step, Whole};

macro_rules! registry {
    (elementwise: $($elementwise:ident),*; whole: $($whole:ident),* $(;)?) => {
        registry!(all: $($elementwise,)* $($whole),*);

        impl Algorithm {
            /// Whether a step needs whole parameters, by [`Whole`].
            pub(crate) fn is_whole(&self) -> bool {
                match self {
                    $(Self::$elementwise(_) => false,)*
                    $(Self::$whole(_) => true,)*
                }
            }

            /// How many of the slots, the last ones, are one number for the whole parameter.
            pub(crate) fn numbers(&self) -> usize {
                match self {
                    $(Self::$elementwise(_) => <$elementwise as Elementwise>::NUMBERS,)*
                    $(Self::$whole(_) => 0,)*
                }
            }

            /// [`Elementwise::advance`].
            pub(crate) fn advance<T: Float>(&self, step: u64, numbers: &mut [T]) -> Step {
                let numbers = match self {
                    $(Self::$elementwise(rule) => Elementwise::advance(rule, step, numbers),)*
                    $(Self::$whole(_) => [0.0; 2],)*
                };
                Step { count: step, numbers }
            }

            /// [`Elementwise::update`].
            #[inline(always)]
            pub(crate) fn update<T: Float>(&self, step: Step, param: &mut [T], grad: &[T], slots: &mut [&mut [T]]) {
                match self {
                    $(Self::$elementwise(rule) => Elementwise::update(rule, step, param, grad, slots),)*
                    $(Self::$whole(_) => unreachable!("{} updates whole parameters", $whole::NAME),)*
                }
            }

            /// [`Whole::update`].
            pub(crate) fn update_whole<T: Float>(
                &self,
                step: u64,
                param: &Tensor<T>,
                grad: &Tensor<T>,
                slots: &mut [Tensor<T>],
            ) -> Tensor<T> {
                match self {
                    $(Self::$elementwise(_) => unreachable!("{} updates elements", $elementwise::NAME),)*
                    $(Self::$whole(rule) => Whole::update(rule, step, param, grad, slots),)*
                }
            }
        }
    };
    (all: $($algorithm:ident),* $(,)?) => {
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

            /// The tensors kept for a parameter of this shape.
            pub fn slots(&self, shape: &[usize]) -> Vec<Slot> {
                match self { $(Self::$algorithm(rule) => rule.slots(shape)),* }
            }

            /// What the shape of a parameter must be, where the algorithm cannot work with this one.
            pub(crate) fn shape_needed(&self, shape: &[usize]) -> Option<&'static str> {
                match self { $(Self::$algorithm(rule) => rule.shape_needed(shape)),* }
            }

            /// The learning rate.
            pub fn lr(&self) -> f64 {
                match self { $(Self::$algorithm(rule) => rule.lr),* }
            }

            /// Sets the learning rate, as schedules do.
            pub fn set_lr(&mut self, lr: f64) {
                match self { $(Self::$algorithm(rule) => rule.lr = lr),* }
            }

            /// Whether the objective is to grow.
            pub fn maximize(&self) -> bool {
                match self { $(Self::$algorithm(rule) => rule.maximize()),* }
            }

            /// Sets the weight decay; nothing happens where the algorithm has none.
            pub fn set_weight_decay(&mut self, weight_decay: f64) {
                let present = match self { $(Self::$algorithm(rule) => rule.weight_decay_mut()),* };
                if let Some(present) = present {
                    *present = weight_decay;
                }
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

            /// [`Rule::TORCH_OPTIONS`].
            pub(crate) fn torch_options(&self) -> &'static [(&'static str, Option<bool>)] {
                match self { $(Self::$algorithm(_) => $algorithm::TORCH_OPTIONS),* }
            }

            /// [`Rule::TORCH_STEP`].
            pub(crate) fn torch_step(&self) -> bool {
                match self { $(Self::$algorithm(_) => $algorithm::TORCH_STEP),* }
            }

            /// [`Rule::is_training`].
            pub(crate) fn is_training(&self) -> bool {
                match self { $(Self::$algorithm(rule) => rule.is_training()),* }
            }

            /// [`Rule::switch`].
            pub(crate) fn switch(&mut self, training: bool) -> Option<f64> {
                match self { $(Self::$algorithm(rule) => rule.switch(training)),* }
            }
        }
    };
}

registry! {
    elementwise: Sgd, Adam, AdamW, Adadelta, Adagrad, Adamax, Asgd, Lion, NAdam, RAdam, RMSprop, Rprop,
        ScheduleFreeAdamW;
    whole: Adafactor, Lamb, Muon;
}
