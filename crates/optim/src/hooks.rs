//! Functions that run before and after each step, and the switch between training and evaluation.

use std::fmt;

use gradus_tensor::Float;

use crate::optimizer::Optimizer;

type Hook<T> = Box<dyn FnMut(&mut Optimizer<T>) + Send + Sync>;

/// Names a hook, to remove it with [`Optimizer::remove_step_hook`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StepHook(u64);

/// The hooks of an optimizer in the order in which they came.
pub(crate) struct Hooks<T: Float> {
    pre: Vec<(u64, Hook<T>)>,
    post: Vec<(u64, Hook<T>)>,
    next: u64,
}

impl<T: Float> Default for Hooks<T> {
    fn default() -> Self {
        Self { pre: Vec::new(), post: Vec::new(), next: 0 }
    }
}

impl<T: Float> fmt::Debug for Hooks<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Hooks {{ {} before, {} after }}", self.pre.len(), self.post.len())
    }
}

/// Which of the two lists.
type Side<T> = fn(&mut Hooks<T>) -> &mut Vec<(u64, Hook<T>)>;

impl<T: Float> Optimizer<T> {
    /// Runs `hook` before each [`step`](Self::step), after those that are there already. The optimizer owns it; it is
    /// no part of the state.
    pub fn register_step_pre_hook(&mut self, hook: impl FnMut(&mut Self) + Send + Sync + 'static) -> StepHook {
        self.register(|hooks| &mut hooks.pre, Box::new(hook))
    }

    /// Runs `hook` after each [`step`](Self::step) that did not fail, after those that are there already.
    pub fn register_step_post_hook(&mut self, hook: impl FnMut(&mut Self) + Send + Sync + 'static) -> StepHook {
        self.register(|hooks| &mut hooks.post, Box::new(hook))
    }

    /// Removes a hook; `false` if there is none such. A hook cannot remove those that run together with it.
    pub fn remove_step_hook(&mut self, hook: StepHook) -> bool {
        let count = |hooks: &Hooks<T>| hooks.pre.len() + hooks.post.len();
        let before = count(&self.hooks);
        self.hooks.pre.retain(|(id, _)| *id != hook.0);
        self.hooks.post.retain(|(id, _)| *id != hook.0);
        count(&self.hooks) < before
    }

    /// Moves parameters to the point where gradients are taken, where the algorithm has two points as
    /// [`ScheduleFreeAdamW`](crate::ScheduleFreeAdamW) does. They start there.
    pub fn train(&mut self) {
        self.switch(true);
    }

    /// Moves parameters to the point that is for use: to be called before evaluation and before the model is saved.
    /// Nothing happens where the algorithm has one point only.
    pub fn eval(&mut self) {
        self.switch(false);
    }

    fn switch(&mut self, training: bool) {
        for (group, algorithm) in self.algorithms.iter_mut().enumerate() {
            if let Some(weight) = algorithm.switch(training) {
                self.members.iter().filter(|member| member.group == group).for_each(|member| member.draw(weight));
            }
        }
    }

    pub(crate) fn run_pre_hooks(&mut self) {
        self.run(|hooks| &mut hooks.pre);
    }

    pub(crate) fn run_post_hooks(&mut self) {
        self.run(|hooks| &mut hooks.post);
    }

    fn register(&mut self, side: Side<T>, hook: Hook<T>) -> StepHook {
        let id = self.hooks.next;
        self.hooks.next += 1;
        side(&mut self.hooks).push((id, hook));
        StepHook(id)
    }

    /// Hooks get the optimizer itself, so they are out of it while they run.
    fn run(&mut self, side: Side<T>) {
        let mut running = std::mem::take(side(&mut self.hooks));
        running.iter_mut().for_each(|(_, hook)| hook(self));
        let added = std::mem::replace(side(&mut self.hooks), running);
        side(&mut self.hooks).extend(added);
    }
}
