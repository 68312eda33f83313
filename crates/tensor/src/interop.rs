//! ndarray, the language that tensors speak with the outside.

use ndarray::{ArrayD, ArrayViewD, IxDyn, ShapeBuilder};

use crate::element::Element;
use crate::tensor::Tensor;

impl<T: Element> Tensor<T> {
    /// This tensor as a read-only ndarray view, without a copy.
    pub fn view(&self) -> ArrayViewD<'_, T> {
        if self.numel() == 0 {
            return ArrayViewD::from_shape(IxDyn(self.shape()), &[]).expect("an empty shape needs no elements");
        }
        let shape = IxDyn(self.shape()).strides(IxDyn(self.strides()));
        let from_offset = self.memory_from_first();
        ArrayViewD::from_shape(shape, from_offset).expect("a tensor's layout stays inside its storage")
    }

    /// A copy as an owned ndarray.
    pub fn to_ndarray(&self) -> ArrayD<T> {
        self.view().to_owned()
    }
}

/// Copies an array of any memory order into a row-major tensor.
impl<T: Element> From<ArrayD<T>> for Tensor<T> {
    fn from(array: ArrayD<T>) -> Self {
        Self::from(array.view())
    }
}

/// Copies a view of any memory order into a row-major tensor.
impl<T: Element> From<ArrayViewD<'_, T>> for Tensor<T> {
    fn from(view: ArrayViewD<'_, T>) -> Self {
        Self::build(view.shape(), |out| crate::kernels::strided::gather(out, &view))
    }
}

#[cfg(test)]
mod tests {
    use ndarray::{Array, Axis};

    use crate::Tensor;

    #[test]
    fn arrays_of_any_order_come_in_and_go_out() {
        let array = Array::from_shape_vec((2, 3), vec![1, 2, 3, 4, 5, 6i64]).unwrap().into_dyn();
        let tensor = Tensor::from(array.view().reversed_axes());
        assert_eq!((tensor.shape(), tensor.to_vec()), (&[3, 2][..], vec![1, 4, 2, 5, 3, 6]));
        assert_eq!(tensor.transpose(0, 1).to_ndarray(), array);
        let mut backwards = array.view();
        backwards.invert_axis(Axis(1));
        assert_eq!(Tensor::from(backwards).to_vec(), [3, 2, 1, 6, 5, 4]);
    }

    #[test]
    fn a_broadcast_tensor_is_viewed_without_a_copy() {
        let row = Tensor::from_vec(vec![1.0f32, 2.0], [2]);
        let wide = row.broadcast_to([3, 2]);
        assert_eq!(wide.view().sum(), 9.0);
        assert_eq!(Tensor::<f32>::zeros([0, 3]).view().shape(), [0, 3]);
        assert_eq!(Tensor::scalar(4.0f64).view()[[]], 4.0);
    }
}
