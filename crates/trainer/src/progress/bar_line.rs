//! The text of the progress bar: what is known of the running epoch, as much of it as fits.

use std::time::{Duration, Instant};

use super::BatchProgress;
use super::text::{clock, figure, percent, rate};

/// Sums over the running epoch.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Totals {
    epoch: u64,
    epochs: u64,
    batches: u64,
    /// Batches behind it, those before a resume included.
    done: u64,
    /// Batches since `started`, and sums over them.
    fresh: u64,
    samples: u64,
    loss: f64,
    accuracy: f64,
    /// Samples whose accuracy is known.
    judged: u64,
    /// None before the first epoch.
    started: Option<Instant>,
}

impl Totals {
    pub(super) fn new(epoch: u64, epochs: u64, batches: u64, done: u64) -> Self {
        Self { epoch, epochs, batches, done, started: Some(Instant::now()), ..Self::default() }
    }

    /// A few additions: this is called after every step.
    pub(super) fn add(&mut self, batch: &BatchProgress) {
        self.done += 1;
        self.fresh += 1;
        self.samples += batch.samples;
        self.loss += batch.loss * batch.samples as f64;
        if let Some(accuracy) = batch.accuracy {
            self.accuracy += accuracy * batch.samples as f64;
            self.judged += batch.samples;
        }
    }
}

/// The parts of the line. Those that are not known are empty.
#[derive(Debug, Default)]
pub(super) struct BarLine {
    epoch: String,
    batch: String,
    loss: String,
    accuracy: String,
    rate: String,
    left: String,
    /// The part of the epoch that is done.
    done: f64,
}

/// The narrowest bar worth its place, and the widest, brackets included.
const BAR: std::ops::RangeInclusive<usize> = 10..=32;

impl BarLine {
    pub(super) fn of(totals: &Totals, now: Instant) -> Self {
        let Totals { epoch, epochs, batches, done, fresh, samples, .. } = *totals;
        let Some(started) = totals.started else { return Self::default() };
        let seconds = now.saturating_duration_since(started).max(Duration::from_nanos(1)).as_secs_f64();
        let mut line = Self {
            epoch: format!("epoch {}/{epochs}", epoch + 1),
            batch: format!("{done}/{batches}"),
            done: if batches == 0 { 0.0 } else { done as f64 / batches as f64 },
            ..Self::default()
        };
        if samples > 0 {
            line.loss = format!("loss {}", figure(totals.loss / samples as f64).trim_start());
            line.rate = rate(samples as f64 / seconds);
        }
        if totals.judged > 0 {
            line.accuracy = format!("acc {}", percent(totals.accuracy / totals.judged as f64).trim_start());
        }
        if fresh > 0 {
            let left = batches.saturating_sub(done) as f64 * seconds / fresh as f64;
            line.left = format!("{} left", clock(left));
        }
        line
    }

    /// One line of at most `width` columns: figures before the bar, the most important ones before the others.
    pub(super) fn fit(&self, width: usize) -> String {
        if self.epoch.is_empty() {
            return String::new(); // no epoch has begun
        }
        let Self { epoch, batch, loss, accuracy, rate, left, .. } = self;
        let in_full = |unit: &str| if rate.is_empty() { String::new() } else { format!("{rate}{unit}") };
        let (long, short, none) = (in_full(" samples/s"), in_full("/s"), String::new());
        let attempts = [
            (*BAR.start(), [epoch, batch, loss, accuracy, &long, left]),
            (*BAR.start(), [epoch, batch, loss, accuracy, &short, left]),
            (0, [epoch, batch, loss, accuracy, &short, left]),
            (0, [epoch, batch, loss, accuracy, &none, left]),
            (0, [epoch, batch, loss, accuracy, &none, &none]),
            (0, [epoch, batch, loss, &none, &none, &none]),
            (0, [epoch, batch, &none, &none, &none, &none]),
        ];
        for (bar, parts) in attempts {
            let shown: Vec<&str> = parts.into_iter().map(|part| part.trim_start()).filter(|p| !p.is_empty()).collect();
            let taken: usize = shown.iter().map(|part| part.len() + 2).sum(); // two spaces after each, or the bar
            if bar > 0 && taken + bar <= width {
                let (first, rest) = shown.split_first().unwrap_or((&"", &[]));
                let bar = self.bar((width - taken).min(*BAR.end()));
                return [&[*first, &bar], rest].concat().join("  ");
            }
            if bar == 0 && taken <= width + 2 {
                return shown.join("  ");
            }
        }
        epoch.chars().take(width).collect()
    }

    /// `[====>   ]`, `width` columns in all.
    fn bar(&self, width: usize) -> String {
        let inside = width.saturating_sub(2);
        let filled = ((self.done * inside as f64) as usize).min(inside);
        let head = if filled < inside { ">" } else { "" };
        let rest = inside - filled - head.len();
        format!("[{}{head}{}]", "=".repeat(filled), " ".repeat(rest))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_much_as_fits_is_shown() {
        let line = BarLine {
            epoch: "epoch 3/20".to_string(),
            batch: "450/718".to_string(),
            loss: "loss 0.3512".to_string(),
            accuracy: "acc 89.43%".to_string(),
            rate: "12.3k".to_string(),
            left: "0:12 left".to_string(),
            done: 0.5,
        };
        let check = |width: usize, text: &str| {
            assert_eq!(line.fit(width), text, "{width} columns");
            assert!(text.len() <= width);
        };
        let end = "450/718  loss 0.3512  acc 89.43%  12.3k samples/s  0:12 left";
        check(120, &format!("epoch 3/20  [===============>              ]  {end}"));
        check(84, &format!("epoch 3/20  [====>   ]  {end}"));
        check(80, "epoch 3/20  [======>     ]  450/718  loss 0.3512  acc 89.43%  12.3k/s  0:12 left");
        check(64, "epoch 3/20  450/718  loss 0.3512  acc 89.43%  12.3k/s  0:12 left");
        check(63, "epoch 3/20  450/718  loss 0.3512  acc 89.43%  0:12 left");
        check(44, "epoch 3/20  450/718  loss 0.3512  acc 89.43%");
        check(40, "epoch 3/20  450/718  loss 0.3512");
        check(20, "epoch 3/20  450/718");
        check(12, "epoch 3/20");
        check(3, "epo");
        for width in 0..200 {
            assert!(line.fit(width).len() <= width, "{width}");
            assert_eq!(BarLine::default().fit(width), "", "{width}");
        }
    }

    #[test]
    fn figures_are_means_over_samples() {
        let mut totals = Totals::new(1, 3, 10, 4);
        for (loss, accuracy, samples) in [(1.0, Some(0.5), 30), (4.0, Some(0.0), 10)] {
            totals.add(&BatchProgress { loss, accuracy, samples, batch: 0 });
        }
        let line = BarLine::of(&totals, totals.started.unwrap() + Duration::from_secs(2));
        let text =
            "epoch 2/3  [==================>           ]  6/10  loss 1.7500  acc 37.50%  20 samples/s  0:04 left";
        assert_eq!(line.fit(120), text);
        assert_eq!(line.done, 0.6);

        let none = BarLine::of(&Totals::new(0, 1, 0, 0), Instant::now());
        assert_eq!(none.fit(40), "epoch 1/1  [>                     ]  0/0");
    }
}
