//! What is forgotten is forgotten on the map, in the log and behind it.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use tempfile::tempdir;

use super::world::{START, Service, fixes, open, read_all, replayed, spree, steps_of, unit};
use crate::config::Retention;
use crate::domain::{AlertId, Event, Forget, IncidentId, TextErasure, Time, UnitId};
use crate::engine::{Engine, Frozen};
use crate::pipeline::clock::{CONFIRMED_NOTE, Machine, Reading};
use crate::pipeline::{Clock, Inlet, Pace, Submission, retain};
use crate::store::{Ledger, Sqlite, Store};

/// A checkpoint is taken whenever there is anything new.
const OFTEN: Pace = Pace { compact: (1, Duration::ZERO), checkpoint: (1, Duration::ZERO) };

async fn serve(store: &Arc<Sqlite>) -> Service {
    Service::run(Arc::clone(store) as Arc<dyn Store>, Clock::driven(), OFTEN).await
}

/// Until the audit log has told so often that something is gone.
async fn until_gone(store: &Sqlite, times: usize) {
    for _ in 0..400 {
        let told = store.entries(0, 99).await.unwrap();
        if told.iter().filter(|entry| entry.line.contains("\"forgotten\"")).count() >= times {
            return;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("it is not gone");
}

/// Until there are two checkpoints; one is taken when there is anything new.
async fn until_checkpoints(inlet: &Inlet, store: &Sqlite) {
    for ms in 1.. {
        if store.checkpoints().await.unwrap().len() == 2 {
            return;
        }
        inlet.send(Submission::Clock(Time::from_ms(START + ms))).await.unwrap();
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Until no checkpoint holds what is to be gone.
async fn until_clean(store: &Sqlite, clean: impl Fn(&[u8]) -> Option<Vec<u8>>) {
    for _ in 0..400 {
        let mut unclean = 0;
        for offset in store.checkpoints().await.unwrap() {
            let bytes = store.checkpoint(offset).await.unwrap();
            unclean += usize::from(bytes.is_some_and(|bytes| clean(&bytes).is_some()));
        }
        if unclean == 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("a checkpoint still holds it");
}

/// The spree, with words of who reported it.
fn told_of_spree() -> Submission {
    let Submission::Incidents(owner, mut all) = spree() else { panic!() };
    for report in &mut all {
        report.description = "王女士，电话…".into();
        report.media = vec!["https://example.org/1.jpg".into()];
    }
    Submission::Incidents(owner, all)
}

async fn place(inlet: &Inlet, of: u32) -> Option<i64> {
    let at = inlet.ask(move |engine| engine.unit(UnitId(of)).unwrap().1.map(|fix| fix.at));
    at.await.unwrap().map(|at| (at - START).ms() / 1_000)
}

async fn in_log(store: &Sqlite) -> usize {
    let batches = read_all(store).await;
    let events = batches.iter().flat_map(|(_, batch)| &batch.events);
    events.filter(|event| matches!(event, Event::Position(_))).count()
}

#[tokio::test]
async fn an_erased_track_is_gone_everywhere_and_the_picture_is_rebuilt_the_same() {
    let folder = tempdir().unwrap();
    let store = open(folder.path()).await;
    let service = serve(&store).await;
    let send = async |submission| service.inlet.send(submission).await.unwrap();
    send(Submission::Clock(Time::from_ms(START))).await;
    send(Submission::units(vec![unit("a"), unit("b")])).await;
    send(spree()).await;
    for from in [0, 100, 200] {
        send(fixes(UnitId(1), from..from + 100)).await;
        send(fixes(UnitId(2), from..from + 100)).await;
    }
    until_checkpoints(&service.inlet, &store).await;
    let forget = Forget { unit: Some(UnitId(1)), before: Time::from_ms(START + 1_000_000) };
    send(Submission::Forget(forget)).await;
    assert_eq!(place(&service.inlet, 1).await, None, "at once");
    assert_eq!(place(&service.inlet, 2).await, Some(299));
    until_gone(&store, 1).await;
    assert_eq!(in_log(&store).await, 300);
    let track = store.track(UnitId(1), Time::from_ms(0), Time::from_ms(i64::MAX), 9).await;
    assert_eq!(track.unwrap(), []);
    for offset in store.checkpoints().await.unwrap() {
        let bytes = store.checkpoint(offset).await.unwrap().unwrap();
        assert_eq!(Frozen::without(&bytes, &forget), None, "checkpoint {offset:?}");
    }
    send(fixes(UnitId(1), [300])).await;
    let (before, steps) = (service.digest().await, steps_of(&*store, AlertId(1)).await);
    service.stop().await;

    assert_eq!(replayed(&*store).await, before);
    let service = serve(&store).await;
    assert_eq!(service.digest().await, before, "from a checkpoint");
    service.stop().await;
    store.drop_checkpoints().await.unwrap();
    let service = serve(&store).await;
    assert_eq!(service.digest().await, before, "from the whole log");
    service.stop().await;
    assert_eq!(steps_of(&*store, AlertId(1)).await, steps, "none is told twice");
}

#[tokio::test]
async fn erased_texts_are_gone_everywhere_and_the_picture_is_rebuilt_the_same() {
    let folder = tempdir().unwrap();
    let store = open(folder.path()).await;
    let service = serve(&store).await;
    let send = async |submission| service.inlet.send(submission).await.unwrap();
    send(Submission::Clock(Time::from_ms(START))).await;
    send(told_of_spree()).await;
    until_checkpoints(&service.inlet, &store).await;
    let texts = async || {
        let texts = |engine: &Engine| engine.incidents().filter(|one| one.has_texts()).count();
        service.inlet.ask(texts).await.unwrap()
    };
    assert_eq!(texts().await, 4);
    let one = TextErasure::Of(IncidentId(3));
    send(Submission::EraseTexts(one)).await;
    assert_eq!(texts().await, 3, "at once");
    let all = TextErasure::Before(Time::from_ms(START + 86_400_000));
    send(Submission::EraseTexts(all)).await;
    assert_eq!(texts().await, 0, "at once");
    until_gone(&store, 1).await;
    until_clean(&store, |bytes| Frozen::without_texts(bytes, &all)).await;
    let log = read_all(&*store).await;
    let events = log.iter().flat_map(|(_, batch)| &batch.events);
    assert_eq!(
        events.filter(|event| matches!(event, Event::Incident(one) if one.has_texts())).count(),
        0
    );
    let (before, steps) = (service.digest().await, steps_of(&*store, AlertId(1)).await);
    service.stop().await;
    assert_eq!(replayed(&*store).await, before);
    let service = serve(&store).await;
    assert_eq!(service.digest().await, before, "from a checkpoint");
    service.stop().await;
    assert_eq!(steps_of(&*store, AlertId(1)).await, steps, "none is told twice");
}

#[tokio::test]
async fn texts_are_kept_so_many_days_and_no_more() {
    let folder = tempdir().unwrap();
    let store = open(folder.path()).await;
    let service = serve(&store).await;
    let day = 86_400_000;
    service.inlet.send(Submission::Clock(Time::from_ms(START))).await.unwrap();
    service.inlet.send(told_of_spree()).await.unwrap();
    service.inlet.send(Submission::Clock(Time::from_ms(START + 3 * day))).await.unwrap();
    let (inlet, kept, stop) = (service.inlet.clone(), Arc::clone(&store), service.stop.clone());
    let retention = Retention { positions_days: None, texts_days: Some(2) };
    let keeping = tokio::spawn(async move { retain(inlet, &*kept, retention, stop).await });
    until_gone(&store, 1).await;
    let ids = (1..=4).map(IncidentId).collect();
    let left = store.incidents(ids).await.unwrap();
    assert!(left.len() == 4 && left.iter().all(|one| !one.has_texts()));
    let told = store.entries(0, 9).await.unwrap();
    let told: Vec<_> = told.iter().map(|record| record.entry().unwrap()).collect();
    let named: Vec<_> = told.iter().map(|entry| (&*entry.deed, &*entry.target)).collect();
    assert_eq!(named, [("retain", "texts"), ("forgotten", "texts")]);
    assert_eq!(told[1].after.as_ref().unwrap()["incidents"], 4);
    service.stop().await;
    keeping.await.unwrap();
}

#[tokio::test]
async fn positions_are_kept_so_many_days_and_no_more() {
    let folder = tempdir().unwrap();
    let store = open(folder.path()).await;
    let service = serve(&store).await;
    let send = async |submission| service.inlet.send(submission).await.unwrap();
    send(Submission::Clock(Time::from_ms(START))).await;
    send(Submission::units(vec![unit("a"), unit("b")])).await;
    send(fixes(UnitId(1), 0..10)).await;
    let day = 86_400;
    send(fixes(UnitId(2), (0..5).map(|nth| nth * day))).await;
    send(Submission::Clock(Time::from_ms(START + (5 * day + 7) * 1_000))).await;
    let keep = |days| {
        let (inlet, store, stop) =
            (service.inlet.clone(), Arc::clone(&store), service.stop.clone());
        let retention = Retention { positions_days: days, texts_days: None };
        tokio::spawn(async move { retain(inlet, &*store, retention, stop).await })
    };
    keep(None).await.unwrap();
    assert_eq!(in_log(&store).await, 15, "for ever");
    let keeping = keep(Some(2));
    until_gone(&store, 1).await;
    assert_eq!(in_log(&store).await, 2);
    assert_eq!(
        (place(&service.inlet, 1).await, place(&service.inlet, 2).await),
        (None, Some(4 * day))
    );
    let told = store.entries(0, 9).await.unwrap();
    let told: Vec<_> = told.iter().map(|record| record.entry().unwrap()).collect();
    assert_eq!(told.iter().map(|entry| &*entry.deed).collect::<Vec<_>>(), ["retain", "forgotten"]);
    assert_eq!(told[0].after.as_ref().unwrap()["before"], "2026-03-04T00:00:00.000Z");
    assert_eq!(told[1].after.as_ref().unwrap()["fixes"], 13);
    service.stop().await;
    keeping.await.unwrap();
}

#[tokio::test]
async fn what_was_left_undone_is_done_after_a_start() {
    let folder = tempdir().unwrap();
    let store = open(folder.path()).await;
    let service = serve(&store).await;
    service.inlet.send(Submission::Clock(Time::from_ms(START))).await.unwrap();
    service.inlet.send(Submission::units(vec![unit("a")])).await.unwrap();
    service.inlet.send(fixes(UnitId(1), 0..10)).await.unwrap();
    service.stop().await;
    // Beside the service, as the command line does.
    let forget = Forget { unit: None, before: Time::from_ms(START + 5_000) };
    let draft = crate::store::Draft { events: vec![Event::Forget(forget)], ..Default::default() };
    store.append(draft).await.unwrap();
    assert_eq!(in_log(&store).await, 10);
    let service = serve(&store).await;
    until_gone(&store, 1).await;
    assert_eq!(in_log(&store).await, 5);
    service.stop().await;
}

#[tokio::test]
async fn a_wrong_date_that_is_believed_removes_what_was_due_and_a_day() {
    let folder = tempdir().unwrap();
    let store = open(folder.path()).await;
    let day = 86_400;
    let shown = Arc::new(AtomicI64::new(START + (5 * day + 7) * 1_000));
    let read = Arc::clone(&shown);
    let machine = Arc::new(Machine::new(move || Reading {
        wall: Time::from_ms(read.load(Ordering::Relaxed)),
        steady: Duration::ZERO,
    }));
    let clock = Clock::Wall(Arc::clone(&machine));
    let service = Service::run(Arc::clone(&store) as Arc<dyn Store>, clock, OFTEN).await;
    let send = async |submission| service.inlet.send(submission).await.unwrap();
    send(Submission::Units(vec![unit("a")], Vec::new())).await;
    send(fixes(UnitId(1), (0..6).map(|nth| nth * day))).await;
    shown.fetch_add(400 * day * 1_000, Ordering::Relaxed);
    let wrong = Time::from_ms(shown.load(Ordering::Relaxed));
    let (inlet, kept, stop) = (service.inlet.clone(), Arc::clone(&store), service.stop.clone());
    let look = || {
        let (inlet, kept, stop) = (inlet.clone(), Arc::clone(&kept), stop.clone());
        let retention = Retention { positions_days: Some(2), texts_days: None };
        tokio::spawn(async move { retain(inlet, &*kept, retention, stop).await })
    };
    assert!(machine.is_told(wrong), "it is believed by mistake");
    let first = look();
    until_gone(&store, 1).await;
    assert_eq!(in_log(&store).await, 2, "those of the last day and of the one before it");
    // Another start removes no more; an operator's word does.
    first.abort();
    let second = look();
    tokio::task::yield_now().await;
    assert_eq!(in_log(&store).await, 2);
    second.abort();
    store.set_note(CONFIRMED_NOTE, wrong.to_string()).await.unwrap();
    let third = look();
    until_gone(&store, 2).await;
    assert_eq!(in_log(&store).await, 0);
    service.stop().await;
    third.await.unwrap();
}
