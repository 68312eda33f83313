//! The Python that tests compare with, where one is given.

use std::env;
use std::ffi::OsStr;
use std::io::Write;
use std::process::Command;

/// The Python that `GRADUS_PYTHON` names, which must have `module`; without that variable, says that the test is
/// skipped.
pub(super) fn with(module: &str) -> Option<String> {
    let Ok(python) = env::var("GRADUS_PYTHON") else {
        // Past the capture of tests' output, which would hide it.
        let _ = writeln!(std::io::stderr(), "skipped: set GRADUS_PYTHON to a Python with {module}");
        return None;
    };
    output::<&str>(&python, &format!("import {module}"), &[]);
    Some(python)
}

/// What a script prints.
pub(super) fn output<A: AsRef<OsStr>>(python: &str, script: &str, arguments: &[A]) -> String {
    let output = Command::new(python).arg("-c").arg(script).args(arguments).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}
