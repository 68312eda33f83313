//! Functions of each element.

mod erf;
mod exp;
mod ln;
mod sqrt;
