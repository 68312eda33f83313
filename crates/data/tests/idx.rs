//! The IDX reader against good files and a corpus of bad ones: each a named error, none a panic, none read.

mod fixtures;

use fixtures::{file, gzip, idx};
use gradus_data::{DataError, read_images, read_labels};
use tempfile::tempdir;

const IMAGES: [u8; 4] = [0, 0, 8, 3];
const LABELS: [u8; 4] = [0, 0, 8, 1];

fn small_images() -> Vec<u8> {
    idx(IMAGES, &[2, 3, 2], &(0..12).collect::<Vec<u8>>())
}

#[test]
fn good_files_are_read_plain_or_compressed_whatever_their_name() {
    let folder = tempdir().unwrap();
    let (images, labels) = (small_images(), idx(LABELS, &[4], &[0, 9, 255, 1]));
    for (name, image_bytes, label_bytes) in [
        ("plain", images.clone(), labels.clone()),
        ("packed.gz", gzip(&images), gzip(&labels)),
        ("unpacked-but-named.gz", images.clone(), labels.clone()),
        ("packed-without-ending", gzip(&images), gzip(&labels)),
        ("two-members.gz", [gzip(&images[..9]), gzip(&images[9..])].concat(), gzip(&labels)),
    ] {
        let images = read_images(file(folder.path(), name, &image_bytes)).unwrap();
        assert_eq!((images.shape(), images.to_vec()), (&[2, 3, 2][..], (0..12).collect()), "{name}");
        let labels = read_labels(file(folder.path(), name, &label_bytes)).unwrap();
        assert_eq!((labels.shape(), labels.to_vec()), (&[4][..], vec![0, 9, 255, 1]), "{name}");
    }
    let none = read_images(file(folder.path(), "none", &idx(IMAGES, &[0, 28, 28], &[]))).unwrap();
    assert_eq!(none.shape(), [0, 28, 28]);
}

/// Reads `bytes` as images; the error's message without the folder.
fn images_error(bytes: &[u8]) -> (DataError, String) {
    let folder = tempdir().unwrap();
    let error = read_images(file(folder.path(), "f", bytes)).expect_err("a bad file is an error");
    let message = error.to_string().replace(&folder.path().join("f").display().to_string(), "f");
    (error, message)
}

#[test]
fn bad_files_are_named_errors() {
    let check = |bytes: &[u8], want: &str| {
        let (_, message) = images_error(bytes);
        assert!(message.starts_with(want), "{message}\nwanted {want}");
        assert!(!message.ends_with('.') && message.contains("; "), "a cure, no final period: {message}");
        let (_, message) = images_error(&gzip(bytes));
        assert!(message.starts_with(want), "compressed: {message}\nwanted {want}");
    };
    let twelve = &[7; 12];
    check(b"", "f: ends after 0 bytes where 4 are needed");
    check(b"PNG", "f: ends after 3 bytes where 4 are needed");
    check(
        b"\x89PNG\r\n\x1a\n",
        "f: begins with the bytes 89 50 4e 47, an IDX file of images with 00 00 08 03; give the path of such a file",
    );
    check(&idx([0, 1, 8, 3], &[2, 3, 2], twelve), "f: begins with the bytes 00 01 08 03");
    check(&idx([3, 8, 0, 0], &[2, 3, 2], twelve), "f: begins with the bytes 03 08 00 00");
    let types = [
        (9, "signed bytes"),
        (11, "16-bit integers"),
        (12, "32-bit integers"),
        (13, "32-bit floats"),
        (14, "64-bit floats"),
        (0, "none that IDX knows"),
        (255, "none that IDX knows"),
    ];
    for (code, name) in types {
        let want = format!("f: holds elements of type {code:#04x} ({name}) where images are unsigned bytes (0x08);");
        check(&idx([0, 0, code, 3], &[2, 3, 2], twelve), &want);
    }
    for rank in [0, 1, 2, 4, 255] {
        let want = format!("f: has {rank} dimensions where images have 3; were images and labels mixed up?");
        check(&idx([0, 0, 8, rank], &[2, 3, 2], twelve), &want);
    }
    let max = u32::MAX;
    check(&idx(IMAGES, &[max; 3], twelve), "f: declares 4294967295 x 4294967295 x 4294967295 bytes, more than");
    // The product is 2^64, which is 0 in 64 bits.
    check(&idx(IMAGES, &[1 << 31, 1 << 31, 4], &[]), "f: declares 2147483648 x 2147483648 x 4 bytes, more than");
    check(&idx(IMAGES, &[max, max, 0], &[]), "f: declares 4294967295 x 4294967295 x 0 bytes, more than");
    check(&idx(IMAGES, &[0, max, max], &[]), "f: declares 0 x 4294967295 x 4294967295 bytes, more than");
    check(
        &idx(IMAGES, &[9, 1 << 15, 1 << 15], twelve),
        "f: declares 9 x 32768 x 32768 bytes, more than the 8589934592",
    );
    check(&idx(IMAGES, &[8, 1 << 15, 1 << 15], twelve), "f: ends after 28 bytes where 8589934608 are needed");
    check(&idx(IMAGES, &[2, 3, 3], twelve), "f: ends after 28 bytes where 34 are needed");
    check(&idx(IMAGES, &[2, 3, 1], twelve), "f: goes on after byte 22, where its header says that it ends");
    check(&idx(IMAGES, &[0, 3, 2], twelve), "f: goes on after byte 16");
    check(&[small_images(), b"trailing".to_vec()].concat(), "f: goes on after byte 28");
}

#[test]
fn a_file_cut_off_anywhere_is_an_error() {
    let whole = small_images();
    for len in 0..whole.len() {
        let (error, message) = images_error(&whole[..len]);
        assert!(matches!(error, DataError::Truncated { found, .. } if found == len as u64), "{len}: {message}");
    }
    let whole = gzip(&whole);
    for len in 0..whole.len() {
        let (error, message) = images_error(&whole[..len]);
        let named = matches!(error, DataError::Truncated { .. } | DataError::Gzip { .. });
        assert!(named, "{len} of {} compressed bytes: {message}", whole.len());
    }
}

#[test]
fn a_compressed_file_with_a_flipped_byte_is_never_another_dataset() {
    let folder = tempdir().unwrap();
    let (plain, whole) = (small_images(), gzip(&small_images()));
    for place in 0..whole.len() {
        for bit in 0..8 {
            let mut damaged = whole.clone();
            damaged[place] ^= 1 << bit;
            // Bytes of the gzip header that carry nothing (time, origin) may change without harm.
            if let Ok(images) = read_images(file(folder.path(), "f.gz", &damaged)) {
                assert_eq!(images.to_vec(), plain[16..], "bit {bit} of byte {place}");
            }
        }
    }
}

#[test]
fn garbage_after_compressed_data_is_an_error() {
    let (error, message) = images_error(&[gzip(&small_images()), b"garbage".to_vec()].concat());
    assert!(matches!(error, DataError::Gzip { position: 28, .. }), "{message}");
    let (error, message) = images_error(&[gzip(&small_images()), gzip(b"more")].concat());
    assert!(matches!(error, DataError::TrailingBytes { expected: 28, .. }), "{message}");
}

#[test]
fn what_is_not_a_file_is_an_error() {
    let folder = tempdir().unwrap();
    let message = read_labels(folder.path().join("none")).unwrap_err().to_string();
    assert!(message.contains("none: cannot be opened ("), "{message}");
    let message = read_labels(folder.path()).unwrap_err().to_string();
    assert!(message.contains("cannot be"), "{message}");
    let message = read_labels(file(folder.path(), "images", &small_images())).unwrap_err().to_string();
    assert!(message.contains("has 3 dimensions where labels have 1"), "{message}");
}
