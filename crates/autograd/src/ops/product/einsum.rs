//! Sums of products by an equation.

use gradus_tensor::{Dims, Float, numel};

use crate::ops::dims::resolved;
use crate::ops::product::equation::{Equation, Label};
use crate::var::Var;

/// Einstein's summation (PyTorch's `einsum`): `"bij,bjk->bik"` multiplies matrices in pairs. Each letter names a
/// dimension; the products of the operands' elements are summed over all letters that the output does not have. A
/// letter that an operand has twice takes its diagonal, `...` stands for any dimensions, which broadcast, and without
/// `->` the output has the letters that occur once, in alphabetical order.
///
/// Operands are multiplied from left to right, each product one of matrices.
///
/// # Panics
/// If the equation is none, or does not fit the shapes.
#[track_caller]
pub fn einsum<T: Float>(equation: &str, operands: &[Var<T>]) -> Var<T> {
    let shapes: Vec<&[usize]> = operands.iter().map(Var::shape).collect();
    let Equation { inputs, output } = match Equation::parse(equation, &shapes) {
        Ok(equation) => equation,
        Err(reason) => panic!("einsum: {equation:?} for shapes {shapes:?}: {reason}"),
    };
    let mut parts = operands.iter().zip(inputs).map(|(x, labels)| Part::new(x, labels)).collect::<Vec<_>>().into_iter();
    let mut product = parts.next().expect("an equation has an operand");
    while let Some(next) = parts.next() {
        let needed =
            |label| output.contains(&label) || parts.as_slice().iter().any(|part| part.labels.contains(&label));
        product = contract(product, next, needed);
    }
    let left = product.sum_where(|label| !output.contains(&label));
    let place = |label| left.labels.iter().position(|&own| own == label).expect("a label of the output has an operand");
    let order: Dims = output.iter().map(|&label| place(label)).collect();
    left.x.permute(&order)
}

impl<T: Float> Var<T> {
    /// The sum of products over pairs of dimensions, `dims[i]` of this variable and `other_dims[i]` of the other, which
    /// leaves the other dimensions, first those of this variable.
    ///
    /// # Panics
    /// If the dimensions do not fit.
    #[track_caller]
    pub fn tensordot(&self, other: &Self, dims: &[isize], other_dims: &[isize]) -> Self {
        let labels = |x: &Self, dims: &[usize], first: Label| -> Vec<Label> {
            let mut labels: Vec<Label> = (0..x.shape().len()).map(|dim| first + dim).collect();
            dims.iter().enumerate().for_each(|(i, &dim)| labels[dim] = i);
            labels
        };
        let count = dims.len();
        let own_at = resolved("tensordot", dims, self.shape().len());
        let others_at = resolved("tensordot", other_dims, other.shape().len());
        let own = labels(self, &own_at, count);
        let others = labels(other, &others_at, count + self.shape().len());
        let size = |x: &Self, dims: &[usize]| -> Dims { dims.iter().map(|&dim| x.shape()[dim]).collect() };
        let distinct = |labels: &[Label]| labels.iter().filter(|&&label| label < count).count() == count;
        assert!(
            size(self, &own_at) == size(other, &others_at) && distinct(&own) && distinct(&others),
            "tensordot: dimensions {dims:?} of shape {:?} and {other_dims:?} of {:?} do not fit",
            self.shape(),
            other.shape()
        );
        contract(Part { x: self.clone(), labels: own }, Part { x: other.clone(), labels: others }, |label| {
            label >= count
        })
        .x
    }
}

/// A variable whose dimensions have labels.
struct Part<T: Float> {
    x: Var<T>,
    labels: Vec<Label>,
}

impl<T: Float> Part<T> {
    /// Of labels that come twice only the diagonal.
    fn new(x: &Var<T>, mut labels: Vec<Label>) -> Self {
        let mut x = x.clone();
        while let Some((first, second)) = twice(&labels) {
            x = x.diagonal(0, first as isize, second as isize);
            let label = labels.remove(second);
            labels.remove(first);
            labels.push(label);
        }
        Self { x, labels }
    }

    fn size(&self, label: Label) -> Option<usize> {
        Some(self.x.shape()[self.labels.iter().position(|&own| own == label)?])
    }

    /// Summed over the dimensions with these labels.
    fn sum_where(self, summed: impl Fn(Label) -> bool) -> Self {
        let dims: Vec<isize> = (0..self.labels.len()).filter(|&i| summed(self.labels[i])).map(|i| i as isize).collect();
        if dims.is_empty() {
            return self;
        }
        let labels = self.labels.into_iter().filter(|&label| !summed(label)).collect();
        Self { x: self.x.sum_dims(&dims, false), labels }
    }

    /// With the dimensions in the order of `groups`, each group made one.
    fn grouped(&self, groups: [&[Label]; 3]) -> Var<T> {
        let place = |label: &Label| self.labels.iter().position(|own| own == label).expect("the part has the label");
        let order: Dims = groups.iter().flat_map(|group| group.iter().map(place)).collect();
        let sizes: Vec<usize> = groups.iter().map(|group| numel(&self.sizes(group))).collect();
        self.x.permute(&order).reshape(sizes)
    }

    fn sizes(&self, labels: &[Label]) -> Dims {
        labels.iter().map(|&label| self.size(label).expect("the part has the label")).collect()
    }
}

/// The product of two parts, summed over the labels that are not needed.
fn contract<T: Float>(a: Part<T>, b: Part<T>, needed: impl Fn(Label) -> bool) -> Part<T> {
    // Where one has a label with size 1 and the other with another size, the first does without it. The sum over a
    // label that only one has comes before the product.
    let alone = |own: &Part<T>, other: &Part<T>| -> Vec<Label> {
        let single = |&label: &Label| own.size(label) == Some(1) && other.size(label).is_some_and(|size| size != 1);
        own.labels.iter().copied().filter(single).collect()
    };
    let (alone_a, alone_b) = (alone(&a, &b), alone(&b, &a));
    let (a, b) = (a.sum_where(|label| alone_a.contains(&label)), b.sum_where(|label| alone_b.contains(&label)));
    let (in_a, in_b) = (a.labels.clone(), b.labels.clone());
    let a = a.sum_where(|label| !needed(label) && !in_b.contains(&label));
    let b = b.sum_where(|label| !needed(label) && !in_a.contains(&label));
    let of = |part: &Part<T>, both: bool, wanted: bool| -> Vec<Label> {
        let fits = |&label: &Label| (in_a.contains(&label) && in_b.contains(&label)) == both && needed(label) == wanted;
        part.labels.iter().copied().filter(fits).collect()
    };
    let (batch, summed) = (of(&a, true, true), of(&a, true, false));
    let (own, others) = (of(&a, false, true), of(&b, false, true));
    let product = a.grouped([&batch, &own, &summed]).matmul(&b.grouped([&batch, &summed, &others]));
    let shape: Dims = [a.sizes(&batch), a.sizes(&own), b.sizes(&others)].concat().into();
    Part { x: product.reshape(shape), labels: [batch, own, others].concat() }
}

/// The places of a label that comes twice.
fn twice(labels: &[Label]) -> Option<(usize, usize)> {
    (0..labels.len()).find_map(|i| Some((labels[..i].iter().position(|&label| label == labels[i])?, i)))
}
