//! The rules of the file, and those set since.

use std::sync::Arc;

use tempfile::tempdir;

use super::world::{Service, World, open, read_all, replayed, report, rules, world};
use crate::domain::{Event, RuleSet};
use crate::pipeline::{Clock, Pace, Submission};
use crate::store::Store;
use crate::store::memory::Memory;

fn set(rules: &Arc<RuleSet>, from_file: bool) -> Submission {
    Submission::Rules { rules: Arc::clone(rules), from_file }
}

async fn in_force(service: &Service) -> Arc<RuleSet> {
    service.inlet.ask(|engine| Arc::clone(engine.rules())).await.unwrap()
}

#[tokio::test]
async fn the_rules_of_the_file_hold_until_they_are_set_otherwise() {
    let folder = tempdir().unwrap();
    let store = open(folder.path()).await;
    let service = Service::begin(Arc::clone(&store) as Arc<dyn Store>).await;
    let other = rules(900.0);
    service.inlet.send(set(&other, false)).await.unwrap();
    service.stop().await;
    let service =
        Service::run(Arc::clone(&store) as Arc<dyn Store>, Clock::driven(), Pace::default()).await;
    assert_eq!(
        in_force(&service).await,
        other,
        "a start does not undo what was set since the file was read"
    );
    service.stop().await;
    let log = read_all(&*store).await;
    let rules = log.iter().flat_map(|(_, batch)| &batch.events);
    assert_eq!(rules.filter(|event| matches!(event, Event::Rules(_))).count(), 2);
}

#[tokio::test]
async fn a_file_that_was_read_again_is_known_at_the_next_start() {
    let folder = tempdir().unwrap();
    let store = open(folder.path()).await;
    let (edited, by_api) = (rules(700.0), rules(900.0));
    let service = Service::begin(Arc::clone(&store) as Arc<dyn Store>).await;
    service.inlet.send(set(&edited, true)).await.unwrap();
    service.inlet.send(set(&by_api, false)).await.unwrap();
    service.stop().await;
    let start = async |rules: &Arc<RuleSet>| {
        let world = World { rules: Arc::clone(rules), ..world() };
        let store = Arc::clone(&store) as Arc<dyn Store>;
        Service::run_in(world, store, Clock::driven(), Pace::default()).await
    };
    let service = start(&edited).await;
    assert_eq!(in_force(&service).await, by_api, "the file is as it was read");
    service.stop().await;
    let service = start(&rules(500.0)).await;
    assert_eq!(in_force(&service).await, rules(500.0), "the file is another");
    service.stop().await;
}

#[test]
fn reports_are_taken_while_rules_are_made_ready() {
    // The one thread on which rules are made ready is busy until it is let go.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .max_blocking_threads(1)
        .build()
        .unwrap();
    runtime.block_on(async {
        let store = Memory::default();
        let service = Service::begin(Arc::new(store.clone())).await;
        let (let_go, held) = std::sync::mpsc::channel::<()>();
        let busy = tokio::task::spawn_blocking(move || held.recv());
        let (inlet, other) = (service.inlet.clone(), rules(900.0));
        let submission = set(&other, false);
        let setting = tokio::spawn(async move { inlet.send(submission).await });
        let (inlet, last) = (service.inlet.clone(), rules(800.0));
        let submission = set(&last, false);
        tokio::task::yield_now().await;
        let after = tokio::spawn(async move { inlet.send(submission).await });
        for key in 0..20 {
            let report = Submission::incidents(vec![report(100 + key, 121.001)]);
            service.inlet.send(report).await.unwrap();
            assert_eq!(in_force(&service).await, rules(500.0));
        }
        assert!(!setting.is_finished());
        let_go.send(()).unwrap();
        busy.await.unwrap().unwrap();
        setting.await.unwrap().unwrap();
        after.await.unwrap().unwrap();
        assert_eq!(in_force(&service).await, last, "in their order");
        // As a replay has it, that finds the clusters when the rules come.
        assert_eq!(service.digest().await, replayed(&store).await);
        service.stop().await;
    });
}
