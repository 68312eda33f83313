//! What can be wrong with images in files.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

/// What is wrong with an image, or with a folder of images, and what to do about it.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ImageError {
    /// A file that begins neither as PNG nor as JPEG files do.
    #[error("{path}: is neither a PNG nor a JPEG image; convert it, or take it out of the folder")]
    Format {
        /// The file.
        path: PathBuf,
    },
    /// An image that is damaged or cut off.
    #[error("{path}: is damaged or cut off ({cause}); get the file again, or take it out of the folder")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What the decoder says.
        cause: String,
    },
    /// An image with more pixels than are read.
    #[error("{path}: has {width} x {height} pixels, more than the {limit} that are read at most; raise max_pixels")]
    Pixels {
        /// The file.
        path: PathBuf,
        /// Its width in pixels.
        width: usize,
        /// Its height in pixels.
        height: usize,
        /// The most pixels that are read.
        limit: usize,
    },
    /// An image that claims more pixels than its bytes can hold.
    #[error("{path}: claims {width} x {height} pixels in {bytes} bytes, more than they can hold; get the file again")]
    Bomb {
        /// The file.
        path: PathBuf,
        /// The width it claims, in pixels.
        width: usize,
        /// The height it claims, in pixels.
        height: usize,
        /// The file's length in bytes.
        bytes: usize,
    },
    /// An image of another size than the first one.
    #[error(
        "{path}: has {width} x {height} pixels where {first} has {first_width} x {first_height}; give a size that \
         all are brought to"
    )]
    Size {
        /// The file.
        path: PathBuf,
        /// Its width in pixels.
        width: usize,
        /// Its height in pixels.
        height: usize,
        /// The first image of the folder.
        first: PathBuf,
        /// Its width in pixels.
        first_width: usize,
        /// Its height in pixels.
        first_height: usize,
    },
    /// A folder that cannot be listed.
    #[error("{path}: cannot be listed ({cause}); check that it is a folder and that you may read it")]
    List {
        /// The folder.
        path: PathBuf,
        /// What the operating system says.
        cause: io::Error,
    },
    /// Folders in each other without end.
    #[error("{path}: lies more than {limit} folders deep; does a link lead back? take it out of the folder")]
    Depth {
        /// The folder.
        path: PathBuf,
        /// How deep folders are searched.
        limit: usize,
    },
    /// A folder without a folder for each class.
    #[error("{path}: holds no folders; put the images of each class into a folder that has the class's name")]
    NoClasses {
        /// The folder.
        path: PathBuf,
    },
    /// A class's folder without images.
    #[error("{path}: holds no PNG or JPEG images; put some there, or take the folder out")]
    EmptyClass {
        /// The class's folder.
        path: PathBuf,
    },
    /// A name that is not UTF-8.
    #[error("{path}: the class's name is not UTF-8; rename the folder")]
    ClassName {
        /// The class's folder.
        path: PathBuf,
    },
}
