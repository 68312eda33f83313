//! What the machine can do, measured, and the share of it that each kernel reaches, in one run.
#![forbid(unsafe_code)]

mod machine;

use std::process::ExitCode;

use clap::Parser;
use gradus_benches::{Only, kernels, measure};
use gradus_tensor::parallel;

use machine::{bandwidth, fork_join, peak};

/// Measure the machine's arithmetic peak and memory bandwidth, and each kernel as a share of what they allow.
#[derive(Debug, Parser)]
#[command(name = "roofline", bin_name = "cargo xtask bench roofline", max_term_width = 100)]
struct Options {
    /// Threads that kernels use; 0 means one for every core.
    #[arg(long, default_value_t = 0)]
    threads: usize,
    #[command(flatten)]
    only: Only,
    /// How long each kernel is repeated.
    #[arg(long, default_value_t = 0.3)]
    seconds: f64,
}

fn main() -> ExitCode {
    let options = Options::parse();
    if let Err(error) = parallel::set_threads(options.threads) {
        eprintln!("error: {error}");
        return ExitCode::FAILURE;
    }
    run(&options);
    ExitCode::SUCCESS
}

fn run(options: &Options) {
    let threads = parallel::threads();
    let (one, all, bandwidth) = (peak(1), peak(threads), bandwidth());
    println!("multiply-add peak, 1 thread   {:8.1} GFLOP/s", one / 1e9);
    println!("multiply-add peak, {threads} threads  {:8.1} GFLOP/s", all / 1e9);
    println!("bandwidth in place, {threads} threads {:8.1} GB/s (read and written bytes)", bandwidth / 1e9);
    println!("fork and join, {threads} threads       {:8.2} us", fork_join(threads) * 1e6);
    if all < 0.8 * threads as f64 * one {
        println!(
            "All threads reach less than 80 % of as many single ones: other programs run, or threads share cores."
        );
        println!("Where it is other programs, the roofs are too low and the shares below too high.");
    }
    println!();
    println!(
        "{:56} {:>10} {:>10} {:>10} {:>7}  roof (shares above 100 % are of data that stays in caches)",
        "kernel", "min ms", "GFLOP/s", "GB/s", "of roof"
    );
    for kernel in kernels() {
        let id = kernel.id();
        if !options.only.takes(&id) {
            continue;
        }
        let seconds = measure(options.seconds, kernel.prepare()).min.as_secs_f64();
        let (arithmetic, memory) = (kernel.flops / all, kernel.bytes / bandwidth);
        let (roof, name) = if arithmetic > memory { (arithmetic, "arithmetic") } else { (memory, "memory") };
        println!(
            "{id:56} {:10.4} {:10.1} {:10.1} {:6.1} %  {name}",
            seconds * 1e3,
            kernel.flops / seconds / 1e9,
            kernel.bytes / seconds / 1e9,
            100.0 * roof / seconds
        );
    }
}
