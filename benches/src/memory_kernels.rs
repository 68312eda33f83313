//! Kernels whose time is memory: elementwise functions, rows, pooling, lookups, updates. Their arithmetic is counted as
//! none, so a share of the roof says how far from the bandwidth they are.

use std::hint::black_box;

use gradus_tensor::random::Generator;
use gradus_tensor::{GeluApproximation, Pool2dOptions, Tensor};

use crate::inputs::normal;
use crate::kernels::Kernel;
use crate::optimizer::{self, ALGORITHMS, Measured};

/// Rows and columns: 48 MiB, more than caches hold.
const SHAPE: [usize; 2] = [8192, 1536];

const N: usize = SHAPE[0] * SHAPE[1];

/// Numbers in an optimizer's tensors.
const PARAMETERS: usize = 1 << 24;

/// A family, a name in it, how many tensors of [`SHAPE`] the function reads and writes, and the function itself on two.
type OfShape = (&'static str, &'static str, usize, fn(&Tensor, &Tensor) -> Tensor);

const OF_SHAPE: [OfShape; 13] = [
    ("elementwise", "add", 3, |x, g| x + g),
    ("elementwise", "mul", 3, |x, g| x * g),
    ("elementwise", "relu", 2, |x, _| x.relu()),
    ("elementwise", "exp", 2, |x, _| x.exp()),
    ("elementwise", "tanh", 2, |x, _| x.tanh()),
    ("elementwise", "sigmoid", 2, |x, _| x.sigmoid()),
    ("elementwise", "gelu", 2, |x, _| x.gelu(GeluApproximation::None)),
    ("elementwise", "gelu_gradient", 3, |x, g| x.gelu_gradient(g, GeluApproximation::None)),
    ("elementwise", "silu", 2, |x, _| x.silu()),
    ("softmax", "8192x1536", 2, |x, _| x.softmax(-1)),
    ("softmax", "8192x1536_gradient", 3, |x, g| x.softmax_gradient(g, -1)),
    ("sum", "8192x1536_rows", 1, |x, _| x.sum_dims(&[0], false)),
    ("sum", "8192x1536", 1, |x, _| x.sum()),
];

pub(crate) fn kernels() -> Vec<Kernel> {
    let mut all: Vec<Kernel> = OF_SHAPE
        .into_iter()
        .map(|(family, name, tensors, f)| {
            Kernel::new(family, name, 0, tensors * N, move || {
                let [x, g] = [normal(&SHAPE), normal(&SHAPE)];
                move || drop(black_box(f(&x, &g)))
            })
        })
        .collect();
    all.extend([add_in_place(), dropout(), embedding()]);
    all.extend([cross_entropy(), cross_entropy_gradient(), max_pool(), max_pool_gradient()]);
    all.extend(ALGORITHMS.map(update));
    all
}

fn add_in_place() -> Kernel {
    Kernel::new("elementwise", "add_in_place", 0, 3 * N, || {
        let (mut x, g) = (normal(&SHAPE), normal(&SHAPE));
        move || black_box(&mut x).add_(&g)
    })
}

/// Reads the input; writes the output, and a bit for each of its numbers.
fn dropout() -> Kernel {
    Kernel::new("dropout", "8192x1536", 0, 2 * N + N / 32, || {
        let (x, mut generator) = (normal(&SHAPE), Generator::new(1, 0));
        move || drop(black_box(x.dropout(0.5, &mut generator)))
    })
}

fn embedding() -> Kernel {
    let (rows, width, lookups) = (50257, 384, 8192);
    Kernel::new("embedding", "8192_of_50257x384", 0, 2 * lookups * width, move || {
        let (table, places) = (normal(&[rows, width]), Tensor::from_fn([lookups], move |i| (i * 7 % rows) as i64));
        move || drop(black_box(table.embedding(&places)))
    })
}

/// A language model's vocabulary for 2048 tokens.
const LOGITS: [usize; 2] = [2048, 50257];

/// Reads the logits; what it writes is two numbers a row.
fn cross_entropy() -> Kernel {
    Kernel::new("cross_entropy", "2048x50257", 0, LOGITS[0] * LOGITS[1], || {
        let (x, labels) = (normal(&LOGITS), Tensor::arange(LOGITS[0]));
        move || drop(black_box(x.cross_entropy(&labels)))
    })
}

/// Reads the logits once, with the statistics of the forward pass, and writes their gradient.
fn cross_entropy_gradient() -> Kernel {
    Kernel::new("cross_entropy", "2048x50257_gradient", 0, 2 * LOGITS[0] * LOGITS[1], || {
        let (x, labels, scales) = (normal(&LOGITS), Tensor::arange(LOGITS[0]), Tensor::ones([LOGITS[0]]));
        let (_, statistics) = x.cross_entropy(&labels);
        move || drop(black_box(x.cross_entropy_gradient(&labels, &statistics, &scales)))
    })
}

const IMAGES: [usize; 4] = [64, 64, 24, 24];

const POOL: Pool2dOptions = Pool2dOptions { kernel_size: [2, 2], stride: [2, 2], padding: [0, 0] };

/// What pooling passes through memory, in numbers of 4 bytes: the images, and for each four of their numbers a value
/// and a place of one byte.
fn pooled_numbers() -> usize {
    let n = IMAGES.iter().product::<usize>();
    n + n / 4 + n / 16
}

fn max_pool() -> Kernel {
    Kernel::new("max_pool2d", "b64_64x24x24", 0, pooled_numbers(), || {
        let x = normal(&IMAGES);
        move || drop(black_box(x.max_pool2d(POOL)))
    })
}

fn max_pool_gradient() -> Kernel {
    Kernel::new("max_pool2d", "b64_64x24x24_gradient", 0, pooled_numbers(), || {
        let (g, places) = normal(&IMAGES).max_pool2d(POOL);
        move || drop(black_box(g.scatter_planes(&places)))
    })
}

fn update(Measured { name, numbers, algorithm }: Measured) -> Kernel {
    Kernel::new("optimizer", name, 0, numbers * PARAMETERS, move || {
        let mut prepared = optimizer::prepare(algorithm(), PARAMETERS);
        move || (prepared.round)()
    })
}
