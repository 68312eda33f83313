//! burn on its Flex backend, which is pure Rust: its layers, optimizers and losses.
//!
//! There is no Adadelta: the CNN trains with Adam.

use burn::module::Module;
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::loss::{CrossEntropyLossConfig, MseLoss, Reduction};
use burn::nn::pool::{MaxPool2d, MaxPool2dConfig};
use burn::nn::{
    BatchNorm, BatchNormConfig, Dropout, DropoutConfig, Embedding, EmbeddingConfig, LayerNorm, LayerNormConfig, Linear,
    LinearConfig, Lstm, LstmConfig, PaddingConfig2d,
};
use burn::optim::decay::WeightDecayConfig;
use burn::optim::momentum::MomentumConfig;
use burn::optim::{AdamConfig, AdamWConfig, GradientsParams, ModuleOptimizer, SgdConfig};
use burn::tensor::activation::{gelu, relu, softmax};
use burn::tensor::{Device, Distribution, Int, Tensor, TensorData};

use crate::{GPT_4L, GPT_6L, Round, below};

pub(crate) const STEPS: &[(&str, fn() -> Round)] = &[
    ("tiny_mlp_b32", || {
        let device = &device();
        let (x, y) = (normal([32, 2], device), normal([32, 1], device));
        let sgd = (SgdConfig::new().init(), 0.01);
        training(Mlp::new(&[2, 16, 16, 1], device), sgd, move |model| {
            MseLoss::new().forward(model.forward(x.clone()), y.clone(), Reduction::Mean)
        })
    }),
    ("mlp_b64", || classification(|device| Mlp::new(&[784, 512, 256, 10], device), [64, 784], Mlp::forward, adam())),
    ("mlp_b512", || classification(|device| Mlp::new(&[784, 512, 256, 10], device), [512, 784], Mlp::forward, adam())),
    ("mnist_cnn_b64", || classification(Cnn::new, [64, 1, 28, 28], Cnn::forward, adam())),
    ("resnet20_b32", || {
        let (momentum, decay) = (MomentumConfig::new().with_dampening(0.0), WeightDecayConfig::new(1e-4));
        let sgd = SgdConfig::new().with_momentum(Some(momentum)).with_weight_decay(Some(decay)).init();
        classification(ResNet20::new, [32, 3, 32, 32], ResNet20::forward, (sgd, 0.1))
    }),
    ("gpt_4l_128d_t64_b12", || gpt(GPT_4L)),
    ("gpt_6l_384d_t256_b8", || gpt(GPT_6L)),
    ("lstm_256h_t64_b32", char_lstm),
];

/// Flex, with gradients.
fn device() -> Device {
    Device::flex().autodiff()
}

fn normal<const D: usize>(shape: [usize; D], device: &Device) -> Tensor<D> {
    Tensor::random(shape, Distribution::Normal(0.0, 1.0), device)
}

fn tokens(vocabulary: usize, [batch, time]: [usize; 2], device: &Device) -> Tensor<2, Int> {
    let values: Vec<_> = below(vocabulary, batch * time, 0).map(i64::from).collect();
    Tensor::from_data(TensorData::new(values, [batch, time]), device)
}

fn labels(classes: usize, count: usize, device: &Device) -> Tensor<1, Int> {
    let values: Vec<_> = below(classes, count, 1).map(i64::from).collect();
    Tensor::from_data(TensorData::new(values, [count]), device)
}

fn adam() -> (ModuleOptimizer, f64) {
    (AdamConfig::new().with_epsilon(1e-8).init(), 1e-3)
}

/// Loss, gradients and an optimizer step. Gradients are a value of their own: there is nothing to set to zero.
fn training<M: Module + 'static>(
    model: M,
    (mut optimizer, lr): (ModuleOptimizer, f64),
    loss: impl Fn(&M) -> Tensor<1> + 'static,
) -> Round {
    let mut model = Some(model);
    Box::new(move || {
        let before = model.take().expect("a model");
        let gradients = GradientsParams::from_grads(loss(&before).backward(), &before);
        model = Some(optimizer.step(lr, before, gradients));
    })
}

fn classification<M: Module + 'static, const D: usize>(
    model: fn(&Device) -> M,
    shape: [usize; D],
    forward: fn(&M, Tensor<D>) -> Tensor<2>,
    optimizer: (ModuleOptimizer, f64),
) -> Round {
    let device = &device();
    let (x, labels) = (normal(shape, device), labels(10, shape[0], device));
    let loss = CrossEntropyLossConfig::new().init(device);
    training(model(device), optimizer, move |model| loss.forward(forward(model, x.clone()), labels.clone()))
}

#[derive(Module, Debug)]
struct Mlp {
    layers: Vec<Linear>,
}

impl Mlp {
    fn new(sizes: &[usize], device: &Device) -> Self {
        Self { layers: sizes.windows(2).map(|pair| LinearConfig::new(pair[0], pair[1]).init(device)).collect() }
    }

    fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        let (last, hidden) = self.layers.split_last().expect("layers");
        last.forward(hidden.iter().fold(x, |x, layer| relu(layer.forward(x))))
    }
}

#[derive(Module, Debug)]
struct Cnn {
    conv1: Conv2d,
    conv2: Conv2d,
    pool: MaxPool2d,
    dropout1: Dropout,
    fc1: Linear,
    dropout2: Dropout,
    fc2: Linear,
}

impl Cnn {
    fn new(device: &Device) -> Self {
        Self {
            conv1: Conv2dConfig::new([1, 32], [3, 3]).init(device),
            conv2: Conv2dConfig::new([32, 64], [3, 3]).init(device),
            pool: MaxPool2dConfig::new([2, 2]).with_strides([2, 2]).init(),
            dropout1: DropoutConfig::new(0.25).init(),
            fc1: LinearConfig::new(9216, 128).init(device),
            dropout2: DropoutConfig::new(0.5).init(),
            fc2: LinearConfig::new(128, 10).init(device),
        }
    }

    fn forward(&self, x: Tensor<4>) -> Tensor<2> {
        let h = relu(self.conv2.forward(relu(self.conv1.forward(x))));
        let h: Tensor<2> = self.dropout1.forward(self.pool.forward(h)).flatten(1, 3);
        self.fc2.forward(self.dropout2.forward(relu(self.fc1.forward(h))))
    }
}

fn convolution([inputs, outputs]: [usize; 2], kernel: usize, stride: usize, device: &Device) -> Conv2d {
    let padding = kernel / 2;
    Conv2dConfig::new([inputs, outputs], [kernel, kernel])
        .with_stride([stride, stride])
        .with_padding(PaddingConfig2d::Explicit(padding, padding, padding, padding))
        .with_bias(false)
        .init(device)
}

#[derive(Module, Debug)]
struct BasicBlock {
    conv1: Conv2d,
    bn1: BatchNorm,
    conv2: Conv2d,
    bn2: BatchNorm,
    shortcut: Option<(Conv2d, BatchNorm)>,
}

impl BasicBlock {
    fn new(channels: [usize; 2], stride: usize, device: &Device) -> Self {
        let outputs = channels[1];
        let norm = || BatchNormConfig::new(outputs).init(device);
        let changes = stride != 1 || channels[0] != outputs;
        Self {
            conv1: convolution(channels, 3, stride, device),
            bn1: norm(),
            conv2: convolution([outputs, outputs], 3, 1, device),
            bn2: norm(),
            shortcut: changes.then(|| (convolution(channels, 1, stride, device), norm())),
        }
    }

    fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        let inner = relu(self.bn1.forward(self.conv1.forward(x.clone())));
        let shortcut = match &self.shortcut {
            Some((conv, norm)) => norm.forward(conv.forward(x)),
            None => x,
        };
        relu(self.bn2.forward(self.conv2.forward(inner)) + shortcut)
    }
}

#[derive(Module, Debug)]
struct ResNet20 {
    conv: Conv2d,
    bn: BatchNorm,
    blocks: Vec<BasicBlock>,
    head: Linear,
}

impl ResNet20 {
    fn new(device: &Device) -> Self {
        let (mut blocks, mut inputs) = (Vec::new(), 16);
        for (outputs, first_stride) in [(16, 1), (32, 2), (64, 2)] {
            for stride in [first_stride, 1, 1] {
                blocks.push(BasicBlock::new([inputs, outputs], stride, device));
                inputs = outputs;
            }
        }
        Self {
            conv: convolution([3, 16], 3, 1, device),
            bn: BatchNormConfig::new(16).init(device),
            blocks,
            head: LinearConfig::new(64, 10).init(device),
        }
    }

    fn forward(&self, x: Tensor<4>) -> Tensor<2> {
        let h = relu(self.bn.forward(self.conv.forward(x)));
        let h = self.blocks.iter().fold(h, |h, block| block.forward(h));
        let h: Tensor<2> = h.mean_dim(3).mean_dim(2).flatten(1, 3);
        self.head.forward(h)
    }
}

#[derive(Module, Debug)]
struct Block {
    ln1: LayerNorm,
    qkv: Linear,
    proj: Linear,
    ln2: LayerNorm,
    up: Linear,
    down: Linear,
    heads: usize,
}

impl Block {
    fn new(width: usize, heads: usize, device: &Device) -> Self {
        let linear = |inputs, outputs| LinearConfig::new(inputs, outputs).with_bias(false).init(device);
        let norm = || LayerNormConfig::new(width).init(device);
        Self {
            ln1: norm(),
            qkv: linear(width, 3 * width),
            proj: linear(width, width),
            ln2: norm(),
            up: linear(width, 4 * width),
            down: linear(4 * width, width),
            heads,
        }
    }

    fn forward(&self, x: Tensor<3>, mask: &Tensor<4>) -> Tensor<3> {
        let x = x.clone() + self.attention(self.ln1.forward(x), mask);
        x.clone() + self.down.forward(gelu(self.up.forward(self.ln2.forward(x))))
    }

    fn attention(&self, x: Tensor<3>, mask: &Tensor<4>) -> Tensor<3> {
        let [batch, time, width] = x.dims();
        let own = width / self.heads;
        let [q, k, v]: [Tensor<4>; 3] = self
            .qkv
            .forward(x)
            .chunk(3, 2)
            .into_iter()
            .map(|part| part.reshape([batch, time, self.heads, own]).swap_dims(1, 2))
            .collect::<Vec<_>>()
            .try_into()
            .expect("three parts");
        let scores = q.matmul(k.swap_dims(2, 3)) * (own as f64).powf(-0.5) + mask.clone();
        let y = softmax(scores, 3).matmul(v);
        self.proj.forward(y.swap_dims(1, 2).reshape([batch, time, width]))
    }
}

#[derive(Module, Debug)]
struct Gpt {
    wte: Embedding,
    wpe: Embedding,
    blocks: Vec<Block>,
    ln: LayerNorm,
}

fn gpt([vocabulary, context, layers, heads, width, batch]: [usize; 6]) -> Round {
    let device = &device();
    let model = Gpt {
        wte: EmbeddingConfig::new(vocabulary, width).init(device),
        wpe: EmbeddingConfig::new(context, width).init(device),
        blocks: (0..layers).map(|_| Block::new(width, heads, device)).collect(),
        ln: LayerNormConfig::new(width).init(device),
    };
    let above = |i: usize| if i % context > i / context { f32::NEG_INFINITY } else { 0.0 };
    let mask: Vec<f32> = (0..context * context).map(above).collect();
    let mask: Tensor<4> = Tensor::from_data(TensorData::new(mask, [1, 1, context, context]), device);
    let (tokens, labels) = (tokens(vocabulary, [batch, context], device), labels(vocabulary, batch * context, device));
    let positions: Tensor<2, Int> = Tensor::arange(0..context as i64, device).reshape([1, context]);
    let loss = CrossEntropyLossConfig::new().init(device);
    let optimizer = (AdamWConfig::new().with_epsilon(1e-8).with_weight_decay(0.01).init(), 1e-3);
    training(model, optimizer, move |model| {
        let h = model.wte.forward(tokens.clone()) + model.wpe.forward(positions.clone());
        let h = model.blocks.iter().fold(h, |h, block| block.forward(h, &mask));
        let h = model.ln.forward(h).reshape([batch * context, width]);
        loss.forward(h.matmul(model.wte.weight.val().transpose()), labels.clone())
    })
}

#[derive(Module, Debug)]
struct CharLstm {
    emb: Embedding,
    rnn: Lstm,
    head: Linear,
}

fn char_lstm() -> Round {
    let device = &device();
    let model = CharLstm {
        emb: EmbeddingConfig::new(65, 128).init(device),
        rnn: LstmConfig::new(128, 256, true).init(device),
        head: LinearConfig::new(256, 65).init(device),
    };
    let (tokens, labels) = (tokens(65, [32, 64], device), labels(65, 32 * 64, device));
    let loss = CrossEntropyLossConfig::new().init(device);
    training(model, adam(), move |model| {
        let (states, _) = model.rnn.forward(model.emb.forward(tokens.clone()), None);
        loss.forward(model.head.forward(states.reshape([32 * 64, 256])), labels.clone())
    })
}
