//! NPZ, the format of `numpy.savez`: a zip archive with an NPY file for each array.

use std::fs::File;
use std::io::{BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};

use gradus_tensor::Tensor;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

use crate::error::DataError;
use crate::sources::npy::{ArrayElement, ArrayError, Conversion, read, write};

/// Deflate gives at most this many bytes for one.
const MOST_DEFLATED: u64 = 1032;

/// An archive of arrays that `numpy.savez` or `numpy.savez_compressed` wrote.
///
/// ```
/// use gradus_data::{NpzReader, NpzWriter};
/// use gradus_tensor::Tensor;
///
/// let path = std::env::temp_dir().join(format!("gradus-{}.npz", std::process::id()));
/// let mut archive = NpzWriter::create(&path)?;
/// archive.add("inputs", &Tensor::<f32>::zeros([4, 2]))?;
/// archive.add("targets", &Tensor::<i64>::arange(4))?;
/// archive.finish()?;
///
/// let mut archive = NpzReader::open(&path)?;
/// assert_eq!(archive.names(), ["inputs", "targets"]);
/// assert_eq!(archive.read::<i64>("targets")?.to_vec(), [0, 1, 2, 3]);
/// # std::fs::remove_file(path).unwrap();
/// # Ok::<(), gradus_data::DataError>(())
/// ```
#[derive(Debug)]
pub struct NpzReader {
    path: PathBuf,
    archive: ZipArchive<BufReader<File>>,
}

impl NpzReader {
    /// Opens an archive; arrays are read when they are asked for.
    ///
    /// # Errors
    /// If the file cannot be opened or is no zip archive.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, DataError> {
        let path = path.as_ref().to_path_buf();
        let file = match File::open(&path) {
            Ok(file) => file,
            Err(cause) => return Err(DataError::Open { path, cause }),
        };
        match ZipArchive::new(BufReader::new(file)) {
            Ok(archive) => Ok(Self { path, archive }),
            Err(cause) => Err(ArrayError::Archive { path, cause }.into()),
        }
    }

    /// The arrays' names, in the archive's order.
    pub fn names(&self) -> Vec<String> {
        let name = |file: &str| file.strip_suffix(".npy").map(str::to_owned);
        self.archive.file_names().filter_map(|file| name(&file.ok()?)).collect()
    }

    /// The array `name`, of exactly the type asked for; see [`read_npy`](crate::read_npy).
    ///
    /// # Errors
    /// If there is no such array, it is damaged, claims more than it can hold, or is of another type.
    pub fn read<T: ArrayElement>(&mut self, name: &str) -> Result<Tensor<T>, DataError> {
        Ok(self.array(name, Conversion::Refuse)?)
    }

    /// The array `name`, its elements converted; see [`read_npy_as`](crate::read_npy_as).
    ///
    /// # Errors
    /// As [`read`](Self::read), and at the first element that the type asked for does not have.
    pub fn read_as<T: ArrayElement>(&mut self, name: &str) -> Result<Tensor<T>, DataError> {
        Ok(self.array(name, Conversion::Allow)?)
    }

    fn array<T: ArrayElement>(&mut self, name: &str, conversion: Conversion) -> Result<Tensor<T>, ArrayError> {
        let file_name = format!("{name}.npy");
        let Some(index) = self.archive.index_for_name(&file_name) else {
            let (path, name, present) = (self.path.clone(), name.to_owned(), self.present());
            return Err(ArrayError::NoArray { path, name, present });
        };
        let path = self.path.join(file_name.escape_debug().to_string());
        let mut file = match self.archive.by_index(index) {
            Ok(file) => file,
            Err(cause) => return Err(ArrayError::Archive { path, cause }),
        };
        let (packed, unpacked) = (file.compressed_size(), file.size());
        if unpacked > packed.saturating_mul(MOST_DEFLATED) {
            return Err(ArrayError::Bomb { path, packed, unpacked });
        }
        let tensor = read(&path, &mut file, unpacked, conversion)?;
        // The checksum is compared when the end is read.
        match std::io::copy(&mut file, &mut std::io::sink()) {
            Ok(0) => Ok(tensor),
            Ok(more) => Err(ArrayError::Length {
                path,
                shape: format!("{:?}", tensor.shape()),
                declared: unpacked,
                found: unpacked.saturating_add(more),
            }),
            Err(cause) => Err(ArrayError::Read { path, position: unpacked, cause }),
        }
    }

    /// The names of the first arrays, for a message.
    fn present(&self) -> String {
        let names = self.names();
        let first: Vec<_> = names.iter().take(8).map(|name| name.chars().take(40).collect::<String>()).collect();
        match names.len() {
            0 => "none".to_owned(),
            n if n > first.len() => format!("{} and {} more", first.join(", ").escape_debug(), n - first.len()),
            _ => first.join(", ").escape_debug().to_string(),
        }
    }
}

/// Writes an archive of arrays that `numpy.load` reads, compressed.
#[derive(Debug)]
pub struct NpzWriter {
    path: PathBuf,
    archive: ZipWriter<BufWriter<File>>,
}

impl NpzWriter {
    /// Begins an archive; what is there is overwritten.
    ///
    /// # Errors
    /// If the file cannot be made.
    pub fn create(path: impl AsRef<Path>) -> Result<Self, DataError> {
        let path = path.as_ref().to_path_buf();
        match File::create(&path) {
            Ok(file) => Ok(Self { path, archive: ZipWriter::new(BufWriter::new(file)) }),
            Err(cause) => Err(DataError::Write { path, cause }),
        }
    }

    /// Adds an array under a name that the archive does not have yet.
    ///
    /// # Errors
    /// If it cannot be written, or the name is there already.
    pub fn add<T: ArrayElement>(&mut self, name: &str, tensor: &Tensor<T>) -> Result<(), DataError> {
        // More than 4 GiB needs longer fields, which must be known before the length is.
        let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated).large_file(true);
        let started = self.archive.start_file(format!("{name}.npy"), options);
        let written = started.map_err(std::io::Error::from).and_then(|()| write(&mut self.archive, tensor));
        written.map_err(|cause| DataError::Write { path: self.path.clone(), cause })
    }

    /// Ends the archive. Without this call it is not one.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn finish(self) -> Result<(), DataError> {
        let ended = self.archive.finish().map_err(std::io::Error::from).and_then(|mut file| file.flush());
        ended.map_err(|cause| DataError::Write { path: self.path, cause })
    }
}
