//! What is kept while the store is away, and how it comes into the store.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use tempfile::{TempDir, tempdir};
use tokio::time::{Instant, sleep, timeout};

use super::flaky::{BROKEN, Flaky, NOT_AT_ALL, PICKY, STUCK, UNHEARD, WELL};
use super::world::{Service, fix, fixes, open, read_all, replayed, report, spree, unit};
use crate::domain::{Act, AlertId, Event, NewIncident, NewUnit, Time, UnitId};
use crate::pipeline::{Refused, Submission, Verdicts};
use crate::spool::Spool;
use crate::store::{Entry, Ledger, Sqlite, Store};

struct House {
    folder: TempDir,
    real: Arc<Sqlite>,
    flaky: Arc<Flaky>,
}

impl House {
    async fn new() -> Self {
        let folder = tempdir().unwrap();
        let real = open(folder.path()).await;
        let flaky = Flaky::new(Arc::clone(&real));
        Self { folder, real, flaky }
    }

    async fn serve(&self, most_bytes: u64) -> Service {
        let spool = Spool::open(&self.spool(), most_bytes).unwrap();
        Service::beside(spool, Arc::clone(&self.flaky) as Arc<dyn Store>).await
    }

    fn spool(&self) -> std::path::PathBuf {
        self.folder.path().join("spool")
    }
}

/// Files of records in a spool.
fn files(spool: &Path) -> usize {
    let all = spool.read_dir().unwrap();
    all.filter(|entry| entry.as_ref().unwrap().path().extension().is_some_and(|e| e == "spool"))
        .count()
}

async fn until(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    let begun = Instant::now();
    while !is_so().await {
        assert!(begun.elapsed() < Duration::from_secs(10), "{what}");
        sleep(Duration::from_millis(10)).await;
    }
}

async fn until_empty(house: &House) {
    until("it is brought into the store", async || files(&house.spool()) == 0).await;
}

async fn until_some_fixes_are_in(house: &House) {
    let any = async || count(house, |event| matches!(event, Event::Position(_))).await > 0;
    until("it begins to be brought in", any).await;
}

/// How many events there are of a kind.
async fn count(house: &House, is: fn(&Event) -> bool) -> usize {
    let log = read_all(&*house.real).await;
    log.iter().flat_map(|(_, batch)| &batch.events).filter(|event| is(event)).count()
}

async fn verdicts(service: &Service, submission: Submission) -> Verdicts {
    service.inlet.send(submission).await.unwrap().verdicts
}

const ROOM: u64 = 1 << 20;

#[tokio::test]
async fn while_the_store_is_away_reports_are_kept_and_then_go_in_once_and_in_order() {
    let house = House::new().await;
    let service = house.serve(ROOM).await;
    verdicts(&service, Submission::units(vec![unit("a")])).await;
    let before = read_all(&*house.real).await.len();
    house.flaky.be(NOT_AT_ALL);
    assert_eq!(verdicts(&service, spree()).await, Verdicts::Kept, "the batch that failed, too");
    assert_eq!(verdicts(&service, fixes(UnitId(1), [5, 6])).await, Verdicts::Kept);
    assert_eq!(verdicts(&service, spree()).await, Verdicts::Kept, "sent again");
    assert_eq!(read_all(&*house.real).await.len(), before, "nothing is in the log");

    house.flaky.be(WELL);
    until_empty(&house).await;
    assert_eq!(count(&house, |event| matches!(event, Event::Incident(_))).await, 4);
    assert_eq!(count(&house, |event| matches!(event, Event::Position(_))).await, 2);
    assert_eq!(service.digest().await, replayed(&*house.real).await);
    let again = verdicts(&service, fixes(UnitId(1), [6, 7])).await;
    assert_eq!(again, Verdicts::Duplicates(vec![0]), "it goes straight again");
    service.stop().await;
}

#[tokio::test]
async fn a_unit_that_only_the_spool_knows_may_be_seen() {
    let house = House::new().await;
    let service = house.serve(ROOM).await;
    house.flaky.be(NOT_AT_ALL);
    let registered = Submission::units(vec![unit("a"), unit("b")]);
    assert_eq!(verdicts(&service, registered).await, Verdicts::Kept);
    let b = service.inlet.directory().get("b").unwrap();
    assert_eq!(verdicts(&service, fixes(b, [5])).await, Verdicts::Kept);
    house.flaky.be(WELL);
    until_empty(&house).await;
    assert_eq!(service.inlet.directory().get("b"), Some(UnitId(2)));
    // Who looked it up before sends after.
    assert_eq!(verdicts(&service, fixes(b, [5, 6])).await, Verdicts::Duplicates(vec![0]));
    let events = read_all(&*house.real).await.into_iter().flat_map(|(_, batch)| batch.events);
    let seen =
        events.filter(|event| matches!(event, Event::Position(fix) if fix.unit == UnitId(2)));
    assert_eq!(seen.count(), 2);
    service.stop().await;
}

#[tokio::test]
async fn a_spool_outlives_the_service_and_its_units_are_known_at_once() {
    let house = House::new().await;
    let service = house.serve(ROOM).await;
    house.flaky.be(NOT_AT_ALL);
    verdicts(&service, Submission::units(vec![unit("a")])).await;
    let a = service.inlet.directory().get("a").unwrap();
    verdicts(&service, fixes(a, [5])).await;
    service.stop().await;
    assert_eq!(files(&house.spool()), 1);

    house.flaky.be(WELL);
    let service = house.serve(ROOM).await;
    assert!(service.inlet.directory().get("a").is_some());
    until_empty(&house).await;
    let a = service.inlet.directory().get("a");
    assert_eq!(a, Some(UnitId(1)));
    assert_eq!(verdicts(&service, fixes(UnitId(1), [5])).await, Verdicts::Duplicates(vec![0]));
    service.stop().await;
}

#[tokio::test]
async fn what_must_be_seen_to_happen_is_refused_and_not_kept() {
    let house = House::new().await;
    let path = house.folder.path().join("log");
    let log = tracing_subscriber::fmt().with_ansi(false);
    let log = log.with_writer(Arc::new(File::create(&path).unwrap())).finish();
    let _log = tracing::subscriber::set_default(log);
    let service = house.serve(ROOM).await;
    verdicts(&service, spree()).await;
    let act = || {
        let (by, note) = ("li".to_owned(), String::new());
        Submission::Act(Act::Acknowledge { alert: AlertId(1), by, note })
    };
    house.flaky.be(NOT_AT_ALL);
    for _ in 0..2 {
        let refused = service.inlet.send(act()).await;
        let Err(Refused::StoreFailed(number)) = refused else { panic!("{refused:?}") };
        let log = std::fs::read_to_string(&path).unwrap();
        let mut acts = log.lines().filter(|line| line.contains("cannot wait for the store"));
        assert!(acts.next_back().unwrap().contains(&number), "it is found in the log: {log}");
        verdicts(&service, Submission::incidents(vec![report(9, 121.5)])).await;
    }
    // The log is tried again and again.
    sleep(Duration::from_millis(1_600)).await;
    house.flaky.be(WELL);
    until_empty(&house).await;
    let is_told = async || {
        std::fs::read_to_string(&path).unwrap().contains("all that was kept is in the store")
    };
    until("it is said", is_told).await;
    let log = std::fs::read_to_string(&path).unwrap();
    let told = |what: &str| log.lines().filter(|line| line.contains(what)).count();
    assert_eq!(["the store is away", "cannot wait for"].map(told), [1, 2], "{log}");
    assert_eq!(told("ERROR"), 3, "nothing else: {log}");
    assert_eq!(told("the store is back"), 1, "{log}");
    assert_eq!(told("all that was kept is in the store"), 1, "{log}");
    verdicts(&service, act()).await;
    service.stop().await;
}

#[tokio::test]
async fn a_full_spool_refuses_and_has_room_again_once_it_is_brought_in() {
    let house = House::new().await;
    let service = house.serve(2_000).await;
    verdicts(&service, Submission::units(vec![unit("a")])).await;
    house.flaky.be(NOT_AT_ALL);
    let mut kept = 0;
    let refused = loop {
        match service.inlet.send(fixes(UnitId(1), [kept])).await {
            Ok(receipt) => assert_eq!(receipt.verdicts, Verdicts::Kept),
            Err(why) => break why,
        }
        kept += 1;
    };
    assert_eq!(refused, Refused::NoRoom);
    assert!((30..60).contains(&kept), "{kept} fixes in 2,000 bytes");
    house.flaky.be(WELL);
    until_empty(&house).await;
    let all = verdicts(&service, fixes(UnitId(1), 0..=kept)).await;
    let there = (0..u32::try_from(kept).unwrap()).collect();
    assert_eq!(all, Verdicts::Duplicates(there), "what was kept, and nothing that was refused");
    service.stop().await;
}

#[tokio::test]
async fn a_commit_that_hangs_holds_up_only_those_who_wait_for_it() {
    let house = House::new().await;
    let service = house.serve(ROOM).await;
    verdicts(&service, Submission::units(vec![unit("a")])).await;
    house.flaky.be(STUCK);
    let inlet = service.inlet.clone();
    let first = tokio::spawn(async move { inlet.send(spree()).await });
    sleep(Duration::from_millis(50)).await;
    let second = timeout(Duration::from_secs(6), verdicts(&service, fixes(UnitId(1), [5])));
    assert_eq!(second.await.unwrap(), Verdicts::Kept);
    house.flaky.be(WELL);
    assert!(matches!(first.await.unwrap().unwrap().verdicts, Verdicts::Each(_)));
    until_empty(&house).await;
    assert_eq!(verdicts(&service, fixes(UnitId(1), [5])).await, Verdicts::Duplicates(vec![0]));
    service.stop().await;
}

/// A batch hangs, what comes meanwhile is kept, and then the batch fails.
async fn hang_then_fail(house: &House, service: &Service) {
    verdicts(service, Submission::units(vec![unit("a")])).await;
    house.flaky.be(STUCK);
    let inlet = service.inlet.clone();
    let older = NewUnit { name: "older".into(), ..unit("a") };
    let older = tokio::spawn(async move { inlet.send(Submission::units(vec![older])).await });
    sleep(Duration::from_millis(50)).await;
    let newer = NewUnit { name: "newer".into(), ..unit("a") };
    assert_eq!(verdicts(service, Submission::units(vec![newer])).await, Verdicts::Kept);
    assert_eq!(verdicts(service, fixes(UnitId(1), [5])).await, Verdicts::Kept);
    house.flaky.be(NOT_AT_ALL);
    assert_eq!(older.await.unwrap().unwrap().verdicts, Verdicts::Kept);
}

/// The names that the unit had, one after the other.
async fn names(house: &House) -> Vec<String> {
    let events = read_all(&*house.real).await.into_iter().flat_map(|(_, batch)| batch.events);
    let names = events.filter_map(|event| match event {
        Event::Unit(unit) => Some(unit.name.to_string()),
        _ => None,
    });
    names.collect()
}

#[tokio::test]
async fn a_batch_that_hangs_and_then_fails_goes_before_what_came_meanwhile() {
    let house = House::new().await;
    let service = house.serve(ROOM).await;
    hang_then_fail(&house, &service).await;
    house.flaky.be(WELL);
    until_empty(&house).await;
    assert_eq!(names(&house).await, ["a", "older", "newer"]);
    assert_eq!(service.digest().await, replayed(&*house.real).await);
    // Its place is not taken for another.
    verdicts(&service, Submission::units(vec![unit("b")])).await;
    house.flaky.be(NOT_AT_ALL);
    verdicts(&service, Submission::units(vec![unit("c")])).await;
    house.flaky.be(WELL);
    until_empty(&house).await;
    assert_eq!(names(&house).await, ["a", "older", "newer", "b", "c"]);
    service.stop().await;
}

#[tokio::test]
async fn it_goes_before_them_though_the_service_is_stopped_in_between() {
    let house = House::new().await;
    let service = house.serve(ROOM).await;
    hang_then_fail(&house, &service).await;
    service.stop().await;
    assert!(files(&house.spool()) > 0);
    house.flaky.be(WELL);
    let service = house.serve(ROOM).await;
    until_empty(&house).await;
    assert_eq!(names(&house).await, ["a", "older", "newer"]);
    service.stop().await;
}

#[tokio::test]
async fn what_came_while_a_batch_hung_that_went_through_comes_after_it() {
    let house = House::new().await;
    let service = house.serve(ROOM).await;
    for round in ["1", "2"] {
        house.flaky.be(STUCK);
        let inlet = service.inlet.clone();
        let named = move |age: &str| NewUnit { name: format!("{age} {round}").into(), ..unit("a") };
        let older = named("older");
        let older = tokio::spawn(async move { inlet.send(Submission::units(vec![older])).await });
        sleep(Duration::from_millis(50)).await;
        let newer = Submission::units(vec![named("newer")]);
        assert_eq!(verdicts(&service, newer).await, Verdicts::Kept);
        house.flaky.be(WELL);
        assert!(matches!(older.await.unwrap().unwrap().verdicts, Verdicts::Each(_)));
        until_empty(&house).await;
    }
    assert_eq!(names(&house).await, ["older 1", "newer 1", "older 2", "newer 2"]);
    assert!(!spoilt(&house.spool()), "a place kept free is no record that is gone");
    service.stop().await;
}

fn spoilt(spool: &Path) -> bool {
    let mut all = spool.read_dir().unwrap().map(|entry| entry.unwrap().path());
    all.any(|path| path.extension().is_some_and(|ending| ending == "bad"))
}

#[tokio::test]
async fn what_is_kept_is_in_the_log_once_though_the_store_answers_nothing() {
    let house = House::new().await;
    let service = house.serve(ROOM).await;
    verdicts(&service, Submission::units(vec![unit("a")])).await;
    let (at, batch) = (Time::from_ms(7), "a batch".to_owned());
    let entry = Entry::of_pilin(at, "ingest:incident", batch, Value::Null);
    house.flaky.be(NOT_AT_ALL);
    let told = service.inlet.send_told(spree(), Some(entry)).await.unwrap();
    assert_eq!(told.verdicts, Verdicts::Kept);
    verdicts(&service, Submission::Positions(vec![fix(UnitId(1), 5)])).await;
    // It commits what is brought in, and says that it failed.
    house.flaky.be(UNHEARD);
    until_some_fixes_are_in(&house).await;
    // Again and again.
    sleep(Duration::from_secs(1)).await;
    assert!(files(&house.spool()) > 0, "nobody has heard of it");
    house.flaky.be(WELL);
    until_empty(&house).await;
    assert_eq!(count(&house, |event| matches!(event, Event::Incident(_))).await, 4);
    assert_eq!(count(&house, |event| matches!(event, Event::Position(_))).await, 1);
    assert_eq!(house.real.entries(0, 10).await.unwrap().len(), 1, "written down once");
    service.stop().await;
}

#[tokio::test]
async fn what_the_store_refuses_is_refused_and_not_kept() {
    let house = House::new().await;
    let service = house.serve(ROOM).await;
    house.flaky.be(PICKY);
    let poison = || Submission::incidents(vec![report(9, 121.5)]);
    let refused = service.inlet.send(poison()).await;
    assert!(matches!(refused, Err(Refused::StoreFailed(_))), "{refused:?}");
    house.flaky.be(BROKEN);
    let refused = service.inlet.send(poison()).await;
    assert!(matches!(refused, Err(Refused::StoreFailed(_))), "{refused:?}");
    assert_eq!(files(&house.spool()), 0);
    house.flaky.be(PICKY);
    verdicts(&service, Submission::incidents(vec![report(1, 121.5)])).await;
    until_empty(&house).await;
    assert_eq!(count(&house, |event| matches!(event, Event::Incident(_))).await, 1);
    service.stop().await;
}

#[tokio::test]
async fn one_record_that_the_store_does_not_take_holds_up_no_other() {
    let house = House::new().await;
    let service = house.serve(ROOM).await;
    house.flaky.be(NOT_AT_ALL);
    for key in [1, 9, 2] {
        verdicts(&service, Submission::incidents(vec![report(key, 121.5)])).await;
    }
    house.flaky.be(PICKY);
    until_empty(&house).await;
    assert_eq!(count(&house, |event| matches!(event, Event::Incident(_))).await, 2);
    let put_by = house.spool().join("00000000000000000002.refused.json");
    assert!(std::fs::read_to_string(put_by).unwrap().contains("\"external_id\": \"9\""));
    let good = verdicts(&service, Submission::incidents(vec![report(3, 121.5)])).await;
    assert!(matches!(good, Verdicts::Each(_)), "it goes straight again: {good:?}");
    let fitness = service.inlet.fitness().await.unwrap();
    assert_eq!(fitness.held.items, 0);
    service.stop().await;
}

#[tokio::test]
async fn a_record_that_cannot_be_put_by_stays_and_nothing_of_it_is_logged() {
    let house = House::new().await;
    let path = house.folder.path().join("log");
    let log = tracing_subscriber::fmt().with_ansi(false);
    let log = log.with_writer(Arc::new(File::create(&path).unwrap())).finish();
    let _log = tracing::subscriber::set_default(log);
    let service = house.serve(ROOM).await;
    house.flaky.be(NOT_AT_ALL);
    let poison = NewIncident { description: "whose words these are".into(), ..report(9, 121.5) };
    verdicts(&service, Submission::incidents(vec![poison])).await;
    verdicts(&service, Submission::incidents(vec![report(2, 121.5)])).await;
    // Nothing can be written there, whoever tries.
    let in_the_way = house.spool().join("00000000000000000001.refused.json");
    std::fs::create_dir(&in_the_way).unwrap();
    house.flaky.be(PICKY);
    let log = || std::fs::read_to_string(&path).unwrap();
    until("it is said", async || log().contains("it cannot be put by")).await;
    let later = verdicts(&service, Submission::incidents(vec![report(3, 121.5)])).await;
    assert_eq!(later, Verdicts::Kept, "in its turn");
    assert_eq!(count(&house, |event| matches!(event, Event::Incident(_))).await, 0);
    assert_eq!(service.inlet.fitness().await.unwrap().held.items, 3, "nothing is lost");
    std::fs::remove_dir(&in_the_way).unwrap();
    until_empty(&house).await;
    assert!(std::fs::read_to_string(in_the_way).unwrap().contains("whose words these are"));
    assert_eq!(count(&house, |event| matches!(event, Event::Incident(_))).await, 2);
    assert!(!log().contains("whose words these are"));
    service.stop().await;
}

#[tokio::test]
async fn a_service_that_stops_does_not_wait_for_its_spool() {
    let house = House::new().await;
    let service = house.serve(64 << 20).await;
    verdicts(&service, Submission::units(vec![unit("a")])).await;
    house.flaky.be(NOT_AT_ALL);
    for round in 0..20 {
        verdicts(&service, fixes(UnitId(1), round * 5_000..(round + 1) * 5_000)).await;
    }
    house.flaky.be(WELL);
    until_some_fixes_are_in(&house).await;
    service.stop().await;
    assert!(files(&house.spool()) > 0, "what is left waits");
    let service = house.serve(64 << 20).await;
    until_empty(&house).await;
    assert_eq!(count(&house, |event| matches!(event, Event::Position(_))).await, 100_000);
    service.stop().await;
}
