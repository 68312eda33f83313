//! Arithmetic: the operators, and functions of each element.

use std::ops::{Add, Div, Mul, Neg, Sub};

use crate::element::Float;
use crate::kernels::gemm::Activation;
use crate::tensor::Tensor;

macro_rules! operator {
    ($trait:ident, $method:ident, $op:tt) => {
        /// Element by element, broadcasting.
        ///
        /// # Panics
        /// If the shapes do not broadcast.
        impl<T: Float> $trait for &Tensor<T> {
            type Output = Tensor<T>;
            #[track_caller]
            fn $method(self, other: Self) -> Tensor<T> {
                self.zip_map(other, stringify!($method), |a, b| a $op b)
            }
        }

        /// Each element with one number.
        impl<T: Float> $trait<T> for &Tensor<T> {
            type Output = Tensor<T>;
            fn $method(self, other: T) -> Tensor<T> {
                self.map(move |a| a $op other)
            }
        }
    };
}
operator!(Add, add, +);
operator!(Sub, sub, -);
operator!(Mul, mul, *);
operator!(Div, div, /);

/// Each element negated.
impl<T: Float> Neg for &Tensor<T> {
    type Output = Tensor<T>;
    fn neg(self) -> Tensor<T> {
        self.map(|x| -x)
    }
}

impl<T: Float> Tensor<T> {
    /// Adds `other`, broadcast, in place where no other tensor shares the memory.
    ///
    /// # Panics
    /// If `other` does not broadcast to this tensor's shape.
    #[track_caller]
    pub fn add_(&mut self, other: &Self) {
        self.zip_in_place(other, "add_", |a, b| a + b);
    }

    /// The square root; NaN below 0.
    pub fn sqrt(&self) -> Self {
        self.map(T::sqrt)
    }

    /// `max(x, 0)`; NaN stays NaN.
    pub fn relu(&self) -> Self {
        self.map(|x| Activation::Relu.apply(x))
    }
}
