//! Images that are transformed when they are asked for.

use crate::dataset::{Batch, Dataset, Epoch};
use crate::error::DataError;
use crate::transforms::source::{ImageSource, batch};
use crate::transforms::{Image, Transform};

/// Images with a transform put upon them; made by [`ImageSource::transformed`].
///
/// What a transform draws depends on the seed, the epoch and the sample alone: not on workers, batches or order.
#[derive(Clone, Debug)]
pub struct Transformed<I, T> {
    source: I,
    transform: T,
    input_shape: [usize; 3],
    output_shape: [usize; 3],
}

impl<I: ImageSource, T: Transform> Transformed<I, T> {
    pub(super) fn new(source: I, transform: T) -> Result<Self, DataError> {
        let input_shape = source.image_shape();
        let output_shape = transform.output_shape(input_shape)?;
        Ok(Self { source, transform, input_shape, output_shape })
    }

    /// The shape `[C, H, W]` of every image as it comes out.
    pub fn image_shape(&self) -> [usize; 3] {
        self.output_shape
    }

    /// The images as they were.
    pub fn source(&self) -> &I {
        &self.source
    }
}

impl<I: ImageSource, T: Transform> Dataset for Transformed<I, T> {
    type Batch = Batch;

    fn len(&self) -> usize {
        self.source.len()
    }

    fn get_batch(&self, indices: &[usize], epoch: Epoch) -> Result<Batch, DataError> {
        let mut pixels = vec![0.0; self.input_shape.iter().product()];
        batch(&self.source, indices, self.output_shape, |index, out| {
            self.source.read_image(index, &mut pixels)?;
            let image = Image::new(&pixels, self.input_shape);
            self.transform.apply(image, out, &mut epoch.generator(index));
            Ok(())
        })
    }
}
