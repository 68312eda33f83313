//! Datasets, file formats, samplers and the batch loader of Gradus.
//!
//! A [`Dataset`] gives whole batches by index, a [`DataLoader`] decides which indices and in which order, and the
//! sources ([`Mnist`], [`digits()`], [`read_images`]) turn files into datasets. The order of an epoch is a function of
//! the seed and the epoch's number alone, and the loader's position is a value that can be saved and set in the middle
//! of an epoch. Whatever comes from a file is checked and arrives as a [`DataError`] that names the file, the place and
//! the cure.
//!
//! ```
//! use gradus_data::{DataLoader, digits, random_split};
//!
//! let [train, validation] = random_split(digits()?, [0.8, 0.2], 0)?;
//! let train_loader = DataLoader::builder(train).batch_size(64).shuffle(true).seed(0).build()?;
//! let validation_loader = DataLoader::builder(validation).batch_size(64).build()?;
//! assert_eq!((train_loader.len(), validation_loader.len()), (23, 6));
//!
//! for batch in &train_loader {
//!     let batch = batch?;
//!     assert_eq!(batch.inputs.shape(), [batch.len(), 64]);
//! }
//! # Ok::<(), gradus_data::DataError>(())
//! ```

#![forbid(unsafe_code)]

mod dataset;
mod error;
mod loader;
mod samplers;
mod sources;
mod streams;
mod tokens;
mod transforms;

pub use dataset::concat::Concatenated;
pub use dataset::folds::{Fold, k_fold, stratified_split};
pub use dataset::image::ImageDataset;
pub use dataset::regression::{RegressionBatch, RegressionDataset};
pub use dataset::split::random_split;
pub use dataset::subset::Subset;
pub use dataset::tensor::TensorDataset;
pub use dataset::windows::{TokenBatch, TokenWindows};
pub use dataset::zip::Zipped;
pub use dataset::{Batch, Dataset, Epoch};
pub use error::DataError;
pub use loader::state::LoaderState;
pub use loader::{Batches, DataLoader, DataLoaderBuilder};
pub use samplers::Sampler;
pub use sources::cifar::{Cifar10, Cifar100};
pub use sources::digits::digits;
pub use sources::idx::{read_images, read_labels};
pub use sources::image::folder::{ImageFolder, ImageFolderOptions};
pub use sources::image::{ImageError, ImageMode, read_image};
pub use sources::mnist::Mnist;
pub use sources::npy::npz::{NpzReader, NpzWriter};
pub use sources::npy::{ArrayElement, ArrayError, read_npy, read_npy_as, write_npy};
pub use sources::table::csv::{CsvOptions, read_csv};
pub use sources::table::encoder::{CategoryEncoding, Encoded, EncoderOptions, TableEncoder, UnknownCategory};
pub use sources::table::error::{Row, TableError};
pub use sources::table::target::Target;
pub use sources::table::{Column, ColumnKind, Table};
pub use sources::text::read_text;
pub use tokens::bpe::Bpe;
pub use tokens::bytes::ByteTokens;
pub use tokens::chars::CharVocabulary;
pub use transforms::center_crop::CenterCrop;
pub use transforms::color_jitter::ColorJitter;
pub use transforms::compose::Compose;
pub use transforms::cut_mix::CutMix;
pub use transforms::cutout::Cutout;
pub use transforms::flip::{RandomHorizontalFlip, RandomVerticalFlip};
pub use transforms::mix_up::MixUp;
pub use transforms::mixed::{BatchTransform, Mixed, SoftBatch};
pub use transforms::normalize::Normalize;
pub use transforms::one_hot::one_hot;
pub use transforms::random_affine::RandomAffine;
pub use transforms::random_crop::RandomCrop;
pub use transforms::random_erasing::RandomErasing;
pub use transforms::random_rotation::RandomRotation;
pub use transforms::resize::Resize;
pub use transforms::source::ImageSource;
pub use transforms::to_tensor::to_tensor;
pub use transforms::transformed::Transformed;
pub use transforms::{Image, Transform};

/// The Rust examples of docs/data.md, as doctests.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/data.md")]
struct DataGuide;
