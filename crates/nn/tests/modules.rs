//! Modules: names of parameters, sharing, modes, and state dicts.

use gradus_autograd::{Param, Var};
use gradus_nn::models::{Mlp, MnistCnn};
use gradus_nn::{
    BatchNorm1d, BatchNorm2d, Dropout, GELU, GRU, LSTM, Layer, Linear, Mode, Module, ReLU, Sequential, StateDict,
    StateError,
};
use gradus_tensor::random::manual_seed;
use gradus_tensor::{Float, Tensor};

fn names<T: Float>(module: &impl Module<T>) -> Vec<String> {
    module.named_parameters().into_iter().map(|(name, _)| name).collect()
}

#[derive(Module)]
struct Block<M> {
    inner: M,
}

/// Generic and concrete modules side by side.
#[derive(Module)]
struct Headed<M> {
    body: M,
    head: Linear,
}

#[derive(Module)]
struct Everything<T: Float> {
    stem: Linear<T>,
    blocks: Vec<Block<Linear<T>>>,
    optional: Option<Linear<T>>,
    absent: Option<Linear<T>>,
    scale: Param<T>,
    boxed: Box<dyn Layer<T>>,
    pair: Pair<T>,
    #[allow(dead_code, reason = "shows that plain fields are passed over")]
    width: usize,
    #[module(skip)]
    #[allow(dead_code, reason = "shows that skipped fields are passed over")]
    skipped: std::marker::PhantomData<fn() -> T>,
}

#[derive(Module)]
struct Pair<T: Float>(Param<T>, Param<T>);

#[derive(Module)]
#[module(float = f64)]
struct Double {
    weight: Param<f64>,
}

fn one<T: Float>() -> Param<T> {
    Param::new(Tensor::ones([1]))
}

fn linear<T: Float>() -> Linear<T> {
    Linear::new(1, 1)
}

impl<T: Float> Everything<T> {
    fn new() -> Self {
        Self {
            stem: linear(),
            blocks: vec![Block { inner: linear() }, Block { inner: linear() }],
            optional: Some(linear::<T>().without_bias()),
            absent: None,
            scale: one(),
            boxed: Box::new(Sequential::new().with(ReLU).with(linear())),
            pair: Pair(one(), one()),
            width: 3,
            skipped: std::marker::PhantomData,
        }
    }
}

#[test]
fn parameters_have_pytorchs_names() {
    let want = [
        "stem.weight",
        "stem.bias",
        "blocks.0.inner.weight",
        "blocks.0.inner.bias",
        "blocks.1.inner.weight",
        "blocks.1.inner.bias",
        "optional.weight",
        "scale",
        "boxed.1.weight",
        "boxed.1.bias",
        "pair.0",
        "pair.1",
    ];
    assert_eq!(names(&Everything::<f32>::new()), want);
    assert_eq!(names(&Everything::<f64>::new()), want);
    let headed = Headed { body: linear::<f32>().without_bias(), head: linear().without_bias() };
    assert_eq!(names(&headed), ["body.weight", "head.weight"]);
    assert_eq!(names(&Double { weight: one() }), ["weight"]);
    let cnn = ["conv1", "conv2", "fc1", "fc2"].map(|layer| [format!("{layer}.weight"), format!("{layer}.bias")]);
    assert_eq!(names(&MnistCnn::<f32>::new()), cnn.concat());
    assert_eq!(MnistCnn::<f32>::new().num_parameters(), 1_199_882, "as PyTorch counts the example's");
}

#[test]
fn an_lstm_goes_on_from_the_state_it_gave() {
    manual_seed(0);
    let lstm = LSTM::<f64>::new(3, 16).with_batch_first();
    assert_eq!(names(&lstm), ["weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0"]);
    assert_eq!(names(&LSTM::<f64>::new(3, 2).without_bias()), ["weight_ih_l0", "weight_hh_l0"]);
    for parameter in lstm.parameters() {
        let largest = parameter.var().value().to_vec().into_iter().fold(0.0, |max: f64, x| max.max(x.abs()));
        assert!((0.2..0.25).contains(&largest), "uniform in +-1/4: {largest}");
    }
    let x = Var::new(Tensor::from_fn([2, 5, 3], |i| (i as f64).sin()));
    let whole = lstm.forward(&x);
    let (_, (h, c)) = lstm.forward_with_state(&Var::new(x.value().slice(1, 0..3)), None);
    assert_eq!((h.shape(), c.shape()), (&[1, 2, 16][..], &[1, 2, 16][..]));
    let (rest, (h_n, _)) = lstm.forward_with_state(&Var::new(x.value().slice(1, 3..5)), Some((&h, &c)));
    assert!(rest.value().relative_difference(&whole.value().slice(1, 3..5)) < 1e-14);
    assert_eq!(h_n.value().select(0, 0), rest.value().select(1, 1));
    // All three outputs lead back to the parameters.
    (&(&rest.sum() + &h_n.sum()) + &c.sum()).backward().unwrap();
    assert!(lstm.parameters().iter().all(|parameter| parameter.grad().is_some()));
}

#[test]
fn a_gru_goes_on_from_the_state_it_gave() {
    manual_seed(0);
    let gru = GRU::<f64>::new(3, 16).with_batch_first();
    assert_eq!(names(&gru), ["weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0"]);
    assert_eq!(names(&GRU::<f64>::new(3, 2).without_bias()), ["weight_ih_l0", "weight_hh_l0"]);
    let shapes: Vec<_> = gru.parameters().iter().map(|parameter| parameter.var().shape().to_vec()).collect();
    assert_eq!(shapes, [vec![48, 3], vec![48, 16], vec![48], vec![48]]);
    for parameter in gru.parameters() {
        let largest = parameter.var().value().to_vec().into_iter().fold(0.0, |max: f64, x| max.max(x.abs()));
        assert!((0.2..0.25).contains(&largest), "uniform in +-1/4: {largest}");
    }
    let x = Var::new(Tensor::from_fn([2, 5, 3], |i| (i as f64).sin()));
    let whole = gru.forward(&x);
    let (_, h) = gru.forward_with_state(&Var::new(x.value().slice(1, 0..3)), None);
    assert_eq!(h.shape(), [1, 2, 16]);
    let (rest, h_n) = gru.forward_with_state(&Var::new(x.value().slice(1, 3..5)), Some(&h));
    assert!(rest.value().relative_difference(&whole.value().slice(1, 3..5)) < 1e-14);
    assert_eq!(h_n.value().select(0, 0), rest.value().select(1, 1));
    h_n.sum().backward().unwrap();
    assert!(gru.parameters().iter().all(|parameter| parameter.grad().is_some()));
}

#[test]
fn a_shared_parameter_is_listed_once_and_saved_under_each_name() {
    let first: Linear = Linear::new(2, 2);
    let tied = Linear { weight: first.weight.clone(), bias: None };
    let model = vec![first, tied];
    assert_eq!(names(&model), ["0.weight", "0.bias"]);
    let state = StateDict::of(&model);
    let keys: Vec<_> = state.entries().iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(keys, ["0.weight", "0.bias", "1.weight"]);
    assert_eq!(model.num_parameters(), 6);
}

#[test]
fn the_eval_guard_gives_each_layer_its_own_mode_back() {
    struct Modes(Mode, Mode);
    impl Module for Modes {
        fn members(&self, members: &mut gradus_nn::Members) {
            members.field("a", &self.0);
            members.field("b", &self.1);
        }
    }
    let modes = Modes(Mode::new(), Mode::new());
    Module::<f32>::eval(&modes.1);
    {
        let _guard = modes.eval_guard();
        assert!(!modes.0.is_training() && !modes.1.is_training());
    }
    assert!(modes.0.is_training() && !modes.1.is_training(), "not simply everything back to training");
    modes.train();
    assert!(modes.1.is_training());
    modes.eval();
    assert!(!modes.0.is_training());
}

#[test]
fn dropout_drops_in_training_only_and_keeps_the_mean() {
    manual_seed(0);
    let dropout = Dropout::new(0.25);
    let x = Var::new(Tensor::<f32>::ones([100, 100]));
    let y = dropout.forward(&x);
    let zeros = y.value().to_vec().iter().filter(|&&v| v == 0.0).count();
    assert!((2_200..2_800).contains(&zeros), "{zeros} of 10,000 dropped at p = 0.25");
    assert!(y.value().to_vec().iter().all(|&v| v == 0.0 || (v - 4.0 / 3.0).abs() < 1e-6));
    assert!((y.mean().item() - 1.0).abs() < 0.03);
    assert_ne!(dropout.forward(&x).value(), y.value(), "every pass draws a mask of its own");
    Module::<f32>::eval(&dropout);
    assert_eq!(dropout.forward(&x).value(), x.value());
    Module::<f32>::train(&dropout);
    assert_eq!(Dropout::new(1.0).forward(&x).sum().item(), 0.0);
}

#[test]
fn the_same_seed_gives_the_same_model() {
    let build = |seed| {
        manual_seed(seed);
        StateDict::of(&Mlp::<f32>::new(&[4, 8, 2]))
    };
    assert_eq!(build(1), build(1));
    assert_ne!(build(1), build(2));
}

#[test]
fn states_travel_through_safetensors() {
    let (a, b) = (Mlp::<f64>::new(&[3, 4, 2]), Mlp::<f64>::new(&[3, 4, 2]));
    assert_ne!(StateDict::of(&a), StateDict::of(&b));
    let bytes = StateDict::of(&a).to_safetensors();
    StateDict::from_safetensors(&bytes).unwrap().load_into(&b).unwrap();
    let x = Var::new(Tensor::from_fn([5, 3], |i| i as f64 / 7.0));
    assert_eq!(a.forward(&x).value(), b.forward(&x).value());
    let error = StateDict::<f32>::from_safetensors(&bytes).unwrap_err();
    assert!(error.to_string().contains("holds f64, but f32 is needed"), "{error}");
}

#[test]
fn a_state_that_does_not_fit_is_refused_whole_with_all_its_faults() {
    let model = Mlp::<f32>::new(&[3, 4, 2]);
    let before = StateDict::of(&model);
    let mut entries = before.entries().to_vec();
    entries[0].1 = Tensor::zeros([4, 9]);
    entries.remove(1);
    entries.push(("extra".to_owned(), Tensor::zeros([1])));
    let error = StateDict::new(entries).load_into(&model).unwrap_err();
    let StateError::Mismatch(faults) = &error else { panic!("{error}") };
    let want =
        ["layers.1.weight has shape [4, 9], not [4, 3]", "missing layers.1.bias of shape [4]", "unexpected extra"];
    assert_eq!(faults, &want);
    assert_eq!(StateDict::of(&model), before, "nothing was loaded");
}

#[test]
fn damaged_safetensors_are_errors() {
    let bytes = StateDict::of(&Mlp::<f32>::new(&[2, 2])).to_safetensors();
    for length in 0..bytes.len() {
        assert!(StateDict::<f32>::from_safetensors(&bytes[..length]).is_err(), "cut to {length} bytes");
    }
    let mut longer = bytes.clone();
    longer.push(0);
    assert!(StateDict::<f32>::from_safetensors(&longer).is_err(), "one byte too many");
    for length in [0, u64::MAX, 100_000_001, bytes.len() as u64] {
        let mut lying = bytes.clone();
        lying[..8].copy_from_slice(&length.to_le_bytes());
        assert!(StateDict::<f32>::from_safetensors(&lying).is_err(), "header length {length}");
    }
}

/// PyTorch 2.15's numbers for the same two batches.
#[test]
fn batch_norm_tracks_pytorchs_running_statistics() {
    let close = |got: &Tensor<f64>, want: &[f64]| {
        assert!(got.to_vec().iter().zip(want).all(|(a, b)| (a - b).abs() < 1e-12), "{got}, not {want:?}");
    };
    let x = Tensor::from_fn([2, 3, 2, 2], |i| (i * i % 7) as f64);
    let layer = BatchNorm2d::<f64>::new(3);
    for batch in [x.clone(), (&x * 2.0).to_channels_last()] {
        let _ = layer.forward(&Var::new(batch));
    }
    close(&layer.running_mean().unwrap().value(), &[0.47125, 0.68875, 0.54375]);
    close(&layer.running_var().unwrap().value(), &[2.06125, 1.92125, 1.85125]);
    assert_eq!(layer.num_batches_tracked().unwrap().get(), 2);

    let rows = x.reshape([8, 3]);
    let layer = BatchNorm1d::<f64>::new(3).with_momentum(None);
    for batch in [rows.clone(), &rows * 2.0] {
        let _ = layer.forward(&Var::new(batch));
    }
    close(&layer.running_mean().unwrap().value(), &[2.625, 2.8125, 3.375]);
    close(&layer.running_var().unwrap().value(), &[6.25, 5.3125, 6.25]);
    layer.eval();
    let y = layer.forward(&Var::new(rows)).into_value();
    close(&y.select(0, 1), &[-0.249_999_800_000_239_9, -0.352_511_662_179_790_46, 0.249_999_800_000_239_9]);
    assert_eq!(layer.num_batches_tracked().unwrap().get(), 2, "evaluation tracks nothing");
}

#[test]
fn buffers_and_counts_travel_through_safetensors() {
    let build = || Sequential::<f32>::new().with(Linear::new(2, 3)).with(BatchNorm1d::new(3)).with(ReLU);
    let (a, b) = (build(), build());
    let x = Var::new(Tensor::from_fn([4, 2], |i| (i * i % 5) as f32));
    for _ in 0..3 {
        let fused = a.forward(&x);
        assert!(fused.value().to_vec().iter().all(|&y| y >= 0.0));
    }
    let state = StateDict::of(&a);
    let keys: Vec<_> = state.entries().iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(keys, ["0.weight", "0.bias", "1.weight", "1.bias", "1.running_mean", "1.running_var"]);
    assert_eq!(state.get_integers("1.num_batches_tracked"), Some(&Tensor::scalar(3)));
    assert_eq!(names(&a), ["0.weight", "0.bias", "1.weight", "1.bias"], "buffers are no parameters");
    let read = StateDict::from_safetensors(&state.to_safetensors()).unwrap();
    read.load_into(&b).unwrap();
    assert_eq!(StateDict::of(&b), state);
    a.eval();
    b.eval();
    assert_eq!(a.forward(&x).value(), b.forward(&x).value());

    let error = StateDict::new(state.entries().to_vec()).load_into(&b).unwrap_err();
    let want = ["missing 1.num_batches_tracked of shape []".to_owned()];
    assert_eq!(error, StateError::Mismatch(want.to_vec()));
}

#[test]
#[should_panic(expected = "batch_norm: input [1, 3] has not more than one value a channel")]
fn one_value_has_no_variance() {
    let _ = BatchNorm1d::<f32>::new(3).forward(&Var::new(Tensor::zeros([1, 3])));
}

#[test]
fn a_layer_and_the_activation_behind_it_are_one_operation() {
    let x = Var::new(Tensor::<f32>::ones([2, 3]));
    let model = Sequential::new().with(Linear::new(3, 4)).with(ReLU);
    assert_eq!(model.forward(&x).operation(), Some("linear"));
    assert_eq!(Sequential::new().with(Linear::new(3, 4)).with(GELU::new()).forward(&x).operation(), Some("gelu"));
}
