//! What the cases of a family have shown, for docs/parity.md.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::json;

/// By operation: the number of cases, and the worst difference in `f32` and in `f64`.
#[derive(Default)]
pub(crate) struct Report(BTreeMap<String, (usize, [f64; 2])>);

impl Report {
    /// Adds a case, or another run of it.
    pub(crate) fn add(&mut self, op: &str, new: bool, worst: [f64; 2]) {
        let (cases, so_far) = self.0.entry(op.to_owned()).or_default();
        *cases += usize::from(new);
        for (so_far, worst) in so_far.iter_mut().zip(worst) {
            *so_far = so_far.max(worst);
        }
    }

    /// Prints the family's worst, and writes all where `GRADUS_PARITY_REPORT` names a folder (`cargo xtask parity
    /// --report`).
    pub(crate) fn finish(self, family: &str) {
        let cases: usize = self.0.values().map(|(cases, _)| cases).sum();
        let worst = |i: usize| self.0.values().map(|(_, worst)| worst[i]).fold(0.0, f64::max);
        println!("{family}: {cases} cases, worst difference {:.1e} in f32, {:.1e} in f64", worst(0), worst(1));
        let Some(folder) = std::env::var_os("GRADUS_PARITY_REPORT") else { return };
        let rows: Vec<_> = self.0.iter().map(|(op, (cases, worst))| json!([op, cases, worst[0], worst[1]])).collect();
        fs::write(Path::new(&folder).join(format!("{family}.json")), json!(rows).to_string())
            .expect("the folder exists");
    }
}
