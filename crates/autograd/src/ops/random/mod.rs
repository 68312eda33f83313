//! Operations that draw random numbers.

mod dropout;
