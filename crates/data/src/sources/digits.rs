//! The 1,797 handwritten digits that are part of this crate.

use std::io::Read;
use std::path::Path;

use flate2::read::GzDecoder;
use gradus_tensor::Tensor;

use crate::dataset::tensor::TensorDataset;
use crate::error::DataError;

/// One row a digit: 64 pixels of 0 to 16, then the digit. For origin and licence see `digits.LICENSE.md`.
const DIGITS_CSV_GZ: &[u8] = include_bytes!("digits.csv.gz");

const PIXELS: usize = 64;
const MAX_PIXEL: u8 = 16;
const MAX_LABEL: u8 = 9;

/// Handwritten digits of 8 x 8 pixels, inside this crate: no download, and small enough to learn in seconds.
///
/// Inputs are `[1797, 64]`, pixels in row-major order divided by 16, so in `0..=1`; targets are `[1797]`, from 0 to 9.
///
/// These are the 1,797 digits of the test part of "Optical Recognition of Handwritten Digits" by E. Alpaydin and
/// C. Kaynak, [UCI Machine Learning Repository](https://archive.ics.uci.edu/dataset/80/optical+recognition+of+handwritten+digits),
/// licensed under [CC BY 4.0](https://creativecommons.org/licenses/by/4.0/), as scikit-learn distributes them
/// (`load_digits`).
///
/// ```
/// use gradus_data::{Dataset, Epoch, digits};
///
/// let digits = digits()?;
/// assert_eq!(digits.inputs().shape(), [1797, 64]);
/// assert_eq!(digits.get_batch(&[0, 1, 2], Epoch::default())?.targets.to_vec(), [0, 1, 2]);
/// # Ok::<(), gradus_data::DataError>(())
/// ```
///
/// # Errors
/// None with the data of this crate, which its tests read; a `Result` as every source gives one.
pub fn digits() -> Result<TensorDataset, DataError> {
    parse(Path::new("digits.csv.gz (embedded)"), GzDecoder::new(DIGITS_CSV_GZ))
}

fn parse(path: &Path, table: impl Read) -> Result<TensorDataset, DataError> {
    let (mut pixels, mut labels) = (Vec::new(), Vec::new());
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(table);
    for (row, record) in reader.records().enumerate() {
        let record = record.map_err(|cause| DataError::Csv { path: path.to_path_buf(), cause })?;
        if record.len() != PIXELS + 1 {
            let (path, found) = (path.to_path_buf(), record.len());
            return Err(DataError::Columns { path, row: row + 1, found, expected: PIXELS + 1 });
        }
        let cell = |column: usize, max, expected| {
            let text = &record[column];
            text.parse().ok().filter(|value: &u8| *value <= max).ok_or_else(|| {
                let (path, value) = (path.to_path_buf(), shown(text));
                DataError::Cell { path, row: row + 1, column: column + 1, value, expected }
            })
        };
        for column in 0..PIXELS {
            pixels.push(f32::from(cell(column, MAX_PIXEL, "a pixel from 0 to 16")?) / f32::from(MAX_PIXEL));
        }
        labels.push(i64::from(cell(PIXELS, MAX_LABEL, "a digit from 0 to 9")?));
    }
    let n = labels.len();
    TensorDataset::new(Tensor::from_vec(pixels, [n, PIXELS]), Tensor::from_vec(labels, [n]))
}

/// A cell as a message shows it: not longer than a line, nothing that a terminal would obey.
fn shown(text: &str) -> String {
    text.chars().take(40).collect::<String>().escape_debug().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_embedded_digits_are_those_published() {
        let digits = digits().unwrap();
        let (inputs, targets) = (digits.inputs().to_vec(), digits.targets().to_vec());
        assert_eq!(digits.inputs().shape(), [1797, 64]);
        assert!(inputs.iter().all(|x| (0.0..=1.0).contains(x)));
        // The sum of the file's pixels; the counts are those that the repository's page gives for the test part.
        assert_eq!(inputs.iter().map(|&x| f64::from(x) * 16.0).sum::<f64>(), 561_718.0);
        let count = |digit| targets.iter().filter(|&&t| t == digit).count();
        assert_eq!((0..10).map(count).collect::<Vec<_>>(), [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]);
        assert_eq!(inputs[..8].iter().map(|x| x * 16.0).collect::<Vec<_>>(), [0., 0., 5., 13., 9., 1., 0., 0.]);
    }

    #[test]
    fn bad_tables_are_named_errors() {
        let row = |pixel: &str, label: &str| format!("{}{pixel},{label}\n", "0,".repeat(PIXELS - 1));
        let check = |table: &[u8], want: &str| {
            let result = parse(Path::new("t.csv"), table);
            let message = result.map_or_else(|e| e.to_string(), |d| format!("{} rows", d.targets().numel()));
            assert!(message.starts_with(want), "{message}");
        };
        let good = row("16", "9");
        check(good.as_bytes(), "1 rows");
        check(
            (good.clone() + &row("17", "0")).as_bytes(),
            "t.csv: row 2, column 64, both counted from 1, holds '17', not a pixel from 0 to 16; correct the cell",
        );
        check(row("0", "10").as_bytes(), "t.csv: row 1, column 65, both counted from 1, holds '10', not a digit");
        check(row("-1", "0").as_bytes(), "t.csv: row 1, column 64");
        check(row("NaN", "0").as_bytes(), "t.csv: row 1, column 64");
        check(row("\x1b[2J", "0").as_bytes(), "t.csv: row 1, column 64, both counted from 1, holds '\\u{1b}[2J'");
        check(
            &b"0,".repeat(100),
            "t.csv: row 1, counted from 1, has 101 columns where 65 are expected; correct the row",
        );
        check(b"0,1\n", "t.csv: row 1, counted from 1, has 2 columns");
        check((good + "0,0\n").as_bytes(), "t.csv: is not a table of comma-separated values (CSV error: record 1");
        check(&[0xff, b',', b'0', b'\n'], "t.csv: is not a table of comma-separated values");
    }

    #[test]
    fn damaged_compressed_data_are_an_error() {
        let cut = GzDecoder::new(&DIGITS_CSV_GZ[..DIGITS_CSV_GZ.len() / 2]);
        assert!(matches!(parse(Path::new("t.csv.gz"), cut), Err(DataError::Csv { .. })));
    }
}
