//! Writes models for PyTorch to load, and loads those that PyTorch has written: `exchange write DIR` and `exchange
//! check DIR`, with `xtask/parity/exchange.py DIR` between them.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::{env, fs};

use gradus_autograd::{Var, no_grad};
use gradus_nn::models::{CharLstm, Gpt, GptConfig, MnistCnn, ResNet20};
use gradus_nn::{Layer, Module, StateDict};
use gradus_tensor::Tensor;
use gradus_tensor::random::{Generator, manual_seed};

/// Writes `<name>.safetensors`, and the output in `<name>.io.safetensors`; or reads `<name>.torch.safetensors` and
/// compares the output with that of `<name>.torch.io.safetensors`.
struct Exchange {
    folder: PathBuf,
    check: bool,
}

impl Exchange {
    fn of<M: Module>(&self, name: &str, model: &M, forward: impl Fn(&M) -> Var) -> Result<(), Box<dyn Error>> {
        model.eval();
        let file = |ending: &str| self.folder.join(format!("{name}{ending}.safetensors"));
        if !self.check {
            fs::write(file(""), StateDict::of(model).to_safetensors())?;
            let out = no_grad(|| forward(model)).into_value();
            fs::write(file(".io"), StateDict::new(vec![("output".to_owned(), out)]).to_safetensors())?;
            return Ok(());
        }
        StateDict::from_safetensors(&fs::read(file(".torch"))?)?.load_into(model)?;
        let stored = StateDict::<f32>::from_safetensors(&fs::read(file(".torch.io"))?)?;
        let want = stored.get("output").ok_or("no output is stored")?;
        let difference = no_grad(|| forward(model)).value().relative_difference(want);
        println!("{name}: PyTorch's weights give PyTorch's output here within {difference:.1e}");
        if difference <= 1e-5 { Ok(()) } else { Err(format!("{name} differs by {difference:.1e}").into()) }
    }
}

/// Numbers that xtask/parity/exchange.py computes as well.
fn images(shape: [usize; 4]) -> Var {
    Var::new(Tensor::from_fn(shape, |i| ((i * 7919) % 1009) as f32 / 504.5 - 1.0))
}

fn tokens(below: usize) -> Tensor<i64> {
    Tensor::from_fn([2, 8], |i| (i * 7919 % below) as i64)
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().collect();
    let (check, folder) = match &arguments[1..] {
        [task, folder] if task == "write" || task == "check" => (task == "check", Path::new(folder).to_path_buf()),
        _ => return Err("usage: exchange write|check DIR".into()),
    };
    manual_seed(1);
    let exchange = Exchange { folder, check };
    exchange.of("mnist_cnn", &MnistCnn::new(), |model| model.forward(&images([2, 1, 28, 28])))?;
    let resnet = ResNet20::new();
    // Running statistics that are not those of the start.
    let mut generator = Generator::new(2, 0);
    for (name, buffer) in resnet.named_buffers() {
        let low = if name.ends_with("var") { 0.5 } else { -0.5 };
        buffer.set_value(generator.uniform(buffer.shape(), low, 1.5));
    }
    exchange.of("resnet20", &resnet, |model| model.forward(&images([2, 3, 32, 32])))?;
    let config = GptConfig { vocab_size: 11, block_size: 8, n_layer: 2, n_head: 2, n_embd: 16 };
    let in_range = "tokens are below the vocabulary's size";
    exchange.of("gpt", &Gpt::new(config), |model: &Gpt| model.forward(&tokens(11)).expect(in_range))?;
    exchange.of("char_lstm", &CharLstm::new(11, 6, 16), |model: &CharLstm| model.forward(&tokens(11)).expect(in_range))
}
