//! What becomes of what comes in when the store does not do its work.

use std::sync::Arc;
use std::time::Duration;

use tempfile::tempdir;
use tokio::time::{Instant, sleep, timeout};

use super::flaky::{BLIND, BROKEN, Flaky, MUTE, NOT_AT_ALL, STUCK, UNHEARD, WELL};
use super::world::{Service, fixes, open, replayed, spree};
use crate::domain::UnitId;
use crate::pipeline::{Clock, Pace, Refused, Verdict, Verdicts};
use crate::store::Store;
use crate::stream::outbox::Outbox;
use crate::wire::StatsFrame;

const SOON: Duration = Duration::from_secs(2);

#[tokio::test]
async fn when_the_store_fails_nothing_is_applied_and_the_service_heals() {
    let folder = tempdir().unwrap();
    let real = open(folder.path()).await;
    let flaky = Flaky::new(Arc::clone(&real));
    let service = Service::begin(Arc::clone(&flaky) as Arc<dyn Store>).await;
    let send = async |submission| service.inlet.send(submission).await;
    let before = service.digest().await;
    flaky.be(NOT_AT_ALL);
    for _ in 0..3 {
        assert!(matches!(send(spree()).await, Err(Refused::StoreFailed(_))));
        assert!(matches!(send(fixes(UnitId(1), [5])).await, Err(Refused::StoreFailed(_))));
    }
    assert_eq!(service.digest().await, before);
    flaky.be(WELL);
    let accepted = (1..=4).map(Verdict::Accepted).collect();
    assert_eq!(send(spree()).await.unwrap().verdicts, Verdicts::Each(accepted));
    let accepted = send(fixes(UnitId(1), [5])).await.unwrap().verdicts;
    assert_eq!(accepted, Verdicts::Duplicates(Vec::new()));
    assert_eq!(service.digest().await, replayed(&*real).await);
    service.stop().await;
}

#[tokio::test]
async fn a_commit_whose_answer_is_lost_is_taken_in_and_not_repeated() {
    let folder = tempdir().unwrap();
    let real = open(folder.path()).await;
    let flaky = Flaky::new(Arc::clone(&real));
    let service = Service::begin(Arc::clone(&flaky) as Arc<dyn Store>).await;
    let send = async |submission| service.inlet.send(submission).await;
    flaky.be(UNHEARD);
    assert!(send(fixes(UnitId(1), [5])).await.is_err());
    flaky.be(WELL);
    let again = send(fixes(UnitId(1), [5, 6])).await.unwrap().verdicts;
    assert_eq!(again, Verdicts::Duplicates(vec![0]));
    assert_eq!(service.digest().await, replayed(&*real).await);
    service.stop().await;
}

#[tokio::test]
async fn while_the_log_cannot_be_read_questions_are_answered_and_a_stop_is_heeded() {
    let folder = tempdir().unwrap();
    let flaky = Flaky::new(open(folder.path()).await);
    let service = Service::begin(Arc::clone(&flaky) as Arc<dyn Store>).await;
    flaky.be(MUTE);
    assert!(matches!(service.inlet.send(spree()).await, Err(Refused::StoreFailed(_))));
    timeout(SOON, service.digest()).await.unwrap();
    let waiting = tokio::spawn({
        let inlet = service.inlet.clone();
        async move { inlet.send(spree()).await }
    });
    timeout(SOON, service.stop()).await.unwrap();
    assert_eq!(waiting.await.unwrap(), Err(Refused::Stopped));
}

#[tokio::test]
async fn whoever_waits_for_a_commit_that_breaks_down_is_told_so() {
    let folder = tempdir().unwrap();
    let flaky = Flaky::new(open(folder.path()).await);
    let service = Service::begin(Arc::clone(&flaky) as Arc<dyn Store>).await;
    flaky.be(BROKEN);
    assert!(matches!(service.inlet.send(spree()).await, Err(Refused::StoreFailed(_))));
    flaky.be(WELL);
    service.inlet.send(spree()).await.unwrap();
    service.stop().await;
}

#[tokio::test]
async fn a_store_that_will_never_take_an_alert_ends_the_pipeline_with_the_reason() {
    let folder = tempdir().unwrap();
    let flaky = Flaky::new(open(folder.path()).await);
    let store = Arc::clone(&flaky) as Arc<dyn Store>;
    let service = Service::begin(Arc::clone(&store)).await;
    flaky.be(BLIND);
    service.inlet.send(spree()).await.unwrap();
    let ended = timeout(SOON, service.task).await.expect("it does not try for ever");
    let why = ended.unwrap().unwrap_err().to_string();
    assert!(why.starts_with("keeping alerts: refusing in a test"), "{why}");
    // Nor does the next start hang, which makes the same alert again.
    let again = timeout(SOON, Service::run(store, Clock::driven(), Pace::default())).await;
    let ended = timeout(SOON, again.expect("it starts").task).await.expect("and ends");
    ended.unwrap().unwrap_err();
}

#[tokio::test]
async fn figures_go_on_and_say_for_how_long_nothing_could_be_stored() {
    let folder = tempdir().unwrap();
    let flaky = Flaky::new(open(folder.path()).await);
    let service = Service::begin(Arc::clone(&flaky) as Arc<dyn Store>).await;
    let told = async || -> StatsFrame {
        let outbox = Arc::new(Outbox::new(1 << 20));
        loop {
            if let Some(told) = service.hub.join_stats(0, &outbox) {
                return serde_json::from_str(&told).unwrap();
            }
            sleep(Duration::from_millis(20)).await;
        }
    };
    let until = async |wanted: &dyn Fn(i64) -> bool| {
        let begun = Instant::now();
        while !wanted(told().await.stored_ago_ms) {
            assert!(begun.elapsed() < Duration::from_secs(20));
            sleep(Duration::from_millis(50)).await;
        }
    };
    // A quiet service is as good as one that stores.
    sleep(Duration::from_millis(3_500)).await;
    assert!(told().await.stored_ago_ms < 2_500);
    let inlet = service.inlet.clone();
    for mood in [STUCK, NOT_AT_ALL, MUTE] {
        flaky.be(mood);
        let waiting = tokio::spawn({
            let inlet = inlet.clone();
            async move { inlet.send(fixes(UnitId(1), [5])).await }
        });
        until(&|ago| ago > 3_000).await;
        flaky.be(WELL);
        until(&|ago| ago < 2_500).await;
        waiting.await.unwrap().ok();
    }
    service.stop().await;
}
