//! Stores that older builds wrote, opened by this one. How they were written:
//! tests/fixtures/stores/write.mjs.

use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use flate2::read::GzDecoder;
use pilin::config::{Spool, StoreAddress};
use reqwest::{Method, StatusCode, header};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::harness::{Server, told};
use crate::place::Place;

/// A store and what its own build showed of it.
struct Old {
    place: Place,
    expected: Value,
    spool: Option<PathBuf>,
}

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/stores").join(name)
}

fn unpacked(path: &Path) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut reader = GzDecoder::new(fs::File::open(path).unwrap());
    std::io::copy(&mut reader, &mut bytes).unwrap();
    bytes
}

impl Old {
    /// A copy of the fixture of a build, in the store that the stories run on.
    async fn of(build: &str) -> Self {
        let place = Place::new().await;
        let folder = fixture(build);
        let read = |name: &str| fs::read_to_string(folder.join(name)).unwrap();
        let (expected, spool) = match place.address() {
            StoreAddress::Sqlite(path) => {
                fs::write(path, unpacked(&folder.join("pilin.db.gz"))).unwrap();
                let spool = path.with_extension("spool");
                fs::create_dir(&spool).unwrap();
                for file in fs::read_dir(folder.join("spool")).unwrap() {
                    let file = file.unwrap();
                    fs::copy(file.path(), spool.join(file.file_name())).unwrap();
                }
                (read("sqlite.json"), Some(spool))
            }
            StoreAddress::Postgis(url) => {
                restore(url.with_password(), &unpacked(&folder.join("pilin.sql.gz")));
                (read("postgis.json"), None)
            }
        };
        Self { place, expected: serde_json::from_str(&expected).unwrap(), spool }
    }
}

/// The region's folder as it is now, with the rules' file of the older build: one that
/// has changed goes before rules that were set over HTTP.
fn region_with_rules_of(build: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let now = Path::new(env!("CARGO_MANIFEST_DIR")).join("data");
    for file in fs::read_dir(now).unwrap() {
        let file = file.unwrap();
        if file.file_name() != "rules.toml" {
            symlink(file.path(), folder.path().join(file.file_name())).unwrap();
        }
    }
    fs::copy(fixture(build).join("rules.toml"), folder.path().join("rules.toml")).unwrap();
    folder
}

/// Has `psql` run a dump.
fn restore(url: &str, dump: &[u8]) {
    let mut psql = Command::new("psql")
        .args(["-XqAt", "-v", "ON_ERROR_STOP=1", "-d", url])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    psql.stdin.take().unwrap().write_all(dump).unwrap();
    assert!(psql.wait().unwrap().success(), "the dump is restored");
}

/// The cookie of a session.
async fn sign_in(server: &Server, name: &str, password: &Value) -> String {
    let body = json!({"name": name, "password": password});
    let answer = server.ask(Method::POST, "/api/v1/session").json(&body).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK, "{name} signs in with the old password");
    let cookie = answer.headers()[header::SET_COOKIE].to_str().unwrap();
    cookie.split(';').next().unwrap().to_owned()
}

#[tokio::test]
async fn a_store_of_an_older_build_is_opened_with_all_that_is_in_it() {
    let Old { place, expected, spool } = Old::of("6f588f9").await;
    let region = region_with_rules_of("6f588f9");
    let server = Server::at_with(place, |config| {
        region.path().clone_into(&mut config.region);
        config.spool = spool.map(|folder| Spool { folder, named: true, most_bytes: 1 << 24 });
    })
    .await;
    let officer = sign_in(&server, "officer-wj", &expected["password"]).await;
    let seen = async |path: &str, cookie: &str| {
        told(server.ask(Method::GET, path).header(header::COOKIE, cookie), StatusCode::OK).await
    };

    let mut alerts = Vec::new();
    for path in ["/api/v1/alerts", "/api/v1/alerts?state=ended"] {
        alerts.extend(seen(path, &officer).await["alerts"].as_array().unwrap().clone());
    }
    for old in expected["alerts"].as_array().unwrap() {
        let now = alerts.iter().find(|alert| alert["id"] == old["id"]).unwrap();
        for field in ["rule", "state", "members", "raised_at"] {
            assert_eq!(now[field], old[field], "{field} of alert {}", old["id"]);
        }
        for field in ["by", "at", "note"] {
            let of = |alert: &Value| alert["acknowledged"][field].clone();
            assert_eq!(of(now), of(old), "who answered for alert {}", old["id"]);
        }
    }
    assert_eq!(alerts.len(), expected["alerts"].as_array().unwrap().len());

    let rules = seen("/api/v1/rules", &officer).await;
    let eps_m = |rule: &Value| rule["eps_m"].as_f64();
    assert_eq!(eps_m(&rules["rule"][2]), eps_m(&expected["rule"]), "a rule set over HTTP");
    let codes = |units: &Value| {
        let units = units.as_array().unwrap().iter();
        units.map(|unit| unit["code"].clone().to_string()).collect::<BTreeSet<_>>()
    };
    assert_eq!(codes(&seen("/api/v1/units", &officer).await), codes(&expected["units"]));

    let admin = sign_in(&server, "admin-js", &expected["password"]).await;
    let chain = seen("/api/v1/audit/verify", &admin).await;
    assert_eq!(chain["broken"], Value::Null, "the audit log is whole");

    let old = expected["incidents"].as_array().unwrap().len();
    let kept = if expected["kept"] == 0 { 0 } else { 4 };
    let bearer = format!("Bearer {}", expected["token"].as_str().unwrap());
    let there = async || {
        let path = "/api/v1/incidents?limit=1000";
        let request = server.ask(Method::GET, path).header(header::COOKIE, &officer);
        told(request, StatusCode::OK).await["incidents"].as_array().unwrap().len()
    };
    until_equal(there, old + kept).await;

    // A device that never heard the answer sends its report again.
    let again = json!({
        "source": "fixture", "external_id": "late-0", "matter": "spoil-dumping",
        "lon": 120.826_206, "lat": 31.002_944, "occurred_at": "2026-03-08T07:30:00+08:00",
    });
    let request = server.ask(Method::POST, "/api/v1/incidents").bearer_auth(&bearer[7..]);
    let answer = told(request.json(&again), StatusCode::OK).await;
    assert_eq!(answer["accepted"], json!([]), "{answer}");
    assert_eq!(answer["duplicates"].as_array().unwrap().len(), 1, "{answer}");
}

/// Asks until there are as many.
async fn until_equal(there: impl AsyncFn() -> usize, wanted: usize) {
    for _ in 0..400 {
        if there().await == wanted {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(25)).await;
    }
    assert_eq!(there().await, wanted);
}
