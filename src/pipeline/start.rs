//! From the store to a running pipeline.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Instant;

use jiff::tz::TimeZone;
use tokio::sync::{Semaphore, mpsc};
use tokio::task::{JoinHandle, JoinSet};
use tokio_util::sync::CancellationToken;

use crate::atlas::Atlas;
use crate::domain::{Event, Level, Offset, RuleSet, Time};
use crate::engine::Engine;
use crate::store::{Draft, Store, StoreError};
use crate::stream::{Hub, Limits};
use crate::wire::Gazetteer;

use super::clock::Clock;
use super::directory::Directory;
use super::fixes::Fixes;
use super::inlet::{Inlet, ROOM};
use super::keeper::{self, Behind, Pace};
use super::live::{Inbox, Live};
use super::stats::Scope;

/// Submissions and questions that may wait in their channels; what they hold is
/// bounded by [`ROOM`].
const CHANNEL: usize = 1_024;

/// Chores that may wait: while one is done the next is not given out.
const CHORES: usize = 1;

/// The note of the rules last read from the region's file.
const RULES_NOTE: &str = "rules_file";

/// The note of the region that the store is of.
const REGION_NOTE: &str = "region";

/// What the service runs in.
#[derive(Clone, Debug)]
pub struct World {
    /// The region's name, which the store keeps to.
    pub region: String,
    /// Where things are.
    pub atlas: Arc<Atlas>,
    /// What things are called.
    pub map: Arc<dyn Gazetteer>,
    /// The rules of the region's file.
    pub rules: Arc<RuleSet>,
    /// Days begin at its midnight.
    pub time_zone: TimeZone,
    /// The level of jurisdiction that figures are counted by.
    pub level: Level,
}

/// How it runs.
#[derive(Debug)]
pub struct Settings {
    /// The server's time.
    pub clock: Clock,
    /// The bounds of the stream.
    pub limits: Limits,
    /// How often what follows behind the log is done.
    pub pace: Pace,
}

/// A running pipeline.
#[derive(Debug)]
pub struct Running {
    /// The way in.
    pub inlet: Inlet,
    /// Where it tells what changes.
    pub hub: Arc<Hub>,
    /// Ends some time after the stop signal, when all that was accepted is
    /// answered and kept; panics when any part of the pipeline does.
    pub task: JoinHandle<()>,
}

/// Why the pipeline cannot start.
#[derive(Debug, thiserror::Error)]
pub enum PipelineError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The store is of another region: its alerts would point at other borders.
    #[error("the store is of the region “{store}”, not of “{region}”")]
    OtherRegion {
        /// The region of the store.
        store: String,
        /// The region that was to be served.
        region: String,
    },
}

/// Rebuilds the picture from the store, refills the hub's history, and runs
/// until told to stop.
pub async fn start(
    store: Arc<dyn Store>,
    world: World,
    settings: Settings,
    stop: CancellationToken,
) -> Result<Running, PipelineError> {
    let Settings { clock, limits, pace } = settings;
    let begun = Instant::now();
    keep_to_region(&*store, &world.region).await?;
    let (offset, engine) = restored(&*store, &world.atlas).await?;
    let hub = Arc::new(Hub::new(limits, store.epoch(), Arc::clone(&world.map), offset));
    hub.meet(engine.now(), engine.units().map(|(unit, fix)| (&**unit, fix)));
    let directory = Arc::new(Directory::default());
    directory.enter(engine.units().map(|(unit, _)| &**unit));
    let mut fixes = Fixes::default();
    for (unit, fix) in engine.units() {
        fixes.meet(unit.id, fix.map(|fix| fix.at));
    }

    let compacted = Arc::new(AtomicU64::new(store.compacted().await?.0));
    let (notes, steps) = mpsc::unbounded_channel();
    let (chores, given) = mpsc::channel(CHORES);
    let keeper =
        keeper::do_chores(Arc::clone(&store), given, notes.downgrade(), Arc::clone(&compacted));
    let mut tasks = JoinSet::new();
    tasks.spawn(keeper);
    tasks.spawn(keeper::keep_alerts(Arc::clone(&store), steps));

    let clock = Arc::new(clock);
    let mut live = Live {
        store,
        engine,
        hub: Arc::clone(&hub),
        clock: Arc::clone(&clock),
        directory: Arc::clone(&directory),
        fixes,
        scope: Scope { zone: world.time_zone, level: world.level },
        offset,
        sure: true,
        due: false,
        notes,
        behind: Behind::new(chores, compacted, pace),
        changes: Vec::new(),
    };
    live.catch_up(None).await?;
    if live.engine.now() > Time::default() {
        clock.drive(live.engine.now());
    }
    obey_rules_file(&mut live, &world.rules).await?;
    tracing::info!(
        from = offset.0,
        to = live.offset.0,
        elapsed_ms = begun.elapsed().as_millis(),
        "the picture is rebuilt from the store"
    );

    let (parcels, parcels_in) = mpsc::channel(CHANNEL);
    let (questions, questions_in) = mpsc::channel(CHANNEL);
    let room = Arc::new(Semaphore::new(ROOM));
    let inlet = Inlet { parcels, questions, room: Arc::clone(&room), directory, clock };
    let (beating, stopped) = (Arc::clone(&hub), stop.clone());
    tasks.spawn(async move { beating.beat(stopped).await });
    // When the live task ends, so do the others: with it go the other ends of their
    // channels.
    tasks.spawn(live.run(Inbox { parcels: parcels_in, questions: questions_in, room, stop }));
    Ok(Running { inlet, hub, task: tokio::spawn(together(tasks)) })
}

/// Until all have ended. If one of them panics the others are cut off, for the
/// service is not whole without it, and the panic goes on.
async fn together(mut tasks: JoinSet<()>) {
    while let Some(ended) = tasks.join_next().await {
        if let Err(why) = ended
            && let Ok(panic) = why.try_into_panic()
        {
            std::panic::resume_unwind(panic);
        }
    }
}

async fn keep_to_region(store: &dyn Store, region: &str) -> Result<(), PipelineError> {
    match store.note(REGION_NOTE).await? {
        None => Ok(store.set_note(REGION_NOTE, region.to_owned()).await?),
        Some(known) if known == region => Ok(()),
        Some(known) => Err(PipelineError::OtherRegion { store: known, region: region.to_owned() }),
    }
}

/// The engine of the checkpoint before last, so that what follows refills the
/// hub's history; of none, if there are not two that can be read.
async fn restored(store: &dyn Store, atlas: &Arc<Atlas>) -> Result<(Offset, Engine), StoreError> {
    let all = store.checkpoints().await?;
    let fresh = (Offset(0), Engine::new(Arc::clone(atlas), Arc::default()));
    let Some(&offset) = all.len().checked_sub(2).and_then(|at| all.get(at)) else {
        return Ok(fresh);
    };
    let Some(bytes) = store.checkpoint(offset).await? else { return Ok(fresh) };
    match Engine::restore(Arc::clone(atlas), &bytes) {
        Ok(engine) => {
            // Tracks hold all fixes before a checkpoint, unless somebody emptied
            // them.
            while store.compacted().await? < offset {
                store.compact(offset, 100_000).await?;
            }
            Ok((offset, engine))
        }
        Err(why) => {
            tracing::warn!(error = %why, "dropping the checkpoints and replaying the whole log");
            store.drop_checkpoints().await?;
            Ok(fresh)
        }
    }
}

/// The rules of the region's file hold if they are not those that were last read
/// from it; otherwise whatever was set since stays.
async fn obey_rules_file(live: &mut Live, rules: &Arc<RuleSet>) -> Result<(), StoreError> {
    // Numbers and texts: encoding them cannot fail.
    let text = serde_json::to_string(rules).unwrap_or_default();
    let store = Arc::clone(&live.store);
    if store.note(RULES_NOTE).await?.is_some_and(|known| known == text) {
        return Ok(());
    }
    if live.engine.rules() != rules {
        let at = live.clock.now().unwrap_or_else(|| live.engine.now());
        let events = vec![Event::Rules(Arc::clone(rules))];
        store.append(Draft { at, events, ..Draft::default() }).await?;
        live.catch_up(None).await?;
    }
    store.set_note(RULES_NOTE, text).await
}
