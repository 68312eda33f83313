//! Sums, means and maxima of rows of a table, a bag of indices each.

use gradus_tensor::{Float, IndexError, Tensor};

use super::embedding::row_of;
use crate::var::Var;

/// What becomes of the rows of a bag.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum EmbeddingBagMode {
    /// Their sum.
    Sum,
    /// Their mean.
    #[default]
    Mean,
    /// The largest of each column; the gradient goes to the first that is.
    Max,
}

/// How [`Var::embedding_bag`] works.
#[derive(Clone, Debug)]
pub struct EmbeddingBagOptions<T: Float = f32> {
    /// What becomes of the rows of a bag. Default: their mean.
    pub mode: EmbeddingBagMode,
    /// What each row is multiplied by, of the shape of the indices; only for sums. Default: 1.
    pub per_sample_weights: Option<Var<T>>,
    /// The last offset is the end of the last bag instead of the start of one more. Default: off.
    pub include_last_offset: bool,
    /// The row that counts for nothing and gets no gradient; counted from the end where negative. Default: none.
    pub padding_idx: Option<isize>,
}

impl<T: Float> Default for EmbeddingBagOptions<T> {
    fn default() -> Self {
        Self { mode: EmbeddingBagMode::Mean, per_sample_weights: None, include_last_offset: false, padding_idx: None }
    }
}

impl<T: Float> Var<T> {
    /// Sum, mean or maximum of the rows of this table `[V, D]` that each bag of indices names: `[B, D]` (PyTorch's
    /// `functional.embedding_bag`). Indices `[B, N]` are B bags of N; indices `[n]` are cut into bags that start at
    /// `offsets` `[B]`. A bag of nothing gives zeros.
    ///
    /// # Errors
    /// If an index is outside `0..V`.
    ///
    /// # Panics
    /// If the shapes do not fit, the offsets do not go up from 0, or there are weights for what is no sum.
    #[track_caller]
    pub fn embedding_bag(
        &self,
        indices: &Tensor<i64>,
        offsets: Option<&Tensor<i64>>,
        options: &EmbeddingBagOptions<T>,
    ) -> Result<Self, IndexError> {
        let bags = Bags::new(self.shape(), indices, offsets, options);
        let rows = self
            .embedding(&bags.indices)
            .map_err(|error| IndexError { position: bags.positions[error.position] as usize, ..error })?;
        if let Some(weights) = &options.per_sample_weights {
            assert!(
                options.mode == EmbeddingBagMode::Sum && weights.shape() == indices.shape(),
                "embedding_bag: per_sample_weights of shape {:?} for indices of shape {:?} and mode {:?} (only Sum)",
                weights.shape(),
                indices.shape(),
                options.mode
            );
            let positions = Tensor::from_slice(&bags.positions, [bags.positions.len()]);
            let weights = weights.reshape([indices.numel(), 1]).embedding(&positions);
            let weights = weights.expect("positions are among the weights");
            return Ok((rows * weights).sum_rows(&bags.bags, bags.count));
        }
        Ok(match options.mode {
            EmbeddingBagMode::Sum => rows.sum_rows(&bags.bags, bags.count),
            EmbeddingBagMode::Mean => rows.sum_rows(&bags.bags, bags.count) * Self::new(bags.shares()),
            EmbeddingBagMode::Max => bags.maxima(&rows),
        })
    }
}

/// The indices that count, and which bag each is in.
struct Bags {
    /// Where each stands in the given indices.
    positions: Vec<i64>,
    indices: Tensor<i64>,
    bags: Tensor<i64>,
    count: usize,
}

impl Bags {
    #[track_caller]
    fn new<T: Float>(
        table: &[usize],
        indices: &Tensor<i64>,
        offsets: Option<&Tensor<i64>>,
        options: &EmbeddingBagOptions<T>,
    ) -> Self {
        let (bag_of, count) = bag_of_each(indices, offsets, options.include_last_offset);
        let padding = options.padding_idx.map(|row| row_of("embedding_bag", row, table.first().copied().unwrap_or(0)));
        let all = indices.to_vec();
        let positions: Vec<i64> = (0..all.len() as i64).filter(|&i| Some(all[i as usize]) != padding).collect();
        let at =
            |list: &[i64]| Tensor::from_vec(positions.iter().map(|&i| list[i as usize]).collect(), [positions.len()]);
        Self { indices: at(&all), bags: at(&bag_of), positions, count }
    }

    /// How many indices of each bag count.
    fn sizes(&self) -> Vec<usize> {
        let mut sizes = vec![0; self.count];
        self.bags.to_vec().into_iter().for_each(|bag| sizes[bag as usize] += 1);
        sizes
    }

    /// One over the size of each bag, `[B, 1]`.
    fn shares<T: Float>(&self) -> Tensor<T> {
        let shares = self.sizes().into_iter().map(|size| T::from_f64(1.0 / size.max(1) as f64)).collect();
        Tensor::from_vec(shares, [self.count, 1])
    }

    /// The largest of each column of the rows `[n, D]` of each bag.
    fn maxima<T: Float>(&self, rows: &Var<T>) -> Var<T> {
        let width = rows.shape()[1];
        let values = rows.value().contiguous();
        let values = values.as_slice().expect("contiguous memory is a slice");
        // Bags that are not empty, and for each of their columns the place of its maximum among all values.
        let (mut full, mut places) = (Vec::new(), Vec::<i64>::new());
        for (row, bag) in self.bags.to_vec().into_iter().enumerate() {
            if full.last() != Some(&bag) {
                full.push(bag);
                places.extend((row * width..(row + 1) * width).map(|place| place as i64));
                continue;
            }
            let first = places.len() - width;
            for (column, best) in places[first..].iter_mut().enumerate() {
                let place = row * width + column;
                if values[place] > values[*best as usize] {
                    *best = place as i64;
                }
            }
        }
        let bags = full.len();
        let places = Tensor::from_vec(places, [bags * width]);
        rows.taken(&places).reshape([bags, width]).sum_rows(&Tensor::from_vec(full, [bags]), self.count)
    }
}

/// The bag of each index, and the number of bags.
#[track_caller]
fn bag_of_each(indices: &Tensor<i64>, offsets: Option<&Tensor<i64>>, include_last: bool) -> (Vec<i64>, usize) {
    let n = indices.numel();
    let Some(offsets) = offsets else {
        let &[count, size] = indices.shape() else {
            panic!("embedding_bag: indices of shape {:?} without offsets must be [B, N]", indices.shape());
        };
        return ((0..n).map(|i| (i / size) as i64).collect(), count);
    };
    assert!(
        indices.rank() == 1 && offsets.rank() == 1,
        "embedding_bag: indices of shape {:?} and offsets of shape {:?} must be [n] and [B]",
        indices.shape(),
        offsets.shape()
    );
    let mut starts = offsets.to_vec();
    if include_last {
        let last = starts.pop();
        assert!(
            last == Some(n as i64),
            "embedding_bag: the last of the offsets {offsets} must be the number of indices, {n}"
        );
    }
    let rising = starts.windows(2).all(|pair| pair[0] <= pair[1]);
    let in_range = starts.first().is_none_or(|&first| first == 0) && starts.last().is_none_or(|&last| last <= n as i64);
    assert!(
        rising && in_range && (!starts.is_empty() || n == 0),
        "embedding_bag: offsets {offsets} must go up from 0 to at most the number of indices, {n}"
    );
    let mut bags = Vec::with_capacity(n);
    for (bag, &start) in starts.iter().enumerate() {
        let end = starts.get(bag + 1).map_or(n, |&end| end as usize);
        bags.resize(bags.len() + (end - start as usize), bag as i64);
    }
    (bags, starts.len())
}
