//! Recurrent layers, attention, transformers and embeddings: what PyTorch's numbers cannot show.

use gradus_autograd::{AttnMask, SdpaOptions, Var};
use gradus_nn::{
    AlphaDropout, AttentionMasks, Dropout1d, Dropout2d, Dropout3d, Embedding, EmbeddingBag, FeatureAlphaDropout, GRU,
    LSTM, Layer, LengthError, Module, MultiheadAttention, MultiheadAttentionOptions, RNN, Transformer,
    TransformerEncoder, TransformerEncoderLayer, TransformerMasks, TransformerOptions, pack_padded_sequence,
    pad_packed_sequence,
};
use gradus_tensor::random::manual_seed;
use gradus_tensor::{Float, Tensor};

/// Numbers without pattern.
fn numbers(shape: &[usize]) -> Var<f64> {
    Var::new(Tensor::from_fn(shape, |i| (i as f64 * 0.7).sin())).requires_grad_()
}

fn names<T: Float>(module: &impl Module<T>) -> Vec<String> {
    module.named_parameters().into_iter().map(|(name, _)| name).collect()
}

#[test]
fn builders_keep_parameters_that_fit() {
    let lstm = LSTM::<f64>::new(3, 4);
    let before = lstm.parameters();
    let lstm = lstm.with_num_layers(2).with_bidirectional();
    assert_eq!(lstm.parameters().len(), 16);
    assert_eq!(names(&lstm)[4..6], ["weight_ih_l0_reverse", "weight_hh_l0_reverse"]);
    assert!(before.iter().zip(lstm.parameters()).all(|(a, b)| a.is_same(&b)), "the first layer stays");
    let second = lstm.named_parameters().into_iter().find(|(name, _)| name == "weight_ih_l1").unwrap();
    assert_eq!(second.1.shape(), [16, 8], "it reads both directions");
    assert_eq!(names(&lstm.without_bias())[..3], ["weight_ih_l0", "weight_hh_l0", "weight_ih_l0_reverse"]);
}

#[test]
fn one_layer_is_one_operation() {
    let x = numbers(&[2, 3, 4]);
    assert_eq!(LSTM::new(4, 5).with_batch_first().forward(&x).operation(), Some("lstm"));
    assert_eq!(GRU::new(4, 5).with_batch_first().forward(&x).operation(), Some("gru"));
    assert_eq!(RNN::new(4, 5).with_batch_first().forward(&x).operation(), Some("rnn"));
}

#[test]
#[should_panic(expected = "LSTM: a sequence of shape [1, 2, 4] is not [T, B, I] with I = 3")]
fn steps_must_have_the_width_of_the_layer() {
    LSTM::<f64>::new(3, 2).forward(&numbers(&[1, 2, 4]));
}

#[test]
#[should_panic(expected = "GRU: packed steps of shape [3] are not [rows, I] with I = 3")]
fn packed_steps_must_be_rows() {
    let packed = pack_padded_sequence(&numbers(&[3, 1]), &[3], false, true).unwrap();
    GRU::<f64>::new(3, 2).forward_packed(&packed, None);
}

#[test]
fn dropout_is_between_recurrent_layers_and_in_training_only() {
    let x = numbers(&[3, 2, 4]);
    for layers in [1, 2] {
        manual_seed(0);
        let gru = GRU::new(4, 16).with_num_layers(layers).with_dropout(0.5);
        let (dropped, _) = gru.forward_with_state(&x, None);
        gru.eval();
        let (whole, _) = gru.forward_with_state(&x, None);
        assert_eq!(dropped.value() == whole.value(), layers == 1, "{layers} layers");
        assert_eq!(gru.forward(&x).value(), whole.value());
    }
}

#[test]
fn padding_reaches_neither_states_nor_gradients() {
    let lstm = LSTM::<f64>::new(2, 3).with_batch_first().with_bidirectional();
    let x = numbers(&[3, 4, 2]);
    let lengths = [2, 4, 1];
    let run = |x: &Var<f64>| {
        let packed = pack_padded_sequence(x, &lengths, true, false).unwrap();
        assert_eq!((packed.lengths(), packed.batch_sizes()), (lengths.to_vec(), &[3, 2, 1, 1][..]));
        let (output, (h, _)) = lstm.forward_packed(&packed, None);
        (pad_packed_sequence(&output, true, 0.0, None).0, h)
    };
    let (output, h) = run(&x);
    (output.sum() + h.sum()).backward().unwrap();
    let gradient = x.grad().unwrap();
    for (i, &length) in lengths.iter().enumerate() {
        let (inside, outside) = (gradient.select(0, i).slice(0, 0..length), gradient.select(0, i).slice(0, length..4));
        assert!(inside.to_vec().iter().all(|&g| g != 0.0) && outside.to_vec().iter().all(|&g| g == 0.0));
        let (alone, (h_alone, _)) =
            lstm.forward_with_state(&Var::new(x.value().slice(0, i..i + 1).slice(1, 0..length)), None);
        let own = output.value().select(0, i).slice(0, 0..length);
        assert!(own.relative_difference(&alone.value().select(0, 0)) < 1e-14);
        assert!(h.value().select(1, i).relative_difference(&h_alone.value().select(1, 0)) < 1e-14);
    }
    let other = Var::new(x.value().zip_map(&gradient, "test", |x, g| if g == 0.0 { f64::NAN } else { x }));
    assert_eq!(run(&other).0.value(), output.value(), "what is in the padding does not matter");
}

#[test]
fn lengths_out_of_range_are_errors() {
    let x = numbers(&[4, 2, 1]);
    for length in [0, 5] {
        let error = pack_padded_sequence(&x, &[4, length], false, true).unwrap_err();
        assert_eq!(error, LengthError { position: 1, length, steps: 4 });
    }
}

#[test]
#[should_panic(expected = "lengths [1, 2] do not fall")]
fn rising_lengths_need_leave() {
    let _ = pack_padded_sequence(&numbers(&[4, 2, 1]), &[1, 2], false, true);
}

#[test]
fn attention_drops_weights_and_scales_the_others() {
    let (q, k, v) = (numbers(&[1, 2, 40, 3]), numbers(&[1, 2, 50, 3]), numbers(&[1, 2, 50, 2]));
    let options = SdpaOptions { dropout_p: 0.3, ..SdpaOptions::default() };
    manual_seed(7);
    let (out, weights) = q.scaled_dot_product_attention_and_weights(&k, &v, &options);
    manual_seed(7);
    assert_eq!(q.scaled_dot_product_attention_with(&k, &v, &options).value(), out.value());
    let (whole, all) = q.scaled_dot_product_attention_and_weights(&k, &v, &SdpaOptions::default());
    let ratio = (weights.value() / all.value()).to_vec();
    let dropped = ratio.iter().filter(|&&ratio| ratio == 0.0).count() as f64 / ratio.len() as f64;
    assert!((dropped - 0.3).abs() < 0.03, "{dropped}");
    assert!(ratio.iter().all(|&ratio| ratio == 0.0 || (ratio - 1.0 / 0.7).abs() < 1e-12));
    assert!(out.value().relative_difference(weights.matmul(&v).value()) < 1e-14);
    assert!(
        whole.value().relative_difference(q.scaled_dot_product_attention_with(&k, &v, &SdpaOptions::default()).value())
            < 1e-13
    );
    out.sum().backward().unwrap();
    let columns = weights.value().sum_dims(&[2], false).unsqueeze(-1).broadcast_to([1, 2, 50, 2]);
    assert!(v.grad().unwrap().relative_difference(&columns) < 1e-13, "dropped weights carry no gradient");
}

#[test]
fn multihead_attention_drops_in_training_only() {
    let x = numbers(&[5, 2, 4]);
    let attention = MultiheadAttention::new(4, 2).with_dropout(0.5);
    let lean = MultiheadAttentionOptions { need_weights: false, ..MultiheadAttentionOptions::default() };
    let (dropped, _) = attention.forward(&x, &x, &x, &lean);
    attention.eval();
    let (whole, weights) = attention.forward(&x, &x, &x, &MultiheadAttentionOptions::default());
    let (fused, none) = attention.forward(&x, &x, &x, &lean);
    assert!(none.is_none() && fused.value().relative_difference(whole.value()) < 1e-13);
    assert!(dropped.value().relative_difference(whole.value()) > 0.01);
    let rows = weights.unwrap().value().sum_dims(&[-1], false);
    assert!(rows.relative_difference(&Tensor::ones([2, 5])) < 1e-14, "weights sum to 1");
}

#[test]
fn a_causal_mask_and_the_causal_option_are_the_same() {
    let x = numbers(&[5, 2, 4]);
    let attention = MultiheadAttention::new(4, 2);
    let run = |attn_mask: Option<AttnMask<f64>>, is_causal: bool| {
        let options = MultiheadAttentionOptions { attn_mask, is_causal, ..MultiheadAttentionOptions::default() };
        attention.forward(&x, &x, &x, &options).0.value().clone()
    };
    let causal = run(None, true);
    assert!(causal.relative_difference(&run(None, false)) > 0.01);
    let numbers = Transformer::generate_square_subsequent_mask(5);
    let flags = numbers.map(|mask: f64| mask < 0.0);
    for is_causal in [false, true] {
        assert_eq!(run(Some(AttnMask::Boolean(flags.clone())), is_causal), causal);
        assert_eq!(run(Some(AttnMask::Additive(Var::new(numbers.clone()))), is_causal), causal);
        let learned = Var::new(numbers.clone()).requires_grad_();
        assert!(run(Some(AttnMask::Additive(learned)), is_causal).relative_difference(&causal) < 1e-14);
    }
}

#[test]
fn the_layers_of_an_encoder_start_alike_and_those_of_a_transformer_do_not() {
    let options = TransformerOptions { dim_feedforward: 3, ..TransformerOptions::default() };
    let layer = TransformerEncoderLayer::<f64>::new(4, 2, options);
    let encoder = TransformerEncoder::new(&layer, 2);
    let (own, all) = (layer.parameters(), encoder.parameters());
    assert_eq!(all.len(), 2 * own.len());
    for (i, parameter) in all.iter().enumerate() {
        assert_eq!(parameter.value(), own[i % own.len()].value());
        assert!(!own.iter().any(|other| other.is_same(parameter)), "copies, not the same parameters");
    }
    let model = Transformer::<f64>::new(4, 2, [2, 1], options);
    let state = model.named_parameters();
    let of = |name: &str| state.iter().find(|(other, _)| other == name).unwrap().1.value();
    assert_ne!(of("encoder.layers.0.linear1.weight"), of("encoder.layers.1.linear1.weight"));
    assert_eq!(of("decoder.layers.0.multihead_attn.in_proj_weight").shape(), [12, 4]);
    assert_eq!(of("decoder.norm.weight"), Tensor::ones([4]));
}

#[test]
fn a_transformer_in_evaluation_drops_nothing_and_its_target_sees_no_future() {
    let model = Transformer::new(4, 2, [1, 1], TransformerOptions { dim_feedforward: 8, ..Default::default() });
    let (src, tgt) = (numbers(&[3, 2, 4]), numbers(&[5, 2, 4]));
    let masks = TransformerMasks { tgt: AttentionMasks::causal(), ..TransformerMasks::default() };
    assert_ne!(model.forward(&src, &tgt, &masks).value(), model.forward(&src, &tgt, &masks).value());
    model.eval();
    let whole = model.forward(&src, &tgt, &masks);
    assert_eq!(model.forward(&src, &tgt, &masks).value(), whole.value());
    let start = model.forward(&src, &Var::new(tgt.value().slice(0, 0..3)), &masks);
    assert!(start.value().relative_difference(&whole.value().slice(0, 0..3)) < 1e-13);
}

#[test]
fn embeddings_of_given_vectors() {
    let vectors = Tensor::from_fn([4, 2], |i| i as f64 + 1.0);
    let at = |indices: &[i64]| Tensor::from_slice(indices, [indices.len()]);
    let frozen = Embedding::from_pretrained(vectors.clone(), true);
    assert!(!frozen.forward(&at(&[3])).unwrap().requires_grad());
    let trained = Embedding::from_pretrained(vectors.clone(), false).with_frozen_padding_idx(-4);
    let out = trained.forward(&at(&[0, 2])).unwrap();
    assert_eq!(out.value().to_vec(), [1.0, 2.0, 5.0, 6.0], "the vector stays as it was");
    out.sum().backward().unwrap();
    assert_eq!(trained.weight.grad().unwrap().to_vec(), [0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 0.0, 0.0]);
    let padded = Embedding::<f64>::new(4, 2).with_padding_idx(1);
    assert_eq!(padded.weight.value().select(0, 1), Tensor::zeros([2]));
    let limited = Embedding::from_pretrained(vectors.clone(), false).with_max_norm(1.0, 2.0);
    assert!(limited.forward(&at(&[1, 9])).is_err());
    let value = limited.weight.value();
    assert_eq!(value.select(0, 0), vectors.select(0, 0), "only what is looked up is scaled");
    assert!((value.at(&[1, 0]) - 0.6).abs() < 1e-7 && (value.at(&[1, 1]) - 0.8).abs() < 1e-7);
    let bags = EmbeddingBag::from_pretrained(vectors, true).with_padding_idx(0);
    let out = bags.forward(&at(&[0, 1, 2]), Some(&at(&[0, 1])), None).unwrap();
    assert_eq!(out.value().to_vec(), [0.0, 0.0, 4.0, 5.0], "a bag of padding is empty");
    let error = bags.forward(&at(&[0, 1, 7]), Some(&at(&[0])), None).unwrap_err();
    assert_eq!((error.position, error.index), (2, 7));
}

/// The layer drops in training, does nothing in evaluation, and refuses what is no probability.
fn check_dropout<L: Layer<f64>>(make: fn(f64) -> L, shape: &[usize]) {
    manual_seed(3);
    let (layer, x) = (make(0.5), numbers(shape));
    let drawn = layer.forward(&x);
    assert_ne!(drawn.value(), x.value());
    layer.eval();
    assert_eq!(layer.forward(&x).value(), x.value());
    layer.train();
    manual_seed(3);
    assert_eq!(layer.forward(&x).value(), drawn.value(), "the seed decides");
    assert_eq!(make(0.0).forward(&x).value(), x.value());
    assert!(std::panic::catch_unwind(|| make(1.5)).is_err());
}

#[test]
fn dropouts_drop_in_training_only() {
    check_dropout(Dropout1d::new, &[4, 5, 3]);
    check_dropout(Dropout2d::new, &[4, 5, 2, 2]);
    check_dropout(Dropout3d::new, &[4, 5, 2, 1, 2]);
    check_dropout(AlphaDropout::new, &[30]);
    check_dropout(FeatureAlphaDropout::new, &[4, 5, 3]);
}
