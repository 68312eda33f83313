//! Backward alone: gradients of one operation from a given upstream gradient.

use std::hint::black_box;

use gradus_autograd::{BackwardOptions, Reduction, Var, grad};
use gradus_tensor::random::Generator;
use gradus_tensor::{AttentionOptions, Conv2dOptions, GeluApproximation, Pool2dOptions, Tensor};

use crate::{Work, Workload};

const PADDED: Conv2dOptions = Conv2dOptions { stride: [1, 1], padding: [1, 1], dilation: [1, 1], groups: 1 };
const POOL: Pool2dOptions = Pool2dOptions { kernel_size: [2, 2], stride: [2, 2], padding: [0, 0] };

/// `name: shapes of the inputs => operation`.
macro_rules! operations {
    ($($name:ident: $shapes:expr => $operation:expr;)*) => {
        &[$(Workload {
            group: "backward",
            name: stringify!($name),
            bytes: None,
            prepare: || prepare(&$shapes.map(|shape| shape.to_vec()), $operation),
        },)*]
    };
}

pub(crate) const ALL: &[Workload] = operations! {
    linear_512x784x512: [&[512, 784][..], &[512, 784], &[512]] => |x| x[0].linear(&x[1], Some(&x[2]));
    conv2d_b32_32x32x32_k3: [[32, 32, 32, 32], [32, 32, 3, 3]] => |x| x[0].conv2d(&x[1], None, PADDED);
    cross_entropy_2048x50257: [[2048, 50257]] => |x| {
        x[0].cross_entropy(&Tensor::arange(2048), Reduction::Mean).expect("labels are below the number of classes")
    };
    layer_norm_2048x384: [&[2048, 384][..], &[384], &[384]] => |x| {
        x[0].layer_norm(&[384], Some(&x[1]), Some(&x[2]), 1e-5)
    };
    attention_b8_h6_t256_d64: [[8, 6, 256, 64]; 3] => |x| {
        x[0].scaled_dot_product_attention(&x[1], &x[2], &AttentionOptions::causal())
    };
    gelu_2048x1536: [[2048, 1536]] => |x| x[0].gelu(GeluApproximation::None);
    max_pool2d_b64_64x24x24: [[64, 64, 24, 24]] => |x| x[0].max_pool2d(POOL);
    embedding_768_of_50257x384: [[50257, 384]] => |x| {
        x[0].embedding(&Tensor::from_fn([768], |i| (i * 7 % 50257) as i64)).expect("indices are below the number of rows")
    };
    relu_2048x1536: [[2048, 1536]] => |x| x[0].relu();
    softmax_2048x384: [[2048, 384]] => |x| x[0].softmax(-1);
    add_bias_2048x384: [&[2048, 384][..], &[384]] => |x| &x[0] + &x[1];
};

/// The gradients of all inputs, of these shapes, through `f`.
fn prepare(shapes: &[Vec<usize>], f: fn(&[Var]) -> Var) -> Work {
    let mut generator = Generator::new(0, 0);
    let inputs: Vec<Var> =
        shapes.iter().map(|shape| Var::new(generator.normal(&shape[..], 0.0, 1.0)).requires_grad_()).collect();
    let out = f(&inputs);
    let options = BackwardOptions {
        gradient: Some(Var::new(Tensor::ones(out.shape()))),
        retain_graph: Some(true),
        create_graph: false,
    };
    Box::new(move || {
        let inputs: Vec<&Var> = inputs.iter().collect();
        black_box(grad(&out, &inputs, options.clone()).expect("the graph is kept"));
    })
}
