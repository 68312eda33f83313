//! Training steps of the suite in candle and burn, under the same names, shapes and command line: one a process.
#![forbid(unsafe_code)]

mod burn;
mod candle;

use std::error::Error;
use std::fs;
use std::iter::successors;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::{Parser, ValueEnum};
use serde_json::json;

/// One training step, again and again.
type Round = Box<dyn FnMut()>;

/// `[vocabulary, context, layers, heads, width, batch]` of the language models.
const GPT_4L: [usize; 6] = [65, 64, 4, 4, 128, 12];
const GPT_6L: [usize; 6] = [65, 256, 6, 6, 384, 8];

#[derive(Clone, Copy, ValueEnum)]
enum System {
    Candle,
    Burn,
}

/// Time one training step in another Rust library.
#[derive(Parser)]
struct Options {
    #[arg(long)]
    system: System,
    /// Print the names of the workloads that the system has and measure nothing.
    #[arg(long)]
    list: bool,
    /// Measure this one workload and print the result as JSON.
    #[arg(long, value_name = "GROUP/NAME", required_unless_present = "list")]
    alone: Option<String>,
    /// Both libraries read RAYON_NUM_THREADS; this must be the same.
    #[arg(long, required_unless_present = "list")]
    threads: Option<usize>,
    /// How long the training step is repeated.
    #[arg(long, default_value_t = 3.0)]
    seconds: f64,
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
    let (Some(id), Some(threads), false) = (&options.alone, options.threads, options.list) else {
        match options.system {
            System::Candle => list(candle::STEPS),
            System::Burn => list(burn::STEPS),
        }
        return Ok(());
    };
    let told = std::env::var("RAYON_NUM_THREADS").unwrap_or_default();
    if told != threads.to_string() {
        return Err(format!("RAYON_NUM_THREADS is `{told}`; set it to {threads}").into());
    }
    let mut round = match options.system {
        System::Candle => find(candle::STEPS, id)?()?,
        System::Burn => find(burn::STEPS, id)?(),
    };
    let mut times = measure(options.seconds, &mut round);
    times.sort();
    let ms = |time: Duration| time.as_secs_f64() * 1e3;
    println!(
        "{}",
        json!({ "median_ms": ms(times[times.len() / 2]), "min_ms": ms(times[0]), "n": times.len(),
                "peak_rss_mib": peak_mib() })
    );
    Ok(())
}

fn list<T>(steps: &[(&str, T)]) {
    steps.iter().for_each(|(name, _)| println!("step/{name}"));
}

/// What makes the training step `step/NAME` ready.
fn find<T: Copy>(steps: &[(&str, T)], id: &str) -> Result<T, String> {
    let step = steps.iter().find(|(name, _)| id.strip_prefix("step/") == Some(name));
    step.map(|(_, make)| *make).ok_or_else(|| format!("{id} is not written for this library; --list names what is"))
}

/// Whole numbers below `limit`, as if by chance, the same in every run; another `seed` gives others.
fn below(limit: usize, count: usize, seed: u64) -> impl Iterator<Item = u32> {
    let next =
        |state: &u64| Some(state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407));
    let states = successors(next(&seed), next);
    states.skip(1).take(count).map(move |state| ((state >> 33) % limit as u64) as u32)
}

/// Five rounds of warm-up, then rounds for some seconds.
fn measure(seconds: f64, round: &mut Round) -> Vec<Duration> {
    (0..5).for_each(|_| round());
    let start = Instant::now();
    let mut times = Vec::new();
    while times.len() < 5 || start.elapsed().as_secs_f64() < seconds {
        let before = Instant::now();
        round();
        times.push(before.elapsed());
    }
    times
}

/// The largest resident size of this process so far, where the system tells.
fn peak_mib() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.split_whitespace().next()?.parse::<u64>().ok()? / 1024)
}
