//! Every operation of the registry: its gradient and its second derivative against finite differences.

use gradus_autograd::{
    BackwardOptions, BatchNormOptions, GradcheckError, Gradients, GruOutput, LstmOutput, OPERATIONS, RecurrentWeights,
    Reduction, Rule, Var, grad, gradcheck, gradgradcheck,
};
use gradus_tensor::random::{Generator, manual_seed};
use gradus_tensor::{
    Activation, AttentionMask, AttentionOptions, ChannelMoments, Conv2dOptions, GeluApproximation, Pool2dOptions,
    Tensor,
};

type F = fn(&[Var<f64>]) -> Var<f64>;

/// How the inputs of a case are drawn.
#[derive(Clone, Copy)]
enum Draw {
    /// From -1 to 1.
    Any,
    /// From 0.5 to 2, where logarithm, root and quotient are smooth.
    Positive,
    /// Distinct numbers at least 0.05 apart and away from 0, so that no step of a difference crosses a kink.
    Apart,
}

fn draw(draw: Draw, shape: &[usize], generator: &mut Generator) -> Tensor<f64> {
    match draw {
        Draw::Any => generator.uniform(shape, -1.0, 1.0),
        Draw::Positive => generator.uniform(shape, 0.5, 2.0),
        Draw::Apart => {
            let n = shape.iter().product();
            let order = generator.permutation(n);
            Tensor::from_fn(shape, |i| (order[i] as f64 - n as f64 / 2.0) * 0.05 + 0.02)
        }
    }
}

/// An operation's name, how it is computed, how its inputs are drawn, and shapes to try it on.
struct Case(&'static str, F, Draw, &'static [&'static [&'static [usize]]]);

const BROADCASTS: &[&[&[usize]]] = &[
    &[&[], &[]],
    &[&[3], &[3]],
    &[&[2, 3], &[3]],
    &[&[3], &[2, 3]],
    &[&[3, 1], &[1, 2]],
    &[&[2, 1, 2], &[3, 1]],
    &[&[1], &[]],
    &[&[0, 2], &[2]],
];
const SHAPES: &[&[&[usize]]] =
    &[&[&[]], &[&[1]], &[&[5]], &[&[2, 3]], &[&[3, 1, 2]], &[&[0, 3]], &[&[1, 7]], &[&[2, 2, 2]]];
const MATRICES: &[&[&[usize]]] = &[&[&[2, 3]], &[&[1, 4]], &[&[5, 1]], &[&[3, 2, 2]]];

const CONV_3X3: Conv2dOptions = Conv2dOptions { stride: [2, 1], padding: [1, 2], dilation: [1, 2], groups: 1 };
const CONV_GROUPS: Conv2dOptions = Conv2dOptions { stride: [1, 1], padding: [1, 1], dilation: [1, 1], groups: 2 };
const CONV_SHAPES: &[&[&[usize]]] = &[&[&[2, 2, 5, 5], &[3, 2, 3, 2], &[3]], &[&[1, 1, 3, 4], &[1, 1, 1, 1]]];
const CONV_GRADIENT_SHAPES: &[&[&[usize]]] = &[&[&[2, 2, 4, 4], &[2, 1, 3, 3], &[2, 2, 4, 4]]];
const POOL: Pool2dOptions = Pool2dOptions { kernel_size: [2, 3], stride: [2, 1], padding: [1, 0] };

const BN_OPTIONS: BatchNormOptions<'_, f64> =
    BatchNormOptions { eps: 1e-2, residual: None, activation: Activation::Identity };

/// Some rows come twice, some never.
fn embedding(x: &[Var<f64>]) -> Var<f64> {
    x[0].embedding(&Tensor::from_vec(vec![2, 0, 2, 3, 3, 3], [2, 3])).expect("tables have at least four rows")
}

const CASES: &[Case] = &[
    Case("add", |x| &x[0] + &x[1], Draw::Any, BROADCASTS),
    Case("add_scalar", |x| &x[0] - 1.5, Draw::Any, SHAPES),
    Case("sub", |x| &x[0] - &x[1], Draw::Any, BROADCASTS),
    Case("mul", |x| &x[0] * &x[1], Draw::Any, BROADCASTS),
    Case("mul_scalar", |x| &x[0] * 3.0, Draw::Any, SHAPES),
    Case("div_scalar", |x| &x[0] / 3.0, Draw::Any, SHAPES),
    Case("div", |x| &x[0] / &x[1], Draw::Positive, BROADCASTS),
    Case("neg", |x| -&x[0], Draw::Any, SHAPES),
    Case("exp", |x| x[0].exp(), Draw::Any, SHAPES),
    Case("erf", |x| x[0].erf(), Draw::Any, SHAPES),
    Case("tanh", |x| x[0].tanh(), Draw::Any, SHAPES),
    Case("sigmoid", |x| x[0].sigmoid(), Draw::Any, SHAPES),
    Case("silu", |x| x[0].silu(), Draw::Any, SHAPES),
    Case("gelu", |x| x[0].gelu(GeluApproximation::None), Draw::Any, SHAPES),
    Case("gelu", |x| x[0].gelu(GeluApproximation::Tanh), Draw::Any, SHAPES),
    Case("ln", |x| x[0].ln(), Draw::Positive, SHAPES),
    Case("sqrt", |x| x[0].sqrt(), Draw::Positive, SHAPES),
    Case("relu", |x| x[0].relu(), Draw::Apart, SHAPES),
    Case("where_positive", relu_gradient, Draw::Apart, &[&[&[2, 3], &[2, 3]], &[&[5], &[5]]]),
    Case("embedding", embedding, Draw::Any, &[&[&[4, 3]], &[&[5, 1]], &[&[4, 0]]]),
    Case("embedding_gradient", embedding_gradient, Draw::Any, &[&[&[4, 3], &[2, 3, 3]]]),
    Case(
        "layer_norm",
        layer_norm,
        Draw::Any,
        &[&[&[3, 4], &[4], &[4]], &[&[2, 2, 3], &[3], &[3]], &[&[0, 2], &[2], &[2]]],
    ),
    Case("layer_norm", |x| x[0].layer_norm(&[4], Some(&x[1]), Some(&x[1]), 1e-3), Draw::Any, &[&[&[3, 4], &[4]]]),
    Case("layer_norm", |x| x[0].layer_norm(&[2, 3], None, None, 1e-3), Draw::Any, &[&[&[2, 2, 3]]]),
    Case(
        "batch_norm",
        |x| x[0].batch_norm(x.get(1), x.get(2), BN_OPTIONS).0,
        Draw::Any,
        &[
            &[&[4, 3], &[3], &[3]],
            &[&[2, 3, 2, 2], &[3], &[3]],
            &[&[3, 2, 2], &[2]],
            &[&[2, 1]],
            &[&[0, 0], &[0], &[0]],
        ],
    ),
    Case("batch_norm", batch_norm_fused, Draw::Any, &[&[&[2, 2, 2, 3], &[2], &[2], &[2, 2, 2, 3]]]),
    Case("batch_norm", batch_norm_of_twice_the_same, Draw::Any, &[&[&[3, 2]]]),
    Case("batch_norm", batch_norm_given, Draw::Any, &[&[&[2, 3], &[3], &[3]], &[&[2, 3, 2, 2], &[3]]]),
    Case("reshape", |x| x[0].reshape([x[0].numel()]), Draw::Any, SHAPES),
    Case("permute", |x| x[0].transpose(0, -1), Draw::Any, MATRICES),
    Case("broadcast_to", |x| x[0].broadcast_to([2, 3, 2]), Draw::Any, &[&[&[]], &[&[2]], &[&[3, 1]], &[&[2, 1, 2]]]),
    Case("sum_to", |x| x[0].sum_to([3, 1]), Draw::Any, &[&[&[3, 2]], &[&[2, 3, 2]], &[&[4, 3, 1]]]),
    Case("sum_dims", |x| x[0].sum(), Draw::Any, SHAPES),
    Case("sum_dims", |x| x[0].sum_dims(&[0], false), Draw::Any, MATRICES),
    Case("sum_dims", |x| x[0].sum_dims(&[-1, 0], true), Draw::Any, MATRICES),
    Case("div_scalar", |x| x[0].mean(), Draw::Any, MATRICES),
    Case("div_scalar", |x| x[0].mean_dims(&[1], true), Draw::Any, MATRICES),
    Case(
        "matmul",
        |x| x[0].matmul(&x[1]),
        Draw::Any,
        &[
            &[&[2, 3], &[3, 4]],
            &[&[1, 1], &[1, 1]],
            &[&[2, 2, 3], &[3, 2]],
            &[&[2, 3], &[2, 3, 2]],
            &[&[2, 1, 2, 3], &[2, 3, 2]],
            &[&[3, 0], &[0, 2]],
        ],
    ),
    Case(
        "linear",
        |x| x[0].linear(&x[1], x.get(2)),
        Draw::Any,
        &[&[&[4, 3], &[2, 3], &[2]], &[&[1, 3], &[2, 3]], &[&[2, 3, 2], &[4, 2], &[4]], &[&[3], &[2, 3], &[2]]],
    ),
    Case(
        "linear",
        |x| x[0].linear_with(&x[1], x.get(2), None, Activation::Relu),
        Draw::Apart,
        &[&[&[4, 3], &[2, 3], &[2]], &[&[1, 3], &[2, 3]], &[&[2, 3, 2], &[4, 2], &[4]]],
    ),
    Case(
        "linear",
        |x| x[0].linear_with(&x[1], None, x.get(2), Activation::Identity),
        Draw::Any,
        &[&[&[4, 3], &[2, 3], &[4, 2]], &[&[3, 3], &[3, 3], &[3, 3]]],
    ),
    Case(
        "linear",
        |x| x[0].linear_with(&x[1], x.get(2), x.get(3), Activation::Relu),
        Draw::Apart,
        &[&[&[2, 3, 2], &[4, 2], &[4], &[2, 3, 4]]],
    ),
    Case("conv2d", |x| x[0].conv2d(&x[1], x.get(2), CONV_3X3), Draw::Any, CONV_SHAPES),
    Case("conv2d", |x| x[0].conv2d(&x[1], x.get(2), CONV_GROUPS), Draw::Any, &[&[&[2, 4, 3, 3], &[4, 2, 3, 3], &[4]]]),
    Case("conv2d", |x| x[0].conv2d_with(&x[1], x.get(2), CONV_3X3, Activation::Relu), Draw::Apart, CONV_SHAPES),
    Case("to_channels_last", |x| x[0].to_channels_last(), Draw::Any, &[&[&[2, 3, 2, 2]]]),
    Case(
        "conv2d_bias_gradient",
        conv_bias_gradient,
        Draw::Any,
        &[&[&[2, 4, 3, 3], &[4, 2, 3, 3], &[4], &[2, 4, 3, 3]]],
    ),
    Case("conv2d_input_gradient", |x| conv_gradient(x, 0), Draw::Any, CONV_GRADIENT_SHAPES),
    Case("conv2d_weight_gradient", |x| conv_gradient(x, 1), Draw::Any, CONV_GRADIENT_SHAPES),
    Case("max_pool2d", |x| x[0].max_pool2d(POOL), Draw::Apart, &[&[&[2, 4, 5]], &[&[1, 2, 2, 3]], &[&[3, 3]]]),
    Case("avg_pool2d", |x| x[0].avg_pool2d(POOL), Draw::Any, &[&[&[2, 4, 5]], &[&[1, 2, 2, 3]], &[&[3, 3]]]),
    Case("avg_pool2d", |x| x[0].adaptive_avg_pool2d([2, 3]), Draw::Any, &[&[&[2, 4, 5]], &[&[1, 2, 1, 7]]]),
    Case("avg_pool2d_gradient", average_gradient, Draw::Any, &[&[&[2, 4, 5], &[2, 3, 3]]]),
    Case("scatter_planes", pool_gradient, Draw::Apart, &[&[&[2, 4, 5], &[2, 3, 3]]]),
    Case("gather_planes", pool_second_gradient, Draw::Apart, &[&[&[2, 4, 5], &[2, 3, 3], &[2, 4, 5]]]),
    Case("softmax", |x| x[0].softmax(-1), Draw::Any, MATRICES),
    Case("softmax", |x| x[0].softmax(0), Draw::Any, MATRICES),
    Case("log_softmax", |x| x[0].log_softmax(-1), Draw::Any, MATRICES),
    Case("log_softmax", |x| x[0].log_softmax(0), Draw::Any, MATRICES),
    Case("cross_entropy", |x| cross_entropy(x, Reduction::None), Draw::Any, &[&[&[3, 4]], &[&[1, 2]], &[&[5, 1]]]),
    Case("cross_entropy", |x| cross_entropy(x, Reduction::Mean), Draw::Any, &[&[&[3, 4]]]),
    Case("cross_entropy", |x| cross_entropy(x, Reduction::Sum), Draw::Any, &[&[&[3, 4]]]),
    Case("dropout", dropout, Draw::Any, SHAPES),
    Case("attention_packed", |x| x[0].attention_packed(2, true), Draw::Any, &[&[&[2, 3, 12]], &[&[1, 1, 6]]]),
    Case("attention_packed", |x| x[0].attention_packed(1, false), Draw::Any, &[&[&[1, 3, 6]], &[&[2, 0, 6]]]),
    Case("scaled_dot_product_attention", |x| attention(x, AttentionMask::None), Draw::Any, ATTENTION),
    Case("scaled_dot_product_attention", |x| attention(x, AttentionMask::Causal), Draw::Any, ATTENTION),
    Case("scaled_dot_product_attention", attention_with_numbers, Draw::Any, ATTENTION_ONE),
    Case("scaled_dot_product_attention", attention_with_flags, Draw::Any, ATTENTION_ONE),
    Case("lstm", |x| lstm(x).output, Draw::Any, LSTM),
    Case("lstm", |x| lstm(x).h_n, Draw::Any, LSTM),
    Case("lstm", |x| lstm(x).c_n, Draw::Any, LSTM),
    Case("gru", |x| gru(x).output, Draw::Any, GRU),
    Case("gru", |x| gru(x).h_n, Draw::Any, GRU),
    Case("scaled_dot_product_attention", attention_of_one, Draw::Any, &[&[&[1, 2, 3, 2]]]),
];

const ATTENTION_ONE: &[&[&[usize]]] = &[&[&[1, 2, 3, 2], &[1, 2, 4, 2], &[1, 2, 4, 3]]];

/// Queries, keys and values.
const ATTENTION: &[&[&[usize]]] = &[
    &[&[1, 2, 3, 2], &[1, 2, 4, 2], &[1, 2, 4, 3]],
    &[&[2, 1, 3, 2], &[2, 1, 2, 2], &[2, 1, 2, 1]],
    &[&[1, 1, 1, 1], &[1, 1, 1, 1], &[1, 1, 1, 1]],
];

/// The sequence and the matrices, without and with biases, and with first states.
const LSTM: &[&[&[usize]]] = &[
    &[&[2, 3, 3], &[8, 3], &[8, 2]],
    &[&[1, 2, 1], &[4, 1], &[4, 1], &[4], &[4]],
    &[&[2, 3, 2], &[8, 2], &[8, 2], &[8], &[8], &[2, 2], &[2, 2]],
];

const GRU: &[&[&[usize]]] = &[
    &[&[2, 3, 3], &[6, 3], &[6, 2]],
    &[&[1, 2, 1], &[3, 1], &[3, 1], &[3], &[3]],
    &[&[2, 3, 2], &[6, 2], &[6, 2], &[6], &[6], &[2, 2]],
];

fn recurrent_weights(x: &[Var<f64>]) -> RecurrentWeights<f64> {
    let bias = (x.len() > 3).then(|| (x[3].clone(), x[4].clone()));
    RecurrentWeights { weight_ih: x[1].clone(), weight_hh: x[2].clone(), bias }
}

fn lstm(x: &[Var<f64>]) -> LstmOutput<f64> {
    x[0].lstm(&recurrent_weights(x), (x.len() > 5).then(|| (&x[5], &x[6])))
}

fn gru(x: &[Var<f64>]) -> GruOutput<f64> {
    x[0].gru(&recurrent_weights(x), x.get(5))
}

fn attention(x: &[Var<f64>], mask: AttentionMask<f64>) -> Var<f64> {
    x[0].scaled_dot_product_attention(&x[1], &x[2], &AttentionOptions { mask, scale: Some(0.7) })
}

fn attention_with_numbers(x: &[Var<f64>]) -> Var<f64> {
    let mask = Tensor::from_fn([2, 1, x[1].shape()[2]], |i| (i as f64).cos());
    let options = AttentionOptions { mask: AttentionMask::Additive(mask), scale: Some(-0.9) };
    x[0].scaled_dot_product_attention(&x[1], &x[2], &options)
}

/// The second query attends to no key.
fn attention_with_flags(x: &[Var<f64>]) -> Var<f64> {
    let keys = x[1].shape()[2];
    let mask = Tensor::from_fn([x[0].shape()[2], keys], |i| i / keys != 1 && i % keys != 2);
    attention(x, AttentionMask::Boolean(mask))
}

/// The same variable as queries, keys and values.
fn attention_of_one(x: &[Var<f64>]) -> Var<f64> {
    x[0].scaled_dot_product_attention(&x[0], &x[0], &AttentionOptions::causal())
}

fn cross_entropy(x: &[Var<f64>], reduction: Reduction) -> Var<f64> {
    let classes = x[0].shape()[1];
    let targets = Tensor::from_fn([x[0].shape()[0]], |i| (i * 2 % classes) as i64);
    x[0].cross_entropy(&targets, reduction).expect("the labels are below the number of classes")
}

fn dropout(x: &[Var<f64>]) -> Var<f64> {
    manual_seed(3);
    x[0].dropout(0.4)
}

/// The recorded gradient of one input, given `g` as gradient of `y`: a function of the inputs and `g`.
fn recorded(y: &Var<f64>, g: &Var<f64>, input: &Var<f64>) -> Var<f64> {
    let options = BackwardOptions { gradient: Some(g.clone()), create_graph: true, ..BackwardOptions::default() };
    grad(y, &[input], options).unwrap().remove(0).unwrap()
}

fn relu_gradient(x: &[Var<f64>]) -> Var<f64> {
    let leaf = x[0].clone().requires_grad_();
    recorded(&leaf.relu(), &x[1], &leaf)
}

fn layer_norm(x: &[Var<f64>]) -> Var<f64> {
    x[0].layer_norm(x[1].shape(), Some(&x[1]), Some(&x[2]), 1e-3)
}

/// With residual and rectifier, on images whose channels lie together.
fn batch_norm_fused(x: &[Var<f64>]) -> Var<f64> {
    let images = Var::from_operation(x[0].value().to_channels_last(), &[&x[0]], AsItIs);
    let options = BatchNormOptions { residual: Some(&x[3]), activation: Activation::Relu, ..BN_OPTIONS };
    images.batch_norm(Some(&x[1]), Some(&x[2]), options).0
}

/// The identity, for a value in another memory order.
struct AsItIs;

impl Rule<f64> for AsItIs {
    fn name(&self) -> &'static str {
        "as_it_is"
    }
    fn backward(&self, context: &gradus_autograd::Context<'_, f64>) -> Gradients<f64> {
        [Some(context.gradient().clone())].into_iter().collect()
    }
}

fn batch_norm_of_twice_the_same(x: &[Var<f64>]) -> Var<f64> {
    x[0].batch_norm(None, None, BatchNormOptions { residual: Some(&x[0]), ..BN_OPTIONS }).0
}

fn batch_norm_given(x: &[Var<f64>]) -> Var<f64> {
    let (mean, variance) = (Tensor::from_fn([3], |i| i as f64), Tensor::from_fn([3], |i| 0.5 + i as f64));
    x[0].batch_norm_with(&ChannelMoments { mean, variance }, x.get(1), x.get(2), BN_OPTIONS)
}

fn embedding_gradient(x: &[Var<f64>]) -> Var<f64> {
    let leaf = x[0].clone().requires_grad_();
    recorded(&embedding(std::slice::from_ref(&leaf)), &x[1], &leaf)
}

fn conv_gradient(x: &[Var<f64>], input: usize) -> Var<f64> {
    let leaves = [x[0].clone().requires_grad_(), x[1].clone().requires_grad_()];
    recorded(&leaves[0].conv2d(&leaves[1], None, CONV_GROUPS), &x[2], &leaves[input])
}

fn conv_bias_gradient(x: &[Var<f64>]) -> Var<f64> {
    let bias = x[2].clone().requires_grad_();
    recorded(&x[0].conv2d(&x[1], Some(&bias), CONV_GROUPS), &x[3], &bias)
}

fn pool_gradient(x: &[Var<f64>]) -> Var<f64> {
    let leaf = x[0].clone().requires_grad_();
    recorded(&leaf.max_pool2d(POOL), &x[1], &leaf)
}

fn average_gradient(x: &[Var<f64>]) -> Var<f64> {
    let leaf = x[0].clone().requires_grad_();
    recorded(&leaf.avg_pool2d(POOL), &x[1], &leaf)
}

fn pool_second_gradient(x: &[Var<f64>]) -> Var<f64> {
    let upstream = x[1].clone().requires_grad_();
    recorded(&pool_gradient(&[x[0].clone(), upstream.clone()]), &x[2], &upstream)
}

#[test]
fn every_operation_has_right_first_and_second_derivatives() {
    let mut generator = Generator::new(0, 0);
    for Case(name, f, how, shapes) in CASES {
        for shapes in *shapes {
            let inputs: Vec<_> = shapes.iter().map(|shape| draw(*how, shape, &mut generator)).collect();
            let leaves: Vec<_> = inputs.iter().map(|x| Var::new(x.clone()).requires_grad_()).collect();
            assert_eq!(f(&leaves).operation(), Some(*name), "the case computes another operation");
            gradcheck(f, &inputs).unwrap_or_else(|error| panic!("{name} at {shapes:?}: {error}"));
            gradgradcheck(f, &inputs).unwrap_or_else(|error| panic!("{name} at {shapes:?}, second order: {error}"));
        }
    }
}

#[test]
fn no_operation_goes_untested() {
    let mut tested: Vec<_> = CASES.iter().map(|case| case.0).collect();
    tested.sort_unstable();
    tested.dedup();
    assert_eq!(tested, OPERATIONS, "the registry, in order, and the operations with a case");
}

#[test]
fn strided_inputs_have_right_derivatives() {
    let x = Generator::new(1, 0).uniform::<f64>([4, 3], -1.0, 1.0);
    gradcheck(|x| (&x[0] * &x[1]).exp(), &[x.transpose(0, 1).slice(1, 0..3), x.slice(0, 1..4)]).unwrap();
}

/// Rules broken on purpose: the check must see each.
#[test]
fn broken_rules_are_caught() {
    struct Broken(Var<f64>, fn(&Var<f64>, &Var<f64>) -> Option<Var<f64>>);
    impl Rule<f64> for Broken {
        fn name(&self) -> &'static str {
            "broken"
        }
        fn backward(&self, context: &gradus_autograd::Context<'_, f64>) -> Gradients<f64> {
            [(self.1)(context.gradient(), &self.0)].into_iter().collect()
        }
    }
    let x = Tensor::from_vec(vec![0.4, -1.2, 0.9], [3]);
    type Gradient = fn(&Var<f64>, &Var<f64>) -> Option<Var<f64>>;
    let square = |gradient: Gradient| {
        gradcheck(
            move |x| Var::from_operation(x[0].value() * x[0].value(), &[&x[0]], Broken(x[0].clone(), gradient)),
            std::slice::from_ref(&x),
        )
    };
    assert_eq!(square(|g, x| Some(g * x * 2.0)), Ok(()));
    assert!(matches!(square(|g, x| Some(g * x * -2.0)), Err(GradcheckError::Mismatch { .. })), "sign");
    assert!(matches!(square(|g, x| Some(g * x)), Err(GradcheckError::Mismatch { .. })), "factor");
    assert!(matches!(square(|_, x| Some(x * 2.0)), Err(GradcheckError::Mismatch { .. })), "upstream left out");
    assert!(matches!(square(|g, _| Some(g * f64::NAN)), Err(GradcheckError::Mismatch { .. })), "NaN");
    assert_eq!(square(|_, _| None), Err(GradcheckError::Missing { input: 0 }));
}
