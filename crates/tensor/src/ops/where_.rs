//! A choice between two tensors, element by element.

use crate::element::Element;
use crate::ops::compare::Operand;
use crate::tensor::Tensor;

impl<T: Element> Tensor<T> {
    /// This tensor's element where `mask` is true, else that of `other`, all broadcast (PyTorch's `where`, a word that
    /// Rust keeps for itself).
    ///
    /// # Panics
    /// If the shapes do not broadcast.
    #[track_caller]
    pub fn where_<'a>(&self, mask: &Tensor<bool>, other: impl Into<Operand<'a, T>>) -> Self {
        let number = match other.into() {
            Operand::Number(number) => number,
            Operand::Tensor(other) => {
                return self.zip3_map(mask, other, "where_", |x, chosen, other| if chosen { x } else { other });
            }
        };
        self.zip_map(mask, "where_", move |x, chosen| if chosen { x } else { number })
    }
}

#[cfg(test)]
mod tests {
    use crate::Tensor;

    #[test]
    fn all_three_broadcast() {
        let mask = Tensor::from_vec(vec![true, false], [2, 1]);
        let (a, b) = (Tensor::from_vec(vec![1.0f32, 2.0], [2]), Tensor::from_vec(vec![3.0f32, f32::NAN], [2]));
        assert_eq!(a.where_(&mask, &a).to_vec(), [1.0, 2.0, 1.0, 2.0]);
        assert_eq!(b.where_(&mask, -1.0).to_vec()[2..], [-1.0, -1.0]);
        assert_eq!(a.where_(&mask, &b).to_vec()[..3], [1.0, 2.0, 3.0]);
    }
}
