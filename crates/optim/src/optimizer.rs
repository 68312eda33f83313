//! `Optimizer`: the driver that all algorithms share.

use gradus_autograd::Param;
use gradus_tensor::{Float, Tensor};

use crate::apply::{Update, apply};
use crate::error::OptimError;
use crate::registry::Algorithm;
use crate::state::OptimizerState;

/// Applies an algorithm to named parameters.
///
/// A parameter without gradient is skipped: no update, no decay, and its own count of steps stays, as in PyTorch.
#[derive(Debug)]
pub struct Optimizer<T: Float = f32> {
    algorithm: Algorithm,
    members: Vec<Member<T>>,
    told: Told,
}

/// Which warnings have been given: each once.
#[derive(Debug, Default)]
struct Told {
    unreached: bool,
    stale: bool,
}

/// A parameter and what the algorithm keeps for it.
#[derive(Debug)]
struct Member<T: Float> {
    name: String,
    parameter: Param<T>,
    /// Steps that this parameter has taken.
    step: u64,
    /// The algorithm's slots; none before the first step.
    slots: Vec<Tensor<T>>,
}

impl<T: Float> Optimizer<T> {
    /// An optimizer of these parameters: give it `model.named_parameters()`.
    ///
    /// # Errors
    /// If there are no parameters, one comes twice, or a hyper-parameter is out of its range.
    pub fn new(
        named_parameters: impl IntoIterator<Item = (String, Param<T>)>,
        algorithm: impl Into<Algorithm>,
    ) -> Result<Self, OptimError> {
        let algorithm = algorithm.into();
        algorithm.check()?;
        let mut members: Vec<Member<T>> = Vec::new();
        for (name, parameter) in named_parameters {
            let same = |other: &&Member<T>| other.parameter.is_same(&parameter) || other.name == name;
            if let Some(first) = members.iter().find(same) {
                return Err(OptimError::Duplicate { first: first.name.clone(), second: name });
            }
            members.push(Member { name, parameter, step: 0, slots: Vec::new() });
        }
        if members.is_empty() {
            return Err(OptimError::NoParameters);
        }
        Ok(Self { algorithm, members, told: Told::default() })
    }

    /// Reads each parameter's gradient and updates the parameter. Computes no gradient, and changes none.
    ///
    /// Warns once, by `tracing`, of trainable parameters that the first step finds without gradient, and of a gradient
    /// that an earlier step has used already: [`zero_grad`](Self::zero_grad) was left out.
    ///
    /// # Errors
    /// If a schedule has set a learning rate that the algorithm cannot work with; no parameter has changed then.
    pub fn step(&mut self) -> Result<(), OptimError> {
        self.algorithm.check()?;
        self.warn_of_unreached();
        let (mut updates, mut stale) = (Vec::with_capacity(self.members.len()), None);
        for member in &mut self.members {
            let Some((grad, used)) = member.parameter.use_grad() else { continue };
            if used {
                stale.get_or_insert_with(|| member.name.clone());
            }
            updates.push(member.update(grad.contiguous(), &self.algorithm));
        }
        if let Some(name) = stale.filter(|_| !self.told.stale) {
            self.told.stale = true;
            tracing::warn!(
                "step: the gradient of {name} still holds what an earlier step has used; call zero_grad after each step"
            );
        }
        apply(&self.algorithm, updates);
        Ok(())
    }

    /// Names the trainable parameters that no gradient has reached, before the first step.
    fn warn_of_unreached(&mut self) {
        if std::mem::replace(&mut self.told.unreached, true) {
            return;
        }
        let unreached = |member: &&Member<T>| member.parameter.requires_grad() && member.parameter.grad().is_none();
        let names: Vec<&str> = self.members.iter().filter(unreached).map(|member| member.name.as_str()).collect();
        if !names.is_empty() {
            tracing::warn!("step: no gradient has reached {}; the loss does not depend on it", names.join(", "));
        }
    }

    /// Sets every gradient to none, so that the next `backward` starts afresh and a parameter that it does not reach is
    /// skipped by the next [`step`](Self::step).
    pub fn zero_grad(&mut self) {
        self.members.iter().for_each(|member| member.parameter.zero_grad());
    }

    /// The algorithm and its hyper-parameters.
    pub fn algorithm(&self) -> &Algorithm {
        &self.algorithm
    }

    /// The learning rate.
    pub fn lr(&self) -> f64 {
        self.algorithm.lr()
    }

    /// Sets the learning rate from the next step on.
    pub fn set_lr(&mut self, lr: f64) {
        self.algorithm.set_lr(lr);
    }

    /// Everything that the next step depends on beside parameters and gradients. The tensors are pointers, not copies.
    pub fn state(&self) -> OptimizerState<T> {
        let mut tensors = Vec::new();
        for member in &self.members {
            for (slot, tensor) in self.algorithm.slots().iter().zip(&member.slots) {
                tensors.push((slot_name(&member.name, slot), tensor.clone()));
            }
        }
        let steps = self.members.iter().map(|member| (member.name.clone(), member.step)).collect();
        OptimizerState { algorithm: self.algorithm.clone(), steps, tensors }
    }

    /// Goes on from `state`, hyper-parameters included.
    ///
    /// # Errors
    /// If the state is of another algorithm, or of other parameters, or tensors are missing, unexpected or of another
    /// shape: the error lists all of it, and nothing has changed.
    pub fn load_state(&mut self, state: OptimizerState<T>) -> Result<(), OptimError> {
        let faults = self.faults(&state);
        if !faults.is_empty() {
            return Err(OptimError::State(faults));
        }
        for member in &mut self.members {
            member.step = state.steps[&member.name];
            let slots = state.algorithm.slots().iter().filter(|_| member.step > 0);
            let tensor = |slot: &&str| state.tensor(&slot_name(&member.name, slot)).expect("checked above").clone();
            member.slots = slots.map(tensor).collect();
        }
        self.algorithm = state.algorithm;
        Ok(())
    }

    fn faults(&self, state: &OptimizerState<T>) -> Vec<String> {
        let mut faults = Vec::new();
        if state.algorithm.name() != self.algorithm.name() {
            faults.push(format!("it is of {}, this is {}", state.algorithm.name(), self.algorithm.name()));
            return faults;
        }
        let mut expected = Vec::new();
        for member in &self.members {
            let Some(&step) = state.steps.get(&member.name) else {
                faults.push(format!("missing parameter {}", member.name));
                continue;
            };
            for slot in state.algorithm.slots().iter().filter(|_| step > 0) {
                let (name, shape) = (slot_name(&member.name, slot), member.parameter.shape());
                match state.tensor(&name) {
                    None => faults.push(format!("missing {name} of shape {shape:?}")),
                    Some(tensor) if tensor.shape() != shape => {
                        faults.push(format!("{name} has shape {:?}, not {shape:?}", tensor.shape()));
                    }
                    Some(_) => {}
                }
                expected.push(name);
            }
        }
        let unknown = state.steps.keys().filter(|name| !self.members.iter().any(|member| member.name == **name));
        faults.extend(unknown.map(|name| format!("unexpected parameter {name}")));
        let surplus = state.tensors.iter().filter(|(name, _)| !expected.contains(name));
        faults.extend(surplus.map(|(name, _)| format!("unexpected {name}")));
        faults
    }
}

/// PyTorch nests state by parameter; files hold flat names.
fn slot_name(parameter: &str, slot: &str) -> String {
    format!("{parameter}.{slot}")
}

impl<T: Float> Member<T> {
    /// What this step has to do here.
    fn update(&mut self, grad: Tensor<T>, algorithm: &Algorithm) -> Update<'_, T> {
        if self.step == 0 {
            self.slots = algorithm.slots().iter().map(|_| Tensor::zeros(self.parameter.shape())).collect();
        }
        self.step += 1;
        Update { step: self.step, value: self.parameter.value_mut(), grad, slots: &mut self.slots }
    }
}
