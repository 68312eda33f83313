//! Products of random shapes and layouts against plain sums, and the same bits however they are cut.

use super::problem::Strided;
use super::tile::Tiles;
use super::*;
use crate::kernels::simd::{Level, level};
use crate::random::Generator;

/// Where a matrix of `rows` x `columns` lies in its slice.
#[derive(Clone, Copy, Debug)]
enum Layout {
    /// Row after row, with so many elements between them.
    Rows(usize),
    /// Column after column, with so many elements between them.
    Columns(usize),
    /// Every other element of rows.
    Sparse,
}

impl Layout {
    fn strides(self, rows: usize, columns: usize) -> (usize, usize) {
        match self {
            Layout::Rows(gap) => (columns + gap, 1),
            Layout::Columns(gap) => (1, rows + gap),
            Layout::Sparse => (2 * columns + 1, 2),
        }
    }
}

fn draws<T: crate::Float>(count: usize, seed: u64) -> Vec<T> {
    Generator::new(seed, 0).normal::<T>(&[count.max(1)], 0.0, 1.0).to_vec()
}

/// One product and what it is made of.
struct Case<T> {
    sizes: (usize, usize, usize),
    a: (Vec<T>, Layout),
    b: (Vec<T>, Layout),
    bias: Option<Vec<T>>,
    activation: Activation,
    /// What C holds is added.
    add: bool,
    /// Added instead, with as much behind each row as C has.
    residual: Option<Vec<T>>,
    row_stride: usize,
    before: Vec<T>,
}

impl<T: crate::Float> Case<T> {
    fn new(sizes: (usize, usize, usize), layouts: (Layout, Layout), flavour: usize) -> Self {
        let (m, k, n) = sizes;
        let room = |(rows, columns): (usize, usize), layout: Layout| {
            let (r, c) = layout.strides(rows, columns);
            rows * r + columns * c
        };
        let row_stride = n + flavour % 3;
        Self {
            sizes,
            a: (draws(room((m, k), layouts.0), 1), layouts.0),
            b: (draws(room((k, n), layouts.1), 2), layouts.1),
            bias: (flavour & 4 == 4).then(|| draws(n, 3)[..n].to_vec()),
            activation: if flavour & 8 == 8 { Activation::Relu } else { Activation::Identity },
            add: flavour & 16 == 16,
            residual: (flavour & 48 == 32).then(|| draws(m * row_stride, 5)),
            row_stride,
            before: draws(m * row_stride, 4),
        }
    }

    fn a(&self) -> MatrixRef<'_, T> {
        let (row_stride, column_stride) = self.a.1.strides(self.sizes.0, self.sizes.1);
        MatrixRef { data: &self.a.0, row_stride, column_stride }
    }

    fn b(&self) -> MatrixRef<'_, T> {
        let (row_stride, column_stride) = self.b.1.strides(self.sizes.1, self.sizes.2);
        MatrixRef { data: &self.b.0, row_stride, column_stride }
    }

    fn accumulate(&self) -> Accumulate<'_, T> {
        match &self.residual {
            Some(residual) => Accumulate::Residual(residual, self.row_stride),
            None if self.add => Accumulate::Add,
            None => Accumulate::Replace,
        }
    }

    fn epilogue(&self) -> Epilogue<'_, T> {
        Epilogue { bias: self.bias.as_deref(), activation: self.activation }
    }

    /// C after `f` has written to it.
    fn result(&self, f: impl FnOnce(MatrixMut<'_, T>)) -> Vec<T> {
        let mut c = self.before.clone();
        f(MatrixMut { data: &mut c, row_stride: self.row_stride });
        c
    }

    /// The same by [`gemm_with`].
    fn product(&self) -> Vec<T> {
        self.result(|c| gemm_with(self.sizes, self.a(), self.b(), c, self.accumulate(), self.epilogue()))
    }

    /// Compares `c` with plain sums in f64. A sum of `k` rounded products is off by at most `k` roundings of the sum of
    /// their sizes; the bias and what C held add one each.
    fn check(&self, c: &[T], what: &str) {
        let (m, k, n) = self.sizes;
        let (a, b) = (self.a(), self.b());
        let epsilon = T::epsilon().as_() / 2.0;
        for i in 0..m {
            for j in 0..self.row_stride {
                let (got, old): (f64, f64) =
                    (c[i * self.row_stride + j].as_(), self.before[i * self.row_stride + j].as_());
                let place = || format!("{what} at [{i}, {j}] of {:?}, {:?} x {:?}", self.sizes, self.a.1, self.b.1);
                if j >= n {
                    assert_eq!(got, old, "beyond the row: {}", place());
                    continue;
                }
                let addend: f64 = match &self.residual {
                    Some(residual) => residual[i * self.row_stride + j].as_(),
                    None if self.add => old,
                    None => 0.0,
                };
                let (mut want, mut size) = (addend, addend.abs());
                for p in 0..k {
                    let x: f64 = a.data[i * a.row_stride + p * a.column_stride].as_();
                    let y: f64 = b.data[p * b.row_stride + j * b.column_stride].as_();
                    want += x * y;
                    size += (x * y).abs();
                }
                if let Some(bias) = &self.bias {
                    let bias: f64 = bias[j].as_();
                    want += bias;
                    size += bias.abs();
                }
                want = if self.activation == Activation::Relu { want.max(0.0) } else { want };
                let bound = (k + 2) as f64 * epsilon * size * 1.01 + f64::from(f32::MIN_POSITIVE) * epsilon;
                assert!((got - want).abs() <= bound, "{got} instead of {want}, {}", place());
            }
        }
    }
}

/// A size: often small, sometimes where something begins or ends, sometimes anything.
fn size(random: &mut impl FnMut(usize) -> usize) -> usize {
    const EDGES: [usize; 12] = [0, 1, 2, 16, 31, 32, 33, 64, 97, 127, 160, 257];
    if cfg!(miri) {
        return random(14);
    }
    match random(8) {
        0..4 => random(24),
        4..7 => EDGES[random(EDGES.len())],
        _ => random(130),
    }
}

/// RegisterTile deterministic draws below a bound.
fn generator(seed: u64) -> impl FnMut(usize) -> usize {
    let mut state = seed;
    move |below| {
        state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (state >> 33) as usize % below
    }
}

fn layout(random: &mut impl FnMut(usize) -> usize) -> Layout {
    match random(9) {
        0..2 => Layout::Rows(0),
        2..4 => Layout::Rows(random(9)),
        4..6 => Layout::Columns(0),
        6..8 => Layout::Columns(random(9)),
        _ => Layout::Sparse,
    }
}

fn random_cases<T: crate::Float>(count: usize, mut f: impl FnMut(&Case<T>)) {
    let mut random = generator(7);
    for _ in 0..count {
        let sizes = (size(&mut random), size(&mut random), size(&mut random));
        let layouts = (layout(&mut random), layout(&mut random));
        f(&Case::new(sizes, layouts, random(64)));
    }
}

/// The product of a case by the tiles of `level`.
fn at_level(case: &Case<f32>, level: Level) -> Vec<f32> {
    case.result(|c| {
        let b = OperandB::Strided(case.b().strided());
        let problem = raw(case.sizes, case.a(), b, c, case.accumulate(), case.epilogue()).oriented();
        // SAFETY: the case's slices hold the matrices, and the level is one that this processor has.
        unsafe { blocked::product(Tiles::at(level), &problem) }
    })
}

#[test]
fn random_products_equal_plain_sums() {
    let count = if cfg!(miri) { 20 } else { 10_000 };
    let levels = [Level::Portable, Level::Avx2, Level::Avx512].into_iter().filter(|it| *it <= level());
    for level in levels {
        random_cases(count, |case| case.check(&at_level(case, level), &format!("{level:?}")));
    }
    random_cases::<f64>(count / 10, |case| case.check(&case.product(), "f64"));
}

/// Layouts, cuts, exchanged operands and packing change no bit.
#[test]
fn the_same_bits_however_it_is_computed() {
    const SHAPES: [(usize, usize, usize); 7] =
        [(70, 900, 130), (12, 385, 32), (200, 50, 65), (33, 1300, 500), (1, 800, 100), (130, 17, 1), (5, 0, 6)];
    let shapes: &[_] = if cfg!(miri) { &[(7, 9, 11)] } else { &SHAPES };
    for &sizes in shapes {
        let (m, k, n) = sizes;
        let case = Case::<f32>::new(sizes, (Layout::Rows(0), Layout::Rows(0)), 5 + 32 * (m % 2));
        let want = case.product();
        case.check(&want, "gemm");
        let copy = |x: MatrixRef<'_, f32>, rows: usize, columns: usize, layout: Layout| {
            let (r, c) = layout.strides(rows, columns);
            let mut data = vec![0.0; rows * r + columns * c + 1];
            (0..rows).for_each(|i| {
                (0..columns).for_each(|j| data[i * r + j * c] = x.data[i * x.row_stride + j * x.column_stride]);
            });
            (data, r, c)
        };
        for layouts in [Layout::Rows(3), Layout::Columns(0), Layout::Columns(5), Layout::Sparse] {
            for other in [Layout::Rows(0), Layout::Columns(0), Layout::Sparse] {
                let (a, b) = (copy(case.a(), m, k, layouts), copy(case.b(), k, n, other));
                let view = |x: &(Vec<f32>, usize, usize)| (x.1, x.2);
                let ((ra, ca), (rb, cb)) = (view(&a), view(&b));
                let a = MatrixRef { data: &a.0, row_stride: ra, column_stride: ca };
                let b = MatrixRef { data: &b.0, row_stride: rb, column_stride: cb };
                let got = case.result(|c| gemm_with(sizes, a, b, c, case.accumulate(), case.epilogue()));
                assert_eq!(got, want, "{sizes:?}: {layouts:?} x {other:?}");
                // Each row of C by itself, and each panel of columns by itself.
                let got = case.result(|c| {
                    let b = OperandB::Strided(Strided { ..b.strided() });
                    let problem = raw(sizes, a, b, c, case.accumulate(), case.epilogue()).oriented();
                    let panel = f32::panel();
                    for i in 0..problem.m {
                        for j in (0..problem.n).step_by(panel) {
                            // SAFETY: the slices hold the matrices; nobody else touches C.
                            unsafe { f32::product(&problem.part(i..i + 1, j..(j + panel).min(problem.n))) };
                        }
                    }
                });
                assert_eq!(got, want, "{sizes:?} cut: {layouts:?} x {other:?}");
            }
        }
        let packed = PackedB::new(case.b(), k, n);
        let got = case.result(|c| {
            for first in (0..n).step_by(PackedB::<f32>::panel()) {
                let columns = first..(first + PackedB::<f32>::panel()).min(n);
                let bias = case.bias.as_deref().map(|bias| &bias[columns.clone()]);
                let epilogue = Epilogue { bias, activation: case.activation };
                let part = MatrixMut { data: &mut c.data[first..], row_stride: c.row_stride };
                let accumulate = match case.accumulate() {
                    Accumulate::Residual(data, row_stride) => {
                        Accumulate::Residual(&data[first.min(data.len())..], row_stride)
                    }
                    other => other,
                };
                gemm_packed_serial(m, case.a(), (&packed, columns), part, accumulate, epilogue);
            }
        });
        assert_eq!(got, want, "{sizes:?} packed, by columns");
    }
}
