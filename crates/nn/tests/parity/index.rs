//! Answers to `xtask/parity/families/index.py`.

use gradus_tensor::Float;

use crate::case::{Answer, Case, float};

pub(crate) fn answer<T: Float>(case: &Case<'_, T>) -> Answer<T> {
    float(match case.op {
        "F.embedding" => case.x(1).embedding(case.integers(0)).expect("indices are in range"),
        _ => return None,
    })
}
