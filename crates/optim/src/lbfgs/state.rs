//! What L-BFGS needs to go on where it was.

use gradus_tensor::{Float, Tensor};

use super::history::{History, Pair};
use super::{Lbfgs, LbfgsOptimizer};
use crate::error::OptimError;

/// The state of an [`LbfgsOptimizer`].
#[derive(Clone, Debug, PartialEq)]
pub struct LbfgsState<T: Float = f32> {
    /// The hyper-parameters.
    pub settings: Lbfgs,
    /// Names and shapes of the parameters, in their order.
    pub parameters: Vec<(String, Vec<usize>)>,
    /// Directions taken.
    pub n_iter: u64,
    /// Evaluations of the loss.
    pub func_evals: u64,
    /// Of the last direction, if there is one: its length, the loss before it and the scale of the inverse Hessian.
    pub numbers: Option<[f64; 3]>,
    /// For each pair of the history one over its product.
    pub ro: Vec<f64>,
    /// PyTorch's `d` and `prev_flat_grad`, and `old_dirs.<i>` and `old_stps.<i>` of each pair: all parameters as one
    /// vector.
    pub tensors: Vec<(String, Tensor<T>)>,
}

impl<T: Float> LbfgsOptimizer<T> {
    /// Everything that the next step depends on beside parameters and the loss. The tensors are pointers, not copies.
    pub fn state(&self) -> LbfgsState<T> {
        let parameters = self.parameters.iter().map(|(name, parameter)| (name.clone(), parameter.shape().to_vec()));
        let mut state = LbfgsState {
            settings: self.settings,
            parameters: parameters.collect(),
            n_iter: self.n_iter,
            func_evals: self.func_evals,
            numbers: None,
            ro: Vec::new(),
            tensors: Vec::new(),
        };
        if let Some(history) = &self.history {
            state.numbers = Some([history.t, history.loss, history.h_diag]);
            state.tensors.push(("d".to_owned(), history.direction.clone()));
            state.tensors.push(("prev_flat_grad".to_owned(), history.gradient.clone()));
            for (i, pair) in history.pairs.iter().enumerate() {
                state.ro.push(pair.ro);
                state.tensors.push((format!("old_dirs.{i}"), pair.change.clone()));
                state.tensors.push((format!("old_stps.{i}"), pair.step.clone()));
            }
        }
        state
    }

    /// Goes on from `state`, hyper-parameters included.
    ///
    /// # Errors
    /// If the state is of other parameters, a hyper-parameter is out of its range, or tensors are missing, unexpected
    /// or of another shape: the error lists all of it, and nothing has changed.
    pub fn load_state(&mut self, state: LbfgsState<T>) -> Result<(), OptimError> {
        let faults = self.faults(&state);
        if !faults.is_empty() {
            return Err(OptimError::State(faults));
        }
        let tensor = |name: &str| {
            let found = state.tensors.iter().find(|(other, _)| other == name);
            found.expect("checked above").1.clone()
        };
        let pair = |(i, &ro): (usize, &f64)| Pair {
            change: tensor(&format!("old_dirs.{i}")),
            step: tensor(&format!("old_stps.{i}")),
            ro,
        };
        self.history = state.numbers.map(|[t, loss, h_diag]| History {
            direction: tensor("d"),
            t,
            gradient: tensor("prev_flat_grad"),
            loss,
            h_diag,
            pairs: state.ro.iter().enumerate().map(pair).collect(),
        });
        (self.settings, self.n_iter, self.func_evals) = (state.settings, state.n_iter, state.func_evals);
        Ok(())
    }

    fn faults(&self, state: &LbfgsState<T>) -> Vec<String> {
        let mut faults: Vec<String> = state.settings.check().err().iter().map(ToString::to_string).collect();
        let ours = self.state().parameters;
        let missing = ours.iter().filter(|parameter| !state.parameters.contains(parameter));
        faults.extend(missing.map(|(name, shape)| format!("missing parameter {name} of shape {shape:?}")));
        let surplus = state.parameters.iter().filter(|parameter| !ours.contains(parameter));
        faults.extend(surplus.map(|(name, shape)| format!("unexpected parameter {name} of shape {shape:?}")));
        if faults.is_empty() && ours != state.parameters {
            faults.push("the parameters come in another order".to_owned());
        }
        let mut expected = Vec::new();
        if state.numbers.is_some() {
            expected = vec!["d".to_owned(), "prev_flat_grad".to_owned()];
            expected.extend((0..state.ro.len()).flat_map(|i| [format!("old_dirs.{i}"), format!("old_stps.{i}")]));
        }
        let size: usize = self.parameters.iter().map(|(_, parameter)| parameter.numel()).sum();
        for name in &expected {
            match state.tensors.iter().find(|(other, _)| other == name) {
                None => faults.push(format!("missing {name} of shape [{size}]")),
                Some((_, tensor)) if tensor.shape() != [size] => {
                    faults.push(format!("{name} has shape {:?}, not [{size}]", tensor.shape()));
                }
                Some(_) => {}
            }
        }
        let surplus = state.tensors.iter().filter(|(name, _)| !expected.contains(name));
        faults.extend(surplus.map(|(name, _)| format!("unexpected {name}")));
        faults
    }
}
