//! Rows of a table as the numbers that a model learns from, fitted on some rows and applied to any.

use std::collections::HashSet;

use gradus_tensor::Tensor;
use serde::{Deserialize, Serialize};

use super::error::TableError;
use super::{Column, ColumnKind, Table};
use crate::dataset::regression::RegressionDataset;
use crate::dataset::tensor::TensorDataset;
use crate::error::DataError;

/// How categories become inputs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CategoryEncoding {
    /// One input a category, 1 for the row's own and 0 for the others; all 0 where the cell is missing. The default.
    #[default]
    OneHot,
    /// One input, the category's place in sorted order counted from 1; 0 where the cell is missing.
    Index,
}

/// What happens to a category that the fitted rows did not have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum UnknownCategory {
    /// It is encoded as a missing cell, and counted in [`Encoded::unknown`]. The default.
    #[default]
    Missing,
    /// It is an error.
    Error,
    /// One more category stands for all such; counted too.
    Other,
}

/// How a [`TableEncoder`] is fitted.
#[derive(Clone, Debug)]
pub struct EncoderOptions {
    /// The column that is no input, by name or number; none where all are inputs. Default: none.
    pub target: Option<String>,
    /// How categories become inputs.
    pub categories: CategoryEncoding,
    /// What happens to categories that were not there when fitted.
    pub unknown: UnknownCategory,
    /// A category column with more different values in the fitted rows is left out. Default: 256.
    pub max_values: usize,
}

impl Default for EncoderOptions {
    fn default() -> Self {
        let (categories, unknown) = (CategoryEncoding::default(), UnknownCategory::default());
        Self { target: None, categories, unknown, max_values: 256 }
    }
}

/// Maps rows of a table to inputs `[N, F]`, by what some rows of a table were like; it travels with the model by serde.
///
/// A number becomes `(x - mean) / std` with the mean and the standard deviation (divided by N) of the fitted rows, 0
/// where it is missing, that is, at the mean; where fitted rows lack it, a second input is 1 for missing and 0
/// otherwise. A number without spread is divided by 1. For categories see [`CategoryEncoding`]. Columns of text,
/// columns that the fitted rows leave empty, and categories of too many values are left out.
///
/// ```
/// use gradus_data::{CsvOptions, EncoderOptions, TableEncoder, read_csv};
///
/// # let folder = tempfile::tempdir()?;
/// let path = folder.path().join("cars.csv");
/// std::fs::write(&path, "colour,age\nred,1\nblue,3\ngreen,5\n")?;
/// let table = read_csv(&path, &CsvOptions::default())?;
/// let encoder = TableEncoder::fit(&table, &[0, 1], &EncoderOptions::default())?;
/// assert_eq!(encoder.input_names(), ["colour=blue", "colour=red", "age"]);
/// let encoded = encoder.encode(&table, &[0, 2])?;
/// assert_eq!(encoded.inputs.to_vec(), [0.0, 1.0, -1.0, 0.0, 0.0, 3.0]);
/// assert_eq!(encoded.unknown, [("colour".to_owned(), 1)]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TableEncoder {
    target: Option<String>,
    categories: CategoryEncoding,
    unknown: UnknownCategory,
    features: Vec<Feature>,
    left_out: Vec<String>,
}

/// A column that is an input.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Feature {
    column: String,
    encoding: Encoding,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", deny_unknown_fields)]
enum Encoding {
    Number { mean: f64, std: f64, has_missing: bool },
    Category { values: Vec<String> },
}

/// Rows as inputs.
#[derive(Clone, Debug)]
pub struct Encoded {
    /// Inputs `[N, F]`.
    pub inputs: Tensor<f32>,
    /// How many cells of each column held a category unknown to the encoder; columns without any are not named.
    pub unknown: Vec<(String, usize)>,
}

impl TableEncoder {
    /// Fits an encoder on `rows` of the table, counted from 0, and looks at no other row.
    ///
    /// # Errors
    /// If there are no rows, the table lacks one of them or the target, or no column tells anything.
    pub fn fit(table: &Table, rows: &[usize], options: &EncoderOptions) -> Result<Self, TableError> {
        check_rows(table, rows)?;
        let path = table.path().to_path_buf();
        if rows.is_empty() {
            return Err(TableError::NoFit { path });
        }
        let target = options.target.as_deref().map(|name| table.column(name)).transpose()?.map(Column::name);
        let (mut features, mut left_out) = (Vec::new(), Vec::new());
        for column in table.columns().iter().filter(|column| Some(column.name()) != target) {
            let name = column.name().to_owned();
            match fit_column(column, rows, options.max_values) {
                Some(encoding) => features.push(Feature { column: name, encoding }),
                None => left_out.push(name),
            }
        }
        if features.is_empty() {
            return Err(TableError::NoFeatures { path });
        }
        let target = target.map(str::to_owned);
        Ok(Self { target, categories: options.categories, unknown: options.unknown, features, left_out })
    }

    /// The columns that are inputs, in order.
    pub fn columns(&self) -> impl Iterator<Item = &str> {
        self.features.iter().map(|feature| feature.column.as_str())
    }

    /// The columns that are neither inputs nor the target.
    pub fn left_out(&self) -> &[String] {
        &self.left_out
    }

    /// The names of all `F` inputs: the column's, `column=value` for one-hot categories and `column missing`.
    pub fn input_names(&self) -> Vec<String> {
        let mut names = Vec::new();
        for Feature { column, encoding } in &self.features {
            match encoding {
                Encoding::Category { values } if self.categories == CategoryEncoding::OneHot => {
                    names.extend(values.iter().map(|value| format!("{column}={value}")));
                    names.extend((self.unknown == UnknownCategory::Other).then(|| format!("{column} other")));
                }
                Encoding::Category { .. } => names.push(column.clone()),
                Encoding::Number { has_missing, .. } => {
                    names.push(column.clone());
                    names.extend(has_missing.then(|| format!("{column} missing")));
                }
            }
        }
        names
    }

    /// The number of inputs `F` of a row.
    pub fn width(&self) -> usize {
        self.features.iter().map(|feature| self.width_of(feature)).sum()
    }

    /// `rows` of a table, counted from 0, as inputs.
    ///
    /// # Errors
    /// If the table's columns are not those of the fitted one (the target may be absent), it lacks a row, or a category
    /// is unknown and the encoder was told to refuse those.
    pub fn encode(&self, table: &Table, rows: &[usize]) -> Result<Encoded, TableError> {
        check_rows(table, rows)?;
        self.check_columns(table)?;
        let width = self.width();
        let (mut inputs, mut unknown) = (vec![0.0; rows.len() * width], Vec::new());
        let mut at = 0;
        for feature in &self.features {
            let column = table.column(&feature.column)?;
            let cells = inputs.chunks_exact_mut(width).map(|input| &mut input[at..]);
            let mut count = 0;
            match &feature.encoding {
                &Encoding::Number { mean, std, has_missing } => {
                    for (cell, &row) in cells.zip(rows) {
                        // A column that is missing altogether may be of any kind.
                        let number = column.numbers().get(row).copied().unwrap_or(f32::NAN);
                        match number.is_nan() {
                            false => cell[0] = ((f64::from(number) - mean) / std) as f32,
                            true if has_missing => cell[1] = 1.0,
                            true => {}
                        }
                    }
                }
                Encoding::Category { values } => {
                    let places = places(column, values);
                    for (cell, &row) in cells.zip(rows) {
                        let Some(code) = column.code(row) else { continue };
                        let place = match (places[code], self.unknown) {
                            (Some(place), _) => place,
                            (None, UnknownCategory::Error) => return Err(unknown_category(table, column, row, code)),
                            (None, rule) => {
                                count += 1;
                                if rule == UnknownCategory::Missing {
                                    continue;
                                }
                                values.len()
                            }
                        };
                        match self.categories {
                            CategoryEncoding::OneHot => cell[place] = 1.0,
                            CategoryEncoding::Index => cell[0] = place as f32 + 1.0,
                        }
                    }
                }
            }
            at += self.width_of(feature);
            if count > 0 {
                unknown.push((feature.column.clone(), count));
            }
        }
        Ok(Encoded { inputs: Tensor::from_vec(inputs, [rows.len(), width]), unknown })
    }

    /// Inputs of `rows` with the classes of `labels`, one a row.
    ///
    /// # Errors
    /// As [`encode`](Self::encode), and if there are more or fewer labels than rows.
    pub fn classification(&self, table: &Table, rows: &[usize], labels: &[i64]) -> Result<TensorDataset, DataError> {
        TensorDataset::new(self.encode(table, rows)?.inputs, Tensor::from_slice(labels, [labels.len()]))
    }

    /// Inputs of `rows` with the numbers `values`, one a row.
    ///
    /// # Errors
    /// As [`encode`](Self::encode), and if there are more or fewer values than rows.
    pub fn regression(&self, table: &Table, rows: &[usize], values: &[f32]) -> Result<RegressionDataset, DataError> {
        RegressionDataset::new(self.encode(table, rows)?.inputs, Tensor::from_slice(values, [values.len()]))
    }

    fn width_of(&self, feature: &Feature) -> usize {
        match &feature.encoding {
            Encoding::Number { has_missing, .. } => 1 + usize::from(*has_missing),
            Encoding::Category { values } if self.categories == CategoryEncoding::OneHot => {
                values.len() + usize::from(self.unknown == UnknownCategory::Other)
            }
            Encoding::Category { .. } => 1,
        }
    }

    fn check_columns(&self, table: &Table) -> Result<(), TableError> {
        let mut differences = Vec::new();
        for Feature { column: name, encoding } in &self.features {
            let Some(column) = table.columns().iter().find(|column| column.name() == name) else {
                differences.push(format!("'{name}' is absent"));
                continue;
            };
            let is_empty = column.missing() == table.rows();
            let (fits, what) = match encoding {
                Encoding::Number { .. } => (column.kind().is_numeric(), "numbers"),
                Encoding::Category { .. } => (column.kind() == ColumnKind::Category, "categories"),
            };
            if !fits && !is_empty {
                differences.push(format!("'{name}' holds {} where {what} are expected", plural(column.kind())));
            }
        }
        let known: HashSet<&str> =
            self.columns().chain(self.left_out.iter().chain(&self.target).map(String::as_str)).collect();
        let new = table.columns().iter().filter(|column| !known.contains(column.name()));
        differences.extend(new.map(|column| format!("'{}' is new", column.name())));
        match differences.is_empty() {
            true => Ok(()),
            false => {
                let differences = differences.join(", ");
                Err(TableError::Columns { path: table.path().to_path_buf(), differences })
            }
        }
    }
}

fn plural(kind: ColumnKind) -> &'static str {
    match kind {
        ColumnKind::Category => "categories",
        ColumnKind::Text => "text",
        _ => "numbers",
    }
}

/// How a column becomes inputs, by the cells of `rows`; none where it tells nothing.
fn fit_column(column: &Column, rows: &[usize], max_values: usize) -> Option<Encoding> {
    if column.kind().is_numeric() {
        let numbers = || rows.iter().map(|&row| column.numbers()[row]).filter(|number| !number.is_nan()).map(f64::from);
        let count = numbers().count();
        if count == 0 {
            return None;
        }
        let mean = numbers().sum::<f64>() / count as f64;
        let std = (numbers().map(|number| (number - mean).powi(2)).sum::<f64>() / count as f64).sqrt();
        let std = if std > 0.0 { std } else { 1.0 };
        return Some(Encoding::Number { mean, std, has_missing: count < rows.len() });
    }
    let mut is_seen = vec![false; column.values().len()];
    rows.iter().filter_map(|&row| column.code(row)).for_each(|code| is_seen[code] = true);
    let seen = column.values().iter().zip(is_seen).filter(|(_, is_seen)| *is_seen);
    let values: Vec<String> = seen.map(|(value, _)| value.clone()).take(max_values.saturating_add(1)).collect();
    (1..=max_values).contains(&values.len()).then_some(Encoding::Category { values })
}

/// For each of the column's values its place among `known`, which is sorted.
fn places(column: &Column, known: &[String]) -> Vec<Option<usize>> {
    column.values().iter().map(|value| known.binary_search(value).ok()).collect()
}

fn unknown_category(table: &Table, column: &Column, row: usize, code: usize) -> TableError {
    TableError::Cell {
        path: table.path().to_path_buf(),
        row: super::error::Row::Data(row + 1),
        column: column.name().to_owned(),
        value: super::error::shown(column.values()[code].as_bytes()),
        expected: "a category that the encoder was fitted on",
        cure: "correct the cell, or fit the encoder with UnknownCategory::Missing or Other",
    }
}

fn check_rows(table: &Table, rows: &[usize]) -> Result<(), TableError> {
    match rows.iter().find(|&&row| row >= table.rows()) {
        Some(row) => Err(TableError::UnknownRow { path: table.path().to_path_buf(), row: row + 1, rows: table.rows() }),
        None => Ok(()),
    }
}
