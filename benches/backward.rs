//! Backward kernels: gradients of one operation from a given upstream gradient, the graph kept between passes. Names
//! and shapes are those that PyTorch is measured under.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use gradus_autograd::{BackwardOptions, Reduction, Var, grad};
use gradus_tensor::random::Generator;
use gradus_tensor::{Conv2dOptions, Pool2dOptions, Tensor};

/// Times the gradients of all `shapes` through `f`.
fn bench(c: &mut Criterion, name: &str, shapes: &[&[usize]], f: impl Fn(&[Var]) -> Var) {
    let mut generator = Generator::new(0, 0);
    let inputs: Vec<Var> =
        shapes.iter().map(|shape| Var::new(generator.normal(shape, 0.0, 1.0)).requires_grad_()).collect();
    let out = f(&inputs);
    let inputs: Vec<&Var> = inputs.iter().collect();
    let options = BackwardOptions {
        gradient: Some(Var::new(Tensor::ones(out.shape()))),
        retain_graph: Some(true),
        create_graph: false,
    };
    c.bench_function(&format!("backward/{name}"), |b| {
        b.iter(|| black_box(grad(&out, &inputs, options.clone()).expect("the graph is kept")));
    });
}

fn backward(c: &mut Criterion) {
    bench(c, "linear_512x784x512", &[&[512, 784], &[512, 784], &[512]], |x| x[0].linear(&x[1], Some(&x[2])));
    let padded = Conv2dOptions { padding: [1, 1], ..Conv2dOptions::default() };
    bench(c, "conv2d_b32_32x32x32_k3", &[&[32, 32, 32, 32], &[32, 32, 3, 3]], |x| x[0].conv2d(&x[1], None, padded));
    bench(c, "cross_entropy_2048x50257", &[&[2048, 50257]], |x| {
        x[0].cross_entropy(&Tensor::arange(2048), Reduction::Mean).expect("labels are below the number of classes")
    });
    let pool = Pool2dOptions { kernel_size: [2, 2], stride: [2, 2], padding: [0, 0] };
    bench(c, "max_pool2d_b64_64x24x24", &[&[64, 64, 24, 24]], |x| x[0].max_pool2d(pool));
    bench(c, "relu_2048x1536", &[&[2048, 1536]], |x| x[0].relu());
    bench(c, "softmax_2048x384", &[&[2048, 384]], |x| x[0].softmax(-1));
    bench(c, "add_bias_2048x384", &[&[2048, 384], &[384]], |x| &x[0] + &x[1]);
    bench(c, "sum_2048x384", &[&[2048, 384]], |x| x[0].sum_dims(&[0], false));
}

criterion_group!(benches, backward);
criterion_main!(benches);
