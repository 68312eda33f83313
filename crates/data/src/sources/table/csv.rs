//! Tables in files of delimited text.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::mpsc::sync_channel;
use std::thread;

use super::column::{Builder, MAX_VALUES, Missing, Taken};
use super::error::{Row, TableError, shown};
use super::split::{Block, Cells, Splitter};
use super::{ColumnKind, Table};
use crate::error::DataError;

/// Blocks that wait between the thread that cuts the text and the one that reads its cells.
const WAITING: usize = 4;

/// How a file of delimited text is read.
#[derive(Clone, Debug)]
pub struct CsvOptions {
    /// What stands between cells; without one, that of `, ; tab |` which is most frequent in the first line.
    pub delimiter: Option<u8>,
    /// Whether the first row names the columns. Default: true.
    pub has_header: bool,
    /// Kinds of columns by name; all others have the narrowest kind that fits their cells.
    pub kinds: BTreeMap<String, ColumnKind>,
    /// Cells that stand for nothing, beside empty ones and any spelling of NaN in numbers. Default: `NA`, `NaN`,
    /// `nan`, `null`, `NULL` and `?`.
    pub missing: Vec<String>,
}

impl Default for CsvOptions {
    fn default() -> Self {
        let missing = ["NA", "NaN", "nan", "null", "NULL", "?"].map(str::to_owned).to_vec();
        Self { delimiter: None, has_header: true, kinds: BTreeMap::new(), missing }
    }
}

/// Reads a table of delimited text, plain or gzip, with quotes as in
/// [RFC 4180](https://www.rfc-editor.org/rfc/rfc4180). Empty lines are passed over.
///
/// A column's kind is the narrowest that all its cells fit: integer, number, boolean, category, text. Where a column
/// begins with numbers and has words further down, the file is read a second time.
///
/// ```
/// use gradus_data::{ColumnKind, CsvOptions, read_csv};
///
/// # let folder = tempfile::tempdir()?;
/// let path = folder.path().join("cars.csv");
/// std::fs::write(&path, "colour,doors,price\nred,4,9.5\nblue,2,\n")?;
/// let table = read_csv(&path, &CsvOptions::default())?;
/// assert_eq!(table.column("colour")?.values(), ["blue", "red"]);
/// assert_eq!(table.column("doors")?.kind(), ColumnKind::Integer);
/// assert!(table.column("price")?.numbers()[1].is_nan());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// If the file cannot be read, or is no table: [`TableError`] names row, column, value and cure.
pub fn read_csv(path: impl AsRef<Path>, options: &CsvOptions) -> Result<Table, DataError> {
    let path = path.as_ref();
    let mut words = Vec::new();
    loop {
        let reading = read_once(path, options, &words)?;
        let more: Vec<usize> =
            (0..reading.builders.len()).filter(|&column| reading.builders[column].is_widened).collect();
        if more.is_empty() {
            return reading.finish();
        }
        words.extend(more);
    }
}

/// Reads the whole file; the columns of `words` are categories whatever their first cells are.
fn read_once<'a>(path: &'a Path, options: &'a CsvOptions, words: &'a [usize]) -> Result<Reading<'a>, DataError> {
    let mut reading = Reading {
        path,
        options,
        missing: Missing::new(&options.missing),
        words,
        names: Vec::new(),
        builders: Vec::new(),
        rows: 0,
        budget: MAX_VALUES,
    };
    thread::scope(|scope| {
        let (sender, receiver) = sync_channel::<Block>(WAITING);
        let splitter = Splitter::new(path, options.has_header);
        let splitting = scope.spawn(move || splitter.run(options.delimiter, |block| sender.send(block).is_ok()));
        // By value, so that an error hangs up and the other thread ends.
        for block in receiver {
            for cells in block.rows() {
                reading.push_row(&cells)?;
            }
        }
        match splitting.join() {
            Ok(result) => result,
            Err(panic) => std::panic::resume_unwind(panic),
        }
    })?;
    Ok(reading)
}

/// The columns while they are read.
struct Reading<'a> {
    path: &'a Path,
    options: &'a CsvOptions,
    missing: Missing<'a>,
    words: &'a [usize],
    names: Vec<String>,
    builders: Vec<Builder>,
    rows: usize,
    budget: usize,
}

impl Reading<'_> {
    fn push_row(&mut self, cells: &Cells<'_>) -> Result<(), TableError> {
        if self.builders.is_empty() {
            self.begin(cells)?;
            if self.options.has_header {
                return Ok(());
            }
        }
        self.rows += 1;
        let row = Row::Data(self.rows);
        if cells.len() != self.builders.len() {
            let (path, found, expected) = (self.path.to_path_buf(), cells.len(), self.builders.len());
            return Err(TableError::Ragged { path, row, found, expected });
        }
        for (column, (builder, cell)) in self.builders.iter_mut().zip(cells.iter()).enumerate() {
            let (expected, cure) = match builder.push(cell, &self.missing, &mut self.budget) {
                Taken::Fits => continue,
                Taken::NotFinite => {
                    ("a finite number of 32 bits", "correct the cell, empty it, or declare the column a category")
                }
                Taken::NotOfKind => ("of the kind declared for the column", "correct the cell, or declare another"),
                Taken::NotUtf8 => return Err(self.not_utf8(row, self.names[column].clone(), cell)),
            };
            let (path, column, value) = (self.path.to_path_buf(), self.names[column].clone(), shown(cell));
            return Err(TableError::Cell { path, row, column, value, expected, cure });
        }
        Ok(())
    }

    /// Names the columns by the first row.
    fn begin(&mut self, cells: &Cells<'_>) -> Result<(), TableError> {
        let mut places = HashMap::new();
        for (column, cell) in cells.iter().enumerate() {
            let number = column + 1;
            let name = match std::str::from_utf8(cell) {
                Err(_) if self.options.has_header => return Err(self.not_utf8(Row::Header, number.to_string(), cell)),
                Ok(name) if self.options.has_header && !name.trim().is_empty() => name.trim().to_owned(),
                _ => format!("column {number}"),
            };
            if let Some(first) = places.insert(name.clone(), number) {
                let (path, name) = (self.path.to_path_buf(), shown(name.as_bytes()));
                return Err(TableError::DuplicateColumn { path, name, first, second: number });
            }
            let word = self.words.contains(&column).then_some(ColumnKind::Category);
            self.builders.push(Builder::new(self.options.kinds.get(&name).copied().or(word)));
            self.names.push(name);
        }
        match self.options.kinds.keys().find(|name| !places.contains_key(*name)) {
            Some(name) => Err(TableError::UnknownColumn {
                path: self.path.to_path_buf(),
                name: name.clone(),
                columns: self.names.iter().take(20).cloned().collect::<Vec<_>>().join(", "),
            }),
            None => Ok(()),
        }
    }

    fn not_utf8(&self, row: Row, column: String, cell: &[u8]) -> TableError {
        TableError::NotUtf8 { path: self.path.to_path_buf(), row, column, value: shown(cell) }
    }

    fn finish(self) -> Result<Table, DataError> {
        let path = self.path.to_path_buf();
        match (self.names.is_empty(), self.rows) {
            (true, _) => return Err(TableError::Empty { path }.into()),
            (_, 0) => return Err(TableError::NoRows { path }.into()),
            _ => {}
        }
        let columns = self.names.into_iter().zip(self.builders).map(|(name, builder)| builder.finish(name)).collect();
        Ok(Table { path, rows: self.rows, columns })
    }
}
