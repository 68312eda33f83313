//! Sparse linear maps along one dimension: what moves windows, pads, averages and resizes.

use std::sync::Arc;

use crate::element::Float;
use crate::kernels::axis_map::{Terms, apply};
use crate::shape::{numel, resolve_dim};
use crate::tensor::Tensor;

/// A linear map along one dimension, each of whose outputs is a weighted sum of a few inputs. `Clone` copies a pointer.
#[derive(Clone, Debug)]
pub struct AxisMap(Arc<Terms>);

impl AxisMap {
    /// The map whose output `i` is the sum of weight times input over `terms(i)`.
    ///
    /// # Panics
    /// If a term names an input that there is not.
    #[track_caller]
    pub fn new<I: IntoIterator<Item = (usize, f64)>>(
        inputs: usize,
        outputs: usize,
        terms: impl Fn(usize) -> I,
    ) -> Self {
        let (mut starts, mut all) = (vec![0], Vec::new());
        for output in 0..outputs {
            all.extend(terms(output));
            starts.push(all.len());
        }
        let leaves = all.iter().find(|(at, _)| *at >= inputs);
        assert!(leaves.is_none(), "AxisMap: a term {leaves:?} leaves the {inputs} inputs");
        Self(Arc::new(Terms { inputs, starts, terms: all }))
    }

    /// The entries of the dimension that it maps from.
    pub fn inputs(&self) -> usize {
        self.0.inputs
    }

    /// The entries of the dimension that it maps to.
    pub fn outputs(&self) -> usize {
        self.0.outputs()
    }

    /// The map back: each input gets its shares of the outputs it is in.
    #[must_use]
    pub fn transposed(&self) -> Self {
        let map = &self.0;
        let mut starts = vec![0; map.inputs + 1];
        map.terms.iter().for_each(|(at, _)| starts[at + 1] += 1);
        (0..map.inputs).for_each(|i| starts[i + 1] += starts[i]);
        let (mut next, mut terms) = (starts.clone(), vec![(0, 0.0); map.terms.len()]);
        for output in 0..map.outputs() {
            for &(at, weight) in map.of(output) {
                terms[next[at]] = (output, weight);
                next[at] += 1;
            }
        }
        Self(Arc::new(Terms { inputs: map.outputs(), starts, terms }))
    }
}

impl<T: Float> Tensor<T> {
    /// `map` along dimension `dim`. Channels-last memory stays so.
    ///
    /// # Panics
    /// If the dimension is out of range or has not the entries that the map maps from.
    #[track_caller]
    pub fn map_axis(&self, dim: isize, map: &AxisMap) -> Self {
        let at = resolve_dim("map_axis", dim, self.rank());
        assert!(
            self.shape()[at] == map.inputs(),
            "map_axis: dimension {at} of shape {:?} has not the {} entries that the map takes",
            self.shape(),
            map.inputs()
        );
        if !self.is_contiguous() && self.is_channels_last() {
            let in_memory = [0, 3, 1, 2][at];
            return self.permute(&[0, 2, 3, 1]).map_axis(in_memory, map).permute(&[0, 3, 1, 2]);
        }
        let mut shape = self.layout.shape.clone();
        shape[at] = map.outputs();
        let x = self.row_major();
        Self::build(&shape, |out| apply(out, &x, &map.0, numel(&self.shape()[at + 1..])))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_map_and_its_transpose_equal_products_with_its_matrix() {
        for (inputs, outputs) in [(4, 3), (1, 5), (6, 6), (3, 0), (0, 2), (40, 30)] {
            let terms = |i: usize| (0..i % 4).map(move |k| ((i * 5 + k * 3) % inputs.max(1), (i + k) as f64 - 2.5));
            let map = AxisMap::new(inputs, outputs, |i| terms(i).filter(|_| inputs > 0));
            let mut matrix = vec![0.0; outputs * inputs];
            if inputs > 0 {
                (0..outputs).for_each(|i| terms(i).for_each(|(at, weight)| matrix[i * inputs + at] += weight));
            }
            let matrix = Tensor::from_vec(matrix, [outputs, inputs]);
            for dim in 0..4 {
                let mut shape = [2, 3, 20, 5];
                shape[dim] = inputs;
                let rows = Tensor::from_fn(shape, |i| (i * 7 % 11) as f64 - 5.0);
                let product = |x: &Tensor<f64>, matrix: &Tensor<f64>| {
                    x.transpose(dim as isize, 3).matmul(&matrix.transpose(0, 1)).transpose(dim as isize, 3)
                };
                for x in [rows.clone(), rows.to_channels_last()] {
                    let y = x.map_axis(dim as isize, &map);
                    assert_eq!(y, product(&x, &matrix), "{inputs} to {outputs} along {dim}");
                    let back = y.map_axis(dim as isize, &map.transposed());
                    assert_eq!(back, product(&y, &matrix.transpose(0, 1)), "back from {outputs} along {dim}");
                }
            }
        }
    }

    #[test]
    #[should_panic(expected = "map_axis: dimension 1 of shape [2, 3] has not the 4 entries that the map takes")]
    fn the_dimension_must_be_the_maps() {
        Tensor::<f32>::zeros([2, 3]).map_axis(1, &AxisMap::new(4, 1, |_| [(3, 1.0)]));
    }
}
