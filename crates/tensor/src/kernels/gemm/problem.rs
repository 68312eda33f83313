//! A product as addresses and sizes: what is computed where, whatever computes it.

use super::Activation;

/// A matrix in memory: element `[i, j]` is at `i * row_stride + j * column_stride`.
#[derive(Clone, Copy)]
pub struct Strided<T> {
    pub(super) start: *const T,
    pub(super) row_stride: usize,
    pub(super) column_stride: usize,
}

impl<T: Copy> Strided<T> {
    /// From element `[i, j]` on.
    pub(super) fn at(self, i: usize, j: usize) -> Self {
        Self { start: self.start.wrapping_add(i * self.row_stride + j * self.column_stride), ..self }
    }

    pub(super) fn transposed(self) -> Self {
        Self { row_stride: self.column_stride, column_stride: self.row_stride, ..self }
    }
}

/// The right operand.
#[derive(Clone, Copy)]
pub(super) enum OperandB<T> {
    /// As it lies.
    Strided(Strided<T>),
    /// Packed by [`pack_all`], `columns` wide, from column `first`, a multiple of the panel's width, on.
    Packed { start: *const T, columns: usize, first: usize },
}

/// `C = activation((addend +) A B + bias)`.
#[derive(Clone, Copy)]
pub struct Problem<T> {
    pub(super) m: usize,
    pub(super) k: usize,
    pub(super) n: usize,
    pub(super) a: Strided<T>,
    pub(super) b: OperandB<T>,
    pub(super) c: *mut T,
    pub(super) c_row_stride: usize,
    /// C's element `[i, j]` is at `j * c_row_stride + i`, and the bias belongs to rows.
    pub(super) transposed: bool,
    /// Added to the product, in the same order as C, its rows `addend_row_stride` apart: null for nothing, C for what
    /// it holds.
    pub(super) addend: *const T,
    pub(super) addend_row_stride: usize,
    /// Null for none.
    pub(super) bias: *const T,
    pub(super) activation: Activation,
}

// SAFETY: a problem is addresses and sizes; whoever computes with it promises that they may be touched.
unsafe impl<T: Send + Sync> Send for Problem<T> {}
// SAFETY: as above.
unsafe impl<T: Send + Sync> Sync for Problem<T> {}

impl<T: Copy> Problem<T> {
    /// The same product, perhaps with the operands exchanged (`C^T = B^T A^T`), as it costs less packing.
    pub(super) fn oriented(self) -> Self {
        let OperandB::Strided(b) = self.b else { return self };
        let a = self.a;
        // Both have contiguous lines along k: one of them must be packed, the smaller. Or neither has: exchanged, they
        // both lie as tiles read them.
        let both_along_k = b.row_stride == 1 && a.column_stride == 1 && b.column_stride != 1;
        let neither = b.row_stride == 1 && a.row_stride == 1 && self.n != 1 && a.column_stride != 1;
        let exchanged = !self.transposed && ((both_along_k && self.m < self.n) || neither);
        let mut it = self;
        if exchanged {
            it = Self {
                m: self.n,
                n: self.m,
                a: b.transposed(),
                b: OperandB::Strided(a.transposed()),
                transposed: true,
                ..self
            };
        }
        if let (1, OperandB::Strided(b)) = (it.n, it.b) {
            it.b = OperandB::Strided(Strided { column_stride: 1, ..b });
        }
        it
    }

    /// The part of C with these rows and columns; `columns` starts at a multiple of the panel's width.
    pub(super) fn part(&self, rows: std::ops::Range<usize>, columns: std::ops::Range<usize>) -> Self {
        let (line, element) = if self.transposed { (columns.start, rows.start) } else { (rows.start, columns.start) };
        let place = |row_stride: usize| line * row_stride + element;
        let along = if self.transposed { rows.start } else { columns.start };
        Self {
            m: rows.len(),
            n: columns.len(),
            a: self.a.at(rows.start, 0),
            b: match self.b {
                OperandB::Strided(b) => OperandB::Strided(b.at(0, columns.start)),
                OperandB::Packed { start, columns: all, first } => {
                    OperandB::Packed { start, columns: all, first: first + columns.start }
                }
            },
            c: self.c.wrapping_add(place(self.c_row_stride)),
            addend: if self.addend.is_null() {
                self.addend
            } else {
                self.addend.wrapping_add(place(self.addend_row_stride))
            },
            bias: if self.bias.is_null() { self.bias } else { self.bias.wrapping_add(along) },
            ..*self
        }
    }
}
