//! Images as cameras and files have them, as networks take them.

use gradus_tensor::Tensor;

/// Bytes `[H, W, C]` as numbers `[C, H, W]` in `0..=1` (torchvision's `ToTensor`).
///
/// ```
/// use gradus_data::to_tensor;
/// use gradus_tensor::Tensor;
///
/// let pixel = Tensor::from_vec(vec![255u8, 0, 51], [1, 1, 3]);
/// assert_eq!(to_tensor(&pixel).to_vec(), [1.0, 0.0, 0.2]);
/// assert_eq!(to_tensor(&pixel).shape(), [3, 1, 1]);
/// ```
///
/// # Panics
/// If the image has not three dimensions.
#[track_caller]
pub fn to_tensor(image: &Tensor<u8>) -> Tensor<f32> {
    let &[height, width, channels] = image.shape() else {
        panic!("to_tensor: an image has the shape [H, W, C], not {:?}", image.shape());
    };
    let image = image.contiguous();
    let mut out = Tensor::zeros([channels, height, width]);
    fill(image.as_slice().expect("made contiguous"), [channels, height, width], out.as_mut_slice());
    out
}

/// Writes bytes `[H, W, C]` into `out`, `[C, H, W]`; the shape has `out`'s order.
pub(crate) fn fill(pixels: &[u8], [channels, height, width]: [usize; 3], out: &mut [f32]) {
    for (channel, out) in out.chunks_exact_mut((height * width).max(1)).enumerate() {
        for (out, pixel) in out.iter_mut().zip(pixels.chunks_exact(channels)) {
            *out = f32::from(pixel[channel]) / 255.0;
        }
    }
}
