//! The suite: every workload timed in a process of its own, so that its peak memory is its own too.
#![forbid(unsafe_code)]

use std::error::Error;
use std::fs;
use std::path::PathBuf;
use std::process::{Command, ExitCode, Stdio};

use clap::Parser;
use gradus_benches::{GROUPS, Only, Workload, measure, workloads};
use gradus_tensor::{parallel, random};
use serde_json::{Map, Value, json};

/// Time training steps, optimizer steps and backward passes.
#[derive(Debug, Parser)]
#[command(name = "suite", bin_name = "cargo xtask bench suite", max_term_width = 100)]
struct Options {
    /// Threads that kernels use; 0 means one for every core.
    #[arg(long, default_value_t = 0)]
    threads: usize,
    #[command(flatten)]
    only: Only,
    /// How long each training step is repeated; other workloads take a third of it.
    #[arg(long, default_value_t = 3.0)]
    seconds: f64,
    /// Also write the results to this file.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Print the names of the workloads and measure nothing.
    #[arg(long)]
    list: bool,
    /// Instead of timing, run --steps rounds of each training step from a fixed seed and print a hash of the
    /// parameters.
    #[arg(long)]
    hash: bool,
    /// Rounds for --hash.
    #[arg(long, value_name = "N", default_value_t = 200)]
    steps: usize,
    /// Measure this one workload in this process and print the result as JSON.
    #[arg(long, value_name = "GROUP/NAME")]
    alone: Option<String>,
}

fn main() -> ExitCode {
    match run(&Options::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(options: &Options) -> Result<(), Box<dyn Error>> {
    parallel::set_threads(options.threads)?;
    let mut all = workloads();
    if let Some(id) = &options.alone {
        let workload = all.iter().find(|workload| workload.id() == *id);
        let workload = workload.ok_or_else(|| format!("no workload is called {id}; --list names all"))?;
        println!("{}", alone(workload, options.seconds));
        return Ok(());
    }
    all.retain(|workload| options.only.takes(&workload.id()));
    if all.is_empty() {
        return Err(format!("no workload contains {}; --list names all", options.only.texts().join(" or ")).into());
    }
    if options.list {
        all.iter().for_each(|workload| println!("{}", workload.id()));
    } else if options.hash {
        for workload in all.iter().filter(|workload| workload.group == "step") {
            println!("{:32} {:016x}", workload.name, hash(workload, options.steps));
        }
    } else {
        let results = suite(&all, options)?;
        if let Some(file) = &options.json {
            let text = serde_json::to_string_pretty(&results)?;
            fs::write(file, text).map_err(|error| format!("cannot write {}: {error}", file.display()))?;
        }
    }
    Ok(())
}

/// Every workload's result, each from a process of its own.
fn suite(all: &[Workload], options: &Options) -> Result<Value, Box<dyn Error>> {
    let mut groups = GROUPS.map(|group| (group, Map::new()));
    for workload in all {
        let output = Command::new(std::env::current_exe()?)
            .args(["--alone", &workload.id()])
            .args(["--threads", &options.threads.to_string(), "--seconds", &options.seconds.to_string()])
            .stderr(Stdio::inherit())
            .output()?;
        if !output.status.success() {
            return Err(format!("{} failed ({})", workload.id(), output.status).into());
        }
        let result: Value = serde_json::from_slice(&output.stdout)?;
        println!(
            "{:10} {:32} median {:10.3} ms  min {:10.3} ms  peak {:>6} MiB",
            workload.group,
            workload.name,
            result["median_ms"].as_f64().unwrap_or(f64::NAN),
            result["min_ms"].as_f64().unwrap_or(f64::NAN),
            result["peak_rss_mib"].to_string()
        );
        let group = groups.iter_mut().find(|(group, _)| *group == workload.group).expect("groups are complete");
        group.1.insert(workload.name.clone(), result);
    }
    let mut results = json!({ "gradus": env!("CARGO_PKG_VERSION"), "mode": "gradus", "threads": parallel::threads() });
    for (group, members) in groups {
        results[group] = members.into();
    }
    Ok(results)
}

/// One workload in this process.
fn alone(workload: &Workload, seconds: f64) -> Value {
    random::manual_seed(0);
    let seconds = if workload.group == "step" { seconds } else { seconds / 3.0 };
    let timing = measure(seconds, workload.prepare().round);
    json!({
        "median_ms": timing.median.as_secs_f64() * 1e3,
        "min_ms": timing.min.as_secs_f64() * 1e3,
        "n": timing.n,
        "peak_rss_mib": peak_memory(),
    })
}

/// The most memory that this process has had at a time, in MiB, where the system says.
///
/// Linux's `VmHWM` is of this program alone; `getrusage` would count what the process was before it became this one.
fn peak_memory() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().trim_end_matches(" kB").parse::<u64>().ok()? / 1024)
}

/// A hash of every bit of the parameters after `steps` rounds (FNV-1a).
fn hash(workload: &Workload, steps: usize) -> u64 {
    random::manual_seed(0);
    let mut prepared = workload.prepare();
    (0..steps).for_each(|_| (prepared.round)());
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for (_, parameter) in &prepared.parameters {
        for value in parameter.value().to_vec() {
            hash = (hash ^ u64::from(value.to_bits())).wrapping_mul(0x100_0000_01b3);
        }
    }
    hash
}
