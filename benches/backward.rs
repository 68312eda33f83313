//! Backward kernels: gradients of one operation, the graph kept between passes.

use criterion::{Criterion, criterion_group, criterion_main};
use gradus_benches::BACKWARDS;

fn backward(c: &mut Criterion) {
    for workload in BACKWARDS {
        let mut work = (workload.prepare)();
        c.bench_function(&workload.id(), |b| b.iter(&mut work));
    }
}

criterion_group!(benches, backward);
criterion_main!(benches);
