//! Combinations of the elements of several variables.

use gradus_tensor::{Dims, Float};

use crate::var::Var;

/// The variables' elements against one another (PyTorch's `meshgrid` with `indexing="ij"`): variable `i`, of one
/// dimension, along dimension `i` of a grid, repeated along the others.
///
/// # Panics
/// If a variable has not one dimension.
#[track_caller]
pub fn meshgrid<T: Float>(axes: &[Var<T>]) -> Vec<Var<T>> {
    let grid: Dims = axes.iter().map(Var::numel).collect();
    let along = |(i, axis): (usize, &Var<T>)| {
        assert!(axis.shape().len() == 1, "meshgrid: shape {:?} must have one dimension", axis.shape());
        let mut shape = Dims::from_elem(1, grid.len());
        shape[i] = axis.numel();
        axis.reshape(shape).broadcast_to(&grid)
    };
    axes.iter().enumerate().map(along).collect()
}

/// All combinations of the elements of variables of one dimension, a row each: `[combinations, variables]`.
///
/// # Panics
/// If there are none or a variable has not one dimension.
#[track_caller]
pub fn cartesian_prod<T: Float>(axes: &[Var<T>]) -> Var<T> {
    let columns: Vec<Var<T>> = meshgrid(axes).iter().map(|grid| grid.reshape([grid.numel()])).collect();
    Var::stack(&columns, 1)
}
