//! Answers to `xtask/parity/families/loss.py`.

use gradus_autograd::{LabelError, Reduction, Var};
use gradus_nn::{
    BCELoss, BCEWithLogitsLoss, BCEWithLogitsOptions, CTCLoss, CosineEmbeddingLoss, CrossEntropyLoss,
    CrossEntropyOptions, GaussianNLLLoss, HingeEmbeddingLoss, HuberLoss, KLDivLoss, KLDivReduction, L1Loss, MSELoss,
    MarginRankingLoss, MultiLabelMarginLoss, MultiLabelSoftMarginLoss, MultiMarginLoss, MultiMarginLossOptions,
    NLLLoss, NLLLossOptions, PoissonNLLLoss, SmoothL1Loss, SoftMarginLoss, TripletMarginLoss,
    TripletMarginWithDistanceLoss,
};
use gradus_tensor::{Float, Tensor};

use crate::case::{Answer, Case, Options, float};

pub(crate) fn reduction(options: Options<'_>) -> Reduction {
    match options.text("reduction") {
        None | Some("mean") => Reduction::Mean,
        Some("sum") => Reduction::Sum,
        Some("none") => Reduction::None,
        Some(other) => panic!("reduction {other}"),
    }
}

pub(crate) fn answer<T: Float>(case: &Case<'_, T>) -> Answer<T> {
    if case.op == "F.kl_div" {
        return float(kl_div(case));
    }
    float(of_numbers(case).or_else(|| of_labels(case))?)
}

/// Losses of a target like the input.
fn of_numbers<T: Float>(case: &Case<'_, T>) -> Option<Var<T>> {
    let (x, options, reduction) = (case.x(0), case.options, reduction(case.options));
    let target = || case.x(1);
    let weight = || case.options.flag("weighted").then(|| weights(*x.shape().last().expect("classes")));
    Some(match case.op {
        "F.l1_loss" => L1Loss { reduction }.forward(x, target()),
        "F.mse_loss" => MSELoss { reduction }.forward(x, target()),
        "F.smooth_l1_loss" => SmoothL1Loss { beta: options.float_or("beta", 1.0), reduction }.forward(x, target()),
        "F.huber_loss" => HuberLoss { delta: options.float_or("delta", 1.0), reduction }.forward(x, target()),
        "F.binary_cross_entropy" => BCELoss { weight: weight(), reduction }.forward(x, target()),
        "F.binary_cross_entropy_with_logits" => {
            let there = |classes| weights(classes).map(|w: T| T::from_f64(1.5) - w);
            let pos_weight = options.flag("pos_weighted").then(|| there(*x.shape().last().expect("classes")));
            let options = BCEWithLogitsOptions { weight: weight(), pos_weight, reduction };
            BCEWithLogitsLoss { options }.forward(x, target())
        }
        "F.multilabel_soft_margin_loss" => {
            MultiLabelSoftMarginLoss { weight: weight(), reduction }.forward(x, target())
        }
        "F.poisson_nll_loss" => {
            let log_input = !options.has("log_input") || options.flag("log_input");
            let (full, eps) = (options.flag("full"), options.float_or("eps", 1e-8));
            PoissonNLLLoss { log_input, full, eps, reduction }.forward(x, target())
        }
        "F.gaussian_nll_loss" => {
            let (full, eps) = (options.flag("full"), options.float_or("eps", 1e-6));
            GaussianNLLLoss { full, eps, reduction }.forward(x, target(), case.x(2))
        }
        "F.triplet_margin_loss" => {
            let (p, eps) = (options.float_or("p", 2.0), options.float_or("eps", 1e-6));
            let (margin, swap) = (options.float_or("margin", 1.0), options.flag("swap"));
            TripletMarginLoss { margin, p, eps, swap, reduction }.forward(x, target(), case.x(2))
        }
        "F.triplet_margin_with_distance_loss" => {
            let distance = |a: &Var<T>, b: &Var<T>| (a - b).abs().sum_dims(&[-1], false);
            let (margin, swap) = (options.float_or("margin", 1.0), options.flag("swap"));
            TripletMarginWithDistanceLoss { margin, swap, reduction, ..TripletMarginWithDistanceLoss::new(distance) }
                .forward(x, target(), case.x(2))
        }
        _ => return None,
    })
}

/// Losses of labels, or of targets 1 and -1.
fn of_labels<T: Float>(case: &Case<'_, T>) -> Option<Var<T>> {
    let (x, options, reduction) = (case.x(0), case.options, reduction(case.options));
    let signs = |i| case.integers(i).map(|sign| T::from_f64(sign as f64));
    let ignore_index = if options.has("ignore_index") { options.int("ignore_index") as i64 } else { -100 };
    let weight = options.flag("weighted").then(|| weights(x.shape()[usize::from(x.shape().len() > 1)]));
    let of_classes = CrossEntropyLoss {
        options: CrossEntropyOptions {
            weight: weight.clone(),
            ignore_index,
            label_smoothing: options.float_or("label_smoothing", 0.0),
            reduction,
        },
    };
    let margin = |default| options.float_or("margin", default);
    let loss: Result<Var<T>, LabelError> = match case.op {
        "F.cross_entropy" => of_classes.forward(x, case.integers(1)),
        "gradus.cross_entropy_probabilities" => {
            let dim = isize::from(x.shape().len() > 1);
            let target = if options.flag("direct") { case.x(1).clone() } else { case.x(1).softmax(dim) };
            Ok(of_classes.forward_probabilities(x, &target))
        }
        "F.nll_loss" => {
            let options = NLLLossOptions { weight, ignore_index, reduction };
            NLLLoss { options }.forward(x, case.integers(1))
        }
        "F.multi_margin_loss" => {
            let options =
                MultiMarginLossOptions { p: options.float_or("p", 1.0), margin: margin(1.0), weight, reduction };
            MultiMarginLoss { options }.forward(x, case.integers(1))
        }
        "F.multilabel_margin_loss" => MultiLabelMarginLoss { reduction }.forward(x, case.integers(1)),
        "F.hinge_embedding_loss" => Ok(HingeEmbeddingLoss { margin: margin(1.0), reduction }.forward(x, &signs(1))),
        "F.cosine_embedding_loss" => {
            Ok(CosineEmbeddingLoss { margin: margin(0.0), reduction }.forward(x, case.x(1), &signs(2)))
        }
        "F.margin_ranking_loss" => {
            Ok(MarginRankingLoss { margin: margin(0.0), reduction }.forward(x, case.x(1), &signs(2)))
        }
        "F.soft_margin_loss" => Ok(SoftMarginLoss { reduction }.forward(x, &signs(1))),
        "F.ctc_loss" => {
            let blank = options.size_or("blank", 0);
            let loss = CTCLoss { blank, reduction, zero_infinity: options.flag("zero_infinity") };
            let log_probs = if options.flag("logs") { x.clone() } else { x.log_softmax(-1) };
            let [inputs, targets] = ["input_lengths", "target_lengths"].map(|name| options.sizes(name));
            loss.forward(&log_probs, case.integers(1), &inputs, &targets)
        }
        _ => return None,
    };
    Some(loss.expect("labels are in range"))
}

fn kl_div<T: Float>(case: &Case<'_, T>) -> Var<T> {
    let reduction = match case.options.text("reduction") {
        Some("mean") => KLDivReduction::Mean,
        Some("batchmean") => KLDivReduction::BatchMean,
        Some("sum") => KLDivReduction::Sum,
        _ => KLDivReduction::None,
    };
    KLDivLoss { reduction, log_target: case.options.flag("log_target") }.forward(case.x(0), case.x(1))
}

/// `class_weights` of `loss.py`.
fn weights<T: Float>(classes: usize) -> Tensor<T> {
    Tensor::from_fn([classes], |c| T::from_f64((c % 5 + 1) as f64 / 4.0))
}
