//! Columns added up to the images whose windows they are.

use gradus_tensor::Float;

use crate::ops::window::unfold::UnfoldOptions;
use crate::ops::window::windows::unfolding;
use crate::var::Var;

impl<T: Float> Var<T> {
    /// Columns added up to images of `output` `[H, W]`, the transpose of [`unfold`](Self::unfold): `[N, C kh kw, L]` or
    /// `[C kh kw, L]` give `[N, C, H, W]` or `[C, H, W]` (PyTorch's `functional.fold`, col2im).
    ///
    /// # Panics
    /// If there are fewer than two or more than three dimensions, or the sizes do not fit.
    #[track_caller]
    pub fn fold(&self, output: [usize; 2], options: UnfoldOptions) -> Self {
        let &[images, rows, columns] = self.shape() else {
            assert!(self.shape().len() == 2, "fold: input {:?} must be [N, C kh kw, L] or [C kh kw, L]", self.shape());
            return self.unsqueeze(0).fold(output, options).squeeze(0);
        };
        let [kh, kw] = options.kernel_size;
        let [down, across] = options.windows("fold", output);
        assert!(
            rows.is_multiple_of(kh * kw),
            "fold: dimension 1 of input {:?} is not divided by the elements of kernel {:?}",
            self.shape(),
            options.kernel_size
        );
        assert!(
            columns == down * across,
            "fold: dimension 2 of input {:?} must be {down} * {across} = {}, the windows of output {output:?}",
            self.shape(),
            down * across
        );
        let channels = rows / (kh * kw);
        self.reshape([images, channels, kh, kw, down, across])
            .permute(&[0, 1, 2, 4, 3, 5])
            .reshape([images, channels, kh * down, kw * across])
            .map_axis(2, &unfolding(output[0], down, kh, options.steps(0)).transposed())
            .map_axis(3, &unfolding(output[1], across, kw, options.steps(1)).transposed())
    }
}
