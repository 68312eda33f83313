//! `Module`: what holds parameters. `Layer`: a module that maps one variable to one.

use std::collections::BTreeMap;

use gradus_autograd::{Param, Var};
use gradus_tensor::{Activation, Float, Tensor};

use crate::buffer::{Buffer, Counter};
use crate::mode::{Mode, ModeGuard};
use crate::summary::Summary;

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

    /// The module's type, as summaries show it.
    fn type_name(&self) -> String {
        short_name(std::any::type_name::<Self>())
    }

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

    /// The buffers with their names, each once (PyTorch's `named_buffers`, without counters).
    fn named_buffers(&self) -> Vec<(String, Buffer<T>)> {
        let mut distinct: Vec<(String, Buffer<T>)> = Vec::new();
        for (name, stored) in Members::of(self).stored {
            let Stored::Buffer(buffer) = stored else { continue };
            if !distinct.iter().any(|(_, other)| other.is_same(&buffer)) {
                distinct.push((name, buffer));
            }
        }
        distinct
    }

    /// Freezes (`false`) or trains (`true`) every parameter from the next forward pass on.
    fn set_requires_grad(&self, requires_grad: bool) {
        self.parameters().iter().for_each(|parameter| parameter.set_requires_grad(requires_grad));
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
    fn eval_guard(&self) -> ModeGuard {
        ModeGuard::evaluation(Members::of(self).modes)
    }

    /// Training mode until the guard is dropped, in which the running statistics of batch normalisation become the
    /// plain means over the batches from here on, whatever the layers' momentum (what PyTorch's
    /// [torch.optim.swa_utils.update_bn] does before it runs its batches).
    ///
    /// [torch.optim.swa_utils.update_bn]: https://pytorch.org/docs/stable/generated/torch.optim.swa_utils.update_bn.html
    fn gather_statistics(&self) -> ModeGuard {
        let Members { stored, modes, .. } = Members::of(self);
        for (name, stored) in stored {
            if let Stored::Counter(counter) = stored
                && name.ends_with("num_batches_tracked")
            {
                counter.set(0);
            }
        }
        ModeGuard::gathering(modes)
    }
}

/// A module that maps one variable to one: what a [`Sequential`](crate::Sequential) is made of.
pub trait Layer<T: Float = f32>: Module<T> {
    /// The layer's output for `x`.
    fn forward(&self, x: &Var<T>) -> Var<T>;

    /// What the layer is made of, from a forward pass of zeros of `input_shape`, batch included: name, type, output
    /// shape, parameters, multiply-adds and memory of each part.
    ///
    /// ```
    /// use gradus_nn::{Layer, Linear, ReLU, Sequential};
    ///
    /// let model: Sequential = Sequential::new().with(Linear::new(4, 8)).with(ReLU).with(Linear::new(8, 2));
    /// let summary = model.summary(&[1, 4]);
    /// assert_eq!((summary.parameters, summary.multiply_adds), (58, 48));
    /// println!("{summary}");
    /// ```
    fn summary(&self, input_shape: &[usize]) -> Summary
    where
        Self: Sized,
    {
        Summary::of(self, || self.forward(&Var::new(Tensor::zeros(input_shape))))
    }

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
    /// The modules that are walked, with their names and types.
    pub(crate) modules: Vec<(String, String)>,
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
        let mut members = Self { path: String::new(), stored: Vec::new(), modes: Vec::new(), modules: Vec::new() };
        members.modules.push((String::new(), module.type_name()));
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
        self.modules.push((self.path.clone(), field.type_name()));
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
    fn type_name(&self) -> String {
        self.as_ref().map_or_else(String::new, Module::type_name)
    }

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
    fn type_name(&self) -> String {
        (**self).type_name()
    }

    fn members(&self, members: &mut Members<T>) {
        (**self).members(members);
    }
}

/// Members are named by their place: 0, 1, ...
impl<T: Float, M: Module<T>, const N: usize> Module<T> for [M; N] {
    fn members(&self, members: &mut Members<T>) {
        for (index, module) in self.iter().enumerate() {
            members.field(&index.to_string(), module);
        }
    }
}

/// Members are named by their keys (PyTorch's `ModuleDict`).
impl<T: Float, M: Module<T>> Module<T> for BTreeMap<String, M> {
    fn members(&self, members: &mut Members<T>) {
        for (name, module) in self {
            members.field(name, module);
        }
    }
}

/// Writes `Module` for tuples, whose members are named by their places.
macro_rules! tuple {
    ($($module:ident $index:tt),*) => {
        impl<T: Float, $($module: Module<T>),*> Module<T> for ($($module,)*) {
            fn members(&self, members: &mut Members<T>) {
                $(members.field(stringify!($index), &self.$index);)*
            }
        }
    };
}
tuple!(A 0);
tuple!(A 0, B 1);
tuple!(A 0, B 1, C 2);
tuple!(A 0, B 1, C 2, D 3);
tuple!(A 0, B 1, C 2, D 3, E 4);
tuple!(A 0, B 1, C 2, D 3, E 4, F 5);

/// A type's name without the paths that lead to it, and without its float.
fn short_name(name: &str) -> String {
    let mut short = String::new();
    for part in name.split_inclusive(['<', '>', ',', ' ', '(', ')', '[', ']']) {
        short.push_str(part.rsplit_once("::").map_or(part, |(_, last)| last));
    }
    short.replace("<f32>", "").replace("<f64>", "")
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
