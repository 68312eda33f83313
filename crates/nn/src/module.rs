//! `Module`: what holds parameters. `Layer`: a module that maps one variable to one.

use gradus_autograd::{Param, Var};
use gradus_tensor::{Activation, Float};

use crate::buffer::{Buffer, Counter};
use crate::mode::{EvalGuard, Mode};

/// Something that holds parameters: a layer, or a model made of layers.
///
/// Derive it: `#[derive(Module)]` walks the fields, so that parameters get PyTorch's names (`layers.0.weight`).
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no module of `{T}`",
    label = "not a module",
    note = "fields of a module are parameters, buffers, counters, modes, modules, or Option, Vec or Box of \
            modules; mark others `#[module(skip)]`"
)]
pub trait Module<T: Float = f32>: Send + Sync {
    /// Shows `members` every field of this module, in order. Written by `#[derive(Module)]`.
    fn members(&self, members: &mut Members<T>);

    /// The parameters with their names, each once, under the first of its names (PyTorch's `named_parameters`).
    fn named_parameters(&self) -> Vec<(String, Param<T>)> {
        let mut distinct: Vec<(String, Param<T>)> = Vec::new();
        for (name, stored) in Members::of(self).stored {
            let Stored::Parameter(parameter) = stored else { continue };
            if !distinct.iter().any(|(_, other)| other.is_same(&parameter)) {
                distinct.push((name, parameter));
            }
        }
        distinct
    }

    /// The parameters, each once.
    fn parameters(&self) -> Vec<Param<T>> {
        self.named_parameters().into_iter().map(|(_, parameter)| parameter).collect()
    }

    /// The number of trainable numbers in the parameters, each parameter counted once.
    fn num_parameters(&self) -> usize {
        self.parameters().iter().map(Param::numel).sum()
    }

    /// Puts every layer in training mode.
    fn train(&self) {
        Members::of(self).modes.iter().for_each(|mode| mode.set(true));
    }

    /// Puts every layer in evaluation mode: dropout does nothing.
    fn eval(&self) {
        Members::of(self).modes.iter().for_each(|mode| mode.set(false));
    }

    /// Evaluation mode until the guard is dropped, which gives each layer back the mode it had.
    fn eval_guard(&self) -> EvalGuard {
        EvalGuard::new(Members::of(self).modes)
    }
}

/// A module that maps one variable to one: what a [`Sequential`](crate::Sequential) is made of.
pub trait Layer<T: Float = f32>: Module<T> {
    /// The layer's output for `x`.
    fn forward(&self, x: &Var<T>) -> Var<T>;

    /// The activation that this layer is, if it is one and nothing else.
    fn as_activation(&self) -> Option<Activation> {
        None
    }

    /// The output after `activation`, where the layer computes both in one pass; [`Sequential`](crate::Sequential) asks
    /// for it.
    fn forward_activated(&self, x: &Var<T>, activation: Activation) -> Option<Var<T>> {
        let _ = (x, activation);
        None
    }
}

/// What a walk through a module has found.
pub struct Members<T: Float = f32> {
    /// The names that lead to the present field, with dots between them.
    path: String,
    /// What the state dict holds, in order.
    pub(crate) stored: Vec<(String, Stored<T>)>,
    modes: Vec<Mode>,
}

/// A field that the state dict holds.
pub(crate) enum Stored<T: Float> {
    Parameter(Param<T>),
    Buffer(Buffer<T>),
    Counter(Counter),
}

impl<T: Float> Members<T> {
    /// Everything in `module`. A parameter that is used twice is found twice.
    pub(crate) fn of<M: Module<T> + ?Sized>(module: &M) -> Self {
        let mut members = Self { path: String::new(), stored: Vec::new(), modes: Vec::new() };
        module.members(&mut members);
        members
    }

    /// Walks the field `name` of the module that is being walked.
    pub fn field<M: Module<T> + ?Sized>(&mut self, name: &str, field: &M) {
        let before = self.path.len();
        if before > 0 {
            self.path.push('.');
        }
        self.path.push_str(name);
        field.members(self);
        self.path.truncate(before);
    }

    /// Adds what is being walked under its name.
    fn store(&mut self, stored: Stored<T>) {
        self.stored.push((self.path.clone(), stored));
    }
}

impl<T: Float> Module<T> for Param<T> {
    fn members(&self, members: &mut Members<T>) {
        members.store(Stored::Parameter(self.clone()));
    }
}

impl<T: Float> Module<T> for Buffer<T> {
    fn members(&self, members: &mut Members<T>) {
        members.store(Stored::Buffer(self.clone()));
    }
}

impl<T: Float> Module<T> for Counter {
    fn members(&self, members: &mut Members<T>) {
        members.store(Stored::Counter(self.clone()));
    }
}

impl<T: Float> Module<T> for Mode {
    fn members(&self, members: &mut Members<T>) {
        members.modes.push(self.handle());
    }
}

impl<T: Float, M: Module<T>> Module<T> for Option<M> {
    fn members(&self, members: &mut Members<T>) {
        if let Some(module) = self {
            module.members(members);
        }
    }
}

/// Members are named by their place: 0, 1, ...
impl<T: Float, M: Module<T>> Module<T> for Vec<M> {
    fn members(&self, members: &mut Members<T>) {
        for (index, module) in self.iter().enumerate() {
            members.field(&index.to_string(), module);
        }
    }
}

impl<T: Float, M: Module<T> + ?Sized> Module<T> for Box<M> {
    fn members(&self, members: &mut Members<T>) {
        (**self).members(members);
    }
}

impl<T: Float, M: Layer<T> + ?Sized> Layer<T> for Box<M> {
    fn forward(&self, x: &Var<T>) -> Var<T> {
        (**self).forward(x)
    }

    fn as_activation(&self) -> Option<Activation> {
        (**self).as_activation()
    }

    fn forward_activated(&self, x: &Var<T>, activation: Activation) -> Option<Var<T>> {
        (**self).forward_activated(x, activation)
    }
}
