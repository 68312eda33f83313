//! Logistic regression on the digits: as many steps to each loss as PyTorch takes.

use gradus_autograd::{Param, Var};
use gradus_nn::cross_entropy;
use gradus_optim::{Algorithm, Lbfgs, LbfgsOptimizer, Optimizer};
use gradus_tensor::Tensor;
use safetensors::SafeTensors;
use serde_json::Value;

const FIXTURE: &[u8] = include_bytes!("../fixtures/digits.safetensors");

/// The fields of `options` put into the defaults, which are tagged by a name or not.
fn with_options(mut defaults: Value, options: &Value) -> Value {
    let fields = match defaults.as_object_mut().expect("hyper-parameters are fields") {
        tagged if tagged.len() == 1 => tagged.values_mut().next().expect("there is one"),
        _ => &mut defaults,
    };
    for (name, value) in options.as_object().expect("options are fields") {
        fields[name] = value.clone();
    }
    defaults
}

/// Either driver, stepped alike.
enum Driver {
    Rule(Optimizer<f64>),
    Lbfgs(LbfgsOptimizer<f64>),
}

impl Driver {
    fn new(parameters: [(String, Param<f64>); 2], case: &Value) -> Self {
        let (name, options) = (case["algorithm"].as_str().expect("a name"), &case["options"]);
        if name == "lbfgs" {
            let defaults = serde_json::to_value(Lbfgs::default()).expect("settings are plain");
            let settings: Lbfgs = serde_json::from_value(with_options(defaults, options)).expect("options of L-BFGS");
            return Self::Lbfgs(LbfgsOptimizer::new(parameters, settings).expect("the settings are valid"));
        }
        let defaults = serde_json::to_value(Algorithm::by_name(name).expect("it is registered")).expect("plain");
        let algorithm: Algorithm = serde_json::from_value(with_options(defaults, options)).expect("its options");
        Self::Rule(Optimizer::new(parameters, algorithm).expect("the options are valid"))
    }

    fn step(&mut self, loss: impl Fn() -> Var<f64>) {
        match self {
            Self::Rule(optimizer) => {
                optimizer.zero_grad();
                loss().backward().expect("the loss has a graph");
                optimizer.step().expect("the hyper-parameters are valid");
            }
            Self::Lbfgs(optimizer) => {
                optimizer.step(loss).expect("the loss has a graph");
            }
        }
    }
}

#[test]
fn logistic_regression_takes_as_many_steps_as_in_pytorch() {
    let (_, header) = SafeTensors::read_metadata(FIXTURE).expect("the fixture is whole");
    let cases: Vec<Value> =
        serde_json::from_str(&header.metadata().as_ref().expect("it has metadata")["cases"]).expect("cases");
    let digits = gradus_data::digits().expect("they are built in");
    let (inputs, targets) = (digits.inputs().cast::<f64>(), digits.targets().clone());
    let goals = Tensor::<f64>::from_le_bytes(FIXTURE.last_chunk::<24>().expect("three goals"), &[3]).expect("f64");
    let goals = goals.to_vec();
    assert!(cases.len() >= 6);
    for case in cases {
        let [weight, bias] = [Param::new(Tensor::zeros([10, 64])), Param::new(Tensor::zeros([10]))];
        let named = [("weight".to_owned(), weight.clone()), ("bias".to_owned(), bias.clone())];
        let mut driver = Driver::new(named, &case);
        let loss = || {
            let logits = Var::new(inputs.clone()).linear(&weight.var(), Some(&bias.var()));
            cross_entropy(&logits, &targets).expect("labels are classes")
        };
        let (mut steps, mut now) = (0, loss().item());
        for (reached, &goal) in case["reached"].as_array().expect("a list").iter().zip(&goals) {
            while now >= goal && steps < 3000 {
                driver.step(loss);
                (steps, now) = (steps + 1, loss().item());
            }
            let theirs = reached["loss"].as_f64().expect("a number");
            assert_eq!(reached["steps"], steps, "{case}: until the loss is below {goal}");
            // Steps of rules that divide by small roots grow rounding errors: RMSprop's to 1.5e-8 in 447 steps.
            assert!((now - theirs).abs() <= 1e-7 * theirs, "{case}: after {steps} steps {now}");
        }
    }
}
