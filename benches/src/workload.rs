//! What a workload is, and the list of all.

use gradus_autograd::Param;

use crate::{backward, optimizer, step};

/// The groups in the order of the list, as the suite's JSON names them.
pub const GROUPS: [&str; 3] = ["step", "optimizer", "backward"];

/// Something to measure.
#[derive(Debug)]
pub struct Workload {
    /// One of [`GROUPS`].
    pub group: &'static str,
    /// Its name in the group.
    pub name: String,
    prepare: Preparation,
}

/// A name in a group, and what makes that workload ready.
pub(crate) type Entry = (&'static str, fn() -> Prepared);

/// How a workload is made ready.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Preparation {
    Step(fn() -> Prepared),
    Optimizer(fn() -> gradus_optim::Algorithm, usize),
    Backward(fn() -> Prepared),
}

/// A workload made ready: its tensors are there.
pub struct Prepared {
    /// One round of the work.
    pub round: Box<dyn FnMut()>,
    /// The parameters that rounds change, if any.
    pub parameters: Vec<(String, Param)>,
}

impl Workload {
    pub(crate) fn new(group: &'static str, name: impl Into<String>, prepare: Preparation) -> Self {
        Self { group, name: name.into(), prepare }
    }

    /// Group and name: `step/mlp_b64`.
    pub fn id(&self) -> String {
        format!("{}/{}", self.group, self.name)
    }

    /// Makes the workload ready. Random numbers come from the generators as they are seeded.
    pub fn prepare(&self) -> Prepared {
        match self.prepare {
            Preparation::Step(make) | Preparation::Backward(make) => make(),
            Preparation::Optimizer(algorithm, n) => optimizer::prepare(algorithm(), n),
        }
    }
}

/// Every workload.
pub fn workloads() -> Vec<Workload> {
    let steps = step::STEPS.iter().map(|&(name, make)| Workload::new("step", name, Preparation::Step(make)));
    let kernels =
        backward::KERNELS.iter().map(|&(name, make)| Workload::new("backward", name, Preparation::Backward(make)));
    steps.chain(optimizer::workloads()).chain(kernels).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_are_known_and_names_differ() {
        let all = workloads();
        assert!(all.iter().all(|workload| GROUPS.contains(&workload.group)));
        let mut ids: Vec<_> = all.iter().map(Workload::id).collect();
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), all.len());
    }
}
