//! A profile as people read it: where a training step's time went.

use std::fmt::Write;
use std::time::Duration;

use gradus_autograd::profile::{Entry, Part};

/// One operation's row.
#[derive(Default)]
struct Row {
    name: &'static str,
    calls: u64,
    forward: Duration,
    backward: Duration,
    around: Duration,
}

impl Row {
    fn total(&self) -> Duration {
        self.forward + self.backward + self.around
    }
}

/// The profile that [`profile::stop`](gradus_autograd::profile::stop) gave of `steps` training steps as a table: calls
/// and milliseconds a step by operation, forward and backward, the longest first.
///
/// ```
/// use gradus_autograd::profile::{Entry, Part};
/// use gradus_trainer::profile_table;
/// use std::time::Duration;
///
/// let entry = |part, ms| Entry { name: "linear", part, calls: 4, time: Duration::from_millis(ms) };
/// let table = profile_table(&[entry(Part::Forward, 2), entry(Part::Backward, 6)], 2);
/// assert!(table.contains("linear                       2.0       1.000       3.000       4.000  100.0 %"), "{table}");
/// ```
pub fn profile_table(entries: &[Entry], steps: u64) -> String {
    let mut rows: Vec<Row> = Vec::new();
    for entry in entries {
        let index = rows.iter().position(|row| row.name == entry.name).unwrap_or_else(|| {
            rows.push(Row { name: entry.name, ..Row::default() });
            rows.len() - 1
        });
        let row = &mut rows[index];
        row.calls = row.calls.max(entry.calls);
        match entry.part {
            Part::Forward => row.forward += entry.time,
            Part::Backward => row.backward += entry.time,
            Part::Around => row.around += entry.time,
        }
    }
    rows.sort_by_key(|row| std::cmp::Reverse(row.total()));
    let all: Duration = rows.iter().map(Row::total).sum();
    let per_step = |time: Duration| time.as_secs_f64() * 1e3 / steps.max(1) as f64;
    let mut table = format!(
        "{:<24} {:>9} {:>11} {:>11} {:>11} {:>8}\n",
        "where a step's time went", "calls", "forward ms", "backward ms", "all ms", "share"
    );
    let mut line = |name: &str, calls: f64, forward: Duration, backward: Duration, total: Duration| {
        let share = if all.is_zero() { 0.0 } else { 100.0 * total.as_secs_f64() / all.as_secs_f64() };
        let (forward, backward, total) = (per_step(forward), per_step(backward), per_step(total));
        writeln!(table, "{name:<24} {calls:>7.1} {forward:>11.3} {backward:>11.3} {total:>11.3} {share:>6.1} %")
            .expect("writing to a string succeeds");
    };
    for row in &rows {
        line(row.name, row.calls as f64 / steps.max(1) as f64, row.forward, row.backward, row.total());
    }
    let sum = |part: fn(&Row) -> Duration| rows.iter().map(part).sum();
    line("all", 1.0, sum(|row| row.forward), sum(|row| row.backward), all);
    table
}
