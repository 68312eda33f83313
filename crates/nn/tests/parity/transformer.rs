//! Answers to `xtask/parity/families/transformer.py`.

use gradus_autograd::{AttnMask, SdpaOptions};
use gradus_nn::{
    AttentionMasks, LayerNorm, MultiheadAttention, MultiheadAttentionOptions, Transformer, TransformerActivation,
    TransformerDecoder, TransformerDecoderLayer, TransformerEncoder, TransformerEncoderLayer, TransformerMasks,
    TransformerOptions,
};
use gradus_tensor::Float;

use crate::case::{Answer, Case, Input, Options, float, floats};

pub(crate) fn answer<T: Float>(case: &Case<'_, T>) -> Answer<T> {
    let (options, init) = (case.options, case.options.init());
    match case.op {
        "F.scaled_dot_product_attention" => {
            let sdpa = SdpaOptions {
                attn_mask: (case.inputs.len() > 3).then(|| mask(case, 3)),
                is_causal: options.flag("is_causal"),
                scale: options.0["scale"].as_f64(),
                enable_gqa: options.flag("enable_gqa"),
                ..SdpaOptions::default()
            };
            float(case.x(0).scaled_dot_product_attention_with(case.x(1), case.x(2), &sdpa))
        }
        "nn.MultiheadAttention" => multihead(case),
        "nn.TransformerEncoderLayer" => {
            let (d_model, nhead, made) = transformer(init);
            let layer = TransformerEncoderLayer::new(d_model, nhead, made);
            case.load(&layer);
            float(layer.forward_masked(case.x(0), &masks(case, 1, "src", "is_causal")))
        }
        "nn.TransformerEncoder" => {
            let inner = Options(&init.0["layer"]);
            let (d_model, nhead, made) = transformer(inner);
            let layer = TransformerEncoderLayer::new(d_model, nhead, made);
            let mut encoder = TransformerEncoder::new(&layer, init.size("num_layers"));
            if init.flag("norm") {
                encoder = encoder.with_norm(LayerNorm::new([d_model]));
            }
            case.load(&encoder);
            float(encoder.forward_masked(case.x(0), &masks(case, 1, "src", "is_causal")))
        }
        "nn.TransformerDecoderLayer" => {
            let (d_model, nhead, made) = transformer(init);
            let layer = TransformerDecoderLayer::new(d_model, nhead, made);
            case.load(&layer);
            let [tgt, memory] = [masks(case, 2, "tgt", "tgt_is_causal"), masks(case, 2, "memory", "")];
            float(layer.forward(case.x(0), case.x(1), &tgt, &memory))
        }
        "nn.TransformerDecoder" => {
            let inner = Options(&init.0["layer"]);
            let (d_model, nhead, made) = transformer(inner);
            let layer = TransformerDecoderLayer::new(d_model, nhead, made);
            let mut decoder = TransformerDecoder::new(&layer, init.size("num_layers"));
            if init.flag("norm") {
                decoder = decoder.with_norm(LayerNorm::new([d_model]));
            }
            case.load(&decoder);
            let [tgt, memory] = [masks(case, 2, "tgt", "tgt_is_causal"), masks(case, 2, "memory", "")];
            float(decoder.forward(case.x(0), case.x(1), &tgt, &memory))
        }
        "nn.Transformer" => {
            let (d_model, nhead, made) = transformer(init);
            let layers = [init.size("num_encoder_layers"), init.size("num_decoder_layers")];
            let model = Transformer::new(d_model, nhead, layers, made);
            case.load(&model);
            let masks = TransformerMasks {
                src: masks(case, 2, "src", ""),
                tgt: masks(case, 2, "tgt", "tgt_is_causal"),
                memory: masks(case, 2, "memory", ""),
            };
            float(model.forward(case.x(0), case.x(1), &masks))
        }
        _ => None,
    }
}

fn multihead<T: Float>(case: &Case<'_, T>) -> Answer<T> {
    let (options, init) = (case.options, case.options.init());
    let embed_dim = init.size("embed_dim");
    let mut layer = MultiheadAttention::new(embed_dim, init.size("num_heads"))
        .with_kdim_vdim(init.size_or("kdim", embed_dim), init.size_or("vdim", embed_dim));
    if init.0["bias"] == false {
        layer = layer.without_bias();
    }
    if init.flag("batch_first") {
        layer = layer.with_batch_first();
    }
    if init.flag("add_bias_kv") {
        layer = layer.with_bias_kv();
    }
    if init.flag("add_zero_attn") {
        layer = layer.with_zero_attn();
    }
    case.load(&layer);
    let operands = options.size("operands");
    let [query, key, value] = [0, 1, 2].map(|i| case.x(i.min(operands - 1)));
    let arguments = MultiheadAttentionOptions {
        key_padding_mask: named(case, operands, "key_padding_mask"),
        attn_mask: named(case, operands, "attn_mask"),
        need_weights: options.0["need_weights"] != false,
        average_attn_weights: options.0["average_attn_weights"] != false,
        is_causal: options.flag("is_causal"),
    };
    let (output, weights) = layer.forward(query, key, value, &arguments);
    floats([Some(output), weights].into_iter().flatten())
}

/// Width, heads and options of a layer.
fn transformer(init: Options<'_>) -> (usize, usize, TransformerOptions) {
    let gelu = init.text("activation") == Some("gelu");
    let options = TransformerOptions {
        dim_feedforward: init.size("dim_feedforward"),
        dropout: init.float("dropout"),
        activation: if gelu { TransformerActivation::Gelu } else { TransformerActivation::Relu },
        layer_norm_eps: init.float_or("layer_norm_eps", 1e-5),
        batch_first: init.flag("batch_first"),
        norm_first: init.flag("norm_first"),
        bias: init.0["bias"] != false,
    };
    (init.size("d_model"), init.size("nhead"), options)
}

/// The masks of `part`, among the inputs from `first` on.
fn masks<T: Float>(case: &Case<'_, T>, first: usize, part: &str, is_causal: &str) -> AttentionMasks<T> {
    AttentionMasks {
        attn_mask: named(case, first, &format!("{part}_mask")),
        key_padding_mask: named(case, first, &format!("{part}_key_padding_mask")),
        is_causal: case.options.flag(is_causal),
    }
}

/// The mask called `name`, where the case has it among the inputs from `first` on.
fn named<T: Float>(case: &Case<'_, T>, first: usize, name: &str) -> Option<AttnMask<T>> {
    let names = case.options.0["masks"].as_array()?;
    Some(mask(case, first + names.iter().position(|other| other == name)?))
}

fn mask<T: Float>(case: &Case<'_, T>, i: usize) -> AttnMask<T> {
    match &case.inputs[i] {
        Input::Flags(mask) => AttnMask::Boolean(mask.clone()),
        _ => AttnMask::Additive(case.x(i).clone()),
    }
}
