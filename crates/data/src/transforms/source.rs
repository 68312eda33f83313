//! Datasets of images that transforms can be put upon.

use std::sync::Arc;

use gradus_tensor::Tensor;

use crate::dataset::subset::Subset;
use crate::dataset::{Batch, Dataset, check_indices};
use crate::error::DataError;
use crate::transforms::Transform;
use crate::transforms::mixed::{BatchTransform, Mixed};
use crate::transforms::transformed::Transformed;

/// A dataset of labelled images of one size: in memory ([`ImageDataset`](crate::ImageDataset)), in a folder
/// ([`ImageFolder`](crate::ImageFolder)), or a part of one.
pub trait ImageSource: Dataset<Batch = Batch> {
    /// The shape `[C, H, W]` of every image.
    fn image_shape(&self) -> [usize; 3];

    /// The label of sample `index`, which is below the dataset's length.
    fn label(&self, index: usize) -> i64;

    /// Writes image `index`, which is below the dataset's length, into `out`, which has as many numbers.
    ///
    /// # Errors
    /// If the image cannot be read.
    fn read_image(&self, index: usize, out: &mut [f32]) -> Result<(), DataError>;

    /// The same samples, their images transformed when they are asked for.
    ///
    /// ```
    /// use gradus_data::{Compose, Dataset, ImageDataset, ImageSource, Normalize, RandomCrop, RandomHorizontalFlip};
    /// use gradus_tensor::Tensor;
    ///
    /// let images = ImageDataset::new(Tensor::zeros([8, 3, 32, 32]), Tensor::zeros([8]), &[0.0; 3], &[1.0; 3])?;
    /// let augment = Compose::new()
    ///     .then(RandomCrop::new(32, 32).padding(4))
    ///     .then(RandomHorizontalFlip::new(0.5))
    ///     .then(Normalize::new(&[0.5; 3], &[0.25; 3]));
    /// let train = images.transformed(augment)?;
    /// assert_eq!((train.len(), train.image_shape()), (8, [3, 32, 32]));
    /// # Ok::<(), gradus_data::DataError>(())
    /// ```
    ///
    /// # Errors
    /// If the transform does not fit the images' shape.
    fn transformed<T: Transform>(self, transform: T) -> Result<Transformed<Self, T>, DataError>
    where
        Self: Sized,
    {
        Transformed::new(self, transform)
    }

    /// The same samples, each batch mixed within itself, with a distribution over the classes as targets.
    fn mixed<M: BatchTransform>(self, transform: M) -> Mixed<Self, M>
    where
        Self: Sized,
    {
        Mixed::new(self, transform)
    }
}

impl<I: ImageSource> ImageSource for Subset<I> {
    fn image_shape(&self) -> [usize; 3] {
        self.dataset().image_shape()
    }

    fn label(&self, index: usize) -> i64 {
        self.dataset().label(self.indices()[index])
    }

    fn read_image(&self, index: usize, out: &mut [f32]) -> Result<(), DataError> {
        self.dataset().read_image(self.indices()[index], out)
    }
}

macro_rules! forward_source {
    ($($pointer:ty),*) => {$(
        impl<I: ImageSource + ?Sized> ImageSource for $pointer {
            fn image_shape(&self) -> [usize; 3] {
                (**self).image_shape()
            }

            fn label(&self, index: usize) -> i64 {
                (**self).label(index)
            }

            fn read_image(&self, index: usize, out: &mut [f32]) -> Result<(), DataError> {
                (**self).read_image(index, out)
            }
        }
    )*};
}
forward_source!(&I, Box<I>, Arc<I>);

/// The samples `indices` of `source`; `write` writes the image of each, of `shape`.
pub(crate) fn batch(
    source: &(impl ImageSource + ?Sized),
    indices: &[usize],
    [channels, height, width]: [usize; 3],
    mut write: impl FnMut(usize, &mut [f32]) -> Result<(), DataError>,
) -> Result<Batch, DataError> {
    check_indices(indices, source.len())?;
    let mut inputs = Tensor::zeros([indices.len(), channels, height, width]);
    let images = inputs.as_mut_slice().chunks_exact_mut((channels * height * width).max(1));
    for (&index, image) in indices.iter().zip(images) {
        write(index, image)?;
    }
    let targets = indices.iter().map(|&index| source.label(index)).collect();
    Ok(Batch { inputs, targets: Tensor::from_vec(targets, [indices.len()]) })
}
