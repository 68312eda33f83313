//! Answers to `xtask/parity/families/product.py`.

use gradus_autograd::{Var, einsum};
use gradus_nn::{Bilinear, Layer, Linear};
use gradus_tensor::Float;

use crate::case::{Answer, Case, float};

pub(crate) fn answer<T: Float>(case: &Case<'_, T>) -> Answer<T> {
    let options = case.options;
    let init = options.init();
    let bias = !init.has("bias") || init.flag("bias");
    let factors = || ["beta", "alpha"].map(|name| T::from_f64(options.float_or(name, 1.0)));
    float(match case.op {
        "F.linear" => case.x(0).linear(case.x(1), case.get(2)),
        "nn.Linear" => {
            let layer = Linear::new(init.size("in_features"), init.size("out_features"));
            let layer = if bias { layer } else { layer.without_bias() };
            case.load(&layer);
            layer.forward(case.x(0))
        }
        "F.bilinear" => case.x(0).bilinear(case.x(1), case.x(2), case.get(3)),
        "nn.Bilinear" => {
            let sizes = ["in1_features", "in2_features", "out_features"].map(|name| init.size(name));
            let layer = Bilinear::new(sizes[0], sizes[1], sizes[2]);
            let layer = if bias { layer } else { layer.without_bias() };
            case.load(&layer);
            layer.forward(case.x(0), case.x(1))
        }
        "torch.matmul" => case.x(0).matmul(case.x(1)),
        "torch.mv" => case.x(0).mv(case.x(1)),
        "torch.dot" => case.x(0).dot(case.x(1)),
        "torch.outer" => case.x(0).outer(case.x(1)),
        "torch.bmm" => case.x(0).bmm(case.x(1)),
        "torch.addmm" => added(case, factors(), Var::addmm),
        "torch.addmv" => added(case, factors(), Var::addmv),
        "torch.baddbmm" => added(case, factors(), Var::baddbmm),
        "linalg.cross" => case.x(0).cross(case.x(1), options.int("dim")),
        "torch.kron" => case.x(0).kron(case.x(1)),
        "torch.trace" => case.x(0).trace(),
        "torch.einsum" => {
            let operands: Vec<Var<T>> = case.floats().into_iter().cloned().collect();
            einsum(options.text("equation").expect("an equation"), &operands)
        }
        "torch.tensordot" => {
            let dims = |i: usize| -> Vec<isize> {
                let list = options.0["dims"][i].as_array().expect("a list of dimensions");
                list.iter().map(|dim| dim.as_i64().expect("a dimension") as isize).collect()
            };
            case.x(0).tensordot(case.x(1), &dims(0), &dims(1))
        }
        _ => return None,
    })
}

/// A variable plus a product, both times a factor.
fn added<T: Float>(
    case: &Case<'_, T>,
    [beta, alpha]: [T; 2],
    f: impl Fn(&Var<T>, &Var<T>, &Var<T>, T, T) -> Var<T>,
) -> Var<T> {
    f(case.x(0), case.x(1), case.x(2), beta, alpha)
}
