//! Answers to `xtask/parity/families/reduction.py`.

use gradus_tensor::Float;

use crate::case::{Answer, Case, float};

pub(crate) fn answer<T: Float>(case: &Case<'_, T>) -> Answer<T> {
    let (x, options) = (case.x(0), case.options);
    let keep_dim = options.flag("keepdim");
    float(match case.op {
        "torch.sum" => x.sum_dims(&options.ints("dim"), keep_dim),
        "torch.mean" => x.mean_dims(&options.ints("dim"), keep_dim),
        _ => return None,
    })
}
