//! IDX, the format of MNIST and its successors: a magic number, the dimensions, the elements.
//!
//! The four bytes of the magic number are 0, 0, the element type and the number of dimensions; each dimension is a
//! big-endian 32-bit number; the elements follow in row-major order. Letters: `N` samples, `R` rows, `C` columns.

use std::path::Path;

use gradus_tensor::Tensor;

use crate::error::DataError;
use crate::sources::bounded::BoundedReader;

/// The most bytes that a file may declare: above every published IDX dataset (the 8.1 million images of infinite MNIST
/// have 6.4e9), and what one damaged or hostile file can make this program hold.
const LIMIT: u64 = 8 << 30;

/// The element type's code for unsigned bytes.
const UNSIGNED_BYTES: u8 = 0x08;

/// Reads images `[N, R, C]` from an IDX file, plain or gzip (told from its content, not its name).
///
/// ```no_run
/// let images = gradus_data::read_images("mnist/train-images-idx3-ubyte.gz")?;
/// assert_eq!(images.shape(), [60_000, 28, 28]);
/// # Ok::<(), gradus_data::DataError>(())
/// ```
///
/// # Errors
/// If the file cannot be read, is not an IDX file of unsigned bytes with three dimensions, declares more than 8 GiB, or
/// is shorter or longer than it declares.
pub fn read_images(path: impl AsRef<Path>) -> Result<Tensor<u8>, DataError> {
    let ([n, rows, columns], bytes) = read(path.as_ref(), "images")?;
    Ok(Tensor::from_vec(bytes, [n, rows, columns]))
}

/// Reads labels `[N]` from an IDX file, plain or gzip (told from its content, not its name).
///
/// ```no_run
/// let labels = gradus_data::read_labels("mnist/train-labels-idx1-ubyte.gz")?;
/// assert_eq!(labels.shape(), [60_000]);
/// # Ok::<(), gradus_data::DataError>(())
/// ```
///
/// # Errors
/// As for [`read_images`], with one dimension.
pub fn read_labels(path: impl AsRef<Path>) -> Result<Tensor<i64>, DataError> {
    let ([n], bytes) = read(path.as_ref(), "labels")?;
    Ok(Tensor::from_vec(bytes, [n]).cast())
}

/// The sizes and the elements of a file that should hold `what`, unsigned bytes in `RANK` dimensions.
fn read<const RANK: usize>(path: &Path, what: &'static str) -> Result<([usize; RANK], Vec<u8>), DataError> {
    let mut file = BoundedReader::open(path)?;
    check_magic(path, &file.take(4)?, what, RANK as u8)?;
    let header = file.take(4 * RANK as u64)?;
    let (sizes, _) = header.as_chunks::<4>();
    let sizes: [u32; RANK] = std::array::from_fn(|i| u32::from_be_bytes(sizes[i]));
    let bytes = file.take(declared_bytes(path, &sizes)?)?;
    file.end()?;
    Ok((sizes.map(|size| size as usize), bytes))
}

fn check_magic(path: &Path, magic: &[u8], what: &'static str, rank: u8) -> Result<(), DataError> {
    let path = path.to_path_buf();
    match *magic {
        [0, 0, UNSIGNED_BYTES, found] if found == rank => Ok(()),
        [0, 0, UNSIGNED_BYTES, found] => Err(DataError::IdxRank { path, found, what, expected: rank }),
        [0, 0, found, _] => Err(DataError::IdxElementType { path, found, name: element_type(found), what }),
        _ => {
            let hex = |bytes: &[u8]| bytes.iter().map(|b| format!("{b:02x}")).collect::<Vec<_>>().join(" ");
            let expected = hex(&[0, 0, UNSIGNED_BYTES, rank]);
            Err(DataError::IdxMagic { path, found: hex(magic), what, expected })
        }
    }
}

fn element_type(code: u8) -> &'static str {
    match code {
        0x09 => "signed bytes",
        0x0B => "16-bit integers",
        0x0C => "32-bit integers",
        0x0D => "32-bit floats",
        0x0E => "64-bit floats",
        _ => "none that IDX knows",
    }
}

/// The product of `sizes`. A size of 0 counts as 1 in the check, or it would hide the others from it.
fn declared_bytes(path: &Path, sizes: &[u32]) -> Result<u64, DataError> {
    let at_least = sizes.iter().try_fold(1u64, |product, &size| product.checked_mul(u64::from(size.max(1))));
    match at_least {
        Some(bytes) if bytes <= LIMIT && usize::try_from(bytes).is_ok() => {
            Ok(sizes.iter().map(|&size| u64::from(size)).product())
        }
        _ => {
            let dimensions = sizes.iter().map(u32::to_string).collect::<Vec<_>>().join(" x ");
            Err(DataError::IdxTooLarge { path: path.to_path_buf(), dimensions, limit: LIMIT })
        }
    }
}
