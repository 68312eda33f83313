//! Kernels whose time is multiplications: matrix products and convolutions.

use std::hint::black_box;

use gradus_tensor::{Activation, Conv2dOptions};

use crate::inputs::{images, normal};
use crate::kernels::Kernel;

/// Sides of square products.
const SIDES: [usize; 4] = [256, 512, 1024, 2048];

/// The linear layers of the suite's workloads: `(rows, inputs, outputs)`.
const LINEAR: [(usize, usize, usize); 20] = [
    (32, 2, 16),
    (32, 16, 16),
    (32, 16, 1),
    (64, 784, 512),
    (64, 512, 256),
    (64, 256, 10),
    (512, 784, 512),
    (512, 512, 256),
    (512, 256, 10),
    (64, 9216, 128),
    (64, 128, 10),
    (768, 128, 384),
    (768, 128, 128),
    (768, 128, 512),
    (768, 512, 128),
    (2048, 384, 1152),
    (2048, 384, 384),
    (2048, 384, 1536),
    (2048, 1536, 384),
    (2048, 256, 65),
];

/// The convolutions of the suite's workloads: `(batch, channels in, side, channels out, kernel, stride, padding)`.
const CONVOLUTIONS: [[usize; 7]; 10] = [
    [64, 1, 28, 32, 3, 1, 0],
    [64, 32, 26, 64, 3, 1, 0],
    [32, 32, 32, 32, 3, 1, 1],
    [32, 64, 32, 64, 3, 1, 1],
    [32, 3, 32, 16, 3, 1, 1],
    [32, 16, 32, 16, 3, 1, 1],
    [32, 16, 32, 32, 3, 2, 1],
    [32, 32, 16, 32, 3, 1, 1],
    [32, 32, 16, 64, 3, 2, 1],
    [32, 64, 8, 64, 3, 1, 1],
];

pub(crate) fn kernels() -> Vec<Kernel> {
    let mut all = Vec::new();
    for n in SIDES {
        all.extend(["nn", "nt", "tn"].map(|kind| gemm(kind, n, n, n)));
    }
    for (rows, inputs, outputs) in LINEAR {
        all.push(linear(rows, inputs, outputs));
        all.push(gemm("nn", rows, outputs, inputs));
        all.push(gemm("tn", outputs, rows, inputs));
    }
    all.extend(CONVOLUTIONS.into_iter().flat_map(convolutions));
    all
}

/// `[m, k] [k, n]`; a `t` says that this factor lies in memory transposed.
fn gemm(kind: &'static str, m: usize, k: usize, n: usize) -> Kernel {
    Kernel::new("gemm", format!("{kind}_{m}x{k}x{n}"), 2 * m * k * n, m * k + k * n + m * n, move || {
        let [a, b] = [normal(&[m, k]), normal(&[k, n])];
        let a = if kind == "tn" { a.transpose(0, 1).contiguous().transpose(0, 1) } else { a };
        let b = if kind == "nt" { b.transpose(0, 1).contiguous().transpose(0, 1) } else { b };
        move || drop(black_box(a.matmul(&b)))
    })
}

fn linear(rows: usize, inputs: usize, outputs: usize) -> Kernel {
    let numbers = rows * inputs + inputs * outputs + outputs + rows * outputs;
    Kernel::new("linear", format!("{rows}x{inputs}x{outputs}"), 2 * rows * inputs * outputs, numbers, move || {
        let (x, weight, bias) = (normal(&[rows, inputs]), normal(&[outputs, inputs]), normal(&[outputs]));
        move || drop(black_box(x.linear_with(&weight, Some(&bias), None, Activation::Relu)))
    })
}

/// Forward and both gradients, of images in the memory order that convolutions work on and hand to each other.
fn convolutions([batch, c, side, o, k, stride, padding]: [usize; 7]) -> [Kernel; 3] {
    let options = Conv2dOptions { stride: [stride; 2], padding: [padding; 2], ..Conv2dOptions::default() };
    let out = (side + 2 * padding - k) / stride + 1;
    let shapes = [vec![batch, c, side, side], vec![o, c, k, k], vec![batch, o, out, out]];
    let flops = 2 * batch * o * out * out * c * k * k;
    let numbers = shapes.iter().map(|shape| shape.iter().product::<usize>()).sum();
    let name = format!("b{batch}_{c}x{side}x{side}_to_{o}_k{k}_s{stride}");
    let [x, w, g] = shapes;
    let of = [x.clone(), w.clone()];
    let forward = Kernel::new("conv2d", name.clone(), flops, numbers, move || {
        let (x, w) = (images(&of[0]), normal(&of[1]));
        move || drop(black_box(x.conv2d(&w, None, options)))
    });
    let of = [g.clone(), w.clone(), x.clone()];
    let input = Kernel::new("conv2d_input_gradient", name.clone(), flops, numbers, move || {
        let (g, w, shape) = (images(&of[0]), normal(&of[1]), of[2].clone());
        move || drop(black_box(g.conv2d_input_gradient(&w, &shape, options)))
    });
    let weight = Kernel::new("conv2d_weight_gradient", name, flops, numbers, move || {
        let (g, x, shape) = (images(&g), images(&x), w.clone());
        move || drop(black_box(g.conv2d_weight_gradient(&x, &shape, options)))
    });
    [forward, input, weight]
}
