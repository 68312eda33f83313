//! The operations of this crate, by name: what the conformance tests run over.

/// The name of every operation that is recorded for `backward`.
pub const OPERATIONS: &[&str] = &[
    "abs",
    "acos",
    "acosh",
    "add",
    "add_scalar",
    "asin",
    "asinh",
    "atan",
    "atan2",
    "atanh",
    "attention_packed",
    "avg_pool2d",
    "avg_pool2d_gradient",
    "batch_norm",
    "binary_cross_entropy",
    "broadcast_to",
    "cat",
    "clamp",
    "conv2d",
    "conv2d_bias_gradient",
    "conv2d_input_gradient",
    "conv2d_weight_gradient",
    "cos",
    "cosh",
    "cross_entropy",
    "ctc_loss",
    "cumsum",
    "div",
    "div_scalar",
    "dropout",
    "elu",
    "embedding",
    "embedding_gradient",
    "erf",
    "erfc",
    "erfinv",
    "exp",
    "exp2",
    "expm1",
    "extreme",
    "fmod",
    "gather_planes",
    "gelu",
    "group_norm",
    "gru",
    "hardsigmoid",
    "hardswish",
    "hardtanh",
    "hypot",
    "index_select",
    "index_select_gradient",
    "layer_norm",
    "leaky_relu",
    "linear",
    "log",
    "log10",
    "log1p",
    "log2",
    "log_sigmoid",
    "log_softmax",
    "logaddexp",
    "logcumsumexp",
    "logsumexp",
    "lstm",
    "map_axis",
    "masked_fill",
    "matmul",
    "max_pool2d",
    "max_unpool",
    "maximum",
    "minimum",
    "mish",
    "mul",
    "mul_scalar",
    "nansum",
    "neg",
    "norm",
    "permute",
    "place",
    "pow",
    "pow_base",
    "pow_scalar",
    "reciprocal",
    "recurrence",
    "relu",
    "remainder",
    "reshape",
    "rms_norm",
    "rnn",
    "rsqrt",
    "scaled_dot_product_attention",
    "scatter_extreme",
    "scatter_planes",
    "sigmoid",
    "silu",
    "sin",
    "sinc",
    "sinh",
    "slice",
    "softmax",
    "softplus",
    "sqrt",
    "step",
    "sub",
    "sum_dims",
    "sum_to",
    "take",
    "take_gradient",
    "tan",
    "tanh",
    "to_channels_last",
    "where",
    "where_positive",
    "xlogy",
];

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::PathBuf;

    use super::OPERATIONS;

    /// The registry is read off the code: every name that a rule in `ops` gives itself, and no other.
    #[test]
    fn every_rule_is_registered() {
        let mut names = Vec::new();
        let mut folders = vec![PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/src/ops"))];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                    continue;
                }
                let source = fs::read_to_string(path).unwrap();
                for after in source.split("fn name(&self) -> &'static str").skip(1) {
                    // One that passes on another's name has no literal.
                    let body = after.split('}').next().expect("a body ends");
                    names.extend(body.split('"').nth(1).map(str::to_owned));
                }
            }
        }
        names.sort();
        assert_eq!(names, OPERATIONS);
    }
}
