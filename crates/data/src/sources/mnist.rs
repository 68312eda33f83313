//! MNIST and the datasets that come in its four files (Fashion-MNIST, KMNIST).

use std::path::{Path, PathBuf};

use gradus_tensor::Tensor;

use crate::dataset::image::ImageDataset;
use crate::error::DataError;
use crate::sources::idx::{read_images, read_labels};
use crate::sources::parts::{check_folder, find};

const CLASSES: i64 = 10;
const ROWS: usize = 28;
const COLUMNS: usize = 28;

const CURE: &str = "download the four files train-images-idx3-ubyte.gz, train-labels-idx1-ubyte.gz, \
                    t10k-images-idx3-ubyte.gz and t10k-labels-idx1-ubyte.gz from \
                    https://ossci-datasets.s3.amazonaws.com/mnist/ into one folder and give its path";

/// Handwritten digits: 60,000 images for training, 10,000 for testing (Y. LeCun, C. Cortes, C. Burges).
///
/// Inputs are `[B, 1, 28, 28]`, normalised with the mean and standard deviation of the training pixels, as PyTorch's
/// examples do; targets are `[B]`, from 0 to 9.
#[derive(Clone, Debug)]
pub struct Mnist {
    /// The samples to train on.
    pub train: ImageDataset,
    /// The samples to test on.
    pub test: ImageDataset,
}

impl Mnist {
    /// The mean of the training pixels, in `0..=1`.
    pub const MEAN: f32 = 0.1307;
    /// The standard deviation of the training pixels.
    pub const STD: f32 = 0.3081;

    /// Reads the four files from a folder: `train-images-idx3-ubyte`, `train-labels-idx1-ubyte`,
    /// `t10k-images-idx3-ubyte` and `t10k-labels-idx1-ubyte`, each with or without `.gz` (without where both are
    /// there).
    ///
    /// ```no_run
    /// use gradus_data::{DataLoader, Mnist};
    ///
    /// let mnist = Mnist::load("data/mnist")?;
    /// let train_loader = DataLoader::builder(mnist.train).batch_size(64).shuffle(true).build()?;
    /// let test_loader = DataLoader::builder(mnist.test).batch_size(1000).build()?;
    /// # Ok::<(), gradus_data::DataError>(())
    /// ```
    ///
    /// # Errors
    /// If the folder or a file is missing, a file is damaged (see [`read_images`]), images are not 28 x 28, images and
    /// labels differ in number, or a label is not below 10.
    pub fn load(folder: impl AsRef<Path>) -> Result<Self, DataError> {
        let folder = folder.as_ref();
        check_folder(folder, CURE)?;
        // All four are looked for before the first is read: what is missing is said at once.
        let find = |name| find(folder, name, CURE);
        let train = (find("train-images-idx3-ubyte")?, find("train-labels-idx1-ubyte")?);
        let test = (find("t10k-images-idx3-ubyte")?, find("t10k-labels-idx1-ubyte")?);
        Ok(Self { train: load_part(train.0, train.1)?, test: load_part(test.0, test.1)? })
    }
}

fn load_part(images_path: PathBuf, labels_path: PathBuf) -> Result<ImageDataset, DataError> {
    let images = read_images(&images_path)?;
    let labels = read_labels(&labels_path)?;
    let (n, rows, columns) = (images.size(0), images.size(1), images.size(2));
    if (rows, columns) != (ROWS, COLUMNS) {
        let (expected_rows, expected_columns) = (ROWS, COLUMNS);
        return Err(DataError::ImageSize { path: images_path, rows, columns, expected_rows, expected_columns });
    }
    if n != labels.numel() {
        return Err(DataError::FileCounts { images_path, images: n, labels_path, labels: labels.numel() });
    }
    check_labels(labels_path, &labels)?;
    ImageDataset::new(images.unsqueeze(1), labels, &[Mnist::MEAN], &[Mnist::STD])
}

fn check_labels(path: PathBuf, labels: &Tensor<i64>) -> Result<(), DataError> {
    match labels.to_vec().into_iter().enumerate().find(|(_, label)| !(0..CLASSES).contains(label)) {
        Some((row, label)) => Err(DataError::Label { path, row, label, classes: CLASSES }),
        None => Ok(()),
    }
}
