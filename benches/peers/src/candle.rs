//! candle on its CPU device: its layers, losses and optimizers.
//!
//! `LayerNorm` and `softmax_last_dim` have no gradient here, so training takes `layer_norm_slow` and `softmax`. Adam is
//! `AdamW` without decay. There is no Adadelta: the CNN trains with Adam. `SGD` has neither momentum nor decay: the
//! residual network trains without them.

use candle_core::{D, DType, Device, Module, ModuleT, Result, Tensor, Var};
use candle_nn::rnn::{LSTMConfig, RNN, lstm};
use candle_nn::{
    AdamW, BatchNorm, BatchNormConfig, Conv2d, Conv2dConfig, Dropout, Init, Linear, Optimizer, ParamsAdamW, SGD,
    VarBuilder, VarMap, batch_norm, conv2d, conv2d_no_bias, embedding, linear, linear_no_bias, loss, ops,
};

use crate::{GPT_4L, GPT_6L, Round, below};

const DEVICE: &Device = &Device::Cpu;

pub(crate) const STEPS: &[(&str, fn() -> Result<Round>)] = &[
    ("tiny_mlp_b32", || {
        let (map, vb) = parameters();
        let (model, x, y) = (mlp(&[2, 16, 16, 1], &vb)?, normal(&[32, 2])?, normal(&[32, 1])?);
        Ok(training(SGD::new(map.all_vars(), 0.01)?, move || loss::mse(&forward(&model, &x)?, &y)))
    }),
    ("mlp_b64", || mlp_classifier(64)),
    ("mlp_b512", || mlp_classifier(512)),
    ("mnist_cnn_b64", cnn),
    ("resnet20_b32", resnet20),
    ("gpt_4l_128d_t64_b12", || gpt(GPT_4L)),
    ("gpt_6l_384d_t256_b8", || gpt(GPT_6L)),
    ("lstm_256h_t64_b32", char_lstm),
];

/// Where layers put their parameters, and what makes them there.
fn parameters() -> (VarMap, VarBuilder<'static>) {
    let map = VarMap::new();
    let vb = VarBuilder::from_varmap(&map, DType::F32, DEVICE);
    (map, vb)
}

fn normal(shape: &[usize]) -> Result<Tensor> {
    Tensor::randn(0f32, 1.0, shape, DEVICE)
}

fn tokens(vocabulary: usize, count: usize) -> Result<Tensor> {
    Tensor::from_vec(below(vocabulary, count, 0).collect(), count, DEVICE)
}

fn labels(classes: usize, count: usize) -> Result<Tensor> {
    Tensor::from_vec(below(classes, count, 1).collect(), count, DEVICE)
}

/// Loss, gradients and an optimizer step. Gradients are a value of their own: there is nothing to set to zero.
fn training(mut optimizer: impl Optimizer + 'static, loss: impl Fn() -> Result<Tensor> + 'static) -> Round {
    Box::new(move || optimizer.backward_step(&loss().expect("a loss")).expect("a step"))
}

fn adam(vars: Vec<Var>, weight_decay: f64) -> Result<AdamW> {
    AdamW::new(vars, ParamsAdamW { lr: 1e-3, weight_decay, ..ParamsAdamW::default() })
}

fn mlp(sizes: &[usize], vb: &VarBuilder<'_>) -> Result<Vec<Linear>> {
    sizes.windows(2).enumerate().map(|(i, pair)| linear(pair[0], pair[1], vb.pp(i))).collect()
}

fn forward(layers: &[Linear], x: &Tensor) -> Result<Tensor> {
    let (last, hidden) = layers.split_last().expect("layers");
    let x = hidden.iter().try_fold(x.clone(), |x, layer| layer.forward(&x)?.relu())?;
    last.forward(&x)
}

fn mlp_classifier(batch: usize) -> Result<Round> {
    let (map, vb) = parameters();
    let model = mlp(&[784, 512, 256, 10], &vb)?;
    let (x, labels) = (normal(&[batch, 784])?, labels(10, batch)?);
    Ok(training(adam(map.all_vars(), 0.0)?, move || loss::cross_entropy(&forward(&model, &x)?, &labels)))
}

fn cnn() -> Result<Round> {
    let (map, vb) = parameters();
    let conv1 = conv2d(1, 32, 3, Conv2dConfig::default(), vb.pp("conv1"))?;
    let conv2 = conv2d(32, 64, 3, Conv2dConfig::default(), vb.pp("conv2"))?;
    let (fc1, fc2) = (linear(9216, 128, vb.pp("fc1"))?, linear(128, 10, vb.pp("fc2"))?);
    let (dropout1, dropout2) = (Dropout::new(0.25), Dropout::new(0.5));
    let (x, labels) = (normal(&[64, 1, 28, 28])?, labels(10, 64)?);
    Ok(training(adam(map.all_vars(), 0.0)?, move || {
        let h = conv2.forward(&conv1.forward(&x)?.relu()?)?.relu()?.max_pool2d(2)?;
        let h = dropout1.forward(&h, true)?.flatten_from(1)?;
        let h = dropout2.forward(&fc1.forward(&h)?.relu()?, true)?;
        loss::cross_entropy(&fc2.forward(&h)?, &labels)
    }))
}

/// A convolution without bias that keeps the size, divided by the stride, and its normalisation.
struct Convolution(Conv2d, BatchNorm);

impl Convolution {
    fn new([inputs, outputs]: [usize; 2], kernel: usize, stride: usize, vb: VarBuilder<'_>) -> Result<Self> {
        let options = Conv2dConfig { stride, padding: kernel / 2, ..Conv2dConfig::default() };
        let conv = conv2d_no_bias(inputs, outputs, kernel, options, vb.pp("conv"))?;
        Ok(Self(conv, batch_norm(outputs, BatchNormConfig::default(), vb.pp("bn"))?))
    }

    fn forward(&self, x: &Tensor) -> Result<Tensor> {
        self.1.forward_t(&self.0.forward(x)?, true)
    }
}

struct BasicBlock {
    first: Convolution,
    second: Convolution,
    shortcut: Option<Convolution>,
}

impl BasicBlock {
    fn new(channels: [usize; 2], stride: usize, vb: VarBuilder<'_>) -> Result<Self> {
        let outputs = channels[1];
        let changes = stride != 1 || channels[0] != outputs;
        Ok(Self {
            first: Convolution::new(channels, 3, stride, vb.pp("first"))?,
            second: Convolution::new([outputs, outputs], 3, 1, vb.pp("second"))?,
            shortcut: changes.then(|| Convolution::new(channels, 1, stride, vb.pp("shortcut"))).transpose()?,
        })
    }

    fn forward(&self, x: &Tensor) -> Result<Tensor> {
        let inner = self.second.forward(&self.first.forward(x)?.relu()?)?;
        match &self.shortcut {
            Some(shortcut) => (inner + shortcut.forward(x)?)?.relu(),
            None => (inner + x)?.relu(),
        }
    }
}

fn resnet20() -> Result<Round> {
    let (map, vb) = parameters();
    let stem = Convolution::new([3, 16], 3, 1, vb.pp("stem"))?;
    let (mut blocks, mut inputs) = (Vec::new(), 16);
    for (outputs, first_stride) in [(16, 1), (32, 2), (64, 2)] {
        for stride in [first_stride, 1, 1] {
            blocks.push(BasicBlock::new([inputs, outputs], stride, vb.pp(format!("blocks.{}", blocks.len())))?);
            inputs = outputs;
        }
    }
    let head = linear(64, 10, vb.pp("head"))?;
    let (x, labels) = (normal(&[32, 3, 32, 32])?, labels(10, 32)?);
    Ok(training(SGD::new(map.all_vars(), 0.1)?, move || {
        let h = blocks.iter().try_fold(stem.forward(&x)?.relu()?, |h, block| block.forward(&h))?;
        loss::cross_entropy(&head.forward(&h.mean((2, 3))?)?, &labels)
    }))
}

struct Norm {
    weight: Tensor,
    bias: Tensor,
}

impl Norm {
    fn new(width: usize, vb: VarBuilder<'_>) -> Result<Self> {
        Ok(Self {
            weight: vb.get_with_hints(width, "weight", Init::Const(1.0))?,
            bias: vb.get_with_hints(width, "bias", Init::Const(0.0))?,
        })
    }

    fn forward(&self, x: &Tensor) -> Result<Tensor> {
        ops::layer_norm_slow(x, &self.weight, &self.bias, 1e-5)
    }
}

struct Block {
    norms: [Norm; 2],
    qkv: Linear,
    proj: Linear,
    up: Linear,
    down: Linear,
    heads: usize,
}

impl Block {
    fn new(width: usize, heads: usize, vb: VarBuilder<'_>) -> Result<Self> {
        Ok(Self {
            norms: [Norm::new(width, vb.pp("ln1"))?, Norm::new(width, vb.pp("ln2"))?],
            qkv: linear_no_bias(width, 3 * width, vb.pp("qkv"))?,
            proj: linear_no_bias(width, width, vb.pp("proj"))?,
            up: linear_no_bias(width, 4 * width, vb.pp("up"))?,
            down: linear_no_bias(4 * width, width, vb.pp("down"))?,
            heads,
        })
    }

    fn forward(&self, x: &Tensor, mask: &Tensor) -> Result<Tensor> {
        let x = (x + self.attention(&self.norms[0].forward(x)?, mask)?)?;
        let hidden = self.up.forward(&self.norms[1].forward(&x)?)?.gelu_erf()?;
        &x + self.down.forward(&hidden)?
    }

    fn attention(&self, x: &Tensor, mask: &Tensor) -> Result<Tensor> {
        let (batch, time, width) = x.dims3()?;
        let qkv = self.qkv.forward(x)?.reshape((batch, time, 3, self.heads, width / self.heads))?;
        let part = |i: usize| qkv.narrow(2, i, 1)?.squeeze(2)?.transpose(1, 2)?.contiguous();
        let (q, k, v) = (part(0)?, part(1)?, part(2)?);
        let scores = (q.matmul(&k.t()?)? * ((width / self.heads) as f64).powf(-0.5))?.broadcast_add(mask)?;
        let y = ops::softmax(&scores, D::Minus1)?.matmul(&v)?;
        self.proj.forward(&y.transpose(1, 2)?.reshape((batch, time, width))?)
    }
}

fn gpt([vocabulary, context, layers, heads, width, batch]: [usize; 6]) -> Result<Round> {
    let (map, vb) = parameters();
    let wte = embedding(vocabulary, width, vb.pp("wte"))?;
    let wpe = embedding(context, width, vb.pp("wpe"))?;
    let blocks: Vec<Block> =
        (0..layers).map(|i| Block::new(width, heads, vb.pp(format!("blocks.{i}")))).collect::<Result<_>>()?;
    let norm = Norm::new(width, vb.pp("ln"))?;
    let above = |i: usize| if i % context > i / context { f32::NEG_INFINITY } else { 0.0 };
    let mask = Tensor::from_vec((0..context * context).map(above).collect::<Vec<f32>>(), (context, context), DEVICE)?;
    let tokens = tokens(vocabulary, batch * context)?.reshape((batch, context))?;
    let labels = labels(vocabulary, batch * context)?;
    let positions = Tensor::arange(0u32, context as u32, DEVICE)?;
    Ok(training(adam(map.all_vars(), 0.01)?, move || {
        let h = wte.forward(&tokens)?.broadcast_add(&wpe.forward(&positions)?)?;
        let h = blocks.iter().try_fold(h, |h, block| block.forward(&h, &mask))?;
        let h = norm.forward(&h)?.reshape((batch * context, width))?;
        loss::cross_entropy(&h.matmul(&wte.embeddings().t()?)?, &labels)
    }))
}

fn char_lstm() -> Result<Round> {
    let (map, vb) = parameters();
    let emb = embedding(65, 128, vb.pp("emb"))?;
    let rnn = lstm(128, 256, LSTMConfig::default(), vb.pp("rnn"))?;
    let head = linear(256, 65, vb.pp("head"))?;
    let (tokens, labels) = (tokens(65, 32 * 64)?.reshape((32, 64))?, labels(65, 32 * 64)?);
    Ok(training(adam(map.all_vars(), 0.0)?, move || {
        let states = rnn.states_to_tensor(&rnn.seq(&emb.forward(&tokens)?)?)?;
        loss::cross_entropy(&head.forward(&states.reshape((32 * 64, 256))?)?, &labels)
    }))
}
