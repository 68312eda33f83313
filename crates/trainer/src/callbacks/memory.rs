//! How much memory training takes.

use gradus_tensor::memory;

use super::{Callback, Control, Event};
use crate::memory::peak_rss_bytes;
use crate::step::StepError;

/// Logs at the end of each epoch, in MiB: `memory_tensors`, what tensors hold; `memory_tensors_peak`, the most they
/// have held; `memory_peak`, the most that the process has held, where the system says.
#[derive(Clone, Copy, Debug, Default)]
pub struct MemoryMonitor;

impl Callback for MemoryMonitor {
    fn name(&self) -> &str {
        "memory"
    }

    fn on_event(&mut self, event: Event<'_>, control: &mut Control<'_>) -> Result<(), StepError> {
        let Event::EpochEnd(_) = event else { return Ok(()) };
        let mib = |bytes: u64| bytes as f64 / f64::from(1 << 20);
        let usage = memory::usage();
        control.log_metric("memory_tensors", mib(usage.used as u64))?;
        control.log_metric("memory_tensors_peak", mib(usage.peak as u64))?;
        if let Some(peak) = peak_rss_bytes() {
            control.log_metric("memory_peak", mib(peak))?;
        }
        Ok(())
    }
}
