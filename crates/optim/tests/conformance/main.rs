//! What holds for every algorithm of the registry, with every set of options that changes what it keeps.

mod cases;
mod hooks;
mod non_finite;
mod rules;
mod state;
