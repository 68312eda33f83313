//! How a time is taken.

use std::time::{Duration, Instant};

/// Rounds before the first that counts.
const WARM_UP: usize = 5;

/// The fewest rounds that count.
const FEWEST: usize = 5;

/// The times of a repeated piece of work.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Timing {
    /// The middle one.
    pub median: Duration,
    /// The shortest.
    pub min: Duration,
    /// How many there are.
    pub n: usize,
}

/// Repeats `work` for `seconds` after a warm-up, and at least five times.
pub fn measure(seconds: f64, mut work: impl FnMut()) -> Timing {
    for _ in 0..WARM_UP {
        work();
    }
    let mut times = Vec::new();
    let start = Instant::now();
    while start.elapsed().as_secs_f64() < seconds || times.len() < FEWEST {
        let begun = Instant::now();
        work();
        times.push(begun.elapsed());
    }
    times.sort();
    Timing { median: times[times.len() / 2], min: times[0], n: times.len() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_rounds_at_least_count_after_the_warm_up() {
        let mut rounds = 0;
        let timing = measure(0.0, || rounds += 1);
        assert_eq!((timing.n, rounds), (FEWEST, WARM_UP + FEWEST));
        assert!(timing.min <= timing.median);
    }
}
