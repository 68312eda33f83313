//! No damage goes unnoticed: every byte of a manifest, every length of every file, and 10,000 random flips.

mod checkpoint_memory;

use std::io::{self, Cursor, ErrorKind, Read};
use std::path::{Path, PathBuf};

use checkpoint_memory::Memory;
use gradus_trainer::checkpoint::{CheckpointError, FileSystem, FileWriter, load_newest_with, load_with, save_with};

fn dir() -> &'static Path {
    Path::new("/checkpoints")
}

/// A small checkpoint of a model, an optimizer and a state, in a file system of its own.
struct Small {
    memory: Memory,
    folder: PathBuf,
    files: Vec<(PathBuf, Vec<u8>)>,
}

fn small() -> Small {
    let memory = Memory::default();
    let bytes = |n: u32, salt: u32| (0..n).map(|i| (i.wrapping_mul(2_654_435_761) ^ salt) as u8).collect::<Vec<_>>();
    let (model, optimizer, state) = (bytes(700, 1), bytes(300, 2), bytes(60, 3));
    let files = [("model.safetensors", &model[..]), ("optimizer.safetensors", &optimizer), ("state.bin", &state)];
    let folder = save_with(&memory, dir(), 123, &files).unwrap();
    let paths = memory.list(&folder).unwrap().into_iter().map(|name| folder.join(name));
    let files = paths.map(|path| (path.clone(), memory.get(&path))).collect();
    Small { memory, folder, files }
}

impl Small {
    /// Puts `bytes` in the file's place and checks that the checkpoint is refused, in whichever way it is asked for.
    fn refuses(&self, file: &Path, bytes: &[u8], what: impl FnOnce() -> String) {
        self.memory.put(file, bytes);
        let newest = load_newest_with(&self.memory, dir());
        let noticed = matches!(newest, Err(CheckpointError::NoneWhole { .. }));
        assert!(noticed, "{} of {} was not noticed", what(), file.display());
        assert!(matches!(load_with(&self.memory, &self.folder), Err(CheckpointError::Damaged { .. })));
    }

    /// Puts the file back and checks that nothing else was amiss.
    fn restore(&self, file: &Path, whole: &[u8]) {
        self.memory.put(file, whole);
        load_with(&self.memory, &self.folder).unwrap();
    }
}

#[test]
fn every_bit_of_the_manifest() {
    let small = small();
    let (manifest, whole) = &small.files[0];
    assert!(manifest.ends_with("manifest.json"));
    for at in 0..whole.len() {
        let mut bytes = whole.clone();
        for bit in 0..8 {
            bytes[at] = whole[at] ^ (1 << bit);
            small.refuses(manifest, &bytes, || format!("bit {bit} of byte {at}"));
        }
        bytes[at] = !whole[at];
        small.refuses(manifest, &bytes, || format!("byte {at}"));
        bytes.remove(at);
        small.refuses(manifest, &bytes, || format!("the loss of byte {at}"));
    }
    small.restore(manifest, whole);
}

#[test]
fn every_truncation_a_longer_one_and_the_loss_of_every_file() {
    let small = small();
    for (file, whole) in &small.files {
        for length in 0..whole.len() {
            small.refuses(file, &whole[..length], || format!("the cut to {length} bytes"));
        }
        small.refuses(file, &[whole.as_slice(), b"\n"].concat(), || "a byte more".to_string());
        small.memory.remove(file);
        assert!(load_with(&small.memory, &small.folder).is_err());
        small.restore(file, whole);
    }
}

#[test]
fn ten_thousand_random_flips() {
    let small = small();
    let mut random = SplitMix(7);
    let mut flips = 0;
    while flips < 10_000 {
        let (file, whole) = &small.files[random.below(small.files.len())];
        let mut bytes = whole.clone();
        // One bit, some bits, or a run of random bytes.
        match flips % 3 {
            0 => bytes[random.below(whole.len())] ^= 1 << random.below(8),
            1 => (0..=random.below(8)).for_each(|_| bytes[random.below(whole.len())] ^= 1 << random.below(8)),
            _ => {
                let start = random.below(whole.len());
                let end = (start + 1 + random.below(64)).min(whole.len());
                bytes[start..end].fill_with(|| random.below(256) as u8);
            }
        }
        if bytes != *whole {
            small.refuses(file, &bytes, || format!("flip {flips}"));
            small.memory.put(file, whole);
            flips += 1;
        }
    }
    load_with(&small.memory, &small.folder).unwrap();
}

#[test]
fn files_swapped_between_checkpoints() {
    let memory = Memory::default();
    let one = save_with(&memory, dir(), 1, &[("model.safetensors", b"aaaa"), ("state.bin", b"bbbb")]).unwrap();
    let two = save_with(&memory, dir(), 2, &[("model.safetensors", b"cccc"), ("state.bin", b"dddd")]).unwrap();
    memory.put(&two.join("state.bin"), &memory.get(&one.join("state.bin")));
    let loaded = load_newest_with(&memory, dir()).unwrap();
    assert_eq!((loaded.step, loaded.passed_over.len()), (1, 1));
}

/// A file that changes between the moment it is measured and the moment it is read.
struct Changing<'a>(&'a Memory, fn(Vec<u8>) -> Box<dyn Read>);

impl FileSystem for Changing<'_> {
    fn list(&self, path: &Path) -> io::Result<Vec<String>> {
        self.0.list(path)
    }

    fn file_length(&self, path: &Path) -> io::Result<u64> {
        self.0.file_length(path)
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn Read>> {
        let manifest = path.ends_with("manifest.json");
        if manifest { self.0.open(path) } else { Ok(self.1(self.0.get(path))) }
    }

    fn create_folder(&self, _: &Path) -> io::Result<()> {
        Err(ErrorKind::Unsupported.into())
    }

    fn create_file(&self, _: &Path) -> io::Result<Box<dyn FileWriter>> {
        Err(ErrorKind::Unsupported.into())
    }

    fn sync_folder(&self, _: &Path) -> io::Result<()> {
        Err(ErrorKind::Unsupported.into())
    }

    fn rename(&self, _: &Path, _: &Path) -> io::Result<()> {
        Err(ErrorKind::Unsupported.into())
    }

    fn remove_folder(&self, _: &Path) -> io::Result<()> {
        Err(ErrorKind::Unsupported.into())
    }
}

#[test]
fn a_file_that_changes_while_it_is_read() {
    let small = small();
    let told = |open| load_with(&Changing(&small.memory, open), &small.folder).unwrap_err().to_string();
    let grown = told(|_| Box::new(io::repeat(7)));
    assert!(grown.contains("bytes instead of 700"), "{grown}");
    let cut = told(|bytes| Box::new(Cursor::new(bytes[..5].to_vec())));
    assert!(cut.contains("model.safetensors has 5 bytes instead of 700"), "{cut}");
}

/// Steele, Lea and Flood's generator: the same flips on every machine.
struct SplitMix(u64);

impl SplitMix {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % n as u64) as usize
    }
}
