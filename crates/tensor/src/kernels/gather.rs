//! Rows picked by index.

/// Row `i` of `out` is row `indices[i]` of `x`, rows being `width` wide. Indices must be in range.
pub(crate) fn rows<T: Copy>(out: &mut [T], x: &[T], indices: &[usize], width: usize) {
    for (out, &index) in out.chunks_mut(width.max(1)).zip(indices) {
        out.copy_from_slice(&x[index * width..(index + 1) * width]);
    }
}
