//! State dicts: a module's tensors by name, and as safetensors, which PyTorch reads.

use std::collections::HashSet;

use gradus_tensor::{DType, Float, Tensor};
use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use thiserror::Error;

use crate::module::{Members, Module};

/// The largest header that a safetensors file may have, by the format.
const MOST_HEADER: u64 = 100_000_000;

/// Tensors by name, in order.
#[derive(Clone, Debug, PartialEq)]
pub struct StateDict<T: Float = f32> {
    entries: Vec<(String, Tensor<T>)>,
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
        Self { entries }
    }

    /// The state of `module`: every parameter under each of its names. The tensors are pointers, not copies.
    pub fn of<M: Module<T> + ?Sized>(module: &M) -> Self {
        let named = Members::of(module).parameters.into_iter();
        Self { entries: named.map(|(name, parameter)| (name, parameter.value())).collect() }
    }

    /// Puts these tensors into the parameters of `module`, all or none.
    ///
    /// # Errors
    /// If a tensor is missing, is not expected, or has another shape; the error lists all that do.
    pub fn load_into<M: Module<T> + ?Sized>(self, module: &M) -> Result<(), StateError> {
        let parameters = Members::of(module).parameters;
        let mut faults = Vec::new();
        for (name, parameter) in &parameters {
            match self.get(name) {
                None => faults.push(format!("missing {name} of shape {:?}", parameter.shape())),
                Some(tensor) if tensor.shape() != parameter.shape() => {
                    faults.push(format!("{name} has shape {:?}, not {:?}", tensor.shape(), parameter.shape()));
                }
                Some(_) => {}
            }
        }
        let expected = |name: &str| parameters.iter().any(|(other, _)| other == name);
        faults.extend(
            self.entries.iter().filter(|(name, _)| !expected(name)).map(|(name, _)| format!("unexpected {name}")),
        );
        if !faults.is_empty() {
            return Err(StateError::Mismatch(faults));
        }
        for (name, parameter) in &parameters {
            parameter.set_value(self.get(name).expect("checked above").clone());
        }
        Ok(())
    }

    /// The tensor called `name`.
    pub fn get(&self, name: &str) -> Option<&Tensor<T>> {
        self.entries.iter().find(|(other, _)| other == name).map(|(_, tensor)| tensor)
    }

    /// The names and tensors, in order.
    pub fn entries(&self) -> &[(String, Tensor<T>)] {
        &self.entries
    }

    /// The bytes of a safetensors file, which `safetensors.torch.load` reads.
    pub fn to_safetensors(&self) -> Vec<u8> {
        let bytes: Vec<Vec<u8>> = self.entries.iter().map(|(_, tensor)| tensor.to_le_bytes()).collect();
        let views = self.entries.iter().zip(&bytes).map(|((name, tensor), bytes)| {
            let view = TensorView::new(dtype::<T>(), tensor.shape().to_vec(), bytes);
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
        let mut entries = Vec::with_capacity(file.len());
        for (name, view) in file.iter() {
            if view.dtype() != dtype::<T>() {
                let found = format!("{:?}", view.dtype()).to_lowercase();
                return Err(StateError::DType { name: name.to_owned(), found, expected: T::DTYPE });
            }
            let tensor = Tensor::from_le_bytes(view.data(), view.shape())
                .ok_or_else(|| StateError::Format(format!("tensor {name} is shorter than its shape")))?;
            entries.push((name.to_owned(), tensor));
        }
        Ok(Self { entries })
    }
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

fn dtype<T: Float>() -> Dtype {
    if T::DTYPE == DType::F64 { Dtype::F64 } else { Dtype::F32 }
}
