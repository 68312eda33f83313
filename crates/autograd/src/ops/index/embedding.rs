//! Rows of a table looked up by index. The lookup and its gradient are linear, and each one's gradient is the other.

use gradus_tensor::{Float, IndexError, Tensor};
use smallvec::smallvec;

use crate::graph::{Context, Gradients, Rule};
use crate::var::Var;

/// What [`Var::embedding_with`] does to the gradient of its table.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EmbeddingOptions {
    /// The row that gets no gradient; counted from the end where negative. Default: none.
    pub padding_idx: Option<isize>,
    /// Divides the gradient of each row by how often the row was looked up. Default: off.
    pub scale_grad_by_freq: bool,
}

impl<T: Float> Var<T> {
    /// Row `indices[i]` of this table `[V, D]` for every `i`: `[..] -> [.., D]` (PyTorch's `functional.embedding`).
    ///
    /// # Errors
    /// If an index is outside `0..V`.
    ///
    /// # Panics
    /// If the table has not two dimensions.
    #[track_caller]
    pub fn embedding(&self, indices: &Tensor<i64>) -> Result<Self, IndexError> {
        self.embedding_with(indices, EmbeddingOptions::default())
    }

    /// [`embedding`](Self::embedding) with a row that gets no gradient, or gradients divided by how often a row comes.
    ///
    /// # Errors
    /// If an index is outside `0..V`.
    ///
    /// # Panics
    /// If the table has not two dimensions, or `padding_idx` names no row of it.
    #[track_caller]
    pub fn embedding_with(&self, indices: &Tensor<i64>, options: EmbeddingOptions) -> Result<Self, IndexError> {
        let value = self.value().embedding(indices)?;
        let rows = self.shape()[0];
        let padding = options.padding_idx.map(|row| row_of("embedding", row, rows));
        Ok(Self::recorded(value, &[self], || {
            let chosen = Chosen::new(indices, rows, padding, options.scale_grad_by_freq);
            let kept = chosen.as_ref().map(|chosen| chosen.indices.clone());
            Embedding { indices: kept.unwrap_or_else(|| indices.clone()), rows, chosen }
        }))
    }

    /// A table of `rows` rows: row `v` is the sum of these rows `[.., D]` whose index is `v`.
    pub(super) fn sum_rows(&self, indices: &Tensor<i64>, rows: usize) -> Self {
        let value = self.value().embedding_gradient(indices, rows);
        Self::recorded(value, &[self], || EmbeddingGradient { indices: indices.clone() })
    }
}

/// The place of `row`, which counts from the end where negative.
#[track_caller]
pub(super) fn row_of(operation: &str, row: isize, rows: usize) -> i64 {
    let place = if row < 0 { row + rows as isize } else { row };
    assert!((0..rows as isize).contains(&place), "{operation}: padding_idx {row} names none of {rows} rows");
    place as i64
}

/// `dx[v]` = the sum of the rows of g whose index is v.
struct Embedding<T: Float> {
    /// Of the rows of g that count.
    indices: Tensor<i64>,
    rows: usize,
    chosen: Option<Chosen<T>>,
}

/// The rows of the gradient that count, and by how much.
struct Chosen<T: Float> {
    positions: Tensor<i64>,
    indices: Tensor<i64>,
    /// `[n, 1]`.
    scales: Option<Tensor<T>>,
}

impl<T: Float> Chosen<T> {
    /// `None` where all count the same.
    fn new(indices: &Tensor<i64>, rows: usize, padding: Option<i64>, by_frequency: bool) -> Option<Self> {
        if padding.is_none() && !by_frequency {
            return None;
        }
        let all = indices.to_vec();
        let positions: Vec<i64> = (0..all.len() as i64).filter(|&i| Some(all[i as usize]) != padding).collect();
        let kept: Vec<i64> = positions.iter().map(|&i| all[i as usize]).collect();
        let n = kept.len();
        let scales = by_frequency.then(|| {
            let mut counts = vec![0usize; rows];
            kept.iter().for_each(|&row| counts[row as usize] += 1);
            Tensor::from_vec(kept.iter().map(|&row| T::from_f64(1.0 / counts[row as usize] as f64)).collect(), [n, 1])
        });
        Some(Self { positions: Tensor::from_vec(positions, [n]), indices: Tensor::from_vec(kept, [n]), scales })
    }

    /// Those rows of `g`, `[n, D]`.
    fn of(&self, g: &Var<T>) -> Var<T> {
        let (&width, leading) = g.shape().split_last().expect("a lookup has a last dimension");
        let rows = g.reshape([leading.iter().product(), width]);
        let rows = rows.embedding(&self.positions).expect("positions are among the rows");
        match &self.scales {
            Some(scales) => rows * Var::new(scales.clone()),
            None => rows,
        }
    }
}

impl<T: Float> Rule<T> for Embedding<T> {
    fn name(&self) -> &'static str {
        "embedding"
    }

    fn adds_in_place(&self) -> bool {
        true
    }

    fn backward(&self, context: &Context<'_, T>) -> Gradients<T> {
        let g = context.gradient();
        let g = self.chosen.as_ref().map_or_else(|| g.clone(), |chosen| chosen.of(g));
        if let Some(mut sum) = context.take_sum(0) {
            // A table that something else has a gradient for, as a tied output layer has: only the rows that were
            // looked up are touched.
            sum.index_add_(&self.indices, g.value());
            return smallvec![Some(Var::new(sum))];
        }
        smallvec![Some(g.sum_rows(&self.indices, self.rows))]
    }
}

/// `dx` = the rows of g looked up.
struct EmbeddingGradient {
    indices: Tensor<i64>,
}

impl<T: Float> Rule<T> for EmbeddingGradient {
    fn name(&self) -> &'static str {
        "embedding_gradient"
    }

    fn backward(&self, context: &Context<'_, T>) -> Gradients<T> {
        let g = context.gradient();
        smallvec![Some(g.embedding(&self.indices).expect("the same indices were in range before"))]
    }
}
