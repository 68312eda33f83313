//! A stored case as the families' functions see it.

use std::cell::RefCell;

use gradus_autograd::Var;
use gradus_nn::Module;
use gradus_tensor::{Float, Tensor};
use serde_json::Value;

/// What a function answers to a case: the outputs, in order. `None` for an operation that it does not know.
pub(crate) type Answer<T> = Option<Vec<Output<T>>>;

/// One output.
pub(crate) enum Output<T: Float> {
    Float(Var<T>),
    Integers(Tensor<i64>),
    Flags(Tensor<bool>),
}

/// One input.
pub(crate) enum Input<T: Float> {
    Float(Var<T>),
    Integers(Tensor<i64>),
    Flags(Tensor<bool>),
}

/// A call of an operation.
pub(crate) struct Case<'a, T: Float> {
    pub(crate) op: &'a str,
    pub(crate) options: Options<'a>,
    pub(crate) inputs: Vec<Input<T>>,
    /// The names of a module's parameters, which are the last inputs.
    pub(crate) parameters: Vec<&'a str>,
    /// For each input of floats that a module holds as its parameter: the parameter.
    pub(crate) loaded: RefCell<Vec<(usize, Var<T>)>>,
}

impl<T: Float> Case<'_, T> {
    /// Input `i`, of floats.
    pub(crate) fn x(&self, i: usize) -> &Var<T> {
        self.get(i).unwrap_or_else(|| panic!("{}: input {i} holds floats", self.op))
    }

    /// Input `i`, where there is one and it holds floats.
    pub(crate) fn get(&self, i: usize) -> Option<&Var<T>> {
        match self.inputs.get(i)? {
            Input::Float(x) => Some(x),
            _ => None,
        }
    }

    /// All inputs of floats, in order.
    pub(crate) fn floats(&self) -> Vec<&Var<T>> {
        (0..self.inputs.len()).filter_map(|i| self.get(i)).collect()
    }

    /// Input `i`, of whole numbers.
    pub(crate) fn integers(&self, i: usize) -> &Tensor<i64> {
        match &self.inputs[i] {
            Input::Integers(x) => x,
            _ => panic!("{}: input {i} holds whole numbers", self.op),
        }
    }

    /// Input `i`, of truth values.
    pub(crate) fn flags(&self, i: usize) -> &Tensor<bool> {
        match &self.inputs[i] {
            Input::Flags(x) => x,
            _ => panic!("{}: input {i} holds truth values", self.op),
        }
    }

    /// Puts the case's parameters into `module`, whose names and shapes must be PyTorch's, and has their gradients
    /// checked.
    pub(crate) fn load<M: Module<T> + ?Sized>(&self, module: &M) {
        let own = module.named_parameters();
        let names: Vec<&str> = own.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, self.parameters, "{}: names of parameters", self.op);
        let first = self.inputs.len() - own.len();
        for (i, (_, parameter)) in own.iter().enumerate() {
            parameter.set_value(self.x(first + i).value().clone());
            self.loaded.borrow_mut().push((first + i, parameter.var()));
        }
    }
}

/// PyTorch's keyword arguments.
#[derive(Clone, Copy)]
pub(crate) struct Options<'a>(pub(crate) &'a Value);

impl<'a> Options<'a> {
    /// Whether `name` is given, and not None.
    pub(crate) fn has(self, name: &str) -> bool {
        !self.0[name].is_null()
    }

    /// The arguments that a module is made with.
    pub(crate) fn init(self) -> Options<'a> {
        Options(&self.0["init"])
    }

    /// A truth value; false where it is not given.
    pub(crate) fn flag(self, name: &str) -> bool {
        self.0[name].as_bool().unwrap_or(false)
    }

    /// A word, where it is given.
    pub(crate) fn text(self, name: &str) -> Option<&'a str> {
        self.0[name].as_str()
    }

    /// A number that must be given.
    pub(crate) fn float(self, name: &str) -> f64 {
        self.0[name].as_f64().unwrap_or_else(|| panic!("no number {name} in {}", self.0))
    }

    /// A number, or what stands for it where it is not given.
    pub(crate) fn float_or(self, name: &str, default: f64) -> f64 {
        if self.has(name) { self.float(name) } else { default }
    }

    /// A whole number that must be given.
    pub(crate) fn int(self, name: &str) -> isize {
        self.0[name].as_i64().unwrap_or_else(|| panic!("no whole number {name} in {}", self.0)) as isize
    }

    /// A size that must be given.
    pub(crate) fn size(self, name: &str) -> usize {
        usize::try_from(self.int(name)).unwrap_or_else(|_| panic!("{name} in {} is no size", self.0))
    }

    /// A size, or what stands for it where it is not given.
    pub(crate) fn size_or(self, name: &str, default: usize) -> usize {
        if self.has(name) { self.size(name) } else { default }
    }

    /// Whole numbers; one stands for a list of it.
    pub(crate) fn ints(self, name: &str) -> Vec<isize> {
        match &self.0[name] {
            Value::Array(list) => list.iter().map(|n| n.as_i64().expect("a whole number") as isize).collect(),
            _ => vec![self.int(name)],
        }
    }

    /// Sizes; one stands for a list of it.
    pub(crate) fn sizes(self, name: &str) -> Vec<usize> {
        self.ints(name).into_iter().map(|n| usize::try_from(n).expect("a size")).collect()
    }

    /// `N` sizes; one stands for all.
    pub(crate) fn array<const N: usize>(self, name: &str) -> [usize; N] {
        match self.sizes(name)[..] {
            [one] => [one; N],
            ref sizes => sizes.try_into().unwrap_or_else(|_| panic!("{name} in {}: {N} sizes", self.0)),
        }
    }

    /// [`array`](Self::array), or `default` for each where it is not given.
    pub(crate) fn array_or<const N: usize>(self, name: &str, default: usize) -> [usize; N] {
        if self.has(name) { self.array(name) } else { [default; N] }
    }
}

/// One output of floats.
pub(crate) fn float<T: Float>(out: Var<T>) -> Answer<T> {
    Some(vec![Output::Float(out)])
}

/// Some outputs of floats.
pub(crate) fn floats<T: Float>(outs: impl IntoIterator<Item = Var<T>>) -> Answer<T> {
    Some(outs.into_iter().map(Output::Float).collect())
}
