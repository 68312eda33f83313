//! The padding layers, over one, two and three dimensions.

use gradus_autograd::{PadMode, Var};
use gradus_tensor::Float;

use crate::module::{Layer, Members, Module};

/// The entries `[before, after]` of each dimension from the last on, for D dimensions.
#[derive(Clone, Debug)]
struct Sides<const D: usize>(Vec<isize>);

impl<const D: usize> Sides<D> {
    fn all(padding: isize) -> Self {
        Self(vec![padding; 2 * D])
    }

    #[track_caller]
    fn each(name: &str, padding: &[isize]) -> Self {
        assert!(padding.len() == 2 * D, "{name}{D}d: padding {padding:?} has no two numbers for each dimension");
        Self(padding.to_vec())
    }
}

/// Declares a layer for each of one, two and three dimensions.
macro_rules! layer {
    ($(#[$doc:meta])* $name:ident, $one:ident, $two:ident, $three:ident, $mode:expr) => {
        $(#[$doc])*
        #[derive(Clone, Debug)]
        pub struct $name<const D: usize>(Sides<D>);

        #[doc = concat!("[`", stringify!($name), "`] of one dimension (torch.nn.", stringify!($one), ").")]
        pub type $one = $name<1>;
        #[doc = concat!("[`", stringify!($name), "`] of two dimensions (torch.nn.", stringify!($two), ").")]
        pub type $two = $name<2>;
        #[doc = concat!("[`", stringify!($name), "`] of three dimensions (torch.nn.", stringify!($three), ").")]
        pub type $three = $name<3>;

        impl<const D: usize> $name<D> {
            /// As many entries on every side.
            pub fn new(padding: isize) -> Self {
                Self(Sides::all(padding))
            }

            /// The entries before and after the last dimension, then the one before it, as PyTorch lists them.
            ///
            /// # Panics
            /// If there are not two numbers for each dimension.
            #[track_caller]
            pub fn each(padding: &[isize]) -> Self {
                Self(Sides::each(stringify!($name), padding))
            }
        }

        impl<const D: usize, T: Float> Module<T> for $name<D> {
            fn type_name(&self) -> String {
                format!("{}{D}d", stringify!($name))
            }

            fn members(&self, _: &mut Members<T>) {}
        }

        impl<const D: usize, T: Float> Layer<T> for $name<D> {
            #[track_caller]
            fn forward(&self, x: &Var<T>) -> Var<T> {
                x.pad(&self.0.0, $mode)
            }
        }
    };
}

layer! {
    /// Zeros around the last D dimensions; numbers below zero cut entries off.
    ZeroPad, ZeroPad1d, ZeroPad2d, ZeroPad3d, PadMode::Constant(T::zero())
}

layer! {
    /// The entries next to the edges mirrored around the last D dimensions.
    ReflectionPad, ReflectionPad1d, ReflectionPad2d, ReflectionPad3d, PadMode::Reflect
}

layer! {
    /// The entries on the edges repeated around the last D dimensions.
    ReplicationPad, ReplicationPad1d, ReplicationPad2d, ReplicationPad3d, PadMode::Replicate
}

layer! {
    /// The entries from the other ends around the last D dimensions.
    CircularPad, CircularPad1d, CircularPad2d, CircularPad3d, PadMode::Circular
}

/// A number around the last D dimensions; padding below zero cuts entries off.
#[derive(Clone, Debug)]
pub struct ConstantPad<const D: usize> {
    sides: Sides<D>,
    value: f64,
}

/// [`ConstantPad`] of the last dimension (torch.nn.ConstantPad1d).
pub type ConstantPad1d = ConstantPad<1>;
/// [`ConstantPad`] of the last two dimensions (torch.nn.ConstantPad2d).
pub type ConstantPad2d = ConstantPad<2>;
/// [`ConstantPad`] of the last three dimensions (torch.nn.ConstantPad3d).
pub type ConstantPad3d = ConstantPad<3>;

impl<const D: usize> ConstantPad<D> {
    /// As many entries of `value` on every side.
    pub fn new(padding: isize, value: f64) -> Self {
        Self { sides: Sides::all(padding), value }
    }

    /// The entries before and after the last dimension, then the one before it, as PyTorch lists them.
    ///
    /// # Panics
    /// If there are not two numbers for each dimension.
    #[track_caller]
    pub fn each(padding: &[isize], value: f64) -> Self {
        Self { sides: Sides::each("ConstantPad", padding), value }
    }
}

impl<const D: usize, T: Float> Module<T> for ConstantPad<D> {
    fn type_name(&self) -> String {
        format!("ConstantPad{D}d")
    }

    fn members(&self, _: &mut Members<T>) {}
}

impl<const D: usize, T: Float> Layer<T> for ConstantPad<D> {
    #[track_caller]
    fn forward(&self, x: &Var<T>) -> Var<T> {
        x.pad(&self.sides.0, PadMode::Constant(T::from_f64(self.value)))
    }
}
