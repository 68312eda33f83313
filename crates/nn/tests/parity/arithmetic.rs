//! Answers to `xtask/parity/families/arithmetic.py`.

use gradus_tensor::Float;

use crate::case::{Answer, Case, float};

pub(crate) fn answer<T: Float>(case: &Case<'_, T>) -> Answer<T> {
    float(match case.op {
        "torch.add" => case.x(0) + case.x(1),
        "torch.sub" => case.x(0) - case.x(1),
        "torch.mul" => case.x(0) * case.x(1),
        "torch.div" => case.x(0) / case.x(1),
        _ => return None,
    })
}
