//! NPY, the format of `numpy.save`: a header with type, order and shape, and the elements.

mod error;
mod header;
mod kind;
pub(crate) mod npz;

use std::fs::File;
use std::io::{BufReader, BufWriter, ErrorKind, Read, Write};
use std::path::Path;

pub use error::ArrayError;
use gradus_tensor::Tensor;
use header::Header;
pub use kind::ArrayElement;
use kind::Kind;

use crate::error::DataError;

/// Bytes converted at a time; a multiple of every element's size.
const PIECE: usize = 64 * 1024;

/// Reads an array that `numpy.save` wrote, of exactly the type asked for: `f32` is NumPy's `float32`, `f64` `float64`,
/// `i64` `int64`, `u8` `uint8` and `bool` `bool`. Either order of bytes and of dimensions is read.
///
/// ```
/// use gradus_data::{read_npy, write_npy};
/// use gradus_tensor::Tensor;
///
/// let path = std::env::temp_dir().join(format!("gradus-{}.npy", std::process::id()));
/// write_npy(&path, &Tensor::from_vec(vec![1.0f32, 2.0, 3.0], [3, 1]))?;
/// assert_eq!(read_npy::<f32>(&path)?.shape(), [3, 1]);
/// let error = read_npy::<i64>(&path).unwrap_err().to_string();
/// assert!(error.contains("holds elements of type float32 where int64 are asked for"));
/// # std::fs::remove_file(path).unwrap();
/// # Ok::<(), gradus_data::DataError>(())
/// ```
///
/// # Errors
/// If the file cannot be read, is no NPY file of numbers or truth values, is longer or shorter than it declares, or
/// holds another type. Memory is taken only for elements that are there.
pub fn read_npy<T: ArrayElement>(path: impl AsRef<Path>) -> Result<Tensor<T>, DataError> {
    open(path.as_ref(), Conversion::Refuse)
}

/// Reads an array as [`read_npy`] does and converts its elements: floats take the nearest value, integers and truth
/// values only a value that is exactly theirs.
///
/// # Errors
/// As [`read_npy`], and at the first element that the type asked for does not have: 0.5 or 300 as `u8`, say.
pub fn read_npy_as<T: ArrayElement>(path: impl AsRef<Path>) -> Result<Tensor<T>, DataError> {
    open(path.as_ref(), Conversion::Allow)
}

/// Writes an array that `numpy.load` reads: version 1.0, little-endian, row-major.
///
/// # Errors
/// If the file cannot be written.
pub fn write_npy<T: ArrayElement>(path: impl AsRef<Path>, tensor: &Tensor<T>) -> Result<(), DataError> {
    let path = path.as_ref();
    let write = || {
        let mut file = BufWriter::new(File::create(path)?);
        write(&mut file, tensor)?;
        file.flush()
    };
    write().map_err(|cause| DataError::Write { path: path.to_path_buf(), cause })
}

/// Whether elements of another type are converted.
#[derive(Clone, Copy)]
enum Conversion {
    Allow,
    Refuse,
}

fn open<T: ArrayElement>(path: &Path, conversion: Conversion) -> Result<Tensor<T>, DataError> {
    let failed = |cause| DataError::Open { path: path.to_path_buf(), cause };
    let file = File::open(path).map_err(failed)?;
    let length = file.metadata().map_err(failed)?.len();
    Ok(read(path, BufReader::with_capacity(PIECE, file), length, conversion)?)
}

/// The array in `input`, which has `length` bytes; errors name `path`.
fn read<T: ArrayElement>(
    path: &Path,
    mut input: impl Read,
    length: u64,
    conversion: Conversion,
) -> Result<Tensor<T>, ArrayError> {
    let header = Header::read(path, &mut input)?;
    if matches!(conversion, Conversion::Refuse) && header.kind != T::KIND {
        let (found, wanted) = (header.kind.name(), T::KIND.name());
        return Err(ArrayError::Type { path: path.to_path_buf(), found, wanted });
    }
    let declared = header.declared_bytes(path)?;
    let found = length.saturating_sub(header.length);
    if declared != found {
        let shape = header.shown_shape();
        return Err(ArrayError::Length { path: path.to_path_buf(), shape, declared, found });
    }
    let elements = elements(path, &mut input, &header, declared)?;
    if !header.fortran_order {
        return Ok(Tensor::from_vec(elements, &header.shape));
    }
    let reversed: Vec<usize> = header.shape.iter().rev().copied().collect();
    let dims: Vec<usize> = (0..reversed.len()).rev().collect();
    Ok(Tensor::from_vec(elements, reversed).permute(&dims).contiguous())
}

/// All elements in the file's order.
fn elements<T: ArrayElement>(
    path: &Path,
    input: &mut impl Read,
    header: &Header,
    declared: u64,
) -> Result<Vec<T>, ArrayError> {
    let (kind, size) = (header.kind, header.kind.size());
    // As many bytes as these were counted in the file.
    let mut elements = Vec::with_capacity(declared as usize / size);
    let mut piece = vec![0; PIECE.min(declared as usize)];
    let mut left = declared as usize;
    while left > 0 {
        let piece = &mut piece[..PIECE.min(left)];
        input.read_exact(piece).map_err(|cause| {
            let position = header.length + declared - left as u64;
            match cause.kind() {
                ErrorKind::UnexpectedEof => {
                    let (shape, found) = (header.shown_shape(), declared - left as u64);
                    ArrayError::Length { path: path.to_path_buf(), shape, declared, found }
                }
                _ => ArrayError::Read { path: path.to_path_buf(), position, cause },
            }
        })?;
        if header.big_endian {
            piece.chunks_exact_mut(size).for_each(<[u8]>::reverse);
        }
        convert(kind, piece, &mut elements).map_err(|value| {
            let (index, wanted) = (elements.len() as u64, T::KIND.name());
            ArrayError::Element { path: path.to_path_buf(), index, value, wanted }
        })?;
        left -= piece.len();
    }
    Ok(elements)
}

/// Appends the elements in `piece`, little-endian; at the first that `T` does not have, its value as text.
fn convert<T: ArrayElement>(kind: Kind, piece: &[u8], elements: &mut Vec<T>) -> Result<(), String> {
    for bytes in piece.chunks_exact(kind.size()) {
        let element = if kind == T::KIND {
            T::read_le(bytes).ok_or_else(|| format!("the byte {}", bytes[0]))?
        } else {
            let number = kind.number(bytes).map_err(|byte| format!("the byte {byte}"))?;
            T::from_number(number).ok_or_else(|| number.to_string())?
        };
        elements.push(element);
    }
    Ok(())
}

/// Header and elements of `tensor`.
fn write<T: ArrayElement>(out: &mut impl Write, tensor: &Tensor<T>) -> std::io::Result<()> {
    out.write_all(&header::header(T::KIND, tensor.shape()))?;
    let tensor = tensor.contiguous();
    let mut bytes = Vec::new();
    for piece in tensor.as_slice().expect("made contiguous").chunks(PIECE / T::KIND.size()) {
        bytes.clear();
        piece.iter().for_each(|element| element.write_le(&mut bytes));
        out.write_all(&bytes)?;
    }
    Ok(())
}
