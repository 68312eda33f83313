//! The suite: times every workload in a process of its own and tells the times as lines and as JSON.
//!
//! Started by `cargo xtask bench suite`; `pytorch_suite.py` takes the same options and writes the same JSON.
#![forbid(unsafe_code)]

use std::error::Error;
use std::fs;
use std::io::{Write, stdout};
use std::path::PathBuf;
use std::process::{Command, ExitCode, Stdio};
use std::time::Duration;

use clap::Parser;
use gradus_benches::{Timing, Workload, measure, workloads};
use gradus_tensor::parallel;
use serde_json::{Map, Value, json};

/// Times training steps, optimizer steps and backward kernels.
#[derive(Debug, Parser)]
#[command(max_term_width = 100)]
struct Options {
    /// Threads to compute on; 0: one for every core.
    #[arg(long, default_value_t = 0)]
    threads: usize,
    /// Seconds to repeat a training step for; optimizer steps and backward kernels take a third.
    #[arg(long, default_value_t = 3.0)]
    seconds: f64,
    /// Only workloads whose id contains one of these texts, separated by commas.
    #[arg(long, default_value = "")]
    only: String,
    /// Write all results into this file.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Print the ids of the workloads and stop.
    #[arg(long)]
    list: bool,
    /// Time this one workload here and print the result as one line of JSON.
    #[arg(long, value_name = "ID", conflicts_with_all = ["only", "json", "list"])]
    one: Option<String>,
}

fn main() -> ExitCode {
    match run(&Options::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(options: &Options) -> Result<(), Box<dyn Error>> {
    let time = Duration::try_from_secs_f64(options.seconds).map_err(|error| format!("--seconds: {error}"))?;
    parallel::set_threads(options.threads)?;
    if let Some(id) = &options.one {
        let workload = workloads().find(|workload| workload.id() == *id);
        let workload = workload.ok_or_else(|| format!("there is no workload {id}; --list tells those there are"))?;
        let time = if workload.group == "step" { time } else { time / 3 };
        writeln!(stdout(), "{}", serde_json::to_string(&measure((workload.prepare)(), time))?)?;
        return Ok(());
    }
    let wanted = workloads().filter(|workload| is_wanted(&options.only, &workload.id()));
    if options.list {
        wanted.map(|workload| writeln!(stdout(), "{}", workload.id())).collect::<Result<(), _>>()?;
        return Ok(());
    }
    let mut results = json!({
        "gradus": env!("CARGO_PKG_VERSION"), "mode": "gradus", "threads": parallel::threads(),
        "step": {}, "optimizer": {}, "backward": {},
    });
    for workload in wanted {
        let timing = in_own_process(workload, options)?;
        let Timing { median_ms, min_ms, peak_rss_mib, .. } = timing;
        let peak = peak_rss_mib.map_or_else(|| "?".to_owned(), |mib| mib.to_string());
        writeln!(
            stdout(),
            "{:10} {:32} median {median_ms:10.3} ms  min {min_ms:10.3} ms  peak {peak:>6} MiB",
            workload.group,
            workload.name
        )?;
        group(&mut results, workload.group).insert(workload.name.to_owned(), serde_json::to_value(timing)?);
    }
    if let Some(file) = &options.json {
        let write = fs::write(file, serde_json::to_string_pretty(&results)? + "\n");
        write.map_err(|error| format!("cannot write {}: {error}", file.display()))?;
    }
    Ok(())
}

fn group<'a>(results: &'a mut Value, name: &str) -> &'a mut Map<String, Value> {
    results[name].as_object_mut().expect("every group is there from the start")
}

fn is_wanted(only: &str, id: &str) -> bool {
    only.is_empty() || only.split(',').any(|text| !text.is_empty() && id.contains(text))
}

/// Starts this program for one workload, so that peak memory is that workload's alone.
fn in_own_process(workload: &Workload, options: &Options) -> Result<Timing, Box<dyn Error>> {
    let mut child = Command::new(std::env::current_exe()?);
    child.args(["--one", &workload.id(), "--threads", &options.threads.to_string()]);
    child.args(["--seconds", &options.seconds.to_string()]).stderr(Stdio::inherit());
    let output = child.output()?;
    if !output.status.success() {
        return Err(format!("{} failed ({}); its messages are above", workload.id(), output.status).into());
    }
    Ok(serde_json::from_slice(&output.stdout)?)
}
