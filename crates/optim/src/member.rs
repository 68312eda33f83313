//! A parameter of an optimizer and what is kept for it.

use gradus_autograd::Param;
use gradus_tensor::{Float, Tensor};
use smallvec::SmallVec;

use crate::apply::Update;
use crate::registry::Algorithm;
use crate::rule::lerp;

/// A parameter and what the algorithm keeps for it.
#[derive(Debug)]
pub(crate) struct Member<T: Float> {
    pub(crate) name: String,
    pub(crate) parameter: Param<T>,
    pub(crate) group: usize,
    /// Steps that this parameter has taken.
    pub(crate) step: u64,
    /// The algorithm's slots; none before the first step.
    slots: Vec<Tensor<T>>,
    /// Their names.
    names: Vec<&'static str>,
}

impl<T: Float> Member<T> {
    pub(crate) fn new(name: String, parameter: Param<T>, group: usize) -> Self {
        Self { name, parameter, group, step: 0, slots: Vec::new(), names: Vec::new() }
    }

    /// Takes the place of a member that has taken `step` steps and keeps these slots.
    pub(crate) fn restore(&mut self, step: u64, slots: Vec<(&'static str, Tensor<T>)>) {
        self.step = step;
        (self.names, self.slots) = slots.into_iter().unzip();
    }

    /// The slots that `algorithm` asks for: those there are, and others as they start. None before the first step.
    pub(crate) fn settled(&self, algorithm: &Algorithm) -> Vec<(&'static str, Tensor<T>)> {
        if self.step == 0 {
            return Vec::new();
        }
        let slots = algorithm.slots(self.parameter.shape()).into_iter();
        let tensor = |name: &str| Some(self.slots[self.names.iter().position(|other| *other == name)?].clone());
        slots
            .map(|slot| (slot.name, tensor(slot.name).unwrap_or_else(|| slot.begin(|| self.parameter.value()))))
            .collect()
    }

    /// Keeps what `algorithm`, whose options may have changed, asks for.
    pub(crate) fn settle(&mut self, algorithm: &Algorithm) {
        let slots = self.settled(algorithm);
        self.restore(self.step, slots);
    }

    /// What this step has to do here, by an algorithm that updates elements.
    pub(crate) fn update<'a>(&'a mut self, grad: Tensor<T>, algorithm: &'a Algorithm) -> Update<'a, T> {
        self.begin_step(algorithm);
        let (slots, kept) = self.slots.split_at_mut(self.names.len() - algorithm.numbers());
        let mut numbers: SmallVec<[T; 2]> = kept.iter().map(Tensor::item).collect();
        let step = algorithm.advance(self.step, &mut numbers);
        kept.iter_mut().zip(numbers).for_each(|(tensor, number)| tensor.as_mut_slice()[0] = number);
        Update { algorithm, step, value: self.parameter.value_mut(), grad, slots }
    }

    /// Takes the step, by an algorithm that updates whole parameters.
    pub(crate) fn update_whole(&mut self, grad: &Tensor<T>, algorithm: &Algorithm) {
        self.begin_step(algorithm);
        let value = algorithm.update_whole(self.step, &self.parameter.value(), grad, &mut self.slots);
        self.parameter.set_value(value);
    }

    fn begin_step(&mut self, algorithm: &Algorithm) {
        self.step += 1;
        if self.step == 1 {
            self.settle(algorithm);
        }
    }

    /// Draws the parameter to its first slot, by `weight` of the way, once it has one.
    pub(crate) fn draw(&self, weight: f64) {
        if let Some(to) = self.slots.first() {
            self.parameter.set_value(self.parameter.value().zip_map(to, "lerp", lerp(weight)));
        }
    }
}
