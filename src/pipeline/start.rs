//! From the store to a running pipeline.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use jiff::tz::TimeZone;
use tokio::sync::{Semaphore, mpsc};
use tokio::task::{JoinHandle, JoinSet, spawn_blocking};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::atlas::Atlas;
use crate::domain::{Grading, Level, Offset, RuleSet};
use crate::engine::{Engine, VERSION};
use crate::spool::{Spool, SpoolError};
use crate::store::{Store, StoreError};
use crate::stream::{Hub, Limits};
use crate::wire::Gazetteer;

use super::absence::Absence;
use super::aside::{self, Aside};
use super::behind::{Behind, Pace};
use super::clock::Clock;
use super::devices::Devices;
use super::directory::Directory;
use super::fixes::Fixes;
use super::health::Health;
use super::inlet::{Inlet, ROOM};
use super::keeper::{self, COMPACT_EVENTS, Notes, Unkept};
use super::live::{Inbox, Live};
use super::readying::Readying;
use super::rules_file;
use super::stats::Scope;

/// Submissions and questions that may wait in their channels; what they hold is
/// bounded by [`ROOM`].
const CHANNEL: usize = 1_024;

/// Chores that may wait: while one is done the next is not given out.
const CHORES: usize = 1;

/// The note of the region that the store is of.
const REGION_NOTE: &str = "region";

/// The note of what made all that follows behind the log.
pub const MADE_NOTE: &str = "made_by";

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
    /// What lifts alerts above the severity of their rule.
    pub grading: Grading,
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
    /// Where what comes in is kept while the store is away.
    pub spool: Option<Spool>,
}

/// A running pipeline.
#[derive(Debug)]
pub struct Running {
    /// The way in.
    pub inlet: Inlet,
    /// Where it tells what changes.
    pub hub: Arc<Hub>,
    /// Ends some time after the stop signal, when all that was accepted is
    /// answered and kept, or when that can never be; panics when any part of the
    /// pipeline does.
    pub task: JoinHandle<Result<(), Unkept>>,
}

/// Why the pipeline cannot start.
#[derive(Debug, thiserror::Error)]
pub enum PipelineError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The spool cannot be read.
    #[error(transparent)]
    Spool(#[from] SpoolError),
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
    let Settings { clock, limits, pace, spool } = settings;
    let begun = Instant::now();
    keep_to_region(&*store, &world.region).await?;
    clock.begin(store.head().await?.map(|(_, at)| at));
    let (atlas, grading) = (world.atlas.fingerprint(), world.grading.revision());
    let maker = format!("checkpoint {VERSION}, atlas {atlas:016x}, grading {grading}");
    make_anew_unless_by(&*store, maker).await?;
    let (offset, engine) = restored(&*store, &world.atlas, world.grading).await?;
    // Alerts that were made anew are others than those that clients still hold.
    let epoch = format!("{}-{VERSION}-{atlas:x}-{grading}", store.epoch());
    let hub = Arc::new(Hub::new(limits, &epoch, Arc::clone(&world.map), offset));
    hub.meet(engine.now(), engine.units().map(|(unit, fix)| (&**unit, fix)));
    let directory = Arc::new(Directory::default());
    directory.enter(engine.units().map(|(unit, _)| &**unit));
    let mut fixes = Fixes::default();
    for (unit, newest) in engine.last_fixes() {
        fixes.meet(unit, newest);
    }

    let aside = match spool {
        Some(spool) => take_up(&*store, spool, &directory).await?,
        None => Aside::default(),
    };

    let compacted = Arc::new(AtomicU64::new(store.compacted().await?.0));
    let (notes, steps) = mpsc::unbounded_channel();
    let (chores, given) = mpsc::channel(CHORES);
    let keeper =
        keeper::do_chores(Arc::clone(&store), given, notes.downgrade(), Arc::clone(&compacted));
    let mut tasks = JoinSet::new();
    tasks.spawn(async move {
        keeper.await;
        Ok(())
    });
    tasks.spawn(keeper::keep_alerts(Arc::clone(&store), steps));

    let devices = Arc::new(Devices::default());
    let end = store.end();
    let mut live = Live {
        store,
        engine,
        hub: Arc::clone(&hub),
        clock: clock.clone(),
        directory: Arc::clone(&directory),
        devices: Arc::clone(&devices),
        fixes,
        scope: Scope { zone: world.time_zone, level: world.level },
        offset,
        sure: true,
        end,
        more: true,
        pause: Duration::ZERO,
        due: false,
        health: Health::proven(Instant::now()),
        absence: Absence::default(),
        aside,
        notes: Notes::new(notes),
        behind: Behind::new(chores, compacted, pace),
        readying: Readying::default(),
        warned: None,
        changes: Vec::new(),
    };
    live.catch_up().await?;
    live.show_time();
    rules_file::obey(&mut live, &world.rules).await?;
    devices.begin();
    tracing::info!(
        from = offset.0,
        to = live.offset.0,
        elapsed_ms = begun.elapsed().as_millis(),
        "the picture is rebuilt from the store"
    );

    let (parcels, parcels_in) = mpsc::channel(CHANNEL);
    let (questions, questions_in) = mpsc::channel(CHANNEL);
    let room = Arc::new(Semaphore::new(ROOM));
    let inlet = Inlet { parcels, questions, room: Arc::clone(&room), directory, devices, clock };
    let (beating, stopped) = (Arc::clone(&hub), stop.clone());
    tasks.spawn(async move {
        beating.beat(stopped).await;
        Ok(())
    });
    // When the live task ends, so do the others: with it go the other ends of their
    // channels.
    let inbox = Inbox { parcels: parcels_in, questions: questions_in, room, stop };
    tasks.spawn(async move {
        live.run(inbox).await;
        Ok(())
    });
    Ok(Running { inlet, hub, task: tokio::spawn(together(tasks)) })
}

/// Until all have ended. If one of them fails or panics the others are cut off, for the
/// service is not whole without it, and the panic goes on.
async fn together(mut tasks: JoinSet<Result<(), Unkept>>) -> Result<(), Unkept> {
    while let Some(ended) = tasks.join_next().await {
        match ended {
            Ok(done) => done?,
            Err(why) => {
                if let Ok(panic) = why.try_into_panic() {
                    std::panic::resume_unwind(panic);
                }
            }
        }
    }
    Ok(())
}

async fn keep_to_region(store: &dyn Store, region: &str) -> Result<(), PipelineError> {
    match store.note(REGION_NOTE).await? {
        None => Ok(store.set_note(REGION_NOTE, region.to_owned()).await?),
        Some(known) if known == region => Ok(()),
        Some(known) => Err(PipelineError::OtherRegion { store: known, region: region.to_owned() }),
    }
}

/// Takes up a spool where the store says that it is.
async fn take_up(
    store: &dyn Store,
    mut spool: Spool,
    directory: &Directory,
) -> Result<Aside, PipelineError> {
    let note = store.note(&aside::note_of(spool.id())).await?;
    let taken = note.and_then(|number| number.parse().ok()).unwrap_or_default();
    let resumed = spawn_blocking(move || {
        let (mut units, mut items) = (Vec::new(), 0);
        spool.resume(taken, |record| {
            items += record.items() as u64;
            units.extend(record.units);
        });
        (spool, units, items)
    });
    let (spool, units, items) = resumed.await.map_err(|why| SpoolError::Broken(why.to_string()))?;
    directory.await_units(&units);
    Ok(Aside::new(spool, taken, items))
}

/// Drops what was made of the log by code that wrote it otherwise, within other
/// boundaries or under another grading: an engine would be restored wrong, and rows could
/// not be read.
async fn make_anew_unless_by(store: &dyn Store, maker: String) -> Result<(), StoreError> {
    let known = store.note(MADE_NOTE).await?;
    if known.as_ref() == Some(&maker) {
        return Ok(());
    }
    if store.head().await?.is_some() {
        let before = known.as_deref().unwrap_or("unknown");
        tracing::warn!(before, now = maker, "checkpoints and alerts are made anew from the log");
        store.drop_checkpoints().await?;
        store.drop_alerts().await?;
    }
    store.set_note(MADE_NOTE, maker).await
}

/// The engine of the checkpoint before last, so that what follows refills the
/// hub's history; of none, if there are not two that can be read.
async fn restored(
    store: &dyn Store,
    atlas: &Arc<Atlas>,
    grading: Grading,
) -> Result<(Offset, Engine), StoreError> {
    let fresh = Engine::new(Arc::clone(atlas), Arc::default()).with_grading(grading);
    let fresh = (Offset(0), fresh);
    let (offset, bytes) = loop {
        let all = store.checkpoints().await?;
        let Some(&offset) = all.len().checked_sub(2).and_then(|at| all.get(at)) else {
            return Ok(fresh);
        };
        // Another server may have dropped it meanwhile, for newer ones.
        if let Some(bytes) = store.checkpoint(offset).await? {
            break (offset, bytes);
        }
    };
    match Engine::restore(Arc::clone(atlas), &bytes) {
        Ok(engine) => {
            let engine = engine.with_grading(grading);
            // Tracks hold all fixes before a checkpoint, unless somebody emptied
            // them.
            while store.compacted().await? < offset {
                store.compact(offset, COMPACT_EVENTS).await?;
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
