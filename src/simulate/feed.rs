//! Every report in the order in which it reaches the door.

use crate::domain::Time;

use super::background::Background;
use super::ground::Ground;
use super::plan::{Plan, Scenario};
use super::records::IncidentIn;
use super::records::Report;
use super::stage::{InvalidScenario, stage};

const HOUR_MS: i64 = 3_600_000;

/// The background and the scenarios as one stream.
#[derive(Debug)]
pub struct Feed<'a> {
    ground: &'a Ground,
    background: Background,
    next_hour: i64,
    scenarios: Vec<(&'a Scenario, Option<Time>)>,
    pending: Vec<Report>,
    seed: u64,
}

impl<'a> Feed<'a> {
    /// From `begin` on; scenarios start by `live`. Each is staged once at
    /// once, so that one that cannot be is refused before anything is sent.
    pub fn new(
        ground: &'a Ground,
        plan: &'a Plan,
        begin: Time,
        live: Time,
        per_hour: f64,
        seed: u64,
    ) -> Result<Self, InvalidScenario> {
        let mut scenarios = Vec::new();
        for scenario in &plan.scenarios {
            stage(ground, scenario, live, seed)?;
            scenarios.push((scenario, Some(live + scenario.start)));
        }
        Ok(Self {
            ground,
            background: Background::new(&plan.background, ground, per_hour, seed),
            next_hour: begin.ms().div_euclid(HOUR_MS),
            scenarios,
            pending: Vec::new(),
            seed,
        })
    }

    /// What reaches the door up to `to` and was not taken before, in order.
    pub fn until(&mut self, to: Time) -> Result<Vec<IncidentIn>, InvalidScenario> {
        while self.next_hour * HOUR_MS <= to.ms() {
            self.pending.extend(self.background.hour(self.ground, self.next_hour));
            self.next_hour += 1;
        }
        for (scenario, next) in &mut self.scenarios {
            while let Some(begin) = *next
                && begin <= to
            {
                self.pending.extend(stage(self.ground, scenario, begin, self.seed)?.reports);
                *next = (scenario.every > 0).then_some(begin + scenario.every);
            }
        }
        self.pending.sort_by_key(|report| report.at);
        let due = self.pending.partition_point(|report| report.at <= to);
        Ok(self.pending.drain(..due).map(|report| report.incident).collect())
    }
}
