//! Sums and other reductions, of all elements or along dimensions.

mod sum;
