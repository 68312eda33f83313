//! A schedule as numbers, and as a plot for terminals.

use std::fmt;

use super::Schedule;
use super::rule::Group;

/// The learning rates of the first steps. Printed, it is a plot of dots.
///
/// ```
/// use gradus_optim::{Schedule, WarmupCosine};
///
/// let schedule = Schedule::from(WarmupCosine { warmup_steps: 50, decay_steps: 300, floor: 0.1 });
/// println!("{}", schedule.curve(0.1, 300).size(60, 8));
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Curve {
    /// The learning rate of each step, from 0.
    pub lrs: Vec<f64>,
    width: usize,
    height: usize,
}

impl Schedule {
    /// The learning rates of the first `steps` steps, of a group that began with this one.
    ///
    /// # Panics
    /// As [`lr`](Self::lr) does.
    pub fn curve(&self, group: impl Into<Group>, steps: usize) -> Curve {
        let group = group.into();
        let next = |lr: &mut f64, step| {
            *lr = self.advance(group, step, *lr);
            Some(*lr)
        };
        Curve::new((0..steps as u64).scan(group.base_lr, next).collect())
    }
}

impl Curve {
    /// Of any numbers, as those that a run has written down; 60 characters wide and 10 high.
    pub fn new(lrs: Vec<f64>) -> Self {
        Self { lrs, width: 60, height: 10 }
    }

    /// The size of the plot in characters, its axes apart; at least 10 wide and 2 high.
    pub fn size(self, width: usize, height: usize) -> Self {
        Self { width: width.max(10), height: height.max(2), ..self }
    }

    /// The smallest and the largest number of the vertical axis.
    fn bounds(&self) -> (f64, f64) {
        let finite = self.lrs.iter().filter(|lr| lr.is_finite());
        let (low, high) = finite.fold((0f64, 0f64), |(low, high), &lr| (low.min(lr), high.max(lr)));
        if low == high { (0.0, 1.0) } else { (low, high) }
    }

    /// The characters, row by row: each has two columns of four dots.
    fn characters(&self) -> Vec<Vec<u8>> {
        let mut characters = vec![vec![0; self.width]; self.height];
        let (columns, rows) = (2 * self.width, 4 * self.height);
        let (low, high) = self.bounds();
        let row = |lr: f64| ((high - lr) / (high - low) * (rows - 1) as f64).round() as usize;
        let mut before = None;
        for column in 0..columns {
            let first = column * self.lrs.len() / columns;
            let last = ((column + 1) * self.lrs.len()).div_ceil(columns);
            let steps = self.lrs[first..last].iter().copied().filter(|lr| lr.is_finite()).map(row);
            // A jump is a line.
            let (mut top, mut bottom) = before.map_or((usize::MAX, 0), |row| (row, row));
            if before.is_none() && steps.clone().next().is_none() {
                continue;
            }
            for row in steps {
                (top, bottom, before) = (top.min(row), bottom.max(row), Some(row));
            }
            for row in top..=bottom {
                characters[row / 4][column / 2] |= dot(column % 2, row % 4);
            }
        }
        characters
    }
}

/// The bit of a dot in its braille character.
fn dot(column: usize, row: usize) -> u8 {
    [[0x01, 0x02, 0x04, 0x40], [0x08, 0x10, 0x20, 0x80]][column][row]
}

/// The character with these dots.
fn braille(dots: u8) -> char {
    char::from_u32(0x2800 + u32::from(dots)).expect("the block holds a character for each of the 256 patterns")
}

/// A number with few digits.
fn short(x: f64) -> String {
    if x == 0.0 || (1e-3..1e4).contains(&x.abs()) {
        let digits = format!("{x:.4}");
        digits.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        format!("{x:.2e}")
    }
}

impl fmt::Display for Curve {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (low, high) = self.bounds();
        let (low, high) = (short(low), short(high));
        let margin = low.len().max(high.len());
        for (number, row) in self.characters().into_iter().enumerate() {
            let label = match number {
                0 => high.as_str(),
                _ if number == self.height - 1 => low.as_str(),
                _ => "",
            };
            let axis = if label.is_empty() { '│' } else { '┤' };
            let dots: String = row.into_iter().map(braille).collect();
            writeln!(f, "{label:>margin$} {axis}{dots}")?;
        }
        writeln!(f, "{:margin$} └{}", "", "─".repeat(self.width))?;
        let last = self.lrs.len().saturating_sub(1).to_string();
        write!(f, "{:margin$}  0{last:>width$}", "", width = self.width.saturating_sub(1))
    }
}
