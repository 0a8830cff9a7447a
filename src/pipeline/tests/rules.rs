//! The rules of the file, and those set since.

use std::sync::Arc;

use tempfile::tempdir;

use super::world::{Service, World, open, read_all, rules, world};
use crate::domain::{Event, RuleSet};
use crate::pipeline::{Clock, Pace, Submission};
use crate::store::Store;

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
