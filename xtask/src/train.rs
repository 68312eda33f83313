//! `cargo xtask train`: builds the recipe program and becomes it.

use std::ffi::OsString;
use std::process::Command;

use crate::program::{RECIPES, become_program};
use crate::report::Failure;

pub(crate) fn run(arguments: impl Iterator<Item = OsString>) -> Result<(), Failure> {
    let program = RECIPES.build()?;
    become_program(Command::new(&program).args(arguments), &program)
}
