//! Rust's operators on variables.

use std::ops::{Add, Div, Mul, Neg, Sub};

use gradus_tensor::{Float, Tensor};

use super::{add, div, mul, neg, sub};
use crate::var::Var;

macro_rules! operator {
    ($trait:ident, $method:ident, $tensors:path, $number:expr) => {
        impl<T: Float> $trait<&Var<T>> for &Var<T> {
            type Output = Var<T>;
            #[track_caller]
            fn $method(self, other: &Var<T>) -> Var<T> {
                $tensors(self, other)
            }
        }
        impl<T: Float> $trait<Var<T>> for Var<T> {
            type Output = Var<T>;
            #[track_caller]
            fn $method(self, other: Var<T>) -> Var<T> {
                $tensors(&self, &other)
            }
        }
        impl<T: Float> $trait<&Var<T>> for Var<T> {
            type Output = Var<T>;
            #[track_caller]
            fn $method(self, other: &Var<T>) -> Var<T> {
                $tensors(&self, other)
            }
        }
        impl<T: Float> $trait<Var<T>> for &Var<T> {
            type Output = Var<T>;
            #[track_caller]
            fn $method(self, other: Var<T>) -> Var<T> {
                $tensors(self, &other)
            }
        }
        impl<T: Float> $trait<T> for &Var<T> {
            type Output = Var<T>;
            fn $method(self, number: T) -> Var<T> {
                $number(self, number)
            }
        }
        impl<T: Float> $trait<T> for Var<T> {
            type Output = Var<T>;
            fn $method(self, number: T) -> Var<T> {
                $number(&self, number)
            }
        }
    };
}
operator!(Add, add, add::add, add::add_scalar);
operator!(Sub, sub, sub::sub, |a: &Var<T>, number: T| add::add_scalar(a, -number));
operator!(Mul, mul, mul::mul, mul::mul_scalar);
operator!(Div, div, div::div, div::div_scalar);

/// A number first, for each element type: Rust allows no such operator for a type that is a parameter.
macro_rules! number_first {
    ($($number:ty),*) => {$(
        number_first!($number, Add, add, |number, x: &Var<$number>| add::add_scalar(x, number));
        number_first!($number, Sub, sub, |number, x| sub::sub(&constant(number), x));
        number_first!($number, Mul, mul, |number, x: &Var<$number>| mul::mul_scalar(x, number));
        number_first!($number, Div, div, |number, x| div::div(&constant(number), x));
    )*};
    ($number:ty, $trait:ident, $method:ident, $operation:expr) => {
        impl $trait<&Var<$number>> for $number {
            type Output = Var<$number>;
            fn $method(self, x: &Var<$number>) -> Var<$number> {
                $operation(self, x)
            }
        }
        impl $trait<Var<$number>> for $number {
            type Output = Var<$number>;
            fn $method(self, x: Var<$number>) -> Var<$number> {
                $operation(self, &x)
            }
        }
    };
}
number_first!(f32, f64);

fn constant<T: Float>(number: T) -> Var<T> {
    Var::new(Tensor::scalar(number))
}

impl<T: Float> Neg for &Var<T> {
    type Output = Var<T>;
    fn neg(self) -> Var<T> {
        neg::neg(self)
    }
}

impl<T: Float> Neg for Var<T> {
    type Output = Var<T>;
    fn neg(self) -> Var<T> {
        neg::neg(&self)
    }
}
