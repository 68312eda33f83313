//! The layout of PyTorch's `state_dict()`: parameters by position, options by name.

use std::collections::BTreeMap;

use gradus_tensor::{Float, Tensor};
use serde_json::{Map, Value};

use crate::error::OptimError;
use crate::optimizer::{Optimizer, slot_name};
use crate::registry::Algorithm;

/// What `optimizer.state_dict()` of PyTorch holds.
///
/// Numbers that are one for a parameter are tensors without dimensions, `step` among them; all are of the parameters'
/// type here, where PyTorch has f32 for some.
#[derive(Clone, Debug, PartialEq)]
pub struct TorchState<T: Float = f32> {
    /// Of each parameter by its position in all groups; those that have taken no step have none.
    pub state: BTreeMap<usize, BTreeMap<String, Tensor<T>>>,
    /// Of each group its options, and the positions of its parameters as `params`.
    pub param_groups: Vec<Map<String, Value>>,
}

/// What PyTorch and its schedulers write beside options.
const PARAMS: &str = "params";
const NAMES: &str = "param_names";
const INITIAL_LR: &str = "initial_lr";

impl<T: Float> Optimizer<T> {
    /// The state as PyTorch's `state_dict()` has it. The schedule is no part of it.
    pub fn torch_state(&self) -> TorchState<T> {
        let mut state = BTreeMap::new();
        for (position, member) in self.members.iter().enumerate().filter(|(_, member)| member.step > 0) {
            let algorithm = &self.algorithms[member.group];
            let kept = member.settled(algorithm).into_iter().map(|(name, tensor)| (name.to_owned(), tensor));
            let mut kept: BTreeMap<_, _> = kept.collect();
            if algorithm.torch_step() {
                kept.insert("step".to_owned(), Tensor::scalar(T::from_f64(member.step as f64)));
            }
            if !kept.is_empty() {
                state.insert(position, kept);
            }
        }
        let group = |(index, algorithm): (usize, &Algorithm)| {
            let mut options = options(algorithm);
            for (name, value) in algorithm.torch_options() {
                options.insert((*name).to_owned(), value.map_or(Value::Null, Value::Bool));
            }
            options.insert(PARAMS.to_owned(), self.positions(index).into());
            options
        };
        TorchState { state, param_groups: self.algorithms.iter().enumerate().map(group).collect() }
    }

    /// Goes on from a state in PyTorch's layout, options included; a schedule stays where it is. Options that choose
    /// how PyTorch computes (`foreach`, `fused`, `capturable`, `differentiable`) are passed over, and so is
    /// `initial_lr` of its schedulers.
    ///
    /// # Errors
    /// If groups, positions, options, names of parameters, tensors or shapes are not this optimizer's: the error lists
    /// all of it, and nothing has changed.
    pub fn load_torch_state(&mut self, torch: TorchState<T>) -> Result<(), OptimError> {
        let (mut faults, mut state) = (Vec::new(), self.state());
        if torch.param_groups.len() != self.algorithms.len() {
            let (theirs, ours) = (torch.param_groups.len(), self.algorithms.len());
            return Err(OptimError::State(vec![format!("it has {theirs} groups, this {ours}")]));
        }
        for (index, group) in torch.param_groups.iter().enumerate() {
            match self.group_of(index, group, &mut faults) {
                Ok(algorithm) => state.algorithms[index] = algorithm,
                Err(fault) => faults.push(format!("group {index}: {fault}")),
            }
        }
        let surplus = torch.state.keys().filter(|position| **position >= self.members.len());
        faults.extend(surplus.map(|position| format!("unexpected parameter number {position}")));
        state.tensors.clear();
        for (position, member) in self.members.iter().enumerate() {
            let kept = torch.state.get(&position).cloned().unwrap_or_default();
            let algorithm = &state.algorithms[member.group];
            let step = take(&member.name, kept, algorithm.torch_step(), &mut state.tensors, &mut faults);
            state.steps.insert(member.name.clone(), step);
        }
        // What is wrong with tensors as well, before anything changes.
        faults.extend(self.faults(&state));
        if faults.is_empty() { self.load_state(state) } else { Err(OptimError::State(faults)) }
    }

    /// The algorithm of group `index` with the options of `group`.
    fn group_of(
        &self,
        index: usize,
        group: &Map<String, Value>,
        faults: &mut Vec<String>,
    ) -> Result<Algorithm, serde_json::Error> {
        let algorithm = &self.algorithms[index];
        let mut options = options(algorithm);
        faults.extend(
            options
                .keys()
                .filter(|name| !group.contains_key(*name))
                .map(|name| format!("group {index}: missing option {name}")),
        );
        let names = self.members.iter().filter(|member| member.group == index).map(|member| &member.name);
        let expected = [(PARAMS, Value::from(self.positions(index))), (NAMES, names.cloned().collect())];
        for (name, value) in group {
            let fixed = algorithm.torch_options().iter().find(|(other, _)| other == name);
            if let Some((_, expected)) = expected.iter().find(|(other, _)| other == name) {
                if value != expected {
                    faults.push(format!("group {index}: {name} are {value}, not {expected}"));
                }
            } else if let Some(present) = options.get_mut(name) {
                *present = value.clone();
            } else if let Some((_, fixed)) = fixed {
                if name == "decoupled_weight_decay" && value.as_bool() != *fixed {
                    faults.push(format!("group {index}: {name} is {value}, which this algorithm has not"));
                }
            } else if name != INITIAL_LR {
                faults.push(format!("group {index}: unexpected option {name}"));
            }
        }
        algorithm.with_options(options)
    }

    fn positions(&self, group: usize) -> Vec<usize> {
        let numbered = self.members.iter().enumerate();
        numbered.filter(|(_, member)| member.group == group).map(|(position, _)| position).collect()
    }
}

/// Puts what PyTorch keeps for a parameter among `tensors`, and gives back the number of its steps.
fn take<T: Float>(
    name: &str,
    mut kept: BTreeMap<String, Tensor<T>>,
    counts: bool,
    tensors: &mut Vec<(String, Tensor<T>)>,
    faults: &mut Vec<String>,
) -> u64 {
    let counted = if counts { kept.remove("step") } else { None };
    let step = match &counted {
        Some(step) if step.numel() == 1 => step.item().as_(),
        Some(step) => {
            faults.push(format!("{name}.step has shape {:?}, not []", step.shape()));
            0.0
        }
        None if counts && !kept.is_empty() => {
            faults.push(format!("missing {name}.step"));
            0.0
        }
        // Without a count, momentum tells that there was a step.
        None => f64::from(u8::from(!kept.is_empty())),
    };
    if !(step >= 0.0 && step.fract() == 0.0) {
        faults.push(format!("{name}.step is {step}, no count"));
    }
    // Adagrad of PyTorch keeps its sums from the beginning; here the first step makes them.
    if step > 0.0 {
        tensors.extend(kept.into_iter().map(|(slot, tensor)| (slot_name(name, &slot), tensor)));
    }
    step as u64
}

/// The hyper-parameters by name.
fn options(algorithm: &Algorithm) -> Map<String, Value> {
    let tagged = serde_json::to_value(algorithm).expect("hyper-parameters are numbers and names");
    let Value::Object(tagged) = tagged else { unreachable!("an enum is an object") };
    match tagged.into_iter().next() {
        Some((_, Value::Object(options))) => options,
        _ => unreachable!("hyper-parameters are a struct"),
    }
}

impl Algorithm {
    /// The same algorithm with these hyper-parameters.
    fn with_options(&self, options: Map<String, Value>) -> Result<Self, serde_json::Error> {
        let mut tagged = serde_json::to_value(self)?;
        tagged.as_object_mut().into_iter().flat_map(Map::values_mut).for_each(|value| *value = options.clone().into());
        serde_json::from_value(tagged)
    }
}
