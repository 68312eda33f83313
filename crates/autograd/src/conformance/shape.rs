//! Cases of the family `shape`.

use super::{Case, Draw, MATRICES, SHAPES};

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
    Case("to_channels_last", |x| x[0].to_channels_last(), Draw::Any, IMAGES),
];
