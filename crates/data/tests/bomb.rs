//! A file that unpacks to gigabytes takes no more memory than it declares. Alone in its program, which it measures.

mod fixtures;

use fixtures::{file, gzip, idx};
use gradus_data::{DataError, read_images};
use tempfile::tempdir;

#[test]
fn a_gzip_bomb_takes_no_memory() {
    let folder = tempdir().unwrap();
    // 4 GiB of zeros: gzip members may follow each other, so one compressed MiB is enough, 4,096 times over.
    let zeros = gzip(&vec![0; 1 << 20]).repeat(4096);
    let declares_little = [gzip(&idx([0, 0, 8, 3], &[2, 2, 2], &[])), zeros.clone()].concat();
    let bomb = file(folder.path(), "bomb.gz", &declares_little);
    // Declares 8 GiB and breaks off at once: the declaration alone must cost nothing either.
    let boast = file(folder.path(), "boast.gz", &gzip(&idx([0, 0, 8, 3], &[8, 1 << 15, 1 << 15], &[1, 2, 3])));
    drop((zeros, declares_little));

    let before = peak_kib();
    assert!(matches!(read_images(bomb), Err(DataError::TrailingBytes { expected: 24, .. })));
    assert!(matches!(read_images(boast), Err(DataError::Truncated { found: 19, .. })));
    let grown = peak_kib() - before;
    assert!(grown < 4 * 1024, "the peak of memory grew by {grown} KiB");
}

/// The most memory this process has held so far; 0 where the system does not tell.
fn peak_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}
