//! One pass over the memory of all parameters together, on all threads.

use gradus_autograd::ValueMut;
use gradus_tensor::simd::{Arithmetic, Kernel, dispatch};
use gradus_tensor::{Float, Tensor, parallel};
use smallvec::SmallVec;

use crate::registry::Algorithm;
use crate::rule::Step;

/// One parameter's step.
pub(crate) struct Update<'a, T: Float> {
    pub(crate) algorithm: &'a Algorithm,
    pub(crate) step: Step,
    pub(crate) value: ValueMut<'a, T>,
    /// In row-major memory.
    pub(crate) grad: Tensor<T>,
    /// Those of the parameter's shape.
    pub(crate) slots: &'a mut [Tensor<T>],
}

/// Elements of one parameter that are updated together: `param[i]`, `grad[i]` and `slots[..][i]` belong to each other.
struct Stretch<'a, T> {
    algorithm: &'a Algorithm,
    step: Step,
    param: &'a mut [T],
    grad: &'a [T],
    slots: Slots<'a, T>,
}

type Slots<'a, T> = SmallVec<[&'a mut [T]; 3]>;

/// Updates every element. Parameters are cut into stretches, and small ones go together, so that threads share the work
/// evenly whatever the sizes are.
pub(crate) fn apply<T: Float>(mut updates: Vec<Update<'_, T>>) {
    let mut tasks: Vec<Vec<Stretch<'_, T>>> = Vec::new();
    let mut room = 0;
    for update in &mut updates {
        for stretch in update.stretches() {
            if room < stretch.param.len() {
                tasks.push(Vec::new());
                room = parallel::GRAIN;
            }
            room -= stretch.param.len();
            tasks.last_mut().expect("the first stretch finds no room").push(stretch);
        }
    }
    parallel::for_each_task(tasks, |stretches| dispatch(Task { stretches }));
}

impl<T: Float> Update<'_, T> {
    fn stretches(&mut self) -> impl Iterator<Item = Stretch<'_, T>> {
        let (algorithm, step) = (self.algorithm, self.step);
        let grad = self.grad.as_slice().expect("the gradient is row-major");
        let mut slots: SmallVec<[_; 3]> =
            self.slots.iter_mut().map(|slot| slot.as_mut_slice().chunks_mut(parallel::GRAIN)).collect();
        let params = self.value.as_mut_slice().chunks_mut(parallel::GRAIN);
        params.zip(grad.chunks(parallel::GRAIN)).map(move |(param, grad)| {
            let slots = slots.iter_mut().filter_map(Iterator::next).collect();
            Stretch { algorithm, step, param, grad, slots }
        })
    }
}

/// Stretches that one thread updates, by a loop compiled for the processor's vectors.
struct Task<'a, T> {
    stretches: Vec<Stretch<'a, T>>,
}

impl<T: Float> Kernel for Task<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        for Stretch { algorithm, step, param, grad, mut slots } in self.stretches {
            algorithm.update(step, param, grad, &mut slots);
        }
    }
}
