//! A progress bar on a terminal: one line, whatever the terminal's width, redrawn about 15 times a second.

use std::fmt::Write;
use std::io;
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use console::Term;
use indicatif::style::ProgressTracker;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle, TermLike};

use super::bar_line::{BarLine, Totals};
use super::text::{epoch_line, plain};
use super::{BatchProgress, EpochReport, Progress};

/// Redraws per second: smooth to the eye, and too few to cost anything.
const DRAWS_PER_SECOND: u8 = 15;

/// Shows the running epoch in one line at the foot of the terminal, and a line above it for each that is done.
///
/// Loss and accuracy are means over the samples of the epoch so far, samples per second too; after a resume, over what
/// was done since.
pub struct Bar {
    bar: ProgressBar,
    totals: Arc<Mutex<Totals>>,
    width: Arc<AtomicU16>,
}

impl Bar {
    /// A bar on standard error.
    pub fn stderr() -> Self {
        Self::on(Term::buffered_stderr())
    }

    /// A bar on any terminal.
    pub fn on(terminal: impl TermLike + 'static) -> Self {
        let width = Arc::new(AtomicU16::new(terminal.width()));
        let terminal = Measured { inner: Box::new(terminal), width: Arc::clone(&width) };
        let target = ProgressDrawTarget::term_like_with_hz(Box::new(terminal), DRAWS_PER_SECOND);
        let totals = Arc::default();
        let line = Line { totals: Arc::clone(&totals), width: Arc::clone(&width) };
        let style = ProgressStyle::with_template("{line}").expect("the template is right").with_key("line", line);
        Self { bar: ProgressBar::with_draw_target(None, target).with_style(style), totals, width }
    }
}

impl Progress for Bar {
    fn epoch_started(&mut self, epoch: u64, epochs: u64, batches: u64, already_done: u64) {
        *lock(&self.totals) = Totals::new(epoch, epochs, batches, already_done);
        if self.bar.is_finished() {
            self.bar.reset(); // a second training with the same bar
        }
        self.bar.set_position(already_done);
        self.bar.tick();
    }

    fn batch_done(&mut self, batch: &BatchProgress) {
        lock(&self.totals).add(batch);
        self.bar.inc(1); // draws, when it is time to
    }

    fn epoch_done(&mut self, report: &EpochReport) {
        self.bar.println(epoch_line(report, self.width.load(Ordering::Relaxed).into()));
    }

    fn message(&mut self, text: &str) {
        self.bar.println(plain(text));
    }

    fn finished(&mut self) {
        self.bar.finish_and_clear();
    }
}

fn lock(totals: &Mutex<Totals>) -> MutexGuard<'_, Totals> {
    totals.lock().unwrap_or_else(PoisonError::into_inner) // they are only shown
}

/// The template's one key: text that is made when it is drawn, and never between.
#[derive(Clone)]
struct Line {
    totals: Arc<Mutex<Totals>>,
    width: Arc<AtomicU16>,
}

impl ProgressTracker for Line {
    fn clone_box(&self) -> Box<dyn ProgressTracker> {
        Box::new(self.clone())
    }

    fn tick(&mut self, _: &ProgressState, _: Instant) {}

    fn reset(&mut self, _: &ProgressState, _: Instant) {}

    fn write(&self, _: &ProgressState, text: &mut dyn Write) {
        let line = BarLine::of(&lock(&self.totals), Instant::now());
        // Writing to indicatif's string cannot fail.
        let _ = text.write_str(&line.fit(self.width.load(Ordering::Relaxed).into()));
    }
}

/// A terminal that notes its width when it is asked for it, which indicatif does right before it draws and does not
/// pass on. With a line that is longer than the terminal is wide, every redraw would leave a line behind on some.
#[derive(Debug)]
struct Measured {
    inner: Box<dyn TermLike>,
    width: Arc<AtomicU16>,
}

impl TermLike for Measured {
    fn width(&self) -> u16 {
        let width = self.inner.width().max(1);
        self.width.store(width, Ordering::Relaxed);
        width
    }

    fn height(&self) -> u16 {
        self.inner.height()
    }

    fn move_cursor_up(&self, n: usize) -> io::Result<()> {
        self.inner.move_cursor_up(n)
    }

    fn move_cursor_down(&self, n: usize) -> io::Result<()> {
        self.inner.move_cursor_down(n)
    }

    fn move_cursor_right(&self, n: usize) -> io::Result<()> {
        self.inner.move_cursor_right(n)
    }

    fn move_cursor_left(&self, n: usize) -> io::Result<()> {
        self.inner.move_cursor_left(n)
    }

    fn write_line(&self, text: &str) -> io::Result<()> {
        self.inner.write_line(text)
    }

    fn write_str(&self, text: &str) -> io::Result<()> {
        self.inner.write_str(text)
    }

    fn clear_line(&self) -> io::Result<()> {
        self.inner.clear_line()
    }

    fn flush(&self) -> io::Result<()> {
        self.inner.flush()
    }
}

#[cfg(test)]
mod tests {
    use indicatif::InMemoryTerm;

    use super::*;

    fn batch(batch: u64) -> BatchProgress {
        BatchProgress { loss: 0.5, accuracy: Some(0.75), samples: 32, batch }
    }

    fn report(epoch: u64) -> EpochReport {
        EpochReport {
            epoch,
            epochs: 3,
            train_loss: 0.5,
            train_accuracy: Some(0.75),
            val_loss: Some(0.25),
            val_accuracy: Some(0.875),
            seconds: 0.4,
            samples_per_second: 12_345.0,
        }
    }

    #[test]
    fn the_bar_is_one_line_at_any_width_and_epochs_stand_above_it() {
        for width in [1, 5, 12, 40, 80, 120] {
            let terminal = InMemoryTerm::new(60, width);
            let mut bar = Bar::on(terminal.clone());
            bar.epoch_started(0, 3, 10, 0);
            for i in 0..10 {
                bar.batch_done(&batch(i));
                let screen = terminal.contents();
                assert!(!screen.contains('\n'), "{width} columns:\n{screen}");
            }
            bar.epoch_done(&report(0));
            bar.epoch_started(1, 3, 10, 0);
            bar.message("a message\nin two");
            let screen = terminal.contents();
            let line = |start: &str| screen.lines().any(|line| line.starts_with(start));
            let cut = |text: &'static str| text[..text.len().min(width.into())].trim_end();
            assert!(
                line(cut(if width == 120 { "epoch 1/3     0.4s  12.3k samples/s  loss" } else { "epoch 1/3  " })),
                "{width} columns:\n{screen}"
            );
            assert!(
                width < 78 || screen.contains("loss 0.5000  val loss 0.2500  acc  75.00%  val acc  87.50%\n"),
                "{screen}"
            );
            assert!(line(cut("a message in two")), "{width} columns:\n{screen}");
            assert_eq!(screen.lines().filter(|line| line.starts_with("epoch 2/3")).count(), usize::from(width >= 9));
            bar.finished();
            assert!(!terminal.contents().contains("epoch 2/3"), "the bar does not stay:\n{screen}");
        }
    }

    #[test]
    fn what_it_shows_at_40_and_80_columns() {
        let shown = |width| {
            let terminal = InMemoryTerm::new(10, width);
            let mut bar = Bar::on(terminal.clone());
            bar.epoch_started(1, 3, 20, 15);
            bar.batch_done(&batch(15));
            terminal.contents()
        };
        assert_eq!(shown(40), "epoch 2/3  16/20  loss 0.5000");
        assert_eq!(shown(41), "epoch 2/3  16/20  loss 0.5000  acc 75.00%");
        // How long the bar is depends on how fast the batch was.
        let wide = shown(80);
        assert!(wide.starts_with("epoch 2/3  [====") && wide.ends_with("/s  0:00 left"), "{wide}");
        assert!(wide.contains(" ]  16/20  loss 0.5000  acc 75.00%  "), "{wide}");
    }

    #[test]
    fn nothing_is_shown_before_the_first_epoch_but_messages() {
        let terminal = InMemoryTerm::new(10, 40);
        let mut bar = Bar::on(terminal.clone());
        bar.message("resumed at step 7");
        assert_eq!(terminal.contents(), "resumed at step 7");
        bar.finished();
        assert_eq!(terminal.contents(), "resumed at step 7");
    }

    /// Redrawing after every batch would take longer than a small model's step.
    #[test]
    fn few_batches_are_drawn() {
        let terminal = InMemoryTerm::new(10, 80);
        let mut bar = Bar::on(terminal.clone());
        bar.epoch_started(0, 1, 200_000, 0);
        let (started, mut draws, mut before) = (Instant::now(), 0u32, terminal.contents());
        for i in 0..200_000 {
            bar.batch_done(&batch(i));
            if i % 1000 == 0 && terminal.contents() != before {
                before = terminal.contents();
                draws += 1;
            }
        }
        let allowed = 25.0 + 20.0 * started.elapsed().as_secs_f64();
        assert!(f64::from(draws) < allowed, "{draws} draws in {:?}", started.elapsed());
    }
}
