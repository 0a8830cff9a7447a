//! The doors before a real pipeline, over a region of two squares.

mod bodies;
mod documented;
mod fields;
mod reasons;
mod sockets;

use std::fmt::Debug;
use std::net::Ipv4Addr;
use std::sync::Arc;

use tempfile::TempDir;

use super::{Answer, Desk, Format, IngestError, Outcome, Sender};
use crate::access::{Ground, Viewer};
use crate::config::Limits;
use crate::domain::{Catalogue, Time};
use crate::pipeline::tests::world::{START, Service, open, world};

/// Whoever is at the machine, of a service without accounts.
fn from() -> Sender {
    Sender { address: Ipv4Addr::LOCALHOST.into(), viewer: Arc::new(Viewer::Open), entry: None }
}

/// A second after the start.
const AT: &str = "2026-03-01T00:00:01Z";

fn now() -> Time {
    Time::from_ms(START)
}

fn catalogue() -> Catalogue {
    let matters = serde_json::json!({
        "classes": [{"code": "01", "name": "市容", "name_en": "Appearance"}],
        "matters": [{"code": "spoil-dumping", "class": "01", "name": "渣土", "name_en": "Spoil",
                     "severity": 2, "cooperating": ["310000", "320000"]}],
    });
    serde_json::from_value(matters).unwrap()
}

/// A desk, what is behind it, and where that keeps things.
struct Counter {
    desk: Desk,
    service: Service,
    folder: TempDir,
}

impl Counter {
    /// With a clock that shows the start.
    async fn open(limits: Limits) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let service = Service::begin(open(folder.path()).await).await;
        Self::before(service, folder, limits)
    }

    fn before(service: Service, folder: TempDir, limits: Limits) -> Self {
        let inlet = service.inlet.clone();
        let (atlas, level) = (world().atlas, world().level);
        let land = Arc::new(Ground::new(Arc::clone(&atlas), level, 5_000.0));
        let desk = Desk::new(Arc::new(catalogue()), atlas, land, inlet, limits);
        Self { desk, service, folder }
    }

    async fn register(&self, code: &str) -> Outcome {
        let body = format!(r#"{{"code":"{code}","name":"一车","kind":"car","agency":"310101"}}"#);
        stored(self.desk.units(&from(), body.as_bytes(), Format::Json).await)
    }

    async fn close(self) {
        self.service.stop().await;
        self.folder.close().unwrap();
    }
}

/// What came of a body that went into the log.
fn stored<T: Debug>(answer: Result<Answer<T>, IngestError>) -> T {
    match answer.unwrap() {
        Answer::Stored(outcome) => outcome,
        kept @ Answer::Kept(_) => panic!("{kept:?}"),
    }
}
