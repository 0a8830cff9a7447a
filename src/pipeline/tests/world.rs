//! A region of two provinces, west and east of 121° E, and what happens there.

use std::path::Path;
use std::sync::Arc;

use jiff::tz::TimeZone;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::access::{Homes, Land};
use crate::atlas::{Atlas, Layers, Source};
use crate::domain::{
    AlertId, Batch, Code, Grading, Level, LngLat, MatterCode, NewIncident, NewUnit, Offset,
    Position, Provenance, Rule, RuleId, RuleSet, Severity, Time, UnitId, UnitKind,
};
pub use crate::pipeline::World;
use crate::pipeline::{Clock, Inlet, Pace, Running, Settings, Submission, Unkept, start};
use crate::spool::Spool;
use crate::store::{PastStep, Sqlite, Store};
use crate::stream::{Hub, Limits};
use crate::wire::{BorderView, Gazetteer, Named, Place};

/// 2026-03-01T00:00:00Z.
pub const START: i64 = 1_772_323_200_000;

/// Names nothing.
#[derive(Debug)]
struct Blank;

impl Land for Blank {
    fn homes(&self, _: LngLat) -> Homes {
        Homes::default()
    }
    fn above(&self, code: Code) -> Vec<Code> {
        vec![code]
    }
}

impl Gazetteer for Blank {
    fn place(&self, _: LngLat) -> Place {
        Place::default()
    }
    fn jurisdiction(&self, _: Code) -> Option<Named<'_>> {
        None
    }
    fn zones(&self) -> &[String] {
        &[]
    }
    fn border(&self, _: Level, _: u32) -> Option<BorderView> {
        None
    }
}

fn squares(level: &str, tail: &str) -> String {
    let square = |first: u32, parent: Option<&str>, west: f64| {
        let east = west + 1.0;
        let ring = [[west, 31.0], [east, 31.0], [east, 32.0], [west, 32.0], [west, 31.0]];
        let code = format!("{first}{tail}");
        serde_json::json!({"type": "Feature", "id": code, "properties": {
            "code": code, "name": code, "name_en": code, "level": level,
            "parent": parent.map(|parent| format!("{first}{parent}"))},
            "geometry": {"type": "Polygon", "coordinates": [ring]}})
    };
    let parent = match level {
        "province" => None,
        "city" => Some("0000"),
        _ => Some("0100"),
    };
    let all = [square(32, parent, 120.0), square(31, parent, 121.0)];
    serde_json::json!({"type": "FeatureCollection", "features": all}).to_string()
}

pub fn rules(eps_m: f64) -> Arc<RuleSet> {
    let rule = Rule {
        id: RuleId("spoil".into()),
        name: "渣土".into(),
        name_en: "Spoil".into(),
        matters: vec![MatterCode::new("spoil")],
        window_ms: 72 * 3_600_000,
        eps_m,
        min_points: 4,
        level: Level::Province,
        min_per_side: 2,
        border_distance_m: 1_000.0,
        hold_ms: 6 * 3_600_000,
        cooldown_ms: 24 * 3_600_000,
        severity: Severity::MINOR,
    };
    Arc::new(RuleSet::new(vec![rule]).unwrap())
}

fn source(text: &str) -> Source<'_> {
    Source { file: "squares.geojson", text }
}

pub fn world() -> World {
    let (provinces, cities, counties) =
        (squares("province", "0000"), squares("city", "0100"), squares("county", "0101"));
    let layers = Layers {
        provinces: source(&provinces),
        cities: source(&cities),
        counties: source(&counties),
        townships: None,
        zones: None,
    };
    World {
        region: "squares".into(),
        atlas: Arc::new(Atlas::build(&layers).unwrap()),
        map: Arc::new(Blank),
        rules: rules(500.0),
        grading: Grading::default(),
        time_zone: TimeZone::UTC,
        level: Level::Province,
    }
}

/// A report at a place along the border, on one side of it, metres are some.
pub fn report(key: u32, lng: f64) -> NewIncident {
    NewIncident {
        source: "test".into(),
        external_id: key.to_string().into(),
        matter: MatterCode::new("spoil"),
        point: LngLat::new(lng, 31.5).unwrap(),
        original: None,
        occurred_at: Time::from_ms(START),
        severity: Severity::MINOR,
        description: "".into(),
        media: Vec::new(),
        provenance: Provenance::Live,
    }
}

pub fn unit(code: &str) -> NewUnit {
    NewUnit {
        code: code.into(),
        name: code.into(),
        kind: UnitKind::Car,
        agency: "310101".parse().unwrap(),
        provenance: Provenance::Live,
    }
}

pub fn fix(unit: UnitId, seconds: i64) -> Position {
    Position {
        unit,
        at: Time::from_ms(START + seconds * 1_000),
        point: LngLat::new(121.2, 31.5).unwrap(),
        original: None,
        speed_mps: None,
        course_deg: None,
        accuracy_m: None,
    }
}

/// Two reports on each side of the border, within some 200 m.
pub fn spree() -> Submission {
    let all = [(1, 120.9990), (2, 120.9995), (3, 121.0005), (4, 121.0010)];
    Submission::incidents(all.map(|(key, lng)| report(key, lng)).to_vec())
}

pub fn fixes(of: UnitId, seconds: impl IntoIterator<Item = i64>) -> Submission {
    Submission::Positions(seconds.into_iter().map(|at| fix(of, at)).collect())
}

/// A running pipeline, to be stopped.
pub struct Service {
    pub inlet: Inlet,
    pub hub: Arc<Hub>,
    pub stop: CancellationToken,
    pub task: JoinHandle<Result<(), Unkept>>,
}

impl Service {
    pub async fn run(store: Arc<dyn Store>, clock: Clock, pace: Pace) -> Self {
        Self::run_in(world(), store, clock, pace).await
    }

    pub async fn run_in(world: World, store: Arc<dyn Store>, clock: Clock, pace: Pace) -> Self {
        let settings = Settings { clock, limits: Limits::default(), pace, spool: None };
        Self::under(settings, world, store).await
    }

    async fn under(settings: Settings, world: World, store: Arc<dyn Store>) -> Self {
        let stop = CancellationToken::new();
        let Running { inlet, hub, task } =
            start(store, world, settings, stop.clone()).await.unwrap();
        Self { inlet, hub, stop, task }
    }

    /// Beside a spool, with a driven clock that shows the start.
    pub async fn beside(spool: Spool, store: Arc<dyn Store>) -> Self {
        let (clock, limits, pace) = (Clock::driven(), Limits::default(), Pace::default());
        let settings = Settings { clock, limits, pace, spool: Some(spool) };
        let service = Self::under(settings, world(), store).await;
        service.inlet.send(Submission::Clock(Time::from_ms(START))).await.unwrap();
        service
    }

    /// With a driven clock that shows the start.
    pub async fn begin(store: Arc<dyn Store>) -> Self {
        let service = Self::run(store, Clock::driven(), Pace::default()).await;
        let at = Time::from_ms(START);
        service.inlet.send(Submission::Clock(at)).await.unwrap();
        service
    }

    pub async fn digest(&self) -> u64 {
        self.inlet.ask(crate::engine::Engine::digest).await.unwrap()
    }

    pub async fn stop(self) {
        self.stop.cancel();
        self.task.await.unwrap().unwrap();
    }
}

pub async fn open(folder: &Path) -> Arc<Sqlite> {
    Arc::new(Sqlite::open(&folder.join("pilin.sqlite")).await.unwrap())
}

/// The whole log, which a store tells in pages.
pub async fn read_all(store: &dyn Store) -> Vec<(Offset, Batch)> {
    let mut all = Vec::new();
    loop {
        let after = all.last().map_or(Offset(0), |(offset, _)| *offset);
        let page = store.read(after, usize::MAX).await.unwrap();
        if page.is_empty() {
            return all;
        }
        all.extend(page);
    }
}

/// Every step of an alert, oldest first.
pub async fn steps_of(store: &dyn Store, alert: AlertId) -> Vec<PastStep> {
    let latest = (Offset(i64::MAX as u64), u32::MAX);
    let mut steps = store.alert_steps(alert, latest, u32::MAX).await.unwrap();
    steps.reverse();
    steps
}

/// The digest of an engine that replays the whole log.
pub async fn replayed(store: &dyn Store) -> u64 {
    let mut engine = crate::engine::Engine::new(world().atlas, Arc::default());
    let mut changes = Vec::new();
    for (_, batch) in read_all(store).await {
        for event in &batch.events {
            engine.apply(event, batch.at, &mut changes);
        }
    }
    engine.digest()
}
