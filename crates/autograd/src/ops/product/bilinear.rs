//! Products of two inputs through a matrix for each output.

use gradus_tensor::Float;

use crate::var::Var;

impl<T: Float> Var<T> {
    /// `y_o = x^T W_o z + b_o` for this variable x `[.., I]`, z `[.., J]`, `weight` `[O, I, J]` and `bias` `[O]`:
    /// `[.., O]` (PyTorch's `functional.bilinear`).
    ///
    /// # Panics
    /// If the shapes do not fit.
    #[track_caller]
    pub fn bilinear(&self, other: &Self, weight: &Self, bias: Option<&Self>) -> Self {
        let shapes = (self.shape().split_last(), other.shape().split_last(), weight.shape());
        let (Some((&own, lead)), Some((&others, other_lead)), &[outputs, rows, columns]) = shapes else {
            panic!("{}", misfit(self, other, weight));
        };
        assert!(lead == other_lead && own == rows && others == columns, "{}", misfit(self, other, weight));
        let n = lead.iter().product();
        let matrices = weight.permute(&[1, 0, 2]).reshape([rows, outputs * columns]);
        let half = self.reshape([n, rows]).matmul(&matrices).reshape([n, outputs, columns]);
        let shape: Vec<usize> = lead.iter().copied().chain([outputs]).collect();
        let out = half.matmul(&other.reshape([n, columns, 1])).reshape(shape);
        match bias {
            Some(bias) => {
                assert!(bias.shape() == [outputs], "bilinear: a bias of shape {:?} is not [{outputs}]", bias.shape());
                out + bias
            }
            None => out,
        }
    }
}

fn misfit<T: Float>(x: &Var<T>, z: &Var<T>, weight: &Var<T>) -> String {
    format!(
        "bilinear: inputs {:?} and {:?} and weight {:?} do not fit ([.., I], [.., J], [O, I, J])",
        x.shape(),
        z.shape(),
        weight.shape()
    )
}
