//! The statistics of batch normalisation for weights that no batch was trained with.

use gradus_autograd::no_grad;
use gradus_data::{DataLoader, Dataset, LoaderState};
use gradus_tensor::random;

use crate::fit_error::FitError;
use crate::step::TrainingStep;

/// Makes the running statistics of batch normalisation those of what `loader` gives, as plain means over its batches:
/// for averaged weights, whose statistics no step has kept ([torch.optim.swa_utils.update_bn]). The random numbers that
/// training draws go on as if this had not been.
///
/// ```
/// use gradus_data::{DataLoader, digits};
/// use gradus_nn::{BatchNorm1d, Layer, Linear, Module, Sequential};
/// use gradus_optim::{AveragedWeights, Averaging};
/// use gradus_trainer::{Classifier, update_batch_norm};
///
/// let layer: Sequential = Sequential::new().with(Linear::new(64, 10)).with(BatchNorm1d::new(10));
/// let model = Classifier { layer };
/// let mut average = AveragedWeights::new(model.named_parameters(), Averaging::Swa)?;
/// // Here training, with `average.update()` from some epoch on.
/// average.keep();
/// update_batch_norm(&model, &DataLoader::builder(digits()?).batch_size(100).build()?)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// [torch.optim.swa_utils.update_bn]: https://pytorch.org/docs/stable/generated/torch.optim.swa_utils.update_bn.html
///
/// # Errors
/// If a batch cannot be read or the model's step fails.
pub fn update_batch_norm<M, D>(model: &M, loader: &DataLoader<D>) -> Result<(), FitError>
where
    M: TrainingStep,
    D: Dataset<Batch = M::Batch>,
{
    loader.set_state(&LoaderState { epoch: 0, batch: 0, ..loader.state() })?;
    let _gathering = model.gather_statistics();
    let drawn = random::state();
    let run = || {
        for (index, batch) in loader.iter().enumerate() {
            no_grad(|| model.training_step(&batch?).map_err(FitError::step(0, index)))?;
        }
        Ok(())
    };
    let ran = run();
    random::set_state(drawn);
    ran
}

#[cfg(test)]
mod tests {
    use gradus_data::{Batch, TensorDataset};
    use gradus_nn::{BatchNorm1d, Layer, Module, StateDict};
    use gradus_tensor::Tensor;

    use super::*;
    use crate::step::Classifier;

    #[test]
    fn statistics_are_the_means_over_the_batches() {
        let norm = BatchNorm1d::new(2).with_momentum(Some(0.3));
        let model = Classifier { layer: norm };
        let inputs: Vec<f32> = (0..10).map(|i| (i * i % 7) as f32).collect();
        let dataset = TensorDataset::new(Tensor::from_slice(&inputs, [5, 2]), Tensor::zeros([5])).unwrap();
        // Batches of 2, 2 and, left out, 1.
        let loader = DataLoader::builder(dataset).batch_size(2).drop_last(true).build().unwrap();
        model.layer.forward(&gradus_autograd::Var::new(Tensor::ones([4, 2])));
        model.eval();
        let before = random::state();
        update_batch_norm(&model, &loader).unwrap();
        assert_eq!(random::state(), before);
        let state = StateDict::of(&model);
        let batches: Vec<Batch> = loader.iter().map(Result::unwrap).collect();
        let column = |batch: &Batch, c: usize| [batch.inputs.at(&[0, c]), batch.inputs.at(&[1, c])];
        for c in 0..2 {
            let means = batches.iter().map(|batch| column(batch, c).iter().sum::<f32>() / 2.0);
            // Of two numbers, with one degree of freedom.
            let variances = batches.iter().map(|batch| (column(batch, c)[0] - column(batch, c)[1]).powi(2) / 2.0);
            let (mean, variance) = (means.sum::<f32>() / 2.0, variances.sum::<f32>() / 2.0);
            assert!((state.get("running_mean").unwrap().at(&[c]) - mean).abs() < 1e-6);
            assert!((state.get("running_var").unwrap().at(&[c]) - variance).abs() < 1e-5);
        }
        assert_eq!(state.get_integers("num_batches_tracked").unwrap().item(), 2);
        // The modes of before: evaluation does not move them.
        model.layer.forward(&gradus_autograd::Var::new(Tensor::ones([4, 2])));
        assert_eq!(
            StateDict::of(&model).get("running_mean").unwrap().to_vec(),
            state.get("running_mean").unwrap().to_vec()
        );
    }
}
