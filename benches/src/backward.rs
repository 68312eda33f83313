//! Backward passes: gradients of one operation from a given upstream gradient, the graph kept between rounds. A
//! workload is one entry of [`OPERATIONS`].

use std::hint::black_box;

use gradus_autograd::{BackwardOptions, BatchNormOptions, Reduction, Var, grad};
use gradus_tensor::random::Generator;
use gradus_tensor::{AttentionOptions, Conv2dOptions, GeluApproximation, Pool2dOptions, Tensor};

use crate::workload::{Entry, Prepared};

/// All are in `pytorch_suite.py` under the same names.
pub(crate) const OPERATIONS: &[Entry] = &[
    ("linear_512x784x512", || backward(&[&[512, 784], &[512, 784], &[512]], |x| x[0].linear(&x[1], Some(&x[2])))),
    ("conv2d_b32_32x32x32_k3", || {
        let padded = Conv2dOptions { padding: [1, 1], ..Conv2dOptions::default() };
        backward(&[&[32, 32, 32, 32], &[32, 32, 3, 3]], |x| x[0].conv2d(&x[1], None, padded))
    }),
    ("cross_entropy_2048x50257", || {
        backward(&[&[2048, 50257]], |x| {
            x[0].cross_entropy(&Tensor::arange(2048), Reduction::Mean).expect("labels are below the number of classes")
        })
    }),
    ("layer_norm_2048x384", || {
        backward(&[&[2048, 384], &[384], &[384]], |x| x[0].layer_norm(&[384], Some(&x[1]), Some(&x[2]), 1e-5))
    }),
    ("batch_norm_b32_16x32x32", || {
        backward(&[&[32, 16, 32, 32], &[16], &[16]], |x| {
            x[0].batch_norm(Some(&x[1]), Some(&x[2]), BatchNormOptions::default()).0
        })
    }),
    ("attention_b8_h6_t256_d64", || {
        backward(&[&[8, 6, 256, 64][..]; 3], |x| {
            x[0].scaled_dot_product_attention(&x[1], &x[2], &AttentionOptions::causal())
        })
    }),
    ("gelu_2048x1536", || backward(&[&[2048, 1536]], |x| x[0].gelu(GeluApproximation::None))),
    ("max_pool2d_b64_64x24x24", || {
        let pool = Pool2dOptions { kernel_size: [2, 2], stride: [2, 2], padding: [0, 0] };
        backward(&[&[64, 64, 24, 24]], |x| x[0].max_pool2d(pool))
    }),
    ("embedding_768_of_50257x384", || {
        let rows = Tensor::from_fn([768], |i| (i * 7 % 50257) as i64);
        backward(&[&[50257, 384]], |x| x[0].embedding(&rows).expect("rows are below the number of rows"))
    }),
    ("relu_2048x1536", || backward(&[&[2048, 1536]], |x| x[0].relu())),
    ("softmax_2048x384", || backward(&[&[2048, 384]], |x| x[0].softmax(-1))),
    ("add_bias_2048x384", || backward(&[&[2048, 384], &[384]], |x| &x[0] + &x[1])),
];

/// Rounds of the gradients of all inputs, of these `shapes`, through `f`.
fn backward(shapes: &[&[usize]], f: impl Fn(&[Var]) -> Var) -> Prepared {
    let mut generator = Generator::new(0, 0);
    let inputs: Vec<Var> =
        shapes.iter().map(|shape| Var::new(generator.normal(shape, 0.0, 1.0)).requires_grad_()).collect();
    let out = f(&inputs);
    let options = BackwardOptions {
        gradient: Some(Var::new(Tensor::ones(out.shape()))),
        retain_graph: Some(true),
        create_graph: false,
    };
    let round = move || {
        let inputs: Vec<&Var> = inputs.iter().collect();
        black_box(grad(&out, &inputs, options.clone()).expect("the graph is kept"));
    };
    Prepared { round: Box::new(round), parameters: Vec::new() }
}
