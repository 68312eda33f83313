//! Files and datasets that the tests are about.

use std::io::Write;
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;
use gradus_data::TensorDataset;
use gradus_tensor::Tensor;

/// An IDX file: its magic number, sizes and elements as they stand, whether they fit or not.
#[allow(dead_code, reason = "each test program uses some of these helpers")]
pub(crate) fn idx(magic: [u8; 4], sizes: &[u32], elements: &[u8]) -> Vec<u8> {
    let sizes = sizes.iter().flat_map(|size| size.to_be_bytes());
    magic.into_iter().chain(sizes).chain(elements.iter().copied()).collect()
}

/// `bytes` as a gzip member.
#[allow(dead_code, reason = "each test program uses some of these helpers")]
pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// A file of `bytes` in `folder`.
#[allow(dead_code, reason = "each test program uses some of these helpers")]
pub(crate) fn file(folder: &Path, name: &str, bytes: &[u8]) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, bytes).unwrap();
    path
}

/// `n` samples whose label is their index and whose input tells them apart.
#[allow(dead_code, reason = "each test program uses some of these helpers")]
pub(crate) fn numbers(n: usize) -> TensorDataset {
    TensorDataset::new(Tensor::from_fn([n, 2], |i| (i as f32).sin()), Tensor::arange(n)).unwrap()
}
