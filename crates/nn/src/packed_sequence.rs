//! Sequences of several lengths side by side, without the padding between them (`torch.nn.utils.rnn`).

use gradus_autograd::Var;
use gradus_tensor::{Float, Tensor};
use thiserror::Error;

/// The steps of a batch of sequences, those of all sequences at the first step, then at the second, and so on
/// (PyTorch's `PackedSequence`): longer sequences come first, so that those which go on are the first rows of each
/// step.
#[derive(Clone, Debug)]
pub struct PackedSequence<T: Float = f32> {
    data: Var<T>,
    batch_sizes: Vec<usize>,
    sorted_indices: Option<Vec<usize>>,
    unsorted_indices: Option<Vec<usize>>,
}

/// A length that no sequence of the batch can have.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("length {length} of sequence {position} is not in 1 to {steps}")]
pub struct LengthError {
    /// The sequence.
    pub position: usize,
    /// Its length.
    pub length: usize,
    /// The steps that there are.
    pub steps: usize,
}

impl<T: Float> PackedSequence<T> {
    /// The rows of all steps, `[sum of the lengths, ..]`.
    pub fn data(&self) -> &Var<T> {
        &self.data
    }

    /// How many sequences have each step, in falling order.
    pub fn batch_sizes(&self) -> &[usize] {
        &self.batch_sizes
    }

    /// Where the sequences, in the order of their lengths, stood in the batch; `None` where nothing moved.
    pub fn sorted_indices(&self) -> Option<&[usize]> {
        self.sorted_indices.as_deref()
    }

    /// Where the sequences of the batch stand in the order of their lengths; `None` where nothing moved.
    pub fn unsorted_indices(&self) -> Option<&[usize]> {
        self.unsorted_indices.as_deref()
    }

    /// The length of each sequence, in the order of the batch.
    pub fn lengths(&self) -> Vec<usize> {
        let sequences = self.batch_sizes.first().copied().unwrap_or(0);
        let length = |row: usize| self.batch_sizes.partition_point(|&size| size > row);
        (0..sequences).map(|i| length(self.unsorted_indices.as_ref().map_or(i, |places| places[i]))).collect()
    }

    /// The same steps with other data.
    ///
    /// # Panics
    /// If the number of rows differs.
    #[must_use]
    #[track_caller]
    pub fn with_data(&self, data: Var<T>) -> Self {
        assert!(
            data.shape().first() == self.data.shape().first(),
            "PackedSequence: data of shape {:?} in the place of {:?}",
            data.shape(),
            self.data.shape()
        );
        Self { data, ..self.clone() }
    }

    /// For each row, its sequence in the batch and its step.
    fn rows(&self) -> impl Iterator<Item = (usize, usize)> {
        let of = |row: usize| self.sorted_indices.as_ref().map_or(row, |order| order[row]);
        self.batch_sizes.iter().enumerate().flat_map(move |(t, &size)| (0..size).map(move |row| (of(row), t)))
    }
}

/// Packs the first `lengths[i]` steps of each sequence `i` of `[T, B, ..]`, or of `[B, T, ..]` where `batch_first`
/// (PyTorch's `pack_padded_sequence`). Where `enforce_sorted` the lengths must fall, else the sequences are sorted, and
/// what is computed of them comes back in the order of the batch.
///
/// ```
/// use gradus_autograd::Var;
/// use gradus_nn::{LSTM, pack_padded_sequence, pad_packed_sequence};
/// use gradus_tensor::Tensor;
///
/// let lstm: LSTM = LSTM::new(3, 5).with_batch_first();
/// let x = Var::new(Tensor::zeros([2, 7, 3]));
/// let packed = pack_padded_sequence(&x, &[4, 6], true, false)?;
/// let (output, _) = lstm.forward_packed(&packed, None);
/// let (padded, lengths) = pad_packed_sequence(&output, true, 0.0, None);
/// assert_eq!((padded.shape(), lengths), (&[2, 6, 5][..], vec![4, 6]));
/// # Ok::<(), gradus_nn::LengthError>(())
/// ```
///
/// # Errors
/// If a length is 0 or above the number of steps.
///
/// # Panics
/// If there are fewer than two dimensions, not one length for each sequence, no sequence, or lengths that rise where
/// `enforce_sorted`.
#[track_caller]
pub fn pack_padded_sequence<T: Float>(
    x: &Var<T>,
    lengths: &[usize],
    batch_first: bool,
    enforce_sorted: bool,
) -> Result<PackedSequence<T>, LengthError> {
    let &[first, second, ref rest @ ..] = x.shape() else {
        panic!("pack_padded_sequence: a sequence of shape {:?} must be [T, B, ..]", x.shape());
    };
    let (steps, batch) = if batch_first { (second, first) } else { (first, second) };
    assert!(
        lengths.len() == batch && batch > 0,
        "pack_padded_sequence: {} lengths for a sequence of shape {:?}",
        lengths.len(),
        x.shape()
    );
    if let Some((position, &length)) = lengths.iter().enumerate().find(|&(_, &length)| length == 0 || length > steps) {
        return Err(LengthError { position, length, steps });
    }
    let mut order: Vec<usize> = (0..batch).collect();
    order.sort_by_key(|&i| std::cmp::Reverse(lengths[i]));
    assert!(
        !enforce_sorted || lengths.is_sorted_by(|a, b| a >= b),
        "pack_padded_sequence: lengths {lengths:?} do not fall; without enforce_sorted they need not"
    );
    let longest = lengths[order[0]];
    let batch_sizes: Vec<usize> = (0..longest).map(|t| lengths.iter().filter(|&&length| length > t).count()).collect();
    let mut places = vec![0; batch];
    order.iter().enumerate().for_each(|(place, &i)| places[i] = place);
    let (sorted_indices, unsorted_indices) = if enforce_sorted { (None, None) } else { (Some(order), Some(places)) };
    let mut packed = PackedSequence { data: x.clone(), batch_sizes, sorted_indices, unsorted_indices };
    let place = |(i, t): (usize, usize)| if batch_first { i * steps + t } else { t * batch + i };
    let shape: Vec<usize> = [first * second].iter().chain(rest).copied().collect();
    packed.data = picked(&x.reshape(shape), packed.rows().map(place));
    Ok(packed)
}

/// The sequences with `padding_value` after their ends, `[T, B, ..]`, or `[B, T, ..]` where `batch_first`, and their
/// lengths (PyTorch's `pad_packed_sequence`). There are `total_length` steps, or as many as the longest has.
///
/// # Panics
/// If `total_length` is below the longest length.
#[track_caller]
pub fn pad_packed_sequence<T: Float>(
    packed: &PackedSequence<T>,
    batch_first: bool,
    padding_value: f64,
    total_length: Option<usize>,
) -> (Var<T>, Vec<usize>) {
    let lengths = packed.lengths();
    let (longest, batch) = (packed.batch_sizes.len(), lengths.len());
    let steps = total_length.unwrap_or(longest);
    assert!(
        steps >= longest,
        "pad_packed_sequence: {steps} steps are fewer than the {longest} of the longest sequence"
    );
    let rest = &packed.data.shape()[1..];
    // One row more, which every place without a step reads.
    let total = packed.data.shape()[0];
    let row: Vec<usize> = [1].iter().chain(rest).copied().collect();
    let rows = Var::cat(&[packed.data.clone(), Var::new(Tensor::full(row, T::from_f64(padding_value)))], 0);
    let mut source = vec![total; steps * batch];
    for (row, (i, t)) in packed.rows().enumerate() {
        source[if batch_first { i * steps + t } else { t * batch + i }] = row;
    }
    let lead = if batch_first { [batch, steps] } else { [steps, batch] };
    let shape: Vec<usize> = lead.iter().chain(rest).copied().collect();
    (picked(&rows, source.into_iter()).reshape(shape), lengths)
}

/// Entries of the first dimension.
fn picked<T: Float>(x: &Var<T>, entries: impl Iterator<Item = usize>) -> Var<T> {
    let entries: Vec<i64> = entries.map(|entry| entry as i64).collect();
    let n = entries.len();
    x.index_select(0, &Tensor::from_vec(entries, [n])).expect("the entries are in range")
}
