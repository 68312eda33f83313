//! What operations a computation is made of: for summaries of models.

use std::cell::RefCell;
use std::sync::Arc;

use gradus_tensor::{Float, Tensor};

use crate::graph::Origin;
use crate::param::Param;
use crate::var::Var;

/// One operation, as it was computed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Traced {
    /// The operation's name.
    pub operation: &'static str,
    /// The shapes of its inputs, in order.
    pub inputs: Vec<Vec<usize>>,
    /// The shape of its output.
    pub output: Vec<usize>,
    /// Which parameters it reads, by [`ParamId`].
    parameters: Vec<ParamId>,
    /// Whether the output lies in memory of its own, and is no view of an input.
    pub allocates: bool,
}

/// Which parameter something is; the same for all its clones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ParamId(usize);

impl ParamId {
    /// That of `parameter`.
    pub fn of<T: Float>(parameter: &Param<T>) -> Self {
        Self(std::ptr::from_ref(parameter.leaf()).addr())
    }
}

impl Traced {
    /// The parameters that the operation reads.
    pub fn parameters(&self) -> &[ParamId] {
        &self.parameters
    }
}

thread_local! {
    static TRACE: RefCell<Option<Vec<Traced>>> = const { RefCell::new(None) };
}

/// Runs `f` and lists the operations that this thread computes meanwhile, in order.
pub fn trace<R>(f: impl FnOnce() -> R) -> (R, Vec<Traced>) {
    /// Puts back what was traced before, also when `f` panics.
    struct Restore(Option<Vec<Traced>>);
    impl Drop for Restore {
        fn drop(&mut self) {
            TRACE.set(self.0.take());
        }
    }
    let _restore = Restore(TRACE.replace(Some(Vec::new())));
    let result = f();
    (result, TRACE.take().unwrap_or_default())
}

/// Whether operations are listed.
pub(crate) fn is_running() -> bool {
    TRACE.with_borrow(Option::is_some)
}

/// Lists an operation.
pub(crate) fn computed<T: Float>(operation: &'static str, inputs: &[&Var<T>], out: &Tensor<T>) {
    TRACE.with_borrow_mut(|list| {
        let Some(list) = list else { return };
        let parameter = |input: &&&Var<T>| match input.origin() {
            Some(Origin::Leaf(leaf)) => Some(ParamId(Arc::as_ptr(leaf).addr())),
            _ => None,
        };
        list.push(Traced {
            operation,
            inputs: inputs.iter().map(|input| input.shape().to_vec()).collect(),
            output: out.shape().to_vec(),
            parameters: inputs.iter().filter_map(|input| parameter(&input)).collect(),
            allocates: !inputs.iter().any(|input| input.value().shares_memory_with(out)),
        });
    });
}
