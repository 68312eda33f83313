//! State dicts: a module's tensors by name, and as safetensors, which PyTorch reads.

use std::collections::HashSet;

use gradus_tensor::{DType, Element, Float, Tensor};
use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use thiserror::Error;

use crate::module::{Members, Module, Stored};

/// The largest header that a safetensors file may have, by the format.
const MOST_HEADER: u64 = 100_000_000;

/// Tensors by name, in order: those of `T`, and those of integers.
#[derive(Clone, Debug, PartialEq)]
pub struct StateDict<T: Float = f32> {
    entries: Vec<(String, Tensor<T>)>,
    /// Counts, each a tensor without dimensions in what modules give.
    integers: Vec<(String, Tensor<i64>)>,
}

/// Why a state could not be read or loaded.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum StateError {
    /// The bytes are no safetensors file, or a damaged one.
    #[error("not a whole safetensors file: {0}")]
    Format(String),
    /// A tensor of another element type.
    #[error("tensor {name} holds {found}, but {expected} is needed")]
    DType {
        /// The tensor.
        name: String,
        /// Its element type.
        found: String,
        /// The one asked for.
        expected: DType,
    },
    /// The state is not the module's: everything that differs.
    #[error("the state does not fit the module: {}", .0.join("; "))]
    Mismatch(Vec<String>),
}

impl<T: Float> StateDict<T> {
    /// Tensors with their names.
    ///
    /// # Panics
    /// If two have one name.
    #[track_caller]
    pub fn new(entries: Vec<(String, Tensor<T>)>) -> Self {
        let mut names = HashSet::new();
        if let Some((name, _)) = entries.iter().find(|(name, _)| !names.insert(name)) {
            panic!("StateDict: two tensors are called {name}");
        }
        Self { entries, integers: Vec::new() }
    }

    /// The state of `module`: every parameter under each of its names, buffers and counters. The tensors are pointers,
    /// not copies.
    pub fn of<M: Module<T> + ?Sized>(module: &M) -> Self {
        let mut state = Self { entries: Vec::new(), integers: Vec::new() };
        for (name, stored) in Members::of(module).stored {
            match stored {
                Stored::Parameter(parameter) => state.entries.push((name, parameter.value())),
                Stored::Buffer(buffer) => state.entries.push((name, buffer.value())),
                Stored::Counter(counter) => state.integers.push((name, Tensor::scalar(counter.get()))),
            }
        }
        state
    }

    /// The state of `module` that forward passes change: buffers and counters, without parameters.
    pub fn of_buffers<M: Module<T> + ?Sized>(module: &M) -> Self {
        let mut state = Self { entries: Vec::new(), integers: Vec::new() };
        for (name, stored) in Members::of(module).stored {
            match stored {
                Stored::Parameter(_) => {}
                Stored::Buffer(buffer) => state.entries.push((name, buffer.value())),
                Stored::Counter(counter) => state.integers.push((name, Tensor::scalar(counter.get()))),
            }
        }
        state
    }

    /// Puts back what [`of_buffers`](Self::of_buffers) took from the same module.
    pub fn restore_buffers<M: Module<T> + ?Sized>(&self, module: &M) {
        for (name, stored) in Members::of(module).stored {
            match stored {
                Stored::Parameter(_) => {}
                Stored::Buffer(buffer) => self.get(&name).into_iter().for_each(|value| buffer.set_value(value.clone())),
                Stored::Counter(counter) => {
                    self.get_integers(&name).into_iter().for_each(|count| counter.set(count.item()));
                }
            }
        }
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty() && self.integers.is_empty()
    }

    /// Puts these tensors into the parameters, buffers and counters of `module`, all or none.
    ///
    /// # Errors
    /// If a tensor is missing, is not expected, or has another shape; the error lists all that do.
    pub fn load_into<M: Module<T> + ?Sized>(self, module: &M) -> Result<(), StateError> {
        let stored = Members::of(module).stored;
        let mut faults: Vec<String> = stored.iter().filter_map(|(name, stored)| self.fault(name, stored)).collect();
        let expected = |name: &str, integer: bool| {
            stored.iter().any(|(other, stored)| other == name && matches!(stored, Stored::Counter(_)) == integer)
        };
        let floats = self.entries.iter().filter(|(name, _)| !expected(name, false)).map(|(name, _)| name);
        let integers = self.integers.iter().filter(|(name, _)| !expected(name, true)).map(|(name, _)| name);
        faults.extend(floats.chain(integers).map(|name| format!("unexpected {name}")));
        if !faults.is_empty() {
            return Err(StateError::Mismatch(faults));
        }
        for (name, stored) in &stored {
            let tensor = || self.get(name).expect("checked above").clone();
            match stored {
                Stored::Parameter(parameter) => parameter.set_value(tensor()),
                Stored::Buffer(buffer) => buffer.set_value(tensor()),
                Stored::Counter(counter) => counter.set(self.get_integers(name).expect("checked above").item()),
            }
        }
        Ok(())
    }

    /// What is wrong with the tensor for `stored`, if anything.
    fn fault(&self, name: &str, stored: &Stored<T>) -> Option<String> {
        let (found, needed) = match stored {
            Stored::Parameter(parameter) => (self.get(name).map(Tensor::shape), parameter.shape()),
            Stored::Buffer(buffer) => (self.get(name).map(Tensor::shape), buffer.shape()),
            Stored::Counter(_) => (self.get_integers(name).map(Tensor::shape), &[][..]),
        };
        match found {
            None => Some(format!("missing {name} of shape {needed:?}")),
            Some(found) if found != needed => Some(format!("{name} has shape {found:?}, not {needed:?}")),
            Some(_) => None,
        }
    }

    /// The tensor called `name`.
    pub fn get(&self, name: &str) -> Option<&Tensor<T>> {
        self.entries.iter().find(|(other, _)| other == name).map(|(_, tensor)| tensor)
    }

    /// The tensor of integers called `name`.
    pub fn get_integers(&self, name: &str) -> Option<&Tensor<i64>> {
        self.integers.iter().find(|(other, _)| other == name).map(|(_, tensor)| tensor)
    }

    /// The names and tensors, in order, without those of integers.
    pub fn entries(&self) -> &[(String, Tensor<T>)] {
        &self.entries
    }

    /// The names and tensors of integers, in order.
    pub fn integers(&self) -> &[(String, Tensor<i64>)] {
        &self.integers
    }

    /// The bytes of a safetensors file, which `safetensors.torch.load` reads.
    pub fn to_safetensors(&self) -> Vec<u8> {
        let floats = self.entries.iter().map(|(name, tensor)| (name, as_stored(tensor)));
        let integers = self.integers.iter().map(|(name, tensor)| (name, as_stored(tensor)));
        let stored: Vec<_> = floats.chain(integers).collect();
        let views = stored.iter().map(|(name, (dtype, shape, bytes))| {
            let view = TensorView::new(*dtype, shape.to_vec(), bytes);
            (name, view.expect("the bytes are those of the tensor"))
        });
        safetensors::serialize(views, None).expect("every view is whole")
    }

    /// Reads the bytes of a safetensors file.
    ///
    /// # Errors
    /// If they are damaged, or a tensor is not of this element type.
    pub fn from_safetensors(bytes: &[u8]) -> Result<Self, StateError> {
        check_header(bytes)?;
        let file = SafeTensors::deserialize(bytes).map_err(|error| StateError::Format(error.to_string()))?;
        let mut state = Self { entries: Vec::with_capacity(file.len()), integers: Vec::new() };
        for (name, view) in file.iter() {
            let short = || StateError::Format(format!("tensor {name} is shorter than its shape"));
            if view.dtype() == Dtype::I64 {
                let tensor = Tensor::from_le_bytes(view.data(), view.shape()).ok_or_else(short)?;
                state.integers.push((name.to_owned(), tensor));
            } else if view.dtype() == dtype::<T>() {
                let tensor = Tensor::from_le_bytes(view.data(), view.shape()).ok_or_else(short)?;
                state.entries.push((name.to_owned(), tensor));
            } else {
                let found = format!("{:?}", view.dtype()).to_lowercase();
                return Err(StateError::DType { name: name.to_owned(), found, expected: T::DTYPE });
            }
        }
        Ok(state)
    }
}

/// What a file holds of a tensor.
fn as_stored<E: Element>(tensor: &Tensor<E>) -> (Dtype, &[usize], Vec<u8>) {
    (dtype::<E>(), tensor.shape(), tensor.to_le_bytes())
}

/// What the format asks of the first bytes and the parser leaves unchecked.
fn check_header(bytes: &[u8]) -> Result<(), StateError> {
    let fault = |text: String| Err(StateError::Format(text));
    let Some((length, rest)) = bytes.split_first_chunk::<8>() else {
        return fault(format!("{} bytes are too few for a header", bytes.len()));
    };
    let length = u64::from_le_bytes(*length);
    if length > MOST_HEADER || length > rest.len() as u64 {
        return fault(format!("the header claims {length} bytes, the file has {} left", rest.len()));
    }
    if rest.first() != Some(&b'{') {
        return fault("the header does not start with an opening brace".to_owned());
    }
    Ok(())
}

/// The format's name of an element type.
fn dtype<E: Element>() -> Dtype {
    match E::DTYPE {
        DType::F32 => Dtype::F32,
        DType::F64 => Dtype::F64,
        DType::I64 => Dtype::I64,
        DType::U8 => Dtype::U8,
        DType::Bool => Dtype::BOOL,
    }
}
