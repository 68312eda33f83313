//! Answers to `xtask/parity/families/product.py`.

use gradus_tensor::Float;

use crate::case::{Answer, Case, float};

pub(crate) fn answer<T: Float>(case: &Case<'_, T>) -> Answer<T> {
    float(match case.op {
        "F.linear" => case.x(0).linear(case.x(1), case.get(2)),
        "torch.matmul" => case.x(0).matmul(case.x(1)),
        _ => return None,
    })
}
