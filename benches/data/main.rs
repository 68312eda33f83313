//! How fast batches come: MNIST from memory, cropped at random and normalised, and small images from a folder.
//!
//! `benches/data.py` measures PyTorch's `DataLoader` and torchvision on the same folders.

use std::error::Error;
use std::fs::{self, File};
use std::io::BufWriter;
use std::path::{Path, PathBuf};
use std::time::Instant;

use clap::Parser;
use gradus_data::{
    Batch, Compose, DataError, DataLoader, Dataset, ImageFolder, ImageFolderOptions, ImageSource, Mnist, Normalize,
    RandomCrop,
};
use gradus_tensor::random::Generator;

/// Samples a second of one epoch in batches of 64, shuffled.
#[derive(Parser)]
struct Options {
    /// Folder with MNIST's four files
    #[arg(long)]
    mnist: Option<PathBuf>,

    /// Folder with a folder of images for each class
    #[arg(long)]
    images: Option<PathBuf>,

    /// Write as many PNG images of 32 x 32 pixels in 10 classes into the folder of --images first
    #[arg(long, value_name = "N", requires = "images")]
    write_images: Option<usize>,

    /// Stop each epoch after so many batches
    #[arg(long, value_name = "N")]
    batches: Option<usize>,
}

fn main() -> Result<(), Box<dyn Error>> {
    let options = Options::parse();
    if let Some(folder) = &options.mnist {
        let augment =
            Compose::new().then(RandomCrop::new(28, 28).padding(4)).then(Normalize::new(&[Mnist::MEAN], &[Mnist::STD]));
        measure("mnist", Mnist::load(folder)?.train.unnormalised().transformed(augment)?, options.batches)?;
    }
    if let Some(folder) = &options.images {
        if let Some(images) = options.write_images {
            write(folder, images)?;
        }
        measure("images", ImageFolder::open(folder, ImageFolderOptions::default())?, options.batches)?;
    }
    Ok(())
}

fn measure(name: &str, dataset: impl Dataset<Batch = Batch>, batches: Option<usize>) -> Result<(), DataError> {
    let loader = DataLoader::builder(dataset).batch_size(64).shuffle(true).build()?;
    let (start, mut samples) = (Instant::now(), 0);
    for batch in loader.iter().take(batches.unwrap_or(usize::MAX)) {
        samples += batch?.len();
    }
    let seconds = start.elapsed().as_secs_f64();
    println!("{name}: {:.0} samples/s ({samples} samples in {seconds:.3} s)", samples as f64 / seconds);
    Ok(())
}

/// Images of smooth colours with some noise: as hard to compress as photographs of that size.
fn write(folder: &Path, images: usize) -> Result<(), Box<dyn Error>> {
    let mut random = Generator::new(0, 0);
    for class in 0..10 {
        fs::create_dir_all(folder.join(class.to_string()))?;
    }
    for image in 0..images {
        let [red, green, blue] = [0; 3].map(|_| random.below(128) as usize);
        let pixels: Vec<u8> = (0..32 * 32)
            .flat_map(|i| [red + i % 32 * 3, green + i / 32 * 3, blue + i / 16])
            .map(|level| (level + random.below(16) as usize) as u8)
            .collect();
        let path = folder.join((image % 10).to_string()).join(format!("{image:06}.png"));
        let mut encoder = png::Encoder::new(BufWriter::new(File::create(path)?), 32, 32);
        encoder.set_color(png::ColorType::Rgb);
        encoder.write_header()?.write_image_data(&pixels)?;
    }
    Ok(())
}
