//! Images in files: PNG and JPEG, told apart by their first bytes.

mod error;
pub(crate) mod folder;
mod jpeg;
mod png;

use std::fs;
use std::path::Path;

pub use error::ImageError;
use gradus_tensor::Tensor;
use serde::{Deserialize, Serialize};

use crate::error::DataError;

/// Images have at most this many pixels unless more are allowed: 16,777,216.
const MAX_PIXELS: usize = 1 << 24;

/// Which channels are read, whatever a file holds (torchvision's `ImageReadMode`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ImageMode {
    /// One channel, `0.299 R + 0.587 G + 0.114 B` of coloured images in Pillow's integer arithmetic.
    Gray,
    /// Red, green and blue; all three alike for grey images.
    #[default]
    Rgb,
}

impl ImageMode {
    /// The number of channels `C`.
    pub fn channels(self) -> usize {
        match self {
            Self::Gray => 1,
            Self::Rgb => 3,
        }
    }
}

/// Reads a PNG or JPEG image as bytes `[C, H, W]` (torchvision's `read_image`).
///
/// Transparency is left out, palettes are resolved, 16-bit channels keep their upper 8 bits; of an animation the first
/// image is read.
///
/// ```no_run
/// use gradus_data::{ImageMode, read_image};
///
/// let image = read_image("cat.jpg", ImageMode::Rgb)?;
/// assert_eq!(image.size(0), 3);
/// # Ok::<(), gradus_data::DataError>(())
/// ```
///
/// # Errors
/// If the file cannot be read, is neither PNG nor JPEG, is damaged or cut off, has more than 16,777,216 pixels, or
/// claims more than its bytes can hold.
pub fn read_image(path: impl AsRef<Path>, mode: ImageMode) -> Result<Tensor<u8>, DataError> {
    let pixels = Pixels::read(path.as_ref(), mode, MAX_PIXELS)?;
    let shape = [pixels.height, pixels.width, pixels.channels];
    Ok(Tensor::from_vec(pixels.bytes, shape).permute(&[2, 0, 1]).contiguous())
}

/// A decoded image, its channels side by side: `[H, W, C]`.
struct Pixels {
    height: usize,
    width: usize,
    channels: usize,
    bytes: Vec<u8>,
}

impl Pixels {
    /// Reads and decodes a file.
    fn read(path: &Path, mode: ImageMode, max_pixels: usize) -> Result<Self, DataError> {
        let file = fs::read(path).map_err(|cause| DataError::Open { path: path.to_path_buf(), cause })?;
        Ok(Self::decode(path, &file, mode, max_pixels)?)
    }

    fn decode(path: &Path, file: &[u8], mode: ImageMode, max_pixels: usize) -> Result<Self, ImageError> {
        let budget = Budget { path, bytes: file.len(), max_pixels };
        let decoded = if file.starts_with(png::MAGIC) {
            png::decode(file, &budget)?
        } else if file.starts_with(jpeg::MAGIC) {
            jpeg::decode(file, &budget)?
        } else {
            return Err(ImageError::Format { path: path.to_path_buf() });
        };
        Ok(decoded.in_mode(mode))
    }

    /// The same image in the channels of `mode`; alpha, the second or fourth channel, is left out.
    fn in_mode(self, mode: ImageMode) -> Self {
        let channels = mode.channels();
        if self.channels == channels {
            return self;
        }
        let pixels = self.bytes.chunks_exact(self.channels);
        let bytes = match (mode, self.channels) {
            (ImageMode::Gray, 1 | 2) => pixels.map(|pixel| pixel[0]).collect(),
            (ImageMode::Gray, _) => pixels.map(|pixel| luma(pixel[0], pixel[1], pixel[2])).collect(),
            (ImageMode::Rgb, 1 | 2) => pixels.flat_map(|pixel| [pixel[0]; 3]).collect(),
            (ImageMode::Rgb, _) => pixels.flat_map(|pixel| [pixel[0], pixel[1], pixel[2]]).collect(),
        };
        Self { channels, bytes, ..self }
    }
}

/// ITU-R 601-2 in 16 bits after the point, as Pillow's `convert("L")`.
fn luma(red: u8, green: u8, blue: u8) -> u8 {
    let sum = u32::from(red) * 19595 + u32::from(green) * 38470 + u32::from(blue) * 7471 + 0x8000;
    (sum >> 16) as u8
}

/// What an image may claim.
struct Budget<'a> {
    path: &'a Path,
    /// The file's length.
    bytes: usize,
    max_pixels: usize,
}

impl Budget<'_> {
    /// Errors where an image of this size is too large, or its format cannot hold more than `pixels_a_byte`.
    fn check(&self, width: usize, height: usize, pixels_a_byte: usize) -> Result<(), ImageError> {
        let pixels = width.saturating_mul(height);
        let path = || self.path.to_path_buf();
        if pixels > self.max_pixels {
            return Err(ImageError::Pixels { path: path(), width, height, limit: self.max_pixels });
        }
        if pixels > self.bytes.saturating_mul(pixels_a_byte) {
            return Err(ImageError::Bomb { path: path(), width, height, bytes: self.bytes });
        }
        Ok(())
    }

    fn damaged(&self, cause: impl std::fmt::Display) -> ImageError {
        // What decoders say may hold words of the file, a line's end among them.
        let cause = cause.to_string().chars().take(120).collect::<String>().escape_debug().to_string();
        ImageError::Damaged { path: self.path.to_path_buf(), cause }
    }
}
