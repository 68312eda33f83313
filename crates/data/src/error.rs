//! What can be wrong with data: each error names the place, the value and the cure.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

use crate::sources::image::ImageError;
use crate::sources::npy::ArrayError;
use crate::sources::table::error::TableError;

/// What is wrong with a file, a dataset or a loader's setting, and what to do about it.
///
/// Messages are one sentence and hold the cause's own words; the cause is also in the variant.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum DataError {
    /// A NumPy file is not as it should be, or cannot be written.
    #[error(transparent)]
    Array(#[from] ArrayError),
    /// An image in a file is not as it should be.
    #[error(transparent)]
    Image(#[from] ImageError),
    /// A table is not as it should be.
    #[error(transparent)]
    Table(Box<TableError>),
    /// Images that a transform cannot be put upon.
    #[error("{transform} does not fit images of {shape} (channels x height x width); {cure}")]
    Transform {
        /// The transform.
        transform: &'static str,
        /// The images' shape.
        shape: String,
        /// What would fit.
        cure: String,
    },
    /// A file cannot be opened.
    #[error("{path}: cannot be opened ({cause}); check that it exists and that you may read it")]
    Open {
        /// The file.
        path: PathBuf,
        /// What the operating system says.
        cause: io::Error,
    },
    /// Reading a file failed part of the way.
    #[error("{path}: cannot be read past byte {position} ({cause}); check the disk and that this is a file")]
    Read {
        /// The file.
        path: PathBuf,
        /// How many bytes were read before, after decompression.
        position: u64,
        /// What the operating system says.
        cause: io::Error,
    },
    /// Compressed data break off, are damaged, or are followed by something that is not gzip.
    #[error("{path}: its gzip data are damaged or cut off past decompressed byte {position} ({cause}); {GET_AGAIN}")]
    Gzip {
        /// The file.
        path: PathBuf,
        /// How many bytes came out before.
        position: u64,
        /// What the decompressor says.
        cause: io::Error,
    },
    /// A text file that is not UTF-8.
    #[error("{path}: byte {position} is no UTF-8; convert the file to UTF-8")]
    NotUtf8 {
        /// The file.
        path: PathBuf,
        /// How many bytes before it are.
        position: u64,
    },
    /// A text with a character that a vocabulary lacks.
    #[error("character {character:?} at place {place} is not in the vocabulary; make the vocabulary of this text")]
    UnknownCharacter {
        /// The character.
        character: char,
        /// How many characters stand before it.
        place: usize,
    },
    /// A number that stands for no character.
    #[error("token {token} is none of the vocabulary's {tokens}; decode with the vocabulary that encoded")]
    UnknownToken {
        /// The number.
        token: i64,
        /// How many tokens there are.
        tokens: usize,
    },
    /// A file of tokens that is not as it was saved.
    #[error("{path}: holds no tokens that Bpe::save wrote ({cause}); save them again, or get the file again")]
    Tokens {
        /// The file.
        path: PathBuf,
        /// What the parser says, with the place.
        cause: serde_json::Error,
    },
    /// A file cannot be written.
    #[error("{path}: cannot be written ({cause}); check the folder, its rights and the space on the disk")]
    Write {
        /// The file.
        path: PathBuf,
        /// What the operating system says.
        cause: io::Error,
    },
    /// A text that is too short for one window.
    #[error("{tokens} tokens are too few for a window, which needs {needed}; give more text or a smaller block_size")]
    FewTokens {
        /// How many there are.
        tokens: usize,
        /// How many one window needs.
        needed: usize,
    },
    /// A file ends before its header says it does.
    #[error("{path}: ends after {found} bytes where {expected} are needed; {GET_AGAIN}")]
    Truncated {
        /// The file.
        path: PathBuf,
        /// The bytes that the header, or the format itself, asks for (after decompression).
        expected: u64,
        /// The bytes that are there.
        found: u64,
    },
    /// A file goes on after the end that its header declares.
    #[error("{path}: goes on after byte {expected}, where its header says that it ends; {GET_AGAIN}")]
    TrailingBytes {
        /// The file.
        path: PathBuf,
        /// Where the file should end (after decompression).
        expected: u64,
    },
    /// A file does not begin as IDX files do.
    #[error(
        "{path}: begins with the bytes {found}, an IDX file of {what} with {expected}; give the path of such a file"
    )]
    IdxMagic {
        /// The file.
        path: PathBuf,
        /// Its first four bytes in hexadecimal.
        found: String,
        /// What the file should hold.
        what: &'static str,
        /// The four bytes expected, in hexadecimal.
        expected: String,
    },
    /// An IDX file of another element type.
    #[error(
        "{path}: holds elements of type {found:#04x} ({name}) where {what} are unsigned bytes (0x08); \
         convert it to unsigned bytes"
    )]
    IdxElementType {
        /// The file.
        path: PathBuf,
        /// The type's code, the file's third byte.
        found: u8,
        /// The type's name.
        name: &'static str,
        /// What the file should hold.
        what: &'static str,
    },
    /// An IDX file with another number of dimensions.
    #[error("{path}: has {found} dimensions where {what} have {expected}; were images and labels mixed up?")]
    IdxRank {
        /// The file.
        path: PathBuf,
        /// Its number of dimensions, the file's fourth byte.
        found: u8,
        /// What the file should hold.
        what: &'static str,
        /// The number of dimensions expected.
        expected: u8,
    },
    /// An IDX file that declares more than can be read.
    #[error("{path}: declares {dimensions} bytes, more than the {limit} that are read at most; {GET_AGAIN}")]
    IdxTooLarge {
        /// The file.
        path: PathBuf,
        /// The declared sizes, multiplication signs between them.
        dimensions: String,
        /// The most that is read.
        limit: u64,
    },
    /// Images of another size than the dataset's.
    #[error(
        "{path}: holds images of {rows} x {columns} pixels where this dataset's have {expected_rows} x \
         {expected_columns}; read other images with read_images and make an ImageDataset of them"
    )]
    ImageSize {
        /// The file.
        path: PathBuf,
        /// Rows of each image.
        rows: usize,
        /// Columns of each image.
        columns: usize,
        /// Rows expected.
        expected_rows: usize,
        /// Columns expected.
        expected_columns: usize,
    },
    /// Two files that belong together hold different numbers of samples.
    #[error("{images_path} holds {images} images but {labels_path} {labels} labels; take both from the same dataset")]
    FileCounts {
        /// The file of images.
        images_path: PathBuf,
        /// How many it holds.
        images: usize,
        /// The file of labels.
        labels_path: PathBuf,
        /// How many it holds.
        labels: usize,
    },
    /// A label that names no class.
    #[error(
        "{path}: row {row}, counted from 0, has the label {label} where labels are below {classes}; correct the row"
    )]
    Label {
        /// The file.
        path: PathBuf,
        /// The row, counted from 0.
        row: usize,
        /// The label.
        label: i64,
        /// The number of classes.
        classes: i64,
    },
    /// A label of a batch that names no class.
    #[error(
        "sample {row} of a batch, counted from 0, has the label {label} where labels are below {classes}; correct it"
    )]
    BatchLabel {
        /// Which sample of the batch, counted from 0.
        row: usize,
        /// Its label.
        label: i64,
        /// The number of classes.
        classes: usize,
    },
    /// A folder that should hold a dataset does not exist, or is not a folder.
    #[error("{path}: is not a folder; {cure}")]
    MissingFolder {
        /// The folder.
        path: PathBuf,
        /// Where the data come from.
        cure: &'static str,
    },
    /// A dataset's file is not in its folder.
    #[error("{folder}: holds neither {name} nor {name}.gz; {cure}")]
    MissingFile {
        /// The folder.
        folder: PathBuf,
        /// The file's name without `.gz`.
        name: &'static str,
        /// Where the data come from.
        cure: &'static str,
    },
    /// Text that is not the table it should be.
    #[error("{path}: is not a table of comma-separated values ({cause}); correct the row")]
    Csv {
        /// The file.
        path: PathBuf,
        /// What the parser says, with the place.
        cause: csv::Error,
    },
    /// A row of a table with too many or too few columns.
    #[error("{path}: row {row}, counted from 1, has {found} columns where {expected} are expected; correct the row")]
    Columns {
        /// The file.
        path: PathBuf,
        /// The row, counted from 1.
        row: usize,
        /// Its number of columns.
        found: usize,
        /// The number of columns expected.
        expected: usize,
    },
    /// A cell of a table holds something else than its column should.
    #[error(
        "{path}: row {row}, column {column}, both counted from 1, holds '{value}', not {expected}; correct the cell"
    )]
    Cell {
        /// The file.
        path: PathBuf,
        /// The row, counted from 1.
        row: usize,
        /// The column, counted from 1.
        column: usize,
        /// The cell's text, shortened, control characters escaped.
        value: String,
        /// What the column holds.
        expected: &'static str,
    },
    /// Inputs and targets that do not pair up.
    #[error("{inputs} inputs do not pair up with {targets} targets; give each input one target")]
    Counts {
        /// The number of inputs.
        inputs: usize,
        /// The number of targets.
        targets: usize,
    },
    /// A tensor of a shape that a dataset cannot hold.
    #[error("{what} of shape {shape} were given where the shape is {expected}; reshape them")]
    Shape {
        /// Which tensor.
        what: &'static str,
        /// Its shape.
        shape: String,
        /// The shape expected.
        expected: &'static str,
    },
    /// The dataset panicked in a worker.
    #[error("batch {batch}, sample {sample}: the dataset panicked ({message}); correct its get_batch")]
    Panicked {
        /// The batch of the epoch, counted from 0.
        batch: usize,
        /// The sample.
        sample: usize,
        /// What the panic said.
        message: String,
    },
    /// A sample that the dataset does not have.
    #[error("sample {index} was asked of a dataset of {len} samples; ask for samples from 0 to below {len}")]
    Index {
        /// The sample.
        index: usize,
        /// The number of samples.
        len: usize,
    },
    /// A setting that makes no sense.
    #[error("{name} = {value} makes no sense; {cure}")]
    Setting {
        /// The setting.
        name: &'static str,
        /// Its value.
        value: String,
        /// What it should be.
        cure: &'static str,
    },
    /// A saved position of another loader.
    #[error(
        "the saved position's {field} is {saved} but this loader's is {own}; build the loader as it was when saved"
    )]
    State {
        /// What differs.
        field: &'static str,
        /// The saved value.
        saved: String,
        /// This loader's.
        own: String,
    },
}

/// The cure for files that are not as their origin made them.
const GET_AGAIN: &str = "get the file again from where it came";

/// Boxed, for it is larger than all others.
impl From<TableError> for DataError {
    fn from(error: TableError) -> Self {
        Self::Table(Box::new(error))
    }
}
