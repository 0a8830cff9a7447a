//! Those who are known to the service, honest or not.

use hyper::StatusCode;
use pilin::access::{Reach, Role, Scope};
use pilin::config::StoreAddress;
use pilin::gate::{Gate, NewPerson, Whence};
use pilin::service::{Opened, open_store};
use pilin::store::audit::Who;
use serde_json::{Value, json};

use super::web::Web;
use super::{DESKS, Field};
use crate::access::people::PASSWORD;

/// Counties of all four provinces, and a point in each: a desk there.
pub const COUNTIES: [(&str, f64, f64); DESKS] = [
    ("310101", 121.485, 31.22),
    ("320117", 119.03, 31.65),
    ("320505", 120.50, 31.33),
    ("320813", 118.87, 33.29),
    ("321202", 119.92, 32.49),
    ("330205", 121.55, 29.90),
    ("330481", 120.68, 30.53),
    ("330822", 118.51, 28.90),
    ("331181", 119.14, 28.07),
    ("340403", 117.02, 32.65),
    ("340826", 116.13, 30.15),
    ("341225", 115.59, 32.65),
];

/// Where those who attack belong: Jiashan, on the line.
const ATTACKERS: &str = "330421";

/// The secrets of tokens of a device.
#[derive(Clone, Debug)]
pub struct Secrets {
    pub reports: String,
    pub positions: String,
    pub units: String,
}

/// Makes the accounts and tokens.
pub async fn make(address: &StoreAddress) -> Secrets {
    let Opened { registry, ledger, .. } = open_store(address).await.unwrap();
    let gate = Gate::open(registry, ledger, pilin::pipeline::clock::wall).await.unwrap();
    let (who, here) = (|| Who::Operator { name: "root".into() }, Whence::default());
    let add = async |name: &str, agency: &str, role| {
        let (agency, password) = (agency.parse().unwrap(), Some(PASSWORD.to_owned()));
        let (name, display) = (name.into(), "".into());
        let new = NewPerson { name, display, agency, password, must_change: false };
        gate.add_account(who(), Reach::ALL, new, role, &here).await.unwrap();
    };
    for (at, (county, ..)) in COUNTIES.iter().enumerate() {
        add(&format!("desk{at}"), county, Role::Officer).await;
    }
    add("admin", ATTACKERS, Role::Admin).await;
    add("officer", ATTACKERS, Role::Officer).await;
    let token = async |name, scope| {
        let about = (name, ATTACKERS.parse().unwrap());
        gate.add_token(who(), Reach::ALL, about, &[scope], None, &here).await.unwrap().secret
    };
    Secrets {
        reports: token("reports", Scope::IngestIncident).await,
        positions: token("positions", Scope::IngestPosition).await,
        units: token("units", Scope::IngestUnit).await,
    }
}

/// The cookies of a new session, and of the device.
pub async fn sign_in(web: &Web, name: &str, device: &str) -> Result<(String, String), String> {
    let body = json!({"name": name, "password": PASSWORD});
    let answer = web.with_cookies(device).post("/api/v1/session", &body).await?;
    let (session, device) = (answer.cookie("__Host-pilin"), answer.cookie("__Host-pilin-device"));
    match (session, device) {
        (Some(session), Some(device)) => Ok((session, device)),
        _ => {
            let status = answer.status;
            Err(format!("{status} {}", answer.json().await?))
        }
    }
}

/// One of those who attack, signed in.
pub async fn attacker(field: &Field, from: [u8; 4], name: &str) -> Web {
    let web = field.web(from);
    let (session, _) = sign_in(&web, name, "").await.unwrap();
    web.with_cookies(&session)
}

/// The cookie of a wall that an officer has let in.
pub async fn wall(field: &Field, from: [u8; 4], officer: &Web) -> String {
    let web = field.web(from);
    let code = web.post("/api/v1/session/code", &json!({})).await.unwrap();
    let code: Value = code.json().await.unwrap();
    let grant = format!("/api/v1/session/code/{}/grant", code["code"].as_str().unwrap());
    let granted = officer.post(&grant, &json!({"name": "hall"})).await.unwrap();
    assert_eq!(granted.status, StatusCode::NO_CONTENT);
    let claim = json!({"claim": code["claim"]});
    let claimed = web.post("/api/v1/session/code/claim", &claim).await.unwrap();
    claimed.cookie("__Host-pilin").unwrap()
}
