//! `cargo xtask bench compare`: the suite against PyTorch, workload by workload and in turn; if asked, also against
//! other Rust libraries.
//!
//! In turn, because a machine's speed drifts: each round of a workload runs every column once, so that whatever slows
//! one slows its neighbours.

use std::fs;
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread::available_parallelism;

use clap::Args;
use serde_json::Value;

use super::table::{Cell, Row, Table, place};
use super::{machine, peers};
use crate::program::SUITE;
use crate::report::{Failure, complain, say};
use crate::{command, python};

/// How the comparison is made.
#[derive(Debug, Args)]
pub(crate) struct Options {
    #[command(flatten)]
    python: python::Python,
    /// Threads for each side; 0 means one for every core.
    #[arg(long, default_value_t = 0)]
    threads: usize,
    /// How often each workload is run by each; the best round counts.
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// How long each training step is repeated in a round; other workloads take a third of it.
    #[arg(long, default_value_t = 3.0)]
    seconds: f64,
    /// Only workloads whose group/name contains one of these texts, separated by commas.
    #[arg(long, value_name = "TEXT")]
    only: Option<String>,
    /// Write the table into this document too, between its markers; docs/performance.md is made so.
    #[arg(long, value_name = "FILE")]
    markdown: Option<PathBuf>,
    /// Add columns for candle and burn, which are built first; they take minutes.
    #[arg(long)]
    peers: bool,
}

/// One program that can run a workload alone and print its result as the last line of JSON.
struct Column {
    name: &'static str,
    program: PathBuf,
    /// Arguments before those that all columns take.
    arguments: Vec<String>,
    /// A library to load before all others.
    preload: Option<PathBuf>,
    /// Variables that tell it the number of threads, beside its argument.
    thread_variables: &'static [&'static str],
    /// What it can run, where that is not everything.
    workloads: Option<Vec<String>>,
}

/// Without it, MKL uses AVX2 on processors that are not Intel's.
const MKL_KEY: &str = "int mkl_serv_intel_cpu_true(void) {\n    return 1;\n}\n";

pub(crate) fn run(options: Options) -> Result<(), Failure> {
    let metadata = command::metadata()?;
    let (root, target) = (metadata.workspace_root.as_std_path(), metadata.target_directory.as_std_path());
    let threads = match options.threads {
        0 => available_parallelism().map_or(1, NonZero::get),
        threads => threads,
    };
    let suite = SUITE.build()?;
    let python = python::python(options.python.clone(), target)?;
    let preload = key(target)?;
    let mut columns = columns(&suite, &python, &root.join("benches/pytorch_suite.py"), preload);
    if options.peers {
        columns.extend(peer_columns(root, target)?);
    }
    let mut list = Command::new(&suite);
    list.arg("--list").args(options.only.iter().flat_map(|only| ["--only", only]));
    let ids = command::output(&mut list)?.ok_or_else(|| Failure::new("no workload has such a name"))?;
    let absent = if options.peers { "none" } else { "-" };
    let mut table = Table { columns: columns.iter().map(|column| column.name).collect(), rows: Vec::new(), absent };
    let mut busy = Vec::new();
    for id in ids.lines() {
        busy.extend(machine::busy());
        let row = measure(id, &columns, threads, &options)?;
        say(table.line(&row));
        table.rows.push(row);
    }
    say(table.text());
    let quiet = quiet(&busy);
    let Some(file) = &options.markdown else {
        quiet.as_ref().err().into_iter().for_each(complain);
        return Ok(());
    };
    quiet?;
    let machine = machine::describe(&python, threads);
    let note = if options.peers { format!("\n{}", peers::note(root)?) } else { String::new() };
    let best = best(options.rounds, options.seconds);
    let section = format!("{machine} {best}{note}\n\n{}", table.markdown());
    let old = fs::read_to_string(file).unwrap_or_default();
    fs::write(file, place(&old, &section))
        .map_err(|error| Failure::new(format!("cannot write {}: {error}", file.display())))
}

/// What a time in the table is, in a sentence.
fn best(rounds: usize, seconds: f64) -> String {
    match rounds {
        0 | 1 => format!("One round of {seconds} s."),
        rounds => format!("The best of {rounds} rounds of {seconds} s."),
    }
}

/// Other programs' share of the processors above which times say nothing. With two threads on two busy cores PyTorch's
/// barriers spin while the thread that they wait for does not run: steps were measured at 120 ms that take 4 ms.
const MOST_BUSY: f64 = 0.05;

/// That the machine had nothing else to do before each workload.
fn quiet(busy: &[f64]) -> Result<(), Failure> {
    let mean = busy.iter().sum::<f64>() / busy.len().max(1) as f64;
    if mean <= MOST_BUSY {
        return Ok(());
    }
    Err(Failure::new(format!(
        "other programs took {:.0} % of the processors between the workloads, so these times compare nothing and no \
         document is written; stop the other programs and measure again",
        100.0 * mean
    )))
}

fn columns(suite: &Path, python: &Path, script: &Path, preload: Option<PathBuf>) -> Vec<Column> {
    let torch = |name, preload| Column {
        name,
        program: python.to_owned(),
        arguments: vec![script.display().to_string(), "--mode".to_owned(), name.to_owned()],
        preload,
        thread_variables: &[],
        workloads: None,
    };
    let ours = Column { name: "gradus", program: suite.to_owned(), arguments: Vec::new(), ..torch("stock", None) };
    vec![ours, torch("stock", None), torch("tuned", preload)]
}

/// The other Rust libraries, each with what it can run.
fn peer_columns(root: &Path, target: &Path) -> Result<Vec<Column>, Failure> {
    let program = peers::build(root, target)?;
    let column = |(name, _)| {
        Ok(Column {
            name,
            program: program.clone(),
            arguments: vec!["--system".to_owned(), name.to_owned()],
            preload: None,
            thread_variables: &peers::THREADS,
            workloads: Some(peers::workloads(&program, name)?),
        })
    };
    peers::SYSTEMS.into_iter().map(column).collect()
}

/// The compiled [`MKL_KEY`], where there is a C compiler and the system can load a library before others.
fn key(target: &Path) -> Result<Option<PathBuf>, Failure> {
    if !cfg!(all(target_os = "linux", target_arch = "x86_64")) {
        return Ok(None);
    }
    let (source, library) = (target.join("mkl_key.c"), target.join("mkl_key.so"));
    fs::write(&source, MKL_KEY).map_err(|error| Failure::new(format!("cannot write {}: {error}", source.display())))?;
    let compiled = Command::new("cc").args(["-shared", "-fPIC", "-o"]).arg(&library).arg(&source).status();
    let there = compiled.is_ok_and(|status| status.success());
    if !there {
        say("No C compiler: PyTorch tuned runs without the library that lets MKL use AVX-512");
    }
    Ok(there.then_some(library))
}

/// One workload by every column in turn, and that `rounds` times.
fn measure(id: &str, columns: &[Column], threads: usize, options: &Options) -> Result<Row, Failure> {
    let mut cells: Vec<Option<Cell>> = vec![None; columns.len()];
    for _ in 0..options.rounds.max(1) {
        for (column, cell) in columns.iter().zip(&mut cells) {
            let Some(new) = column.run(id, threads, options.seconds)? else { continue };
            *cell = Some(cell.map_or(new, |old| old.best(new)));
        }
    }
    Ok(Row { id: id.to_owned(), cells })
}

impl Column {
    /// The workload's result, or `None`, said aloud, where this column cannot run it.
    fn run(&self, id: &str, threads: usize, seconds: f64) -> Result<Option<Cell>, Failure> {
        if self.workloads.as_ref().is_some_and(|workloads| !workloads.iter().any(|workload| workload == id)) {
            return Ok(None);
        }
        let mut command = Command::new(&self.program);
        command.envs(self.thread_variables.iter().map(|variable| (variable, threads.to_string())));
        command.args(&self.arguments).args(["--alone", id]).args(["--threads", &threads.to_string()]);
        command.args(["--seconds", &seconds.to_string()]).stderr(Stdio::piped());
        if let Some(library) = &self.preload {
            command.env("LD_PRELOAD", library);
        }
        let output = command.output().map_err(|error| command::not_started(&command, &error))?;
        let text = String::from_utf8_lossy(&output.stdout);
        let cell = text.lines().last().and_then(|line| serde_json::from_str(line).ok()).and_then(|v| Cell::of(&v));
        if cell.is_none() {
            let reason = String::from_utf8_lossy(&output.stderr);
            let reason = reason.trim().lines().last().unwrap_or("no result").to_owned();
            complain(&Failure::new(format!("{} cannot run {id}: {reason}", self.name)));
        }
        Ok(cell)
    }
}

impl Cell {
    /// From one line of a suite.
    fn of(result: &Value) -> Option<Self> {
        Some(Self { ms: result["median_ms"].as_f64()?, peak_mib: result["peak_rss_mib"].as_u64() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_round_is_not_the_best_of_several() {
        assert_eq!(best(1, 2.0), "One round of 2 s.");
        assert_eq!(best(3, 0.5), "The best of 3 rounds of 0.5 s.");
    }

    #[test]
    fn times_of_a_busy_machine_are_refused() {
        assert!(quiet(&[]).is_ok());
        assert!(quiet(&[0.0, 0.08]).is_ok());
        assert!(quiet(&[0.0, 0.5]).unwrap_err().to_string().starts_with("other programs took 25 % of"));
    }
}
