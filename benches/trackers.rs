//! What logging a number costs the training thread, with CSV and JSON lines behind it.

use std::time::{Duration, Instant};

use criterion::{Criterion, criterion_group, criterion_main};
use gradus_trainer::RunDir;
use gradus_trainer::trackers::Trackers;

/// Numbers between two flushes, which are not timed: fewer than the queue holds.
const BURST: u64 = 10_000;

fn log_metric(c: &mut Criterion) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let run = RunDir::create(&folder.path().join("run")).expect("a run's folder");
    let mut trackers = Trackers::create(&run).expect("metrics.csv and metrics.jsonl");
    c.bench_function("trackers/log_metric", |b| {
        b.iter_custom(|count| {
            let mut timed = Duration::ZERO;
            for first in (0..count).step_by(BURST as usize) {
                let start = Instant::now();
                for step in first..count.min(first + BURST) {
                    trackers.log_metric("train_batch_loss", 0.5, step).expect("a name that can be");
                }
                timed += start.elapsed();
                trackers.flush().expect("the disk keeps up");
            }
            timed
        });
    });
    assert!(trackers.messages().is_empty(), "nothing was dropped");
}

criterion_group! {
    name = benches;
    config = Criterion::default().warm_up_time(Duration::from_millis(500)).measurement_time(Duration::from_secs(2));
    targets = log_metric
}
criterion_main!(benches);
