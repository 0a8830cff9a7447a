//! From a store to a picture.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use tempfile::tempdir;

use super::world::{
    START, Service, fixes, open, read_all, replayed, report, spree, steps_of, unit,
};
use crate::domain::{AlertId, Event, Offset, Time, UnitId};
use crate::pipeline::clock::{Machine, Reading, Warning};
use crate::pipeline::{Clock, Pace, Submission, Verdicts};
use crate::store::{Draft, Store};

#[tokio::test]
async fn a_start_from_a_checkpoint_equals_a_replay_of_all() {
    let folder = tempdir().unwrap();
    let store = open(folder.path()).await;
    let often = Pace { compact: (1, Duration::ZERO), checkpoint: (500, Duration::from_mins(1)) };
    let service = Service::run(Arc::clone(&store) as Arc<dyn Store>, Clock::driven(), often).await;
    let send = async |submission| service.inlet.send(submission).await.unwrap();
    send(Submission::Clock(Time::from_ms(START))).await;
    send(Submission::units(vec![unit("a"), unit("b")])).await;
    send(spree()).await;
    let (mut seconds, mut odd) = (0, 0);
    while store.checkpoints().await.unwrap().len() < 2 {
        send(fixes(UnitId(1 + odd), seconds..seconds + 100)).await;
        (seconds, odd) = (seconds + 100, 1 - odd);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    send(Submission::incidents(vec![report(70, 121.002)])).await;
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
async fn a_start_under_a_wrong_date_goes_on_from_the_log_and_takes_what_comes() {
    for lead in [6 * 60_000, 8 * 3_600_000, 400 * 86_400_000, -6 * 60_000, -400 * 86_400_000] {
        let folder = tempdir().unwrap();
        let store = open(folder.path()).await;
        let draft =
            Draft { at: Time::from_ms(START), events: vec![Event::Tick], ..Draft::default() };
        store.append(draft).await.unwrap();
        let shown = Arc::new(AtomicI64::new(START + lead));
        let (read, begun) = (Arc::clone(&shown), Instant::now());
        let machine = Machine::new(move || Reading {
            wall: Time::from_ms(read.load(Ordering::Relaxed)),
            steady: begun.elapsed(),
        });
        let clock = Clock::Wall(Arc::new(machine));
        let service = Service::run(Arc::clone(&store) as Arc<dyn Store>, clock, NEVER).await;
        service.inlet.send(spree()).await.unwrap();
        let alerts = service.inlet.ask(|engine| engine.alerts().count()).await.unwrap();
        assert_eq!(alerts, 1, "{lead}");
        let Some(Warning::Doubt(doubt)) = service.inlet.fitness().await.unwrap().clock else {
            panic!("{lead} ms are believed");
        };
        assert_eq!(doubt.shown, Time::from_ms(START + lead));
        shown.store(START, Ordering::Relaxed);
        assert_eq!(service.inlet.fitness().await.unwrap().clock, None, "it was set right");
        service.stop().await;
        let (_, end) = store.head().await.unwrap().unwrap();
        assert!(end - Time::from_ms(START) < 60_000, "{lead}: the log ends at {end}");
    }
}

#[tokio::test]
async fn a_log_of_the_future_is_served_with_a_warning() {
    let folder = tempdir().unwrap();
    let store = open(folder.path()).await;
    let later = Time::from_ms(START + 8 * 3_600_000);
    let draft = Draft { at: later, events: vec![Event::Tick], ..Draft::default() };
    store.append(draft).await.unwrap();
    let reading = Reading { wall: Time::from_ms(START), steady: Duration::ZERO };
    let machine = Arc::new(Machine::new(move || reading));
    let clock = Clock::Wall(Arc::clone(&machine));
    let service = Service::run(Arc::clone(&store) as Arc<dyn Store>, clock, NEVER).await;
    let warning = async || service.inlet.fitness().await.unwrap().clock;
    assert!(matches!(warning().await, Some(Warning::Doubt(_))), "either may be wrong");
    assert!(!machine.is_told(later) && machine.is_told(Time::from_ms(START)));
    let now = Time::from_ms(START);
    assert_eq!(warning().await, Some(Warning::LogAhead { log: later, now }));
    service.inlet.send(spree()).await.unwrap();
    service.stop().await;
    assert_eq!(store.head().await.unwrap().map(|(_, at)| at), Some(later));
}
