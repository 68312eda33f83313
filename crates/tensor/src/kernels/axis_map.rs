//! A sparse linear map along one dimension.

use crate::element::Float;
use crate::kernels::simd::{Arithmetic, Kernel, dispatch};
use crate::parallel::{for_each_piece, rows_per_piece};

/// What each output is made of: inputs and their weights.
#[derive(Debug)]
pub(crate) struct Terms {
    pub(crate) inputs: usize,
    /// The terms of output `i` are those from `starts[i]` to `starts[i + 1]`.
    pub(crate) starts: Vec<usize>,
    pub(crate) terms: Vec<(usize, f64)>,
}

impl Terms {
    pub(crate) fn outputs(&self) -> usize {
        self.starts.len() - 1
    }

    /// The inputs of one output, with their weights.
    #[inline(always)]
    pub(crate) fn of(&self, output: usize) -> &[(usize, f64)] {
        &self.terms[self.starts[output]..self.starts[output + 1]]
    }
}

/// `[outer, inputs, inner] -> [outer, outputs, inner]`.
pub(crate) fn apply<T: Float>(out: &mut [T], x: &[T], terms: &Terms, inner: usize) {
    // One row of neighbours is written at a time: of the dimension itself where it is the last.
    let width = if inner == 1 { terms.outputs() } else { inner };
    let dear = 1 + terms.terms.len() / terms.outputs();
    for_each_piece(out, rows_per_piece(width * dear) * width, |start, out| {
        dispatch(Rows { out, x, terms, inner, first: start / width });
    });
}

/// Rows of outputs, from `first` on.
struct Rows<'a, T> {
    out: &'a mut [T],
    x: &'a [T],
    terms: &'a Terms,
    inner: usize,
    first: usize,
}

impl<T: Float> Kernel for Rows<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        let Self { out, x, terms, inner, first } = self;
        let outputs = terms.outputs();
        if inner == 1 {
            for (n, out) in (first..).zip(out.chunks_mut(outputs)) {
                let x = &x[n * terms.inputs..(n + 1) * terms.inputs];
                for (i, out) in out.iter_mut().enumerate() {
                    let sum = |sum, &(at, weight): &(usize, f64)| A::mul_add(T::from_f64(weight), x[at], sum);
                    *out = terms.of(i).iter().fold(T::zero(), sum);
                }
            }
            return;
        }
        for (row, out) in (first..).zip(out.chunks_mut(inner)) {
            let (n, i) = (row / outputs, row % outputs);
            let of = |at: usize| &x[(n * terms.inputs + at) * inner..][..inner];
            let Some((&(at, weight), more)) = terms.of(i).split_first() else {
                out.fill(T::zero());
                continue;
            };
            let weight = T::from_f64(weight);
            out.iter_mut().zip(of(at)).for_each(|(out, &x)| *out = weight * x);
            for &(at, weight) in more {
                let weight = T::from_f64(weight);
                out.iter_mut().zip(of(at)).for_each(|(out, &x)| *out = A::mul_add(weight, x, *out));
            }
        }
    }
}
