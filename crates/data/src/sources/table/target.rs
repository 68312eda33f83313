//! The column that a model is to tell: classes, or numbers.

use std::collections::HashMap;

use super::error::{Row, TableError};
use super::{Column, ColumnKind, Table};

/// What is learnt of a target column.
#[derive(Clone, Debug, PartialEq)]
pub enum Target {
    /// Which class: one label a row, the place in `classes`.
    Classes {
        /// The classes, sorted; numbers by size.
        classes: Vec<String>,
        /// A label for each row.
        labels: Vec<i64>,
    },
    /// Which number, one a row.
    Numbers(Vec<f32>),
}

impl Table {
    /// The column `name` (or number, from 1) as classes.
    ///
    /// # Errors
    /// If there is no such column, it is text, a cell is missing, or all cells are the same.
    pub fn classes(&self, name: &str) -> Result<Target, TableError> {
        const TASK: &str = "classifier";
        let column = self.target(name, TASK)?;
        if !column.kind().is_numeric() {
            let labels = (0..self.rows()).filter_map(|row| column.code(row)).map(|code| code as i64).collect();
            return Ok(Target::Classes { classes: column.values().to_vec(), labels });
        }
        let mut numbers = column.numbers().to_vec();
        numbers.sort_by(f32::total_cmp);
        numbers.dedup();
        let class = |number: &f32| match column.kind() {
            ColumnKind::Boolean => (*number == 1.0).to_string(),
            _ => number.to_string(),
        };
        let places: HashMap<u32, i64> = numbers.iter().zip(0..).map(|(number, place)| (key(*number), place)).collect();
        let labels = column.numbers().iter().map(|number| places[&key(*number)]).collect();
        Ok(Target::Classes { classes: numbers.iter().map(class).collect(), labels })
    }

    /// The column `name` (or number, from 1) as numbers.
    ///
    /// # Errors
    /// If there is no such column, it holds no numbers, a cell is missing, or all cells are the same.
    pub fn numbers(&self, name: &str) -> Result<Target, TableError> {
        const TASK: &str = "regressor";
        let column = self.target(name, TASK)?;
        if !column.kind().is_numeric() {
            let why = "it holds words".to_owned();
            return Err(self.no_target(column, TASK, why, "learn a classifier, or name a column of numbers"));
        }
        Ok(Target::Numbers(column.numbers().to_vec()))
    }

    fn target(&self, name: &str, task: &'static str) -> Result<&Column, TableError> {
        let column = self.column(name)?;
        let is_missing = |row: usize| match column.kind() {
            ColumnKind::Category => column.code(row).is_none(),
            _ => column.numbers()[row].is_nan(),
        };
        if column.kind() == ColumnKind::Text {
            let why = "it is text of too many different values".to_owned();
            return Err(self.no_target(column, task, why, "name another column"));
        }
        if let Some(row) = (0..self.rows()).find(|&row| is_missing(row)) {
            let why = format!("{} has no value", Row::Data(row + 1));
            return Err(self.no_target(column, task, why, "fill the cell or take the row out"));
        }
        let first = column.numbers().first();
        let is_constant = match column.kind() {
            ColumnKind::Category => column.values().len() < 2,
            _ => column.numbers().iter().all(|number| Some(number) == first),
        };
        match is_constant {
            true => Err(self.no_target(column, task, "all rows hold the same".to_owned(), "name a column that varies")),
            false => Ok(column),
        }
    }

    fn no_target(&self, column: &Column, task: &'static str, why: String, cure: &'static str) -> TableError {
        TableError::Target { path: self.path.clone(), column: column.name().to_owned(), task, why, cure }
    }
}

/// Equal numbers have equal keys: 0 and -0 too.
fn key(number: f32) -> u32 {
    (number + 0.0).to_bits()
}
