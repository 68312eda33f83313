//! The machine of a measurement, in two sentences.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::thread::{available_parallelism, sleep};
use std::time::Duration;

use crate::command;

/// Date, processor and threads, and on a second line system, rustc and torch.
pub(crate) fn describe(python: &Path, threads: usize) -> String {
    let cores = available_parallelism().map_or_else(|_| "unknown".to_owned(), |cores| cores.to_string());
    let torch = said(Command::new(python).args(["-c", "import torch; print(torch.__version__)"]));
    let rustc = said(Command::new("rustc").arg("--version"));
    let system = system(&said(Command::new("uname").arg("-s")), &said(Command::new("uname").arg("-r")));
    let date = said(Command::new("date").args(["-u", "+%Y-%m-%d"]));
    format!("{date}, {}, {cores} cores, {threads} threads for each.\n{system}, {rustc}, PyTorch {torch}.", processor())
}

/// The first line that `command` prints, or that it did not.
fn said(command: &mut Command) -> String {
    let output = command::output(command).ok().flatten();
    output.and_then(|text| text.lines().next().map(str::to_owned)).unwrap_or_else(|| "unknown".to_owned())
}

/// A kernel's name and its release's first two numbers: what comes after them says how a place built it.
fn system(name: &str, release: &str) -> String {
    let numbers: Vec<_> = release.split(['.', '-', '+']).take(2).collect();
    format!("{name} {}", numbers.join("."))
}

/// The processor's name as Linux gives it, elsewhere the architecture.
fn processor() -> String {
    let text = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = text.lines().find_map(|line| line.strip_prefix("model name"));
    model.map_or_else(|| std::env::consts::ARCH.to_owned(), |name| name.trim_start_matches([' ', '\t', ':']).to_owned())
}

/// The share of all processors' time that is used while this program waits, where the system says.
pub(crate) fn busy() -> Option<f64> {
    let times = || times(&fs::read_to_string("/proc/stat").ok()?);
    let before = times()?;
    sleep(Duration::from_millis(300));
    let after = times()?;
    let [used, all] = [after.0 - before.0, after.1 - before.1];
    (all > 0.0).then(|| used / all)
}

/// Time used, and all time, from Linux's `/proc/stat`: `cpu user nice system idle iowait irq softirq steal ...`.
fn times(stat: &str) -> Option<(f64, f64)> {
    let fields = stat.lines().next()?.strip_prefix("cpu ")?;
    let fields: Vec<f64> = fields.split_whitespace().take(8).map_while(|field| field.parse().ok()).collect();
    let all = fields.iter().sum::<f64>();
    Some((all - fields.get(3)? - fields.get(4)?, all))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_release_is_two_numbers() {
        assert_eq!(system("Linux", "6.18.44-generic"), "Linux 6.18");
        assert_eq!(system("Darwin", "25.1.0"), "Darwin 25.1");
        assert_eq!(system("unknown", "unknown"), "unknown unknown");
    }

    #[test]
    fn idle_and_waiting_time_is_not_used() {
        assert_eq!(times("cpu  10 1 5 80 4 0 0 2 9 9\ncpu0 1 1 1 1 1 1 1 1 0 0\n"), Some((18.0, 102.0)));
        assert_eq!(times("cpu  10 1\n"), None);
        assert_eq!(times("intr 1 2\n"), None);
    }
}
