//! Images and volumes read at any places.

use gradus_tensor::{Dims, Float, Tensor};

use crate::var::Var;

/// What [`Var::grid_sample`] reads between entries.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum GridSampleMode {
    /// The neighbours along each dimension, by distance.
    #[default]
    Bilinear,
    /// The nearest entry; the gradient with respect to the places is 0.
    Nearest,
    /// Images: a cubic convolution of the sixteen neighbours, with a = -0.75.
    Bicubic,
}

/// What [`Var::grid_sample`] reads outside.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum GridSamplePadding {
    /// Zeros.
    #[default]
    Zeros,
    /// The entry on the edge.
    Border,
    /// The entries inside, mirrored at the edge as often as needed: at the entry on it with `align_corners`, else at
    /// its outer edge.
    Reflection,
}

/// How [`Var::grid_sample`] reads: by default bilinear, zeros outside, corners not aligned.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GridSampleOptions {
    /// What is read between entries.
    pub mode: GridSampleMode,
    /// What is read outside.
    pub padding_mode: GridSamplePadding,
    /// Whether -1 and 1 are the centres of the first and last entries, and not their outer edges.
    pub align_corners: bool,
}

impl<T: Float> Var<T> {
    /// Images `[N, C, H, W]` read at the places `grid` `[N, H', W', 2]`, or volumes `[N, C, D, H, W]` at
    /// `[N, D', H', W', 3]`: `[N, C, H', W']` or `[N, C, D', H', W']` (PyTorch's `functional.grid_sample`). A place has
    /// a number for each dimension, the last one first, from -1 to 1.
    ///
    /// # Panics
    /// If the shapes do not fit, the images have no element, or volumes are to be read in a mode for images.
    #[track_caller]
    pub fn grid_sample(&self, grid: &Self, options: GridSampleOptions) -> Self {
        let (x, dims) = (self.shape(), self.shape().len().saturating_sub(2));
        let fits = matches!(dims, 2 | 3) && grid.shape().len() == dims + 2;
        assert!(
            fits && grid.shape()[0] == x[0] && grid.shape()[dims + 1] == dims && !x[2..].contains(&0),
            "grid_sample: input {x:?} and grid {:?} must be [N, C, H, W] and [N, H', W', 2], or [N, C, D, H, W] and \
             [N, D', H', W', 3]",
            grid.shape()
        );
        assert!(
            dims == 2 || options.mode != GridSampleMode::Bicubic,
            "grid_sample: mode Bicubic is for images [N, C, H, W], not for input {x:?}"
        );
        let axes: Vec<Vec<Neighbour<T>>> =
            (0..dims).map(|d| neighbours(&grid.select(-1, (dims - 1 - d) as isize), x[d + 2], options)).collect();
        let corners = axes.iter().map(Vec::len).product();
        // A digit of the corner's number for each dimension.
        let term = |corner: usize| {
            let digit = |d: usize| corner / axes[d].len().pow(d as u32) % axes[d].len();
            let corner: Vec<&Neighbour<T>> = (0..dims).map(|d| &axes[d][digit(d)]).collect();
            self.weighted(&corner)
        };
        (1..corners).fold(term(0), |sum, corner| sum + term(corner))
    }

    /// The entries at one corner of each place, by their weights; 0 for those outside.
    #[track_caller]
    fn weighted(&self, corner: &[&Neighbour<T>]) -> Self {
        let (x, out) = (self.shape(), corner[0].weight.shape());
        let sizes = &x[2..];
        let entries: Vec<Vec<i64>> = corner.iter().map(|neighbour| neighbour.entry.to_vec()).collect();
        let inside = |d: usize, place: usize| (0..sizes[d] as i64).contains(&entries[d][place]);
        let outside = Tensor::from_fn(out, |place| !(0..sizes.len()).all(|d| inside(d, place)));
        let (volume, places) = (sizes.iter().product::<usize>(), out[1..].iter().product::<usize>());
        let shape: Dims = [x[0], x[1]].into_iter().chain(out[1..].iter().copied()).collect();
        let at = Tensor::from_fn(shape, |i| {
            let place = i / places / x[1] * places + i % places;
            let within = |at: i64, d: usize| at * sizes[d] as i64 + entries[d][place].clamp(0, sizes[d] as i64 - 1);
            (i / places * volume) as i64 + (0..sizes.len()).fold(0, within)
        });
        let weight = corner[1..].iter().fold(corner[0].weight.clone(), |product, n| product * &n.weight);
        // Both, as numbers outside need not be finite.
        let weight = weight.masked_fill(&outside, T::zero()).unsqueeze(1);
        self.taken(&at).masked_fill(&outside.unsqueeze(1), T::zero()) * weight
    }
}

/// An entry along one dimension for each place `[N, ..]`, which may be outside, and what it counts.
struct Neighbour<T: Float> {
    entry: Tensor<i64>,
    weight: Var<T>,
}

/// The entries that places between -1 and 1 read along a dimension of `size`.
fn neighbours<T: Float>(places: &Var<T>, size: usize, options: GridSampleOptions) -> Vec<Neighbour<T>> {
    let number = T::from_f64;
    let from_edge = places + T::one();
    let place = if options.align_corners {
        from_edge * number((size as f64 - 1.0) / 2.0)
    } else {
        from_edge * number(size as f64 / 2.0) - number(0.5)
    };
    let entry = |x: &Tensor<T>| x.map(|x| x.as_() as i64);
    match options.mode {
        GridSampleMode::Nearest => {
            let nearest = piecewise(&place, |x| padded(x, size, options)).round();
            // 1, with the gradient 0 of rounding.
            let weight = &nearest - &nearest.detach() + T::one();
            vec![Neighbour { entry: entry(nearest.value()), weight }]
        }
        GridSampleMode::Bilinear => {
            let place = piecewise(&place, |x| padded(x, size, options));
            let before = place.value().map(|x| x.floor());
            let share = &place - &Var::new(before.clone());
            let first = Neighbour { entry: entry(&before), weight: -&share + T::one() };
            let second = Neighbour { entry: first.entry.map(|entry| entry.saturating_add(1)), weight: share };
            vec![first, second]
        }
        GridSampleMode::Bicubic => {
            let before = place.value().map(|x| x.floor());
            let share = &place - &Var::new(before.clone());
            let neighbour = |(k, weight): (usize, Var<T>)| {
                let shift = number(k as f64 - 1.0);
                Neighbour { entry: entry(&before.map(|x| padded(x + shift, size, options).0)), weight }
            };
            cubic(&share).into_iter().enumerate().map(neighbour).collect()
        }
    }
}

/// The weights of the four neighbours of a place that is this far behind the second.
fn cubic<T: Float>(share: &Var<T>) -> [Var<T>; 4] {
    const A: f64 = -0.75;
    let polynomial = |t: &Var<T>, [a, b, c, d]: [f64; 4]| {
        let [a, b, c, d] = [a, b, c, d].map(T::from_f64);
        ((t * a + b) * t + c) * t + d
    };
    let (near, far) = ([A + 2.0, -A - 3.0, 0.0, 1.0], [A, -5.0 * A, 8.0 * A, -4.0 * A]);
    let behind = -share + T::one();
    [
        polynomial(&(share + T::one()), far),
        polynomial(share, near),
        polynomial(&behind, near),
        polynomial(&(behind.clone() + T::one()), far),
    ]
}

/// Where a place is read, and the slope of that.
fn padded<T: Float>(x: T, size: usize, options: GridSampleOptions) -> (T, T) {
    let last = T::from_f64(size as f64 - 1.0);
    match options.padding_mode {
        GridSamplePadding::Zeros => (x, T::one()),
        GridSamplePadding::Border => clipped(x, last),
        GridSamplePadding::Reflection => {
            let edge = if options.align_corners { T::zero() } else { T::from_f64(-0.5) };
            let (x, sign) = reflected(x, edge, last - edge);
            let (x, slope) = clipped(x, last);
            (x, sign * slope)
        }
    }
}

/// A function made of straight pieces, which gives its value and its slope there.
fn piecewise<T: Float>(x: &Var<T>, f: impl Fn(T) -> (T, T) + Sync) -> Var<T> {
    let (value, slope) = (x.value().map(|x| f(x).0), x.value().map(|x| f(x).1));
    let is_flat = slope.map(|slope| slope == T::zero());
    let line = x * &Var::new(slope);
    // Infinities are their own values.
    let offset = value.zip_map(line.value(), "grid_sample", |y, x| if x == y { T::zero() } else { y - x });
    Var::new(value).where_(&is_flat, &(line + Var::new(offset)))
}

/// A place moved to the nearest between 0 and `last`; the slope is 0 also on those.
fn clipped<T: Float>(x: T, last: T) -> (T, T) {
    let between = x > T::zero() && x < last;
    (x.max(T::zero()).min(last), if between { T::one() } else { T::zero() })
}

/// A place mirrored at `low` and `high` until it is between them, and the sign of the last mirror.
fn reflected<T: Float>(x: T, low: T, high: T) -> (T, T) {
    let span = high - low;
    if span == T::zero() {
        return (T::zero(), T::zero());
    }
    let (from_low, sign) = if x < low { (low - x, -T::one()) } else { (x - low, T::one()) };
    let (flips, rest) = ((from_low / span).floor(), from_low % span);
    if flips % T::from_f64(2.0) == T::zero() { (low + rest, sign) } else { (high - rest, -sign) }
}
