//! The hinge loss of several labels a row.

use gradus_autograd::{LabelError, Reduction, Var};
use gradus_tensor::{Float, Tensor};

use super::shared::{reduced, same_shape};

/// The sum over labels j and classes i that are no label of `max(0, 1 - (input[j] - input[i])) / C`, of every row:
/// input `[N, C]` and labels `[N, C]`, or both `[C]` ([torch.nn.functional.multilabel_margin_loss]). The labels of a
/// row end with -1. The mean is over rows.
///
/// # Errors
/// If a label before the first -1 is outside `0..C`.
///
/// # Panics
/// If the shapes do not fit.
///
/// [torch.nn.functional.multilabel_margin_loss]:
/// https://pytorch.org/docs/stable/generated/torch.nn.functional.multilabel_margin_loss.html
#[track_caller]
pub fn multilabel_margin_loss<T: Float>(
    input: &Var<T>,
    targets: &Tensor<i64>,
    reduction: Reduction,
) -> Result<Var<T>, LabelError> {
    same_shape("multilabel_margin_loss", input.shape(), targets.shape());
    let (rows, classes) = match *input.shape() {
        [classes] => (1, classes),
        [rows, classes] => (rows, classes),
        _ => panic!("multilabel_margin_loss: input {:?} must be [N, C] or [C]", input.shape()),
    };
    let all = targets.to_vec();
    let labels: Vec<&[i64]> = (0..rows)
        .map(|row| {
            let row = &all[row * classes..(row + 1) * classes];
            row.split(|&label| label == -1).next().unwrap_or(row)
        })
        .collect();
    for (row, labels) in labels.iter().enumerate() {
        let outside = |label: &&i64| usize::try_from(**label).map_or(true, |label| label >= classes);
        if let Some(&label) = labels.iter().find(outside) {
            return Err(LabelError { row, label, classes });
        }
    }
    // Every label of a row against every class, as far as the longest list goes.
    let most = labels.iter().map(|labels| labels.len()).max().unwrap_or(0);
    let places = Tensor::from_fn([rows, most], |i| labels[i / most].get(i % most).copied().unwrap_or(0));
    let unused = Tensor::from_fn([rows, most, classes], |i| {
        let (row, j, class) = (i / classes / most, i / classes % most, i % classes);
        j >= labels[row].len() || labels[row].contains(&(class as i64))
    });
    let x = input.reshape([rows, classes]);
    let own = x.gather(1, &places).expect("labels are below the number of classes").reshape([rows, most, 1]);
    let violations = (x.reshape([rows, 1, classes]) - own + T::one()).masked_fill(&unused, T::zero()).relu();
    let losses = violations.sum_dims(&[1, 2], false) / T::from_f64(classes as f64);
    Ok(reduced(losses.reshape(&input.shape()[..input.shape().len() - 1]), reduction))
}

/// [`multilabel_margin_loss`] as a module ([torch.nn.MultiLabelMarginLoss]).
///
/// [torch.nn.MultiLabelMarginLoss]: https://pytorch.org/docs/stable/generated/torch.nn.MultiLabelMarginLoss.html
#[derive(Clone, Copy, Debug, Default)]
pub struct MultiLabelMarginLoss {
    /// How the losses are put together.
    pub reduction: Reduction,
}

impl MultiLabelMarginLoss {
    /// [`multilabel_margin_loss`].
    ///
    /// # Errors
    /// If a label before the first -1 is outside `0..C`.
    ///
    /// # Panics
    /// If the shapes do not fit.
    #[track_caller]
    pub fn forward<T: Float>(&self, input: &Var<T>, targets: &Tensor<i64>) -> Result<Var<T>, LabelError> {
        multilabel_margin_loss(input, targets, self.reduction)
    }
}
