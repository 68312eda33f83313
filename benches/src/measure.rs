//! Timing of one workload, and the most memory that its process has held.

use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

/// Repetitions before the clock starts: caches, pools and threads are then as they stay.
const WARM_UP: usize = 5;

/// What one process has found out about one workload.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Timing {
    /// The median repetition.
    pub median_ms: f64,
    /// The fastest repetition.
    pub min_ms: f64,
    /// How many repetitions there were.
    pub n: usize,
    /// The most memory that the process has held, where the system tells.
    pub peak_rss_mib: Option<u64>,
}

/// Repeats `work` for `time`, five times at least.
pub fn measure(mut work: impl FnMut(), time: Duration) -> Timing {
    (0..WARM_UP).for_each(|_| work());
    let mut times = Vec::new();
    let start = Instant::now();
    while start.elapsed() < time || times.len() < 5 {
        let begun = Instant::now();
        work();
        times.push(begun.elapsed());
    }
    times.sort_unstable();
    let ms = |duration: Duration| duration.as_secs_f64() * 1e3;
    Timing { median_ms: ms(times[times.len() / 2]), min_ms: ms(times[0]), n: times.len(), peak_rss_mib: peak_rss_mib() }
}

/// Linux's mark for this program alone, as `pytorch_suite.py` reads it too: `getrusage` goes on from the process that
/// started this one.
fn peak_rss_mib() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()? / 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn at_least_five_repetitions_after_the_warm_up() {
        let mut calls = 0;
        let timing = measure(|| calls += 1, Duration::ZERO);
        assert_eq!((timing.n, calls), (5, 10));
        assert!(timing.min_ms <= timing.median_ms);
        assert!(timing.peak_rss_mib.is_none_or(|mib| mib > 0));
    }
}
