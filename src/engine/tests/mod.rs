//! Stories of the engine, told in a small land of three provinces: west and east
//! of 121° E, and the north above 31.5° N. Each is one county, but for the west,
//! which has another above 31° N. A pilot area lies on the line between
//! west and east round 31.2° N.

mod exact;
mod figures;
mod forgets;
mod grades;
mod heaps;
mod places;
mod rules;
mod signatures;
mod splits;
mod stories;
mod trends;

use std::sync::{Arc, OnceLock};

use serde_json::json;

use super::*;
use crate::atlas::{Layers, Source};
use crate::domain::{
    Alert, AlertId, AlertState, AlertStep, Code, IncidentId, Level, LngLat, MatterCode, Members,
    Provenance, RuleId, Severity, Signer,
};

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;

const WEST: u32 = 310_000;
const EAST: u32 = 320_000;
const NORTH: u32 = 330_000;

/// `[[west, south], [east, north]]` as a ring through these corners.
fn ring(corners: &[[f64; 2]]) -> serde_json::Value {
    let closed: Vec<_> = corners.iter().chain(corners.first()).collect();
    json!({"type": "Polygon", "coordinates": [closed]})
}

fn layer(level: &str, add: u32) -> String {
    let mut features = Vec::new();
    let whole: &[(u32, &[[f64; 2]])] =
        &[(WEST, &[[120.0, 30.0], [121.0, 30.0], [121.0, 31.5], [120.0, 31.5]])];
    let halves: &[(u32, &[[f64; 2]])] = &[
        (WEST, &[[120.0, 30.0], [121.0, 30.0], [121.0, 31.0], [120.0, 31.0]]),
        (WEST + 1, &[[120.0, 31.0], [121.0, 31.0], [121.0, 31.5], [120.0, 31.5]]),
    ];
    let west = if level == "county" { halves } else { whole };
    let others: &[(u32, &[[f64; 2]])] = &[
        (EAST, &[[121.0, 30.0], [122.0, 30.0], [122.0, 31.5], [121.0, 31.5]]),
        (NORTH, &[[120.0, 31.5], [121.0, 31.5], [122.0, 31.5], [122.0, 32.0], [120.0, 32.0]]),
    ];
    for &(code, corners) in west.iter().chain(others) {
        let parent = match level {
            "province" => None,
            "city" => Some(code.to_string()),
            _ => Some((code / 1_000 * 1_000 + 100).to_string()),
        };
        let code = (code + add).to_string();
        features.push(json!({
            "type": "Feature",
            "properties": {"code": code, "name": code, "name_en": code, "level": level, "parent": parent},
            "geometry": ring(corners),
        }));
    }
    json!({"type": "FeatureCollection", "features": features}).to_string()
}

fn land() -> Arc<Atlas> {
    static LAND: OnceLock<Arc<Atlas>> = OnceLock::new();
    Arc::clone(LAND.get_or_init(|| {
        let texts = [layer("province", 0), layer("city", 100), layer("county", 101)];
        let zone = |code: &str, kind: &str, half: f64| {
            let (w, e, s, n) = (121.0 - half, 121.0 + half, 31.2 - half, 31.2 + half);
            json!({
                "type": "Feature",
                "properties": {"code": code, "name": code, "name_en": code, "kind": kind},
                "geometry": ring(&[[w, s], [e, s], [e, n], [w, n]]),
            })
        };
        let zones = [
            zone("wide", "interprovincial_border_area", 0.1),
            zone("pilot", "pilot_startup_area", 0.05),
        ];
        let zones = json!({"type": "FeatureCollection", "features": zones}).to_string();
        let source = |text| Source { file: "land", text };
        let layers = Layers {
            provinces: source(&texts[0]),
            cities: source(&texts[1]),
            counties: source(&texts[2]),
            townships: None,
            zones: Some(source(&zones)),
        };
        Arc::new(Atlas::build(&layers).unwrap())
    }))
}

/// Dumping: five within 500 m of each other in 72 h, two on a side, 1 km.
fn dumping() -> Rule {
    Rule {
        id: RuleId("dumping".into()),
        name: "倾倒".into(),
        name_en: "Dumping".into(),
        matters: vec![MatterCode::new("dumping")],
        window_ms: 72 * HOUR,
        eps_m: 500.0,
        min_points: 5,
        level: Level::Province,
        min_per_side: 2,
        border_distance_m: 1_000.0,
        hold_ms: 6 * HOUR,
        cooldown_ms: 24 * HOUR,
        severity: Severity::MINOR,
    }
}

fn set(rules: &[Rule]) -> Arc<RuleSet> {
    Arc::new(RuleSet::new(rules.to_vec()).unwrap())
}

/// `east` and `north` in hundreds of metres from 121° E, 31° N, about.
fn spot(east: f64, north: f64) -> LngLat {
    LngLat::new(121.0 + east * 0.001_048, 31.0 + north * 0.000_902).unwrap()
}

fn code(number: u32) -> Code {
    Code::from_number(number).unwrap()
}

fn incident(id: u64, matter: &str, point: LngLat, occurred_at: Time) -> Incident {
    Incident {
        id: IncidentId(id),
        source: "test".into(),
        external_id: id.to_string().into(),
        matter: MatterCode::new(matter),
        point,
        original: None,
        occurred_at,
        severity: Severity::MINOR,
        description: "".into(),
        media: Vec::new(),
        provenance: Provenance::Live,
    }
}

/// A day to begin with.
fn start() -> Time {
    Time::from_ms(1_772_000_000_000)
}

/// An engine with a log of what happened to it.
struct Told {
    engine: Engine,
    log: Vec<(Event, Time)>,
    next: u64,
}

impl Told {
    fn under(rules: &[Rule]) -> Self {
        Self { engine: Engine::new(land(), set(rules)), log: Vec::new(), next: 1 }
    }

    fn event(&mut self, event: Event, at: Time) -> Vec<Change> {
        let mut out = Vec::new();
        self.engine.apply(&event, at, &mut out);
        self.log.push((event, at));
        out
    }

    /// Lets it be a later time and gives the steps of the alerts.
    fn until(&mut self, at: Time) -> Vec<(AlertStep, AlertId)> {
        steps(&self.event(Event::Tick, at))
    }

    /// Dumping here and now; gives the steps of the alerts.
    fn dump(&mut self, east: f64, north: f64, at: Time) -> Vec<(AlertStep, AlertId)> {
        let incident = incident(self.next, "dumping", spot(east, north), at);
        self.next += 1;
        steps(&self.event(Event::Incident(incident), at))
    }

    /// Dumps at several places, a minute after each other.
    fn dump_all(&mut self, places: &[(f64, f64)], from: Time) -> Vec<(AlertStep, AlertId)> {
        let mut all = Vec::new();
        for (minutes, &(east, north)) in (0..).zip(places) {
            all.extend(self.dump(east, north, from + minutes * MINUTE));
        }
        all
    }

    /// Somebody answers for the first alert.
    fn acknowledge(&mut self, at: Time) -> Vec<(AlertStep, AlertId)> {
        let (by, note) = ("沈".into(), "已派两地".into());
        steps(&self.event(Event::Act(Act::Acknowledge { alert: AlertId(1), by, note }), at))
    }

    /// An account answers for the first alert.
    fn sign(&mut self, account: u64, at: Time) -> Vec<(AlertStep, AlertId)> {
        let signer = Some(Signer { account, name: format!("n{account}"), agency: code(310_000) });
        let (by, note) = (format!("{account} 号"), String::new());
        steps(
            &self.event(Event::Act(Act::AcknowledgeBy { alert: AlertId(1), by, signer, note }), at),
        )
    }

    /// An account takes back what was said of an alert at an instant.
    fn withdraw(
        &mut self,
        id: u64,
        account: Option<u64>,
        of: Time,
        at: Time,
    ) -> Vec<(AlertStep, AlertId)> {
        let act = Act::Withdraw { alert: AlertId(id), account, acknowledged_at: of };
        steps(&self.event(Event::Act(act), at))
    }

    fn alert(&self, id: u64) -> &Alert {
        self.engine.alert(AlertId(id)).unwrap()
    }

    fn state(&self, id: u64) -> AlertState {
        self.alert(id).state
    }
}

/// The steps of the alerts that a history tells.
fn steps(changes: &[Change]) -> Vec<(AlertStep, AlertId)> {
    let step = |change: &Change| match change {
        Change::Alert { step: AlertStep::Aged, .. } => None,
        Change::Alert { step, alert, .. } => Some((*step, alert.id)),
        _ => None,
    };
    changes.iter().filter_map(step).collect()
}

/// Three on the west side and two on the east, near the line.
const SPREE: [(f64, f64); 5] = [(-2.0, 0.0), (-1.0, 1.0), (-1.0, -1.0), (1.0, 0.0), (2.0, 1.0)];

/// The same places, some hundred metres further north.
fn north_by(hundreds: f64) -> [(f64, f64); 5] {
    SPREE.map(|(east, north)| (east, north + hundreds))
}

/// Stepping stones between a spree and one a kilometre and a half further north.
const STONES: [(f64, f64); 3] = [(0.0, 4.0), (0.0, 8.0), (0.0, 12.0)];
