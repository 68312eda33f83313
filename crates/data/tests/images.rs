//! Images in files and folders: what Pillow wrote, folders as torchvision reads them, and a corpus of bad files.

mod fixtures;

use std::path::{Path, PathBuf};

use fixtures::file;
use gradus_data::{
    Cifar10, Cifar100, DataError, Dataset, Epoch, ImageFolder, ImageFolderOptions, ImageMode, ImageSource, NpzReader,
    RandomHorizontalFlip, Subset, read_image,
};
use proptest::prelude::*;
use tempfile::tempdir;

fn image(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/images").join(name)
}

/// What Pillow reads, as `[C, H, W]`.
fn pillow(name: &str) -> Vec<u8> {
    let array = NpzReader::open(image("pillow.npz")).unwrap().read::<u8>(name).unwrap();
    if array.rank() == 3 { array.permute(&[2, 0, 1]).to_vec() } else { array.to_vec() }
}

#[test]
fn images_are_what_pillow_reads() {
    let check = |name: &str, mode: ImageMode, want: &[u8], tolerance: u8| {
        let got = read_image(image(name), mode).unwrap();
        assert_eq!(got.shape(), [mode.channels(), 6, 8], "{name}");
        let far = got.to_vec().iter().zip(want).map(|(got, want)| got.abs_diff(*want)).max().unwrap();
        assert!(far <= tolerance, "{name} in {mode:?}: {far} away");
    };
    let (rgb, grey) = (pillow("rgb"), pillow("grey"));
    let threefold = |grey: &[u8]| [grey, grey, grey].concat();
    for name in ["rgb.png", "rgba.png"] {
        check(name, ImageMode::Rgb, &rgb, 0);
        check(name, ImageMode::Gray, &grey, 0);
    }
    check("grey.png", ImageMode::Gray, &grey, 0);
    check("grey.png", ImageMode::Rgb, &threefold(&grey), 0);
    check("palette.png", ImageMode::Rgb, &pillow("palette"), 0);
    let bits: Vec<u8> = (0..48).map(|i| if i / 8 % 2 == i % 2 { 255 } else { 0 }).collect();
    check("bits.png", ImageMode::Gray, &bits, 0);
    let upper: Vec<u8> = (0..48).map(|i| ((i % 8 * 8000 + i / 8) >> 8) as u8).collect();
    check("grey16.png", ImageMode::Gray, &upper, 0);
    // Decoders of JPEG may differ by roundings; quality 95 leaves its own traces.
    for name in ["rgb.jpg", "progressive.jpg"] {
        check(name, ImageMode::Rgb, &rgb, 12);
    }
    check("grey.jpg", ImageMode::Gray, &grey, 4);
    check("grey.jpg", ImageMode::Rgb, &threefold(&grey), 4);
}

fn message(path: &Path) -> String {
    let error = read_image(path, ImageMode::Rgb).expect_err("a bad file is an error");
    error.to_string().replace(&path.display().to_string(), "f")
}

#[test]
fn files_cut_off_anywhere_are_errors() {
    let folder = tempdir().unwrap();
    for name in ["rgb.png", "palette.png", "rgb.jpg", "progressive.jpg", "grey.jpg"] {
        let whole = std::fs::read(image(name)).unwrap();
        for len in 0..whole.len() {
            let message = message(&file(folder.path(), "f", &whole[..len]));
            let named = message.starts_with("f: is damaged or cut off (") || message.starts_with("f: is neither a PNG");
            assert!(named, "{name} cut to {len}: {message}");
        }
    }
}

#[test]
fn bad_images_are_named_errors() {
    let folder = tempdir().unwrap();
    let check = |bytes: &[u8], want: &str| {
        let message = message(&file(folder.path(), "f", bytes));
        assert!(message.starts_with(want), "{message}\nwanted {want}");
    };
    check(b"", "f: is neither a PNG nor a JPEG image; convert it, or take it out of the folder");
    check(b"GIF89a", "f: is neither a PNG nor a JPEG image");
    // A header that claims a size, with its checksum right and nothing after it.
    let png = |width: u32, height: u32| {
        let header = [b"IHDR", &width.to_be_bytes()[..], &height.to_be_bytes(), &[8, 2, 0, 0, 0]].concat();
        let mut crc = flate2::Crc::new();
        crc.update(&header);
        [b"\x89PNG\r\n\x1a\n", &13u32.to_be_bytes()[..], &header, &crc.sum().to_be_bytes()].concat()
    };
    check(&png(1 << 20, 1 << 20), "f: has 1048576 x 1048576 pixels, more than the 16777216 that are read at most;");
    check(&png(4096, 4096), "f: claims 4096 x 4096 pixels in 33 bytes, more than they can hold; get the file again");
    check(&png(0, 4), "f: is damaged or cut off (");
    check(&png(4, 4), "f: is damaged or cut off (");
    let mut jpeg = std::fs::read(image("rgb.jpg")).unwrap();
    let frame = jpeg.windows(2).position(|bytes| bytes == [0xff, 0xc0]).unwrap();
    jpeg[frame + 5..frame + 9].copy_from_slice(&[0x10, 0, 0x10, 0]);
    let want = format!("f: claims 4096 x 4096 pixels in {} bytes", jpeg.len());
    check(&jpeg, &want);
    jpeg[frame + 5..frame + 9].copy_from_slice(&[0xff; 4]);
    check(&jpeg, "f: has 65535 x 65535 pixels, more than the 16777216");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn damaged_images_never_panic(
        which in 0usize..6,
        places in prop::collection::vec((any::<u16>(), any::<u8>()), 1..8),
    ) {
        let name = ["rgb.png", "palette.png", "rgb.jpg", "progressive.jpg", "grey.jpg", "grey16.png"][which];
        let mut bytes = std::fs::read(image(name)).unwrap();
        for (place, byte) in places {
            let place = usize::from(place) % bytes.len();
            bytes[place] = byte;
        }
        let folder = tempdir().unwrap();
        let _ = read_image(file(folder.path(), "f", &bytes), ImageMode::Rgb);
    }
}

/// Copies images under new names.
fn lay_out(folder: &Path, images: &[(&str, &str)]) {
    for (name, original) in images {
        let path = folder.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::copy(image(original), path).unwrap();
    }
}

#[test]
fn folders_are_read_as_torchvision_reads_them() {
    let folder = tempdir().unwrap();
    lay_out(
        folder.path(),
        &[
            ("dog/b.png", "rgb.png"),
            ("dog/a/z.JPG", "rgb.jpg"),
            ("dog/a-b/y.png", "rgb.png"),
            ("dog/a/c/x.png", "rgb.png"),
            ("Cat/2.jpeg", "rgb.jpg"),
            ("Cat/10.png", "grey.png"),
        ],
    );
    file(folder.path(), "Cat/notes.txt", b"no image");
    file(folder.path(), "notes.png", b"no class");
    let images = ImageFolder::open(folder.path(), ImageFolderOptions::default()).unwrap();
    assert_eq!(images.classes(), ["Cat", "dog"]);
    assert_eq!(images.labels(), [0, 0, 1, 1, 1, 1]);
    let names: Vec<_> = images.paths().iter().map(|path| path.strip_prefix(folder.path()).unwrap()).collect();
    let want = ["Cat/10.png", "Cat/2.jpeg", "dog/b.png", "dog/a/z.JPG", "dog/a-b/y.png", "dog/a/c/x.png"];
    assert_eq!(names, want.map(Path::new));
    let batch = images.get_batch(&[2, 0], Epoch::default()).unwrap();
    assert_eq!((batch.inputs.shape(), batch.targets.to_vec()), (&[2, 3, 6, 8][..], vec![1, 0]));
    let want: Vec<f32> = pillow("rgb").iter().map(|&byte| f32::from(byte) / 255.0).collect();
    assert_eq!(batch.inputs.select(0, 0).to_vec(), want);
    assert!(matches!(images.get_batch(&[6], Epoch::default()), Err(DataError::Index { index: 6, len: 6 })));

    let part = Subset::new(std::sync::Arc::new(images), vec![5, 0]).unwrap();
    let flipped = part.transformed(RandomHorizontalFlip::new(1.0)).unwrap().get_batch(&[0], Epoch::default()).unwrap();
    let mirrored: Vec<f32> = want.chunks(8).flat_map(|row| row.iter().rev().copied()).collect();
    assert_eq!((flipped.inputs.to_vec(), flipped.targets.to_vec()), (mirrored, vec![1]));
}

#[test]
fn images_of_other_sizes_are_resized_or_refused() {
    let folder = tempdir().unwrap();
    lay_out(folder.path(), &[("a/1.png", "rgb.png")]);
    let other = gradus_data::to_tensor(&gradus_tensor::Tensor::full([2, 2, 3], 51u8));
    assert_eq!(other.to_vec(), [0.2; 12]);
    let mut bytes = Vec::new();
    {
        let mut encoder = png::Encoder::new(&mut bytes, 5, 2);
        encoder.set_color(png::ColorType::Rgb);
        encoder.write_header().unwrap().write_image_data(&[51; 30]).unwrap();
    }
    file(folder.path(), "a/2.png", &bytes);
    let strict = ImageFolder::open(folder.path(), ImageFolderOptions::default()).unwrap();
    let message = strict.get_batch(&[0, 1], Epoch::default()).unwrap_err().to_string();
    let message = message.replace(&format!("{}/", folder.path().display()), "");
    assert_eq!(message, "a/2.png: has 5 x 2 pixels where a/1.png has 8 x 6; give a size that all are brought to");
    let options = ImageFolderOptions { size: Some([3, 4]), mode: ImageMode::Gray, ..Default::default() };
    let resized = ImageFolder::open(folder.path(), options).unwrap();
    assert_eq!(resized.image_shape(), [1, 3, 4]);
    let batch = resized.get_batch(&[1], Epoch::default()).unwrap();
    assert!(batch.inputs.to_vec().iter().all(|x| (x - 0.2).abs() < 1e-6));
    let small = ImageFolderOptions { max_pixels: 20, ..options };
    let small = ImageFolder::open(folder.path(), small).unwrap().get_batch(&[0], Epoch::default());
    assert!(small.unwrap_err().to_string().contains("has 8 x 6 pixels, more than the 20 that are read at most"));
}

#[test]
fn folders_without_images_are_named_errors() {
    let folder = tempdir().unwrap();
    let check = |options, want: &str| {
        let error = ImageFolder::open(folder.path(), options).unwrap_err().to_string();
        let message = error.replace(&folder.path().display().to_string(), "f");
        assert_eq!(message, want);
    };
    let options = ImageFolderOptions::default();
    check(options, "f: holds no folders; put the images of each class into a folder that has the class's name");
    lay_out(folder.path(), &[("a/1.png", "rgb.png")]);
    std::fs::create_dir(folder.path().join("b")).unwrap();
    check(options, "f/b: holds no PNG or JPEG images; put some there, or take the folder out");
    std::fs::remove_dir(folder.path().join("b")).unwrap();
    let nothing = ImageFolderOptions { size: Some([0, 4]), ..options };
    check(nothing, "size = 0 x 4 makes no sense; give a height and a width above 0");
    let missing = ImageFolder::open(folder.path().join("none"), options).unwrap_err().to_string();
    assert!(missing.contains("none: cannot be listed ("), "{missing}");
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(folder.path().join("a"), folder.path().join("a/again")).unwrap();
        let message = ImageFolder::open(folder.path(), options).unwrap_err().to_string();
        assert!(message.contains("lies more than 32 folders deep; does a link lead back?"), "{message}");
    }
}

#[test]
fn cifar_is_read_from_its_binary_files() {
    let folder = tempdir().unwrap();
    let records = |labels: &[u8], n: usize| {
        labels.iter().copied().chain((0..3072).map(|pixel| (pixel % 251) as u8)).collect::<Vec<_>>().repeat(n)
    };
    let ten = |batch: u8| records(&[batch], 10_000);
    (1..=5).for_each(|i| drop(file(folder.path(), &format!("data_batch_{i}.bin"), &ten(i))));
    let missing = Cifar10::load(folder.path()).unwrap_err().to_string();
    assert!(missing.contains("holds neither test_batch.bin nor test_batch.bin.gz; get the binary version from"));
    file(folder.path(), "test_batch.bin", &ten(0));
    let cifar = Cifar10::load(folder.path()).unwrap();
    assert_eq!((cifar.train.len(), cifar.test.len()), (50_000, 10_000));
    assert_eq!((cifar.train.label(10_000), cifar.train.images().at(&[10_003, 1, 0, 5])), (2, ((1024 + 5) % 251) as u8));
    let mut bad = ten(0);
    bad[3073 * 7] = 10;
    file(folder.path(), "test_batch.bin", &bad);
    let message = Cifar10::load(folder.path()).unwrap_err().to_string();
    assert!(message.contains("row 7, counted from 0, has the label 10 where labels are below 10"), "{message}");
    file(folder.path(), "test_batch.bin", &ten(0)[1..]);
    let message = Cifar10::load(folder.path()).unwrap_err().to_string();
    assert!(message.contains("ends after 30729999 bytes where 30730000 are needed"), "{message}");

    file(folder.path(), "train.bin", &records(&[19, 99], 50_000));
    file(folder.path(), "test.bin", &records(&[0, 3], 10_000));
    let cifar = Cifar100::load(folder.path()).unwrap();
    assert_eq!((cifar.train.label(0), cifar.test.label(9_999)), (99, 3));
    file(folder.path(), "test.bin", &records(&[20, 3], 10_000));
    assert!(
        Cifar100::load(folder.path()).unwrap_err().to_string().contains("has the label 20 where labels are below 20")
    );
}
