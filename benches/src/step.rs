//! Training steps: forward, loss, backward, optimizer step, zero_grad. A workload is one entry of [`STEPS`].

use gradus_autograd::{Reduction, Var};
use gradus_nn::models::{CharLstm, Gpt, GptConfig, Mlp, MnistCnn, ResNet20};
use gradus_nn::{Layer, Module, cross_entropy, mse_loss};
use gradus_optim::{Adadelta, Adam, AdamW, Algorithm, Optimizer, Sgd};
use gradus_tensor::{IndexError, Tensor};

use crate::inputs::{below, normal};
use crate::workload::{Entry, Prepared};

pub(crate) const STEPS: &[Entry] = &[
    ("tiny_mlp_b32", || {
        let [x, y] = [[32, 2], [32, 1]].map(|shape| Var::new(normal(&shape)));
        training(Mlp::new(&[2, 16, 16, 1]), Sgd { lr: 0.01, ..Sgd::default() }, move |m| {
            mse_loss(&m.forward(&x), &y, Reduction::Mean)
        })
    }),
    ("mlp_b64", || classification(Mlp::new(&[784, 512, 256, 10]), &[64, 784], Adam::default())),
    ("mlp_b512", || classification(Mlp::new(&[784, 512, 256, 10]), &[512, 784], Adam::default())),
    ("mnist_cnn_b64", || classification(MnistCnn::new(), &[64, 1, 28, 28], Adadelta::default())),
    ("resnet20_b32", || {
        let sgd = Sgd { lr: 0.1, momentum: 0.9, weight_decay: 1e-4, ..Sgd::default() };
        classification(ResNet20::new(), &[32, 3, 32, 32], sgd)
    }),
    ("gpt_4l_128d_t64_b12", || {
        gpt(GptConfig { vocab_size: 65, block_size: 64, n_layer: 4, n_head: 4, n_embd: 128 }, 12)
    }),
    ("gpt_6l_384d_t256_b8", || {
        gpt(GptConfig { vocab_size: 65, block_size: 256, n_layer: 6, n_head: 6, n_embd: 384 }, 8)
    }),
    ("lstm_256h_t64_b32", || {
        language_model(CharLstm::new(65, 128, 256), [32, 64], 65, Adam::default(), CharLstm::forward)
    }),
];

/// Rounds of `model` in training mode: the loss, its gradients, and a step by `algorithm`.
fn training<M: Module + 'static>(
    model: M,
    algorithm: impl Into<Algorithm>,
    loss: impl Fn(&M) -> Var + 'static,
) -> Prepared {
    model.train();
    let parameters = model.named_parameters();
    let mut optimizer = Optimizer::new(parameters.clone(), algorithm).expect("the hyper-parameters are valid");
    let round = move || {
        loss(&model).backward().expect("the loss has a graph");
        optimizer.step().expect("the learning rate is valid");
        optimizer.zero_grad();
    };
    Prepared { round: Box::new(round), parameters }
}

/// A model from a batch of numbers to logits of ten classes.
fn classification(model: impl Layer + 'static, input: &[usize], algorithm: impl Into<Algorithm>) -> Prepared {
    let (x, labels) = (Var::new(normal(input)), below(10, &input[..1]));
    training(model, algorithm, move |model| cross_entropy(&model.forward(&x), &labels).expect("labels are below 10"))
}

/// A batch of sequences as long as the model takes.
fn gpt(config: GptConfig, batch: usize) -> Prepared {
    language_model(Gpt::new(config), [batch, config.block_size], config.vocab_size, AdamW::default(), Gpt::forward)
}

/// A model from tokens `[B, T]` to the logits of each next one of `vocabulary`.
fn language_model<M: Module + 'static>(
    model: M,
    tokens: [usize; 2],
    vocabulary: usize,
    algorithm: impl Into<Algorithm>,
    forward: fn(&M, &Tensor<i64>) -> Result<Var, IndexError>,
) -> Prepared {
    let places = tokens[0] * tokens[1];
    let (x, labels) = (below(vocabulary as u64, &tokens), below(vocabulary as u64, &[places]));
    training(model, algorithm, move |model| {
        let logits = forward(model, &x).expect("tokens are of the vocabulary").reshape([places, vocabulary]);
        cross_entropy(&logits, &labels).expect("labels are of the vocabulary")
    })
}
