//! An image as trackers take it: a PNG file in memory.

use gradus_tensor::{Float, Tensor};
use png::{BitDepth, ColorType, Encoder};

/// An image: the bytes of a PNG file, and its size.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Image {
    width: u32,
    height: u32,
    png: Vec<u8>,
}

impl Image {
    /// The bytes of a PNG file; `None` where they do not begin as one does.
    pub fn from_png(png: Vec<u8>) -> Option<Self> {
        let header = png.get(..24).filter(|header| header.starts_with(b"\x89PNG\r\n\x1a\n"))?;
        let size = |at: usize| Some(u32::from_be_bytes(header.get(at..at + 4)?.try_into().ok()?));
        Some(Self { width: size(16)?, height: size(20)?, png })
    }

    /// A tensor `[C, H, W]` of values from 0 (black) to 1; `C` is 1 (grey), 3 (red, green, blue) or 4 (with opacity).
    /// Values outside are clamped, NaN is black.
    ///
    /// ```
    /// use gradus_tensor::Tensor;
    /// use gradus_trainer::trackers::Image;
    ///
    /// let image = Image::from_tensor(&Tensor::<f32>::zeros([3, 2, 5]));
    /// assert_eq!((image.height(), image.width()), (2, 5));
    /// ```
    ///
    /// # Panics
    /// If the tensor has another shape, or no pixel.
    #[track_caller]
    pub fn from_tensor<T: Float>(tensor: &Tensor<T>) -> Self {
        let shape = tensor.shape();
        let color = match shape {
            [1, ..] => ColorType::Grayscale,
            [3, ..] => ColorType::Rgb,
            [4, ..] => ColorType::Rgba,
            _ => panic!("Image::from_tensor: the shape must be [C, H, W] with C of 1, 3 or 4, got {shape:?}"),
        };
        let &[channels, height, width] = shape else {
            panic!("Image::from_tensor: the shape must be [C, H, W] with C of 1, 3 or 4, got {shape:?}")
        };
        let sizes = u32::try_from(height).ok().zip(u32::try_from(width).ok()).filter(|&(h, w)| h > 0 && w > 0);
        let Some((rows, columns)) = sizes else {
            panic!("Image::from_tensor: height and width must be at least 1, got {shape:?}")
        };
        let view = tensor.view();
        let mut bytes = Vec::with_capacity(channels * height * width);
        for y in 0..height {
            for x in 0..width {
                for c in 0..channels {
                    // A cast to u8 takes NaN to 0 and what is outside to the nearest.
                    bytes.push((view[[c, y, x]].as_() * 255.0).round() as u8);
                }
            }
        }
        let mut png = Vec::new();
        let mut encoder = Encoder::new(&mut png, columns, rows);
        encoder.set_color(color);
        encoder.set_depth(BitDepth::Eight);
        let written = encoder.write_header().and_then(|mut writer| writer.write_image_data(&bytes));
        written.expect("a vector takes any image whose bytes match its size");
        Self { width: columns, height: rows, png }
    }

    /// Pixels in a row.
    pub fn width(&self) -> u32 {
        self.width
    }

    /// Rows.
    pub fn height(&self) -> u32 {
        self.height
    }

    /// The bytes of a PNG file.
    pub fn png(&self) -> &[u8] {
        &self.png
    }
}
