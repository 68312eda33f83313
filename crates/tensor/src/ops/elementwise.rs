//! `map` and `zip_map`: the frame of every elementwise operation, with broadcasting.

use crate::element::Element;
use crate::kernels::{elementwise, strided};
use crate::shape::broadcast_shapes;
use crate::tensor::Tensor;

impl<T: Element> Tensor<T> {
    /// `f` of every element. The elements lie in memory as those of this tensor, where it has no gaps.
    pub fn map<O: Element>(&self, f: impl Fn(T) -> O + Sync) -> Tensor<O> {
        if let Some(x) = self.dense_slice() {
            return Tensor::build_like(self, |out| elementwise::map(out, x, f));
        }
        let x = self.row_major();
        Tensor::build(self.shape(), |out| elementwise::map(out, &x, f))
    }

    /// `f` of every element, written over it where no other tensor shares the memory.
    pub fn map_in_place(&mut self, f: impl Fn(T) -> T + Sync) {
        match self.dense_slice_mut() {
            Some(x) => elementwise::map_in_place(x, f),
            None => elementwise::map_in_place(self.as_mut_slice(), f),
        }
    }

    /// `f` of the elements at the same place in both tensors, broadcast to a common shape. Where both lie in the same
    /// order without gaps, so does the result; else it is row-major.
    ///
    /// # Panics
    /// If the shapes do not broadcast, naming `operation`.
    #[track_caller]
    pub fn zip_map<B: Element, O: Element>(
        &self,
        other: &Tensor<B>,
        operation: &str,
        f: impl Fn(T, B) -> O + Sync,
    ) -> Tensor<O> {
        if self.has_shape(other.shape())
            && let (Some(a), Some(b)) = (self.as_slice(), other.as_slice())
        {
            return Tensor::build(self.shape(), |out| elementwise::zip(out, a, b, f));
        }
        let Some(shape) = broadcast_shapes(self.shape(), other.shape()) else {
            panic!("{operation}: shapes {:?} and {:?} do not broadcast", self.shape(), other.shape());
        };
        if let (true, Some(a), Some(b)) = (self.lies_as(other), self.dense_slice(), other.dense_slice()) {
            return Tensor::build_like(self, |out| elementwise::zip(out, a, b, f));
        }
        Tensor::build(&shape, |out| match (self.as_slice(), other.as_slice()) {
            (Some(a), Some(b)) if a.len() == out.len() && b.len() == out.len() => elementwise::zip(out, a, b, f),
            (Some(a), _) if a.len() == out.len() && other.repeats_one() => {
                let b = other.first();
                elementwise::map(out, a, move |a| f(a, b));
            }
            (_, Some(b)) if b.len() == out.len() && self.repeats_one() => {
                let a = self.first();
                elementwise::map(out, b, move |b| f(a, b));
            }
            (Some(a), Some(row)) if a.len() == out.len() && shape.ends_with(other.shape()) => {
                elementwise::zip_row(out, a, row, f);
            }
            (Some(row), Some(b)) if b.len() == out.len() && shape.ends_with(self.shape()) => {
                elementwise::zip_row(out, b, row, |b, a| f(a, b));
            }
            _ => strided::zip(out, &self.broadcast_to(&shape).view(), &other.broadcast_to(&shape).view(), f),
        })
    }

    /// `f` of the elements at the same place in three tensors, broadcast to a common shape; otherwise as
    /// [`zip_map`](Self::zip_map).
    ///
    /// # Panics
    /// If the shapes do not broadcast, naming `operation`.
    #[track_caller]
    pub fn zip3_map<B: Element, C: Element, O: Element>(
        &self,
        b: &Tensor<B>,
        c: &Tensor<C>,
        operation: &str,
        f: impl Fn(T, B, C) -> O + Sync,
    ) -> Tensor<O> {
        let shape = broadcast_shapes(self.shape(), b.shape()).and_then(|both| broadcast_shapes(&both, c.shape()));
        let Some(shape) = shape else {
            panic!("{operation}: shapes {:?}, {:?} and {:?} do not broadcast", self.shape(), b.shape(), c.shape());
        };
        if self.lies_as(b)
            && self.lies_as(c)
            && let (Some(x), Some(y), Some(z)) = (self.dense_slice(), b.dense_slice(), c.dense_slice())
        {
            return Tensor::build_like(self, |out| elementwise::zip3(out, (x, y, z), f));
        }
        let (x, y) = (self.broadcast_to(&shape).row_major(), b.broadcast_to(&shape).row_major());
        let z = c.broadcast_to(&shape).row_major();
        Tensor::build(&shape, |out| elementwise::zip3(out, (&x, &y, &z), f))
    }

    /// `self[i] = f(self[i], other[i])`, written in place where no other tensor shares the memory.
    ///
    /// # Panics
    /// If `other` does not broadcast to this tensor's shape, naming `operation`.
    #[track_caller]
    pub fn zip_in_place<B: Element>(&mut self, other: &Tensor<B>, operation: &str, f: impl Fn(T, B) -> T + Sync) {
        if let (true, true, Some(b)) = (self.has_shape(other.shape()), self.is_contiguous(), other.as_slice()) {
            return elementwise::zip_in_place(self.as_mut_slice(), b, f);
        }
        assert!(
            broadcast_shapes(self.shape(), other.shape()).as_deref() == Some(self.shape()),
            "{operation}: shape {:?} does not broadcast to {:?}",
            other.shape(),
            self.shape()
        );
        if self.lies_as(other)
            && let (Some(a), Some(b)) = (self.dense_slice_mut(), other.dense_slice())
        {
            return elementwise::zip_in_place(a, b, f);
        }
        let other = other.broadcast_to(self.shape()).row_major();
        elementwise::zip_in_place(self.as_mut_slice(), &other, f);
    }
}

impl<T: Element> Tensor<T> {
    /// Whether there is but one element in memory, however often a broadcast repeats it: the gradient of a sum is such.
    fn repeats_one(&self) -> bool {
        self.numel() > 0 && self.shape().iter().zip(self.strides()).all(|(&size, &stride)| size == 1 || stride == 0)
    }

    /// The element at index 0 of every dimension; there must be one.
    fn first(&self) -> T {
        self.storage.as_slice()[self.layout.offset]
    }
}

#[cfg(test)]
mod tests {
    use crate::Tensor;

    /// Every broadcast path against ndarray's own broadcasting.
    #[test]
    fn every_path_equals_ndarray() {
        let check = |a: Tensor<f64>, b: Tensor<f64>| {
            let got = a.zip_map(&b, "sub", |a, b| a - b);
            let shape = crate::broadcast_shapes(a.shape(), b.shape()).unwrap();
            let (x, y) = (a.view(), b.view());
            let want = &x.broadcast(&shape[..]).unwrap() - &y.broadcast(&shape[..]).unwrap();
            assert_eq!(got.to_ndarray(), want, "{:?} - {:?}", a.shape(), b.shape());
        };
        let make = |shape: &[usize]| Tensor::from_fn(shape, |i| (i * i % 23) as f64);
        for (a, b) in [
            (&[2, 3][..], &[2, 3][..]),
            (&[2, 3], &[]),
            (&[], &[2, 3]),
            (&[4, 2, 3], &[3]),
            (&[2, 3], &[4, 2, 3]),
            (&[3, 1], &[1, 4]),
            (&[3, 1], &[1, 3]),
            (&[1, 3], &[3, 1]),
            (&[2, 3], &[1, 2, 3]),
            (&[1, 3], &[3]),
            (&[0, 3], &[3]),
            (&[], &[]),
            (&[2, 1, 3], &[4, 1]),
            (&[300, 200], &[200]),
            (&[300, 200], &[300, 1]),
        ] {
            check(make(a), make(b));
        }
        check(make(&[3, 2]).transpose(0, 1), make(&[2, 3]));
        check(make(&[3, 2]), Tensor::scalar(5.0).broadcast_to([3, 2]));
        check(Tensor::scalar(5.0).broadcast_to([2, 1]), make(&[4, 2, 3]));
        check(make(&[5, 4]).slice(1, 1..3), make(&[2]));
    }

    #[test]
    fn three_tensors_broadcast_together() {
        let (a, b) = (Tensor::from_fn([2, 3], |i| i as f64), Tensor::from_fn([2, 1], |i| 10.0 * i as f64));
        let want = Tensor::from_vec(vec![1.0, 2.0, 3.0, 14.0, 15.0, 16.0], [2, 3]);
        let sum = |a: &Tensor<f64>, b: &Tensor<f64>, c: &Tensor<f64>| a.zip3_map(b, c, "sum", |a, b, c| a + b + c);
        assert_eq!(sum(&a, &b, &Tensor::scalar(1.0)), want);
        assert_eq!(sum(&Tensor::ones([1]), &a, &b), want);
        let wide = b.broadcast_to([2, 3]).contiguous();
        assert_eq!(sum(&a, &wide, &Tensor::ones([2, 3])), want);
        let turned = |x: &Tensor<f64>| x.transpose(0, 1).contiguous().transpose(0, 1);
        assert_eq!(sum(&turned(&a), &wide, &turned(&Tensor::ones([2, 3]))), want);
        assert_eq!(sum(&Tensor::zeros([0, 3]), &a.slice(0, 0..1), &b.slice(0, 0..1)), Tensor::zeros([0, 3]));
    }

    #[test]
    fn writing_in_place_leaves_other_views_alone() {
        let mut a = Tensor::from_vec(vec![1.0f32, 2.0, 3.0, 4.0], [2, 2]);
        let (copy, column) = (a.clone(), a.select(1, 0));
        a.zip_in_place(&Tensor::from_vec(vec![10.0f32, 20.0], [2]), "add", |a, b| a + b);
        assert_eq!(a.to_vec(), [11.0, 22.0, 13.0, 24.0]);
        assert_eq!((copy.to_vec(), column.to_vec()), (vec![1.0, 2.0, 3.0, 4.0], vec![1.0, 3.0]));
        let mut view = copy.select(1, 1);
        view.map_in_place(|x| -x);
        assert_eq!((view.to_vec(), copy.to_vec()), (vec![-2.0, -4.0], vec![1.0, 2.0, 3.0, 4.0]));
    }

    #[test]
    #[should_panic(expected = "add: shapes [2, 3] and [4] do not broadcast")]
    fn shapes_that_do_not_fit_are_named() {
        let _ = &Tensor::<f32>::zeros([2, 3]) + &Tensor::zeros([4]);
    }
}
