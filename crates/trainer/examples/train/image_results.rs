//! What a model says of images: a table of confusions, a table of predictions.

use std::error::Error;
use std::fmt;
use std::path::Path;

use gradus_autograd::{Var, no_grad};
use gradus_data::{Batch, Dataset, Epoch, ImageFolder, Normalize, Transformed};
use gradus_nn::Layer;

/// Images a step of the model.
const BATCH: usize = 64;

/// Classes whose confusions are printed as a table.
const MOST_COLUMNS: usize = 12;

/// How many images of each class, by row, were taken for each class, by column.
pub(crate) struct Confusion {
    classes: Vec<String>,
    counts: Vec<Vec<u64>>,
}

impl Confusion {
    pub(crate) fn of(
        model: &impl Layer,
        images: &impl Dataset<Batch = Batch>,
        classes: &[String],
    ) -> Result<Self, Box<dyn Error>> {
        let mut counts = vec![vec![0; classes.len()]; classes.len()];
        each_batch(model, images, |_, batch, probabilities| {
            for (label, row) in batch.targets.to_vec().into_iter().zip(probabilities) {
                counts[label as usize][best(row).0] += 1;
            }
        })?;
        Ok(Self { classes: classes.to_vec(), counts })
    }

    /// A row a class, a column a class.
    pub(crate) fn csv(&self) -> Result<String, Box<dyn Error>> {
        let mut table = csv::Writer::from_writer(Vec::new());
        table.write_record(std::iter::once("class").chain(self.classes.iter().map(String::as_str)))?;
        for (class, counts) in self.classes.iter().zip(&self.counts) {
            table.write_record(std::iter::once(class.clone()).chain(counts.iter().map(u64::to_string)))?;
        }
        Ok(String::from_utf8(table.into_inner()?)?)
    }
}

impl fmt::Display for Confusion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let n = self.classes.len();
        let shown = |class: &str| class.chars().take(12).collect::<String>().escape_debug().to_string();
        if n <= MOST_COLUMNS {
            write!(f, "{:>12}  taken for", "class")?;
            for (class, counts) in self.classes.iter().zip(&self.counts) {
                write!(f, "\n{:>12} ", shown(class))?;
                counts.iter().try_for_each(|count| write!(f, " {count:>5}"))?;
            }
            return Ok(());
        }
        let pairs = (0..n * n).filter(|i| i / n != i % n).map(|i| (self.counts[i / n][i % n], i / n, i % n));
        let mut pairs: Vec<_> = pairs.filter(|(count, ..)| *count > 0).collect();
        pairs.sort_by_key(|&(count, class, other)| (std::cmp::Reverse(count), class, other));
        write!(f, "most often taken for another:")?;
        pairs.iter().take(10).try_for_each(|&(count, class, other)| {
            write!(f, "\n{count:>5} {} for {}", shown(&self.classes[class]), shown(&self.classes[other]))
        })
    }
}

/// A line for each image: its name below `input`, the class and its probability.
pub(crate) fn predictions(
    model: &impl Layer,
    images: &Transformed<ImageFolder, Normalize>,
    classes: &[String],
    input: &Path,
) -> Result<String, Box<dyn Error>> {
    let mut table = csv::Writer::from_writer(Vec::new());
    table.write_record(["file", "class", "probability"])?;
    let mut rows = Vec::new();
    each_batch(model, images, |first, _, probabilities| {
        rows.extend(probabilities.enumerate().map(|(i, row)| (first + i, best(row))));
    })?;
    for (sample, (class, probability)) in rows {
        let path = &images.source().paths()[sample];
        let below = path.strip_prefix(input).ok().filter(|below| !below.as_os_str().is_empty());
        let name = below.unwrap_or(path).display().to_string();
        table.write_record([&name, &classes[class], &format!("{probability:.6}")])?;
    }
    Ok(String::from_utf8(table.into_inner()?)?)
}

/// Calls `see` with each batch: its first sample, itself, and the model's probabilities, a row a sample.
fn each_batch(
    model: &impl Layer,
    images: &impl Dataset<Batch = Batch>,
    mut see: impl FnMut(usize, &Batch, std::slice::Chunks<'_, f32>),
) -> Result<(), Box<dyn Error>> {
    let samples: Vec<usize> = (0..images.len()).collect();
    for (i, indices) in samples.chunks(BATCH).enumerate() {
        let batch = images.get_batch(indices, Epoch::default())?;
        let logits = no_grad(|| model.forward(&Var::new(batch.inputs.clone())));
        let classes = logits.shape()[1];
        let probabilities = logits.value().softmax(-1).to_vec();
        see(i * BATCH, &batch, probabilities.chunks(classes));
    }
    Ok(())
}

/// The place and the value of the largest.
fn best(row: &[f32]) -> (usize, f32) {
    row.iter().copied().enumerate().fold((0, f32::NEG_INFINITY), |best, now| if now.1 > best.1 { now } else { best })
}
