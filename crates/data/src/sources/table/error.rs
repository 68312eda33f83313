//! What can be wrong with a table.

use std::path::PathBuf;

use thiserror::Error;

/// What is wrong with a table, where, and what to do about it. Data rows are counted from 1, the header apart.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum TableError {
    /// A file without a row.
    #[error("{path}: is empty; give a table with a header and rows")]
    Empty {
        /// The file.
        path: PathBuf,
    },
    /// A file that ends after its header.
    #[error("{path}: has a header but no data rows; give rows, or say that there is no header")]
    NoRows {
        /// The file.
        path: PathBuf,
    },
    /// Two columns of the same name.
    #[error("{path}: columns {first} and {second}, counted from 1, are both named '{name}'; rename one")]
    DuplicateColumn {
        /// The file.
        path: PathBuf,
        /// The name.
        name: String,
        /// The first of the two.
        first: usize,
        /// The second of the two.
        second: usize,
    },
    /// More columns than are read.
    #[error("{path}: {row} has more than {limit} columns, the most that are read; is the delimiter right?")]
    TooManyColumns {
        /// The file.
        path: PathBuf,
        /// The row.
        row: Row,
        /// The most that are read.
        limit: usize,
    },
    /// A row longer than is read, as one is that opens a quote and never closes it.
    #[error("{path}: {row} is longer than {limit} bytes, the most that are read; close its quotes")]
    RowTooLong {
        /// The file.
        path: PathBuf,
        /// The row.
        row: Row,
        /// The most that are read.
        limit: usize,
    },
    /// A quote that is opened and never closed.
    #[error("{path}: the file ends inside quotes that {row} opens; close the quotes")]
    OpenQuote {
        /// The file.
        path: PathBuf,
        /// The row.
        row: Row,
    },
    /// A row of another length than the first.
    #[error("{path}: {row} has {found} columns where {expected} are expected; correct the row")]
    Ragged {
        /// The file.
        path: PathBuf,
        /// The row.
        row: Row,
        /// Its number of columns.
        found: usize,
        /// The first row's.
        expected: usize,
    },
    /// A cell of something else than UTF-8.
    #[error("{path}: {row}, column {column}, holds '{value}', which is no UTF-8; convert the file to UTF-8")]
    NotUtf8 {
        /// The file.
        path: PathBuf,
        /// The row.
        row: Row,
        /// The column's name, or its number from 1 where the header itself is meant.
        column: String,
        /// The cell, shortened, with what is no UTF-8 replaced.
        value: String,
    },
    /// A cell that its column cannot hold.
    #[error("{path}: {row}, column '{column}', holds '{value}', not {expected}; {cure}")]
    Cell {
        /// The file.
        path: PathBuf,
        /// The row.
        row: Row,
        /// The column's name.
        column: String,
        /// The cell, shortened, control characters escaped.
        value: String,
        /// What the column holds.
        expected: &'static str,
        /// What to do.
        cure: &'static str,
    },
    /// A column that the table does not have.
    #[error("{path}: has no column '{name}'; its columns are {columns}")]
    UnknownColumn {
        /// The file.
        path: PathBuf,
        /// The name, or the number, asked for.
        name: String,
        /// The names of its columns.
        columns: String,
    },
    /// A column that is no target.
    #[error("{path}: column '{column}' is no target of a {task}: {why}; {cure}")]
    Target {
        /// The file.
        path: PathBuf,
        /// The column's name.
        column: String,
        /// What should be learnt of it.
        task: &'static str,
        /// What is wrong.
        why: String,
        /// What to do.
        cure: &'static str,
    },
    /// A table without a column that tells anything.
    #[error("{path}: has no column to learn from beside the target; give numbers or categories that vary")]
    NoFeatures {
        /// The file.
        path: PathBuf,
    },
    /// A row that the table does not have.
    #[error("{path}: data row {row} (counted from 1) was asked of a table of {rows}; ask for rows that it has")]
    UnknownRow {
        /// The file.
        path: PathBuf,
        /// The row, counted from 1.
        row: usize,
        /// The number of rows.
        rows: usize,
    },
    /// A fit on no rows at all.
    #[error("{path}: an encoder was to be fitted on no rows; give the rows of the training part")]
    NoFit {
        /// The file.
        path: PathBuf,
    },
    /// A table that is not like the one that the encoder was fitted on.
    #[error("{path}: its columns are not those that the encoder was fitted on: {differences}; give a table like it")]
    Columns {
        /// The file.
        path: PathBuf,
        /// All differences.
        differences: String,
    },
}

/// A place in a table, as messages name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Row {
    /// The header.
    Header,
    /// A row of data, counted from 1, the header apart.
    Data(usize),
}

impl std::fmt::Display for Row {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Header => f.write_str("the header"),
            Self::Data(row) => write!(f, "data row {row} (counted from 1)"),
        }
    }
}

/// A cell as a message shows it: not longer than a line, nothing that a terminal would obey.
pub(crate) fn shown(cell: &[u8]) -> String {
    let text = String::from_utf8_lossy(&cell[..cell.len().min(160)]);
    text.chars().take(40).collect::<String>().escape_debug().to_string()
}
