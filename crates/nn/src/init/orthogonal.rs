//! Orthogonal matrices.

use gradus_tensor::random::{Purpose, with_default};
use gradus_tensor::{Float, Tensor};

/// `gain` times a random matrix with orthonormal rows or, where there are more rows than columns, columns: the weight
/// as `[O, I ..]`, its first dimension against all others (Saxe et al., arXiv:1312.6120; PyTorch's `orthogonal_`).
///
/// Every such matrix is equally likely: it is the Q of `QR` of a matrix of normal numbers, R's diagonal being positive.
///
/// # Panics
/// If the shape has fewer than two dimensions.
#[track_caller]
pub fn orthogonal<T: Float>(shape: impl AsRef<[usize]>, gain: f64) -> Tensor<T> {
    let shape = shape.as_ref();
    assert!(shape.len() >= 2, "orthogonal: shape {shape:?} has fewer than two dimensions");
    let (rows, columns) = (shape[0], shape[1..].iter().product::<usize>());
    let (count, length) = (rows.min(columns), rows.max(columns));
    let draw = with_default(Purpose::Init, |stream| stream.normal::<f64>([count, length], 0.0, 1.0));
    let mut vectors: Vec<Vec<f64>> = draw.to_vec().chunks(length.max(1)).map(<[f64]>::to_vec).collect();
    orthonormalise(&mut vectors);
    let at = |row: usize, column: usize| if rows < columns { vectors[row][column] } else { vectors[column][row] };
    Tensor::from_fn(shape, |i| T::from_f64(gain * at(i / columns, i % columns)))
}

/// Gram and Schmidt's method, each vector freed from those before twice: after the second time it is orthogonal to
/// rounding ("twice is enough", Giraud et al., 2005).
fn orthonormalise(vectors: &mut [Vec<f64>]) {
    for i in 0..vectors.len() {
        let (done, rest) = vectors.split_at_mut(i);
        let vector = &mut rest[0];
        for _ in 0..2 {
            for other in &*done {
                let share = dot(vector, other);
                vector.iter_mut().zip(other).for_each(|(x, y)| *x -= share * y);
            }
        }
        let norm = dot(vector, vector).sqrt();
        vector.iter_mut().for_each(|x| *x /= norm);
    }
}

/// In eight sums side by side, which the compiler makes vectors.
fn dot(a: &[f64], b: &[f64]) -> f64 {
    let mut sums = [0.0; 8];
    let ((a_whole, a_rest), (b_whole, b_rest)) = (a.as_chunks::<8>(), b.as_chunks::<8>());
    for (a, b) in a_whole.iter().zip(b_whole) {
        for i in 0..8 {
            sums[i] += a[i] * b[i];
        }
    }
    sums.iter().sum::<f64>() + a_rest.iter().zip(b_rest).map(|(a, b)| a * b).sum::<f64>()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_or_columns_are_orthonormal() {
        for (shape, gain) in [
            (&[5, 5][..], 1.0),
            (&[3, 8], 2.0),
            (&[40, 7], 0.5),
            (&[6, 2, 3, 3], 1.0),
            (&[1, 1], 3.0),
            (&[64, 64], 1.0),
        ] {
            let (rows, columns) = (shape[0], shape[1..].iter().product::<usize>());
            let x = orthogonal::<f64>(shape, gain).reshape([rows, columns]);
            let x = if rows > columns { x.transpose(0, 1) } else { x };
            let n = rows.min(columns);
            let want = Tensor::from_fn([n, n], |i| if i / n == i % n { gain * gain } else { 0.0 });
            let got = x.matmul(&x.transpose(0, 1));
            assert!(got.relative_difference(&want) < 1e-14, "{shape:?}: {got}");
            let single = orthogonal::<f32>(shape, gain).reshape([rows, columns]);
            let single = if rows > columns { single.transpose(0, 1) } else { single };
            let got = single.matmul(&single.transpose(0, 1)).map(f64::from);
            assert!(got.relative_difference(&want) < 1e-6, "{shape:?} in f32");
        }
        assert_eq!(orthogonal::<f32>([0, 3], 1.0).shape(), [0, 3]);
    }

    /// The first element of a random unit vector of n has mean 0 and variance 1 / n: no sign is preferred.
    #[test]
    fn no_direction_is_preferred() {
        let draws: Vec<f64> = (0..4000).map(|_| orthogonal::<f64>([3, 3], 1.0).at(&[2, 1])).collect();
        let mean = draws.iter().sum::<f64>() / 4000.0;
        let variance = draws.iter().map(|x| x * x).sum::<f64>() / 4000.0;
        assert!(mean.abs() < 0.04 && (variance - 1.0 / 3.0).abs() < 0.02, "{mean} {variance}");
    }
}
