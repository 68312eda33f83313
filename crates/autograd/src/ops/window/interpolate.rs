//! Sequences, images and volumes in another size, a dimension after the other.

use gradus_tensor::{AxisMap, Float};

use crate::ops::window::windows::adaptive;
use crate::var::Var;

/// What the places of the output take from the input.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum InterpolateMode {
    /// The entry before them, as PyTorch has always done it.
    #[default]
    Nearest,
    /// The nearest entry.
    NearestExact,
    /// Sequences `[N, C, L]`: of both neighbours, by distance.
    Linear,
    /// Images `[N, C, H, W]`: of the four neighbours, by distance.
    Bilinear,
    /// Volumes `[N, C, D, H, W]`: of the eight neighbours, by distance.
    Trilinear,
    /// Images `[N, C, H, W]`: a cubic convolution of the sixteen neighbours, with a = -0.75.
    Bicubic,
    /// The average of the entries that they cover, as adaptive average pooling.
    Area,
}

/// The size of the output; one number stands for all dimensions.
#[derive(Clone, Debug, PartialEq)]
pub enum InterpolateTo {
    /// These sizes.
    Size(Vec<usize>),
    /// The input's sizes times these factors, rounded down. The factors themselves, not those that rounding leaves,
    /// say which places of the input belong to those of the output.
    Scale(Vec<f64>),
    /// The same, by the factors that rounding leaves (PyTorch's `recompute_scale_factor`).
    ScaleRecomputed(Vec<f64>),
}

/// How [`Var::interpolate`] resizes.
#[derive(Clone, Debug, PartialEq)]
pub struct InterpolateOptions {
    /// The output's size.
    pub to: InterpolateTo,
    /// What the places of the output take from the input.
    pub mode: InterpolateMode,
    /// Whether the centres of the first and last entries, and not their outer edges, keep their places; for the linear
    /// and cubic modes.
    pub align_corners: bool,
}

impl InterpolateOptions {
    /// To this size, by the entries before.
    pub fn size(size: &[usize]) -> Self {
        Self::to(InterpolateTo::Size(size.to_vec()))
    }

    /// By this factor, by the entries before.
    pub fn scale(scale: &[f64]) -> Self {
        Self::to(InterpolateTo::Scale(scale.to_vec()))
    }

    fn to(to: InterpolateTo) -> Self {
        Self { to, mode: InterpolateMode::default(), align_corners: false }
    }
}

impl<T: Float> Var<T> {
    /// `[N, C, ..]` with one to three dimensions after the channels in another size (PyTorch's
    /// `functional.interpolate`).
    ///
    /// # Panics
    /// If the mode is for another number of dimensions, sizes are missing or 0, or the corners are to be aligned in a
    /// mode that does not.
    #[track_caller]
    pub fn interpolate(&self, options: &InterpolateOptions) -> Self {
        use InterpolateMode::{Area, Bicubic, Bilinear, Linear, Nearest, NearestExact, Trilinear};
        let (mode, rank) = (options.mode, self.shape().len());
        let ranks = match mode {
            Nearest | NearestExact | Area => 3..=5,
            Linear => 3..=3,
            Bilinear | Bicubic => 4..=4,
            Trilinear => 5..=5,
        };
        assert!(
            ranks.contains(&rank),
            "interpolate: mode {mode:?} is for {} to {} dimensions, not for input {:?}",
            ranks.start(),
            ranks.end(),
            self.shape()
        );
        assert!(
            !options.align_corners || matches!(mode, Linear | Bilinear | Trilinear | Bicubic),
            "interpolate: align_corners is for the linear and cubic modes, not for {mode:?}"
        );
        let (sizes, factors) = sizes(self.shape(), &options.to);
        let mut resized = self.clone();
        for (d, &output) in sizes.iter().enumerate() {
            let input = self.shape()[d + 2];
            let (factor, image) = (factors.as_ref().map(|f| f[d]), sizes.len() == 2);
            let axis = Axis { input, output, factor, aligned: options.align_corners, image };
            let is_same = input == output && factors.is_none();
            if !is_same {
                resized = resized.map_axis((d + 2) as isize, &axis.map(mode));
            }
        }
        resized
    }
}

/// The sizes of the output, and the factors where they say which places belong together.
#[track_caller]
fn sizes(shape: &[usize], to: &InterpolateTo) -> (Vec<usize>, Option<Vec<f64>>) {
    let input = &shape[2..];
    let check = |given: usize| {
        assert!(
            given == 1 || given == input.len(),
            "interpolate: {given} sizes for the {} last dimensions of input {shape:?}",
            input.len()
        );
    };
    let (sizes, factors) = match to {
        InterpolateTo::Size(sizes) => {
            check(sizes.len());
            ((0..input.len()).map(|d| sizes[d.min(sizes.len() - 1)]).collect(), None)
        }
        InterpolateTo::Scale(factors) | InterpolateTo::ScaleRecomputed(factors) => {
            check(factors.len());
            let factors: Vec<f64> = (0..input.len()).map(|d| factors[d.min(factors.len() - 1)]).collect();
            let sizes: Vec<usize> = input.iter().zip(&factors).map(|(&n, f)| (n as f64 * f).floor() as usize).collect();
            (sizes, matches!(to, InterpolateTo::Scale(_)).then_some(factors))
        }
    };
    assert!(
        !input.contains(&0) && !sizes.contains(&0),
        "interpolate: input {shape:?} and output {sizes:?} must not be empty"
    );
    (sizes, factors)
}

/// One dimension.
struct Axis {
    input: usize,
    output: usize,
    /// Output over input, where it is given.
    factor: Option<f64>,
    aligned: bool,
    /// Whether it is one of two.
    image: bool,
}

impl Axis {
    fn map(&self, mode: InterpolateMode) -> AxisMap {
        let (input, output) = (self.input, self.output);
        match mode {
            // PyTorch's short cuts, whatever the factor; the nearest entry has them in images alone.
            InterpolateMode::Linear | InterpolateMode::Bilinear | InterpolateMode::Trilinear if input == output => {
                AxisMap::new(input, output, |i| [(i, 1.0)])
            }
            InterpolateMode::Nearest if self.image && input == output => AxisMap::new(input, output, |i| [(i, 1.0)]),
            InterpolateMode::Nearest if self.image && 2 * input == output => {
                AxisMap::new(input, output, |i| [(i / 2, 1.0)])
            }
            InterpolateMode::Nearest => AxisMap::new(input, output, |i| [(self.nearest(i as f32), 1.0)]),
            InterpolateMode::NearestExact => AxisMap::new(input, output, |i| [(self.nearest(i as f32 + 0.5), 1.0)]),
            InterpolateMode::Area => AxisMap::new(input, output, |i| {
                let covered = adaptive(input, output, i);
                let weight = 1.0 / covered.len() as f64;
                covered.map(move |at| (at, weight))
            }),
            InterpolateMode::Bicubic => AxisMap::new(input, output, |i| self.cubic(i)),
            _ => AxisMap::new(input, output, |i| {
                let place = self.place(i).max(0.0);
                let before = (place as usize).min(input - 1);
                let share = (place - before as f64).clamp(0.0, 1.0);
                [(before, 1.0 - share), ((before + 1).min(input - 1), share)]
            }),
        }
    }

    /// The entry at a place of the output; in single precision, as PyTorch for all types.
    fn nearest(&self, place: f32) -> usize {
        let scale = self.factor.map_or(self.input as f32 / self.output as f32, |factor| (1.0 / factor) as f32);
        ((place * scale).floor() as usize).min(self.input - 1)
    }

    /// The place in the input of entry `i` of the output.
    fn place(&self, i: usize) -> f64 {
        let (input, output) = (self.input as f64, self.output as f64);
        if self.aligned {
            let last = output - 1.0;
            return if last > 0.0 { i as f64 * ((input - 1.0) / last) } else { 0.0 };
        }
        let scale = self.factor.map_or(input / output, |factor| 1.0 / factor);
        scale * (i as f64 + 0.5) - 0.5
    }

    /// The four neighbours; those beyond an edge are the entry on it.
    fn cubic(&self, i: usize) -> [(usize, f64); 4] {
        const A: f64 = -0.75;
        let last = self.input as isize - 1;
        let place = self.place(i);
        let before = (place.floor() as isize).min(last);
        let share = (place - before as f64).clamp(0.0, 1.0);
        let near = |t: f64| ((A + 2.0) * t - (A + 3.0)) * t * t + 1.0;
        let far = |t: f64| ((A * t - 5.0 * A) * t + 8.0 * A) * t - 4.0 * A;
        let weights = [far(share + 1.0), near(share), near(1.0 - share), far(2.0 - share)];
        std::array::from_fn(|k| ((before + k as isize - 1).clamp(0, last) as usize, weights[k]))
    }
}
