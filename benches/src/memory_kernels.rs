//! Kernels whose time is memory: elementwise functions, rows, pooling, lookups, updates. Their arithmetic is counted as
//! none, so a share of the roof says how far from the bandwidth they are.

use std::hint::black_box;

use gradus_autograd::{Reduction, Var, grad};
use gradus_optim::{Adadelta, Adam, AdamW, Algorithm, Sgd};
use gradus_tensor::random::Generator;
use gradus_tensor::{GeluApproximation, Pool2dOptions, Tensor};

use crate::kernels::Kernel;
use crate::optimizer;

/// Rows and columns: 48 MiB, more than caches hold.
const SHAPE: [usize; 2] = [8192, 1536];

const N: usize = SHAPE[0] * SHAPE[1];

/// Numbers in an optimizer's tensors.
const PARAMETERS: usize = 1 << 24;

/// A function, how many tensors it reads and writes, and the function itself on two of them.
type Elementwise = (&'static str, usize, fn(&Tensor, &Tensor) -> Tensor);

const ELEMENTWISE: [Elementwise; 13] = [
    ("add", 3, |x, g| x + g),
    ("mul", 3, |x, g| x * g),
    ("relu", 2, |x, _| x.relu()),
    ("exp", 2, |x, _| x.exp()),
    ("tanh", 2, |x, _| x.tanh()),
    ("sigmoid", 2, |x, _| x.sigmoid()),
    ("gelu", 2, |x, _| x.gelu(GeluApproximation::None)),
    ("gelu_gradient", 3, |x, g| x.gelu_gradient(g, GeluApproximation::None)),
    ("silu", 2, |x, _| x.silu()),
    ("softmax", 2, |x, _| x.softmax(-1)),
    ("softmax_gradient", 3, |x, g| x.softmax_gradient(g, -1)),
    ("sum_rows", 1, |x, _| x.sum_dims(&[0], false)),
    ("sum", 1, |x, _| x.sum()),
];

pub(crate) fn kernels() -> Vec<Kernel> {
    let mut all: Vec<Kernel> = ELEMENTWISE
        .into_iter()
        .map(|(name, tensors, f)| {
            Kernel::new("elementwise", name, 0, tensors * N, move || {
                let [x, g] = [normal(&SHAPE), normal(&SHAPE)];
                move || drop(black_box(f(&x, &g)))
            })
        })
        .collect();
    all.extend([add_in_place(), cross_entropy_backward(), max_pool(), max_pool_backward(), embedding(), dropout()]);
    all.extend([
        update("sgd", 3, || Sgd::default().into()),
        update("sgd_momentum", 5, || Sgd { momentum: 0.9, ..Sgd::default() }.into()),
        update("adam", 7, || Adam::default().into()),
        update("adamw", 7, || AdamW::default().into()),
        update("adadelta", 7, || Adadelta::default().into()),
    ]);
    all
}

fn normal(shape: &[usize]) -> Tensor {
    Generator::new(0, shape.len() as u64).normal(shape, 0.0, 1.0)
}

fn add_in_place() -> Kernel {
    Kernel::new("elementwise", "add_in_place", 0, 3 * N, || {
        let (mut x, g) = (normal(&SHAPE), normal(&SHAPE));
        move || black_box(&mut x).add_(&g)
    })
}

fn dropout() -> Kernel {
    Kernel::new("elementwise", "dropout", 0, 2 * N, || {
        let (x, mut generator) = (normal(&SHAPE), Generator::new(1, 0));
        move || drop(black_box(x.dropout(0.5, &mut generator)))
    })
}

/// Reads the logits once and writes their gradient.
fn cross_entropy_backward() -> Kernel {
    let shape = [2048, 50257];
    Kernel::new("cross_entropy_backward", "2048x50257", 0, 2 * shape[0] * shape[1], move || {
        let x = Var::new(normal(&shape)).requires_grad_();
        move || {
            let loss = x.cross_entropy(&Tensor::arange(shape[0]), Reduction::Mean).expect("labels are in range");
            drop(black_box(grad(&loss, &[&x], Default::default()).expect("the loss has a graph")));
        }
    })
}

const IMAGES: [usize; 4] = [64, 64, 24, 24];

const POOL: Pool2dOptions = Pool2dOptions { kernel_size: [2, 2], stride: [2, 2], padding: [0, 0] };

/// Reads the input; writes a value and a place of 8 bytes for each four.
fn max_pool() -> Kernel {
    let n = IMAGES.iter().product::<usize>();
    Kernel::new("max_pool2d", "b64_64x24x24", 0, n + 3 * n / 4, || {
        let x = normal(&IMAGES);
        move || drop(black_box(x.max_pool2d(POOL)))
    })
}

fn max_pool_backward() -> Kernel {
    let n = IMAGES.iter().product::<usize>();
    Kernel::new("max_pool2d", "b64_64x24x24_gradient", 0, n + 3 * n / 4, || {
        let (g, places) = normal(&IMAGES).max_pool2d(POOL);
        move || drop(black_box(g.scatter_planes(&places)))
    })
}

fn embedding() -> Kernel {
    let (rows, width, lookups) = (50257, 384, 8192);
    Kernel::new("embedding", "8192_of_50257x384", 0, 2 * lookups * width, move || {
        let (table, places) = (normal(&[rows, width]), Tensor::from_fn([lookups], move |i| (i * 7 % rows) as i64));
        move || drop(black_box(table.embedding(&places)))
    })
}

/// `numbers` read or written for each parameter.
fn update(name: &'static str, numbers: usize, algorithm: fn() -> Algorithm) -> Kernel {
    Kernel::new("optimizer", name, 0, numbers * PARAMETERS, move || {
        let mut prepared = optimizer::prepare(algorithm(), PARAMETERS);
        move || (prepared.round)()
    })
}
