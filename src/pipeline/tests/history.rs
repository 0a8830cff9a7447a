//! What is told of the alerts, and kept.

use std::sync::Arc;

use tempfile::tempdir;

use super::world::{START, Service, open, spree};
use crate::domain::{AlertId, AlertStep, Time};
use crate::pipeline::Submission;
use crate::store::Store;

#[tokio::test]
async fn a_history_tells_each_step_at_its_own_time() {
    let folder = tempdir().unwrap();
    let store = open(folder.path()).await;
    let service = Service::begin(Arc::clone(&store) as Arc<dyn Store>).await;
    service.inlet.send(spree()).await.unwrap();
    let hours = |hours: i64| Time::from_ms(START + hours * 3_600_000);
    service.inlet.send(Submission::Clock(hours(90))).await.unwrap();
    service.stop().await;
    let steps = store.alert_steps(AlertId(1)).await.unwrap();
    let steps: Vec<_> = steps.into_iter().map(|past| (past.step, past.at)).collect();
    let raised = (AlertStep::Raised, hours(0));
    assert_eq!(steps, [raised, (AlertStep::Faded, hours(72)), (AlertStep::Cleared, hours(78))]);
    let alert = store.alert(AlertId(1)).await.unwrap().unwrap();
    assert_eq!((alert.raised_at, alert.ended_at), (hours(0), Some(hours(78))));
}
