//! Rosenbrock's and Beale's functions: as many steps as PyTorch takes.

use gradus_autograd::{Param, Var};
use gradus_optim::{Algorithm, Optimizer};
use gradus_tensor::Tensor;

use crate::fixture::{Fixture, algorithm};

fn rosenbrock(x: &Var<f64>, y: &Var<f64>) -> Var<f64> {
    let (a, b) = (-x + 1.0, y - &(x * x));
    &a * &a + &b * &b * 100.0
}

fn beale(x: &Var<f64>, y: &Var<f64>) -> Var<f64> {
    let y2 = y * y;
    let part = |number: f64, power: &Var<f64>| {
        let wrong = x * power - x + number;
        &wrong * &wrong
    };
    part(1.5, y) + part(2.25, &y2) + part(2.625, &(&y2 * y))
}

#[test]
fn landscapes_take_as_many_steps_as_in_pytorch() {
    let cases = Fixture::new().json("landscapes");
    let cases = cases.as_array().unwrap();
    for name in Algorithm::NAMES {
        assert_eq!(cases.iter().filter(|case| case["algorithm"] == *name).count(), 2, "{name}");
    }
    for case in cases {
        let (name, function) = (case["algorithm"].as_str().unwrap(), case["function"].as_str().unwrap());
        let start: Vec<f64> = serde_json::from_value(case["start"].clone()).unwrap();
        let p = Param::new(Tensor::from_slice(&start, [1, 2]));
        let mut optimizer = Optimizer::new([("p".to_owned(), p.clone())], algorithm(name, &case["options"])).unwrap();
        let loss = || {
            let [x, y] = [0, 1].map(|i| p.var().slice(1, i..i + 1).sum());
            if function == "beale" { beale(&x, &y) } else { rosenbrock(&x, &y) }
        };
        let (goal, mut steps) = (loss().item() / 10.0, 0);
        while loss().item() >= goal && steps < 3000 {
            optimizer.zero_grad();
            loss().backward().unwrap();
            optimizer.step().unwrap();
            steps += 1;
        }
        println!("{name} {function}: {steps} steps, PyTorch {}", case["steps"]);
        assert_eq!(case["steps"], steps, "{name} on {function}");
    }
}
