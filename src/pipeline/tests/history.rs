//! What is told of the alerts, and kept.

use std::sync::Arc;

use tempfile::tempdir;

use super::world::{START, Service, open, spree, steps_of};
use crate::domain::{AlertId, AlertStep, Change, Time};
use crate::pipeline::Submission;
use crate::pipeline::changes::condense;
use crate::store::Store;
use crate::stream::Source;

#[tokio::test]
async fn a_history_tells_each_step_at_its_own_time_and_nothing_of_mere_ageing() {
    let folder = tempdir().unwrap();
    let store = open(folder.path()).await;
    let service = Service::begin(Arc::clone(&store) as Arc<dyn Store>).await;
    service.inlet.send(spree()).await.unwrap();
    let hours = |hours: i64| Time::from_ms(START + hours * 3_600_000);
    service.inlet.send(Submission::Clock(hours(30))).await.unwrap();
    let aged = service.inlet.ask(|engine| engine.alert(AlertId(1)).unwrap().trend).await.unwrap();
    assert_eq!(aged, (0, 4));
    service.inlet.send(Submission::Clock(hours(90))).await.unwrap();
    service.stop().await;
    let steps = steps_of(&*store, AlertId(1)).await;
    let steps: Vec<_> = steps.into_iter().map(|past| (past.step, past.at)).collect();
    let raised = (AlertStep::Raised, hours(0));
    assert_eq!(steps, [raised, (AlertStep::Faded, hours(72)), (AlertStep::Cleared, hours(78))]);
    let alert = store.alert(AlertId(1)).await.unwrap().unwrap();
    assert_eq!((alert.raised_at, alert.ended_at), (hours(0), Some(hours(78))));
}

#[tokio::test]
async fn of_updates_and_ageing_in_a_row_the_last_is_told() {
    use AlertStep::{Aged, Faded, Raised, Updated};
    let folder = tempdir().unwrap();
    let service = Service::begin(open(folder.path()).await).await;
    service.inlet.send(spree()).await.unwrap();
    let alerts = service.inlet.alerts().await.unwrap().items;
    let condensed = |steps: &[AlertStep]| {
        let alert =
            |&step| Change::Alert { step, alert: Arc::clone(&alerts[0]), others: Vec::new() };
        let mut changes: Vec<_> = steps.iter().map(alert).collect();
        condense(&mut changes);
        let step = |change: &Change| match change {
            Change::Alert { step, .. } => *step,
            _ => panic!("{change:?}"),
        };
        changes.iter().map(step).collect::<Vec<_>>()
    };
    assert_eq!(condensed(&[Raised, Aged, Updated, Aged, Aged]), [Raised, Updated]);
    assert_eq!(condensed(&[Updated, Faded, Aged, Aged]), [Updated, Faded, Aged]);
    service.stop().await;
}
