//! NumPy files: those that NumPy wrote, round trips, and a corpus of bad ones, each a named error.

mod fixtures;

use std::path::{Path, PathBuf};

use fixtures::file;
use gradus_data::{ArrayElement, DataError, NpzReader, NpzWriter, read_npy, read_npy_as, write_npy};
use gradus_tensor::Tensor;
use proptest::prelude::*;
use tempfile::tempdir;

fn numpy(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/numpy").join(name)
}

#[test]
fn what_numpy_wrote_is_read() {
    for letters in ["f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8"] {
        for layout in ["little", "big-fortran"] {
            let path = numpy(&format!("{layout}-{letters}.npy"));
            let ramp = read_npy_as::<f64>(&path).unwrap();
            assert_eq!((ramp.shape(), ramp.to_vec()), (&[2, 3][..], vec![0., 1., 2., 3., 4., 5.]), "{path:?}");
            assert_eq!(read_npy_as::<i64>(&path).unwrap().to_vec(), [0, 1, 2, 3, 4, 5], "{path:?}");
        }
    }
    for name in ["little-f4.npy", "big-fortran-f4.npy", "version-2.npy", "version-3.npy"] {
        assert_eq!(read_npy::<f32>(numpy(name)).unwrap().to_vec(), [0., 1., 2., 3., 4., 5.], "{name}");
    }
    assert_eq!(read_npy::<bool>(numpy("b1.npy")).unwrap().to_vec(), [false, true, false, true, false, true]);
    let scalar = read_npy::<f32>(numpy("scalar.npy")).unwrap();
    assert_eq!((scalar.shape(), scalar.item()), (&[][..], 2.5));
    assert_eq!(read_npy::<f64>(numpy("empty.npy")).unwrap().shape(), [0, 4]);
    for name in ["stored.npz", "deflated.npz"] {
        let mut archive = NpzReader::open(numpy(name)).unwrap();
        assert_eq!(archive.names(), ["x", "y", "flags", "zeros"], "{name}");
        assert_eq!(archive.read::<f32>("x").unwrap().shape(), [2, 3], "{name}");
        assert_eq!(archive.read::<i64>("y").unwrap().to_vec(), [0, 1, 2], "{name}");
        assert_eq!(archive.read::<bool>("flags").unwrap().to_vec(), [false, false, false, true, true, true]);
        assert_eq!(archive.read_as::<i64>("zeros").unwrap().shape(), [100, 100], "{name}");
    }
}

#[test]
fn what_is_written_has_the_bytes_that_numpy_writes() {
    let folder = tempdir().unwrap();
    fn check<T: ArrayElement>(path: &Path, name: &str) {
        let original = numpy(name);
        write_npy(path, &read_npy::<T>(&original).unwrap()).unwrap();
        assert_eq!(std::fs::read(path).unwrap(), std::fs::read(original).unwrap(), "{name}");
    }
    let path = folder.path().join("f");
    check::<f32>(&path, "little-f4.npy");
    check::<f64>(&path, "little-f8.npy");
    check::<i64>(&path, "little-i8.npy");
    check::<u8>(&path, "little-u1.npy");
    check::<bool>(&path, "b1.npy");
    check::<f32>(&path, "scalar.npy");
    check::<f64>(&path, "empty.npy");
}

/// A file of version 1.0 with `header` as its text.
fn npy(header: &str, elements: &[u8]) -> Vec<u8> {
    let length = (header.len() as u16).to_le_bytes();
    [b"\x93NUMPY\x01\0", &length[..], header.as_bytes(), elements].concat()
}

fn dictionary(descr: &str, shape: &str) -> String {
    format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}")
}

#[test]
fn bad_arrays_are_named_errors() {
    let folder = tempdir().unwrap();
    let check = |bytes: &[u8], want: &str| {
        let path = file(folder.path(), "f", bytes);
        let message = read_npy::<f32>(&path).unwrap_err().to_string().replace(&path.display().to_string(), "f");
        assert!(message.starts_with(want), "{message}\nwanted {want}");
        assert!(message.contains("; ") && !message.ends_with('.'), "a cure, no final period: {message}");
    };
    check(b"", "f: ends within its header; save it again with NumPy");
    check(b"\x93NUMPY\x01\0\xff", "f: ends within its header");
    check(b"PK\x03\x04 an archive", "f: does not begin as an NPY file does; give the path of a file that numpy.save");
    check(b"\x93NUMPY\x04\0\x10\0", "f: is of NPY version 4.0 where 1.0, 2.0 and 3.0 are known");
    check(b"\x93NUMPY\x01\x01\x10\0", "f: is of NPY version 1.1");
    check(b"\x93NUMPY\x02\0\xff\xff\xff\xff", "f: declares a header of 4294967295 bytes, more than the 10000");
    check(b"\x93NUMPY\x01\0\x11\x27", "f: declares a header of 10001 bytes");
    check(b"\x93NUMPY\x01\0\x10\x27", "f: ends within its header");
    for (header, want) in [
        ("", "at byte 0 of the header, where '{'"),
        ("{", "at byte 1 of the header, where a key in quotes, or '}'"),
        ("{}", "at byte 2 of the header, where 'descr', 'fortran_order' and 'shape'"),
        (
            "{'descr': '<f4', 'descr': '<f4'}",
            "at byte 17 of the header, where 'descr', 'fortran_order' or 'shape', once",
        ),
        ("{'other': '<f4'}", "at byte 1 of the header, where 'descr', 'fortran_order' or 'shape', once each,"),
        ("{'descr': '<f4'", "at byte 15 of the header, where ',' or '}'"),
        ("{'descr': \"<f4'", "at byte 10 of the header, where an element type in quotes"),
        ("{'fortran_order': 1}", "at byte 18 of the header, where True or False"),
        ("{'shape': 3}", "at byte 10 of the header, where '('"),
        ("{'shape': (-1,)}", "at byte 11 of the header, where a size"),
        ("{'shape': (99999999999999999999,)}", "at byte 11 of the header, where a size"),
        ("{'shape': (1 1)}", "at byte 13 of the header, where ',' or ')'"),
        ("{'shape': __import__('os').system('true')}", "at byte 10 of the header, where '('"),
    ] {
        check(&npy(header, &[]), &format!("f: its header is damaged {want}"));
    }
    check(
        &npy(&(dictionary("<f4", "(1,)") + "x"), &[0; 4]),
        "f: its header is damaged at byte 57 of the header, where",
    );
    let many = format!("({})", "1,".repeat(65));
    check(&npy(&dictionary("<f4", &many), &[0; 4]), "f: its header is damaged at byte");
    for descr in ["|O", "<U2", "=f4", "<f2", "<c8", "<M8[ns]", "f4", "", "é4"] {
        let want = format!("f: holds elements of type '{descr}', which are no numbers or truth values");
        check(&npy(&dictionary(descr, "(1,)"), &[0; 4]), &want);
    }
    check(&std::fs::read(numpy("pairs.npy")).unwrap(), "f: its header is damaged at byte 10");
    check(&std::fs::read(numpy("text.npy")).unwrap(), "f: holds elements of type '<U2'");
    check(&npy(&dictionary("<f8", "(1,)"), &[0; 8]), "f: holds elements of type float64 where float32 are asked for;");
    let most = usize::MAX;
    check(&npy(&dictionary("<f4", &format!("({most}, {most})")), &[]), "f: declares the shape [18446744073709551615");
    check(&npy(&dictionary("<f4", &format!("({most}, 0)")), &[]), "f: declares the shape [18446744073709551615, 0]");
    check(&npy(&dictionary("<f4", "(4611686018427387904, 4)"), &[]), "f: declares the shape [4611686018427387904, 4]");
    check(
        &npy(&dictionary("<f4", "(1000000000,)"), &[0; 8]),
        "f: declares 4000000000 bytes of elements, shape [1000000000], but holds 8; save it again",
    );
    check(&npy(&dictionary("<f4", "(2,)"), &[0; 9]), "f: declares 8 bytes of elements, shape [2], but holds 9");
}

#[test]
fn elements_that_do_not_fit_are_named() {
    let folder = tempdir().unwrap();
    fn check<T: ArrayElement>(path: &Path, want: &str) {
        let message = read_npy_as::<T>(path).unwrap_err().to_string();
        assert!(message.contains(want), "{message}\nwanted {want}");
    }
    let path = file(folder.path(), "f", &npy(&dictionary("<i4", "(3,)"), &[1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0x80]));
    check::<u8>(&path, "f: element 1, counted from 0 in the file's order, is 256, which is no uint8; correct it");
    check::<bool>(&path, "element 1, counted from 0 in the file's order, is 256, which is no bool");
    let floats = [0.0f64, -3.0, 0.5].iter().flat_map(|x| x.to_le_bytes()).collect::<Vec<_>>();
    let path = file(folder.path(), "g", &npy(&dictionary("<f8", "(3,)"), &floats));
    check::<i64>(&path, "element 2, counted from 0 in the file's order, is 0.5, which is no int64");
    check::<u8>(&path, "element 1, counted from 0 in the file's order, is -3, which is no uint8");
    for (value, want) in [(f64::NAN, "NaN"), (f64::INFINITY, "inf"), (1e19, "10000000000000000000")] {
        let path = file(folder.path(), "h", &npy(&dictionary("<f8", "(1,)"), &value.to_le_bytes()));
        check::<i64>(&path, &format!("is {want}, which is no int64"));
    }
    let path = file(folder.path(), "b", &npy(&dictionary("|b1", "(2,)"), &[1, 2]));
    check::<bool>(&path, "element 1, counted from 0 in the file's order, is the byte 2, which is no bool");
    check::<f32>(&path, "is the byte 2, which is no float32");
}

#[test]
fn files_cut_off_anywhere_are_errors() {
    let folder = tempdir().unwrap();
    let whole = std::fs::read(numpy("big-fortran-i2.npy")).unwrap();
    for len in 0..whole.len() {
        let error = read_npy_as::<f32>(file(folder.path(), "f", &whole[..len])).unwrap_err();
        assert!(matches!(error, DataError::Array(_)), "{len}: {error}");
    }
    let whole = std::fs::read(numpy("deflated.npz")).unwrap();
    for len in 0..whole.len() {
        let error = NpzReader::open(file(folder.path(), "f", &whole[..len])).unwrap_err().to_string();
        assert!(error.contains("is not a whole NPZ archive"), "{len}: {error}");
    }
}

#[test]
fn archives_with_a_flipped_bit_are_never_other_arrays() {
    let folder = tempdir().unwrap();
    let whole = std::fs::read(numpy("deflated.npz")).unwrap();
    let want = NpzReader::open(numpy("deflated.npz")).unwrap().read::<f32>("x").unwrap();
    for place in 0..whole.len() {
        let mut damaged = whole.clone();
        damaged[place] ^= 1 << (place % 8);
        let Ok(mut archive) = NpzReader::open(file(folder.path(), "f", &damaged)) else { continue };
        if let Ok(x) = archive.read::<f32>("x") {
            assert_eq!(x, want, "byte {place}");
        }
    }
}

#[test]
fn archives_that_claim_too_much_are_refused() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("f.npz");
    let mut archive = NpzWriter::create(&path).unwrap();
    archive.add("x", &Tensor::from_fn([100], |i| i as u8)).unwrap();
    assert!(
        archive.add("x", &Tensor::from_fn([1], |i| i as u8)).unwrap_err().to_string().contains("cannot be written")
    );
    archive.finish().unwrap();
    let whole = std::fs::read(&path).unwrap();
    let mut archive = NpzReader::open(&path).unwrap();
    let message = archive.read::<u8>("y").unwrap_err().to_string();
    assert!(message.ends_with("f.npz: holds no array 'y'; it holds x"), "{message}");
    assert!(archive.read::<f32>("x").unwrap_err().to_string().contains("f.npz/x.npy: holds elements of type uint8"));
    // The unpacked size in the central directory: 24 bytes after its signature.
    let at = whole.windows(4).position(|bytes| bytes == b"PK\x01\x02").unwrap() + 24;
    let mut bomb = whole;
    bomb[at..at + 4].copy_from_slice(&0xF000_0000u32.to_le_bytes());
    let message = NpzReader::open(file(folder.path(), "g", &bomb)).unwrap().read::<u8>("x").unwrap_err().to_string();
    assert!(message.contains("to 4026531840, more than its compression can"), "{message}");
    bomb[at..at + 4].copy_from_slice(&50_000u32.to_le_bytes());
    let message = NpzReader::open(file(folder.path(), "g", &bomb)).unwrap().read::<u8>("x").unwrap_err().to_string();
    assert!(message.contains("declares 100 bytes of elements, shape [100], but holds 49872"), "{message}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn arrays_come_back(shape in prop::collection::vec(0usize..5, 0..4), bits in any::<u64>()) {
        let folder = tempdir().unwrap();
        let floats = Tensor::from_fn(&shape, |i| (bits.wrapping_mul(i as u64 + 1) % 1000) as f32 / 7.0);
        let integers = Tensor::from_fn(&shape, |i| bits.wrapping_mul(i as u64 + 1) as i64);
        let path = folder.path().join("f.npy");
        write_npy(&path, &floats).unwrap();
        prop_assert_eq!(&read_npy::<f32>(&path).unwrap(), &floats);
        let path = folder.path().join("f.npz");
        let mut archive = NpzWriter::create(&path).unwrap();
        archive.add("floats", &floats).unwrap();
        archive.add("integers", &integers).unwrap();
        archive.finish().unwrap();
        let mut archive = NpzReader::open(&path).unwrap();
        prop_assert_eq!(archive.read::<f32>("floats").unwrap(), floats);
        prop_assert_eq!(archive.read::<i64>("integers").unwrap(), integers);
    }

    #[test]
    fn no_file_makes_the_reader_panic(
        bytes in prop::collection::vec(any::<u8>(), 0..200),
        header in "[{}'a-z0-9:,() <|]{0,80}",
    ) {
        let folder = tempdir().unwrap();
        for bytes in [bytes.clone(), npy(&header, &bytes)] {
            let path = file(folder.path(), "f", &bytes);
            let _ = read_npy_as::<f32>(&path);
            let _ = NpzReader::open(&path);
        }
    }
}
