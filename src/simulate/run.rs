//! A whole demonstration: history first, then life.

use rustc_hash::FxHashMap;
use tokio_util::sync::CancellationToken;

use crate::domain::{Code, LngLat, Time};

use super::doors::{DoorError, Doors};
use super::duty::Duty;
use super::feed::Feed;
use super::fleet::Fleet;
use super::ground::{Ground, GroundError};
use super::pace::Pace;
use super::plan::Plan;
use super::records::{IncidentIn, PositionIn, Tally, UnitIn};
use super::stage::InvalidScenario;
use super::tokens::{is_below, lies_in};

/// A run that catches up sends so much at once, ms.
const CATCH_UP_MS: i64 = 60_000;

/// How to run.
#[derive(Clone, Debug)]
pub struct Options {
    /// Equal seeds (and starts) send equal records.
    pub seed: u64,
    /// How many times faster than life; 0: without waiting.
    pub speed: f64,
    /// How many units.
    pub units: usize,
    /// Background incidents an hour, in the mean of a day.
    pub incidents_per_hour: f64,
    /// Between two fixes of a unit, ms.
    pub fix_every_ms: i64,
    /// How much of the past is sent at once before the run, ms.
    pub history_ms: i64,
    /// The moment at which the run goes live.
    pub live: Time,
    /// The step through history, and through a run without waiting, ms.
    pub step_ms: i64,
    /// When it ends, ms after that; none: when it is stopped.
    pub lasts_ms: Option<i64>,
}

/// What was sent.
#[derive(Clone, Debug, Default)]
pub struct Sent {
    /// Units.
    pub units: Tally,
    /// Incidents.
    pub incidents: Tally,
    /// Fixes.
    pub positions: Tally,
}

/// Why a run ended early.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// A door refused.
    #[error(transparent)]
    Door(#[from] DoorError),
    /// The region cannot be read.
    #[error(transparent)]
    Ground(#[from] GroundError),
    /// A scenario cannot be staged.
    #[error(transparent)]
    Scenario(#[from] InvalidScenario),
    /// The server's clock is its own.
    #[error("the server keeps its own time (--clock wall): --speed must be 1")]
    WallClock,
}

/// Runs until `stop` or the end that the options name.
pub async fn run(
    doors: &Doors,
    plan: &Plan,
    options: &Options,
    stop: &CancellationToken,
) -> Result<Sent, RunError> {
    let mut sent = Sent::default();
    tokio::select! {
        () = stop.cancelled() => {}
        done = play(doors, plan, options, &mut sent) => done?,
    }
    Ok(sent)
}

async fn play(
    doors: &Doors,
    plan: &Plan,
    options: &Options,
    sent: &mut Sent,
) -> Result<(), RunError> {
    let ground = Ground::ask(doors, &plan.background.describe).await?;
    let driven = ground.region().driven_clock;
    #[expect(clippy::float_cmp, reason = "1 is what was typed")]
    if !driven && options.speed != 1.0 {
        return Err(RunError::WallClock);
    }
    let mut now = options.live - options.history_ms;
    if driven && let Some(past) = doors.clock().await? {
        // What the server has lived through already is not sent again.
        now = now.max(past);
    }
    let live = options.live.max(now);
    let per_hour = options.incidents_per_hour;
    let mut feed = Feed::new(&ground, plan, now, live, per_hour, options.seed)?;
    let fleet =
        Fleet::new(&ground, &plan.unit_names, options.units, options.fix_every_ms, options.seed);
    let pace = Pace::new(live, options.speed, CATCH_UP_MS, true);
    if driven {
        doors.put_clock(now).await?;
    }
    let atlas = ground.atlas();
    let units = fleet.units();
    let agency = |unit: &UnitIn| unit.agency.parse::<Code>().ok();
    let agencies: FxHashMap<&str, Code> =
        units.iter().filter_map(|unit| Some((&*unit.code, agency(unit)?))).collect();
    let unit_in = |unit: &str, of: Code| {
        agencies.get(unit).is_some_and(|&agency| is_below(atlas, agency, of))
    };
    let incident_in = |incident: &IncidentIn, of: Code| {
        LngLat::new(incident.lon, incident.lat).is_ok_and(|point| lies_in(atlas, point, of))
    };
    let duty = Duty::new(plan.duty.as_ref(), doors);
    sent.units = doors.post_units(&units, |unit, of| unit_in(&unit.code, of)).await?;
    while now < live {
        now = (now + options.step_ms.max(1)).min(live);
        if driven {
            doors.put_clock(now).await?;
        }
        let incidents = feed.until(now)?;
        sent.incidents.add(&doors.post_incidents(&incidents, incident_in).await?);
        duty.look(now).await?;
    }
    tracing::info!(
        incidents = sent.incidents.taken(),
        units = options.units,
        "history is sent; going live"
    );
    let mut pace =
        if driven { Pace::new(live, options.speed, options.step_ms, false) } else { pace };
    let end = options.lasts_ms.map(|lasts_ms| live + lasts_ms);
    while end.is_none_or(|end| now < end) {
        let next = pace.next().await;
        let next = end.map_or(next, |end| next.min(end));
        if driven {
            doors.put_clock(next).await?;
        }
        let incidents = feed.until(next)?;
        sent.incidents.add(&doors.post_incidents(&incidents, incident_in).await?);
        let fixes = fleet.fixes(&ground, now, next);
        let of_unit = |fix: &PositionIn<'_>, of| unit_in(fix.unit, of);
        sent.positions.add(&doors.post_positions(&fixes, of_unit).await?);
        duty.look(next).await?;
        now = next;
    }
    Ok(())
}
