//! Comparisons of values: masks, through which no gradient flows.

use gradus_tensor::{Float, Operand, Tensor};

use crate::var::Var;

macro_rules! comparisons {
    ($($method:ident $op:tt;)*) => {$(
        #[doc = concat!("Where the value `", stringify!($op), "` the other: a variable or tensor, broadcast, or a")]
        /// number. A comparison with NaN holds only for `ne`.
        ///
        /// # Panics
        /// If the shapes do not broadcast.
        #[track_caller]
        pub fn $method<'a>(&self, other: impl Into<Operand<'a, T>>) -> Tensor<bool> {
            self.value().$method(other)
        }
    )*};
}

impl<T: Float> Var<T> {
    comparisons! {
        eq ==;
        ne !=;
        lt <;
        le <=;
        gt >;
        ge >=;
    }

    /// Where the value is NaN.
    pub fn isnan(&self) -> Tensor<bool> {
        self.value().isnan()
    }

    /// Where the value is infinite, of either sign.
    pub fn isinf(&self) -> Tensor<bool> {
        self.value().isinf()
    }

    /// Where the value is neither infinite nor NaN.
    pub fn isfinite(&self) -> Tensor<bool> {
        self.value().isfinite()
    }
}
