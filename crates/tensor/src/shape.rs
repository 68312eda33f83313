//! Arithmetic of shapes: sizes, strides, dimensions counted from the end, broadcasting.

use smallvec::SmallVec;

/// Sizes or strides of a tensor, kept inline up to four dimensions: so a variable fits 128 bytes, which are moved
/// without a call.
pub type Dims = SmallVec<[usize; INLINE]>;

const INLINE: usize = 4;

/// The same sizes, without the call of `memcpy` that [`Dims::from_slice`] makes of so few.
#[inline]
pub(crate) fn dims(sizes: &[usize]) -> Dims {
    if sizes.len() > INLINE {
        return Dims::from_slice(sizes);
    }
    let buffer: [usize; INLINE] = std::array::from_fn(|i| sizes.get(i).copied().unwrap_or(0));
    Dims::from_buf_and_len(buffer, sizes.len())
}

/// The number of elements of `shape`; 1 for a scalar's empty shape.
///
/// # Panics
/// If the product overflows.
#[track_caller]
pub fn numel(shape: &[usize]) -> usize {
    shape
        .iter()
        .try_fold(1usize, |n, &d| n.checked_mul(d))
        .unwrap_or_else(|| panic!("shape {shape:?} has more elements than memory can address"))
}

/// Row-major strides of `shape`, in elements.
pub(crate) fn contiguous_strides(shape: &[usize]) -> Dims {
    let fill = |strides: &mut [usize]| {
        for i in (1..shape.len()).rev() {
            strides[i - 1] = strides[i] * shape[i].max(1);
        }
    };
    if shape.len() > INLINE {
        let mut strides: Dims = SmallVec::from_elem(1, shape.len());
        fill(&mut strides);
        return strides;
    }
    let mut strides = [1; INLINE];
    fill(&mut strides);
    Dims::from_buf_and_len(strides, shape.len())
}

/// Turns a dimension that may count from the end (-1 is the last) into an index below `rank`.
///
/// # Panics
/// If it is outside `-rank..rank`, naming `operation`.
#[track_caller]
pub fn resolve_dim(operation: &str, dim: isize, rank: usize) -> usize {
    let index = if dim < 0 { dim + rank as isize } else { dim };
    if index < 0 || index >= rank as isize {
        panic!("{operation}: dimension {dim} is out of range for a tensor of {rank} dimensions");
    }
    index as usize
}

/// `a == b`, without the call of `memcmp`, which takes longer than so few sizes do.
#[inline]
pub(crate) fn same_sizes(a: &[usize], b: &[usize]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a == b)
}

/// The shape that `a` and `b` broadcast to by NumPy's rule, or `None` where they do not fit.
pub fn broadcast_shapes(a: &[usize], b: &[usize]) -> Option<Dims> {
    if same_sizes(a, b) {
        return Some(dims(a));
    }
    let rank = a.len().max(b.len());
    let size = |shape: &[usize], i: usize| (i + shape.len()).checked_sub(rank).map_or(1, |j| shape[j]);
    (0..rank)
        .map(|i| match (size(a, i), size(b, i)) {
            (x, y) if x == y => Some(x),
            (1, y) => Some(y),
            (x, 1) => Some(x),
            _ => None,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn broadcasting_follows_numpy() {
        let check = |a: &[usize], b: &[usize], want: Option<&[usize]>| {
            assert_eq!(broadcast_shapes(a, b).as_deref(), want, "{a:?} with {b:?}");
            assert_eq!(broadcast_shapes(b, a).as_deref(), want, "{b:?} with {a:?}");
        };
        check(&[2, 3], &[2, 3], Some(&[2, 3]));
        check(&[2, 3], &[3], Some(&[2, 3]));
        check(&[3, 1], &[1, 4], Some(&[3, 4]));
        check(&[], &[2], Some(&[2]));
        check(&[0, 3], &[1], Some(&[0, 3]));
        check(&[2], &[3], None);
        check(&[2, 3], &[2], None);
    }

    #[test]
    fn strides_of_empty_and_scalar_shapes() {
        assert_eq!(contiguous_strides(&[]).as_slice(), &[] as &[usize]);
        assert_eq!(contiguous_strides(&[2, 3, 4]).as_slice(), &[12, 4, 1]);
        assert_eq!(numel(&[2, 0]), 0);
    }

    #[test]
    #[should_panic(expected = "sum: dimension 2 is out of range for a tensor of 2 dimensions")]
    fn dimension_out_of_range_names_the_operation() {
        resolve_dim("sum", 2, 2);
    }
}
