//! The largest element of windows of any kind, by its place.

use std::ops::Range;

use crate::element::Float;
use crate::parallel::{for_each_piece, rows_per_piece};
use crate::shape::{Dims, numel};
use crate::tensor::Tensor;

/// The windows along one dimension: for each output the inputs that it sees, every `step`-th of a range.
#[derive(Clone, Debug)]
pub struct AxisWindows {
    /// Steps between the elements of a window.
    pub step: usize,
    /// From the first to behind the last element of each window.
    pub ranges: Vec<Range<usize>>,
}

impl<T: Float> Tensor<T> {
    /// The place of the largest element of every window over the last dimensions, one entry of `windows` for each. A
    /// place counts row-major within those dimensions, as PyTorch's indices. Of equals the first counts; NaN is larger
    /// than all, and of several the last counts.
    ///
    /// # Panics
    /// If there are more than three entries or more than dimensions, or a window leaves its dimension or is empty.
    #[track_caller]
    pub fn max_windows(&self, windows: &[AxisWindows]) -> Tensor<i64> {
        assert!(
            (1..=3).contains(&windows.len()) && windows.len() <= self.rank(),
            "max_windows: windows along {} dimensions of shape {:?}",
            windows.len(),
            self.shape()
        );
        let (leading, sizes) = self.shape().split_at(self.rank() - windows.len());
        for (axis, &size) in windows.iter().zip(sizes) {
            let wrong = axis.ranges.iter().find(|range| range.is_empty() || range.end > size);
            assert!(wrong.is_none() && axis.step > 0, "max_windows: window {wrong:?} does not fit {size} entries");
        }
        let mut shape = Dims::from_slice(leading);
        shape.extend(windows.iter().map(|axis| axis.ranges.len()));
        // Always three dimensions; those that are missing have one window of one element.
        let single = [AxisWindows { step: 1, ranges: std::iter::once(0..1).collect() }];
        let missing = 3 - windows.len();
        let axes: [&AxisWindows; 3] =
            std::array::from_fn(|d| if d < missing { &single[0] } else { &windows[d - missing] });
        let input: [usize; 3] = std::array::from_fn(|d| if d < missing { 1 } else { sizes[d - missing] });
        let (size, volume) = (numel(&shape[leading.len()..]), numel(sizes));
        let x = self.row_major();
        Tensor::build(&shape, |places| {
            for_each_piece(places, rows_per_piece(size.max(volume)) * size, |start, places| {
                for (n, places) in (start / size..).zip(places.chunks_mut(size)) {
                    volume_places(places, &x[n * volume..(n + 1) * volume], axes, input);
                }
            });
        })
    }
}

/// The places in one volume.
fn volume_places<T: Float>(places: &mut [i64], x: &[T], axes: [&AxisWindows; 3], input: [usize; 3]) {
    let mut places = places.iter_mut();
    for planes in &axes[0].ranges {
        for rows in &axes[1].ranges {
            for (columns, place) in axes[2].ranges.iter().zip(&mut places) {
                let at = |plane: usize, row: usize, column: usize| (plane * input[1] + row) * input[2] + column;
                let mut best = at(planes.start, rows.start, columns.start);
                for plane in planes.clone().step_by(axes[0].step) {
                    for row in rows.clone().step_by(axes[1].step) {
                        for column in columns.clone().step_by(axes[2].step) {
                            let other = at(plane, row, column);
                            if x[other] > x[best] || x[other].is_nan() {
                                best = other;
                            }
                        }
                    }
                }
                *place = best as i64;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_window_gives_the_place_of_its_first_largest_element() {
        let x = Tensor::from_vec(vec![1.0f32, 5.0, 5.0, f32::NAN, 2.0, 0.0, 7.0, f32::NAN], [2, 4]);
        let axis = |step, ranges: &[Range<usize>]| AxisWindows { step, ranges: ranges.to_vec() };
        let places = x.max_windows(&[axis(2, &[0..3, 1..4])]);
        assert_eq!(places, Tensor::from_vec(vec![2, 3, 2, 3], [2, 2]));
        let places = x.max_windows(&[axis(1, &[0..2, 1..2]), axis(1, &[0..2, 1..3])]);
        assert_eq!(places, Tensor::from_vec(vec![1, 6, 4, 6], [2, 2]));
    }

    #[test]
    #[should_panic(expected = "max_windows: window Some(1..5) does not fit 4 entries")]
    fn windows_stay_inside() {
        Tensor::<f32>::zeros([4]).max_windows(&[AxisWindows { step: 1, ranges: std::iter::once(1..5).collect() }]);
    }
}
