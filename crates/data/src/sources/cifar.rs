//! CIFAR-10 and CIFAR-100 from their binary files.
//!
//! A record is its labels, one byte each (CIFAR-100: superclass, class), then 32 x 32 bytes of red, of green and of
//! blue (A. Krizhevsky, "Learning Multiple Layers of Features from Tiny Images", 2009).

use std::path::Path;

use gradus_tensor::Tensor;

use crate::dataset::image::ImageDataset;
use crate::error::DataError;
use crate::sources::bounded::BoundedReader;
use crate::sources::parts::{check_folder, find};

/// Channels, rows and columns of an image.
const SHAPE: [usize; 3] = [3, 32, 32];

/// The bytes of an image.
const PIXELS: usize = 3 * 32 * 32;

/// Records of a file that holds a fifth of CIFAR-10's training part, or its test part.
const PART: usize = 10_000;

/// The cure for missing files.
const CURE: &str = "get the binary version from https://www.cs.toronto.edu/~kriz/cifar.html and give its folder";

/// Photographs of 10 classes, 32 x 32 pixels: 50,000 for training, 10,000 for testing.
///
/// Inputs are `[B, 3, 32, 32]`, normalised with mean and standard deviation of the training pixels; targets are `[B]`,
/// from 0 to 9 in the order of [`CLASSES`](Self::CLASSES).
#[derive(Clone, Debug)]
pub struct Cifar10 {
    /// The samples to train on.
    pub train: ImageDataset,
    /// The samples to test on.
    pub test: ImageDataset,
}

impl Cifar10 {
    /// The classes' names; a label is a place here.
    pub const CLASSES: [&str; 10] =
        ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"];
    /// The mean of the training pixels of each channel, in `0..=1`.
    pub const MEAN: [f32; 3] = [0.4914, 0.4822, 0.4465];
    /// The standard deviation of the training pixels of each channel.
    pub const STD: [f32; 3] = [0.2470, 0.2435, 0.2616];

    /// Reads `data_batch_1.bin` to `data_batch_5.bin` and `test_batch.bin` from a folder (`cifar-10-batches-bin` of the
    /// binary version), each plain or gzip.
    ///
    /// ```no_run
    /// let cifar = gradus_data::Cifar10::load("data/cifar-10-batches-bin")?;
    /// assert_eq!(cifar.train.images().shape(), [50_000, 3, 32, 32]);
    /// # Ok::<(), gradus_data::DataError>(())
    /// ```
    ///
    /// # Errors
    /// If the folder or a file is missing, a file has not 10,000 records, or a label is not below 10.
    pub fn load(folder: impl AsRef<Path>) -> Result<Self, DataError> {
        let train =
            ["data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin", "data_batch_4.bin", "data_batch_5.bin"];
        let read = |files: &[&'static str]| {
            let files: Vec<_> = files.iter().map(|&name| (name, PART)).collect();
            load(folder.as_ref(), &files, &[10], &Self::MEAN, &Self::STD)
        };
        Ok(Self { train: read(&train)?, test: read(&["test_batch.bin"])? })
    }
}

/// Photographs of 100 classes, 32 x 32 pixels: 50,000 for training, 10,000 for testing.
///
/// Inputs are `[B, 3, 32, 32]`, normalised with mean and standard deviation of the training pixels; targets are `[B]`,
/// from 0 to 99, the fine labels.
#[derive(Clone, Debug)]
pub struct Cifar100 {
    /// The samples to train on.
    pub train: ImageDataset,
    /// The samples to test on.
    pub test: ImageDataset,
}

impl Cifar100 {
    /// The mean of the training pixels of each channel, in `0..=1`.
    pub const MEAN: [f32; 3] = [0.5071, 0.4865, 0.4409];
    /// The standard deviation of the training pixels of each channel.
    pub const STD: [f32; 3] = [0.2673, 0.2564, 0.2762];

    /// Reads `train.bin` and `test.bin` from a folder (`cifar-100-binary` of the binary version), each plain or gzip.
    ///
    /// # Errors
    /// If the folder or a file is missing, a file has not 50,000 or 10,000 records, or a label is not below 100.
    pub fn load(folder: impl AsRef<Path>) -> Result<Self, DataError> {
        let read = |name, records| {
            // 20 superclasses, 100 classes.
            load(folder.as_ref(), &[(name, records)], &[20, 100], &Self::MEAN, &Self::STD)
        };
        Ok(Self { train: read("train.bin", 5 * PART)?, test: read("test.bin", PART)? })
    }
}

/// The records of `files`, each with its number; a record begins with a label below each of `classes`, the last of
/// which counts.
fn load(
    folder: &Path,
    files: &[(&'static str, usize)],
    classes: &[u8],
    mean: &[f32],
    std: &[f32],
) -> Result<ImageDataset, DataError> {
    check_folder(folder, CURE)?;
    let (mut images, mut labels) = (Vec::new(), Vec::new());
    for &(name, records) in files {
        let path = find(folder, name, CURE)?;
        let mut file = BoundedReader::open(&path)?;
        let bytes = file.take((records * (classes.len() + PIXELS)) as u64)?;
        file.end()?;
        for (row, record) in bytes.chunks_exact(classes.len() + PIXELS).enumerate() {
            let (own, pixels) = record.split_at(classes.len());
            if let Some((&label, &classes)) = own.iter().zip(classes).find(|(label, classes)| label >= classes) {
                let (label, classes) = (i64::from(label), i64::from(classes));
                return Err(DataError::Label { path, row, label, classes });
            }
            images.extend_from_slice(pixels);
            labels.push(i64::from(own[classes.len() - 1]));
        }
    }
    let n = labels.len();
    let [channels, rows, columns] = SHAPE;
    let images = Tensor::from_vec(images, [n, channels, rows, columns]);
    ImageDataset::new(images, Tensor::from_vec(labels, [n]), mean, std)
}
