//! From a store to a picture.

use std::sync::Arc;
use std::time::Duration;

use tempfile::tempdir;

use super::world::{
    START, Service, fix, fixes, open, read_all, replayed, report, spree, steps_of, unit, world,
};
use crate::domain::{AlertId, Event, Offset, Time, UnitId};
use crate::pipeline::clock::{Reading, Wall};
use crate::pipeline::{Clock, Pace, PipelineError, Settings, Submission, Verdicts, start};
use crate::store::{Draft, Store};
use crate::stream::Limits;

#[tokio::test]
async fn a_start_from_a_checkpoint_equals_a_replay_of_all() {
    let folder = tempdir().unwrap();
    let store = open(folder.path()).await;
    let often = Pace { compact: (1, Duration::ZERO), checkpoint: (500, Duration::from_mins(1)) };
    let service = Service::run(Arc::clone(&store) as Arc<dyn Store>, Clock::driven(), often).await;
    let send = async |submission| service.inlet.send(submission).await.unwrap();
    send(Submission::Clock(Time::from_ms(START))).await;
    send(Submission::Units(vec![unit("a"), unit("b")])).await;
    send(spree()).await;
    let (mut seconds, mut odd) = (0, 0);
    while store.checkpoints().await.unwrap().len() < 2 {
        send(fixes(UnitId(1 + odd), seconds..seconds + 100)).await;
        (seconds, odd) = (seconds + 100, 1 - odd);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    send(Submission::Incidents(vec![report(70, 121.002)])).await;
    let before = service.digest().await;
    service.stop().await;

    assert_eq!(replayed(&*store).await, before);
    let service = Service::run(Arc::clone(&store) as Arc<dyn Store>, Clock::driven(), often).await;
    assert_eq!(service.digest().await, before);
    // The very first fixes, long forgotten, are found in tracks.
    let again = service.inlet.send(fixes(UnitId(1), [3, 4])).await.unwrap();
    assert_eq!(again.verdicts, Verdicts::Duplicates(vec![0, 1]));
    service.stop().await;
}

/// Nothing is done behind the log.
const NEVER: Pace =
    Pace { compact: (u64::MAX, Duration::MAX), checkpoint: (u64::MAX, Duration::MAX) };

#[tokio::test]
async fn a_log_without_checkpoints_is_replayed_in_bounded_memory() {
    let folder = tempdir().unwrap();
    let store = open(folder.path()).await;
    let service = Service::run(Arc::clone(&store) as Arc<dyn Store>, Clock::driven(), NEVER).await;
    service.inlet.send(Submission::Clock(Time::from_ms(START))).await.unwrap();
    for hour in 0..4 {
        service.inlet.send(fixes(UnitId(1), hour * 3_600..(hour + 1) * 3_600)).await.unwrap();
    }
    let before = service.digest().await;
    service.stop().await;
    assert_eq!(store.compacted().await.unwrap(), Offset(0));

    let service = Service::run(
        Arc::clone(&store) as Arc<dyn Store>,
        Clock::driven(),
        Pace { compact: (1_000, Duration::MAX), ..NEVER },
    );
    let service = service.await;
    let kept = store.compacted().await.unwrap();
    assert_eq!(Some(kept), read_all(&*store).await.last().map(|(offset, _)| *offset));
    assert_eq!(service.digest().await, before);
    let again = service.inlet.send(fixes(UnitId(1), [7, 20_000])).await.unwrap();
    assert_eq!(again.verdicts, Verdicts::Duplicates(vec![0]), "what is let go is in tracks");
    service.stop().await;
}

#[tokio::test]
async fn what_other_code_or_other_boundaries_made_is_made_anew() {
    let folder = tempdir().unwrap();
    let store = open(folder.path()).await;
    let service = Service::begin(Arc::clone(&store) as Arc<dyn Store>).await;
    service.inlet.send(spree()).await.unwrap();
    let before = service.digest().await;
    service.stop().await;
    let steps = steps_of(&*store, AlertId(1)).await;
    assert_eq!(steps.len(), 1);
    // What the other code made of the log: not what this one makes.
    for offset in [1, 2] {
        store.save_checkpoint(Offset(offset), b"unreadable".to_vec()).await.unwrap();
    }
    store.set_note("made_by", "checkpoint 1, atlas 0".to_owned()).await.unwrap();

    let service = Service::begin(Arc::clone(&store) as Arc<dyn Store>).await;
    assert_eq!(store.checkpoints().await.unwrap(), []);
    assert_eq!(service.digest().await, before);
    service.stop().await;
    assert_eq!(steps_of(&*store, AlertId(1)).await, steps);

    // Nothing is dropped at the next start.
    store.save_checkpoint(Offset(1), Vec::new()).await.unwrap();
    Service::begin(Arc::clone(&store) as Arc<dyn Store>).await.stop().await;
    assert_eq!(store.checkpoints().await.unwrap(), [Offset(1)]);
}

#[tokio::test]
async fn a_log_that_ends_ahead_of_the_clock_is_not_served() {
    let folder = tempdir().unwrap();
    let store = open(folder.path()).await;
    let events = vec![Event::Position(fix(UnitId(1), 0))];
    let draft = Draft { at: Time::from_ms(START), events, ..Draft::default() };
    store.append(draft).await.unwrap();
    let start_at = async |ms: i64| {
        let wall = Wall::new(move || Reading { wall: Time::from_ms(ms), steady: Duration::ZERO });
        let settings = Settings {
            clock: Clock::Wall(wall),
            limits: Limits::default(),
            pace: NEVER,
            spool: None,
        };
        let stop = tokio_util::sync::CancellationToken::new();
        stop.cancel();
        start(Arc::clone(&store) as Arc<dyn Store>, world(), settings, stop).await.map(drop)
    };
    let early = START - 5 * 60_000 - 1;
    let Err(why) = start_at(early).await else { panic!("it was served") };
    assert!(matches!(why, PipelineError::Ahead { .. }));
    let why = why.to_string();
    assert!(why.starts_with("the log ends at 2026-03-01T00:00:00.000Z, but the"), "{why}");
    start_at(early + 1).await.unwrap();
}
