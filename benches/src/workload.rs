//! What a workload is, and the list of all.

use std::fmt;

use gradus_autograd::Param;

use crate::{backward, graph, optimizer, step};

/// The groups in the order of the list, as the suite's JSON names them.
pub const GROUPS: [&str; 4] = ["step", "optimizer", "backward", "graph"];

/// Something to measure.
pub struct Workload {
    /// One of [`GROUPS`].
    pub group: &'static str,
    /// Its name in the group.
    pub name: String,
    prepare: Box<dyn Fn() -> Prepared>,
}

/// A name in a group, and what makes that workload ready.
pub(crate) type Entry = (&'static str, fn() -> Prepared);

/// A workload made ready: its tensors are there.
pub struct Prepared {
    /// One round of the work.
    pub round: Box<dyn FnMut()>,
    /// The parameters that rounds change, if any.
    pub parameters: Vec<(String, Param)>,
}

impl Workload {
    pub(crate) fn new(group: &'static str, name: impl Into<String>, prepare: impl Fn() -> Prepared + 'static) -> Self {
        Self { group, name: name.into(), prepare: Box::new(prepare) }
    }

    /// Group and name: `step/mlp_b64`.
    pub fn id(&self) -> String {
        format!("{}/{}", self.group, self.name)
    }

    /// Makes the workload ready. Random numbers come from the generators as they are seeded.
    pub fn prepare(&self) -> Prepared {
        (self.prepare)()
    }
}

impl fmt::Debug for Workload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Workload").field(&self.id()).finish()
    }
}

/// Every workload.
pub fn workloads() -> Vec<Workload> {
    let group = |group, entries: &'static [Entry]| {
        entries.iter().map(move |&(name, prepare)| Workload::new(group, name, prepare))
    };
    let (steps, operations) = (group("step", step::STEPS), group("backward", backward::OPERATIONS));
    steps.chain(optimizer::workloads()).chain(operations).chain(group("graph", graph::CHAINS)).collect()
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
