//! The training loop by hand: every line of it, with nothing hidden.
//!
//! `Trainer::fit` is this loop with validation, checkpoints and progress around it. Run it with
//! `cargo run --release --package gradus-trainer --example training_loop`.

use gradus_autograd::Var;
use gradus_data::{Batch, DataLoader, digits, random_split};
use gradus_nn::{Layer, Linear, Module, cross_entropy};
use gradus_optim::{Adam, Optimizer};
use gradus_tensor::random::manual_seed;
use gradus_trainer::trackers::Trackers;
use gradus_trainer::{Accuracy, Metric, StepError, TrainingStep, validate};

/// Two linear layers: `[N, 64] -> [N, 10]`.
#[derive(Module)]
struct DigitClassifier {
    fc1: Linear,
    fc2: Linear,
}

impl TrainingStep for DigitClassifier {
    type Batch = Batch;
    type Metric = Accuracy;

    fn training_step(&self, batch: &Batch) -> Result<(Var, Accuracy), StepError> {
        let x = Var::new(batch.inputs.clone());
        let logits = self.fc2.forward(&self.fc1.forward(&x).relu());
        let loss = cross_entropy(&logits, &batch.targets)?;
        Ok((loss, Accuracy::of(logits.value(), &batch.targets)))
    }
}

fn main() -> Result<(), StepError> {
    manual_seed(0);
    let model = DigitClassifier { fc1: Linear::new(64, 64), fc2: Linear::new(64, 10) };
    let mut optimizer = Optimizer::new(model.named_parameters(), Adam { lr: 2e-3, ..Adam::default() })?;
    let [train, validation] = random_split(digits()?, [0.8, 0.2], 0)?;
    let train_loader = DataLoader::builder(train).batch_size(32).shuffle(true).build()?;
    let validation_loader = DataLoader::builder(validation).batch_size(256).build()?;
    let mut tracker = Trackers::none();
    let (mut train_losses, mut train_accs) = (Vec::new(), Vec::new());
    let mut step = 0;

    for epoch in 1..=10 {
        for batch in &train_loader {
            let (train_loss, train_acc) = model.training_step(&batch?)?;
            tracker.log_metric("train_batch_loss", train_loss.item(), step)?;
            train_losses.push(train_loss.item());
            train_accs.push(train_acc);

            train_loss.backward()?; // adds d(loss)/d(parameter) to every parameter's .grad()
            optimizer.step()?; // reads .grad(), updates the parameters; computes no gradient itself
            optimizer.zero_grad(); // or the next batch's gradients would be added to these
            step += 1;
        }
        let validated = validate(&model, &validation_loader)?;
        let (batch_loss, batch_acc) = (train_losses.last().copied(), train_accs.last().and_then(Metric::value));
        println!(
            "epoch {epoch}: last batch loss {:.4} accuracy {:.3}, validation loss {:.4} accuracy {:.3}",
            batch_loss.unwrap_or(f32::NAN),
            batch_acc.unwrap_or(f64::NAN),
            validated.loss,
            validated.metric.value().unwrap_or(f64::NAN)
        );
    }
    Ok(())
}
