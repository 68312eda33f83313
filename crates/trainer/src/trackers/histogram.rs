//! How numbers are distributed: bins, and how many numbers fall into each.

/// Bins with their edges and counts, and the sums that mean and variance are made of.
///
/// Bin `i` of `[N]` holds what is at least `edges[i]` and below `edges[i + 1]`; the last one its upper edge too.
#[derive(Debug, Clone, PartialEq)]
pub struct Histogram {
    edges: Vec<f64>,
    counts: Vec<u64>,
    pub(super) sum: f64,
    pub(super) sum_squares: f64,
}

impl Histogram {
    /// Counts `values` in `bins` bins of equal width from the smallest to the largest. Values that are not finite are
    /// left out.
    ///
    /// ```
    /// use gradus_trainer::trackers::Histogram;
    ///
    /// let histogram = Histogram::of([0.0, 1.0, 1.5, 2.0, f64::NAN], 2);
    /// assert_eq!(histogram.edges(), [0.0, 1.0, 2.0]);
    /// assert_eq!(histogram.counts(), [1, 3]);
    /// ```
    ///
    /// # Panics
    /// If `bins` is 0.
    #[track_caller]
    pub fn of(values: impl IntoIterator<Item = f64>, bins: usize) -> Self {
        assert!(bins > 0, "Histogram::of: bins must be at least 1, got 0");
        let values: Vec<f64> = values.into_iter().filter(|value| value.is_finite()).collect();
        let low = values.iter().copied().fold(f64::INFINITY, f64::min);
        let high = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let (low, high) = if values.is_empty() { (0.0, 0.0) } else { (low, high) };
        // Halves, as the difference of two large numbers can overflow.
        let edge = |i: usize| {
            let part = i as f64 / bins as f64;
            low * (1.0 - part) + high * part
        };
        let mut edges: Vec<f64> = (0..=bins).map(edge).collect();
        (edges[0], edges[bins]) = (low, high);
        let mut counts = vec![0; bins];
        for value in &values {
            let bin = edges[1..bins].partition_point(|edge| edge <= value);
            counts[bin] += 1;
        }
        let (sum, sum_squares) = (values.iter().sum(), values.iter().map(|value| value * value).sum());
        Self { edges, counts, sum, sum_squares }
    }

    /// A histogram made elsewhere: `[N + 1]` edges and `[N]` counts. Sums are estimated from the bins' middles.
    ///
    /// # Panics
    /// If there is no bin, or the edges are not one more than the counts, finite and ascending.
    #[track_caller]
    pub fn from_bins(edges: Vec<f64>, counts: Vec<u64>) -> Self {
        assert!(
            !counts.is_empty() && edges.len() == counts.len() + 1,
            "Histogram::from_bins: there must be one edge more than bins, got {} edges and {} bins",
            edges.len(),
            counts.len()
        );
        let ascending = edges.windows(2).all(|pair| pair[0] <= pair[1]) && edges.iter().all(|edge| edge.is_finite());
        assert!(ascending, "Histogram::from_bins: edges must be finite and ascending, got {edges:?}");
        let middles = edges.windows(2).zip(&counts).map(|(pair, &count)| (pair[0] / 2.0 + pair[1] / 2.0, count as f64));
        let sum = middles.clone().map(|(middle, count)| middle * count).sum();
        let sum_squares = middles.map(|(middle, count)| middle * middle * count).sum();
        Self { edges, counts, sum, sum_squares }
    }

    /// The bins' edges, `[N + 1]`.
    pub fn edges(&self) -> &[f64] {
        &self.edges
    }

    /// How many numbers are in each bin, `[N]`.
    pub fn counts(&self) -> &[u64] {
        &self.counts
    }

    /// How many numbers there are.
    pub fn total(&self) -> u64 {
        self.counts.iter().sum()
    }
}
