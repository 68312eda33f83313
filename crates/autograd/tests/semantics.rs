//! PyTorch's rules for graphs and gradients, each with a test that fails without it.

use std::panic::catch_unwind;

use gradus_autograd::{AutogradError, BackwardOptions, Param, Reduction, Var, enable_grad, grad, no_grad};
use gradus_tensor::Tensor;

fn leaf(values: &[f32]) -> Var {
    Var::new(Tensor::from_slice(values, [values.len()])).requires_grad_()
}

fn grad_of(x: &Var) -> Vec<f32> {
    x.grad().expect("a gradient has come").to_vec()
}

/// The expression of micrograd's README, with the numbers given there.
#[test]
fn micrograd_expression() {
    let scalar = |x: f64| Var::new(Tensor::scalar(x)).requires_grad_();
    let (a, b) = (scalar(-4.0), scalar(2.0));
    let mut c = &a + &b;
    let mut d = &a * &b + &b * &b * &b;
    c = &c + &c + 1.0;
    c = &c + 1.0 + &c + -&a;
    d = &d + &d * 2.0 + (&b + &a).relu();
    d = &d + &d * 3.0 + (&b - &a).relu();
    let e = &c - &d;
    let f = &e * &e;
    let g = &f / 2.0 + Var::new(Tensor::scalar(10.0)) / &f;
    assert!((g.item() - 24.7041).abs() < 5e-5);
    g.backward().unwrap();
    assert!((a.grad().unwrap().item() - 138.8338).abs() < 5e-5);
    assert!((b.grad().unwrap().item() - 645.5773).abs() < 5e-5);
}

#[test]
fn gradients_add_up_until_they_are_zeroed() {
    let x = leaf(&[1.0, 2.0]);
    for want in [[2.0, 4.0], [4.0, 8.0]] {
        (&x * &x).sum().backward().unwrap();
        assert_eq!(grad_of(&x), want);
    }
    x.zero_grad();
    assert!(x.grad().is_none(), "zeroed is none, not zeros");
    (&x * &x).sum().backward().unwrap();
    assert_eq!(grad_of(&x), [2.0, 4.0]);
}

#[test]
fn a_variable_used_twice_gets_the_sum() {
    let x = leaf(&[3.0]);
    let y = &x + &x;
    (&y * &y + &x).sum().backward().unwrap();
    assert_eq!(grad_of(&x), [25.0]);
}

/// Gradients of a matrix that several operations use: added in place where nothing is recorded, else by operations.
#[test]
fn a_tied_weight_gets_the_sum_of_all_its_gradients() {
    let table = Var::new(Tensor::from_fn([4, 3], |i| (i * 5 % 7) as f64 - 3.0)).requires_grad_();
    let tokens = Tensor::from_vec(vec![1, 3, 1], [3]);
    let seed = Var::new(Tensor::from_fn([3, 4], |i| (i * 3 % 5) as f64 - 1.0));
    let gradient = |input: &Var<f64>, output: &Var<f64>, create_graph: bool| {
        let y = input.embedding(&tokens).unwrap().linear(output, None).linear(&(output * 2.0).transpose(0, 1), None);
        let y = y.linear(output, None);
        let options = BackwardOptions { gradient: Some(seed.clone()), create_graph, ..BackwardOptions::default() };
        y.backward_with(options).unwrap();
        let gradient = table.grad().unwrap();
        table.zero_grad();
        gradient
    };
    let tied = gradient(&table, &table, false);
    assert_eq!(tied, gradient(&table, &table, true), "the same where the backward pass is recorded");
    let (input, output) = (gradient(&table, &table.detach(), false), gradient(&table.detach(), &table, false));
    assert_eq!(tied, &input + &output, "integers, so that the order of additions does not matter");
    // A second pass adds to what the first left.
    table.zero_grad();
    let loss = || table.embedding(&tokens).unwrap().linear(&table, None).sum();
    loss().backward().unwrap();
    let once = table.grad().unwrap();
    loss().backward().unwrap();
    assert_eq!(table.grad().unwrap(), &once + &once);
}

#[test]
fn errors_are_pytorchs_and_change_nothing() {
    let x = leaf(&[1.0, 2.0]);
    let y = &x * &x;
    assert_eq!(y.backward(), Err(AutogradError::NotScalar { shape: vec![2] }));
    assert!(
        y.backward().unwrap_err().to_string().starts_with("grad can be implicitly created only for scalar outputs")
    );
    let constant = Var::new(Tensor::scalar(1.0f32));
    let error = constant.backward().unwrap_err();
    assert!(error.to_string().starts_with("element 0 of tensors does not require grad and does not have a grad_fn"));
    let given = BackwardOptions { gradient: Some(Var::new(Tensor::zeros([3]))), ..Default::default() };
    let shapes = AutogradError::GradientShape { gradient: vec![3], output: vec![2] };
    assert_eq!(y.backward_with(given), Err(shapes));
    assert_eq!(
        grad(&y.sum(), &[&constant], Default::default()).unwrap_err(),
        AutogradError::InputWithoutGrad { index: 0 }
    );
    assert!(x.grad().is_none());
}

#[test]
fn a_graph_is_used_up_by_backward_unless_it_is_kept() {
    let x = leaf(&[1.0, 2.0]);
    let loss = (&x * &x).sum();
    loss.backward_with(BackwardOptions { retain_graph: Some(true), ..Default::default() }).unwrap();
    loss.backward().unwrap();
    assert_eq!(grad_of(&x), [4.0, 8.0]);
    let error = loss.backward().unwrap_err();
    assert!(error.to_string().starts_with("Trying to backward through the graph a second time"), "{error}");
    assert_eq!(grad_of(&x), [4.0, 8.0], "the failed pass has added nothing");

    // The freed part may lie deep inside a graph whose upper part is fresh.
    let y = &x * &x;
    y.sum().backward().unwrap();
    let before = grad_of(&x);
    assert!(matches!((&y * &x).sum().backward(), Err(AutogradError::GraphFreed { operation: "mul" })));
    assert_eq!(grad_of(&x), before);
}

#[test]
fn a_given_gradient_weighs_the_output() {
    let x = leaf(&[1.0, 2.0]);
    let gradient = Some(Var::new(Tensor::from_vec(vec![10.0, 100.0], [2])));
    (&x * &x).backward_with(BackwardOptions { gradient, ..Default::default() }).unwrap();
    assert_eq!(grad_of(&x), [20.0, 400.0]);
}

#[test]
fn nothing_is_recorded_under_no_grad_or_behind_detach() {
    let x = leaf(&[2.0]);
    let y = no_grad(|| &x * &x);
    assert!(!y.requires_grad() && y.is_leaf());
    assert!(no_grad(|| enable_grad(|| &x * &x)).requires_grad());
    let cut = (&x * &x).detach();
    assert!(!cut.requires_grad());
    (&cut * &x).sum().backward().unwrap();
    assert_eq!(grad_of(&x), [4.0]);
}

#[test]
fn grad_returns_gradients_and_leaves_the_leaves_alone() {
    let x = leaf(&[1.0, 2.0]);
    let unused = leaf(&[1.0]);
    let y = &x * &x;
    let gradients = grad(&y.sum(), &[&x, &y, &unused], Default::default()).unwrap();
    let values: Vec<_> = gradients.iter().map(|g| g.as_ref().map(|g| g.value().to_vec())).collect();
    assert_eq!(values, [Some(vec![2.0, 4.0]), Some(vec![1.0, 1.0]), None]);
    assert!(x.grad().is_none());
}

#[test]
fn derivatives_of_derivatives() {
    let x = Var::new(Tensor::scalar(2.0f64)).requires_grad_();
    let mut y = &x * &x * &x * &x;
    for want in [32.0, 48.0, 48.0, 24.0] {
        let options = BackwardOptions { create_graph: true, ..Default::default() };
        y = grad(&y, &[&x], options).unwrap().remove(0).unwrap();
        assert_eq!(y.item(), want);
    }
}

#[test]
fn a_graph_reads_parameters_as_they_were() {
    let w = Param::new(Tensor::from_vec(vec![3.0f32], [1]));
    let loss = (w.var() * w.var()).sum();
    w.value_mut().as_mut_slice()[0] = 100.0;
    loss.backward().unwrap();
    assert_eq!(w.grad().unwrap().to_vec(), [6.0], "of the value at the forward pass");
    assert_eq!(w.value().to_vec(), [100.0]);
}

#[test]
fn a_parameter_that_no_graph_reads_is_updated_in_place() {
    let w = Param::new(Tensor::from_vec(vec![3.0f32], [1]));
    let loss = (w.var() * w.var()).sum();
    loss.backward().unwrap();
    let before = w.value().as_slice().unwrap().as_ptr();
    w.value_mut().as_mut_slice()[0] = 1.0;
    assert_eq!(w.value().as_slice().unwrap().as_ptr(), before, "backward has freed what the graph kept");
}

#[test]
fn frozen_parameters_get_no_gradient() {
    let (w, frozen) = (Param::new(Tensor::scalar(2.0f32)), Param::new(Tensor::scalar(3.0f32)));
    frozen.set_requires_grad(false);
    (w.var() * frozen.var()).backward().unwrap();
    assert_eq!(w.grad().unwrap().item(), 3.0);
    assert!(frozen.grad().is_none());
    assert_eq!((frozen.var() * frozen.var()).backward(), Err(AutogradError::NoGraph));
}

#[test]
fn clones_of_a_parameter_share_value_and_gradient() {
    let w = Param::new(Tensor::scalar(2.0f32));
    let tied = w.clone();
    (w.var() * tied.var()).backward().unwrap();
    assert_eq!((w.grad().unwrap().item(), tied.grad().unwrap().item()), (4.0, 4.0));
    assert!(w.is_same(&tied) && !w.is_same(&Param::new(Tensor::scalar(2.0))));
}

#[test]
fn long_chains_are_differentiated_and_dropped_without_recursion() {
    let x = leaf(&[1.0]);
    let chain = |x: &Var| (0..200_000).fold(x.clone(), |y, _| y + 1.0);
    drop(chain(&x));
    let y = chain(&x);
    y.sum().backward().unwrap();
    assert_eq!(grad_of(&x), [1.0]);
}

#[test]
fn labels_outside_the_classes_are_an_error_that_names_them() {
    let x = Var::new(Tensor::<f32>::zeros([2, 3]));
    for (label, row) in [(3, 1), (-1, 1)] {
        let error = x.cross_entropy(&Tensor::from_vec(vec![0, label], [2]), Reduction::Mean).unwrap_err();
        assert_eq!((error.row, error.label, error.classes), (row, label, 3));
        assert!(error.to_string().contains("outside the 3 classes that the logits have (0 to 2)"), "{error}");
    }
}

/// Inputs that broke other libraries: pytorch#11752 and NNlib#68.
#[test]
fn hard_logits_give_finite_losses_and_gradients() {
    let check = |logits: &[f32], target: i64, loss: f32, gradient: &[f32]| {
        let x = Var::new(Tensor::from_slice(logits, [1, logits.len()])).requires_grad_();
        let y = x.cross_entropy(&Tensor::from_vec(vec![target], [1]), Reduction::Mean).unwrap();
        y.backward().unwrap();
        assert_eq!((y.item(), grad_of(&x).as_slice()), (loss, gradient), "{logits:?}");
    };
    check(&[1e8, 1e8], 1, std::f32::consts::LN_2, &[0.5, -0.5]);
    check(&[-431.0, 279.0, 427.0], 0, 858.0, &[-1.0, 0.0, 1.0]);
}

/// What a rectifier shuts off stays off, also where the gradient from above is infinite.
#[test]
fn relu_chooses_and_does_not_multiply() {
    let x = leaf(&[-1.0, 4.0]);
    x.relu().sqrt().sum().backward().unwrap();
    assert_eq!(grad_of(&x), [0.0, 0.25]);
}

/// Division by a number is division, not multiplication by its rounded reciprocal.
#[test]
fn quotients_and_means_are_rounded_once() {
    assert_eq!((Var::new(Tensor::scalar(49.0f64)) / 49.0).item(), 1.0);
    assert_eq!((Var::new(Tensor::scalar(1e-39f32)) / 1e-39).item(), 1.0);
    assert_eq!(Var::new(Tensor::<f32>::ones([41])).mean().item(), 1.0);
}

#[test]
fn a_layer_without_inputs_has_gradients() {
    let x = Var::new(Tensor::<f32>::zeros([5, 0])).requires_grad_();
    let (w, b) = (Var::new(Tensor::zeros([3, 0])).requires_grad_(), leaf(&[1.0, 2.0, 3.0]));
    x.linear(&w, Some(&b)).sum().backward().unwrap();
    assert_eq!((grad_of(&b), x.grad().unwrap().shape().to_vec()), (vec![5.0; 3], vec![5, 0]));
}

/// A rule that panics leaves the graph usable for whoever caught the panic.
#[test]
fn a_panicking_rule_poisons_nothing() {
    struct Panics;
    impl gradus_autograd::Rule<f32> for Panics {
        fn name(&self) -> &'static str {
            "panics"
        }
        fn backward(&self, _: &gradus_autograd::Context<'_, f32>) -> gradus_autograd::Gradients<f32> {
            panic!("on purpose")
        }
    }
    let x = leaf(&[1.0]);
    let y = Var::from_operation(x.value().clone(), &[&x], Panics);
    for _ in 0..2 {
        let kept = BackwardOptions { retain_graph: Some(true), ..Default::default() };
        let payload = catch_unwind(std::panic::AssertUnwindSafe(|| y.backward_with(kept))).unwrap_err();
        assert_eq!(payload.downcast_ref(), Some(&"on purpose"));
    }
}

#[test]
fn a_frozen_parameter_is_a_constant_where_it_was_read() {
    let frozen = Param::new(Tensor::scalar(3.0f32));
    frozen.set_requires_grad(false);
    let var = frozen.var();
    frozen.set_requires_grad(true);
    assert!(!var.requires_grad() && frozen.var().requires_grad());
}
