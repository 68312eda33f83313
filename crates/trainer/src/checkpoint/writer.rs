//! Saving off the training thread: checkpoints are encoded and written while training goes on.

use std::fmt;
use std::path::PathBuf;
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread::{self, JoinHandle};

use crate::fit_error::FitError;

/// What a save came to.
type Saved = Result<PathBuf, FitError>;
type Save = Box<dyn FnOnce() -> Saved + Send>;

/// Runs one save at a time on a thread of its own. What is saved must be the save's own: tensors are shared and copied
/// on the first write, so a snapshot costs pointers.
pub(crate) struct Writer {
    /// `None` where no thread can be started; saves run at once then.
    saves: Option<Sender<Save>>,
    ended: Receiver<Saved>,
    thread: Option<JoinHandle<()>>,
    is_busy: bool,
}

impl fmt::Debug for Writer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Writer").field("is_busy", &self.is_busy).finish_non_exhaustive()
    }
}

impl Writer {
    pub(crate) fn new() -> Self {
        let (saves, coming) = mpsc::channel::<Save>();
        let (done, ended) = mpsc::channel();
        let run = move || coming.into_iter().for_each(|save| drop(done.send(save())));
        match thread::Builder::new().name("checkpoint".to_owned()).spawn(run) {
            Ok(thread) => Self { saves: Some(saves), ended, thread: Some(thread), is_busy: false },
            Err(_) => Self { saves: None, ended, thread: None, is_busy: false },
        }
    }

    /// Whether a save is running whose end has not been asked for.
    pub(crate) fn is_busy(&self) -> bool {
        self.is_busy
    }

    /// Begins `save`. What it comes to is told by [`ended`](Self::ended), or here where no thread can do it.
    pub(crate) fn begin(&mut self, save: impl FnOnce() -> Saved + Send + 'static) -> Option<Saved> {
        debug_assert!(!self.is_busy, "the former save's end is asked for first");
        let Some(saves) = &self.saves else { return Some(save()) };
        match saves.send(Box::new(save)) {
            Ok(()) => {
                self.is_busy = true;
                None
            }
            Err(mpsc::SendError(save)) => Some(save()),
        }
    }

    /// What the last save came to, once, if it has ended.
    pub(crate) fn ended(&mut self) -> Option<Saved> {
        let ended = self.ended.try_recv().ok()?;
        self.is_busy = false;
        Some(ended)
    }

    /// Waits for the save that is running, and says what it came to.
    pub(crate) fn wait(&mut self) -> Option<Saved> {
        if !self.is_busy {
            return None;
        }
        self.is_busy = false;
        // Nothing comes where the save panicked; its panic has been printed, and the thread is gone.
        self.ended.recv().ok()
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.saves = None;
        if let Some(thread) = self.thread.take() {
            // What is being written is written to its end; who wanted to know how has asked.
            let _ = thread.join();
        }
    }
}
