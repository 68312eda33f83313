//! Hot loops: free functions over slices that know no tensor. The only place, beside storage, for `unsafe`.
//!
//! Scratch memory for numbers comes from the pool, by `Storage::scratch` or `Storage::zeros`, so that a step takes none
//! from the system. The exceptions: matrix products keep what they pack in memory of their own (`gemm`), since they are
//! called by the thousand; `Vec` holds lists of small records, and sums as long as one row of channels (`batch_norm`).

pub(crate) mod activation;
pub(crate) mod attention;
pub(crate) mod axis_map;
pub(crate) mod batch_norm;
pub(crate) mod columns;
pub(crate) mod conv;
pub(crate) mod cross_entropy;
pub(crate) mod ctc;
pub(crate) mod dropout;
pub(crate) mod elementwise;
pub(crate) mod gather;
pub(crate) mod gemm;
pub(crate) mod group_norm;
pub(crate) mod gru;
pub(crate) mod lanes;
pub(crate) mod layer_norm;
pub(crate) mod lstm;
pub(crate) mod math;
pub(crate) mod philox;
pub(crate) mod pool;
pub(crate) mod recurrent;
pub(crate) mod reduce;
pub(crate) mod scan;
pub(crate) mod shared_slice;
pub(crate) mod simd;
pub(crate) mod softmax;
pub(crate) mod strided;
pub(crate) mod team;
pub(crate) mod transpose;
pub(crate) mod window;
