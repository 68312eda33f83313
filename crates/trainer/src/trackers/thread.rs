//! The trackers' thread: hands what was logged to each tracker, and takes out those that fail.

use std::any::Any;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use super::queue::{Ask, Item, Number, Queue, Taken};
use super::{End, Record, Tracker, TrackerError, TrackerPositions};

/// How often a tracker is flushed, so that people see its numbers.
const FLUSH: Duration = Duration::from_secs(1);
/// What is waited before each further try of a tracker that failed.
const PAUSES: [Duration; 2] = [Duration::from_millis(10), Duration::from_millis(100)];

struct Slot {
    name: String,
    tracker: Box<dyn Tracker>,
    /// Its position when it was last asked: what it is resumed from, should it fail.
    position: u64,
    off: bool,
    /// Whether it was said that it cannot hold some records.
    refused: bool,
}

/// Takes from the queue until the run's end.
pub(super) fn run(queue: &Queue) {
    let mut slots: Vec<Slot> = Vec::new();
    let mut taken = Taken::default();
    let mut flushed = Instant::now();
    loop {
        queue.take(&mut taken);
        let Taken { items, names } = &mut taken;
        for item in items.drain(..) {
            match item {
                Item::Number(number) => {
                    let record = record(&number, names);
                    each(&mut slots, queue, number.step, |tracker| tracker.log(&record));
                }
                Item::Event(event) => each(&mut slots, queue, event.step, |tracker| tracker.log_event(&event)),
                Item::Ask(Ask::Add(name, tracker)) => slots.push(Slot::new(name, tracker, queue)),
                Item::Ask(Ask::Flush(answer)) => {
                    flush(&mut slots, queue);
                    let _ = answer.send(()); // who asked may have given up
                }
                Item::Ask(Ask::Positions(answer)) => {
                    let _ = answer.send(positions(&mut slots, queue));
                }
                Item::Ask(Ask::Finish(end, patience, answer)) => {
                    finish(&mut slots, queue, end, patience);
                    queue.close();
                    drop(slots);
                    let _ = answer.send(());
                    return;
                }
            }
        }
        if flushed.elapsed() >= FLUSH {
            flush(&mut slots, queue);
            flushed = Instant::now();
        }
        for slot in &mut slots {
            slot.tracker.messages().into_iter().for_each(|message| queue.tell(format!("{}: {message}", slot.name)));
        }
    }
}

fn record(number: &Number, names: &[Arc<str>]) -> Record {
    Record {
        step: number.step,
        epoch: number.epoch,
        split: number.split,
        name: Arc::clone(&names[number.name as usize]),
        value: number.value,
        time: number.time,
    }
}

fn each(slots: &mut [Slot], queue: &Queue, step: u64, f: impl Fn(&mut dyn Tracker) -> Result<(), TrackerError>) {
    for slot in slots {
        slot.attempt(queue, Some(step), &f);
    }
}

fn flush(slots: &mut [Slot], queue: &Queue) {
    for slot in slots {
        slot.attempt(queue, None, |tracker| tracker.flush());
    }
}

fn positions(slots: &mut [Slot], queue: &Queue) -> TrackerPositions {
    let mut positions = BTreeMap::new();
    for slot in slots {
        if let Some(position) = slot.attempt(queue, None, |tracker| tracker.position()) {
            slot.position = position;
        }
        positions.insert(slot.name.clone(), slot.position);
    }
    TrackerPositions(positions)
}

fn finish(slots: &mut [Slot], queue: &Queue, end: End, patience: Duration) {
    let until = Instant::now() + patience;
    for slot in slots {
        let left = until.saturating_duration_since(Instant::now());
        slot.attempt(queue, None, |tracker| tracker.finish(end, left));
        slot.tracker.messages().into_iter().for_each(|message| queue.tell(format!("{}: {message}", slot.name)));
    }
    let dropped = queue.dropped();
    if dropped > 0 {
        queue.tell(format!("{dropped} records were lost in all: trackers did not keep up"));
    }
}

impl Slot {
    fn new(name: String, tracker: Box<dyn Tracker>, queue: &Queue) -> Self {
        let mut slot = Self { name, tracker, position: 0, off: false, refused: false };
        slot.position = slot.attempt(queue, None, |tracker| tracker.position()).unwrap_or(0);
        slot
    }

    /// Does `f`, again where it fails, and takes the tracker out where it fails each time.
    fn attempt<T>(
        &mut self,
        queue: &Queue,
        step: Option<u64>,
        f: impl Fn(&mut dyn Tracker) -> Result<T, TrackerError>,
    ) -> Option<T> {
        if self.off {
            return None;
        }
        let mut pauses = PAUSES.iter();
        loop {
            let error = match catch_unwind(AssertUnwindSafe(|| f(self.tracker.as_mut()))) {
                Ok(Ok(value)) => return Some(value),
                // Trying again would end the same way; the next record may be another matter.
                Ok(Err(error @ (TrackerError::Record { .. } | TrackerError::Asset { .. }))) => {
                    if !std::mem::replace(&mut self.refused, true) {
                        queue.tell(format!("{}: {error}", self.name));
                    }
                    return None;
                }
                Ok(Err(error)) => error,
                Err(panic) => {
                    self.turn_off(queue, step, &TrackerError::Panicked { reason: reason(panic.as_ref()) });
                    return None;
                }
            };
            match pauses.next() {
                Some(&pause) => thread::sleep(pause),
                None => {
                    self.turn_off(queue, step, &error);
                    return None;
                }
            }
        }
    }

    fn turn_off(&mut self, queue: &Queue, step: Option<u64>, error: &TrackerError) {
        self.off = true;
        let since = step.map_or_else(String::new, |step| format!(" from step {step} on"));
        queue.tell(format!("the tracker {} is off{since}: {error}. Training goes on", self.name));
    }
}

fn reason(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(ToString::to_string);
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "no message".to_owned())
}
