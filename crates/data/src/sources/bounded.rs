//! A file, perhaps compressed, of which never more is read or held than was asked for.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use flate2::bufread::MultiGzDecoder;

use crate::error::DataError;

/// Bytes read from the disk at a time.
const BUFFER: usize = 256 * 1024;

/// The two bytes that begin every gzip file.
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// Reads a file in order; errors name it and the place.
pub(crate) struct BoundedReader {
    path: PathBuf,
    input: Box<dyn Read>,
    is_gzip: bool,
    /// Bytes given out so far, after decompression.
    position: u64,
}

impl BoundedReader {
    /// Opens a file. Whether it is compressed is told from its first bytes: browsers and archives unpack files without
    /// taking `.gz` off their names.
    pub(crate) fn open(path: &Path) -> Result<Self, DataError> {
        let path = path.to_path_buf();
        let file = match File::open(&path) {
            Ok(file) => file,
            Err(cause) => return Err(DataError::Open { path, cause }),
        };
        let mut file = BufReader::with_capacity(BUFFER, file);
        let is_gzip = match file.fill_buf() {
            Ok(start) => start.starts_with(&GZIP),
            Err(cause) => return Err(DataError::Read { path, position: 0, cause }),
        };
        let input: Box<dyn Read> = if is_gzip { Box::new(MultiGzDecoder::new(file)) } else { Box::new(file) };
        Ok(Self { path, input, is_gzip, position: 0 })
    }

    /// The next `len` bytes. Memory grows with the bytes that are really there, whatever `len` claims.
    pub(crate) fn take(&mut self, len: u64) -> Result<Vec<u8>, DataError> {
        let mut bytes = Vec::new();
        let result = self.input.by_ref().take(len).read_to_end(&mut bytes);
        let expected = self.position + len;
        self.position += bytes.len() as u64;
        match result {
            Err(cause) => Err(self.failure(cause)),
            Ok(_) if self.position < expected => {
                Err(DataError::Truncated { path: self.path.clone(), expected, found: self.position })
            }
            Ok(_) => Ok(bytes),
        }
    }

    /// The next bytes into `buffer`, as many as there are at once; 0 at the end, where a compressed file's checksum has
    /// been compared.
    pub(crate) fn some(&mut self, buffer: &mut [u8]) -> Result<usize, DataError> {
        let len = loop {
            match self.input.read(buffer) {
                Err(cause) if cause.kind() == io::ErrorKind::Interrupted => {}
                result => break result.map_err(|cause| self.failure(cause))?,
            }
        };
        self.position += len as u64;
        Ok(len)
    }

    /// Errors unless the file ends here. In a compressed file this is where its checksum is compared.
    pub(crate) fn end(&mut self) -> Result<(), DataError> {
        match self.input.by_ref().take(1).read_to_end(&mut Vec::new()) {
            Err(cause) => Err(self.failure(cause)),
            Ok(0) => Ok(()),
            Ok(_) => Err(DataError::TrailingBytes { path: self.path.clone(), expected: self.position }),
        }
    }

    fn failure(&self, cause: io::Error) -> DataError {
        let (path, position) = (self.path.clone(), self.position);
        // The decompressor reports its own errors as these kinds; all others come from the disk.
        let in_data = [io::ErrorKind::UnexpectedEof, io::ErrorKind::InvalidInput, io::ErrorKind::InvalidData];
        if self.is_gzip && in_data.contains(&cause.kind()) {
            DataError::Gzip { path, position, cause }
        } else {
            DataError::Read { path, position, cause }
        }
    }
}
