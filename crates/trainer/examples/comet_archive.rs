//! Makes the Comet archive of a run's folder, also of one that was killed: `comet_archive RUN`.

use std::env;
use std::path::Path;
use std::process::ExitCode;

use gradus_trainer::RunDir;
use gradus_trainer::trackers::comet_archive;

fn main() -> ExitCode {
    let Some(run) = env::args_os().nth(1) else {
        eprintln!("error: name the run's folder, such as runs/digits-20260131-174500");
        return ExitCode::from(2);
    };
    let made = RunDir::open(Path::new(&run)).map_err(|error| error.to_string());
    match made.and_then(|run| comet_archive(&run).map_err(|error| error.to_string())) {
        Ok(path) => {
            println!("{}", path.display());
            eprintln!("send it with `comet upload {}`", path.display());
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
