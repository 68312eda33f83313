//! Averages of the weights over the steps: often better to evaluate than the last weights.

use gradus_autograd::Param;
use gradus_tensor::{Float, Tensor};
use serde::{Deserialize, Serialize};

use crate::error::OptimError;

/// How [`AveragedWeights`] weighs what it has seen.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum Averaging {
    /// Exponential: `average <- decay average + (1 - decay) value` (PyTorch's `get_ema_avg_fn`, whose decay is 0.999).
    Ema {
        /// How slowly the average forgets; at least 0 and at most 1.
        decay: f64,
    },
    /// The mean of all: stochastic weight averaging (Izmailov et al., arXiv:1803.05407).
    Swa,
}

/// Averages of parameters, beside the parameters themselves ([torch.optim.swa_utils.AveragedModel]). The first
/// [`update`](Self::update) takes the values as they are.
///
/// ```
/// use gradus_autograd::Param;
/// use gradus_optim::{AveragedWeights, Averaging};
/// use gradus_tensor::Tensor;
///
/// let w: Param = Param::new(Tensor::scalar(1.0));
/// let mut average = AveragedWeights::new([("w".to_owned(), w.clone())], Averaging::Swa)?;
/// average.update();
/// w.set_value(Tensor::scalar(3.0)); // In training: after each step of the optimizer, or each epoch.
/// average.update();
/// {
///     let _averaged = average.apply();
///     assert_eq!(w.value().item(), 2.0); // Here the model is evaluated.
/// }
/// assert_eq!(w.value().item(), 3.0);
/// # Ok::<(), gradus_optim::OptimError>(())
/// ```
///
/// Buffers (the running statistics of batch normalisation) stay those of the trained weights.
///
/// [torch.optim.swa_utils.AveragedModel]: https://pytorch.org/docs/stable/optim.html#weight-averaging-swa-and-ema
#[derive(Debug)]
pub struct AveragedWeights<T: Float = f32> {
    averaging: Averaging,
    members: Vec<(String, Param<T>)>,
    averages: Vec<Tensor<T>>,
    updates: u64,
}

/// What [`AveragedWeights`] goes on from.
#[derive(Clone, Debug, PartialEq)]
pub struct AveragedState<T: Float = f32> {
    /// How values are weighed.
    pub averaging: Averaging,
    /// Values seen.
    pub updates: u64,
    /// The averages by parameter name.
    pub tensors: Vec<(String, Tensor<T>)>,
}

impl<T: Float> AveragedWeights<T> {
    /// Averages of these parameters: give it `model.named_parameters()`.
    ///
    /// # Errors
    /// If there are no parameters, or the decay is not from 0 to 1.
    pub fn new(
        named_parameters: impl IntoIterator<Item = (String, Param<T>)>,
        averaging: Averaging,
    ) -> Result<Self, OptimError> {
        if let Averaging::Ema { decay } = averaging
            && !(0.0..=1.0).contains(&decay)
        {
            let (algorithm, name, needed) = ("Ema", "decay", "from 0 to 1");
            return Err(OptimError::Hyperparameter { algorithm, name, value: decay, needed });
        }
        let members: Vec<_> = named_parameters.into_iter().collect();
        if members.is_empty() {
            return Err(OptimError::NoParameters);
        }
        let averages = members.iter().map(|(_, parameter)| parameter.value()).collect();
        Ok(Self { averaging, members, averages, updates: 0 })
    }

    /// Takes the parameters' present values into the averages.
    pub fn update(&mut self) {
        for ((_, parameter), average) in self.members.iter().zip(&mut self.averages) {
            let value = parameter.value();
            if self.updates == 0 {
                *average = value;
                continue;
            }
            let weight = T::from_f64(match self.averaging {
                Averaging::Ema { decay } => 1.0 - decay,
                Averaging::Swa => 1.0 / (self.updates + 1) as f64,
            });
            *average = average.zip_map(&value, "average", move |average, value| average + weight * (value - average));
        }
        self.updates += 1;
    }

    /// The averages by parameter name.
    pub fn averages(&self) -> impl Iterator<Item = (&str, &Tensor<T>)> {
        self.members.iter().map(|(name, _)| name.as_str()).zip(&self.averages)
    }

    /// Gives the parameters the averages as values until the guard is dropped, for an evaluation.
    ///
    /// One guard at a time, which the borrow sees to: a second one would take the averages for the trained weights.
    #[must_use = "the averages are taken back at once"]
    pub fn apply(&mut self) -> AppliedAverages<'_, T> {
        let values = self.members.iter().map(|(_, parameter)| parameter.value()).collect();
        self.keep();
        AppliedAverages { average: self, values }
    }

    /// Gives the parameters the averages as values for good, at the end of training.
    pub fn keep(&self) {
        for ((_, parameter), average) in self.members.iter().zip(&self.averages) {
            parameter.set_value(average.clone());
        }
    }

    /// What a checkpoint holds; the tensors are pointers, not copies.
    pub fn state(&self) -> AveragedState<T> {
        let tensors = self.averages().map(|(name, average)| (name.to_owned(), average.clone())).collect();
        AveragedState { averaging: self.averaging, updates: self.updates, tensors }
    }

    /// Goes on from `state`.
    ///
    /// # Errors
    /// If the state is of another averaging, or of other names or shapes: the error lists all of it, and nothing has
    /// changed.
    pub fn load_state(&mut self, state: AveragedState<T>) -> Result<(), OptimError> {
        let mut faults = Vec::new();
        if state.averaging != self.averaging {
            faults.push("it weighs values in another way".to_owned());
        }
        let mut averages = Vec::with_capacity(self.members.len());
        for (name, parameter) in &self.members {
            match state.tensors.iter().find(|(other, _)| other == name) {
                None => faults.push(format!("missing {name} of shape {:?}", parameter.shape())),
                Some((_, tensor)) if tensor.shape() != parameter.shape() => {
                    faults.push(format!("{name} has shape {:?}, not {:?}", tensor.shape(), parameter.shape()));
                }
                Some((_, tensor)) => averages.push(tensor.clone()),
            }
        }
        let known = |name: &String| self.members.iter().any(|(other, _)| other == name);
        let unexpected = state.tensors.iter().filter(|(name, _)| !known(name));
        faults.extend(unexpected.map(|(name, _)| format!("unexpected {name}")));
        if !faults.is_empty() {
            return Err(OptimError::State(faults));
        }
        (self.averages, self.updates) = (averages, state.updates);
        Ok(())
    }
}

/// Parameters with averages as values, for as long as this lives: see [`AveragedWeights::apply`].
#[derive(Debug)]
pub struct AppliedAverages<'a, T: Float> {
    average: &'a AveragedWeights<T>,
    values: Vec<Tensor<T>>,
}

impl<T: Float> Drop for AppliedAverages<'_, T> {
    fn drop(&mut self) {
        for ((_, parameter), value) in self.average.members.iter().zip(self.values.drain(..)) {
            parameter.set_value(value);
        }
    }
}
