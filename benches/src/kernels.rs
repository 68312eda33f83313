//! What a kernel to measure is, and the list of all.

use crate::{memory_kernels, products};

/// One kernel on given shapes, with what it cannot do without.
pub struct Kernel {
    /// What it does, as `gemm`.
    pub family: &'static str,
    /// Its shapes.
    pub name: String,
    /// Floating-point operations that a vector unit does at two a lane and cycle (multiply and add).
    pub flops: f64,
    /// Bytes that must be read or written at least, each once.
    pub bytes: f64,
    prepare: Box<dyn Fn() -> Box<dyn FnMut()>>,
}

impl Kernel {
    pub(crate) fn new<F: FnMut() + 'static>(
        family: &'static str,
        name: impl Into<String>,
        flops: usize,
        numbers: usize,
        prepare: impl Fn() -> F + 'static,
    ) -> Self {
        let bytes = 4.0 * numbers as f64;
        Self { family, name: name.into(), flops: flops as f64, bytes, prepare: Box::new(move || Box::new(prepare())) }
    }

    /// Family and shapes: `gemm/nn_256x256x256`.
    pub fn id(&self) -> String {
        format!("{}/{}", self.family, self.name)
    }

    /// Makes the inputs; each call of what comes back is one run of the kernel.
    pub fn prepare(&self) -> Box<dyn FnMut()> {
        (self.prepare)()
    }
}

/// Every kernel.
pub fn kernels() -> Vec<Kernel> {
    let mut all = products::kernels();
    all.extend(memory_kernels::kernels());
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kernel_has_work_and_a_name_of_its_own() {
        let all = kernels();
        assert!(all.iter().all(|kernel| kernel.bytes > 0.0));
        let mut ids: Vec<_> = all.iter().map(Kernel::id).collect();
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), all.len());
    }
}
