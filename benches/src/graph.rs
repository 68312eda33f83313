//! What the graph costs by itself: operations on so few numbers that nothing else takes time.

use gradus_autograd::{BackwardOptions, Var};
use gradus_tensor::Tensor;

use crate::inputs::normal;
use crate::workload::{Entry, Prepared};

/// Additions in the chain.
const LENGTH: usize = 1000;

/// In `pytorch_suite.py` under the same name.
pub(crate) const CHAINS: &[Entry] = &[("add_1000_of_8", || {
    let [x, y] = [(); 2].map(|()| Var::new(normal(&[8])).requires_grad_());
    let upstream = Var::new(Tensor::ones([8]));
    let round = move || {
        let sum = (0..LENGTH).fold(x.clone(), |sum, _| &sum + &y);
        let options = BackwardOptions { gradient: Some(upstream.clone()), ..BackwardOptions::default() };
        sum.backward_with(options).expect("the sum has a graph");
        x.zero_grad();
        y.zero_grad();
    };
    Prepared { round: Box::new(round), parameters: Vec::new() }
})];
