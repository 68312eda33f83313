//! The layout of PyTorch's `state_dict()`.

use std::collections::BTreeMap;

use gradus_optim::{Optimizer, TorchState};
use gradus_tensor::Tensor;
use serde_json::{Map, Value, json};

use crate::fixture::{Fixture, algorithm};
use crate::problems::Problem;

/// What PyTorch has after some steps.
fn stored(fixture: &Fixture, case: &Value) -> TorchState<f64> {
    let name = case["algorithm"].as_str().unwrap();
    let mut state = BTreeMap::new();
    for (position, kept) in case["kept"].as_object().unwrap() {
        let tensor = |key: &Value| {
            let key = key.as_str().unwrap();
            (key.to_owned(), fixture.tensor(&format!("state/{name}.{position}.{key}")))
        };
        let kept: BTreeMap<String, Tensor<f64>> = kept.as_array().unwrap().iter().map(tensor).collect();
        state.insert(position.parse().unwrap(), kept);
    }
    let groups = case["param_groups"].as_array().unwrap();
    TorchState { state, param_groups: groups.iter().map(|group| group.as_object().unwrap().clone()).collect() }
}

/// With all numbers as f64: PyTorch has some options as integers.
fn widened(group: &Map<String, Value>) -> Map<String, Value> {
    let widen = |value: &Value| value.as_f64().map_or(value.clone(), Value::from);
    group.iter().map(|(name, value)| (name.clone(), widen(value))).collect()
}

#[test]
fn exported_and_imported_state_is_that_of_pytorch() {
    let fixture = Fixture::new();
    for case in fixture.json("states").as_array().unwrap() {
        let name = case["algorithm"].as_str().unwrap();
        let problem = Problem::<f64>::new(&fixture, "quadratic");
        let build = || Optimizer::new(problem.parameters.clone(), algorithm(name, &case["options"])).unwrap();
        let mut optimizer = build();
        for _ in 0..case["steps"].as_u64().unwrap() {
            optimizer.zero_grad();
            problem.loss().backward().unwrap();
            optimizer.step().unwrap();
        }
        let (ours, theirs) = (optimizer.torch_state(), stored(&fixture, case));
        assert_eq!(widened(&ours.param_groups[0]), widened(&theirs.param_groups[0]), "{name}");
        assert_eq!(ours.state.keys().collect::<Vec<_>>(), theirs.state.keys().collect::<Vec<_>>(), "{name}");
        for (position, kept) in &ours.state {
            let other = &theirs.state[position];
            assert_eq!(kept.keys().collect::<Vec<_>>(), other.keys().collect::<Vec<_>>(), "{name} {position}");
            for (key, tensor) in kept {
                let apart = tensor.relative_difference(&other[key]);
                assert!(apart <= 1e-10, "{name} {position} {key}: {apart:.1e}");
            }
        }
        let mut other = build();
        other.load_torch_state(theirs.clone()).unwrap();
        assert_eq!(other.torch_state().state, theirs.state, "{name} imported and exported");
        // And it goes on as the one that exported goes on.
        let mut third = build();
        third.load_torch_state(ours.clone()).unwrap();
        let ends = [&mut optimizer, &mut third].map(|optimizer| {
            let start: Vec<_> = problem.parameters.iter().map(|(_, parameter)| parameter.value()).collect();
            for _ in 0..3 {
                optimizer.zero_grad();
                problem.loss().backward().unwrap();
                optimizer.step().unwrap();
            }
            let end: Vec<_> = problem.parameters.iter().map(|(_, parameter)| parameter.value()).collect();
            problem.parameters.iter().zip(start).for_each(|((_, parameter), value)| parameter.set_value(value));
            end
        });
        assert_eq!(ends[0], ends[1], "{name} goes on");
    }
}

#[test]
fn an_import_names_everything_that_is_wrong() {
    let fixture = Fixture::new();
    let states = fixture.json("states");
    let case = &states[0];
    let problem = Problem::<f64>::new(&fixture, "quadratic");
    let mut optimizer = Optimizer::new(problem.parameters, algorithm("adam", &case["options"])).unwrap();
    let before = optimizer.state();
    let mut bad = stored(&fixture, case);
    let group = &mut bad.param_groups[0];
    group.remove("eps");
    group.insert("nesterov".to_owned(), json!(true));
    group.insert("params".to_owned(), json!([1, 0]));
    group.insert("param_names".to_owned(), json!(["p", "r"]));
    group.insert("foreach".to_owned(), json!(true));
    bad.state.get_mut(&0).unwrap().insert("exp_avg".to_owned(), Tensor::zeros([2]));
    bad.state.get_mut(&1).unwrap().remove("step");
    bad.state.insert(7, BTreeMap::new());
    let message = optimizer.load_torch_state(bad).unwrap_err().to_string();
    for part in [
        "group 0: missing option eps",
        "group 0: unexpected option nesterov",
        "group 0: params are [1,0], not [0,1]",
        r#"group 0: param_names are ["p","r"], not ["p","q"]"#,
        "unexpected parameter number 7",
        "p.exp_avg has shape [2], not [4, 3]",
        "missing q.step",
    ] {
        assert!(message.contains(part), "{part} is not in: {message}");
    }
    assert!(!message.contains("foreach"), "{message}");
    assert_eq!(optimizer.state(), before, "nothing was loaded");
}
