//! JPEG images.

use zune_jpeg::JpegDecoder;
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

use crate::sources::image::{Budget, ImageError, Pixels};

/// The bytes that begin every JPEG file.
pub(super) const MAGIC: &[u8] = b"\xff\xd8\xff";

/// A block of 8 x 8 pixels takes at least 1 bit.
const PIXELS_A_BYTE: usize = 64 * 8;

pub(super) fn decode(file: &[u8], budget: &Budget<'_>) -> Result<Pixels, ImageError> {
    // Sizes are 16 bits in the format; `budget` decides below.
    let options = DecoderOptions::new_safe()
        .set_max_width(1 << 16)
        .set_max_height(1 << 16)
        .jpeg_set_out_colorspace(ColorSpace::RGB);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(file), options);
    decoder.decode_headers().map_err(|cause| budget.damaged(cause))?;
    let Some((width, height)) = decoder.dimensions() else {
        return Err(budget.damaged("it has no size"));
    };
    budget.check(width, height, PIXELS_A_BYTE)?;
    // The decoder fills what is missing at the end with grey.
    if !is_whole(file) {
        return Err(budget.damaged("it has no end marker"));
    }
    let bytes = decoder.decode().map_err(|cause| budget.damaged(cause))?;
    let pixels = width * height;
    if pixels == 0 || bytes.len() % pixels != 0 || !(1..=4).contains(&(bytes.len() / pixels)) {
        return Err(budget.damaged("it has more or fewer pixels than its header says"));
    }
    Ok(Pixels { height, width, channels: bytes.len() / pixels, bytes })
}

/// Whether the end marker follows the last scan's start: within compressed data neither can stand.
fn is_whole(file: &[u8]) -> bool {
    let last = |marker: [u8; 2]| file.windows(2).rposition(|bytes| bytes == marker);
    last([0xff, 0xd9]).is_some_and(|end| last([0xff, 0xda]).is_some_and(|scan| scan < end))
}
