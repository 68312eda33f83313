//! Windows of a long sequence of tokens, for language models.

use gradus_tensor::Tensor;

use crate::dataset::{Dataset, Epoch, check_indices};
use crate::error::DataError;

/// Stretches of `block_size` tokens, each with the tokens that follow its own.
///
/// ```
/// use gradus_data::{Dataset, Epoch, TokenWindows};
///
/// let windows = TokenWindows::new(vec![10, 11, 12, 13, 14, 15, 16], 3)?;
/// assert_eq!(windows.len(), 4); // one from each place that has three followed by one more
/// let batch = windows.get_batch(&[0, 3], Epoch::default())?;
/// assert_eq!(batch.inputs.to_vec(), [10, 11, 12, 13, 14, 15]);
/// assert_eq!(batch.targets.to_vec(), [11, 12, 13, 14, 15, 16]);
/// assert_eq!(windows.side_by_side().len(), 2);
/// # Ok::<(), gradus_data::DataError>(())
/// ```
#[derive(Clone, Debug)]
pub struct TokenWindows {
    tokens: Vec<i64>,
    block_size: usize,
    /// How far apart windows begin.
    stride: usize,
}

/// `B` windows of `T` tokens.
#[derive(Clone, Debug, PartialEq)]
pub struct TokenBatch {
    /// `[B, T]`.
    pub inputs: Tensor<i64>,
    /// The token after each, `[B, T]`.
    pub targets: Tensor<i64>,
}

impl TokenWindows {
    /// The windows that begin at each token.
    ///
    /// # Errors
    /// If `block_size` is 0, or there is no window.
    pub fn new(tokens: Vec<i64>, block_size: usize) -> Result<Self, DataError> {
        if block_size == 0 {
            return Err(DataError::Setting { name: "block_size", value: "0".into(), cure: "give at least 1" });
        }
        if tokens.len() <= block_size {
            return Err(DataError::FewTokens { tokens: tokens.len(), needed: block_size + 1 });
        }
        Ok(Self { tokens, block_size, stride: 1 })
    }

    /// Only windows that do not overlap: each token is a target once, but for those at the end that fill no window.
    #[must_use]
    pub fn side_by_side(self) -> Self {
        Self { stride: self.block_size, ..self }
    }
}

impl Dataset for TokenWindows {
    type Batch = TokenBatch;

    fn len(&self) -> usize {
        (self.tokens.len() - self.block_size).div_ceil(self.stride)
    }

    fn get_batch(&self, indices: &[usize], _: Epoch) -> Result<TokenBatch, DataError> {
        check_indices(indices, self.len())?;
        let windows = |ahead: usize| {
            let window = |&i: &usize| &self.tokens[i * self.stride + ahead..][..self.block_size];
            Tensor::from_vec(indices.iter().flat_map(window).copied().collect(), [indices.len(), self.block_size])
        };
        Ok(TokenBatch { inputs: windows(0), targets: windows(1) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_window_is_followed_by_a_token() {
        for (tokens, block_size, stride_one, side_by_side) in [(5, 4, 1, 1), (8, 3, 5, 2), (9, 4, 5, 2), (10, 3, 7, 3)]
        {
            let windows = TokenWindows::new((0..tokens).collect(), block_size).unwrap();
            for (windows, count) in [(windows.clone(), stride_one), (windows.side_by_side(), side_by_side)] {
                assert_eq!(windows.len(), count);
                let last = windows.get_batch(&[count - 1], Epoch::default()).unwrap();
                let stepped = last.inputs.map(|token| token + 1);
                assert_eq!(last.targets, stepped);
            }
        }
        assert!(TokenWindows::new(vec![1, 2], 2).is_err() && TokenWindows::new(vec![1, 2], 0).is_err());
    }
}
