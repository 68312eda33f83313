//! Operations and losses against PyTorch: outputs and all gradients of the stored cases (xtask/parity/README.md).

use gradus_autograd::{BackwardOptions, BatchNormOptions, RecurrentWeights, Reduction, Var, grad};
use gradus_nn::{cross_entropy_with, mse_loss_with};
use gradus_tensor::{
    Activation, AttentionMask, AttentionOptions, ChannelMoments, Conv2dOptions, Float, GeluApproximation,
    Pool2dOptions, Tensor,
};
use safetensors::SafeTensors;
use serde_json::Value;

const FIXTURES: &[u8] = include_bytes!("fixtures/operations.safetensors");

/// The stored tensor called `name`, of whatever element type `T` is.
fn stored<T: gradus_tensor::Element>(file: &SafeTensors<'_>, name: &str) -> Option<Tensor<T>> {
    let view = file.tensor(name).ok()?;
    Some(Tensor::from_le_bytes(view.data(), view.shape()).expect("the bytes are those of the shape"))
}

fn pair(options: &Value, name: &str) -> [usize; 2] {
    match &options[name] {
        Value::Array(both) => [0, 1].map(|i| both[i].as_u64().expect("a size") as usize),
        one => [one.as_u64().unwrap_or_else(|| panic!("no {name} in {options}")) as usize; 2],
    }
}

fn windows(options: &Value) -> Pool2dOptions {
    let [kernel_size, stride, padding] = ["kernel_size", "stride", "padding"].map(|name| pair(options, name));
    Pool2dOptions { kernel_size, stride, padding }
}

fn dims(options: &Value) -> Vec<isize> {
    let dim = |value: &Value| value.as_i64().expect("a dimension") as isize;
    match &options["dim"] {
        Value::Array(dims) => dims.iter().map(dim).collect(),
        one => vec![dim(one)],
    }
}

fn reduction(options: &Value) -> Reduction {
    match options["reduction"].as_str() {
        Some("sum") => Reduction::Sum,
        Some("mean") => Reduction::Mean,
        other => panic!("reduction {other:?}"),
    }
}

/// Weight, bias and residual come in that order, each where there is one; in evaluation channel c has mean c / 4 and
/// variance c + 1/2.
fn batch_norm<T: Float>(options: &Value, x: &[Var<T>]) -> Var<T> {
    let on = |name: &str| options[name].as_bool().unwrap_or(false);
    let (affine, residual) = if on("residual") { x.split_at(x.len() - 1) } else { (x, &[][..]) };
    let activation = if on("relu") { Activation::Relu } else { Activation::Identity };
    let eps = options["eps"].as_f64().expect("eps");
    let options = BatchNormOptions { eps, residual: residual.first(), activation };
    if on("training") {
        return x[0].batch_norm(affine.get(1), affine.get(2), options).0;
    }
    let by_channel = |f: fn(f64) -> f64| Tensor::from_fn([x[0].shape()[1]], |c| T::from_f64(f(c as f64)));
    let moments = ChannelMoments { mean: by_channel(|c| c / 4.0), variance: by_channel(|c| c + 0.5) };
    x[0].batch_norm_with(&moments, affine.get(1), affine.get(2), options)
}

/// Which input of an operation holds integers, if one does.
fn integer_input(op: &str) -> Option<usize> {
    match op {
        "cross_entropy" => Some(1),
        "embedding" => Some(0),
        _ => None,
    }
}

/// Our answer to a case, from its inputs of floats and, where there is one, of integers.
fn compute<T: Float>(op: &str, options: &Value, x: &[Var<T>], integers: Option<&Tensor<i64>>) -> Var<T> {
    let keep_dim = options["keepdim"].as_bool().unwrap_or(false);
    match op {
        "add" => &x[0] + &x[1],
        "sub" => &x[0] - &x[1],
        "mul" => &x[0] * &x[1],
        "div" => &x[0] / &x[1],
        "relu" => x[0].relu(),
        "gelu" => x[0].gelu(match options["approximate"].as_str() {
            Some("none") => GeluApproximation::None,
            Some("tanh") => GeluApproximation::Tanh,
            other => panic!("approximation {other:?}"),
        }),
        "silu" => x[0].silu(),
        "sigmoid" => x[0].sigmoid(),
        "tanh" => x[0].tanh(),
        "erf" => x[0].erf(),
        "exp" => x[0].exp(),
        "log" => x[0].ln(),
        "batch_norm" => batch_norm(options, x),
        "layer_norm" => {
            let shape: Vec<usize> = options["normalized_shape"]
                .as_array()
                .expect("a shape")
                .iter()
                .map(|size| size.as_u64().expect("a size") as usize)
                .collect();
            x[0].layer_norm(&shape, x.get(1), x.get(2), options["eps"].as_f64().expect("eps"))
        }
        "matmul" => x[0].matmul(&x[1]),
        "linear" => x[0].linear(&x[1], x.get(2)),
        "softmax" => x[0].softmax(dims(options)[0]),
        "log_softmax" => x[0].log_softmax(dims(options)[0]),
        "sum" => x[0].sum_dims(&dims(options), keep_dim),
        "mean" => x[0].mean_dims(&dims(options), keep_dim),
        "mse_loss" => mse_loss_with(&x[0], &x[1], reduction(options)),
        "cross_entropy" => {
            let labels = integers.expect("stored labels");
            cross_entropy_with(&x[0], labels, reduction(options)).expect("labels are in range")
        }
        "embedding" => x[0].embedding(integers.expect("stored indices")).expect("indices are in range"),
        "conv2d" => {
            let groups = options["groups"].as_u64().expect("groups") as usize;
            let [stride, padding, dilation] = ["stride", "padding", "dilation"].map(|name| pair(options, name));
            x[0].conv2d(&x[1], x.get(2), Conv2dOptions { stride, padding, dilation, groups })
        }
        "max_pool2d" => x[0].max_pool2d(windows(options)),
        "avg_pool2d" => x[0].avg_pool2d(windows(options)),
        "adaptive_avg_pool2d" => x[0].adaptive_avg_pool2d(pair(options, "output_size")),
        "scaled_dot_product_attention" => x[0].scaled_dot_product_attention(&x[1], &x[2], &attention(options, x)),
        "attention_packed" => {
            let heads = options["heads"].as_u64().expect("a number of heads") as usize;
            x[0].attention_packed(heads, options["is_causal"] == true)
        }
        "lstm" | "gru" => recurrent(op, options, x),
        other => panic!("no answer to {other}"),
    }
}

/// The options of attention; masks are those that `sequences.py` makes.
fn attention<T: Float>(options: &Value, x: &[Var<T>]) -> AttentionOptions<T> {
    let (queries, keys) = (x[0].shape()[2], x[1].shape()[2]);
    let mask = match options["mask"].as_str() {
        Some("additive") => AttentionMask::Additive(Tensor::from_fn([queries, keys], |at| {
            T::from_f64(((5 * (at / keys) + 3 * (at % keys)) % 7) as f64 / 4.0 - 0.5)
        })),
        Some("boolean") => {
            AttentionMask::Boolean(Tensor::from_fn([queries, keys], |at| (at / keys + at % keys) % 3 != 1))
        }
        _ if options["is_causal"] == true => AttentionMask::Causal,
        _ => AttentionMask::None,
    };
    AttentionOptions { mask, scale: options["scale"].as_f64() }
}

/// One of the outputs of the recurrent layer with these parameters.
fn recurrent<T: Float>(op: &str, options: &Value, x: &[Var<T>]) -> Var<T> {
    let [biases, state] = ["biases", "state"].map(|name| options[name] == true);
    let bias = biases.then(|| (x[3].clone(), x[4].clone()));
    let weights = RecurrentWeights { weight_ih: x[1].clone(), weight_hh: x[2].clone(), bias };
    let (batch, hidden) = (x[0].shape()[0], x[2].shape()[1]);
    let first: Vec<Var<T>> = x.iter().skip(if biases { 5 } else { 3 }).map(|s| s.reshape([batch, hidden])).collect();
    let (output, last) = if op == "gru" {
        let out = x[0].gru(&weights, first.first());
        (out.output, vec![out.h_n])
    } else {
        let out = x[0].lstm(&weights, state.then(|| (&first[0], &first[1])));
        (out.output, vec![out.h_n, out.c_n])
    };
    match options["part"].as_u64().expect("a number of an output") {
        0 => output,
        part => last[part as usize - 1].reshape([1, batch, hidden]),
    }
}

/// Checks one case in one element type; the largest difference.
fn check<T: Float>(file: &SafeTensors<'_>, case: &Value, tolerance: f64) -> f64 {
    let (op, options) = (case["op"].as_str().expect("a name"), &case["options"]);
    let name = format!("{op}/{}/{}", case["case"].as_str().expect("a name"), T::DTYPE);
    let key = |part: &str| format!("{name}/{part}");
    let tensor = |part: &str| stored::<T>(file, &key(part)).unwrap_or_else(|| panic!("no {}", key(part)));
    let mut worst = 0.0f64;
    let mut compare = |what: &str, got: &Tensor<T>, want: &Tensor<T>| {
        assert_eq!(got.shape(), want.shape(), "{name}: shape of {what}");
        let difference = got.relative_difference(want);
        assert!(difference <= tolerance, "{name}: {what} differs by {difference:.2e}, more than {tolerance:.0e}");
        worst = worst.max(difference);
    };
    if op == "max" {
        let (values, places) = tensor("in0").max_dim(dims(options)[0], options["keepdim"].as_bool() == Some(true));
        compare("out", &values, &tensor("out"));
        assert_eq!(Some(places), stored(file, &key("indices")), "{name}: indices");
        return worst;
    }
    let count = case["inputs"].as_u64().expect("a count") as usize;
    let integers = integer_input(op).map(|i| stored::<i64>(file, &key(&format!("in{i}"))).expect("stored integers"));
    let floats: Vec<usize> = (0..count).filter(|&i| integer_input(op) != Some(i)).collect();
    let inputs: Vec<Var<T>> = floats.iter().map(|i| Var::new(tensor(&format!("in{i}"))).requires_grad_()).collect();
    let out = compute(op, options, &inputs, integers.as_ref());
    compare("out", out.value(), &tensor("out"));
    let gradient = Some(Var::new(tensor("grad_out")));
    let references: Vec<&Var<T>> = inputs.iter().collect();
    let gradients = grad(&out, &references, BackwardOptions { gradient, ..BackwardOptions::default() }).unwrap();
    for (i, gradient) in floats.iter().zip(&gradients) {
        let gradient = gradient.as_ref().unwrap_or_else(|| panic!("{name}: no gradient of input {i}"));
        compare(&format!("gradient of input {i}"), gradient.value(), &tensor(&format!("grad_in{i}")));
    }
    worst
}

/// Differences are largest |ours - PyTorch's| over largest |PyTorch's|, for each tensor.
#[test]
fn operations_give_pytorchs_numbers() {
    let file = SafeTensors::deserialize(FIXTURES).expect("the fixtures are whole");
    let (_, header) = SafeTensors::read_metadata(FIXTURES).expect("the fixtures are whole");
    let metadata = header.metadata().as_ref().expect("the fixtures list their cases");
    let cases: Vec<Value> = serde_json::from_str(&metadata["cases"]).expect("the list is JSON");
    assert!(cases.len() >= 90, "{} cases", cases.len());
    let (mut worst32, mut worst64) = (0.0f64, 0.0f64);
    for case in &cases {
        worst32 = worst32.max(check::<f32>(&file, case, 1e-5));
        worst64 = worst64.max(check::<f64>(&file, case, 1e-10));
    }
    println!("{} cases, worst difference {worst32:.1e} in f32, {worst64:.1e} in f64", cases.len());
}
