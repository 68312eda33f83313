//! Labels as vectors.

use gradus_tensor::Tensor;

use crate::error::DataError;

/// Labels `[N]` as rows `[N, classes]` with 1 at the label's place and 0 elsewhere (PyTorch's `one_hot`).
///
/// ```
/// use gradus_data::one_hot;
/// use gradus_tensor::Tensor;
///
/// let rows = one_hot(&Tensor::from_vec(vec![2, 0], [2]), 3)?;
/// assert_eq!(rows.to_vec(), [0.0, 0.0, 1.0, 1.0, 0.0, 0.0]);
/// # Ok::<(), gradus_data::DataError>(())
/// ```
///
/// # Errors
/// If the labels have not one dimension, or one is not in `0..classes`.
pub fn one_hot(labels: &Tensor<i64>, classes: usize) -> Result<Tensor<f32>, DataError> {
    let &[n] = labels.shape() else {
        let shape = format!("{:?}", labels.shape());
        return Err(DataError::Shape { what: "labels", shape, expected: "[N]" });
    };
    let mut rows = Tensor::zeros([n, classes]);
    for (row, label) in labels.to_vec().into_iter().enumerate() {
        let Some(place) = usize::try_from(label).ok().filter(|&place| place < classes) else {
            return Err(DataError::BatchLabel { row, label, classes });
        };
        rows.as_mut_slice()[row * classes + place] = 1.0;
    }
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_outside_the_classes_are_named() {
        let check = |labels: Vec<i64>, want: &str| {
            let n = labels.len();
            assert_eq!(one_hot(&Tensor::from_vec(labels, [n]), 3).unwrap_err().to_string(), want);
        };
        check(vec![0, 3], "sample 1 of a batch, counted from 0, has the label 3 where labels are below 3; correct it");
        check(vec![-1], "sample 0 of a batch, counted from 0, has the label -1 where labels are below 3; correct it");
    }
}
