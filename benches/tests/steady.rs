//! A steady training step takes no tensor memory from the system and touches next to no fresh page, whatever is
//! trained.
#![cfg(unix)]

use gradus_benches::workloads;
use gradus_tensor::memory;
use nix::sys::resource::{UsageWho, getrusage};

/// Pages that this process has touched for the first time so far.
fn page_faults() -> i64 {
    getrusage(UsageWho::RUSAGE_SELF).expect("a process may ask for its own usage").minor_page_faults()
}

/// In one test, since both figures are of the whole process.
#[test]
fn steady_steps_take_no_memory_from_the_system() {
    let steps: Vec<_> = workloads().into_iter().filter(|workload| workload.group == "step").collect();
    assert!(!steps.is_empty());
    for workload in steps {
        let mut step = workload.prepare().round;
        (0..3).for_each(|_| step());
        let (mut allocated, mut faults) = (Vec::new(), Vec::new());
        for _ in 0..5 {
            let (pages, before) = (page_faults(), memory::usage());
            step();
            let after = memory::usage();
            assert!(after.reused > before.reused, "{}: the pool is in use", workload.id());
            allocated.push(after.allocated - before.allocated);
            faults.push(page_faults() - pages);
        }
        // Pieces take scratch memory, and how many run at once is chance: the first step in which all threads come at
        // the same time needs blocks that none before did. So the median counts. (2026-11-23, ResNet on two busy cores:
        // 7 blocks after its first step, the last of 40 that took one was the seventh; with one thread it was the
        // second.)
        assert_eq!(median(&allocated), 0, "{}: {allocated:?} times memory from the system", workload.id());
        // A page or two for small lists of the system's allocator; fresh tensor memory would be hundreds.
        assert!(median(&faults) <= 2, "{}: {faults:?} page faults in five steps", workload.id());
    }
}

fn median<T: Ord + Copy>(numbers: &[T]) -> T {
    let mut sorted = numbers.to_vec();
    sorted.sort_unstable();
    sorted[sorted.len() / 2]
}
