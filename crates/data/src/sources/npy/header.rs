//! The header of an NPY file: a Python dictionary with the element type, the order and the shape.
//!
//! Source: NumPy, `numpy.lib.format`, versions 1.0, 2.0 and 3.0.

use std::io::{ErrorKind, Read};
use std::path::Path;

use crate::sources::npy::error::ArrayError;
use crate::sources::npy::kind::Kind;

/// The bytes that begin every NPY file.
const MAGIC: &[u8; 6] = b"\x93NUMPY";

/// The longest header that is read, NumPy's own `max_header_size`.
const LIMIT: u64 = 10_000;

/// The most dimensions of an array, NumPy's own limit.
const MAX_RANK: usize = 64;

/// What a header says, and where the elements begin.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) kind: Kind,
    pub(super) big_endian: bool,
    pub(super) fortran_order: bool,
    pub(super) shape: Vec<usize>,
    /// Bytes before the first element.
    pub(super) length: u64,
}

impl Header {
    /// The next header of `input`; errors name `path`.
    pub(super) fn read(path: &Path, input: &mut impl Read) -> Result<Self, ArrayError> {
        let mut start = [0; 8];
        fill(path, input, &mut start, 0)?;
        if !start.starts_with(MAGIC) {
            return Err(ArrayError::Magic { path: path.to_path_buf() });
        }
        let (major, minor) = (start[6], start[7]);
        if !(1..=3).contains(&major) || minor != 0 {
            return Err(ArrayError::Version { path: path.to_path_buf(), major, minor });
        }
        let mut size = [0; 4];
        let size_bytes = if major == 1 { 2 } else { 4 };
        fill(path, input, &mut size[..size_bytes], 8)?;
        let length = u64::from(u32::from_le_bytes(size));
        if length > LIMIT {
            return Err(ArrayError::HeaderLength { path: path.to_path_buf(), length, limit: LIMIT });
        }
        let before = 8 + size_bytes as u64;
        let mut text = vec![0; length as usize];
        fill(path, input, &mut text, before)?;
        parse(path, &text, before + length)
    }

    /// The bytes of all elements.
    pub(super) fn declared_bytes(&self, path: &Path) -> Result<u64, ArrayError> {
        // A size of 0 counts as 1 in the check, or it would hide the others from it.
        let at_least = self.shape.iter().try_fold(self.kind.size(), |product, &n| product.checked_mul(n.max(1)));
        match at_least {
            Some(bytes) if isize::try_from(bytes).is_ok() => Ok(if self.shape.contains(&0) { 0 } else { bytes as u64 }),
            _ => Err(ArrayError::Shape { path: path.to_path_buf(), shape: self.shown_shape() }),
        }
    }

    pub(super) fn shown_shape(&self) -> String {
        format!("{:?}", self.shape)
    }
}

/// The header of version 1.0 for row-major little-endian elements: a multiple of 64 bytes, as NumPy writes it.
pub(super) fn header(kind: Kind, shape: &[usize]) -> Vec<u8> {
    let sizes = shape.iter().map(usize::to_string).collect::<Vec<_>>().join(", ");
    let comma = if shape.len() == 1 { "," } else { "" };
    let descr = kind.descr();
    let mut text = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': ({sizes}{comma}), }}");
    let padding = 63 - (MAGIC.len() + 4 + text.len()) % 64;
    text.extend(std::iter::repeat_n(' ', padding));
    text.push('\n');
    let length = u16::try_from(text.len()).expect("64 sizes of at most 20 digits fit");
    [&MAGIC[..], &[1, 0], &length.to_le_bytes(), text.as_bytes()].concat()
}

fn fill(path: &Path, input: &mut impl Read, out: &mut [u8], position: u64) -> Result<(), ArrayError> {
    input.read_exact(out).map_err(|cause| match cause.kind() {
        ErrorKind::UnexpectedEof => ArrayError::HeaderCut { path: path.to_path_buf() },
        _ => ArrayError::Read { path: path.to_path_buf(), position, cause },
    })
}

/// The dictionary in `text`: its three keys once each, in any order.
fn parse(path: &Path, text: &[u8], length: u64) -> Result<Header, ArrayError> {
    let mut text = Text { text, at: 0 };
    let (mut descr, mut fortran_order, mut shape) = (None, None, None);
    let parsed = (|| {
        text.expect(b'{', "'{'")?;
        while !text.accept(b'}') {
            let key_at = text.at;
            let key = text.string("a key in quotes, or '}'")?;
            text.expect(b':', "':'")?;
            let again = match key {
                b"descr" => descr.replace(text.string("an element type in quotes")?).is_some(),
                b"fortran_order" => fortran_order.replace(text.boolean()?).is_some(),
                b"shape" => shape.replace(text.tuple()?).is_some(),
                _ => true,
            };
            if again {
                return Err((key_at, "'descr', 'fortran_order' or 'shape', once each,"));
            }
            if !text.accept(b',') {
                text.expect(b'}', "',' or '}'")?;
                break;
            }
        }
        text.skip_spaces();
        if text.at < text.text.len() {
            return Err((text.at, "the header's end"));
        }
        match (descr, fortran_order, shape.take()) {
            (Some(descr), Some(fortran_order), Some(shape)) => Ok((descr, fortran_order, shape)),
            _ => Err((text.at, "'descr', 'fortran_order' and 'shape'")),
        }
    })();
    let (descr, fortran_order, shape) =
        parsed.map_err(|(at, expected)| ArrayError::Header { path: path.to_path_buf(), at, expected })?;
    let descr = String::from_utf8_lossy(descr);
    let Some((kind, big_endian)) = Kind::of(&descr) else {
        let descr = descr.chars().take(40).collect::<String>().escape_debug().to_string();
        return Err(ArrayError::Unsupported { path: path.to_path_buf(), descr });
    };
    Ok(Header { kind, big_endian, fortran_order, shape, length })
}

/// What should stand where.
type Expected = (usize, &'static str);

/// The rest of a header.
struct Text<'a> {
    text: &'a [u8],
    at: usize,
}

impl<'a> Text<'a> {
    fn skip_spaces(&mut self) {
        let spaces = self.text[self.at..].iter().take_while(|byte| byte.is_ascii_whitespace());
        self.at += spaces.count();
    }

    fn accept(&mut self, byte: u8) -> bool {
        self.skip_spaces();
        let is_there = self.text.get(self.at) == Some(&byte);
        self.at += usize::from(is_there);
        is_there
    }

    fn expect(&mut self, byte: u8, expected: &'static str) -> Result<(), Expected> {
        if self.accept(byte) { Ok(()) } else { Err((self.at, expected)) }
    }

    /// What stands between two quotes of one kind. NumPy never escapes anything in these strings.
    fn string(&mut self, expected: &'static str) -> Result<&'a [u8], Expected> {
        self.skip_spaces();
        let rest = &self.text[self.at..];
        let (&quote, rest) =
            rest.split_first().filter(|(quote, _)| b"'\"".contains(quote)).ok_or((self.at, expected))?;
        let length = rest.iter().position(|&byte| byte == quote).ok_or((self.at, expected))?;
        self.at += length + 2;
        Ok(&rest[..length])
    }

    fn boolean(&mut self) -> Result<bool, Expected> {
        self.skip_spaces();
        for (word, value) in [(&b"True"[..], true), (b"False", false)] {
            if self.text[self.at..].starts_with(word) {
                self.at += word.len();
                return Ok(value);
            }
        }
        Err((self.at, "True or False"))
    }

    fn tuple(&mut self) -> Result<Vec<usize>, Expected> {
        self.expect(b'(', "'('")?;
        let mut sizes = Vec::new();
        while !self.accept(b')') {
            if sizes.len() == MAX_RANK {
                return Err((self.at, "the end of at most 64 sizes"));
            }
            sizes.push(self.size()?);
            if !self.accept(b',') {
                self.expect(b')', "',' or ')'")?;
                break;
            }
        }
        Ok(sizes)
    }

    fn size(&mut self) -> Result<usize, Expected> {
        self.skip_spaces();
        let rest = &self.text[self.at..];
        let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let size = std::str::from_utf8(&rest[..digits]).ok().and_then(|digits| digits.parse().ok());
        let size = size.ok_or((self.at, "a size"))?;
        self.at += digits;
        // Python 2 marked long numbers.
        self.at += usize::from(self.text.get(self.at) == Some(&b'L'));
        Ok(size)
    }
}
