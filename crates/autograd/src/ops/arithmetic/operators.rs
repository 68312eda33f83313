//! Rust's operators on variables.

use std::ops::{Add, Div, Mul, Neg, Sub};

use gradus_tensor::Float;

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
