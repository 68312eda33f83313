//! Whole training steps.

use gradus_autograd::Var;
use gradus_nn::models::{CharLstm, Gpt, GptConfig, Mlp, MnistCnn};
use gradus_nn::{Layer, Module, cross_entropy, mse_loss};
use gradus_optim::{Adadelta, Adam, AdamW, Algorithm, Optimizer, Sgd};
use gradus_tensor::random::{Generator, manual_seed};
use gradus_tensor::{IndexError, Tensor};

use crate::{Work, Workload};

/// `name: what prepares it`.
macro_rules! steps {
    ($($name:ident: $prepare:expr;)*) => {
        &[$(Workload { group: "step", name: stringify!($name), bytes: None, prepare: $prepare },)*]
    };
}

pub(crate) const ALL: &[Workload] = steps! {
    tiny_mlp_b32: || {
        let (x, y) = (Var::new(normal(&[32, 2])), Var::new(normal(&[32, 1])));
        let sgd = Sgd { lr: 0.01, ..Sgd::default() };
        step(|| Mlp::new(&[2, 16, 16, 1]), sgd, move |model| mse_loss(&model.forward(&x), &y))
    };
    mlp_b64: || mlp(64);
    mlp_b512: || mlp(512);
    mnist_cnn_b64: || {
        let (x, labels) = (Var::new(normal(&[64, 1, 28, 28])), indices(&[64], 10));
        step(MnistCnn::new, Adadelta::default(), move |model| classify(&model.forward(&x), &labels))
    };
    gpt_4l_128d_t64_b12: || {
        gpt(GptConfig { vocab_size: 65, block_size: 64, n_layer: 4, n_head: 4, n_embd: 128 }, 12)
    };
    gpt_6l_384d_t256_b8: || {
        gpt(GptConfig { vocab_size: 65, block_size: 256, n_layer: 6, n_head: 6, n_embd: 384 }, 8)
    };
    lstm_256h_t64_b32: || {
        let (tokens, labels) = (indices(&[32, 64], 65), indices(&[32 * 64], 65));
        let model = || CharLstm::new(65, 128, 256);
        step(model, Adam::default(), move |model| next_token(&model.forward(&tokens), &labels))
    };
};

fn mlp(batch: usize) -> Work {
    let (x, labels) = (Var::new(normal(&[batch, 784])), indices(&[batch], 10));
    let model = || Mlp::new(&[784, 512, 256, 10]);
    step(model, Adam::default(), move |model| classify(&model.forward(&x), &labels))
}

/// A batch of sequences as long as the model takes.
fn gpt(config: GptConfig, batch: usize) -> Work {
    let GptConfig { vocab_size, block_size, .. } = config;
    let (tokens, labels) = (indices(&[batch, block_size], vocab_size), indices(&[batch * block_size], vocab_size));
    step(move || Gpt::new(config), AdamW::default(), move |model| next_token(&model.forward(&tokens), &labels))
}

/// The cross-entropy of a language model's logits `[B, T, V]`.
fn next_token(logits: &Result<Var, IndexError>, labels: &Tensor<i64>) -> Var {
    let logits = logits.as_ref().expect("tokens are of the vocabulary");
    classify(&logits.reshape([labels.numel(), logits.value().size(-1)]), labels)
}

/// One training step of the model that `make` gives, in training mode.
fn step<M: Module + 'static>(
    make: impl FnOnce() -> M,
    algorithm: impl Into<Algorithm>,
    loss: impl Fn(&M) -> Var + 'static,
) -> Work {
    manual_seed(0);
    let model = make();
    let mut optimizer = Optimizer::new(model.named_parameters(), algorithm).expect("the hyper-parameters are valid");
    Box::new(move || {
        loss(&model).backward().expect("the loss has a graph");
        optimizer.step().expect("the learning rate is valid");
        optimizer.zero_grad();
    })
}

/// The cross-entropy of `logits` `[.., classes]`.
fn classify(logits: &Var, labels: &Tensor<i64>) -> Var {
    cross_entropy(logits, labels).expect("labels are below the number of classes")
}

fn normal(shape: &[usize]) -> Tensor {
    Generator::new(1, 0).normal(shape, 0.0, 1.0)
}

/// Indices below `n`, spread over all of them.
fn indices(shape: &[usize], n: usize) -> Tensor<i64> {
    Tensor::from_fn(shape.to_vec(), |i| (i * 7919 % 104_729 % n) as i64)
}
