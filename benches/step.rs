//! Criterion over the training steps and optimizer steps of `gradus_benches::workloads`.

use criterion::{Criterion, criterion_group, criterion_main};
use gradus_benches::workloads;

fn steps(c: &mut Criterion) {
    for workload in workloads().iter().filter(|workload| ["step", "optimizer"].contains(&workload.group)) {
        // Made inside, so that a workload left out by the filter takes no time and no memory.
        c.bench_function(&workload.id(), |b| b.iter(workload.prepare().round));
    }
}

criterion_group!(benches, steps);
criterion_main!(benches);
