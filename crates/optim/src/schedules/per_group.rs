//! A hyper-parameter that may differ from group to group.

use serde::{Deserialize, Serialize};

use crate::error::OptimError;

/// One value for all parameter groups, or one for each: PyTorch takes a number or a list.
///
/// `0.1.into()` is one for all, `vec![0.1, 0.01].into()` one for each.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PerGroup<T> {
    /// The same for all groups, those to come included.
    All(T),
    /// For each group, in their order.
    Each(Vec<T>),
}

impl<T> From<T> for PerGroup<T> {
    fn from(value: T) -> Self {
        Self::All(value)
    }
}

impl<T> From<Vec<T>> for PerGroup<T> {
    fn from(values: Vec<T>) -> Self {
        Self::Each(values)
    }
}

impl<T> PerGroup<T> {
    /// The value for group number `group`.
    ///
    /// # Panics
    /// If there is none.
    #[track_caller]
    pub fn of(&self, group: usize) -> &T {
        match self {
            Self::All(value) => value,
            Self::Each(values) => match values.get(group) {
                Some(value) => value,
                None => panic!("group number {group} has no value: there are {}", values.len()),
            },
        }
    }

    /// All values.
    pub fn iter(&self) -> std::slice::Iter<'_, T> {
        match self {
            Self::All(value) => std::slice::from_ref(value).iter(),
            Self::Each(values) => values.iter(),
        }
    }

    /// Checks that there is a value for each of `groups`; `name` is that of the hyper-parameter.
    pub(crate) fn check_groups(&self, schedule: &'static str, name: &str, groups: usize) -> Result<(), OptimError> {
        match self {
            Self::Each(values) if values.len() != groups => Err(OptimError::Schedule {
                schedule,
                fault: format!(
                    "{name} has {} values, but there are {groups} groups; give one for all, or one for each",
                    values.len()
                ),
            }),
            _ => Ok(()),
        }
    }
}
