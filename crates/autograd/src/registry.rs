//! The operations of this crate, by name: what the conformance tests run over.

/// The name of every operation that is recorded for `backward`.
pub const OPERATIONS: &[&str] = &[
    "abs",
    "add",
    "add_scalar",
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
    "cross_entropy",
    "ctc_loss",
    "cumsum",
    "div",
    "div_scalar",
    "dropout",
    "embedding",
    "embedding_gradient",
    "erf",
    "exp",
    "expm1",
    "extreme",
    "gather_planes",
    "gelu",
    "group_norm",
    "gru",
    "index_select",
    "index_select_gradient",
    "layer_norm",
    "linear",
    "log",
    "log1p",
    "log_sigmoid",
    "log_softmax",
    "logcumsumexp",
    "logsumexp",
    "lstm",
    "map_axis",
    "masked_fill",
    "matmul",
    "max_pool2d",
    "maximum",
    "minimum",
    "max_unpool",
    "mul",
    "mul_scalar",
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
    "reshape",
    "rms_norm",
    "rnn",
    "rsqrt",
    "scaled_dot_product_attention",
    "scatter_planes",
    "sigmoid",
    "silu",
    "slice",
    "softmax",
    "softplus",
    "sqrt",
    "sub",
    "sum_dims",
    "sum_to",
    "take",
    "take_gradient",
    "tanh",
    "to_channels_last",
    "where",
    "where_positive",
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
                    names.push(after.split('"').nth(1).expect("a rule's name is a literal").to_owned());
                }
            }
        }
        names.sort();
        assert_eq!(names, OPERATIONS);
    }
}
