//! The padding layers.

use gradus_nn::{CircularPad, ConstantPad, Layer, ReflectionPad, ReplicationPad, ZeroPad};
use gradus_tensor::Float;

use crate::case::{Answer, Case, float};

pub(super) fn answer<T: Float>(case: &Case<'_, T>) -> Answer<T> {
    let name = case.op.strip_prefix("nn.")?;
    match name.strip_suffix("d")?.split_at_checked(name.len() - 2)? {
        (name, "1") => padded::<1, T>(case, name),
        (name, "2") => padded::<2, T>(case, name),
        (name, "3") => padded::<3, T>(case, name),
        _ => None,
    }
}

/// The layer over D dimensions.
fn padded<const D: usize, T: Float>(case: &Case<'_, T>, name: &str) -> Answer<T> {
    let (x, padding) = (case.x(0), case.options.init().ints("padding"));
    float(match name {
        "ZeroPad" => ZeroPad::<D>::each(&padding).forward(x),
        "ConstantPad" => ConstantPad::<D>::each(&padding, case.options.init().float("value")).forward(x),
        "ReflectionPad" => ReflectionPad::<D>::each(&padding).forward(x),
        "ReplicationPad" => ReplicationPad::<D>::each(&padding).forward(x),
        "CircularPad" => CircularPad::<D>::each(&padding).forward(x),
        _ => return None,
    })
}
