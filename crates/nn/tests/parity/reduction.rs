//! Answers to `xtask/parity/families/reduction.py`.

use gradus_autograd::Var;
use gradus_tensor::{Element, Float, Tensor};

use crate::case::{Answer, Case, Input, Output, float, floats};

pub(crate) fn answer<T: Float>(case: &Case<'_, T>) -> Answer<T> {
    if let Some(output) = counts(case) {
        return Some(vec![output]);
    }
    let (x, options) = (case.x(0), case.options);
    if let Some((values, places)) = with_places(case) {
        return Some(vec![Output::Float(values), Output::Integers(places)]);
    }
    let keep_dim = options.flag("keepdim");
    let dims = || options.ints("dim");
    if case.op == "torch.aminmax" {
        return floats([x.amin(&dims(), keep_dim), x.amax(&dims(), keep_dim)]);
    }
    if let "torch.var_mean" | "torch.std_mean" = case.op {
        let f = if case.op == "torch.var_mean" { Var::var_mean_dims } else { Var::std_mean_dims };
        return floats(<[_; 2]>::from(f(x, &dims(), options.float("correction"), keep_dim)));
    }
    float(match case.op {
        "torch.sum" => x.sum_dims(&dims(), keep_dim),
        "torch.mean" => x.mean_dims(&dims(), keep_dim),
        "torch.prod" if options.has("dim") => x.prod_dim(options.int("dim"), keep_dim),
        "torch.prod" => x.prod(),
        "torch.var" => x.var_dims(&dims(), options.float("correction"), keep_dim),
        "torch.std" => x.std_dims(&dims(), options.float("correction"), keep_dim),
        "torch.max_all" => x.max(),
        "torch.min_all" => x.min(),
        "torch.median_all" => x.median(),
        "torch.amax" => x.amax(&dims(), keep_dim),
        "torch.amin" => x.amin(&dims(), keep_dim),
        "torch.nansum" => x.nansum(&dims(), keep_dim),
        "torch.nanmean" => x.nanmean(&dims(), keep_dim),
        "torch.quantile" => x.quantile(options.float("q"), options.int("dim"), keep_dim),
        "torch.logsumexp" => x.logsumexp(&dims(), keep_dim),
        "torch.cumsum" => x.cumsum(options.int("dim")),
        "torch.cumprod" => x.cumprod(options.int("dim")),
        "torch.logcumsumexp" => x.logcumsumexp(options.int("dim")),
        "linalg.vector_norm" => {
            let p = options.text("ord").expect("a number").parse().expect("a number");
            x.norm_dims(p, &dims(), keep_dim)
        }
        "torch.norm" => x.norm(options.float("p")),
        "torch.dist" => x.dist(case.x(1), options.float("p")),
        "torch.cdist" => x.cdist(case.x(1), options.float("p")),
        _ => return None,
    })
}

/// Operations that give elements and their places.
fn with_places<T: Float>(case: &Case<'_, T>) -> Option<(Var<T>, Tensor<i64>)> {
    let (x, options) = (case.x(0), case.options);
    let (dim, keep_dim) = (|| options.int("dim"), options.flag("keepdim"));
    Some(match case.op {
        "torch.max" => x.max_dim(dim(), keep_dim),
        "torch.min" => x.min_dim(dim(), keep_dim),
        "torch.cummax" => x.cummax(dim()),
        "torch.cummin" => x.cummin(dim()),
        "torch.sort" => x.sort(dim(), options.flag("descending")),
        "torch.topk" => x.topk(options.size("k"), dim(), options.flag("largest")),
        "torch.kthvalue" => x.kthvalue(options.size("k"), dim(), keep_dim),
        "torch.median" => x.median_dim(dim(), keep_dim),
        _ => return None,
    })
}

/// Operations that give places or numbers of elements, or truth values.
fn counts<T: Float>(case: &Case<'_, T>) -> Option<Output<T>> {
    let options = case.options;
    let dim = || options.int("dim");
    Some(match (case.op, &case.inputs[0]) {
        ("torch.argmax", Input::Float(x)) => Output::Integers(x.value().argmax(dim())),
        ("torch.argmin", Input::Float(x)) => Output::Integers(x.value().argmin(dim())),
        ("torch.argmax_all", Input::Float(x)) => Output::Integers(x.value().reshape([x.numel()]).argmax(0)),
        ("torch.argsort", Input::Float(x)) => Output::Integers(x.value().argsort(dim(), options.flag("descending"))),
        ("torch.all", Input::Flags(x)) => Output::Flags(x.all_dims(&[dim()], options.flag("keepdim"))),
        ("torch.any", Input::Flags(x)) => Output::Flags(x.any_dims(&[dim()], options.flag("keepdim"))),
        ("torch.count_nonzero", Input::Float(x)) => count(x.value(), case),
        ("torch.count_nonzero", Input::Integers(x)) => count(x, case),
        ("torch.count_nonzero", Input::Flags(x)) => count(x, case),
        _ => return None,
    })
}

fn count<T: Float>(x: &Tensor<impl Element>, case: &Case<'_, T>) -> Output<T> {
    Output::Integers(x.count_nonzero_dims(&case.options.ints("dim"), false))
}
