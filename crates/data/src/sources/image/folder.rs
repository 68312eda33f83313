//! A folder with a folder of images for each class (torchvision's `ImageFolder`).

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::dataset::{Batch, Dataset, Epoch};
use crate::error::DataError;
use crate::sources::image::{ImageError, ImageMode, MAX_PIXELS, Pixels};
use crate::transforms::source::{ImageSource, batch};
use crate::transforms::{Resize, to_tensor};

/// The names' endings that are read, in any case.
const ENDINGS: [&str; 3] = ["png", "jpg", "jpeg"];

/// How many folders may lie in each other below a class's.
const MAX_DEPTH: usize = 32;

/// How images of a folder are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ImageFolderOptions {
    /// The channels (default [`ImageMode::Rgb`], as torchvision's).
    pub mode: ImageMode,
    /// The height and width that all images are brought to, bilinear (see [`Resize`]). Without a size (the default) all
    /// must have that of the first.
    pub size: Option<[usize; 2]>,
    /// Images with more pixels are refused (default 16,777,216): a small file may claim a size that takes all memory.
    pub max_pixels: usize,
}

impl Default for ImageFolderOptions {
    fn default() -> Self {
        Self { mode: ImageMode::default(), size: None, max_pixels: MAX_PIXELS }
    }
}

/// Images below a folder that has a folder for each class, classes sorted by name: `cats/1.png`, `dogs/old/7.jpg`.
///
/// Order and labels are those of torchvision's `ImageFolder`: within a class by folder, then by name. Files whose names
/// end otherwise than in `.png`, `.jpg` or `.jpeg` are passed over. Images are decoded when a batch asks for them;
/// inputs are `[B, C, H, W]` in `0..=1`.
///
/// ```no_run
/// use gradus_data::{DataLoader, ImageFolder, ImageFolderOptions};
///
/// let options = ImageFolderOptions { size: Some([64, 64]), ..Default::default() };
/// let pets = ImageFolder::open("pets", options)?;
/// assert_eq!(pets.classes(), ["cat", "dog"]);
/// let loader = DataLoader::builder(pets).batch_size(32).shuffle(true).build()?;
/// # Ok::<(), gradus_data::DataError>(())
/// ```
#[derive(Clone, Debug)]
pub struct ImageFolder {
    options: ImageFolderOptions,
    classes: Vec<String>,
    paths: Vec<PathBuf>,
    /// Class of each path.
    labels: Vec<i64>,
    /// Height and width of all images.
    size: [usize; 2],
}

impl ImageFolder {
    /// Lists the images below `folder` and, unless a size is given, reads the first for its size.
    ///
    /// # Errors
    /// If a folder cannot be listed, there is no class, a class has no image, or the first image cannot be read.
    pub fn open(folder: impl AsRef<Path>, options: ImageFolderOptions) -> Result<Self, DataError> {
        let folder = folder.as_ref();
        let mut found =
            Self { options, classes: Vec::new(), paths: Vec::new(), labels: Vec::new(), size: Default::default() };
        for path in list(folder)?.into_iter().filter(|path| path.is_dir()) {
            let name = path.file_name().and_then(|name| name.to_str());
            let name = name.ok_or_else(|| ImageError::ClassName { path: path.clone() })?.to_owned();
            let images = images_below(&path)?;
            if images.is_empty() {
                return Err(ImageError::EmptyClass { path }.into());
            }
            found.labels.extend(std::iter::repeat_n(found.classes.len() as i64, images.len()));
            found.paths.extend(images);
            found.classes.push(name);
        }
        if found.paths.is_empty() {
            return Err(ImageError::NoClasses { path: folder.to_path_buf() }.into());
        }
        found.size = found.common_size()?;
        Ok(found)
    }

    /// One image, or all below a folder, in the order of a class's: to be classified. There are no classes, and all
    /// labels are 0.
    ///
    /// # Errors
    /// If a folder cannot be listed, there is no image, or the first cannot be read.
    pub fn without_classes(path: impl AsRef<Path>, options: ImageFolderOptions) -> Result<Self, DataError> {
        let path = path.as_ref();
        let paths = if path.is_file() { vec![path.to_path_buf()] } else { images_below(path)? };
        if paths.is_empty() {
            return Err(ImageError::EmptyClass { path: path.to_path_buf() }.into());
        }
        let labels = vec![0; paths.len()];
        let mut found = Self { options, classes: Vec::new(), paths, labels, size: Default::default() };
        found.size = found.common_size()?;
        Ok(found)
    }

    /// The size of all images: that asked for, or the first image's.
    fn common_size(&self) -> Result<[usize; 2], DataError> {
        match self.options.size {
            Some([height, width]) if height == 0 || width == 0 => {
                let value = format!("{height} x {width}");
                Err(DataError::Setting { name: "size", value, cure: "give a height and a width above 0" })
            }
            Some(size) => Ok(size),
            None => {
                let first = Pixels::read(&self.paths[0], self.options.mode, self.options.max_pixels)?;
                Ok([first.height, first.width])
            }
        }
    }

    /// The classes' names in ascending order; a label is a place here.
    pub fn classes(&self) -> &[String] {
        &self.classes
    }

    /// The images' files, in the order of the samples.
    pub fn paths(&self) -> &[PathBuf] {
        &self.paths
    }

    /// The labels, in the order of the samples.
    pub fn labels(&self) -> &[i64] {
        &self.labels
    }
}

impl Dataset for ImageFolder {
    type Batch = Batch;

    fn len(&self) -> usize {
        self.paths.len()
    }

    fn get_batch(&self, indices: &[usize], _: Epoch) -> Result<Batch, DataError> {
        batch(self, indices, self.image_shape(), |index, out| self.read_image(index, out))
    }
}

impl ImageSource for ImageFolder {
    fn image_shape(&self) -> [usize; 3] {
        [self.options.mode.channels(), self.size[0], self.size[1]]
    }

    fn label(&self, index: usize) -> i64 {
        self.labels[index]
    }

    fn read_image(&self, index: usize, out: &mut [f32]) -> Result<(), DataError> {
        let path = &self.paths[index];
        let pixels = Pixels::read(path, self.options.mode, self.options.max_pixels)?;
        let shape = [pixels.channels, pixels.height, pixels.width];
        if [pixels.height, pixels.width] == self.size {
            to_tensor::fill(&pixels.bytes, shape, out);
            return Ok(());
        }
        if self.options.size.is_none() {
            let ([first_height, first_width], first) = (self.size, self.paths[0].clone());
            let (path, width, height) = (path.clone(), pixels.width, pixels.height);
            return Err(ImageError::Size { path, width, height, first, first_width, first_height }.into());
        }
        let mut whole = vec![0.0; pixels.bytes.len()];
        to_tensor::fill(&pixels.bytes, shape, &mut whole);
        Resize::new(self.size[0], self.size[1]).fill(&whole, shape, out);
        Ok(())
    }
}

/// What lies in a folder, sorted by name.
fn list(folder: &Path) -> Result<BTreeSet<PathBuf>, ImageError> {
    let failed = |cause| ImageError::List { path: folder.to_path_buf(), cause };
    fs::read_dir(folder).map_err(failed)?.map(|entry| entry.map(|entry| entry.path()).map_err(failed)).collect()
}

/// The images below a class's folder: folder by folder, those of each by name.
fn images_below(class: &Path) -> Result<Vec<PathBuf>, ImageError> {
    let mut images = Vec::new();
    let mut folders = BTreeSet::from([(class.as_os_str().to_owned(), 0)]);
    // A folder's name is a prefix of the names of those within, so what is found is later than what is taken.
    while let Some((folder, depth)) = folders.pop_first() {
        let folder = PathBuf::from(folder);
        if depth > MAX_DEPTH {
            return Err(ImageError::Depth { path: folder, limit: MAX_DEPTH });
        }
        for path in list(&folder)? {
            if path.is_dir() {
                folders.insert((path.into_os_string(), depth + 1));
            } else if is_image(&path) {
                images.push(path);
            }
        }
    }
    Ok(images)
}

/// Whether a name ends as images' names do.
fn is_image(path: &Path) -> bool {
    let ending = path.extension().and_then(|ending| ending.to_str());
    ending.is_some_and(|ending| ENDINGS.iter().any(|own| own.eq_ignore_ascii_case(ending)))
}
