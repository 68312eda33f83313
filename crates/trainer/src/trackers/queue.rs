//! What lies between the training thread, which logs, and the trackers' thread, which writes.
//!
//! Logging a number takes a lock, finds the name's number, and pushes a small record. The trackers' thread looks every
//! 50 ms and takes all that has come at once, so the training thread wakes nobody.

use std::collections::HashMap;
use std::sync::mpsc::SyncSender;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use super::{End, Event, Split, Tracker, TrackerError, TrackerPositions};

/// Numbers that wait for the trackers' thread, at most.
const CAPACITY: usize = 65_536;
/// Bytes of events that wait, at most.
const EVENT_BYTES: usize = 64 * 1024 * 1024;
/// Different names of metrics, at most.
const NAMES: usize = 65_536;
/// How often the trackers' thread looks.
const POLL: Duration = Duration::from_millis(50);
/// How long the training thread waits for room, before a number is dropped.
const PATIENCE: Duration = Duration::from_secs(1);

/// A number on its way.
#[derive(Clone, Copy)]
pub(super) struct Number {
    pub(super) step: u64,
    pub(super) epoch: u64,
    pub(super) value: f64,
    pub(super) time: SystemTime,
    pub(super) split: Split,
    /// Its place in the names.
    pub(super) name: u32,
}

/// What goes to the trackers' thread.
pub(super) enum Item {
    Number(Number),
    Event(Box<Event>),
    Ask(Ask),
}

/// What the trackers' thread is asked to do; it answers where someone waits.
pub(super) enum Ask {
    Add(String, Box<dyn Tracker>),
    Flush(SyncSender<()>),
    Positions(SyncSender<TrackerPositions>),
    Finish(End, Duration, SyncSender<()>),
}

/// What the trackers' thread took.
#[derive(Default)]
pub(super) struct Taken {
    pub(super) items: Vec<Item>,
    /// All names so far.
    pub(super) names: Vec<Arc<str>>,
}

pub(super) struct Queue {
    state: Mutex<State>,
    ready: Condvar,
    room: Condvar,
    messages: Mutex<Vec<String>>,
    capacity: usize,
    patience: Duration,
}

#[derive(Default)]
struct State {
    items: Vec<Item>,
    numbers: HashMap<Arc<str>, u32>,
    names: Vec<Arc<str>>,
    event_bytes: usize,
    /// Whether someone takes what is pushed.
    open: bool,
    /// Whether the thread is to look at once.
    urgent: bool,
    /// Whether the thread was waited for in vain since it last came.
    stalled: bool,
    dropped: u64,
    step: u64,
    epoch: u64,
}

impl Default for Queue {
    fn default() -> Self {
        Self::with_limits(CAPACITY, PATIENCE)
    }
}

impl Queue {
    pub(super) fn with_limits(capacity: usize, patience: Duration) -> Self {
        Self {
            state: Mutex::default(),
            ready: Condvar::new(),
            room: Condvar::new(),
            messages: Mutex::default(),
            capacity,
            patience,
        }
    }

    /// Every change under the lock is whole before anything in there could panic.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn open(&self) {
        self.lock().open = true;
    }

    /// From here on, what is pushed goes nowhere.
    pub(super) fn close(&self) {
        let mut state = self.lock();
        (state.open, state.items) = (false, Vec::new());
    }

    pub(super) fn set_step(&self, step: u64) {
        self.lock().step = step;
    }

    pub(super) fn set_epoch(&self, epoch: u64) {
        self.lock().epoch = epoch;
    }

    /// Logs a number; without `step`, of the step that was set.
    pub(super) fn log(
        &self,
        name: &str,
        value: f64,
        step: Option<u64>,
        at: Option<(u64, Split)>,
    ) -> Result<(), TrackerError> {
        if name.is_empty() {
            return Err(TrackerError::NoName);
        }
        let mut state = self.lock();
        if !state.open {
            return Ok(());
        }
        let place = state.place_of(name)?;
        if state.items.len() >= self.capacity {
            state = self.wait_for_room(state);
            if state.items.len() >= self.capacity {
                self.drop_one(&mut state, "the disk that holds the run does not keep up");
                return Ok(());
            }
        }
        let (epoch, split) = at.unwrap_or_else(|| (state.epoch, Split::of(name)));
        let step = step.unwrap_or(state.step);
        state.items.push(Item::Number(Number { step, epoch, value, time: SystemTime::now(), split, name: place }));
        if state.items.len() >= self.capacity / 2 && !state.urgent {
            state.urgent = true;
            self.ready.notify_one();
        }
        Ok(())
    }

    /// Waits once for the thread that does not keep up, and not again until it has come.
    fn wait_for_room<'a>(&'a self, state: MutexGuard<'a, State>) -> MutexGuard<'a, State> {
        if state.stalled {
            return state;
        }
        let full = |state: &mut State| state.items.len() >= self.capacity;
        let waited = self.room.wait_timeout_while(state, self.patience, full);
        let (mut state, waited) = waited.unwrap_or_else(PoisonError::into_inner);
        state.stalled = waited.timed_out();
        state
    }

    fn drop_one(&self, state: &mut State, reason: &str) {
        state.dropped += 1;
        if state.dropped == 1 {
            self.tell(format!("from step {} on, trackers lose records: {reason}; training goes on", state.step));
        }
    }

    /// Logs an event of the step that was set. One that would take too much memory is dropped.
    pub(super) fn event(&self, content: super::Content, step: Option<u64>) {
        let mut state = self.lock();
        if !state.open {
            return;
        }
        let size = content.size();
        if state.event_bytes + size > EVENT_BYTES || state.items.len() >= self.capacity {
            return self.drop_one(&mut state, "texts, images and files come faster than they are written");
        }
        state.event_bytes += size;
        let (step, epoch) = (step.unwrap_or(state.step), state.epoch);
        state.items.push(Item::Event(Box::new(Event { step, epoch, time: SystemTime::now(), content })));
    }

    /// Asks the thread for something, at once.
    pub(super) fn ask(&self, ask: Ask) {
        let mut state = self.lock();
        if !state.open {
            return; // and with it goes whoever was to answer, so that nobody waits
        }
        state.items.push(Item::Ask(ask));
        state.urgent = true;
        self.ready.notify_one();
    }

    /// What has come, once some time has passed or someone asks. `taken` is what was taken last, to be filled again.
    pub(super) fn take(&self, taken: &mut Taken) {
        taken.items.clear();
        let until = Instant::now() + POLL;
        let mut state = self.lock();
        while !state.urgent {
            let Some(left) = until.checked_duration_since(Instant::now()).filter(|left| !left.is_zero()) else { break };
            state = self.ready.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        std::mem::swap(&mut state.items, &mut taken.items);
        let known = taken.names.len();
        taken.names.extend_from_slice(&state.names[known..]);
        (state.urgent, state.stalled, state.event_bytes) = (false, false, 0);
        self.room.notify_all();
    }

    #[cfg(test)]
    pub(super) fn is_waiting(&self) -> bool {
        !self.lock().items.is_empty()
    }

    pub(super) fn dropped(&self) -> u64 {
        self.lock().dropped
    }

    /// Leaves a message for the user.
    pub(super) fn tell(&self, message: String) {
        self.messages.lock().unwrap_or_else(PoisonError::into_inner).push(message);
    }

    /// The messages since the last call.
    pub(super) fn messages(&self) -> Vec<String> {
        std::mem::take(&mut self.messages.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl State {
    fn place_of(&mut self, name: &str) -> Result<u32, TrackerError> {
        if let Some(&place) = self.numbers.get(name) {
            return Ok(place);
        }
        if self.names.len() >= NAMES {
            return Err(TrackerError::Names { limit: NAMES });
        }
        let (place, name) = (self.names.len() as u32, Arc::<str>::from(name));
        self.names.push(Arc::clone(&name));
        self.numbers.insert(name, place);
        Ok(place)
    }
}
