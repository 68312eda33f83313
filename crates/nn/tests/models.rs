//! Models against PyTorch's: names and number of parameters, and that every parameter gets a gradient.

use gradus_autograd::Var;
use gradus_nn::models::{CharLstm, Gpt, GptConfig, Mlp, MnistCnn, ResNet20};
use gradus_nn::{Layer, Module, cross_entropy};
use gradus_tensor::Tensor;
use gradus_tensor::random::Generator;

/// `names` are the first and the last of PyTorch's `named_parameters`.
fn check(model: &dyn Module, logits: &Var, numbers: usize, tensors: usize, names: [&str; 2]) {
    let named = model.named_parameters();
    let found = [&named[0].0, &named[named.len() - 1].0];
    assert_eq!((model.num_parameters(), named.len(), found), (numbers, tensors, [&names[0].into(), &names[1].into()]));
    let classes = logits.value().size(-1);
    let rows = logits.numel() / classes;
    let labels = Tensor::from_fn([rows], |i| (i * 7 % classes) as i64);
    cross_entropy(&logits.reshape([rows, classes]), &labels).unwrap().backward().unwrap();
    for (name, parameter) in named {
        let gradient = parameter.grad().unwrap_or_else(|| panic!("{name} has no gradient"));
        let numbers = gradient.to_vec();
        assert!(numbers.iter().all(|x| x.is_finite()) && numbers.iter().any(|&x| x != 0.0), "gradient of {name}");
    }
}

#[test]
fn models_have_pytorchs_parameters_and_all_of_them_learn() {
    let normal = |shape: &[usize]| Var::new(Generator::new(0, 0).normal(shape, 0.0, 1.0));
    let tokens = |shape: [usize; 2]| Tensor::from_fn(shape, |i| (i * 31 % 65) as i64);

    let mlp: Mlp = Mlp::new(&[784, 512, 256, 10]);
    check(&mlp, &mlp.forward(&normal(&[4, 784])), 535_818, 6, ["layers.1.weight", "layers.5.bias"]);
    let cnn: MnistCnn = MnistCnn::new();
    check(&cnn, &cnn.forward(&normal(&[2, 1, 28, 28])), 1_199_882, 8, ["conv1.weight", "fc2.bias"]);
    let resnet: ResNet20 = ResNet20::new();
    check(&resnet, &resnet.forward(&normal(&[4, 3, 32, 32])), 272_474, 65, ["features.0.weight", "head.bias"]);
    let config = GptConfig { vocab_size: 65, block_size: 16, n_layer: 2, n_head: 2, n_embd: 32 };
    let gpt: Gpt = Gpt::new(config);
    check(&gpt, &gpt.forward(&tokens([2, 16])).unwrap(), 27_488, 20, ["wte.weight", "ln.bias"]);
    let lstm: CharLstm = CharLstm::new(65, 24, 32);
    check(&lstm, &lstm.forward(&tokens([3, 9])).unwrap(), 11_129, 7, ["emb.weight", "head.bias"]);
}

#[test]
fn a_token_outside_the_vocabulary_is_an_error() {
    let lstm: CharLstm = CharLstm::new(5, 2, 3);
    let error = lstm.forward(&Tensor::from_vec(vec![0, 5], [1, 2])).unwrap_err();
    assert_eq!(error.to_string(), "index 5 at position 1 is outside the 5 entries (0 to 4)");
}
