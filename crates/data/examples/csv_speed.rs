//! Times [`read_csv`] on a file of 10 columns of numbers and 2 of categories: `csv_speed FILE [MEGABYTES]`.
//!
//! Makes the file first where it does not exist.

use std::error::Error;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::time::Instant;

use gradus_data::{CsvOptions, read_csv};
use gradus_tensor::random::Generator;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let path = arguments.next().ok_or("name a file")?;
    let megabytes: u64 = arguments.next().map_or(Ok(100), |text| text.parse())?;
    if !Path::new(&path).exists() {
        write(Path::new(&path), megabytes * 1_000_000)?;
    }
    let bytes = std::fs::metadata(&path)?.len() as f64;
    for _ in 0..5 {
        let start = Instant::now();
        let table = read_csv(&path, &CsvOptions::default())?;
        let seconds = start.elapsed().as_secs_f64();
        println!("{} rows in {seconds:.3} s: {:.0} MB/s", table.rows(), bytes / seconds / 1e6);
    }
    Ok(())
}

fn write(path: &Path, bytes: u64) -> Result<(), Box<dyn Error>> {
    let mut file = BufWriter::new(File::create(path)?);
    let names: Vec<String> = (0..10).map(|i| format!("x{i}")).chain(["colour".into(), "size".into()]).collect();
    let mut written = file.write(format!("{}\n", names.join(",")).as_bytes())? as u64;
    let mut generator = Generator::new(0, 0);
    while written < bytes {
        for row in generator.normal::<f32>([1000, 10], 0.0, 100.0).to_vec().chunks(10) {
            let mut line: String = row.iter().map(|x| format!("{x:.5},")).collect();
            let pick = row[0].to_bits() as usize;
            line += ["red", "green", "blue", "black"][pick % 4];
            line += ",";
            line += ["small", "medium", "large"][pick % 3];
            line += "\n";
            file.write_all(line.as_bytes())?;
            written += line.len() as u64;
        }
    }
    Ok(file.flush()?)
}
