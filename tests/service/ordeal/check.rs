//! What stands in a store afterwards.

use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::sync::Arc;

use pilin::domain::{Batch, Event, Offset, Time, UnitId};
use pilin::engine::Engine;
use pilin::region::Region;
use pilin::store::Store;
use serde_json::{Value, json};

use super::device::REGION;
use super::load::Ledger;

type Log = Vec<(Offset, Batch)>;

/// Every acknowledged item is in the log once, and nothing else is.
pub async fn check_log(store: &dyn Store, log: &[(Offset, Batch)], ledger: &Ledger) {
    let mut incidents = HashMap::new();
    let mut fixes: HashMap<UnitId, HashSet<Time>> = HashMap::new();
    let mut codes = HashMap::new();
    for event in log.iter().flat_map(|(_, batch)| &batch.events) {
        match event {
            Event::Incident(incident) => {
                let before = incidents.insert(incident.external_id.to_string(), incident.id.0);
                assert_eq!(before, None, "{} is there once", incident.external_id);
            }
            Event::Position(fix) => {
                assert!(fixes.entry(fix.unit).or_default().insert(fix.at), "{fix:?} is there once");
            }
            Event::Unit(unit) => {
                assert_eq!(codes.insert(unit.code.to_string(), unit.id), None);
            }
            _ => {}
        }
    }
    assert_eq!(
        incidents.keys().collect::<HashSet<_>>(),
        ledger.incidents.keys().collect::<HashSet<_>>()
    );
    for (key, told) in &ledger.incidents {
        assert!(told.is_none_or(|id| id == incidents[key]), "{key} is not {told:?}");
    }
    let mut acknowledged: HashMap<UnitId, HashSet<Time>> = HashMap::new();
    for (unit, at) in &ledger.fixes {
        acknowledged.entry(codes[unit]).or_default().insert(*at);
    }
    assert_eq!(fixes, acknowledged);
    for (unit, times) in fixes {
        let ever = (Time::from_ms(0), Time::from_ms(i64::MAX));
        let track = store.track(unit, ever.0, ever.1, usize::MAX).await.unwrap();
        assert_eq!(track.iter().map(|fix| fix.at).collect::<HashSet<_>>(), times);
        assert_eq!(track.len(), times.len());
    }
}

/// The whole log, which a store tells in pages.
pub async fn read_all(store: &dyn Store) -> Log {
    let mut all = Log::new();
    loop {
        let after = all.last().map_or(Offset(0), |(offset, _)| *offset);
        let page = store.read(after, usize::MAX).await.unwrap();
        if page.is_empty() {
            return all;
        }
        all.extend(page);
    }
}

/// A fresh engine that replays the log; at each checkpoint it stands where that
/// one does.
pub async fn check_checkpoints(store: &dyn Store, log: &[(Offset, Batch)]) -> Engine {
    let region = Region::read(Path::new(REGION)).unwrap();
    let engine = Engine::new(Arc::clone(&region.atlas), Arc::default());
    let mut engine = engine.with_grading(region.grading);
    let mut kept = store.checkpoints().await.unwrap();
    let mut changes = Vec::new();
    for (offset, batch) in log {
        for event in &batch.events {
            engine.apply(event, batch.at, &mut changes);
        }
        if let Some(at) = kept.iter().position(|kept| kept == offset) {
            kept.remove(at);
            let bytes = store.checkpoint(*offset).await.unwrap().unwrap();
            let restored = Engine::restore(Arc::clone(&region.atlas), &bytes).unwrap();
            assert_eq!(restored.digest(), engine.digest(), "after batch {}", offset.0);
        }
    }
    assert_eq!(kept, [], "each is of a batch of the log");
    engine
}

/// What the server showed is what a fresh replay comes to.
pub fn check_shown(engine: &Engine, alerts: &Value, units: &Value) {
    let told: Vec<_> = engine
        .alerts()
        .map(|alert| json!([alert.id, alert.state, alert.members.len(), alert.updated_at.ms()]))
        .collect();
    let shown = alerts["alerts"].as_array().unwrap().iter();
    let shown: Vec<_> = shown
        .map(|alert| json!([alert["id"], alert["state"], alert["members"], alert["updated_at"]]))
        .collect();
    assert!(!told.is_empty(), "something alarmed");
    assert_eq!(shown, told);
    let newest: Vec<_> = engine.units().map(|(_, fix)| json!(fix.map(|fix| fix.at.ms()))).collect();
    let units = units.as_array().unwrap().iter();
    assert_eq!(units.map(|unit| unit["fix"][5].clone()).collect::<Vec<_>>(), newest);
}
