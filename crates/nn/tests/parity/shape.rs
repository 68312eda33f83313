//! Answers to `xtask/parity/families/shape.py`.

use gradus_tensor::Float;

use crate::case::{Answer, Case, float};

pub(crate) fn answer<T: Float>(case: &Case<'_, T>) -> Answer<T> {
    let (x, options) = (case.x(0), case.options);
    float(match case.op {
        "torch.reshape" => x.reshape(options.sizes("shape")),
        "torch.permute" => x.permute(&options.sizes("dims")),
        _ => return None,
    })
}
