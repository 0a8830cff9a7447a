//! Answers that would be large: told page by page, and to each who asks a share of them.

use std::io::{Read, Write};
use std::sync::Arc;

use pilin::access::Role;
use pilin::domain::{
    Alert, AlertId, AlertState, AlertStep, IncidentId, LngLat, MatterCode, Members, Offset,
    Provenance, RuleId, Severity, Time,
};
use pilin::store::{AlertRecord, Entry};
use reqwest::{Method, StatusCode, header};
use serde_json::{Value, json};
use socket2::{Domain, SockAddr, Socket, Type};

use crate::access::people::{Visitor, person, set_up};
use crate::alerts::{LINE, dumped, until};
use crate::harness::{Server, told};

/// No page has more bytes.
const MOST: usize = 5 << 20;

/// As large as a report may be, in characters that take most bytes.
fn long(reports: &mut [Value]) {
    for report in reports {
        report["description"] = json!("\u{20000}\"\n土".repeat(1_000));
        report["media"] = json!(vec!["m".repeat(2_000); 20]);
        // One place on each side of the line.
        report["lon"] = json!(LINE.0);
    }
}

/// A page, and its bytes as they are sent.
async fn page(server: &Server, path: &str, kind: &str) -> (Value, usize) {
    let request = server.ask(Method::GET, path).header(header::ACCEPT, kind);
    let answer = request.send().await.unwrap().error_for_status().unwrap();
    let text = answer.text().await.unwrap();
    (serde_json::from_str(&text).unwrap(), text.len())
}

/// All pages, the first one first; `more` is the address of the one after.
async fn pages(
    server: &Server,
    first: &str,
    kind: &str,
    more: impl Fn(&Value) -> Option<String>,
) -> Vec<Value> {
    let (mut all, mut path) = (Vec::new(), first.to_owned());
    loop {
        let (page, bytes) = page(server, &path, kind).await;
        assert!(bytes <= MOST, "{path}: a page of {bytes} bytes");
        let next = more(&page);
        all.push(page);
        match next {
            Some(next) => path = next,
            None => return all,
        }
    }
}

fn next(page: &Value, name: &str, address: &str) -> Option<String> {
    let cursor = page[name].as_str().map(str::to_owned);
    cursor
        .or_else(|| page[name].as_u64().map(|it| it.to_string()))
        .map(|it| address.to_owned() + &it)
}

/// The numbers in lists of pages, the first page last.
fn numbers<'a>(pages: &'a [Value], list: &str, of: impl Fn(&'a Value) -> &'a Value) -> Vec<u64> {
    let rows = pages.iter().rev().flat_map(|page| page[list].as_array().unwrap());
    rows.filter_map(|row| of(row).as_u64()).collect()
}

/// The number of a feature that is a member, and no alert.
fn member(feature: &Value) -> &Value {
    if feature["properties"]["occurred_at"].is_null() { &Value::Null } else { &feature["id"] }
}

#[tokio::test]
async fn an_alert_of_long_reports_is_told_in_pages_that_hold_every_member_once() {
    const JSON: &str = "application/json";
    let server = Server::in_the_morning().await;
    let mut reports = dumped(LINE, 200, 200);
    long(&mut reports);
    for some in reports.chunks(100) {
        server.post("/api/v1/incidents", &json!(some)).await;
    }
    let every: Vec<u64> = (1..=400).collect();
    let before = "/api/v1/alerts/1?members_before=";
    let all = pages(&server, "/api/v1/alerts/1", JSON, |page| next(page, "members_next", before));
    let all = all.await;
    assert!(all.len() > 3, "{} pages", all.len());
    assert_eq!(numbers(&all, "members", |member| &member["id"]), every);
    assert_eq!(all[0]["alert"]["members"], 400);
    until(&server, "/api/v1/alerts/1", |page| page["history"][0]["step"] == "raised").await;
    assert_eq!(all[1]["history"], json!([]), "asked for members alone");

    let geojson = "application/geo+json";
    let all = pages(&server, "/api/v1/alerts/1", geojson, |page| next(page, "next", before)).await;
    assert_eq!(numbers(&all, "features", member), every);

    let cursor = "/api/v1/incidents?cursor=";
    let all = pages(&server, "/api/v1/incidents", JSON, |page| next(page, "next", cursor)).await;
    let mut incidents = numbers(&all, "incidents", |incident| &incident["id"]);
    incidents.sort_unstable();
    assert_eq!(incidents, every);

    // What was taken out in bulk is whole.
    let export = server.ask(Method::GET, "/api/v1/export/incidents").send().await.unwrap();
    assert_eq!(export.text().await.unwrap().lines().count(), 400);

    // Packed or not, all of it comes.
    let packed =
        server.ask(Method::GET, "/api/v1/alerts/1").header(header::ACCEPT_ENCODING, "gzip");
    let packed = packed.send().await.unwrap();
    assert_eq!(packed.headers()[header::CONTENT_ENCODING], "gzip");
    let mut text = String::new();
    flate2::read::GzDecoder::new(&*packed.bytes().await.unwrap())
        .read_to_string(&mut text)
        .unwrap();
    let plain = server.ask(Method::GET, "/api/v1/alerts/1").send().await.unwrap();
    let bytes = plain.headers()[header::CONTENT_LENGTH].clone();
    assert_eq!(plain.text().await.unwrap(), text);
    assert_eq!(bytes, text.len().to_string());

    // The tag of the newest page is what was seen of the alert.
    let seen = server.ask(Method::GET, "/api/v1/alerts/1").send().await.unwrap();
    let tag = seen.headers()[header::ETAG].clone();
    let known = server.ask(Method::GET, "/api/v1/alerts/1").header(header::IF_NONE_MATCH, &tag);
    assert_eq!(known.send().await.unwrap().status(), StatusCode::NOT_MODIFIED);
    for status in [StatusCode::OK, StatusCode::PRECONDITION_FAILED] {
        let answer = json!({"by": "沈", "note": status.as_str()});
        let act = server.ask(Method::POST, "/api/v1/alerts/1/acknowledge").json(&answer);
        told(act.header(header::IF_MATCH, &tag), status).await;
    }
}

#[tokio::test]
async fn a_long_history_goes_back_page_by_page() {
    let server = Server::in_the_morning().await;
    server.post("/api/v1/incidents", &json!(dumped(LINE, 3, 3))).await;
    for n in 0..400 {
        let answer = json!({"by": "沈", "note": format!("{n} {}", "注".repeat(990))});
        server.post("/api/v1/alerts/1/acknowledge", &answer).await;
    }
    let newest = |page: &Value| page["history"].as_array().unwrap().last().unwrap()["note"].clone();
    until(&server, "/api/v1/alerts/1", |page| {
        newest(page).as_str().is_some_and(|note| note.starts_with("399 "))
    })
    .await;
    let before = "/api/v1/alerts/1?history_before=";
    let more = |page: &Value| next(page, "history_next", before);
    let all = pages(&server, "/api/v1/alerts/1", "application/json", more).await;
    assert!(all.len() > 1, "all at once");
    assert_eq!((&all[0]["members_next"], &all[1]["members"]), (&Value::Null, &json!([])));
    let steps = all.iter().rev().flat_map(|page| page["history"].as_array().unwrap());
    let notes = steps.filter(|step| step["step"] == "acknowledged");
    let notes: Vec<u32> = notes
        .map(|step| step["note"].as_str().unwrap().split(' ').next().unwrap().parse().unwrap())
        .collect();
    assert_eq!(notes, (0..400).collect::<Vec<_>>());

    // Nothing is older than the first batch.
    let (none, _) = page(&server, &format!("{before}0.0"), "application/json").await;
    assert_eq!((&none["history"], &none["history_next"]), (&json!([]), &Value::Null));
    let asked = server.ask(Method::GET, &format!("{before}x"));
    assert_eq!(told(asked, StatusCode::BAD_REQUEST).await["field"], "history_before");
    let asked = server.ask(Method::GET, "/api/v1/alerts/1?members_before=x");
    assert_eq!(told(asked, StatusCode::BAD_REQUEST).await["field"], "members_before");
}

#[tokio::test]
async fn a_long_track_is_told_in_pages_that_hold_every_fix_once() {
    let server = Server::in_the_morning().await;
    let unit = json!({"code": "QP-1", "name": "青浦一号", "kind": "car", "agency": "310118"});
    server.post("/api/v1/units", &unit).await;
    let start: Time = "2026-03-03T00:00:00Z".parse().unwrap();
    let seconds: Vec<i64> = (0..28_000).collect();
    for some in seconds.chunks(14_000) {
        let fix = |second: &i64| {
            let at = (start + second * 1_000).to_string();
            json!({"unit": "QP-1", "lon": 121.12, "lat": 31.15, "at": at, "speed_mps": 3.5,
                "course_deg": 123.4, "accuracy_m": 5.5})
        };
        server.post("/api/v1/positions", &some.iter().map(fix).collect()).await;
    }
    let track = |from: &str, limit: usize| {
        let to = "2026-03-04T00:00:00Z";
        format!("/api/v1/units/QP-1/track?to={to}&limit={limit}&from={from}")
    };
    let first = "2026-03-03T00:00:00Z";
    let times = |fixes: Vec<Value>| -> Vec<i64> {
        let at = |at: &Value| (at.as_str().unwrap().parse::<Time>().unwrap() - start) / 1_000;
        fixes.iter().map(at).collect()
    };
    for (limit, many) in [(9_000, 4), (86_400, 2)] {
        let more = |page: &Value| next(page, "next", &track("", limit));
        let told = pages(&server, &track(first, limit), "application/json", more).await;
        assert_eq!(told.len(), many, "limit {limit}");
        let fixes = told.iter().flat_map(|page| page["fixes"].as_array().unwrap());
        assert_eq!(times(fixes.map(|fix| fix["at"].clone()).collect()), seconds);
        let told = pages(&server, &track(first, limit), "application/geo+json", more).await;
        assert_eq!(told.len(), many, "limit {limit}");
        let of =
            |page: &Value| page["features"][0]["properties"]["times"].as_array().unwrap().clone();
        assert_eq!(times(told.iter().flat_map(of).collect()), seconds);
    }
}

#[tokio::test]
async fn the_audit_log_is_told_in_pages_that_hold_every_entry_once() {
    let server = Server::start().await;
    let ledger = server.place.open().await.ledger;
    for n in 0..160 {
        let after = json!({"agency": "310000", "text": "x".repeat(100_000)});
        let at = Time::from_ms(1_772_582_400_000);
        ledger.record(Entry::of_pilin(at, "test", n.to_string(), after)).await.unwrap();
    }
    set_up(&server, "310000").await;
    let auditor = person(&server, "audit", "310000", Role::Auditor).await;
    let other = person(&server, "other", "340000", Role::Auditor).await;
    let (mut told, mut path) = (Vec::new(), "/api/v1/audit?limit=1000".to_owned());
    loop {
        let text = auditor.ask(Method::GET, &path).send().await.unwrap().text().await.unwrap();
        assert!(text.len() <= MOST, "{} bytes", text.len());
        let page: Value = serde_json::from_str(&text).unwrap();
        let more = next(&page, "next", "/api/v1/audit?limit=1000&before=");
        told.push(page);
        let Some(more) = more else { break };
        path = more;
    }
    assert!(told.len() > 3, "{} pages", told.len());
    let entries: Vec<_> =
        told.iter().flat_map(|page| page["entries"].as_array().unwrap()).collect();
    let of_test = entries.iter().map(|row| &row["entry"]).filter(|entry| entry["deed"] == "test");
    let targets: Vec<_> = of_test.map(|entry| entry["target"].as_str().unwrap()).collect();
    assert_eq!(targets, (0..160).rev().map(|n| n.to_string()).collect::<Vec<_>>());
    let numbers: Vec<_> = entries.iter().map(|row| row["number"].as_u64().unwrap()).collect();
    assert!(numbers.array_windows().all(|[later, earlier]| later > earlier), "{numbers:?}");
    // Who is shown none of them finds what lies before them.
    let page = other.get("/api/v1/audit?limit=1000").await;
    assert!(page["entries"].as_array().unwrap().iter().all(|row| row["entry"]["deed"] != "test"));
    assert_eq!(page["next"], Value::Null);
}

/// An alert that is over, of a rule.
fn ended(id: u64, rule: &str) -> AlertRecord {
    let at = Time::from_ms(1_772_582_400_000 + i64::try_from(id).unwrap());
    let alert = Alert {
        id: AlertId(id),
        rule: RuleId(rule.into()),
        state: AlertState::Cleared,
        severity: Severity::MAJOR,
        lifted_by: None,
        lifted_by_size: false,
        border: 2,
        sides: Vec::new(),
        members: Members::from_iter([IncidentId(1)]),
        cores: 1,
        matters: vec![(MatterCode::new(rule), 1)],
        zones: Vec::new(),
        center: LngLat::new(LINE.0, LINE.1).unwrap(),
        hull: Vec::new(),
        border_distance_m: 12.5,
        trend: (1, 0),
        provenance: Provenance::Live,
        raised_at: at,
        alarming_since: at,
        updated_at: at,
        fading_since: None,
        ended_at: Some(at),
        merged_into: None,
        split_from: None,
        reopened: 0,
        acknowledged: None,
        withdrawn: None,
    };
    let (alert, others) = (Arc::new(alert), Vec::new());
    AlertRecord { offset: Offset(1), nth: 0, step: AlertStep::Cleared, alert, others }
}

#[tokio::test]
async fn who_asks_for_what_is_rare_among_ended_alerts_finds_it_by_and_by() {
    let server = Server::in_the_morning().await;
    let store = server.place.open().await.store;
    let records = (1..=4_300)
        .map(|id| ended(id, if id % 4_200 == 50 { "gas-cylinders" } else { "spoil-dumping" }));
    store.put_alerts(records.collect()).await.unwrap();
    let query = "/api/v1/alerts?state=ended&matter=gas-cylinders";
    let cursor = format!("{query}&cursor=");
    let told = pages(&server, query, "application/json", |page| next(page, "next", &cursor)).await;
    assert_eq!(numbers(&told, "alerts", |alert| &alert["id"]), [50, 4_250]);
    assert_eq!(told.len(), 2, "so many are looked at for one answer");
    let limit = "/api/v1/alerts?state=ended&limit=300";
    let cursor = format!("{limit}&cursor=");
    let told = pages(&server, limit, "application/json", |page| next(page, "next", &cursor)).await;
    assert_eq!(told.len(), 15);
    let mut all = numbers(&told, "alerts", |alert| &alert["id"]);
    all.sort_unstable();
    assert_eq!(all, (1..=4_300).collect::<Vec<_>>());
}

/// Asks for something and reads nothing of it.
fn ask_and_read_nothing(server: &Server, who: &Visitor, path: &str) -> Socket {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    socket.set_recv_buffer_size(4_096).unwrap();
    socket.connect(&SockAddr::from(server.address)).unwrap();
    let head = format!(
        "GET {path} HTTP/1.1\r\nHost: {}\r\nCookie: {}\r\n\r\n",
        server.address, who.cookie
    );
    (&socket).write_all(head.as_bytes()).unwrap();
    socket
}

#[tokio::test]
async fn who_takes_answers_and_reads_none_has_a_share_of_them_and_no_more() {
    let server = Server::in_the_morning().await;
    let mut reports = dumped(LINE, 100, 0);
    long(&mut reports);
    server.post("/api/v1/incidents", &json!(reports)).await;
    set_up(&server, "310000").await;
    let li = person(&server, "li", "320000", Role::Officer).await;
    let wang = person(&server, "wang", "320000", Role::Officer).await;
    let path = "/api/v1/incidents";
    let mut held: Vec<_> = (0..4).map(|_| ask_and_read_nothing(&server, &li, path)).collect();
    // They are under way when a further one is refused.
    let mut refused = li.ask(Method::GET, path).send().await.unwrap();
    for _ in 0..100 {
        if refused.status() != StatusCode::OK {
            break;
        }
        refused = li.ask(Method::GET, path).send().await.unwrap();
    }
    assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(refused.headers()[header::RETRY_AFTER], "1");
    for path in [path, "/api/v1/alerts", "/api/v1/units"] {
        assert_eq!(wang.status(Method::GET, path).await, StatusCode::OK, "{path}: another account");
    }
    assert_eq!(li.status(Method::GET, "/api/v1/session").await, StatusCode::OK, "what is small");
    held.pop();
    while li.status(Method::GET, path).await != StatusCode::OK {
        tokio::task::yield_now().await;
    }
}
