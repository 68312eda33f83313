//! A file of delimited text cut into rows and cells, quotes resolved (RFC 4180), a block at a time.

use std::path::Path;

use csv_core::{ReadRecordResult, Reader, ReaderBuilder};

use super::error::{Row, TableError};
use crate::error::DataError;
use crate::sources::bounded::BoundedReader;

/// The most columns that are read.
pub(super) const MAX_COLUMNS: usize = 65_536;
/// The most bytes of a row that are read.
pub(super) const MAX_ROW: usize = 4 << 20;
/// Bytes read from the file at a time.
const CHUNK: usize = 256 << 10;
/// A block is given out when it holds as many bytes, or an eighth of it cells.
const BLOCK: usize = 512 << 10;

/// Whole rows, one after the other.
#[derive(Default)]
pub(super) struct Block {
    /// All cells, one after the other.
    bytes: Vec<u8>,
    /// Where each cell ends in `bytes`.
    ends: Vec<usize>,
    /// How many cells there are up to the end of each row.
    rows: Vec<usize>,
}

impl Block {
    /// The cells of each row.
    pub(super) fn rows(&self) -> impl Iterator<Item = Cells<'_>> {
        (0..self.rows.len()).map(|row| {
            let first = if row == 0 { 0 } else { self.rows[row - 1] };
            let start = if first == 0 { 0 } else { self.ends[first - 1] };
            Cells { bytes: &self.bytes, ends: &self.ends[first..self.rows[row]], start }
        })
    }
}

/// The cells of a row.
pub(super) struct Cells<'a> {
    bytes: &'a [u8],
    ends: &'a [usize],
    start: usize,
}

impl<'a> Cells<'a> {
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &'a [u8]> {
        let (bytes, mut start) = (self.bytes, self.start);
        self.ends.iter().map(move |&end| {
            let cell = &bytes[start..end];
            start = end;
            cell
        })
    }
}

/// Cuts a file into blocks.
pub(super) struct Splitter<'a> {
    path: &'a Path,
    reader: Reader,
    block: Block,
    /// Where the row that is being read begins, in bytes and cells of the block.
    base: (usize, usize),
    /// How much of it is there, in bytes and cells.
    filled: (usize, usize),
    rows: usize,
    has_header: bool,
}

impl<'a> Splitter<'a> {
    pub(super) fn new(path: &'a Path, has_header: bool) -> Self {
        let (block, reader) = (Block::default(), Reader::new());
        Self { path, reader, block, base: (0, 0), filled: (0, 0), rows: 0, has_header }
    }

    /// Gives all blocks to `give`, until that answers false. What stands before an error is given before it is told.
    pub(super) fn run(mut self, delimiter: Option<u8>, mut give: impl FnMut(Block) -> bool) -> Result<(), DataError> {
        let mut file = BoundedReader::open(self.path)?;
        let mut chunk = vec![0; CHUNK];
        let mut is_first = true;
        loop {
            let len = match file.some(&mut chunk) {
                Ok(len) => len,
                Err(error) => {
                    self.give(&mut give);
                    return Err(error);
                }
            };
            if is_first {
                let delimiter = delimiter.unwrap_or_else(|| find_delimiter(&chunk[..len]));
                self.reader = ReaderBuilder::new().delimiter(delimiter).build();
                is_first = false;
            }
            let fed = if len == 0 { self.end(&mut give) } else { self.feed(&chunk[..len], &mut give) };
            match fed {
                Err(error) => {
                    self.give(&mut give);
                    return Err(error.into());
                }
                Ok(false) => return Ok(()),
                Ok(true) if len == 0 => {
                    self.give(&mut give);
                    return Ok(());
                }
                Ok(true) => {}
            }
        }
    }

    /// Reads the file's end. Inside quotes, and only there, a line break is part of a cell.
    fn end(&mut self, give: &mut impl FnMut(Block) -> bool) -> Result<bool, TableError> {
        let filled = self.filled.0;
        if !self.feed(b"\n", give)? {
            return Ok(false);
        }
        match self.filled.0 > filled {
            true => Err(TableError::OpenQuote { path: self.path.to_path_buf(), row: self.row() }),
            false => Ok(true),
        }
    }

    /// Reads on; whether more is wanted.
    fn feed(&mut self, mut input: &[u8], give: &mut impl FnMut(Block) -> bool) -> Result<bool, TableError> {
        while !input.is_empty() {
            let (bytes, cells) = (self.base.0 + self.filled.0, self.base.1 + self.filled.1);
            if self.block.bytes.len() == bytes {
                self.block.bytes.resize(bytes + BLOCK.min(bytes.max(1 << 16)), 0);
            }
            if self.block.ends.len() == cells {
                self.block.ends.resize(cells + cells.max(1 << 12), 0);
            }
            let (output, ends) = (&mut self.block.bytes[bytes..], &mut self.block.ends[cells..]);
            let (result, read, written, ended) = self.reader.read_record(input, output, ends);
            input = &input[read..];
            // Ends come counted from the row's first byte.
            ends[..ended].iter_mut().for_each(|end| *end += self.base.0);
            self.filled = (self.filled.0 + written, self.filled.1 + ended);
            self.check_limits()?;
            if let ReadRecordResult::Record = result {
                self.base = (self.base.0 + self.filled.0, self.base.1 + self.filled.1);
                self.filled = (0, 0);
                self.block.rows.push(self.base.1);
                self.rows += 1;
                // Cells may be empty, so both count.
                if (self.base.0 >= BLOCK || self.base.1 >= BLOCK / 8) && !self.give(give) {
                    return Ok(false);
                }
            }
        }
        Ok(true)
    }

    fn check_limits(&self) -> Result<(), TableError> {
        let (path, row) = (self.path.to_path_buf(), self.row());
        if self.filled.1 > MAX_COLUMNS {
            return Err(TableError::TooManyColumns { path, row, limit: MAX_COLUMNS });
        }
        if self.filled.0 > MAX_ROW {
            return Err(TableError::RowTooLong { path, row, limit: MAX_ROW });
        }
        Ok(())
    }

    /// Gives the whole rows of the block out; the row that is being read must not have begun, or is lost.
    fn give(&mut self, give: &mut impl FnMut(Block) -> bool) -> bool {
        let (base, _) = (std::mem::take(&mut self.base), std::mem::take(&mut self.filled));
        let mut block = std::mem::take(&mut self.block);
        block.bytes.truncate(base.0);
        block.ends.truncate(base.1);
        give(block)
    }

    fn row(&self) -> Row {
        match self.rows {
            0 if self.has_header => Row::Header,
            rows => Row::Data(rows + 1 - usize::from(self.has_header)),
        }
    }
}

/// The one of `, ; tab |` that is most frequent in the first line, outside quotes; the comma where none is.
fn find_delimiter(start: &[u8]) -> u8 {
    let mut counts = [(b',', 0), (b'\t', 0), (b';', 0), (b'|', 0)];
    let mut quoted = false;
    for &byte in start {
        match byte {
            b'"' => quoted = !quoted,
            b'\n' | b'\r' if !quoted => break,
            _ if quoted => {}
            _ => counts.iter_mut().filter(|(delimiter, _)| *delimiter == byte).for_each(|(_, count)| *count += 1),
        }
    }
    // The first of the largest: `max_by_key` would take the last.
    counts.iter().rev().max_by_key(|(_, count)| *count).map_or(b',', |(delimiter, _)| *delimiter)
}
