//! The element types of NumPy files, and how each becomes an element of a tensor.

use gradus_tensor::Element;

/// An element type that files hold: `numpy.float32` and its like, apart from the order of its bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Float32,
    Float64,
    Int8,
    Int16,
    Int32,
    Int64,
    UInt8,
    UInt16,
    UInt32,
    UInt64,
    Bool,
}

use Kind::{Bool, Float32, Float64, Int8, Int16, Int32, Int64, UInt8, UInt16, UInt32, UInt64};

/// Each with NumPy's letter and size, NumPy's name and its bytes.
const KINDS: [(Kind, &str, &str, usize); 11] = [
    (Float32, "f4", "float32", 4),
    (Float64, "f8", "float64", 8),
    (Int8, "i1", "int8", 1),
    (Int16, "i2", "int16", 2),
    (Int32, "i4", "int32", 4),
    (Int64, "i8", "int64", 8),
    (UInt8, "u1", "uint8", 1),
    (UInt16, "u2", "uint16", 2),
    (UInt32, "u4", "uint32", 4),
    (UInt64, "u8", "uint64", 8),
    (Bool, "b1", "bool", 1),
];

impl Kind {
    /// The type that a header's `descr` names, and whether its bytes are big-endian.
    pub(super) fn of(descr: &str) -> Option<(Self, bool)> {
        let (order, letters) = descr.split_at_checked(1)?;
        let &(kind, _, _, size) = KINDS.iter().find(|(_, own, ..)| *own == letters)?;
        match order {
            "<" => Some((kind, false)),
            ">" => Some((kind, true)),
            // "=" is this machine's order, which no file says of itself.
            "|" if size == 1 => Some((kind, false)),
            _ => None,
        }
    }

    /// How a header names this type with little-endian bytes.
    pub(super) fn descr(self) -> String {
        let &(_, letters, _, size) = self.row();
        format!("{}{letters}", if size == 1 { '|' } else { '<' })
    }

    /// NumPy's name.
    pub(super) fn name(self) -> &'static str {
        self.row().2
    }

    /// Bytes an element.
    pub(super) fn size(self) -> usize {
        self.row().3
    }

    fn row(self) -> &'static (Self, &'static str, &'static str, usize) {
        const { &KINDS }.iter().find(|row| row.0 == self).expect("the table has a row for each type")
    }

    /// The number that `bytes`, little-endian and as many as the type has, stand for; `Err` with the byte where a truth
    /// value is neither 0 nor 1.
    pub(super) fn number(self, bytes: &[u8]) -> Result<Number, u8> {
        let mut wide = [0; 8];
        wide[..bytes.len()].copy_from_slice(bytes);
        let bits = u64::from_le_bytes(wide);
        Ok(match self {
            Float32 => Number::Float(f64::from(f32::from_bits(bits as u32))),
            Float64 => Number::Float(f64::from_bits(bits)),
            Int8 => Number::Int(i128::from(bits as i8)),
            Int16 => Number::Int(i128::from(bits as i16)),
            Int32 => Number::Int(i128::from(bits as i32)),
            Int64 => Number::Int(i128::from(bits as i64)),
            UInt8 | UInt16 | UInt32 | UInt64 => Number::Int(i128::from(bits)),
            Bool if bits > 1 => return Err(bits as u8),
            Bool => Number::Int(i128::from(bits)),
        })
    }
}

/// A value on its way from one element type to another.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Number {
    /// Of an integer type, or a truth value as 0 or 1.
    Int(i128),
    /// Of a floating-point type.
    Float(f64),
}

impl std::fmt::Display for Number {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Int(value) => write!(f, "{value}"),
            Self::Float(value) => write!(f, "{value}"),
        }
    }
}

impl Number {
    /// The whole number that this is.
    fn whole(self) -> Option<i128> {
        match self {
            Self::Int(value) => Some(value),
            // Beyond 2^63 no integer type follows, so the cast need not be exact there.
            Self::Float(value) => (value.fract() == 0.0).then_some(value as i128),
        }
    }

    fn float(self) -> f64 {
        match self {
            Self::Int(value) => value as f64,
            Self::Float(value) => value,
        }
    }
}

/// An element type that is read from and written to NumPy files: `f32`, `f64`, `i64`, `u8` and `bool`.
pub trait ArrayElement: Element + Sealed {
    /// The value where this type has it: floats take the nearest, integers and truth values only their own.
    #[doc(hidden)]
    fn from_number(number: Number) -> Option<Self>;
}

mod sealed {
    /// Names the file type that is this type, bit for bit.
    pub trait Sealed {
        #[doc(hidden)]
        #[allow(private_interfaces, reason = "the trait is sealed")]
        const KIND: super::Kind;
    }
}
use sealed::Sealed;

macro_rules! elements {
    ($($t:ty => $kind:ident, $convert:expr;)*) => {$(
        impl Sealed for $t {
            #[allow(private_interfaces, reason = "the trait is sealed")]
            const KIND: Kind = $kind;
        }
        impl ArrayElement for $t {
            fn from_number(number: Number) -> Option<Self> {
                let convert: fn(Number) -> Option<Self> = $convert;
                convert(number)
            }
        }
    )*};
}
elements! {
    f32 => Float32, |number| Some(number.float() as f32);
    f64 => Float64, |number| Some(number.float());
    i64 => Int64, |number| number.whole()?.try_into().ok();
    u8 => UInt8, |number| number.whole()?.try_into().ok();
    bool => Bool, |number| match number.whole()? { 0 => Some(false), 1 => Some(true), _ => None };
}
