//! The file that xtask/parity/optimizers.py wrote.

use gradus_optim::Algorithm;
use gradus_tensor::{Element, Float, Tensor};
use safetensors::SafeTensors;
use serde_json::Value;

/// The largest difference over the largest value of each parameter, in `f32` and in `f64`.
pub(crate) const TOLERANCES: [f64; 2] = [1e-5, 1e-10];

/// Tensors and lists.
pub(crate) struct Fixture {
    file: SafeTensors<'static>,
    metadata: std::collections::HashMap<String, String>,
}

impl Fixture {
    pub(crate) fn new() -> Self {
        let bytes: &'static [u8] = include_bytes!("../fixtures/optimizers.safetensors");
        let (_, header) = SafeTensors::read_metadata(bytes).expect("the fixture is whole");
        let metadata = header.metadata().clone().expect("the fixture lists its cases");
        Self { file: SafeTensors::deserialize(bytes).expect("the fixture is whole"), metadata }
    }

    pub(crate) fn tensor<T: Element>(&self, name: &str) -> Tensor<T> {
        let view = self.file.tensor(name).unwrap_or_else(|_| panic!("no {name} in the fixture"));
        Tensor::from_le_bytes(view.data(), view.shape()).expect("the bytes are those of the shape")
    }

    /// A tensor of f32 numbers in the type of the run.
    pub(crate) fn number<T: Float>(&self, name: &str) -> Tensor<T> {
        self.tensor::<f32>(name).map(|x| T::from_f64(x.into()))
    }

    pub(crate) fn json(&self, key: &str) -> Value {
        serde_json::from_str(&self.metadata[key]).expect("the metadata is JSON")
    }

    /// The steps after which parameters are stored.
    pub(crate) fn kept(&self) -> Vec<usize> {
        serde_json::from_value(self.json("kept")).expect("a list of steps")
    }
}

/// The hyper-parameters called `name` with PyTorch's defaults but for `options`.
pub(crate) fn algorithm(name: &str, options: &Value) -> Algorithm {
    let mut whole = serde_json::to_value(Algorithm::by_name(name).unwrap()).unwrap();
    let fields = whole.as_object_mut().unwrap().values_mut().next().unwrap();
    for (option, value) in options.as_object().unwrap() {
        fields[option] = value.clone();
    }
    serde_json::from_value(whole).unwrap_or_else(|error| panic!("{name} with {options}: {error}"))
}

/// The name of the type in the fixture.
pub(crate) fn dtype<T: Float>() -> &'static str {
    if size_of::<T>() == 4 { "f32" } else { "f64" }
}
