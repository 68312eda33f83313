//! Files that unpack to gigabytes, or claim to, take no memory for it. Alone in its program, which it measures.

mod fixtures;

use fixtures::{file, gzip, idx};
use gradus_data::{ArrayError, DataError, ImageError, ImageMode, read_image, read_images, read_npy};
use tempfile::tempdir;

#[test]
fn bombs_take_no_memory() {
    let folder = tempdir().unwrap();
    // 4 GiB of zeros: gzip members may follow each other, so one compressed MiB is enough, 4,096 times over.
    let zeros = gzip(&vec![0; 1 << 20]).repeat(4096);
    let declares_little = [gzip(&idx([0, 0, 8, 3], &[2, 2, 2], &[])), zeros.clone()].concat();
    let bomb = file(folder.path(), "bomb.gz", &declares_little);
    // Declares 8 GiB and breaks off at once: the declaration alone must cost nothing either.
    let boast = file(folder.path(), "boast.gz", &gzip(&idx([0, 0, 8, 3], &[8, 1 << 15, 1 << 15], &[1, 2, 3])));
    drop((zeros, declares_little));
    // Declares 8 GiB of floats.
    let header = "{'descr': '<f4', 'fortran_order': False, 'shape': (2147483648,), }";
    let array = [b"\x93NUMPY\x01\0", &(header.len() as u16).to_le_bytes()[..], header.as_bytes(), &[0; 4]].concat();
    let array = file(folder.path(), "array.npy", &array);
    // The largest image allowed, of which nothing is there but a few kilobytes that are no image data.
    let header = [b"IHDR", &4096u32.to_be_bytes()[..], &4096u32.to_be_bytes(), &[8, 6, 0, 0, 0]].concat();
    let data = [&b"IDAT"[..], &[0; 4096]].concat();
    let chunk = |chunk: &[u8]| {
        let mut crc = flate2::Crc::new();
        crc.update(chunk);
        [&(chunk.len() as u32 - 4).to_be_bytes()[..], chunk, &crc.sum().to_be_bytes()].concat()
    };
    let image = [&b"\x89PNG\r\n\x1a\n"[..], &chunk(&header), &chunk(&data), &chunk(b"IEND")].concat();
    let image = file(folder.path(), "image.png", &image);

    let before = peak_kib();
    assert!(matches!(read_images(bomb), Err(DataError::TrailingBytes { expected: 24, .. })));
    assert!(matches!(read_images(boast), Err(DataError::Truncated { found: 19, .. })));
    assert!(matches!(read_npy::<f32>(array), Err(DataError::Array(ArrayError::Length { found: 4, .. }))));
    let grown = peak_kib() - before;
    assert!(grown < 4 * 1024, "the peak of memory grew by {grown} KiB");
    let damaged = read_image(image, ImageMode::Rgb);
    assert!(matches!(damaged, Err(DataError::Image(ImageError::Damaged { .. }))), "{damaged:?}");
    let grown = peak_kib() - before;
    assert!(grown < 64 * 1024, "the peak of memory grew by {grown} KiB");
}

/// The most memory this process has held so far; 0 where the system does not tell.
fn peak_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}
