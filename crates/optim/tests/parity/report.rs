//! What a comparison with PyTorch has shown, for docs/optimizers.md.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::json;

/// By algorithm or schedule: the number of cases, and the worst difference in `f32` (none where there is no such run)
/// and in `f64`.
#[derive(Default)]
pub(crate) struct Report(BTreeMap<String, (usize, Option<f64>, f64)>);

impl Report {
    /// Adds a case.
    pub(crate) fn add(&mut self, name: &str, single: Option<f64>, double: f64) {
        let (cases, worst_single, worst_double) = self.0.entry(name.to_owned()).or_default();
        *cases += 1;
        // `f64::max` would pass over a NaN, which the test itself refuses.
        *worst_single = single.map(|single| single.max(worst_single.unwrap_or(0.0)));
        *worst_double = double.max(*worst_double);
    }

    /// Writes all to the file `name` where `GRADUS_PARITY_REPORT` names a folder (`cargo xtask parity --report`).
    pub(crate) fn finish(self, name: &str) {
        let Some(folder) = std::env::var_os("GRADUS_PARITY_REPORT") else { return };
        let rows: Vec<_> =
            self.0.iter().map(|(name, (cases, single, double))| json!([name, cases, single, double])).collect();
        fs::write(Path::new(&folder).join(format!("{name}.json")), json!(rows).to_string()).expect("the folder exists");
    }
}
