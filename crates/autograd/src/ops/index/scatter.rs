//! Elements written, or added, to places along a dimension.

use gradus_tensor::{Dims, Float, IndexError, Tensor};

use crate::var::Var;

impl<T: Float> Var<T> {
    /// This variable with elements of `source` written to the indices along dimension `dim`: with `dim` 1, element
    /// `[i, j, k]` of the source goes to `[i, indices[i, j, k], k]`. Of several for one place the last is kept, and
    /// only it gets a gradient.
    ///
    /// # Errors
    /// If an index is outside the dimension.
    ///
    /// # Panics
    /// If the number of dimensions differs, or the indices have more entries than this variable along another
    /// dimension, or than the source along any.
    #[track_caller]
    pub fn scatter(&self, dim: isize, indices: &Tensor<i64>, source: &Self) -> Result<Self, IndexError> {
        let places = indices.places_along("scatter", dim, self.shape())?;
        Ok(self.put_over(&places, &source.cut_to("scatter", indices.shape())))
    }

    /// This variable with `value` written to the indices along dimension `dim`, as [`scatter`](Self::scatter).
    ///
    /// # Errors
    /// If an index is outside the dimension.
    ///
    /// # Panics
    /// As [`scatter`](Self::scatter).
    #[track_caller]
    pub fn scatter_value(&self, dim: isize, indices: &Tensor<i64>, value: T) -> Result<Self, IndexError> {
        let places = indices.places_along("scatter_value", dim, self.shape())?;
        Ok(self.masked_fill(&mask_of(&places, self.shape()), value))
    }

    /// This variable with the elements of `source` added at the indices along dimension `dim`, as
    /// [`scatter`](Self::scatter); several for one place are all added.
    ///
    /// # Errors
    /// If an index is outside the dimension.
    ///
    /// # Panics
    /// As [`scatter`](Self::scatter).
    #[track_caller]
    pub fn scatter_add(&self, dim: isize, indices: &Tensor<i64>, source: &Self) -> Result<Self, IndexError> {
        let places = indices.places_along("scatter_add", dim, self.shape())?;
        Ok(self + source.cut_to("scatter_add", indices.shape()).put(&places, self.shape()))
    }

    /// This variable with the elements of `source` at their places, which are in range; of several for one place the
    /// last.
    pub(super) fn put_over(&self, places: &Tensor<i64>, source: &Self) -> Self {
        let (source, places) = source.last_of_each(places, self.numel());
        self.masked_fill(&mask_of(&places, self.shape()), T::zero()) + source.put(&places, self.shape())
    }

    /// These elements as a list, without those that a later one for the same place overwrites, and the places.
    fn last_of_each(&self, places: &Tensor<i64>, numel: usize) -> (Self, Tensor<i64>) {
        let in_order = places.to_vec();
        let mut last = vec![usize::MAX; numel];
        in_order.iter().enumerate().for_each(|(i, &place)| last[place as usize] = i);
        let kept: Vec<i64> =
            (0..in_order.len()).filter(|&i| last[in_order[i] as usize] == i).map(|i| i as i64).collect();
        let list = |values: Vec<i64>| Tensor::from_slice(&values, [values.len()]);
        let left = list(kept.iter().map(|&i| in_order[i as usize]).collect());
        (self.taken(&list(kept)), left)
    }

    /// The first entries of every dimension, as many as `shape` says.
    #[track_caller]
    pub(super) fn cut_to(&self, operation: &str, shape: &[usize]) -> Self {
        assert!(
            self.shape().len() == shape.len() && self.shape().iter().zip(shape).all(|(own, other)| own >= other),
            "{operation}: a source of shape {:?} for indices of shape {shape:?}",
            self.shape()
        );
        let dims = shape.iter().enumerate().filter(|&(dim, &size)| size < self.shape()[dim]);
        dims.fold(self.clone(), |x, (dim, &size)| x.slice(dim as isize, 0..size))
    }
}

/// True at these places.
fn mask_of(places: &Tensor<i64>, shape: &[usize]) -> Tensor<bool> {
    let shape = Dims::from_slice(shape);
    let mut mask = Tensor::zeros(&shape);
    let flags = mask.as_mut_slice();
    places.to_vec().into_iter().for_each(|place| flags[place as usize] = true);
    mask
}
