use std::sync::Arc;

use tempfile::tempdir;

use super::world::{
    START, Service, fix, fixes, open, read_all, replayed, report, spree, steps_of, unit,
};
use crate::domain::{AlertId, AlertStep, Event, Time, UnitId};
use crate::pipeline::{Clock, Pace, Refused, Submission, Verdict, Verdicts};
use crate::store::Store;
use crate::stream::Source;

#[tokio::test]
async fn what_is_accepted_is_durable_and_seen() {
    let folder = tempdir().unwrap();
    let store = open(folder.path()).await;
    let service = Service::begin(Arc::clone(&store) as Arc<dyn Store>).await;
    let inlet = &service.inlet;
    let units = inlet.send(Submission::units(vec![unit("car-1")])).await.unwrap();
    assert_eq!(units.verdicts, Verdicts::Each(vec![Verdict::Accepted(1)]));
    assert_eq!(inlet.directory().get("car-1"), Some(UnitId(1)));
    let receipt = inlet.send(fixes(UnitId(1), [3, 5, 4, 5])).await.unwrap();
    assert_eq!(receipt.verdicts, Verdicts::Duplicates(vec![3]));
    let receipt = inlet.send(spree()).await.unwrap();
    let seen = inlet
        .ask(|engine| (engine.incidents().count(), engine.unit(UnitId(1)).unwrap().1.copied()))
        .await
        .unwrap();
    assert_eq!(seen, (4, Some(fix(UnitId(1), 5))), "a late fix does not move a unit back");
    let alerts = inlet.alerts().await.unwrap();
    assert_eq!((alerts.offset, alerts.items.len()), (receipt.offset, 1));
    let before = service.digest().await;
    service.stop().await;

    let steps = steps_of(&*store, AlertId(1)).await;
    assert_eq!(steps[0].step, AlertStep::Raised);
    assert_eq!(replayed(&*store).await, before);
    let service = Service::run(store, Clock::driven(), Pace::default()).await;
    assert_eq!(service.digest().await, before);
    assert_eq!(service.inlet.now(), Some(Time::from_ms(START)));
    assert_eq!(service.inlet.directory().get("car-1"), Some(UnitId(1)));
    service.stop().await;
}

#[tokio::test]
async fn sending_again_is_harmless() {
    let folder = tempdir().unwrap();
    let store = open(folder.path()).await;
    let service = Service::begin(store).await;
    let send = async |submission| service.inlet.send(submission).await.unwrap().verdicts;
    send(spree()).await;
    let all = (1..=4).map(Verdict::Duplicate).collect();
    assert_eq!(send(spree()).await, Verdicts::Each(all));
    send(fixes(UnitId(1), 0..200)).await;
    let again = send(fixes(UnitId(1), 190..201)).await;
    assert_eq!(again, Verdicts::Duplicates((0..10).collect()), "the last is new");
    assert_eq!(send(fixes(UnitId(1), [7])).await, Verdicts::Duplicates(vec![0]), "long ago");
    service.stop().await;
}

#[tokio::test]
async fn a_driven_clock_must_be_set_and_never_goes_back() {
    let folder = tempdir().unwrap();
    let store = open(folder.path()).await;
    let service = Service::run(store, Clock::driven(), Pace::default()).await;
    let send = async |submission| service.inlet.send(submission).await;
    assert_eq!(send(spree()).await, Err(Refused::ClockUnset));
    let at = |seconds: i64| Submission::Clock(Time::from_ms(START + seconds * 1_000));
    // What is sent together is taken in order.
    let (set, after) = tokio::join!(send(at(10)), send(spree()));
    assert_eq!((set.is_ok(), after.is_ok()), (true, true));
    assert_eq!(send(at(9)).await, Err(Refused::ClockBack(Time::from_ms(START + 10_000))));
    assert!(send(at(10)).await.is_ok());
    service.stop().await;

    let folder = tempdir().unwrap();
    let service = Service::run(open(folder.path()).await, Clock::wall(), Pace::default()).await;
    assert_eq!(service.inlet.send(at(10)).await, Err(Refused::ClockOwn));
    service.stop().await;
}

#[tokio::test]
async fn a_large_submission_becomes_several_batches() {
    let folder = tempdir().unwrap();
    let store = open(folder.path()).await;
    let service = Service::begin(Arc::clone(&store) as Arc<dyn Store>).await;
    let all: Vec<_> = (0..2_500).map(|key| report(key % 2_400, 120.5)).collect();
    let receipt = service.inlet.send(Submission::incidents(all)).await.unwrap();
    let Verdicts::Each(verdicts) = receipt.verdicts else { panic!("verdicts a report") };
    assert_eq!(
        (verdicts[2_399], verdicts[2_400]),
        (Verdict::Accepted(2_400), Verdict::Duplicate(1))
    );
    let log = read_all(&*store).await;
    let sizes: Vec<_> = log.iter().map(|(_, batch)| batch.events.len()).collect();
    assert_eq!(sizes[sizes.len() - 3..], [1_000, 1_000, 400]);
    let receipt = service.inlet.send(fixes(UnitId(9), (0..15_000).chain([0]))).await.unwrap();
    assert_eq!(receipt.verdicts, Verdicts::Duplicates(vec![15_000]), "counted over all pieces");
    service.stop().await;
}

#[tokio::test]
async fn another_servers_batches_are_taken_in_where_they_stand() {
    let folder = tempdir().unwrap();
    let ours = open(folder.path()).await;
    let service = Service::begin(Arc::clone(&ours) as Arc<dyn Store>).await;
    let theirs = open(folder.path()).await;
    let draft = crate::store::Draft {
        at: Time::from_ms(START),
        incidents: vec![report(9, 121.5)],
        ..crate::store::Draft::default()
    };
    theirs.append(draft).await.unwrap();
    let receipt = service.inlet.send(spree()).await.unwrap();
    let accepted = (2..=5).map(Verdict::Accepted).collect();
    assert_eq!(receipt.verdicts, Verdicts::Each(accepted));
    assert_eq!(service.inlet.incidents().await.unwrap().items.len(), 5);
    assert_eq!(service.digest().await, replayed(&*ours).await);
    service.stop().await;
}

#[tokio::test]
async fn a_fix_that_another_server_took_meanwhile_is_a_duplicate() {
    let folder = tempdir().unwrap();
    let ours = open(folder.path()).await;
    let service = Service::begin(Arc::clone(&ours) as Arc<dyn Store>).await;
    let theirs = open(folder.path()).await;
    let (known, at) = theirs.head().await.unwrap().unwrap();
    let events = [7, 9].map(|at| Event::Position(fix(UnitId(1), at))).to_vec();
    theirs.append(crate::store::Draft { at, events, known, ..Default::default() }).await.unwrap();
    let receipt = service.inlet.send(fixes(UnitId(1), [5, 7, 5, 8, 9])).await.unwrap();
    assert_eq!(receipt.verdicts, Verdicts::Duplicates(vec![1, 2, 4]));
    assert_eq!(service.digest().await, replayed(&*ours).await);
    service.stop().await;
}
