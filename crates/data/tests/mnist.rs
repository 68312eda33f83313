//! MNIST's four files, made small: found under both names, checked against each other.

mod fixtures;

use std::path::Path;

use fixtures::{file, gzip, idx};
use gradus_data::{DataLoader, Dataset, Epoch, Mnist};
use tempfile::{TempDir, tempdir};

const FILES: [&str; 4] =
    ["train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"];

fn images(n: u32, rows: u32, columns: u32) -> Vec<u8> {
    let pixels: Vec<u8> = (0..n * rows * columns).map(|i| (i % 251) as u8).collect();
    idx([0, 0, 8, 3], &[n, rows, columns], &pixels)
}

fn labels(labels: &[u8]) -> Vec<u8> {
    idx([0, 0, 8, 1], &[labels.len() as u32], labels)
}

/// A folder with a good MNIST of 3 and 2 samples.
fn folder() -> TempDir {
    let folder = tempdir().unwrap();
    file(folder.path(), FILES[0], &images(3, 28, 28));
    file(folder.path(), FILES[1], &labels(&[5, 0, 9]));
    file(folder.path(), &format!("{}.gz", FILES[2]), &gzip(&images(2, 28, 28)));
    file(folder.path(), &format!("{}.gz", FILES[3]), &gzip(&labels(&[7, 2])));
    folder
}

#[test]
fn plain_and_compressed_files_load() {
    let mnist = Mnist::load(folder().path()).unwrap();
    assert_eq!((mnist.train.len(), mnist.test.len()), (3, 2));
    let batch = mnist.train.get_batch(&[2, 0], Epoch::default()).unwrap();
    assert_eq!((batch.inputs.shape(), batch.targets.to_vec()), (&[2, 1, 28, 28][..], vec![9, 5]));
    let pixel = |i: usize| ((i % 251) as f32 / 255.0 - 0.1307) / 0.3081;
    assert_eq!(batch.inputs.at(&[0, 0, 1, 3]), pixel(2 * 784 + 28 + 3));
    let loader = DataLoader::builder(mnist.test).batch_size(2).build().unwrap();
    assert_eq!(loader.iter().next().unwrap().unwrap().targets.to_vec(), [7, 2]);
}

/// Changes a good folder and expects an error whose message, without the folder, begins with `want`.
fn check(change: impl Fn(&Path), want: &str) {
    let folder = folder();
    change(folder.path());
    let message = Mnist::load(folder.path()).expect_err(want).to_string();
    let message = message.replace(&format!("{}/", folder.path().display()), "");
    let message = message.replace(&folder.path().display().to_string(), "folder");
    assert!(message.starts_with(want), "{message}\nwanted {want}");
    assert!(!message.ends_with('.') && !message.contains('\n'), "{message}");
}

#[test]
fn what_is_missing_is_named_with_the_cure() {
    check(
        |folder| std::fs::remove_file(folder.join(FILES[0])).unwrap(),
        "folder: holds neither train-images-idx3-ubyte nor train-images-idx3-ubyte.gz; download the four files",
    );
    check(
        |folder| std::fs::remove_file(folder.join("t10k-labels-idx1-ubyte.gz")).unwrap(),
        "folder: holds neither t10k-labels-idx1-ubyte nor t10k-labels-idx1-ubyte.gz; download the four files",
    );
    check(|folder| std::fs::remove_dir_all(folder).unwrap(), "folder: is not a folder; download the four files");
    let folder = folder();
    let message = Mnist::load(folder.path().join(FILES[0])).unwrap_err().to_string();
    assert!(message.contains("train-images-idx3-ubyte: is not a folder; download"), "{message}");
}

#[test]
fn files_that_do_not_belong_together_are_named() {
    let replace = |name: usize, bytes: Vec<u8>| move |folder: &Path| drop(file(folder, FILES[name], &bytes));
    check(
        replace(1, labels(&[5, 0])),
        "train-images-idx3-ubyte holds 3 images but train-labels-idx1-ubyte 2 labels; take both from the same dataset",
    );
    check(replace(1, labels(&[5, 0, 1, 2])), "train-images-idx3-ubyte holds 3 images but train-labels-idx1-ubyte 4");
    check(
        replace(1, labels(&[5, 10, 255])),
        "train-labels-idx1-ubyte: row 1, counted from 0, has the label 10 where labels are below 10; correct the row",
    );
    check(replace(0, labels(&[5, 0, 9])), "train-images-idx3-ubyte: has 1 dimensions where images have 3");
    check(
        replace(0, images(3, 8, 8)),
        "train-images-idx3-ubyte: holds images of 8 x 8 pixels where this dataset's have 28 x 28; read other images",
    );
    check(replace(0, images(3, 28, 28)[..1000].to_vec()), "train-images-idx3-ubyte: ends after 1000 bytes where 2368");
    // A plain file comes before its compressed form.
    check(replace(3, labels(&[1, 11])), "t10k-labels-idx1-ubyte: row 1, counted from 0, has the label 11");
}
