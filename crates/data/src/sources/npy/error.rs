//! What can be wrong with a NumPy file.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

/// What is wrong with a NumPy array or archive, and what to do about it.
///
/// An array inside an archive is named as if the archive were a folder: `weights.npz/layer.npy`.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ArrayError {
    /// A file does not begin as NPY files do.
    #[error("{path}: does not begin as an NPY file does; give the path of a file that numpy.save wrote")]
    Magic {
        /// The file.
        path: PathBuf,
    },
    /// A version of the format that does not exist yet.
    #[error("{path}: is of NPY version {major}.{minor} where 1.0, 2.0 and 3.0 are known; save it again with NumPy 2")]
    Version {
        /// The file.
        path: PathBuf,
        /// The first part of the version.
        major: u8,
        /// The second part of the version.
        minor: u8,
    },
    /// A header longer than any that NumPy reads.
    #[error("{path}: declares a header of {length} bytes, more than the {limit} that are read at most; {SAVE_AGAIN}")]
    HeaderLength {
        /// The file.
        path: PathBuf,
        /// The declared length in bytes.
        length: u64,
        /// The most that is read.
        limit: u64,
    },
    /// A header that is not the dictionary it should be.
    #[error("{path}: its header is damaged at byte {at} of the header, where {expected} should stand; {SAVE_AGAIN}")]
    Header {
        /// The file.
        path: PathBuf,
        /// How many bytes of the header's text come before.
        at: usize,
        /// What should stand there.
        expected: &'static str,
    },
    /// Elements of a type that no tensor is made of.
    #[error("{path}: holds elements of type '{descr}', which are no numbers or truth values; convert it with astype")]
    Unsupported {
        /// The file.
        path: PathBuf,
        /// The type as NumPy spells it, shortened, control characters escaped.
        descr: String,
    },
    /// Elements of another type than asked for.
    #[error("{path}: holds elements of type {found} where {wanted} are asked for; ask for a conversion or for {found}")]
    Type {
        /// The file.
        path: PathBuf,
        /// The type in the file, as NumPy names it.
        found: &'static str,
        /// The type asked for, as NumPy names it.
        wanted: &'static str,
    },
    /// A shape with more elements than a file can hold.
    #[error("{path}: declares the shape {shape}, which no file can hold; {SAVE_AGAIN}")]
    Shape {
        /// The file.
        path: PathBuf,
        /// The declared shape.
        shape: String,
    },
    /// A file that is shorter or longer than its header says.
    #[error("{path}: declares {declared} bytes of elements, shape {shape}, but holds {found}; {SAVE_AGAIN}")]
    Length {
        /// The file.
        path: PathBuf,
        /// The declared shape.
        shape: String,
        /// The bytes that the shape needs.
        declared: u64,
        /// The bytes that are there.
        found: u64,
    },
    /// A file that ends in the middle of its header.
    #[error("{path}: ends within its header; {SAVE_AGAIN}")]
    HeaderCut {
        /// The file.
        path: PathBuf,
    },
    /// An element that has no place in the type asked for, or in its own.
    #[error("{path}: element {index}, counted from 0 in the file's order, is {value}, which is no {wanted}; {CLEAN}")]
    Element {
        /// The file.
        path: PathBuf,
        /// Which element, in the order of the file.
        index: u64,
        /// Its value.
        value: String,
        /// The type asked for, as NumPy names it.
        wanted: &'static str,
    },
    /// An archive that cannot be read.
    #[error("{path}: is not a whole NPZ archive ({cause}); {SAVE_AGAIN}")]
    Archive {
        /// The archive.
        path: PathBuf,
        /// What the reader of archives says.
        cause: zip::result::ZipError,
    },
    /// An archive without the array asked for.
    #[error("{path}: holds no array '{name}'; it holds {present}")]
    NoArray {
        /// The archive.
        path: PathBuf,
        /// The array asked for.
        name: String,
        /// The arrays that are there, shortened.
        present: String,
    },
    /// A part of an archive that claims to unpack to more than its compressed bytes can.
    #[error("{path}: claims to unpack {packed} bytes to {unpacked}, more than its compression can; {SAVE_AGAIN}")]
    Bomb {
        /// The array.
        path: PathBuf,
        /// Its compressed bytes.
        packed: u64,
        /// The bytes that it claims to hold.
        unpacked: u64,
    },
    /// Reading failed part of the way.
    #[error("{path}: cannot be read past its byte {position} ({cause}); check the disk, or get the file again")]
    Read {
        /// The file.
        path: PathBuf,
        /// How many bytes were read before.
        position: u64,
        /// What the operating system or the decompressor says.
        cause: io::Error,
    },
}

/// The cure for files that are not as NumPy makes them.
const SAVE_AGAIN: &str = "save it again with NumPy";
/// The cure for values that do not fit.
const CLEAN: &str = "correct it, or read it as another type";
