//! A column while it is read: its type is that of its cells.

use std::collections::HashMap;

use super::{Column, ColumnKind, MISSING_CODE, number};

/// The most different values of all category columns together; a column that would need more is text.
pub(super) const MAX_VALUES: usize = 400_000;
/// Whole numbers up to this size are exact in f32.
const EXACT: f32 = 16_777_216.0;

/// What a cell was for its column.
pub(super) enum Taken {
    /// It fits.
    Fits,
    /// The number is too large, or infinite.
    NotFinite,
    /// The cell is not of the kind that was declared.
    NotOfKind,
    NotUtf8,
}

/// The cells that stand for nothing.
pub(super) struct Missing<'a> {
    words: &'a [String],
    /// Whether a word begins with the byte: most cells need no comparison.
    begins: [bool; 256],
}

impl<'a> Missing<'a> {
    pub(super) fn new(words: &'a [String]) -> Self {
        let mut begins = [false; 256];
        words.iter().filter_map(|word| word.bytes().next()).for_each(|byte| begins[usize::from(byte)] = true);
        Self { words, begins }
    }

    fn contains(&self, cell: &[u8]) -> bool {
        cell.first().is_none_or(|&byte| self.begins[usize::from(byte)])
            && (cell.is_empty() || self.words.iter().any(|word| word.as_bytes() == cell))
    }
}

/// The cells of a column so far.
pub(super) struct Builder {
    kind: Option<ColumnKind>,
    is_declared: bool,
    /// The kind turned out wrong: the file must be read again with this column as categories.
    pub(super) is_widened: bool,
    missing: usize,
    len: usize,
    numbers: Vec<f32>,
    codes: Vec<u32>,
    values: HashMap<Box<str>, u32>,
}

impl Builder {
    pub(super) fn new(declared: Option<ColumnKind>) -> Self {
        Self {
            kind: declared,
            is_declared: declared.is_some(),
            is_widened: false,
            missing: 0,
            len: 0,
            numbers: Vec::new(),
            codes: Vec::new(),
            values: HashMap::new(),
        }
    }

    /// Adds a cell. `budget` is how many more category values there may be.
    pub(super) fn push(&mut self, cell: &[u8], missing: &Missing<'_>, budget: &mut usize) -> Taken {
        self.len += 1;
        if self.is_widened {
            return Taken::Fits;
        }
        match self.kind {
            Some(ColumnKind::Category) => {
                return if missing.contains(cell) { self.skip() } else { self.push_category(cell, budget) };
            }
            Some(ColumnKind::Text) => {
                self.missing += usize::from(missing.contains(cell));
                return Taken::Fits;
            }
            _ => {}
        }
        let (raw, cell) = (cell, cell.trim_ascii());
        if cell.is_empty() {
            return self.skip();
        }
        let number = match self.kind {
            Some(ColumnKind::Boolean) => None,
            _ => number::parse(cell),
        };
        match number {
            Some(number) if number.is_nan() => self.skip(),
            _ if missing.contains(cell) => self.skip(),
            Some(number) if number.is_infinite() => Taken::NotFinite,
            Some(number) => self.push_number(number),
            None => self.push_word(cell, raw, budget),
        }
    }

    fn skip(&mut self) -> Taken {
        self.missing += 1;
        match self.kind {
            Some(ColumnKind::Category) => self.codes.push(MISSING_CODE),
            _ => self.numbers.push(f32::NAN),
        }
        Taken::Fits
    }

    fn push_number(&mut self, number: f32) -> Taken {
        let is_whole = number.fract() == 0.0 && number.abs() <= EXACT;
        match self.kind {
            None => self.kind = Some(if is_whole { ColumnKind::Integer } else { ColumnKind::Number }),
            Some(ColumnKind::Integer) if !is_whole && self.is_declared => return Taken::NotOfKind,
            Some(ColumnKind::Integer) if !is_whole => self.kind = Some(ColumnKind::Number),
            _ => {}
        }
        self.numbers.push(number);
        Taken::Fits
    }

    /// A cell that is no number; `raw` has the spaces around it too.
    fn push_word(&mut self, cell: &[u8], raw: &[u8], budget: &mut usize) -> Taken {
        let truth = match cell {
            _ if cell.eq_ignore_ascii_case(b"true") => Some(1.0),
            _ if cell.eq_ignore_ascii_case(b"false") => Some(0.0),
            _ => None,
        };
        match (self.kind, truth) {
            (None | Some(ColumnKind::Boolean), Some(truth)) => {
                self.kind = Some(ColumnKind::Boolean);
                self.numbers.push(truth);
                Taken::Fits
            }
            (Some(_), _) if self.is_declared => Taken::NotOfKind,
            (None, None) => {
                // All before were missing.
                self.kind = Some(ColumnKind::Category);
                self.codes = vec![MISSING_CODE; std::mem::take(&mut self.numbers).len()];
                self.push_category(raw, budget)
            }
            _ => {
                self.is_widened = true;
                self.numbers = Vec::new();
                Taken::Fits
            }
        }
    }

    fn push_category(&mut self, cell: &[u8], budget: &mut usize) -> Taken {
        let Ok(text) = std::str::from_utf8(cell) else { return Taken::NotUtf8 };
        let code = match self.values.get(text) {
            Some(&code) => code,
            None if *budget == 0 => {
                *budget += self.values.len();
                (self.kind, self.codes, self.values) = (Some(ColumnKind::Text), Vec::new(), HashMap::new());
                return Taken::Fits;
            }
            None => {
                *budget -= 1;
                let code = self.values.len() as u32;
                self.values.insert(text.into(), code);
                code
            }
        };
        self.codes.push(code);
        Taken::Fits
    }

    /// The column, categories sorted.
    pub(super) fn finish(self, name: String) -> Column {
        // A column of missing cells alone is one of numbers, all unknown.
        let kind = self.kind.unwrap_or(ColumnKind::Number);
        let mut values: Vec<(Box<str>, u32)> = self.values.into_iter().collect();
        values.sort();
        let mut places = vec![0; values.len()];
        for (place, (_, code)) in values.iter().enumerate() {
            places[*code as usize] = place as u32;
        }
        let mut codes = self.codes;
        codes.iter_mut().filter(|code| **code != MISSING_CODE).for_each(|code| *code = places[*code as usize]);
        let values = values.into_iter().map(|(value, _)| value.into_string()).collect();
        Column { name, kind, missing: self.missing, numbers: self.numbers, codes, values }
    }
}
