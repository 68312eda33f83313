//! Comparisons of elements, and logic on what they give.

use crate::element::{Element, Float};
use crate::tensor::Tensor;

/// A tensor, or a number that stands at every place.
#[derive(Clone, Copy, Debug)]
pub enum Operand<'a, T: Element> {
    /// The elements of a tensor, broadcast.
    Tensor(&'a Tensor<T>),
    /// One number.
    Number(T),
}

impl<T: Element> From<T> for Operand<'_, T> {
    fn from(number: T) -> Self {
        Self::Number(number)
    }
}

impl<'a, T: Element> From<&'a Tensor<T>> for Operand<'a, T> {
    fn from(tensor: &'a Tensor<T>) -> Self {
        Self::Tensor(tensor)
    }
}

macro_rules! comparisons {
    ($($method:ident $op:tt;)*) => {$(
        #[doc = concat!("Where the element `", stringify!($op), "` the other: a tensor's, broadcast, or a number.")]
        /// A comparison with NaN holds only for `ne`.
        ///
        /// # Panics
        /// If the shapes do not broadcast.
        #[track_caller]
        pub fn $method<'a>(&self, other: impl Into<Operand<'a, T>>) -> Tensor<bool> {
            match other.into() {
                Operand::Tensor(other) => self.zip_map(other, stringify!($method), |a, b| a $op b),
                Operand::Number(other) => self.map(move |a| a $op other),
            }
        }
    )*};
}

impl<T: Element> Tensor<T> {
    comparisons! {
        eq ==;
        ne !=;
        lt <;
        le <=;
        gt >;
        ge >=;
    }
}

impl<T: Float> Tensor<T> {
    /// Where the element is NaN.
    pub fn isnan(&self) -> Tensor<bool> {
        self.map(|x| x.is_nan())
    }

    /// Where the element is infinite, of either sign.
    pub fn isinf(&self) -> Tensor<bool> {
        self.map(|x| x.is_infinite())
    }

    /// Where the element is neither infinite nor NaN.
    pub fn isfinite(&self) -> Tensor<bool> {
        self.map(|x| x.is_finite())
    }
}

impl Tensor<bool> {
    /// Where both are true, broadcasting.
    ///
    /// # Panics
    /// If the shapes do not broadcast.
    #[track_caller]
    pub fn logical_and(&self, other: &Self) -> Self {
        self.zip_map(other, "logical_and", |a, b| a & b)
    }

    /// Where at least one is true, broadcasting.
    ///
    /// # Panics
    /// If the shapes do not broadcast.
    #[track_caller]
    pub fn logical_or(&self, other: &Self) -> Self {
        self.zip_map(other, "logical_or", |a, b| a | b)
    }

    /// Where one is true and the other not, broadcasting.
    ///
    /// # Panics
    /// If the shapes do not broadcast.
    #[track_caller]
    pub fn logical_xor(&self, other: &Self) -> Self {
        self.zip_map(other, "logical_xor", |a, b| a ^ b)
    }

    /// True for false and false for true.
    pub fn logical_not(&self) -> Self {
        self.map(|x| !x)
    }

    /// How many elements are true.
    pub fn count(&self) -> usize {
        self.view().iter().filter(|&&x| x).count()
    }
}

#[cfg(test)]
mod tests {
    use crate::Tensor;

    #[test]
    fn comparisons_broadcast_and_take_numbers() {
        let (a, b) = (Tensor::from_vec(vec![1.0f32, f32::NAN, 3.0], [3]), Tensor::from_vec(vec![1.0f32, 3.0], [2, 1]));
        assert_eq!(a.eq(&b).to_vec(), [true, false, false, false, false, true]);
        assert_eq!(a.ne(1.0).to_vec(), [false, true, true]);
        assert_eq!(a.lt(3.0).to_vec(), [true, false, false]);
        assert_eq!(a.le(3.0).to_vec(), [true, false, true]);
        assert_eq!(a.gt(&b).to_vec(), [false, false, true, false, false, false]);
        assert_eq!(a.ge(1.0).to_vec(), [true, false, true]);
        assert_eq!(Tensor::from_vec(vec![3i64, -1], [2]).gt(0).to_vec(), [true, false]);
    }

    #[test]
    fn numbers_are_told_apart() {
        let x = Tensor::from_vec(vec![0.0, f64::NAN, f64::INFINITY, f64::NEG_INFINITY], [4]);
        assert_eq!(x.isnan().to_vec(), [false, true, false, false]);
        assert_eq!(x.isinf().to_vec(), [false, false, true, true]);
        assert_eq!(x.isfinite().to_vec(), [true, false, false, false]);
    }

    #[test]
    fn logic_is_that_of_truth_tables() {
        let (a, b) = (Tensor::from_vec(vec![true, false], [2, 1]), Tensor::from_vec(vec![true, false], [2]));
        assert_eq!(a.logical_and(&b).to_vec(), [true, false, false, false]);
        assert_eq!(a.logical_or(&b).to_vec(), [true, true, true, false]);
        assert_eq!(a.logical_xor(&b).to_vec(), [false, true, true, false]);
        assert_eq!((a.logical_not().to_vec(), a.count()), (vec![false, true], 1));
    }

    #[test]
    #[should_panic(expected = "lt: shapes [2] and [3] do not broadcast")]
    fn shapes_that_do_not_fit_are_named() {
        let _ = Tensor::<f32>::zeros([2]).lt(&Tensor::zeros([3]));
    }
}
