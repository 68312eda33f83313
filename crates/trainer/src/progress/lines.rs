//! A line an epoch, for logs, pipes and files.

use std::io::Write;

use super::text::{epoch_line, plain};
use super::{BatchProgress, EpochReport, Progress};

/// What a log, an editor's window and a printed page show without wrapping.
const WIDTH: usize = 100;

/// Writes a line after every epoch, with columns that stand below each other, in 100 columns and without control
/// characters.
pub struct Lines {
    out: Box<dyn Write + Send>,
}

impl Lines {
    /// Writes to `out`, which is flushed after every line.
    pub fn new(out: Box<dyn Write + Send>) -> Self {
        Self { out }
    }

    fn line(&mut self, line: &str) {
        // A reader that has gone away (`| head`) is no reason to stop training.
        let _ = writeln!(self.out, "{line}").and_then(|()| self.out.flush());
    }
}

impl Progress for Lines {
    fn epoch_started(&mut self, _: u64, _: u64, _: u64, _: u64) {}

    fn batch_done(&mut self, _: &BatchProgress) {}

    fn epoch_done(&mut self, report: &EpochReport) {
        self.line(&epoch_line(report, WIDTH));
    }

    fn message(&mut self, text: &str) {
        self.line(&plain(text));
    }

    fn finished(&mut self) {}
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::{Arc, Mutex};

    use super::*;

    #[derive(Clone, Default)]
    struct Shared(Arc<Mutex<Vec<u8>>>);

    impl Write for Shared {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn report(epoch: u64, train_loss: f64) -> EpochReport {
        EpochReport {
            epoch,
            epochs: 20,
            train_loss,
            train_accuracy: Some(0.8943),
            val_loss: Some(0.2011),
            val_accuracy: Some(1.0),
            seconds: 0.4 * (epoch + 1) as f64,
            samples_per_second: 12_345.0,
        }
    }

    fn shown(show: impl FnOnce(&mut Lines)) -> String {
        let shared = Shared::default();
        show(&mut Lines::new(Box::new(shared.clone())));
        let bytes = shared.0.lock().unwrap().clone();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn a_line_an_epoch_in_columns() {
        let text = shown(|lines| {
            lines.epoch_started(0, 20, 718, 0);
            lines.batch_done(&BatchProgress { loss: 1.0, accuracy: None, samples: 32, batch: 0 });
            lines.epoch_done(&report(0, 0.3512));
            lines.epoch_done(&EpochReport { seconds: 3725.0, samples_per_second: 98.0, ..report(9, 1234.5678) });
            lines.message("resumed\r\n\tat step 7\x1b[2J\n");
            lines.epoch_done(&EpochReport { val_loss: None, val_accuracy: None, ..report(18, f64::NAN) });
            lines.epoch_done(&EpochReport { train_accuracy: None, val_accuracy: None, ..report(19, 1.2e-5) });
            lines.finished();
        });
        let expected = "\
epoch  1/20     0.4s  12.3k samples/s  loss 0.3512  val loss 0.2011  acc  89.43%  val acc 100.00%
epoch 10/20  1:02:05     98 samples/s  loss 1234.6  val loss 0.2011  acc  89.43%  val acc 100.00%
resumed   at step 7 [2J
epoch 19/20     7.6s  12.3k samples/s  loss    NaN                   acc  89.43%
epoch 20/20     8.0s  12.3k samples/s  loss 1.2e-5  val loss 0.2011
";
        assert_eq!(text, expected);
    }

    #[test]
    fn it_fits_in_100_columns() {
        for (epochs, columns) in [(999, 100), (9999, 94), (999_999, 98)] {
            let loss = -0.000_123;
            let widest =
                EpochReport { epoch: epochs - 1, epochs, seconds: 1e9, val_loss: Some(loss), ..report(0, loss) };
            let text = shown(|lines| lines.epoch_done(&widest));
            assert_eq!(text.trim_end().len(), columns, "{text}");
        }
    }

    #[test]
    fn a_reader_that_has_gone_away_stops_nothing() {
        struct Closed;
        impl Write for Closed {
            fn write(&mut self, _: &[u8]) -> io::Result<usize> {
                Err(io::ErrorKind::BrokenPipe.into())
            }

            fn flush(&mut self) -> io::Result<()> {
                Err(io::ErrorKind::BrokenPipe.into())
            }
        }
        Lines::new(Box::new(Closed)).epoch_done(&report(0, 0.5));
    }
}
