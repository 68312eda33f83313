//! Runs the cases of a family and compares.
//!
//! Differences are largest |ours - PyTorch's| over largest |PyTorch's|, for each tensor.

use std::cell::RefCell;

use gradus_autograd::{BackwardOptions, Var, grad};
use gradus_tensor::{Element, Float, Tensor};
use safetensors::SafeTensors;
use serde_json::Value;

use crate::case::{Answer, Case, Input, Options, Output};
use crate::report::Report;

/// Of values and first derivatives, in `f32` and in `f64`.
const TOLERANCES: [f64; 2] = [1e-5, 1e-10];
/// Of second derivatives, in `f64`.
const SECOND: f64 = 1e-8;

/// Checks every case of the family, with inputs that lie in memory without gaps and with inputs that do not.
pub(crate) fn family(
    name: &str,
    fixture: &'static [u8],
    single: fn(&Case<'_, f32>) -> Answer<f32>,
    double: fn(&Case<'_, f64>) -> Answer<f64>,
) {
    let file = SafeTensors::deserialize(fixture).expect("the fixtures are whole");
    let (_, header) = SafeTensors::read_metadata(fixture).expect("the fixtures are whole");
    let metadata = header.metadata().as_ref().expect("the fixtures list their cases");
    let cases: Vec<Value> = serde_json::from_str(&metadata["cases"]).expect("the list is JSON");
    assert!(!cases.is_empty(), "{name} has cases");
    let mut report = Report::default();
    for described in &cases {
        for strided in [false, true] {
            let worst = [
                Check::<f32>::new(&file, described, strided, TOLERANCES[0]).run(single),
                Check::<f64>::new(&file, described, strided, TOLERANCES[1]).run(double),
            ];
            report.add(described["op"].as_str().expect("a name"), !strided, worst);
        }
    }
    report.finish(name);
}

/// A case in one element type.
struct Check<'a, T: Float> {
    file: &'a SafeTensors<'static>,
    described: &'a Value,
    strided: bool,
    tolerance: f64,
    /// `op/case/dtype`, the beginning of its tensors' names.
    name: String,
    worst: f64,
    element: std::marker::PhantomData<T>,
}

impl<'a, T: Float> Check<'a, T> {
    fn new(file: &'a SafeTensors<'static>, described: &'a Value, strided: bool, tolerance: f64) -> Self {
        let text = |key: &str| described[key].as_str().expect("a name");
        let name = format!("{}/{}", text("op"), text("case"));
        Self { file, described, strided, tolerance, name, worst: 0.0, element: std::marker::PhantomData }
    }

    /// The largest difference.
    fn run(mut self, answer: fn(&Case<'_, T>) -> Answer<T>) -> f64 {
        let parameters: Vec<&str> = match &self.described["parameters"] {
            Value::Array(names) => names.iter().map(|name| name.as_str().expect("a name")).collect(),
            _ => Vec::new(),
        };
        let count = self.described["inputs"].as_u64().expect("a count") as usize + parameters.len();
        let case = Case {
            op: self.described["op"].as_str().expect("a name"),
            options: Options(&self.described["options"]),
            inputs: (0..count).map(|i| self.input(i)).collect(),
            parameters,
            loaded: RefCell::default(),
        };
        let outputs = answer(&case).unwrap_or_else(|| panic!("{}: no answer", self.name));
        self.values(&outputs);
        self.gradients(&case, &outputs);
        self.worst
    }

    /// Input `i`: the same numbers in both element types.
    fn input(&self, i: usize) -> Input<T> {
        let key = format!("{}/f32/in{i}", self.name);
        if let Some(x) = stored::<f32>(self.file, &key) {
            return Input::Float(Var::new(self.laid_out(&x.map(|x| T::from_f64(x.into())))).requires_grad_());
        }
        if let Some(x) = stored::<i64>(self.file, &key) {
            return Input::Integers(self.laid_out(&x));
        }
        Input::Flags(self.laid_out(&stored::<bool>(self.file, &key).unwrap_or_else(|| panic!("no {key}"))))
    }

    /// The same tensor; where inputs are to lie with gaps between their elements, one that does.
    fn laid_out<E: Element>(&self, x: &Tensor<E>) -> Tensor<E> {
        if !self.strided {
            return x.clone();
        }
        let (mut shape, values) = (x.shape().to_vec(), x.to_vec());
        shape.push(2);
        Tensor::from_fn(shape, |i| values[i / 2]).select(-1, 1)
    }

    fn stored<E: Element>(&self, part: &str) -> Option<Tensor<E>> {
        stored(self.file, &format!("{}/{}/{part}", self.name, T::DTYPE))
    }

    fn values(&mut self, outputs: &[Output<T>]) {
        for (j, output) in outputs.iter().enumerate() {
            let (part, name) = (format!("out{j}"), &self.name);
            match output {
                Output::Float(out) => {
                    let want = self.stored::<T>(&part).unwrap_or_else(|| panic!("{name}: {part} holds no floats"));
                    self.compare(&part, out.value(), &want, self.tolerance);
                }
                Output::Integers(out) => assert_eq!(Some(out), self.stored(&part).as_ref(), "{name}: {part}"),
                Output::Flags(out) => assert_eq!(Some(out), self.stored(&part).as_ref(), "{name}: {part}"),
            }
        }
        let more = format!("{}/{}/out{}", self.name, T::DTYPE, outputs.len());
        assert!(self.file.tensor(&more).is_err(), "{}: PyTorch gives more than {} outputs", self.name, outputs.len());
    }

    fn gradients(&mut self, case: &Case<'_, T>, outputs: &[Output<T>]) {
        let loaded = case.loaded.borrow();
        let place = |i: usize| loaded.iter().find(|(place, _)| *place == i).map(|(_, parameter)| parameter);
        let leaves: Vec<(usize, Var<T>)> =
            (0..case.inputs.len()).filter_map(|i| Some((i, place(i).or_else(|| case.get(i))?.clone()))).collect();
        let inputs: Vec<&Var<T>> = leaves.iter().map(|(_, leaf)| leaf).collect();
        let seeds: Vec<(usize, Var<T>, Var<T>)> = outputs
            .iter()
            .enumerate()
            .filter_map(|(j, output)| match output {
                Output::Float(out) if out.requires_grad() => {
                    Some((j, out.clone(), Var::new(numbers(out.shape(), (5, 13), j)).requires_grad_()))
                }
                _ => None,
            })
            .collect();
        let Some(total) = sum(seeds.iter().map(|(_, out, seed)| out * seed)) else { return };
        let second = T::DTYPE == gradus_tensor::DType::F64 && self.described["second"] == true;
        let options = BackwardOptions { create_graph: second, ..BackwardOptions::default() };
        let gradients = grad(&total, &inputs, options).unwrap_or_else(|error| panic!("{}: {error}", self.name));
        for ((i, _), gradient) in leaves.iter().zip(&gradients) {
            self.gradient(&format!("grad{i}"), gradient.as_ref(), self.tolerance);
        }
        if !second {
            return;
        }
        let weighted = leaves.iter().zip(&gradients).filter_map(|((i, _), gradient)| {
            let gradient = gradient.as_ref().filter(|gradient| gradient.requires_grad())?;
            Some(gradient * &Var::new(numbers(gradient.shape(), (7, 11), *i)))
        });
        let Some(total) = sum(weighted) else { return };
        let again: Vec<&Var<T>> = inputs.iter().copied().chain(seeds.iter().map(|(_, _, seed)| seed)).collect();
        let names = leaves.iter().map(|(i, _)| format!("second{i}"));
        let names = names.chain(seeds.iter().map(|(j, _, _)| format!("second_upstream{j}")));
        let gradients = grad(&total, &again, BackwardOptions::default()).expect("the graph is recorded");
        for (name, gradient) in names.zip(&gradients) {
            self.gradient(&name, gradient.as_ref(), SECOND);
        }
    }

    /// Compares a gradient with PyTorch's; where one has none the other has none or zeros.
    fn gradient(&mut self, part: &str, gradient: Option<&Var<T>>, tolerance: f64) {
        let want = self.stored::<T>(part);
        match (gradient.map(Var::value), want) {
            (Some(got), Some(want)) => self.compare(part, got, &want, tolerance),
            (None, None) => {}
            (Some(got), None) => self.compare(part, got, &Tensor::zeros(got.shape()), 0.0),
            (None, Some(want)) => self.compare(part, &Tensor::zeros(want.shape()), &want, 0.0),
        }
    }

    fn compare(&mut self, part: &str, got: &Tensor<T>, want: &Tensor<T>, tolerance: f64) {
        let name = &self.name;
        assert_eq!(got.shape(), want.shape(), "{name}: shape of {part}");
        let difference = difference(got, want);
        assert!(
            difference <= tolerance,
            "{name}: {part} in {} differs by {difference:.2e}, more than {tolerance:.0e}\nours {got}\nPyTorch's {want}",
            T::DTYPE
        );
        self.worst = self.worst.max(difference);
    }
}

/// The stored tensor called `name`, if it holds elements of this type.
fn stored<E: Element>(file: &SafeTensors<'_>, name: &str) -> Option<Tensor<E>> {
    let view = file.tensor(name).ok()?;
    let dtype = format!("{:?}", view.dtype()).to_lowercase();
    let same = dtype == E::DTYPE.to_string();
    same.then(|| Tensor::from_le_bytes(view.data(), view.shape()).expect("the bytes are those of the shape"))
}

/// [`relative_difference`](Tensor::relative_difference), where NaN equals NaN and an infinity itself.
fn difference<T: Float>(got: &Tensor<T>, want: &Tensor<T>) -> f64 {
    let same = |a: T, b: T| (a.is_nan() && b.is_nan()) || (a.is_infinite() && a == b);
    let both = got.zip_map(want, "difference", same);
    let without = |x: &Tensor<T>| x.zip_map(&both, "difference", |x, same| if same { T::zero() } else { x });
    without(got).relative_difference(&without(want))
}

/// Numbers without pattern, none zero, exact in `f32`: `steps` of xtask/parity/cases.py.
fn numbers<T: Float>(shape: &[usize], (multiplier, modulus): (usize, usize), start: usize) -> Tensor<T> {
    Tensor::from_fn(shape, |i| {
        T::from_f64((((multiplier * i + 3 * start) % modulus) as f64 - modulus as f64 / 2.0) / 4.0)
    })
}

/// The sum of all elements of all.
fn sum<T: Float>(terms: impl Iterator<Item = Var<T>>) -> Option<Var<T>> {
    terms.map(|term| term.sum()).reduce(|a, b| a + b)
}
