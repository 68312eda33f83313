//! Dropout: elements set to zero at random.

use crate::element::Float;
use crate::kernels::dropout;
use crate::random::Generator;
use crate::tensor::Tensor;

/// Which elements [`Tensor::dropout`] kept, and what they were multiplied with. One bit an element.
#[derive(Clone, Debug)]
pub struct DropoutMask<T: Float> {
    bits: Tensor<u8>,
    numel: usize,
    scale: T,
}

impl<T: Float> Tensor<T> {
    /// Each element set to 0 with probability `p`, else divided by `1 - p`: the mean stays. Element `i` depends on draw
    /// `i` of `generator` from where it stands, which is passed over; it is kept where
    /// [`bernoulli`](Generator::bernoulli) with probability `1 - p` gives a value.
    ///
    /// # Panics
    /// If `p` is outside `[0, 1]`.
    #[track_caller]
    pub fn dropout(&self, p: f64, generator: &mut Generator) -> (Self, DropoutMask<T>) {
        assert!((0.0..=1.0).contains(&p), "dropout: probability {p} is outside 0..=1");
        let scale = T::from_f64(if p < 1.0 { 1.0 / (1.0 - p) } else { 0.0 });
        let (x, numel) = (self.row_major(), self.numel());
        let drop = generator.drop(1.0 - p, scale);
        let mut bits = Tensor::zeros([dropout::mask_len(numel)]);
        let out = Self::build(self.shape(), |out| dropout::dropout(out, bits.as_mut_slice(), &x, drop));
        generator.skip(numel as u64);
        (out, DropoutMask { bits, numel, scale })
    }

    /// The elements that `mask` kept multiplied as [`dropout`](Self::dropout) did, 0 at the others: its gradient.
    ///
    /// # Panics
    /// If the mask is of another number of elements.
    #[track_caller]
    pub fn apply_dropout(&self, mask: &DropoutMask<T>) -> Self {
        assert!(
            self.numel() == mask.numel,
            "apply_dropout: a mask of {} elements for a tensor of shape {:?}",
            mask.numel,
            self.shape()
        );
        let (x, bits) = (self.row_major(), mask.bits.row_major());
        Self::build(self.shape(), |out| dropout::apply_mask(out, &x, &bits, mask.scale))
    }
}

#[cfg(test)]
mod tests {
    use crate::Tensor;
    use crate::random::Generator;

    #[test]
    fn dropout_keeps_what_bernoulli_draws_and_its_mask_repeats_it() {
        for n in [0, 1, 7, 8, 9, 63, 64, 65, 1000, 8192, 100_003] {
            for (p, skipped) in [(0.0, 0), (0.25, 3), (0.1, 4), (1.0, 1), (1.0 / 3.0, 0)] {
                let mut one = Generator::new(11, 2);
                one.skip(skipped);
                let mut other = one.clone();
                let x = Tensor::from_fn([n], |i| i as f32 + 1.0);
                let (y, mask) = x.dropout(p, &mut one);
                let scale = if p < 1.0 { (1.0 / (1.0 - p)) as f32 } else { 0.0 };
                let want = &x * &other.bernoulli([n], 1.0 - p, scale);
                assert_eq!(y, want, "{n} elements, p = {p}");
                assert_eq!(one, other, "both have read as far");
                assert_eq!(x.apply_dropout(&mask), want, "{n} elements, p = {p}, by the mask");
            }
        }
    }

    #[test]
    fn what_is_dropped_is_zero_whatever_it_was() {
        let x = Tensor::full([64], f32::INFINITY);
        let (y, mask) = x.dropout(1.0, &mut Generator::new(0, 0));
        assert_eq!((y, x.apply_dropout(&mask)), (Tensor::zeros([64]), Tensor::zeros([64])));
    }

    #[test]
    #[should_panic(expected = "apply_dropout: a mask of 3 elements for a tensor of shape [2]")]
    fn a_mask_of_another_size_is_an_error() {
        let (_, mask) = Tensor::<f32>::zeros([3]).dropout(0.5, &mut Generator::new(0, 0));
        let _ = Tensor::zeros([2]).apply_dropout(&mask);
    }
}
