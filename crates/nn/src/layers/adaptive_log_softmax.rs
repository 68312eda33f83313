//! Softmax over many classes, the rare ones through fewer features.

use gradus_autograd::{LabelError, Var};
use gradus_tensor::{Float, Tensor};

use crate::layers::linear::Linear;
use crate::module::Layer;

/// Log-probabilities of many classes, ordered from frequent to rare (Grave et al., arXiv:1609.04309;
/// [torch.nn.AdaptiveLogSoftmaxWithLoss][adaptive]).
///
/// The head gives the classes below the first cutoff, and a probability for each cluster of the others. Cluster `i`
/// reads `in_features / div_value^(i + 1)` features, so that rare classes cost less.
///
/// [adaptive]: https://pytorch.org/docs/stable/generated/torch.nn.AdaptiveLogSoftmaxWithLoss.html
#[derive(Debug, crate::Module)]
pub struct AdaptiveLogSoftmaxWithLoss<T: Float = f32> {
    /// To the frequent classes and the clusters.
    pub head: Linear<T>,
    /// For each cluster: to its features, and from those to its classes.
    pub tail: Vec<(Linear<T>, Linear<T>)>,
    #[module(skip)]
    cutoffs: Vec<usize>,
}

/// What [`AdaptiveLogSoftmaxWithLoss`] gives for labels.
#[derive(Clone, Debug)]
pub struct AdaptiveLogSoftmaxOutput<T: Float = f32> {
    /// `[N]`: the log-probability of each row's label.
    pub output: Var<T>,
    /// The mean of the negated outputs.
    pub loss: Var<T>,
}

impl<T: Float> AdaptiveLogSoftmaxWithLoss<T> {
    /// Clusters that begin at the `cutoffs`, a head without bias, and PyTorch's `div_value` of 4.
    ///
    /// # Panics
    /// If the cutoffs do not rise from above 0 to below `n_classes`, or there are none, or `div_value` leaves a cluster
    /// without features.
    #[track_caller]
    pub fn new(in_features: usize, n_classes: usize, cutoffs: &[usize]) -> Self {
        Self::with_div_value(in_features, n_classes, cutoffs, 4.0)
    }

    /// [`new`](Self::new) with another `div_value`.
    ///
    /// # Panics
    /// As `new` does.
    #[track_caller]
    pub fn with_div_value(in_features: usize, n_classes: usize, cutoffs: &[usize], div_value: f64) -> Self {
        let rising = cutoffs.windows(2).all(|pair| pair[0] < pair[1]);
        let inside = cutoffs.first().is_some_and(|&first| first > 0) && cutoffs.last() < Some(&n_classes);
        assert!(
            rising && inside,
            "AdaptiveLogSoftmaxWithLoss: cutoffs {cutoffs:?} do not rise from above 0 to below {n_classes} classes"
        );
        let ends: Vec<usize> = cutoffs.iter().copied().chain([n_classes]).collect();
        let cluster = |(i, ends): (usize, &[usize])| {
            let features = (in_features as f64 / div_value.powi(i as i32 + 1)).floor() as usize;
            assert!(features > 0, "AdaptiveLogSoftmaxWithLoss: cluster {i} has no features of {in_features}");
            let (down, out) = (Linear::new(in_features, features), Linear::new(features, ends[1] - ends[0]));
            (down.without_bias(), out.without_bias())
        };
        Self {
            head: Linear::new(in_features, cutoffs[0] + cutoffs.len()).without_bias(),
            tail: ends.windows(2).enumerate().map(cluster).collect(),
            cutoffs: ends,
        }
    }

    /// The layer with a bias in its head.
    #[must_use]
    pub fn with_head_bias(self) -> Self {
        let weight = self.head.weight.shape();
        Self { head: Linear::new(weight[1], weight[0]), ..self }
    }

    /// The log-probabilities of the labels `targets` `[N]` for `x` `[N, in_features]`, or `[]` for `[in_features]`.
    ///
    /// # Errors
    /// If a label names no class.
    ///
    /// # Panics
    /// If the shapes do not fit.
    #[track_caller]
    pub fn forward(&self, x: &Var<T>, targets: &Tensor<i64>) -> Result<AdaptiveLogSoftmaxOutput<T>, LabelError> {
        let (&features, batch) = x.shape().split_last().expect("AdaptiveLogSoftmaxWithLoss: input has no features");
        assert!(
            batch.len() < 2 && batch == targets.shape(),
            "AdaptiveLogSoftmaxWithLoss: input {:?} and targets {:?} must be [N, in_features] and [N]",
            x.shape(),
            targets.shape()
        );
        let (labels, classes) = (targets.to_vec(), self.n_classes());
        let outside = |&label: &i64| usize::try_from(label).map_or(true, |label| label >= classes);
        if let Some(row) = labels.iter().position(outside) {
            return Err(LabelError { row, label: labels[row], classes });
        }
        let rows = x.reshape([labels.len(), features]);
        let output = self.of_labels(&rows, &labels).reshape(batch);
        Ok(AdaptiveLogSoftmaxOutput { loss: -output.mean(), output })
    }

    /// `[N]`: the log-probabilities of labels that name classes.
    fn of_labels(&self, rows: &Var<T>, labels: &[i64]) -> Var<T> {
        const INSIDE: &str = "rows and columns are counted here";
        let shortlist = self.cutoffs[0] as i64;
        let mut columns = labels.to_vec();
        let mut local = Var::new(Tensor::zeros([labels.len()]));
        for (i, (down, out)) in self.tail.iter().enumerate() {
            let (start, end) = (self.cutoffs[i] as i64, self.cutoffs[i + 1] as i64);
            let members: Vec<usize> = (0..labels.len()).filter(|&row| (start..end).contains(&labels[row])).collect();
            if members.is_empty() {
                continue;
            }
            members.iter().for_each(|&row| columns[row] = shortlist + i as i64);
            let count = members.len();
            let within = Tensor::from_fn([count, 1], |k| labels[members[k]] - start);
            let members = Tensor::from_fn([count], |k| members[k] as i64);
            let logits = out.forward(&down.forward(&rows.index_select(0, &members).expect(INSIDE)));
            let picked = logits.log_softmax(1).gather(1, &within).expect(INSIDE).reshape([count]);
            local = local.index_add(0, &members, &picked, T::one()).expect(INSIDE);
        }
        let columns = Tensor::from_vec(columns, [labels.len(), 1]);
        let head = self.head.forward(rows).log_softmax(1).gather(1, &columns).expect(INSIDE);
        head.reshape([labels.len()]) + local
    }

    /// The log-probabilities of all classes: `[N, in_features] -> [N, n_classes]`.
    ///
    /// # Panics
    /// If the shapes do not fit.
    #[track_caller]
    pub fn log_prob(&self, x: &Var<T>) -> Var<T> {
        let head = self.head.forward(x).log_softmax(-1);
        let shortlist = self.cutoffs[0];
        let clusters =
            self.tail.iter().enumerate().map(|(i, (down, out))| {
                out.forward(&down.forward(x)).log_softmax(-1) + head.narrow(-1, shortlist + i, 1)
            });
        let parts: Vec<Var<T>> = [head.slice(-1, 0..shortlist)].into_iter().chain(clusters).collect();
        Var::cat(&parts, -1)
    }

    /// The most probable class of each row: `[N, in_features] -> [N]`.
    ///
    /// # Panics
    /// If the shapes do not fit.
    #[track_caller]
    pub fn predict(&self, x: &Var<T>) -> Tensor<i64> {
        self.log_prob(x).value().argmax(-1)
    }

    fn n_classes(&self) -> usize {
        *self.cutoffs.last().expect("the last end is the number of classes")
    }
}
