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
        let faults: Vec<i64> = (0..5)
            .map(|_| {
                let (faults, before) = (page_faults(), memory::usage());
                step();
                let after = memory::usage();
                assert_eq!(after.allocated, before.allocated, "{}: tensor memory from the system", workload.id());
                assert!(after.reused > before.reused, "{}: the pool is in use", workload.id());
                page_faults() - faults
            })
            .collect();
        // A page or two for small lists of the system's allocator; fresh tensor memory would be hundreds.
        let mut sorted = faults.clone();
        sorted.sort_unstable();
        assert!(sorted[2] <= 2, "{}: {faults:?} page faults in five steps", workload.id());
    }
}
