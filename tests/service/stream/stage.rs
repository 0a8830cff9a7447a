//! A live stream on a stage: the real hub, sessions and sockets, over a picture
//! and a log that the test writes itself, so that it can say exactly what was
//! published, cut the wire and restart the house.

use std::future::Future;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::extract::WebSocketUpgrade;
use axum::routing::get;
use pilin::access::{Homes, Sight};
use pilin::domain::alert::Side;
use pilin::domain::{
    Alert, AlertId, AlertState, AlertStep, Change, Code, Incident, IncidentId, Level, LngLat,
    MatterCode, Offset, Position, Provenance, RuleId, Severity, Time, Unit, UnitId, UnitKind,
};
use pilin::stream::{Admission, Gone, Hub, Limits, Live, Snapshot, Source};
use pilin::wire::{BorderView, Gazetteer, Named, Place, StatsFrame};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::port;

/// The moment at which every story begins: 2026-05-01 08:00 in Shanghai.
pub const MORNING: i64 = 1_777_593_600_000;

/// Two provinces that meet at 121° E, with a county each and a zone across.
#[derive(Debug)]
struct Land {
    zones: Vec<String>,
}

fn code(digits: u32) -> Code {
    Code::from_number(digits).unwrap()
}

impl pilin::access::Land for Land {
    fn homes(&self, point: LngLat) -> Homes {
        let place = self.place(point);
        let shared = (point.lng() - 121.0).abs() < 0.01;
        Homes::new(place.jurisdictions.into_iter().flatten(), shared)
    }

    fn above(&self, of: Code) -> Vec<Code> {
        vec![of, code(of.number() / 10_000 * 10_000)]
    }
}

impl Gazetteer for Land {
    fn place(&self, point: LngLat) -> Place {
        let east = point.lng() >= 121.0;
        let [province, county] = if east { [310_000, 310_118] } else { [320_000, 320_509] };
        let near = (point.lng() - 121.0).abs() < 0.1;
        Place {
            jurisdictions: [Some(code(province)), None, Some(code(county)), None],
            zones: if near { vec![0] } else { Vec::new() },
        }
    }

    fn jurisdiction(&self, code: Code) -> Option<Named<'_>> {
        let named = |level, name, name_en| Some(Named { level, name, name_en });
        match code.number() {
            310_000 => named(Level::Province, "上海市", "Shanghai"),
            320_000 => named(Level::Province, "江苏省", "Jiangsu"),
            310_118 => named(Level::County, "青浦区", "Qingpu"),
            320_509 => named(Level::County, "吴江区", "Wujiang"),
            _ => None,
        }
    }

    fn zones(&self) -> &[String] {
        &self.zones
    }

    fn border(&self, _: Level, _: u32) -> Option<BorderView> {
        Some(BorderView {
            code: "310000-320000".into(),
            name: "上海市—江苏省".into(),
            name_en: "Shanghai – Jiangsu".into(),
        })
    }
}

/// What the store and the engine would hold.
#[derive(Debug, Default)]
pub struct Book {
    pages: Mutex<Pages>,
}

#[derive(Clone, Debug, Default)]
struct Pages {
    top: u64,
    log: Vec<(Offset, Time, Vec<Change>)>,
    alerts: Vec<Arc<Alert>>,
    incidents: Vec<Arc<Incident>>,
    units: Vec<(Arc<Unit>, Option<Position>)>,
}

impl Book {
    fn at(top: u64) -> Time {
        Time::from_ms(MORNING + 1000 * i64::try_from(top).unwrap())
    }

    fn snapshot<T>(&self, of: impl Fn(&Pages) -> Vec<Arc<T>>) -> Snapshot<T> {
        let pages = self.pages.lock().unwrap();
        Snapshot { offset: Offset(pages.top), at: Self::at(pages.top), items: of(&pages) }
    }
}

impl Source for Book {
    fn alerts(&self) -> impl Future<Output = Result<Snapshot<Alert>, Gone>> + Send {
        std::future::ready(Ok(self.snapshot(|pages| pages.alerts.clone())))
    }

    fn incidents(&self) -> impl Future<Output = Result<Snapshot<Incident>, Gone>> + Send {
        std::future::ready(Ok(self.snapshot(|pages| pages.incidents.clone())))
    }
}

/// The house: a book that outlasts it, and the server that stands now.
#[derive(Debug)]
pub struct Stage {
    pub address: SocketAddr,
    limits: Limits,
    book: Arc<Book>,
    hub: Arc<Hub>,
    live: Arc<Live<Book>>,
    stop: CancellationToken,
    server: JoinHandle<()>,
}

/// The door, of a service without accounts.
fn door(live: &Arc<Live<Book>>) -> Router {
    let live = Arc::clone(live);
    let enter = async move |upgrade: WebSocketUpgrade| {
        let (out, seat) = (CancellationToken::new(), Arc::new(()));
        live.enter(upgrade, Admission { sight: Sight::All, out, seat }, |read| (read, ()))
    };
    Router::new().route("/connection/websocket", get(enter))
}

/// Limits for tests: as in earnest, but quick to lose patience.
pub fn limits() -> Limits {
    Limits { linger: Duration::from_secs(2), ..Limits::default() }
}

impl Stage {
    pub async fn open(limits: Limits) -> Self {
        Self::build(port::free(), limits, Arc::new(Book::default()), Offset(0)).await
    }

    async fn build(at: SocketAddr, limits: Limits, book: Arc<Book>, since: Offset) -> Self {
        let map = Arc::new(Land { zones: vec!["demo-zone".into()] });
        let hub = Arc::new(Hub::new(limits.clone(), "e1", map, since));
        {
            let pages = book.pages.lock().unwrap();
            let units = pages.units.iter().map(|(unit, at)| (&**unit, at.as_ref()));
            hub.meet(Book::at(pages.top), units);
            for (offset, at, changes) in pages.log.iter().filter(|(offset, ..)| *offset > since) {
                hub.publish(*offset, *at, changes);
            }
        }
        let stop = CancellationToken::new();
        let live = Live::new(Arc::clone(&hub), Arc::clone(&book), stop.clone());
        let listener = TcpListener::bind(at).await.unwrap();
        let address = listener.local_addr().unwrap();
        let (router, stopped, beating) = (door(&live), stop.clone(), Arc::clone(&hub));
        let server = tokio::spawn(async move {
            let beat = tokio::spawn(async move { beating.beat(stopped.clone()).await });
            axum::serve(listener, router)
                .with_graceful_shutdown(async move { beat.await.unwrap() })
                .await
                .unwrap();
        });
        Self { address, limits, book, hub, live, stop, server }
    }

    pub fn url(&self) -> String {
        format!("ws://{}/connection/websocket", self.address)
    }

    pub fn clients(&self) -> usize {
        self.live.clients()
    }

    /// Stops the server.
    pub async fn close(self) -> (SocketAddr, Limits, Arc<Book>) {
        self.stop.cancel();
        self.live.finished().await;
        self.server.await.unwrap();
        (self.address, self.limits, self.book)
    }

    /// Stops the server and builds it again in the same place. It replays what
    /// came after offset `since`.
    pub async fn restart(self, since: u64) -> Self {
        let (address, limits, book) = self.close().await;
        Self::build(address, limits, book, Offset(since)).await
    }

    /// Commits and publishes one batch.
    pub fn commit(&self, changes: Vec<Change>) {
        let mut pages = self.book.pages.lock().unwrap();
        pages.top += 1;
        let (offset, at) = (Offset(pages.top), Book::at(pages.top));
        for change in &changes {
            match change {
                Change::Incident(incident) => pages.incidents.push(Arc::clone(incident)),
                Change::Alert { alert, .. } => {
                    pages.alerts.retain(|other| other.id != alert.id);
                    pages.alerts.push(Arc::clone(alert));
                }
                Change::Unit(unit) => pages.units.push((Arc::clone(unit), None)),
                Change::Moved { position, .. } => {
                    let of = pages.units.iter_mut().find(|(unit, _)| unit.id == position.unit);
                    of.unwrap().1 = Some(*position);
                }
                Change::Forgotten { unit: id } => {
                    let of = pages.units.iter_mut().find(|(unit, _)| unit.id == *id);
                    of.unwrap().1 = None;
                }
                Change::Rules(_) => {}
            }
        }
        pages.log.push((offset, at, changes));
        self.hub.publish(offset, at, &pages.log.last().unwrap().2);
    }

    /// Commits one batch of incidents numbered by `ids`, spread over both sides.
    pub fn report(&self, ids: std::ops::Range<u64>) {
        let west = |id| id % 2 == 0;
        self.commit(ids.map(|id| incident(id, if west(id) { 120.95 } else { 121.05 })).collect());
    }

    pub fn tell_stats(&self, stats: &StatsFrame) {
        self.hub.publish_stats(stats);
    }
}

pub fn incident(id: u64, lng: f64) -> Change {
    Change::Incident(Arc::new(Incident {
        id: IncidentId(id),
        source: "12345".into(),
        external_id: format!("SH-{id}").into(),
        matter: MatterCode::new("0105"),
        point: LngLat::new(lng, 31.0).unwrap(),
        original: None,
        occurred_at: Time::from_ms(MORNING),
        severity: Severity::new(2).unwrap(),
        description: "".into(),
        media: Vec::new(),
        provenance: Provenance::Simulated,
    }))
}

pub fn alert(id: u64, step: AlertStep, members: u64) -> Change {
    let point = |lng, lat| LngLat::new(lng, lat).unwrap();
    let alert = Alert {
        id: AlertId(id),
        rule: RuleId("dumping".into()),
        state: AlertState::Open,
        severity: Severity::new(3).unwrap(),
        lifted_by: None,
        lifted_by_size: false,
        border: 0,
        sides: vec![
            Side { jurisdiction: code(320_000), members: 3, place: code(320_509) },
            Side { jurisdiction: code(310_000), members: 2, place: code(310_118) },
        ],
        members: (1..=members).map(IncidentId).collect(),
        cores: 2,
        matters: vec![(MatterCode::new("0105"), 5)],
        zones: vec!["demo-zone".into()],
        center: point(121.0, 31.0),
        hull: vec![point(120.998, 31.0), point(121.002, 31.0), point(121.0, 31.002)],
        border_distance_m: 84.3,
        trend: (5, 0),
        provenance: Provenance::Simulated,
        raised_at: Time::from_ms(MORNING),
        alarming_since: Time::from_ms(MORNING),
        updated_at: Time::from_ms(MORNING),
        fading_since: None,
        ended_at: None,
        merged_into: None,
        split_from: None,
        reopened: 0,
        acknowledged: None,
        withdrawn: None,
    };
    Change::Alert { step, alert: Arc::new(alert), others: Vec::new() }
}

pub fn unit(id: u32) -> Change {
    Change::Unit(Arc::new(Unit {
        id: UnitId(id),
        code: format!("WJ-{id}").into(),
        name: format!("吴江{id}").into(),
        kind: UnitKind::Car,
        agency: code(320_509),
        provenance: Provenance::Simulated,
    }))
}

pub fn moved(id: u32, lng: f64, seconds: i64) -> Change {
    let position = Position {
        unit: UnitId(id),
        at: Time::from_ms(MORNING + 1000 * seconds),
        point: LngLat::new(lng, 31.0).unwrap(),
        original: None,
        speed_mps: Some(8.33),
        course_deg: Some(92.0),
        accuracy_m: Some(6.0),
    };
    Change::Moved { position, from: None }
}
