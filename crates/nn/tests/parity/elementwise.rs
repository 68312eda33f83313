//! Answers to `xtask/parity/families/elementwise.py`.

use gradus_tensor::Float;

use crate::case::{Answer, Case, float};

pub(crate) fn answer<T: Float>(case: &Case<'_, T>) -> Answer<T> {
    let x = case.x(0);
    float(match case.op {
        "torch.exp" => x.exp(),
        "torch.erf" => x.erf(),
        "torch.log" => x.log(),
        "torch.sqrt" => x.sqrt(),
        _ => return None,
    })
}
