//! `Optimizer`: the driver that all algorithms share.

use gradus_autograd::Param;
use gradus_tensor::Float;

use crate::apply::apply;
use crate::error::OptimError;
use crate::group::ParamGroup;
use crate::hooks::Hooks;
use crate::member::Member;
use crate::non_finite::NonFinite;
use crate::registry::Algorithm;
use crate::state::{OptimizerState, ScheduleState};

/// Applies an algorithm to named parameters, in groups that each have hyper-parameters of their own.
///
/// A parameter without gradient is skipped: no update, no decay, and its own count of steps stays, as in PyTorch.
#[derive(Debug)]
pub struct Optimizer<T: Float = f32> {
    /// Of each group.
    pub(crate) algorithms: Vec<Algorithm>,
    pub(crate) members: Vec<Member<T>>,
    pub(crate) schedule: Option<ScheduleState>,
    /// Whether a step was taken since the schedule was set.
    pub(crate) stepped: bool,
    pub(crate) hooks: Hooks<T>,
    /// Whether hyper-parameters may have changed since the last step, and what is to be kept with them.
    pub(crate) touched: bool,
    pub(crate) non_finite: NonFinite,
    /// Steps that it has left out.
    pub(crate) skipped: u64,
    told: Told,
}

/// Which warnings have been given: each once.
#[derive(Debug, Default)]
struct Told {
    unreached: bool,
    stale: bool,
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
        Self::with_groups([ParamGroup::new(named_parameters, algorithm)])
    }

    /// An optimizer of several groups, with an algorithm and hyper-parameters of their own.
    ///
    /// # Errors
    /// If there are no parameters, one comes twice, a hyper-parameter is out of its range, or the groups have different
    /// algorithms.
    pub fn with_groups(groups: impl IntoIterator<Item = ParamGroup<T>>) -> Result<Self, OptimError> {
        let mut optimizer = Self {
            algorithms: Vec::new(),
            members: Vec::new(),
            schedule: None,
            stepped: false,
            hooks: Hooks::default(),
            touched: false,
            non_finite: NonFinite::default(),
            skipped: 0,
            told: Told::default(),
        };
        for group in groups {
            optimizer.add_group(group)?;
        }
        if optimizer.members.is_empty() {
            return Err(OptimError::NoParameters);
        }
        Ok(optimizer)
    }

    /// Trains another group from the next step on (PyTorch's `add_param_group`). It joins the schedule at its present
    /// step.
    ///
    /// # Errors
    /// If a parameter is there already, a hyper-parameter is out of its range, the group has another algorithm, or the
    /// schedule has values for each group of before. Nothing has changed then.
    pub fn add_group(&mut self, group: ParamGroup<T>) -> Result<(), OptimError> {
        let ParamGroup { parameters, mut algorithm } = group;
        algorithm.check()?;
        if let Some(first) = self.algorithms.first().filter(|first| first.name() != algorithm.name()) {
            return Err(OptimError::MixedAlgorithms { first: first.name(), other: algorithm.name() });
        }
        let before = self.members.len();
        let unfit = parameters.iter().find_map(|(_, parameter)| algorithm.shape_needed(parameter.shape()));
        if let Some(needed) = unfit {
            let unfit = parameters.iter().filter(|(_, parameter)| algorithm.shape_needed(parameter.shape()).is_some());
            let parameters = unfit.map(|(name, parameter)| format!("{name} {:?}", parameter.shape())).collect();
            return Err(OptimError::ParameterShapes { algorithm: algorithm.name(), needed, parameters });
        }
        for (name, parameter) in parameters {
            let same = |other: &&Member<T>| other.parameter.is_same(&parameter) || other.name == name;
            if let Some(first) = self.members.iter().find(same) {
                let error = OptimError::Duplicate { first: first.name.clone(), second: name };
                self.members.truncate(before);
                return Err(error);
            }
            self.members.push(Member::new(name, parameter, self.algorithms.len()));
        }
        if let Some(schedule) = &mut self.schedule
            && let Err(error) = schedule.add_group(&mut algorithm)
        {
            self.members.truncate(before);
            return Err(error);
        }
        self.algorithms.push(algorithm);
        Ok(())
    }

    /// Reads each parameter's gradient and updates the parameter. Computes no gradient, and changes none.
    ///
    /// Warns once, by `tracing`, of trainable parameters that the first step finds without gradient, and of a gradient
    /// that an earlier step has used already: [`zero_grad`](Self::zero_grad) was left out.
    ///
    /// # Errors
    /// If a schedule has set a learning rate that the algorithm cannot work with, or parameters are where
    /// [`eval`](Self::eval) has moved them, or a gradient is no number and the policy is to stop
    /// ([`set_non_finite`](Self::set_non_finite)); no parameter has changed then.
    pub fn step(&mut self) -> Result<(), OptimError> {
        self.run_pre_hooks();
        self.algorithms.iter().try_for_each(Algorithm::check)?;
        if let Some(algorithm) = self.algorithms.iter().find(|algorithm| !algorithm.is_training()) {
            return Err(OptimError::Evaluating { algorithm: algorithm.name() });
        }
        self.warn_of_unreached();
        if !self.admit_gradients()? {
            self.skipped += 1;
            self.stepped = true;
            return Ok(());
        }
        if std::mem::take(&mut self.touched) {
            self.members.iter_mut().for_each(|member| member.settle(&self.algorithms[member.group]));
        }
        let (mut updates, mut stale) = (Vec::with_capacity(self.members.len()), None);
        for member in &mut self.members {
            let Some((grad, used)) = member.parameter.use_grad() else { continue };
            if used {
                stale.get_or_insert_with(|| member.name.clone());
            }
            let algorithm = &self.algorithms[member.group];
            let grad = if algorithm.maximize() { -&grad } else { grad };
            if algorithm.is_whole() {
                member.update_whole(&grad, algorithm);
            } else {
                updates.push(member.update(grad.contiguous(), algorithm));
            }
        }
        if let Some(name) = stale.filter(|_| !self.told.stale) {
            self.told.stale = true;
            tracing::warn!(
                "step: the gradient of {name} still holds what an earlier step has used; call zero_grad after each step"
            );
        }
        apply(updates);
        self.stepped = true;
        self.run_post_hooks();
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

    /// All parameters, in the order in which they came.
    pub fn parameters(&self) -> Vec<Param<T>> {
        self.members.iter().map(|member| member.parameter.clone()).collect()
    }

    /// The algorithm and hyper-parameters of each group.
    pub fn algorithms(&self) -> &[Algorithm] {
        &self.algorithms
    }

    /// The algorithm and hyper-parameters of each group, to be changed for the steps to come. Tensors that an option
    /// asks for from here on start as they do at a first step; those that none asks for any more are given up.
    pub fn algorithms_mut(&mut self) -> &mut [Algorithm] {
        self.touched = true;
        &mut self.algorithms
    }

    /// The learning rate, of the first group.
    pub fn lr(&self) -> f64 {
        self.algorithms[0].lr()
    }

    /// Sets the learning rate of all groups from the next step on.
    pub fn set_lr(&mut self, lr: f64) {
        self.algorithms.iter_mut().for_each(|algorithm| algorithm.set_lr(lr));
    }

    /// Everything that the next step depends on beside parameters and gradients. The tensors are pointers, not copies.
    pub fn state(&self) -> OptimizerState<T> {
        let mut tensors = Vec::new();
        for member in &self.members {
            let kept = member.settled(&self.algorithms[member.group]);
            tensors.extend(kept.into_iter().map(|(slot, tensor)| (slot_name(&member.name, slot), tensor)));
        }
        OptimizerState {
            algorithms: self.algorithms.clone(),
            schedule: self.schedule.clone(),
            groups: self.members.iter().map(|member| (member.name.clone(), member.group)).collect(),
            steps: self.members.iter().map(|member| (member.name.clone(), member.step)).collect(),
            tensors,
        }
    }

    /// Goes on from `state`, hyper-parameters included.
    ///
    /// # Errors
    /// If the state is of another algorithm or schedule, of other groups or parameters, hyper-parameters are out of
    /// their range, or tensors are missing, unexpected or of another shape: the error lists all of it, and nothing has
    /// changed.
    pub fn load_state(&mut self, state: OptimizerState<T>) -> Result<(), OptimError> {
        let faults = self.faults(&state);
        if !faults.is_empty() {
            return Err(OptimError::State(faults));
        }
        for member in &mut self.members {
            let step = state.steps[&member.name];
            let slots = state.algorithms[member.group].slots(member.parameter.shape());
            let tensor = |slot: &str| state.tensor(&slot_name(&member.name, slot)).expect("checked above").clone();
            let kept = slots.iter().filter(|_| step > 0).map(|slot| (slot.name, tensor(slot.name)));
            member.restore(step, kept.collect());
        }
        self.touched = false;
        self.algorithms = state.algorithms;
        // The schedule there is, since a function in it has no other body.
        if let (Some(present), Some(saved)) = (&mut self.schedule, state.schedule) {
            let schedule = std::mem::replace(&mut present.schedule, saved.schedule);
            *present = ScheduleState { schedule, ..saved };
        }
        self.stepped = self.members.iter().any(|member| member.step > 0);
        Ok(())
    }

    pub(crate) fn faults(&self, state: &OptimizerState<T>) -> Vec<String> {
        let mut faults = Vec::new();
        let names = |algorithms: &[Algorithm]| algorithms.iter().map(Algorithm::name).collect::<Vec<_>>().join(", ");
        let (theirs, ours) = (names(&state.algorithms), names(&self.algorithms));
        if theirs != ours {
            faults.push(format!("it is of {theirs}, this is {ours}"));
            return faults;
        }
        faults.extend(self.schedule_faults(state));
        faults.extend(state.algorithms.iter().filter_map(|algorithm| Some(algorithm.check().err()?.to_string())));
        let mut expected = Vec::new();
        for member in &self.members {
            let Some(&step) = state.steps.get(&member.name) else {
                faults.push(format!("missing parameter {}", member.name));
                continue;
            };
            if state.groups.get(&member.name) != Some(&member.group) {
                faults.push(format!("{} is in another group than number {}", member.name, member.group));
                continue;
            }
            let slots = state.algorithms[member.group].slots(member.parameter.shape());
            for slot in slots.iter().filter(|_| step > 0) {
                let (name, shape) = (slot_name(&member.name, slot.name), &slot.shape[..]);
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
pub(crate) fn slot_name(parameter: &str, slot: &str) -> String {
    format!("{parameter}.{slot}")
}
