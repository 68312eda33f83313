//! A function of the step that has a name.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::error::OptimError;

/// A function of the step, for schedules that leave the numbers to their user, and a name for it.
///
/// A file cannot hold a function: it holds the name. A state can be loaded into an optimizer whose schedule has a
/// function of the same name, and goes on with that. What the function captures is not saved: let the name tell it
/// where it may change, as `format!("halve every {n}")`.
#[derive(Clone, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct Function {
    name: String,
    /// None where it was read from a file.
    call: Option<Arc<dyn Fn(u64) -> f64 + Send + Sync>>,
}

impl Function {
    /// `call` under a name.
    pub fn new(name: impl Into<String>, call: impl Fn(u64) -> f64 + Send + Sync + 'static) -> Self {
        Self { name: name.into(), call: Some(Arc::new(call)) }
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its value.
    ///
    /// # Panics
    /// If it was read from a file, which holds the name alone.
    #[track_caller]
    pub fn at(&self, step: u64) -> f64 {
        match &self.call {
            Some(call) => call(step),
            None => panic!("the function {} was read from a file, which holds its name alone", self.name),
        }
    }

    /// Checks that there is more of it than a name.
    pub(crate) fn check(&self, schedule: &'static str) -> Result<(), OptimError> {
        if self.call.is_some() {
            return Ok(());
        }
        let fault = format!(
            "the function {} was read from a file, which holds its name alone; make it with Function::new",
            self.name
        );
        Err(OptimError::Schedule { schedule, fault })
    }
}

/// The same name is the same function.
impl PartialEq for Function {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl fmt::Debug for Function {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Function({:?})", self.name)
    }
}

/// As a file has it: without what it does.
impl From<String> for Function {
    fn from(name: String) -> Self {
        Self { name, call: None }
    }
}

impl From<Function> for String {
    fn from(function: Function) -> Self {
        function.name
    }
}
