//! Tables as they come, and as they should not.

use std::fs;
use std::path::Path;

use proptest::prelude::*;

use super::csv::{CsvOptions, read_csv};
use super::encoder::{CategoryEncoding, EncoderOptions, TableEncoder, UnknownCategory};
use super::target::Target;
use super::{ColumnKind, Table};
use crate::error::DataError;

fn read(bytes: &[u8]) -> Result<Table, DataError> {
    read_with(bytes, &CsvOptions::default())
}

fn read_with(bytes: &[u8], options: &CsvOptions) -> Result<Table, DataError> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.csv");
    fs::write(&path, bytes).unwrap();
    read_csv(&path, options)
}

/// The message, with the file's name for its path.
fn message<T>(result: Result<T, impl std::fmt::Display>) -> String {
    let Err(error) = result else { return "read".to_owned() };
    let text = error.to_string();
    text.split_once("t.csv").map_or_else(|| text.clone(), |(_, rest)| format!("t.csv{rest}"))
}

#[test]
fn bad_files_are_named_errors() {
    let check = |bytes: &[u8], want: &str| assert_eq!(message(read(bytes)), format!("t.csv: {want}"));
    check(b"", "is empty; give a table with a header and rows");
    check(b"\n\n", "is empty; give a table with a header and rows");
    check(b"a,b\n", "has a header but no data rows; give rows, or say that there is no header");
    check(b"a,b\n1,2\n3\n", "data row 2 (counted from 1) has 1 columns where 2 are expected; correct the row");
    check(b"a,b\n1,2,3\n", "data row 1 (counted from 1) has 3 columns where 2 are expected; correct the row");
    check(b"a,b,a\n1,2,3\n", "columns 1 and 3, counted from 1, are both named 'a'; rename one");
    check(b"a\n1\n\"", "the file ends inside quotes that data row 2 (counted from 1) opens; close the quotes");
    check(b"\"a,b\n1,2\n", "the file ends inside quotes that the header opens; close the quotes");
    check(
        b"a,b\n1,x\n2,\xff\n",
        "data row 2 (counted from 1), column b, holds '\u{fffd}', which is no UTF-8; convert the file to UTF-8",
    );
    check(b"a,\xff\n1,2\n", "the header, column 2, holds '\u{fffd}', which is no UTF-8; convert the file to UTF-8");
    for number in ["inf", "-Infinity", "1e39"] {
        let want = format!(
            "data row 2 (counted from 1), column 'a', holds '{number}', not a finite number of 32 bits; correct the \
             cell, empty it, or declare the column a category"
        );
        check(format!("a\n1\n{number}\n").as_bytes(), &want);
    }
    check(
        &b"a,".repeat(1_000_000),
        "the header has more than 65536 columns, the most that are read; is the delimiter right?",
    );
    let long = [b"a\n1\n\"".to_vec(), vec![b'x'; 5 << 20]].concat();
    check(&long, "data row 2 (counted from 1) is longer than 4194304 bytes, the most that are read; close its quotes");
    assert!(matches!(read_csv("no such file", &CsvOptions::default()), Err(DataError::Open { .. })));
}

#[test]
fn declared_kinds_bind() {
    let kinds = |name: &str, kind| CsvOptions { kinds: [(name.to_owned(), kind)].into(), ..CsvOptions::default() };
    let zip = read_with(b"zip\n01234\n99999\n", &kinds("zip", ColumnKind::Category)).unwrap();
    assert_eq!(zip.columns()[0].values(), ["01234", "99999"]);
    assert_eq!(
        message(read_with(b"a\n1\n1.5\n", &kinds("a", ColumnKind::Integer))),
        "t.csv: data row 2 (counted from 1), column 'a', holds '1.5', not of the kind declared for the column; \
         correct the cell, or declare another"
    );
    assert_eq!(
        message(read_with(b"a\n1\n", &kinds("b", ColumnKind::Integer))),
        "t.csv: has no column 'b'; its columns are a"
    );
}

#[test]
fn kinds_are_the_narrowest_that_fit() {
    use ColumnKind::{Boolean, Category, Integer, Number};
    let check = |cells: &str, want: ColumnKind, missing: usize| {
        let table = read(format!("x,y\n{}", cells.replace(' ', ",0\n") + ",0\n").as_bytes()).unwrap();
        let column = &table.columns()[0];
        assert_eq!((column.kind(), column.missing()), (want, missing), "{cells}");
    };
    check("1 2 -3", Integer, 0);
    check("1 2.0 16777216", Integer, 0);
    check("1 16777217", Integer, 0);
    check("1 16777218", Number, 0);
    check("1 2.5", Number, 0);
    check("1e3 .5 +1", Number, 0);
    check("1 NA  nan", Integer, 3);
    check("true FALSE ?", Boolean, 1);
    check("true maybe", Category, 0);
    check("1 2 x 3", Category, 0);
    check("null x", Category, 1);
    check("NA ?", Number, 2);
}

#[test]
fn delimiters_quotes_and_headers() {
    let cells = |bytes: &[u8], options: &CsvOptions| {
        let table = read_with(bytes, options).unwrap();
        let names: Vec<&str> = table.columns().iter().map(super::Column::name).collect();
        (names.join("|"), table.columns()[0].values().join("|"), table.rows())
    };
    let default = CsvOptions::default();
    for delimiter in [",", ";", "\t", "|"] {
        let text = "a;b\n\"x;\"\"y\"\"\nz\";1\n".replace(';', delimiter);
        assert_eq!(cells(text.as_bytes(), &default), ("a|b".into(), format!("x{delimiter}\"y\"\nz"), 1));
    }
    assert_eq!(cells(b"\xef\xbb\xbfa\r\nx\r\n", &default), ("a".into(), "x".into(), 1));
    let bare = CsvOptions { has_header: false, ..CsvOptions::default() };
    assert_eq!(cells(b"x,1\ny,2", &bare), ("column 1|column 2".into(), "x|y".into(), 2));
    assert_eq!(cells(b",b\nx,2", &default), ("column 1|b".into(), "x".into(), 1));
}

#[test]
fn gzip_is_read_as_it_is() {
    use flate2::{Compression, write::GzEncoder};
    let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
    std::io::Write::write_all(&mut gzip, b"a\n1\n2\n").unwrap();
    let bytes = gzip.finish().unwrap();
    assert_eq!(read(&bytes).unwrap().columns()[0].numbers(), [1.0, 2.0]);
    assert!(matches!(read(&bytes[..bytes.len() - 6]), Err(DataError::Gzip { .. })));
}

#[test]
fn targets_are_checked() {
    let table = read(b"n,w,c,m\n3,x,1,1\n1,y,1,\n3,x,1,2\n").unwrap();
    let labels = |classes: &[&str], labels: &[i64]| {
        Ok(Target::Classes { classes: classes.iter().map(|c| (*c).to_owned()).collect(), labels: labels.to_vec() })
    };
    let told = |target: Result<Target, _>| target.map_err(|error| message(Err::<(), _>(error)));
    assert_eq!(told(table.classes("n")), labels(&["1", "3"], &[1, 0, 1]));
    assert_eq!(told(table.classes("2")), labels(&["x", "y"], &[0, 1, 0]));
    assert_eq!(told(table.numbers("n")), Ok(Target::Numbers(vec![3.0, 1.0, 3.0])));
    let fails = |target, want: &str| assert_eq!(told(target), Err(format!("t.csv: {want}")));
    fails(table.classes("z"), "has no column 'z'; its columns are n, w, c, m");
    fails(
        table.numbers("w"),
        "column 'w' is no target of a regressor: it holds words; learn a classifier, or name a column of numbers",
    );
    fails(
        table.classes("c"),
        "column 'c' is no target of a classifier: all rows hold the same; name a column that varies",
    );
    fails(
        table.numbers("m"),
        "column 'm' is no target of a regressor: data row 2 (counted from 1) has no value; fill the cell or take the \
         row out",
    );
}

#[test]
fn an_encoder_is_fitted_on_the_training_part_only() {
    let fitted = |last: &str| {
        let table = read(format!("n,w\n1,x\n3,y\n,x\n{last}\n").as_bytes()).unwrap();
        TableEncoder::fit(&table, &[0, 1, 2], &EncoderOptions::default()).unwrap()
    };
    let encoder = fitted("5,z");
    assert_eq!(encoder, fitted("-1000,a"));
    assert_eq!(encoder.input_names(), ["n", "n missing", "w=x", "w=y"]);
    let json = serde_json::to_string(&encoder).unwrap();
    assert_eq!(serde_json::from_str::<TableEncoder>(&json).unwrap(), encoder);
    let other = read(b"w,n\nz,5\ny,\n,2\n").unwrap();
    let encoded = encoder.encode(&other, &[0, 1, 2]).unwrap();
    assert_eq!(encoded.inputs.to_vec(), [3.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0]);
    assert_eq!(encoded.unknown, [("w".to_owned(), 1)]);
}

#[test]
fn unknown_categories_follow_the_rule() {
    let table = read(b"w\nx\ny\nz\n").unwrap();
    let encode = |categories, unknown| {
        let options = EncoderOptions { categories, unknown, ..EncoderOptions::default() };
        TableEncoder::fit(&table, &[0, 1], &options).unwrap().encode(&table, &[1, 2]).map(|e| e.inputs.to_vec())
    };
    let (one_hot, index) = (CategoryEncoding::OneHot, CategoryEncoding::Index);
    assert_eq!(encode(one_hot, UnknownCategory::Missing).unwrap(), [0.0, 1.0, 0.0, 0.0]);
    assert_eq!(encode(one_hot, UnknownCategory::Other).unwrap(), [0.0, 1.0, 0.0, 0.0, 0.0, 1.0]);
    assert_eq!(encode(index, UnknownCategory::Missing).unwrap(), [2.0, 0.0]);
    assert_eq!(encode(index, UnknownCategory::Other).unwrap(), [2.0, 3.0]);
    assert_eq!(
        message(encode(index, UnknownCategory::Error)),
        "t.csv: data row 3 (counted from 1), column 'w', holds 'z', not a category that the encoder was fitted on; \
         correct the cell, or fit the encoder with UnknownCategory::Missing or Other"
    );
}

#[test]
fn tables_that_differ_are_refused_with_all_differences() {
    let table = read(b"a,b,c,t\n1,x,2,0\n2,y,3,1\n").unwrap();
    let options = EncoderOptions { target: Some("t".to_owned()), ..EncoderOptions::default() };
    let encoder = TableEncoder::fit(&table, &[0, 1], &options).unwrap();
    assert_eq!(message(encoder.encode(&read(b"c,b,a\n1,x,\n").unwrap(), &[0])), "read");
    assert_eq!(
        message(encoder.encode(&read(b"a,b,d\nx,1,2\n").unwrap(), &[0])),
        "t.csv: its columns are not those that the encoder was fitted on: 'a' holds categories where numbers are \
         expected, 'b' holds numbers where categories are expected, 'c' is absent, 'd' is new; give a table like it"
    );
    assert_eq!(
        message(TableEncoder::fit(&table, &[2], &options)),
        "t.csv: data row 3 (counted from 1) was asked of a table of 2; ask for rows that it has"
    );
    assert!(message(TableEncoder::fit(&table, &[], &options)).contains("fitted on no rows"));
    let alone = read(b"t\n1\n2\n").unwrap();
    assert!(message(TableEncoder::fit(&alone, &[0], &options)).contains("no column to learn from"));
}

fn write_table(path: &Path, rows: &[(f32, String)]) {
    let mut writer = ::csv::Writer::from_path(path).unwrap();
    writer.write_record(["number", "word"]).unwrap();
    for (number, word) in rows {
        writer.write_record([number.to_string().as_str(), word]).unwrap();
    }
    writer.flush().unwrap();
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn what_was_written_is_read(
        rows in proptest::collection::vec((-1e30f32..1e30, "w[a-c,;\"\n\r \u{e4}]{0,6}"), 1..40),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("t.csv");
        write_table(&path, &rows);
        let options = CsvOptions { delimiter: Some(b','), ..CsvOptions::default() };
        let table = read_csv(&path, &options).unwrap();
        let words = table.column("word").unwrap();
        for (row, (number, word)) in rows.iter().enumerate() {
            prop_assert_eq!(table.column("number").unwrap().numbers()[row], *number);
            prop_assert_eq!(&words.values()[words.code(row).unwrap()], word);
        }
    }

    #[test]
    fn no_bytes_panic_and_every_row_is_whole(
        bytes in proptest::collection::vec(
            prop_oneof![Just(b','), Just(b'"'), Just(b'\n'), Just(b'1'), any::<u8>()], 0..200),
    ) {
        if let Ok(table) = read(&bytes) {
            for column in table.columns().iter().filter(|column| column.kind().is_numeric()) {
                prop_assert_eq!(column.numbers().len(), table.rows());
            }
        }
    }
}
