//! PNG images.

use std::io::Cursor;

use png::{DecodeOptions, Decoder, Limits, Transformations};

use crate::sources::image::{Budget, ImageError, Pixels};

/// The bytes that begin every PNG file.
pub(super) const MAGIC: &[u8] = b"\x89PNG\r\n\x1a\n";

/// Deflate gives at most 1,032 bytes for one, and a pixel has at least 1 bit.
const PIXELS_A_BYTE: usize = 1032 * 8;

/// What the decoder may take for itself: rows, palettes and texts.
const LIMIT: usize = 16 << 20;

pub(super) fn decode(file: &[u8], budget: &Budget<'_>) -> Result<Pixels, ImageError> {
    let mut options = DecodeOptions::default();
    // Nothing here reads them, and they may be compressed.
    options.set_ignore_text_chunk(true);
    options.set_ignore_iccp_chunk(true);
    let mut decoder = Decoder::new_with_options(Cursor::new(file), options);
    decoder.set_limits(Limits { bytes: LIMIT });
    decoder.set_transformations(Transformations::normalize_to_color8());
    let header = decoder.read_header_info().map_err(|cause| budget.damaged(cause))?;
    let (width, height) = (header.width as usize, header.height as usize);
    budget.check(width, height, PIXELS_A_BYTE)?;
    let mut reader = decoder.read_info().map_err(|cause| budget.damaged(cause))?;
    let channels = reader.output_color_type().0.samples();
    let size = reader.output_buffer_size().ok_or_else(|| budget.damaged("its size overflows"))?;
    let mut bytes = vec![0; size];
    reader.next_frame(&mut bytes).map_err(|cause| budget.damaged(cause))?;
    reader.finish().map_err(|cause| budget.damaged(cause))?;
    if bytes.len() != width * height * channels {
        return Err(budget.damaged("its first image is smaller than its header says"));
    }
    Ok(Pixels { height, width, channels, bytes })
}
