//! The loss of an anchor that should be nearer to one thing than to another.

use gradus_autograd::{Reduction, Var};
use gradus_tensor::Float;

use super::shared::{reduced, same_shape};

/// How [`triplet_margin_loss`] measures distances.
#[derive(Clone, Copy, Debug)]
pub struct TripletMarginLoss {
    /// By how much the positive should be nearer.
    pub margin: f64,
    /// The degree of the norm.
    pub p: f64,
    /// Added to the differences.
    pub eps: f64,
    /// Whether the negative's distance is that from the positive where this is less (Balntas et al., BMVC 2016).
    pub swap: bool,
    /// How the losses are put together.
    pub reduction: Reduction,
}

/// `margin` 1, `p` 2, `eps` 1e-6, no swap, the mean.
impl Default for TripletMarginLoss {
    fn default() -> Self {
        Self { margin: 1.0, p: 2.0, eps: 1e-6, swap: false, reduction: Reduction::Mean }
    }
}

impl TripletMarginLoss {
    /// [`triplet_margin_loss`] ([torch.nn.TripletMarginLoss]).
    ///
    /// # Panics
    /// If the shapes differ.
    ///
    /// [torch.nn.TripletMarginLoss]: https://pytorch.org/docs/stable/generated/torch.nn.TripletMarginLoss.html
    #[track_caller]
    pub fn forward<T: Float>(&self, anchor: &Var<T>, positive: &Var<T>, negative: &Var<T>) -> Var<T> {
        triplet_margin_loss(anchor, positive, negative, self)
    }
}

/// `max(0, |anchor - positive| - |anchor - negative| + margin)` of every row, with
/// [pairwise distances](Var::pairwise_distance): three times `[N, D]` or `[D]`
/// ([torch.nn.functional.triplet_margin_loss]).
///
/// # Panics
/// If the shapes differ.
///
/// [torch.nn.functional.triplet_margin_loss]:
/// https://pytorch.org/docs/stable/generated/torch.nn.functional.triplet_margin_loss.html
#[track_caller]
pub fn triplet_margin_loss<T: Float>(
    anchor: &Var<T>,
    positive: &Var<T>,
    negative: &Var<T>,
    options: &TripletMarginLoss,
) -> Var<T> {
    let distance = |a: &Var<T>, b: &Var<T>| a.pairwise_distance(b, options.p, options.eps, false);
    let TripletMarginLoss { margin, swap, reduction, .. } = *options;
    triplet_margin_with_distance_loss(anchor, positive, negative, distance, margin, swap, reduction)
}

/// [`triplet_margin_loss`] with distances of any kind ([torch.nn.functional.triplet_margin_with_distance_loss]).
///
/// # Panics
/// If the shapes differ.
///
/// [torch.nn.functional.triplet_margin_with_distance_loss]:
/// https://pytorch.org/docs/stable/generated/torch.nn.functional.triplet_margin_with_distance_loss.html
#[track_caller]
pub fn triplet_margin_with_distance_loss<T: Float>(
    anchor: &Var<T>,
    positive: &Var<T>,
    negative: &Var<T>,
    distance: impl Fn(&Var<T>, &Var<T>) -> Var<T>,
    margin: f64,
    swap: bool,
    reduction: Reduction,
) -> Var<T> {
    same_shape("triplet_margin_loss", anchor.shape(), positive.shape());
    same_shape("triplet_margin_loss", anchor.shape(), negative.shape());
    let mut to_negative = distance(anchor, negative);
    if swap {
        to_negative = to_negative.minimum(&distance(positive, negative));
    }
    let losses = distance(anchor, positive) - to_negative + T::from_f64(margin);
    reduced(losses.clamp(Some(T::zero()), None), reduction)
}

/// [`triplet_margin_with_distance_loss`] as a module ([torch.nn.TripletMarginWithDistanceLoss]).
///
/// [torch.nn.TripletMarginWithDistanceLoss]: https://pytorch.org/docs/stable/generated/torch.nn.TripletMarginWithDistanceLoss.html
#[derive(Clone, Copy, Debug)]
pub struct TripletMarginWithDistanceLoss<F> {
    /// The distances of two variables' rows.
    pub distance: F,
    /// By how much the positive should be nearer.
    pub margin: f64,
    /// Whether the negative's distance is that from the positive where this is less.
    pub swap: bool,
    /// How the losses are put together.
    pub reduction: Reduction,
}

impl<F> TripletMarginWithDistanceLoss<F> {
    /// With this distance, `margin` 1, no swap, the mean.
    pub fn new(distance: F) -> Self {
        Self { distance, margin: 1.0, swap: false, reduction: Reduction::Mean }
    }

    /// [`triplet_margin_with_distance_loss`].
    ///
    /// # Panics
    /// If the shapes differ.
    #[track_caller]
    pub fn forward<T: Float>(&self, anchor: &Var<T>, positive: &Var<T>, negative: &Var<T>) -> Var<T>
    where
        F: Fn(&Var<T>, &Var<T>) -> Var<T>,
    {
        let Self { distance, margin, swap, reduction } = self;
        triplet_margin_with_distance_loss(anchor, positive, negative, distance, *margin, *swap, *reduction)
    }
}
