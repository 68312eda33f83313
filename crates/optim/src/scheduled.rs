//! How an optimizer follows a schedule.

use gradus_tensor::Float;

use crate::error::OptimError;
use crate::optimizer::Optimizer;
use crate::registry::Algorithm;
use crate::schedules::any::AnySchedule;
use crate::schedules::rule::Group;
use crate::state::{OptimizerState, ScheduleState};

impl<T: Float> Optimizer<T> {
    /// Lets the learning rates follow `schedule` from here on: each group's present one is what it begins with. Some
    /// schedules set the momentum as well.
    ///
    /// The schedule moves with [`schedule_step`](Self::schedule_step), or
    /// [`schedule_step_with`](Self::schedule_step_with) a metric, and not otherwise. It is part of
    /// [`state`](Self::state): to go on from one, set the schedule first and load the state then, which is also what a
    /// wrong order is told.
    ///
    /// # Errors
    /// If a hyper-parameter of the schedule is out of its range or not for this number of groups, the schedule sets a
    /// momentum that the algorithm does not have, or there is a schedule already.
    pub fn set_schedule(&mut self, schedule: impl Into<AnySchedule>) -> Result<(), OptimError> {
        let schedule = schedule.into();
        schedule.check()?;
        schedule.check_groups(self.algorithms.len())?;
        if let Some(present) = &self.schedule {
            return Err(OptimError::Scheduled { name: present.schedule.name() });
        }
        let mut base_momentums = Vec::new();
        if schedule.cycles_momentum() {
            base_momentums.extend(self.algorithms.iter().filter_map(Algorithm::momentum));
            if base_momentums.is_empty() {
                let fault = format!(
                    "{} has neither momentum nor betas to cycle; set cycle_momentum to false",
                    self.algorithms[0].name()
                );
                return Err(OptimError::Schedule { schedule: schedule.name(), fault });
            }
        }
        let base_lrs = self.algorithms.iter().map(Algorithm::lr).collect();
        let plateau = matches!(schedule, AnySchedule::Metric(_)).then(Default::default);
        let state = ScheduleState { schedule, base_lrs, base_momentums, step: 0, plateau };
        self.algorithms.iter_mut().enumerate().for_each(|(index, algorithm)| state.set(index, algorithm));
        // A momentum that begins late begins with zeros.
        self.touched = true;
        (self.schedule, self.stepped) = (Some(state), false);
        Ok(())
    }

    /// Follows the schedule no longer, and gives back where it stood. Learning rates and momentums stay as they are,
    /// and the next [`set_schedule`](Self::set_schedule) begins with them: to go on in another way than planned.
    pub fn end_schedule(&mut self) -> Option<ScheduleState> {
        self.schedule.take()
    }

    /// The schedule and where it stands.
    pub fn schedule(&self) -> Option<&ScheduleState> {
        self.schedule.as_ref()
    }

    /// Moves the schedule by a step: after [`step`](Self::step), once an epoch or once a batch as it was meant. Nothing
    /// happens without one. What [`set_lr`](Self::set_lr) has set meanwhile is lost, but for schedules that change the
    /// present learning rate (the chained, the multiplicative, the plateau).
    ///
    /// # Errors If the optimizer has taken no step since the schedule was set, since its first learning rate would be
    /// skipped; if the schedule follows a metric; or if it is at an end that must not be passed. Nothing has changed
    /// then.
    pub fn schedule_step(&mut self) -> Result<(), OptimError> {
        let Some(state) = &mut self.schedule else { return Ok(()) };
        let AnySchedule::Steps(schedule) = &state.schedule else {
            return Err(OptimError::MetricNeeded { schedule: state.schedule.name() });
        };
        if state.step == 0 && !self.stepped {
            return Err(OptimError::ScheduleBeforeStep { schedule: schedule.name() });
        }
        if let Some(last) = schedule.last_step().filter(|&last| state.step >= last) {
            return Err(OptimError::ScheduleEnded { schedule: schedule.name(), last });
        }
        state.step += 1;
        for (index, algorithm) in self.algorithms.iter_mut().enumerate() {
            let group = Group { index, base_lr: state.base_lrs[index] };
            algorithm.set_lr(schedule.advance(group, state.step, algorithm.lr()));
            state.set_momentum(index, algorithm);
        }
        Ok(())
    }

    /// Moves a schedule that follows a metric, as [`ReduceLROnPlateau`](crate::ReduceLROnPlateau), by a step: after
    /// validation. Nothing happens without one.
    ///
    /// # Errors If the schedule follows no metric, or the optimizer has taken no step since it was set. Nothing has
    /// changed then.
    pub fn schedule_step_with(&mut self, metric: f64) -> Result<(), OptimError> {
        let Some(state) = &mut self.schedule else { return Ok(()) };
        let (AnySchedule::Metric(schedule), Some(plateau)) = (&state.schedule, &mut state.plateau) else {
            return Err(OptimError::MetricUnused { schedule: state.schedule.name() });
        };
        if state.step == 0 && !self.stepped {
            return Err(OptimError::ScheduleBeforeStep { schedule: state.schedule.name() });
        }
        state.step += 1;
        if schedule.observe(plateau, metric) {
            for (group, algorithm) in self.algorithms.iter_mut().enumerate() {
                algorithm.set_lr(schedule.reduced(group, algorithm.lr()));
            }
        }
        Ok(())
    }

    /// What is wrong with the schedule of a state that is to be loaded.
    pub(crate) fn schedule_faults(&self, state: &OptimizerState<T>) -> Vec<String> {
        let groups = state.algorithms.len();
        match (&state.schedule, &self.schedule) {
            (None, None) => Vec::new(),
            (Some(theirs), None) => vec![format!(
                "its schedule is {}, this one's none; call set_schedule with the same schedule before load_state",
                theirs.schedule.name()
            )],
            (None, Some(ours)) => vec![format!(
                "it has no schedule, this one {}; load it first, and call set_schedule then to begin one",
                ours.schedule.name()
            )],
            (Some(theirs), Some(ours)) if theirs.schedule != ours.schedule => {
                vec![format!("its schedule is {:?}, this one's {:?}", theirs.schedule, ours.schedule)]
            }
            (Some(theirs), Some(_)) => theirs.faults(groups),
        }
    }
}

impl ScheduleState {
    /// Gives the algorithms the learning rates, and where the schedule has changed it the momentum, of before the
    /// schedule.
    pub fn undo(&self, algorithms: &mut [Algorithm]) {
        for (algorithm, &lr) in algorithms.iter_mut().zip(&self.base_lrs) {
            algorithm.set_lr(lr);
        }
        for (algorithm, &base) in algorithms.iter_mut().zip(&self.base_momentums) {
            algorithm.momentum_mut().into_iter().for_each(|momentum| *momentum = base);
        }
    }

    /// Makes room for one more group, which joins at the present step.
    pub(crate) fn add_group(&mut self, algorithm: &mut Algorithm) -> Result<(), OptimError> {
        let index = self.base_lrs.len();
        self.schedule.check_groups(index + 1)?;
        self.base_lrs.push(algorithm.lr());
        if self.schedule.cycles_momentum() {
            self.base_momentums.extend(algorithm.momentum());
        }
        self.set(index, algorithm);
        Ok(())
    }

    /// Gives group `index` what the present step says; a plateau leaves a group that has just begun as it is.
    fn set(&self, index: usize, algorithm: &mut Algorithm) {
        if let AnySchedule::Steps(schedule) = &self.schedule {
            algorithm.set_lr(schedule.lr(Group { index, base_lr: self.base_lrs[index] }, self.step));
            self.set_momentum(index, algorithm);
        }
    }

    fn set_momentum(&self, index: usize, algorithm: &mut Algorithm) {
        let AnySchedule::Steps(schedule) = &self.schedule else { return };
        if let (Some(momentum), Some(value)) = (algorithm.momentum_mut(), schedule.momentum(index, self.step)) {
            *momentum = value;
        }
    }

    /// What does not hold together in it, for an optimizer of this many groups.
    fn faults(&self, groups: usize) -> Vec<String> {
        let mut faults = Vec::new();
        let name = self.schedule.name();
        if self.base_lrs.len() != groups {
            faults.push(format!("its {name} has {} base_lrs for {groups} groups", self.base_lrs.len()));
        }
        let momentums = if self.schedule.cycles_momentum() { groups } else { 0 };
        if self.base_momentums.len() != momentums {
            faults.push(format!("its {name} has {} base_momentums, not {momentums}", self.base_momentums.len()));
        }
        if self.plateau.is_some() != matches!(self.schedule, AnySchedule::Metric(_)) {
            let has = if self.plateau.is_some() { "a" } else { "no" };
            faults.push(format!("its {name} has {has} plateau"));
        }
        faults
    }
}
