//! Answers to `xtask/parity/families/activation.py`.

use gradus_nn::{
    AdaptiveLogSoftmaxWithLoss, CELU, ELU, GELU, GLU, Hardshrink, Hardsigmoid, Hardswish, Hardtanh, Identity, Layer,
    LeakyReLU, LogSigmoid, LogSoftmax, Mish, PReLU, RReLU, ReLU, ReLU6, SELU, SiLU, Sigmoid, Softmax, Softmax2d,
    Softmin, Softplus, Softshrink, Softsign, Tanh, Tanhshrink, Threshold,
};
use gradus_tensor::{Float, GeluApproximation};

use crate::case::{Answer, Case, Options, Output, float, floats};

pub(crate) fn answer<T: Float>(case: &Case<'_, T>) -> Answer<T> {
    if case.op == "nn.AdaptiveLogSoftmaxWithLoss" {
        return adaptive(case);
    }
    if let Some(layer) = case.op.strip_prefix("nn.") {
        return module(layer, case);
    }
    let (x, options) = (case.x(0), case.options);
    let or = |name: &str, default: f64| options.float_or(name, default);
    float(match case.op {
        "F.relu" => x.relu(),
        "F.gelu" => x.gelu(match options.text("approximate") {
            Some("tanh") => GeluApproximation::Tanh,
            _ => GeluApproximation::None,
        }),
        "F.silu" => x.silu(),
        "torch.sigmoid" => x.sigmoid(),
        "torch.tanh" => x.tanh(),
        "F.softmax" => x.softmax(options.int("dim")),
        "F.log_softmax" => x.log_softmax(options.int("dim")),
        "F.softmin" => x.softmin(options.int("dim")),
        "F.softplus" => x.softplus(or("beta", 1.0), or("threshold", 20.0)),
        "F.logsigmoid" => x.log_sigmoid(),
        "F.mish" => x.mish(),
        "F.tanhshrink" => x.tanhshrink(),
        "F.softsign" => x.softsign(),
        "F.elu" => x.elu(or("alpha", 1.0)),
        "F.selu" => x.selu(),
        "F.celu" => x.celu(or("alpha", 1.0)),
        "F.leaky_relu" => x.leaky_relu(or("negative_slope", 0.01)),
        "F.relu6" => x.relu6(),
        "F.hardtanh" => x.hardtanh(or("min_val", -1.0), or("max_val", 1.0)),
        "F.hardswish" => x.hardswish(),
        "F.hardsigmoid" => x.hardsigmoid(),
        "F.hardshrink" => x.hardshrink(or("lambd", 0.5)),
        "F.softshrink" => x.softshrink(or("lambd", 0.5)),
        "F.threshold" => x.threshold(options.float("threshold"), options.float("value")),
        "F.rrelu" => x.rrelu(or("lower", 1.0 / 8.0), or("upper", 1.0 / 3.0), options.flag("training")),
        "F.prelu" => x.prelu(case.x(1)),
        "F.glu" => x.glu(options.int("dim")),
        _ => return None,
    })
}

/// A layer's output. Where the case names no options, the layer is its own default.
fn module<T: Float>(layer: &str, case: &Case<'_, T>) -> Answer<T> {
    let init = case.options.init();
    let layer = if layer == "PReLU" {
        let layer = if init.has("num_parameters") { PReLU::new(init.size("num_parameters")) } else { PReLU::default() };
        let layer = if init.has("init") { layer.with_init(init.float("init")) } else { layer };
        case.load(&layer);
        Box::new(layer)
    } else {
        with_options(layer, init).or_else(|| without_options(layer))?
    };
    float(layer.forward(case.x(0)))
}

/// The label's log-probability and the loss; without labels, the log-probabilities of all classes and the best class.
fn adaptive<T: Float>(case: &Case<'_, T>) -> Answer<T> {
    let (init, x) = (case.options.init(), case.x(0));
    let layer = AdaptiveLogSoftmaxWithLoss::with_div_value(
        init.size("in_features"),
        init.size("n_classes"),
        &init.sizes("cutoffs"),
        init.float_or("div_value", 4.0),
    );
    let layer = if init.flag("head_bias") { layer.with_head_bias() } else { layer };
    case.load(&layer);
    if case.options.flag("all_classes") {
        return Some(vec![Output::Float(layer.log_prob(x)), Output::Integers(layer.predict(x))]);
    }
    let out = layer.forward(x, case.integers(1)).expect("the labels name classes");
    floats([out.output, out.loss])
}

/// Layers made with options.
fn with_options<T: Float>(layer: &str, init: Options<'_>) -> Option<Box<dyn Layer<T>>> {
    Some(match layer {
        "LeakyReLU" if init.has("negative_slope") => Box::new(LeakyReLU::new(init.float("negative_slope"))),
        "ELU" if init.has("alpha") => Box::new(ELU::new(init.float("alpha"))),
        "CELU" if init.has("alpha") => Box::new(CELU::new(init.float("alpha"))),
        "GELU" if init.text("approximate") == Some("tanh") => Box::new(GELU::by_tanh()),
        "Hardtanh" if init.has("min_val") => Box::new(Hardtanh::new(init.float("min_val"), init.float("max_val"))),
        "Softplus" if init.has("beta") => Box::new(Softplus::new(init.float("beta"), init.float("threshold"))),
        "Softmax" => Box::new(Softmax::new(init.int("dim"))),
        "LogSoftmax" => Box::new(LogSoftmax::new(init.int("dim"))),
        "Softmin" => Box::new(Softmin::new(init.int("dim"))),
        "Hardshrink" if init.has("lambd") => Box::new(Hardshrink::new(init.float("lambd"))),
        "Softshrink" if init.has("lambd") => Box::new(Softshrink::new(init.float("lambd"))),
        "Threshold" => Box::new(Threshold::new(init.float("threshold"), init.float("value"))),
        "GLU" if init.has("dim") => Box::new(GLU::new(init.int("dim"))),
        "RReLU" if init.has("lower") => Box::new(RReLU::new(init.float("lower"), init.float("upper"))),
        _ => return None,
    })
}

/// Layers as they are by default.
fn without_options<T: Float>(layer: &str) -> Option<Box<dyn Layer<T>>> {
    Some(match layer {
        "ReLU" => Box::new(ReLU),
        "ReLU6" => Box::new(ReLU6),
        "LeakyReLU" => Box::new(LeakyReLU::default()),
        "ELU" => Box::new(ELU::default()),
        "SELU" => Box::new(SELU),
        "CELU" => Box::new(CELU::default()),
        "GELU" => Box::new(GELU::new()),
        "SiLU" => Box::new(SiLU),
        "Sigmoid" => Box::new(Sigmoid),
        "Tanh" => Box::new(Tanh),
        "Hardtanh" => Box::new(Hardtanh::default()),
        "Hardswish" => Box::new(Hardswish),
        "Hardsigmoid" => Box::new(Hardsigmoid),
        "Mish" => Box::new(Mish),
        "Softplus" => Box::new(Softplus::default()),
        "Softsign" => Box::new(Softsign),
        "Softmax2d" => Box::new(Softmax2d),
        "LogSigmoid" => Box::new(LogSigmoid),
        "Tanhshrink" => Box::new(Tanhshrink),
        "Hardshrink" => Box::new(Hardshrink::default()),
        "Softshrink" => Box::new(Softshrink::default()),
        "GLU" => Box::new(GLU::default()),
        "Identity" => Box::new(Identity),
        _ => return None,
    })
}
