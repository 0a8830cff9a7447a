//! A device with tokens: bodies that bring nothing, everything at one place, reports as
//! large as may be, and units whose codes collide.

use std::time::Duration;

use pilin::pipeline::Clock;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio::task::JoinSet;

use super::people::Secrets;
use super::stranger::ending;
use super::web::Web;
use super::wire::connect;
use super::{Field, collide};
use crate::alerts::LINE;

/// The device's address.
const HERE: [u8; 4] = [127, 0, 60, 1];

/// Requests at once: more than there was ever room for.
const AT_ONCE: usize = 40;

/// Reports at one place, and of a request.
const PILED: usize = 40_000;
const PILED_AT_ONCE: usize = 500;

/// Requests with reports at one place that are under way at once.
const SENDERS: usize = 8;

/// Large reports: enough for an alert of 120 MB, if all of it were told.
const FAT: usize = 2_800;
const FAT_AT_ONCE: usize = 20;

/// Units whose codes collide, and of a request.
const UNITS: usize = 10_000;
const UNITS_AT_ONCE: usize = 500;

pub fn attack(field: &Field, secrets: &Secrets, attackers: &mut JoinSet<()>) {
    for _ in 0..AT_ONCE {
        attackers.spawn(bodies_without_a_byte(field.clone(), secrets.reports.clone()));
    }
    let reporter = field.web(HERE).with_token(&secrets.reports);
    for sender in 0..SENDERS {
        let first = sender * PILED / SENDERS;
        let pile = Pile { attack: "reports at one place", path: "incidents", many: PILED, first };
        attackers.spawn(pile.up(field.clone(), reporter.clone(), PILED_AT_ONCE, at_one_place));
    }
    let pile = Pile { attack: "large reports", path: "incidents", many: FAT, first: 0 };
    attackers.spawn(pile.up(field.clone(), reporter, FAT_AT_ONCE, large));
    let registrar = field.web(HERE).with_token(&secrets.units);
    let pile = Pile { attack: "units whose codes collide", path: "units", many: UNITS, first: 0 };
    attackers.spawn(pile.up(field.clone(), registrar, UNITS_AT_ONCE, unit));
}

/// Bodies that promise much and bring nothing.
async fn bodies_without_a_byte(field: Field, secret: String) {
    let head = format!(
        "POST /api/v1/incidents HTTP/1.1\r\nHost: 127.0.0.1:{}\r\n\
         Authorization: Bearer {secret}\r\nTransfer-Encoding: chunked\r\n\r\n",
        field.port
    );
    while field.goes_on(Duration::from_millis(50)).await {
        let Some(mut socket) = connect(&field, HERE).await else { continue };
        if socket.write_all(head.as_bytes()).await.is_ok() {
            field.table.came("bodies without a byte", ending(&field, &mut socket).await);
        }
    }
}

/// Many of one kind, a request after the other; then the same again and again.
#[derive(Clone, Copy, Debug)]
struct Pile {
    attack: &'static str,
    path: &'static str,
    many: usize,
    /// With which it begins.
    first: usize,
}

impl Pile {
    async fn up(self, field: Field, web: Web, at_once: usize, one: fn(usize) -> Value) {
        let path = format!("/api/v1/{}", self.path);
        let mut from = self.first;
        while field.goes_on(Duration::from_millis(100)).await {
            let body: Value = (from..from + at_once).map(one).collect();
            from = (from + at_once) % self.many;
            let told = match web.post(&path, &body).await {
                Ok(answer) => {
                    let status = answer.status.as_u16();
                    answer.forget().await;
                    status.to_string()
                }
                Err(_) => "no answer".to_owned(),
            };
            field.table.came(self.attack, told);
        }
    }
}

/// A report at one of two points, 60 m apart, on both sides of the line.
fn at_one_place(at: usize) -> Value {
    report("pile", "spoil-dumping", at)
}

/// A report that is as large as may be.
fn large(at: usize) -> Value {
    let mut report = report("fat", "gas-cylinders", at);
    report["description"] = "叠".repeat(4_000).into();
    let reference = |n: usize| format!("https://example.org/{at}/{n}/{}", "x".repeat(1_900));
    report["media"] = (0..20).map(reference).collect();
    report
}

fn report(source: &str, matter: &str, at: usize) -> Value {
    let side = if at.is_multiple_of(2) { 1.0 } else { -1.0 };
    json!({
        "source": source, "external_id": at.to_string(), "matter": matter,
        "lon": LINE.0 + side * 0.000_1, "lat": LINE.1 + side * 0.000_4,
        "occurred_at": Clock::wall().now().unwrap(),
    })
}

fn unit(at: usize) -> Value {
    let code = collide::code(u64::try_from(at).unwrap());
    json!({"code": code, "name": format!("车{at}"), "kind": "car", "agency": "330421"})
}
