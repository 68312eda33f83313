//! Answers to `xtask/parity/families/index.py`.

use gradus_autograd::{EmbeddingOptions, ScatterReduction};
use gradus_tensor::{Float, Tensor};

use crate::case::{Answer, Case, Input, Output, float};

pub(crate) fn answer<T: Float>(case: &Case<'_, T>) -> Answer<T> {
    let options = case.options;
    if let Some(places) = places(case) {
        return Some(vec![Output::Integers(places)]);
    }
    let value = |name: &str| T::from_f64(options.float(name));
    let all = "indices are in range";
    float(match case.op {
        "F.embedding" => {
            let padding_idx = options.has("padding_idx").then(|| options.int("padding_idx"));
            let options = EmbeddingOptions { padding_idx, scale_grad_by_freq: options.flag("scale_grad_by_freq") };
            case.x(1).embedding_with(case.integers(0), options).expect(all)
        }
        "torch.index_select" => case.x(0).index_select(options.int("dim"), case.integers(1)).expect(all),
        "torch.gather" => case.x(0).gather(options.int("dim"), case.integers(1)).expect(all),
        "torch.scatter" if options.has("value") => {
            case.x(0).scatter_value(options.int("dim"), case.integers(1), value("value")).expect(all)
        }
        "torch.scatter" => case.x(0).scatter(options.int("dim"), case.integers(1), case.x(2)).expect(all),
        "torch.scatter_add" => case.x(0).scatter_add(options.int("dim"), case.integers(1), case.x(2)).expect(all),
        "torch.scatter_reduce" => {
            let reduction = match options.text("reduce") {
                Some("mean") => ScatterReduction::Mean,
                Some("amax") => ScatterReduction::Amax,
                Some("amin") => ScatterReduction::Amin,
                _ => ScatterReduction::Sum,
            };
            let include_self = !options.has("include_self") || options.flag("include_self");
            let reduced =
                case.x(0).scatter_reduce(options.int("dim"), case.integers(1), case.x(2), reduction, include_self);
            reduced.expect(all)
        }
        "torch.index_add" => {
            case.x(0).index_add(options.int("dim"), case.integers(1), case.x(2), value("alpha")).expect(all)
        }
        "torch.index_copy" => case.x(0).index_copy(options.int("dim"), case.integers(1), case.x(2)).expect(all),
        "torch.index_fill" => case.x(0).index_fill(options.int("dim"), case.integers(1), value("value")).expect(all),
        "Tensor.masked_fill" => case.x(0).masked_fill(case.flags(1), value("value")),
        "torch.masked_select" => case.x(0).masked_select(case.flags(1)),
        "Tensor.masked_scatter" => case.x(0).masked_scatter(case.flags(1), case.x(2)),
        "torch.take" => case.x(0).take(case.integers(1)).expect(all),
        "torch.take_along_dim" => case.x(0).take_along_dim(case.integers(1), options.int("dim")).expect(all),
        "Tensor.index" => case.x(0).index(&lists(case, 1)).expect(all),
        "Tensor.index_put" => case.x(0).index_put(&lists(case, 2), case.x(1), options.flag("accumulate")).expect(all),
        _ => return None,
    })
}

/// Operations that give indices.
fn places<T: Float>(case: &Case<'_, T>) -> Option<Tensor<i64>> {
    Some(match (case.op, &case.inputs[0]) {
        ("torch.nonzero", Input::Integers(x)) => x.nonzero(),
        ("torch.nonzero", Input::Flags(x)) => x.nonzero(),
        ("F.one_hot", Input::Integers(x)) => {
            let classes = case.options.has("num_classes").then(|| case.options.size("num_classes"));
            x.one_hot(classes).expect("classes are in range")
        }
        _ => return None,
    })
}

/// The inputs of whole numbers from number `first` on.
fn lists<'a, T: Float>(case: &'a Case<'_, T>, first: usize) -> Vec<&'a Tensor<i64>> {
    (first..case.inputs.len()).map(|i| case.integers(i)).collect()
}
