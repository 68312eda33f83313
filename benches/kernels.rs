//! Criterion over the kernels of `gradus_benches::kernels`: forward and backward, by family.

use criterion::{Criterion, criterion_group, criterion_main};
use gradus_benches::kernels;

fn all(c: &mut Criterion) {
    for kernel in kernels() {
        // Made inside, so that a kernel left out by the filter takes no time and no memory.
        c.bench_function(&kernel.id(), |b| b.iter(kernel.prepare()));
    }
}

criterion_group!(benches, all);
criterion_main!(benches);
