//! The same values in another element type.

use num_traits::AsPrimitive;

use crate::element::Element;
use crate::tensor::Tensor;

impl<T: Element> Tensor<T> {
    /// Each element as Rust's `as` converts it: floats to integers round towards zero and stop at the type's ends.
    pub fn cast<O: Element>(&self) -> Tensor<O>
    where
        T: AsPrimitive<O>,
    {
        self.map(AsPrimitive::as_)
    }
}
