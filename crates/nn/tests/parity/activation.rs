//! Answers to `xtask/parity/families/activation.py`.

use gradus_tensor::{Float, GeluApproximation};

use crate::case::{Answer, Case, float};

pub(crate) fn answer<T: Float>(case: &Case<'_, T>) -> Answer<T> {
    let (x, options) = (case.x(0), case.options);
    float(match case.op {
        "F.relu" => x.relu(),
        "F.gelu" => x.gelu(match options.text("approximate") {
            Some("tanh") => GeluApproximation::Tanh,
            _ => GeluApproximation::None,
        }),
        "F.silu" => x.silu(),
        "torch.sigmoid" => x.sigmoid(),
        "torch.tanh" => x.tanh(),
        "F.softmax" => x.softmax(options.int("dim")),
        "F.log_softmax" => x.log_softmax(options.int("dim")),
        _ => return None,
    })
}
