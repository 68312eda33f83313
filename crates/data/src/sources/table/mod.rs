//! Tables: columns of numbers and categories, in memory by column.

mod column;
pub(crate) mod csv;
pub(crate) mod encoder;
pub(crate) mod error;
mod number;
mod split;
pub(crate) mod target;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use self::error::TableError;

/// The code of a category that is missing.
const MISSING_CODE: u32 = u32::MAX;

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ColumnKind {
    /// Numbers, as f32.
    Number,
    /// Whole numbers that f32 holds exactly, up to 2^24.
    Integer,
    /// `true` and `false`, in any case, as 1 and 0.
    Boolean,
    /// Words of which there are not too many.
    Category,
    /// Words of which nothing is kept: declared so, or of too many different values (400,000 in the whole table).
    Text,
}

impl ColumnKind {
    /// Whether cells are numbers: [`Column::numbers`] has them.
    pub fn is_numeric(self) -> bool {
        matches!(self, Self::Number | Self::Integer | Self::Boolean)
    }
}

/// A column of a [`Table`].
#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    name: String,
    kind: ColumnKind,
    missing: usize,
    numbers: Vec<f32>,
    codes: Vec<u32>,
    values: Vec<String>,
}

impl Column {
    /// Its name in the header; `column 3`, counted from 1, where it has none.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it holds.
    pub fn kind(&self) -> ColumnKind {
        self.kind
    }

    /// How many of its cells are missing.
    pub fn missing(&self) -> usize {
        self.missing
    }

    /// The cells of a numeric column, one a row, NaN where missing; empty for other kinds.
    pub fn numbers(&self) -> &[f32] {
        &self.numbers
    }

    /// The different values of a category column, sorted; empty for other kinds.
    pub fn values(&self) -> &[String] {
        &self.values
    }

    /// The cell of a category column in `row`, counted from 0: its place in [`values`](Self::values); none where it is
    /// missing, where the column is of another kind, or has no such row.
    pub fn code(&self, row: usize) -> Option<usize> {
        self.codes.get(row).filter(|&&code| code != MISSING_CODE).map(|&code| code as usize)
    }
}

/// A table in memory, by column: four bytes a cell, and each category once.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    path: PathBuf,
    rows: usize,
    columns: Vec<Column>,
}

impl Table {
    /// The file that it comes from.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The number of rows, the header apart.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// All columns, in the file's order.
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// The column of this name; where none is named so, the column of this number, counted from 1.
    ///
    /// # Errors
    /// If there is none; the error names the columns that there are.
    pub fn column(&self, name: &str) -> Result<&Column, TableError> {
        let named = self.columns.iter().find(|column| column.name == name);
        let numbered = || name.parse::<usize>().ok()?.checked_sub(1).and_then(|at| self.columns.get(at));
        named.or_else(numbered).ok_or_else(|| {
            let mut columns: Vec<&str> = self.columns.iter().take(20).map(|column| column.name.as_str()).collect();
            if self.columns.len() > columns.len() {
                columns.push("...");
            }
            TableError::UnknownColumn { path: self.path.clone(), name: name.to_owned(), columns: columns.join(", ") }
        })
    }
}
