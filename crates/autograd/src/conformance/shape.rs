//! Cases of the family `shape`.

use super::{Case, Draw, MATRICES, SHAPES, recorded};
use crate::{PadMode, Var, cartesian_prod};

const WIDE: &[&[&[usize]]] =
    &[&[&[2, 3]], &[&[1, 4]], &[&[5, 2]], &[&[3, 2, 2]], &[&[7]], &[&[4, 4]], &[&[2, 1, 3]], &[&[0, 3]]];

const SHAPES_OF_ONE: &[&[&[usize]]] = &[&[&[1]], &[&[5]], &[&[2, 3]], &[&[3, 1, 2]], &[&[0, 3]], &[&[1, 7]]];

/// Gradients of every second entry of the last dimension of a tensor with five of them, and the tensor.
const PARTS: &[&[&[usize]]] = &[
    &[&[2, 5], &[2, 3]],
    &[&[1, 5], &[1, 3]],
    &[&[5], &[3]],
    &[&[3, 2, 5], &[3, 2, 3]],
    &[&[0, 5], &[0, 3]],
    &[&[4, 5], &[4, 3]],
    &[&[1, 1, 5], &[1, 1, 3]],
    &[&[7, 5], &[7, 3]],
];

/// None of them channels-last already.
const IMAGES: &[&[&[usize]]] = &[
    &[&[2, 3, 2, 2]],
    &[&[1, 2, 1, 2]],
    &[&[1, 3, 1, 4]],
    &[&[2, 5, 3, 2]],
    &[&[3, 2, 2, 1]],
    &[&[1, 7, 3, 3]],
    &[&[1, 5, 2, 1]],
    &[&[2, 2, 3, 1]],
];

pub(super) const CASES: &[Case] = &[
    Case("reshape", |x| x[0].reshape([x[0].numel()]), Draw::Any, SHAPES),
    Case("permute", |x| x[0].transpose(0, -1), Draw::Any, MATRICES),
    Case(
        "broadcast_to",
        |x| x[0].broadcast_to([2, 3, 2]),
        Draw::Any,
        &[&[&[]], &[&[2]], &[&[3, 1]], &[&[2, 1, 2]], &[&[1]], &[&[3, 2]], &[&[1, 3, 1]], &[&[2, 3, 2]], &[&[2, 1, 1]]],
    ),
    Case(
        "sum_to",
        |x| x[0].sum_to([3, 1]),
        Draw::Any,
        &[
            &[&[3, 2]],
            &[&[2, 3, 2]],
            &[&[4, 3, 1]],
            &[&[1, 3, 4]],
            &[&[2, 1, 3, 2]],
            &[&[3, 5]],
            &[&[2, 3, 1]],
            &[&[0, 3, 2]],
        ],
    ),
    Case("reshape", |x| x[0].unsqueeze(-1), Draw::Any, SHAPES),
    Case("reshape", |x| x[0].squeeze_all(), Draw::Any, MATRICES),
    Case("reshape", |x| x[0].flatten_dims(0, -1), Draw::Any, SHAPES),
    Case("reshape", |x| x[0].unflatten(0, &[1, -1]), Draw::Any, MATRICES),
    Case("slice", |x| x[0].slice_step(-1, 0..x[0].shape()[1], 2), Draw::Any, MATRICES),
    Case("slice", |x| x[0].narrow(0, 1, x[0].shape()[0] - 1), Draw::Any, MATRICES),
    Case("reshape", |x| x[0].select(0, -1), Draw::Any, MATRICES),
    Case("place", slice_gradient, Draw::Any, PARTS),
    Case("place", |x| x[0].pad(&[1, 2, -1, 1], PadMode::Constant(0.5)), Draw::Any, MATRICES),
    Case("place", |x| x[0].pad(&[0, 2], PadMode::Constant(0.0)), Draw::Any, MATRICES),
    Case("index_select", |x| x[0].pad(&[1, 1], PadMode::Reflect), Draw::Any, WIDE),
    Case("index_select", |x| x[0].pad(&[2, 3], PadMode::Replicate), Draw::Any, MATRICES),
    Case("index_select", |x| x[0].pad(&[1, 1], PadMode::Circular), Draw::Any, MATRICES),
    Case("index_select", |x| x[0].flip(&[0, -1]), Draw::Any, MATRICES),
    Case(
        "cat",
        |x| Var::cat(x, 1),
        Draw::Any,
        &[
            &[&[2, 3], &[2, 1]],
            &[&[1, 1], &[1, 2]],
            &[&[2, 3, 2], &[2, 1, 2]],
            &[&[3, 0], &[3, 2]],
            &[&[2, 2], &[2, 2]],
            &[&[0, 2], &[0, 1]],
        ],
    ),
    Case("cat", |x| Var::cat(x, -1), Draw::Any, &[&[&[5]], &[&[2], &[3], &[1]], &[&[1, 2], &[1, 2], &[1, 3]]]),
    Case("cat", |x| Var::stack(x, -1), Draw::Any, &[&[&[2, 3], &[2, 3]], &[&[], &[], &[]], &[&[1], &[1]]]),
    Case("slice", |x| x[0].split(2, 0).remove(0), Draw::Any, &[&[&[3, 2]], &[&[2]]]),
    Case("slice", |x| x[0].chunk(2, -1).pop().expect("two parts"), Draw::Any, &[&[&[3, 4]], &[&[5]]]),
    Case("sub", |x| x[0].diff(1, 0), Draw::Any, MATRICES),
    Case("cat", |x| x[0].roll(&[2, -1], &[0, -1]), Draw::Any, MATRICES),
    Case("reshape", |x| x[0].tile(&[2, 3]), Draw::Any, MATRICES),
    Case("reshape", |x| x[0].repeat_interleave(3, Some(0)), Draw::Any, MATRICES),
    Case("reshape", |x| cartesian_prod(x).reshape([x[0].numel() * x[1].numel() * 2]), Draw::Any, &[&[&[2], &[3]]]),
    Case("permute", |x| x[0].movedim(&[0], &[-1]), Draw::Any, MATRICES),
    Case("masked_fill", |x| x[0].tril(-1), Draw::Any, MATRICES),
    Case("masked_fill", |x| x[0].triu(1), Draw::Any, MATRICES),
    Case("index_select", |x| x[0].diagonal(1, -1, 0), Draw::Any, MATRICES),
    Case("permute", |x| x[0].diag_embed(-1, 0, -1), Draw::Any, SHAPES_OF_ONE),
    Case("sum_dims", |x| x[0].trace(), Draw::Any, &[&[&[3, 2]], &[&[2, 2]]]),
    Case("reshape", |x| x[0].pixel_shuffle(2), Draw::Any, &[&[&[2, 8, 2, 3]], &[&[4, 1, 1]]]),
    Case("reshape", |x| x[0].pixel_unshuffle(2), Draw::Any, &[&[&[2, 1, 4, 6]], &[&[3, 2, 2]]]),
    Case("to_channels_last", |x| x[0].to_channels_last(), Draw::Any, IMAGES),
];

fn slice_gradient(x: &[Var<f64>]) -> Var<f64> {
    let leaf = x[0].clone().requires_grad_();
    recorded(&leaf.slice_step(-1, 0..5, 2), &x[1], &leaf)
}
