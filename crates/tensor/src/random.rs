//! Random numbers from a counter: draw `i` of a stream is a function of (seed, stream, i) alone.
//!
//! So the numbers depend neither on threads nor on the order in which streams are read, and a stream's whole state is
//! three integers that can be saved and set. The function is Philox4x32-10 (Salmon et al., "Parallel random numbers: as
//! easy as 1, 2, 3", SC 2011).

use std::cell::RefCell;
use std::f64::consts::TAU;

use serde::{Deserialize, Serialize};

use crate::element::Float;
use crate::kernels::dropout::Drop;
use crate::kernels::philox::Philox;
use crate::tensor::Tensor;

/// A stream of random numbers, and how far it has been read.
///
/// ```
/// use gradus_tensor::random::Generator;
///
/// let mut a = Generator::new(7, 0);
/// let first: Vec<u32> = (0..3).map(|_| a.next_u32()).collect();
/// let mut b = Generator::new(7, 0);
/// b.skip(2);
/// assert_eq!(b.next_u32(), first[2]);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Generator {
    seed: u64,
    stream: u64,
    position: u64,
}

impl Generator {
    /// Stream `stream` of `seed`, at its start. Streams of one seed are independent of each other.
    pub fn new(seed: u64, stream: u64) -> Self {
        Self { seed, stream, position: 0 }
    }

    /// Passes over `draws` numbers, in constant time.
    pub fn skip(&mut self, draws: u64) {
        self.position = self.position.wrapping_add(draws);
    }

    /// The next 32 random bits.
    pub fn next_u32(&mut self) -> u32 {
        let draw = self.philox().draw(self.position);
        self.skip(1);
        draw
    }

    /// The next number uniform in `[0, 1)`, a multiple of 2^-24; one draw.
    pub fn next_unit(&mut self) -> f64 {
        unit(self.next_u32())
    }

    /// A number in `0..n`, every one equally likely.
    ///
    /// # Panics
    /// If `n` is 0.
    #[track_caller]
    pub fn below(&mut self, n: u64) -> u64 {
        assert!(n > 0, "below: there is no number below 0");
        // Draws in the incomplete last copy of 0..n would favour small numbers; they are drawn again.
        let limit = u64::MAX - u64::MAX % n;
        loop {
            let draw = (u64::from(self.next_u32()) << 32) | u64::from(self.next_u32());
            if draw < limit {
                return draw % n;
            }
        }
    }

    /// `0..n` in random order (Fisher-Yates).
    pub fn permutation(&mut self, n: usize) -> Vec<usize> {
        let mut order: Vec<usize> = (0..n).collect();
        for i in (1..n).rev() {
            order.swap(i, self.below(i as u64 + 1) as usize);
        }
        order
    }

    /// `shape` filled with numbers uniform in `[low, high)`.
    #[track_caller]
    pub fn uniform<T: Float>(&mut self, shape: impl AsRef<[usize]>, low: f64, high: f64) -> Tensor<T> {
        self.fill(shape.as_ref(), 1, |draws| low + (high - low) * unit(draws[0]))
    }

    /// `shape` filled with numbers from the normal distribution (Box-Muller, two draws a number).
    #[track_caller]
    pub fn normal<T: Float>(&mut self, shape: impl AsRef<[usize]>, mean: f64, std: f64) -> Tensor<T> {
        self.fill(shape.as_ref(), 2, |draws| {
            let radius = (-2.0 * (1.0 - unit(draws[0])).ln()).sqrt();
            mean + std * radius * (TAU * unit(draws[1])).cos()
        })
    }

    /// `shape` filled with `value` where a draw falls below `probability`, else 0.
    #[track_caller]
    pub fn bernoulli<T: Float>(&mut self, shape: impl AsRef<[usize]>, probability: f64, value: T) -> Tensor<T> {
        self.fill(shape.as_ref(), 1, |draws| if unit(draws[0]) < probability { value.as_() } else { 0.0 })
    }

    /// Element `i` is `f` of draws `i * per_element ..`.
    #[track_caller]
    fn fill<T: Float>(&mut self, shape: &[usize], per_element: u64, f: impl Fn(&[u32]) -> f64 + Sync) -> Tensor<T> {
        let tensor = Tensor::build(shape, |out| {
            crate::parallel::for_each_piece(out, crate::parallel::GRAIN / 4, |start, piece| {
                // As many elements at a time as keep their draws in the first cache.
                let mut draws = [0; 1024];
                let per_element = per_element as usize;
                let mut place = self.position.wrapping_add((start * per_element) as u64);
                for piece in piece.chunks_mut(draws.len() / per_element) {
                    let draws = &mut draws[..piece.len() * per_element];
                    self.philox().fill(place, draws);
                    place = place.wrapping_add(draws.len() as u64);
                    for (x, draws) in piece.iter_mut().zip(draws.chunks(per_element)) {
                        *x = T::from_f64(f(draws));
                    }
                }
            });
        });
        self.skip(tensor.numel() as u64 * per_element);
        tensor
    }

    /// How dropout draws from here on: elements are kept with `probability`.
    pub(crate) fn drop<T: Float>(&self, probability: f64, scale: T) -> Drop<T> {
        // An integer below 2^24 is below probability * 2^24 where it is below that rounded up.
        let threshold = (probability * f64::from(1u32 << 24)).ceil() as u32;
        Drop { philox: self.philox(), first: self.position, threshold, scale }
    }

    fn philox(&self) -> Philox {
        Philox { seed: self.seed, stream: self.stream }
    }
}

/// What the numbers of this thread's default streams are for. Each purpose has a stream of its own, so that a model
/// with one more layer still sees the same dropout masks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Initial parameters.
    Init,
    /// Dropout masks.
    Dropout,
}

/// The state of a thread's default streams: a value to save and to set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RandomState {
    init: Generator,
    dropout: Generator,
}

impl RandomState {
    /// All streams of `seed`, at their start.
    pub fn from_seed(seed: u64) -> Self {
        Self { init: Generator::new(seed, 0), dropout: Generator::new(seed, 1) }
    }
}

thread_local! {
    static DEFAULT: RefCell<RandomState> = RefCell::new(RandomState::from_seed(0));
}

/// Starts this thread's default streams anew from `seed` (PyTorch's `torch.manual_seed`, for the calling thread).
///
/// Threads don't share streams: what one draws cannot change what another gets. Without this call the seed is 0.
pub fn manual_seed(seed: u64) {
    set_state(RandomState::from_seed(seed));
}

/// The state of this thread's default streams.
pub fn state() -> RandomState {
    DEFAULT.with_borrow(Clone::clone)
}

/// Puts this thread's default streams where `state` says.
pub fn set_state(state: RandomState) {
    DEFAULT.set(state);
}

/// Draws from this thread's default stream for `purpose`.
pub fn with_default<R>(purpose: Purpose, draw: impl FnOnce(&mut Generator) -> R) -> R {
    DEFAULT.with_borrow_mut(|state| {
        draw(match purpose {
            Purpose::Init => &mut state.init,
            Purpose::Dropout => &mut state.dropout,
        })
    })
}

/// 24 random bits as a number in `[0, 1)`, exact in `f32`.
fn unit(draw: u32) -> f64 {
    f64::from(draw >> 8) / f64::from(1u32 << 24)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tensor_draws_what_single_draws_give() {
        let mut one = Generator::new(3, 9);
        one.skip(2);
        let mut all = one.clone();
        let singles: Vec<f32> = (0..70_000).map(|_| unit(one.next_u32()) as f32).collect();
        assert_eq!(all.uniform::<f32>([70_000], 0.0, 1.0).to_vec(), singles);
        assert_eq!(all, one, "both have read as far");
    }

    #[test]
    fn distributions_have_their_moments() {
        let mut g = Generator::new(1, 0);
        let moments = |x: Tensor<f64>| {
            let (n, values) = (x.numel() as f64, x.to_vec());
            let mean = values.iter().sum::<f64>() / n;
            (mean, (values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / n).sqrt())
        };
        let (mean, std) = moments(g.normal([100_000], 1.0, 2.0));
        assert!((mean - 1.0).abs() < 0.03 && (std - 2.0).abs() < 0.03, "normal: {mean} {std}");
        let (mean, std) = moments(g.uniform([100_000], -1.0, 1.0));
        assert!(mean.abs() < 0.01 && (std - 3f64.sqrt().recip()).abs() < 0.01, "uniform: {mean} {std}");
        let (mean, _) = moments(g.bernoulli([100_000], 0.25, 4.0));
        assert!((mean - 1.0).abs() < 0.03, "bernoulli: {mean}");
    }

    #[test]
    fn permutations_hold_every_index_once_and_differ() {
        let mut g = Generator::new(0, 0);
        let (a, b) = (g.permutation(100), g.permutation(100));
        assert_ne!(a, b);
        let mut sorted = a;
        sorted.sort_unstable();
        assert_eq!(sorted, (0..100).collect::<Vec<_>>());
    }

    #[test]
    fn purposes_do_not_disturb_each_other_and_states_can_be_set() {
        manual_seed(5);
        let dropout = with_default(Purpose::Dropout, Generator::next_u32);
        manual_seed(5);
        with_default(Purpose::Init, |g| g.skip(1000));
        let saved = state();
        assert_eq!(with_default(Purpose::Dropout, Generator::next_u32), dropout);
        set_state(saved);
        assert_eq!(with_default(Purpose::Dropout, Generator::next_u32), dropout);
    }
}
