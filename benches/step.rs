//! Steps: the optimizer's alone, and whole training steps.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use gradus_benches::{OPTIMIZERS, STEPS};

fn optimizer_steps(c: &mut Criterion) {
    let mut group = c.benchmark_group("optimizer");
    for workload in OPTIMIZERS {
        group.throughput(Throughput::Bytes(workload.bytes.expect("an optimizer step is bound by memory")));
        let mut work = (workload.prepare)();
        group.bench_function(workload.name, |b| b.iter(&mut work));
    }
}

fn training_steps(c: &mut Criterion) {
    for workload in STEPS {
        let mut work = (workload.prepare)();
        c.bench_function(&workload.id(), |b| b.iter(&mut work));
    }
}

criterion_group!(benches, optimizer_steps, training_steps);
criterion_main!(benches);
