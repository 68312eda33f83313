//! The thread that sends a spool: as long as it takes, and never in the way of training.

use std::collections::VecDeque;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::path::PathBuf;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::Service;
use super::http::Failure;
use super::spool::{self, Entry, Sent};
use crate::trackers::{End, TrackerError};

/// How often the spool is looked at.
const POLL: Duration = Duration::from_millis(500);
/// The longest pause between tries.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);
/// After this many failures in a row the user is told.
const TELL_AFTER: u32 = 3;

/// What the tracker tells its uploader, and hears from it.
#[derive(Default)]
pub(super) struct Control {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    /// How the run ended, and until when may be sent.
    finish: Option<(End, Instant)>,
    done: bool,
    messages: Vec<String>,
}

impl Control {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ends the sending; true once all is sent, false where `patience` ended first.
    pub(super) fn finish(&self, end: End, patience: Duration) {
        let mut state = self.lock();
        state.finish = Some((end, Instant::now() + patience));
        self.changed.notify_all();
        let _done = self.changed.wait_timeout_while(state, patience, |state| !state.done);
    }

    pub(super) fn messages(&self) -> Vec<String> {
        std::mem::take(&mut self.lock().messages)
    }

    fn tell(&self, message: String) {
        self.lock().messages.push(message);
    }

    fn finishing(&self) -> Option<(End, Instant)> {
        self.lock().finish
    }

    fn done(&self) {
        self.lock().done = true;
        self.changed.notify_all();
    }

    /// Waits, until the run ends at most; once it has ended, until it may no longer be sent.
    fn sleep(&self, pause: Duration) {
        let state = self.lock();
        match state.finish {
            None => drop(self.changed.wait_timeout_while(state, pause, |state| state.finish.is_none())),
            Some((_, until)) => {
                drop(state);
                std::thread::sleep(pause.min(until.saturating_duration_since(Instant::now())));
            }
        }
    }
}

/// Sends a spool to a service.
pub(super) struct Uploader<S: Service> {
    pub(super) service: S,
    pub(super) folder: PathBuf,
    pub(super) sent: Sent,
    /// What is waited after a first failure; doubled after each further one.
    pub(super) pause: Duration,
    pub(super) queue: VecDeque<Entry>,
    /// Where the lines in the queue end.
    pub(super) end: u64,
    /// Whether entries go one by one, to find the one that is refused.
    pub(super) single: bool,
    pub(super) refused: u64,
}

/// What a round did.
enum Round {
    Sent,
    Idle,
}

/// Why a round did not succeed.
enum Trouble {
    Again(String, Option<Duration>),
    /// There is nothing more to be tried.
    Over(String),
}

impl From<TrackerError> for Trouble {
    fn from(error: TrackerError) -> Self {
        Self::Over(error.to_string())
    }
}

impl<S: Service> Uploader<S> {
    /// Sends what comes until the run ends and all is sent, or time is up.
    pub(super) fn run(mut self, control: &Control) {
        let mut failures = 0;
        loop {
            // Asked first: what was logged before the end is in the spool when the end is known.
            let finishing = control.finishing();
            match self.round(control) {
                Ok(Round::Sent) => failures = 0,
                Ok(Round::Idle) => {
                    failures = 0;
                    match finishing {
                        None => control.sleep(POLL),
                        Some((end, _)) => match self.finish(end) {
                            Ok(()) => break,
                            Err(trouble) => failures = self.wait(control, trouble, failures).unwrap_or(u32::MAX),
                        },
                    }
                }
                Err(trouble) => failures = self.wait(control, trouble, failures).unwrap_or(u32::MAX),
            }
            let late = finishing.is_some_and(|(_, until)| Instant::now() >= until);
            if failures == u32::MAX || late {
                self.tell_rest(control);
                break;
            }
        }
        if self.refused > 0 {
            control.tell(format!("{} did not take {} entries", S::NAME, self.refused));
        }
        control.done();
    }

    /// After a failure: how many there were in a row, or nothing where no try is left.
    fn wait(&self, control: &Control, trouble: Trouble, failures: u32) -> Option<u32> {
        match trouble {
            Trouble::Over(reason) => {
                control.tell(format!("nothing more is sent to {}: {reason}", S::NAME));
                None
            }
            Trouble::Again(reason, asked) => {
                let failures = failures + 1;
                if failures == TELL_AFTER {
                    control.tell(format!(
                        "{} cannot be reached ({reason}); it is tried again, and nothing is lost meanwhile",
                        S::NAME
                    ));
                }
                control.sleep(self.pause_after(failures).max(asked.unwrap_or_default()));
                Some(failures)
            }
        }
    }

    /// Twice as long each time, and between half of that and all of it, so that many runs do not come at once.
    fn pause_after(&self, failures: u32) -> Duration {
        let full = self.pause.saturating_mul(1 << (failures - 1).min(16)).min(LONGEST_PAUSE);
        let random = RandomState::new().build_hasher().finish() as u32;
        full.mul_f64(0.5 + 0.5 * f64::from(random) / f64::from(u32::MAX))
    }

    fn tell_rest(&self, control: &Control) {
        let path = spool::spool(&self.folder);
        let length = path.metadata().map_or(0, |metadata| metadata.len());
        let left = length.saturating_sub(self.sent.offset);
        if left > 0 {
            control.tell(format!(
                "{left} bytes of {} are not sent to {}; resuming the run sends them",
                path.display(),
                S::NAME
            ));
        }
    }

    fn round(&mut self, control: &Control) -> Result<Round, Trouble> {
        if self.queue.is_empty() && !self.fill()? {
            return Ok(Round::Idle);
        }
        self.create()?;
        let id = self.sent.id.clone().unwrap_or_default();
        if !self.queue.is_empty() {
            let count = if self.single { 1 } else { S::CHUNK.min(self.queue.len()) };
            let chunk = &self.queue.make_contiguous()[..count];
            match self.service.send(&id, chunk) {
                Ok(()) => drop(self.queue.drain(..count)),
                Err(Failure::Again(reason, wait)) => return Err(Trouble::Again(reason, wait)),
                Err(Failure::Closed(reason)) => return Err(Trouble::Over(reason)),
                Err(Failure::Refused(_)) if count > 1 => self.single = true,
                Err(Failure::Refused(reason)) => {
                    self.queue.pop_front();
                    self.refused += 1;
                    if self.refused == 1 {
                        control.tell(format!("{} does not take an entry ({reason}); it is left out", S::NAME));
                    }
                }
            }
        }
        if self.queue.is_empty() {
            (self.sent.offset, self.single) = (self.end, false);
            self.sent.write(&self.folder).map_err(TrackerError::from)?;
        }
        Ok(Round::Sent)
    }

    /// Takes the next lines from the spool; false where there are none.
    fn fill(&mut self) -> Result<bool, TrackerError> {
        let window = spool::read(&self.folder, self.sent.offset)?;
        if window.end == self.sent.offset {
            return Ok(false);
        }
        let new = window.entries.into_iter().filter(|entry| !self.sent.has(entry)).collect();
        self.queue = spool::thinned(new, S::MOST).into();
        self.end = window.end;
        Ok(true)
    }

    /// Makes the run on the server, if there is none yet.
    fn create(&mut self) -> Result<(), Trouble> {
        if self.sent.id.is_none() {
            self.sent.id = Some(self.service.create().map_err(trouble)?);
            self.sent.write(&self.folder).map_err(TrackerError::from)?;
        }
        Ok(())
    }

    fn finish(&mut self, end: End) -> Result<(), Trouble> {
        self.create()?;
        self.service.finish(self.sent.id.as_deref().unwrap_or_default(), end).map_err(trouble)
    }
}

fn trouble(failure: Failure) -> Trouble {
    match failure {
        Failure::Again(reason, wait) => Trouble::Again(reason, wait),
        Failure::Refused(reason) | Failure::Closed(reason) => Trouble::Over(reason),
    }
}
