//! Cases of the family `product`.

use gradus_tensor::Activation;

use super::{Case, Draw};
use crate::einsum;

pub(super) const CASES: &[Case] = &[
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
            &[&[1, 5], &[5, 1]],
            &[&[4, 1], &[1, 3]],
        ],
    ),
    Case("reshape", |x| x[0].matmul(&x[1]), Draw::Any, &[&[&[3], &[3]], &[&[3], &[2, 3, 2]], &[&[2, 3], &[3]]]),
    Case("mul", |x| x[0].outer(&x[1]), Draw::Any, &[&[&[2], &[3]], &[&[1], &[0]]]),
    Case("matmul", |x| x[0].bmm(&x[1]), Draw::Any, &[&[&[2, 2, 3], &[2, 3, 1]]]),
    Case("add", |x| x[0].addmm(&x[1], &x[2], 0.5, -2.0), Draw::Any, &[&[&[4], &[2, 3], &[3, 4]]]),
    Case("add", |x| x[0].baddbmm(&x[1], &x[2], 2.0, 1.0), Draw::Any, &[&[&[2, 1], &[2, 2, 3], &[2, 3, 1]]]),
    Case("sub", |x| x[0].cross(&x[1], -1), Draw::Any, &[&[&[2, 3], &[1, 3]]]),
    Case("reshape", |x| x[0].kron(&x[1]), Draw::Any, &[&[&[2, 3], &[3, 2]], &[&[2], &[3, 2]]]),
    Case("reshape", |x| x[0].tensordot(&x[1], &[0, -1], &[1, 0]), Draw::Any, &[&[&[2, 2, 3], &[3, 2]]]),
    Case("permute", |x| einsum("bij,bjk->kib", x), Draw::Any, &[&[&[2, 3, 2], &[2, 2, 1]]]),
    Case("permute", |x| einsum("i...i,i,...->...", x), Draw::Any, &[&[&[2, 3, 2], &[2], &[1]]]),
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
];
