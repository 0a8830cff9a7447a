//! Records taken out in bulk, tracks of others' units, and what reporters wrote.

use pilin::access::{Role, Scope};
use reqwest::{Method, StatusCode, header};
use serde_json::{Value, json};

use super::people::{Visitor, person, set_up};
use crate::alerts::{LINE, dumped};
use crate::harness::{Server, report, told};

const AT: &str = "2026-03-04T00:00:00Z";

/// A report in the middle of Shanghai, far from any border, with a text.
fn spoken(id: &str) -> Value {
    let mut one = report(id, "0204-01", 121.47, 31.23, AT);
    one["description"] = json!("=张三 138****0000 举报");
    one["media"] = json!(["https://example.cn/1.jpg"]);
    one
}

async fn entries(auditor: &Visitor, deed: &str) -> Vec<Value> {
    let log = auditor.get("/api/v1/audit?limit=1000").await;
    let rows = log["entries"].as_array().unwrap().iter().map(|row| row["entry"].clone());
    rows.filter(|entry| entry["deed"] == deed).collect()
}

#[tokio::test]
async fn records_in_bulk_have_a_door_of_their_own_and_leave_an_entry() {
    let server = Server::in_the_morning().await;
    let matter = server.get("/api/v1/region").await["matters"][0]["code"].clone();
    let many: Vec<_> = (0..1_201)
        .map(|at| {
            let mut one = spoken(&at.to_string());
            one["matter"] = matter.clone();
            one
        })
        .collect();
    server.post("/api/v1/incidents", &json!(many)).await;
    let root = set_up(&server, "310000").await;
    let analyst = person(&server, "wang", "310000", Role::Analyst).await;
    let officer = person(&server, "li", "310000", Role::Officer).await;
    let far = person(&server, "far", "340000", Role::Analyst).await;
    let path = "/api/v1/export/incidents";
    assert_eq!(officer.status(Method::GET, path).await, StatusCode::FORBIDDEN);

    let answer = analyst.ask(Method::GET, path).send().await.unwrap();
    assert_eq!(answer.headers()[header::CONTENT_TYPE], "application/x-ndjson");
    let text = answer.text().await.unwrap();
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 1_201);
    assert_eq!(lines[0]["external_id"], "1200");
    let table = analyst.ask(Method::GET, &format!("{path}?format=csv&since={AT}"));
    let table = table.send().await.unwrap().text().await.unwrap();
    let mut rows = csv::Reader::from_reader(table.trim_start_matches('\u{feff}').as_bytes());
    assert_eq!(rows.headers().unwrap().get(8), Some("description"));
    let rows: Vec<_> = rows.records().map(Result::unwrap).collect();
    assert_eq!((rows.len(), rows[0].get(8)), (1_201, Some("'=张三 138****0000 举报")));
    assert_eq!(far.get(path).await, "", "another agency's are not seen");
    let empty = told(far.ask(Method::GET, &format!("{path}?format=csv")), StatusCode::OK).await;
    assert_eq!(empty.as_str().unwrap().lines().count(), 1, "the head alone");
    let odd = analyst.ask(Method::GET, &format!("{path}?format=xls"));
    assert_eq!(told(odd, StatusCode::BAD_REQUEST).await["field"], "format");

    let written = entries(&root, "export").await;
    assert_eq!(written.iter().filter(|entry| entry["outcome"] == "done").count(), 2, "{written:?}");
    assert_eq!(written[0]["after"]["incidents"], 1_201);
    assert_eq!(written[0]["after"]["filter"], json!({"format": "csv", "since": AT}));
    assert_eq!(written[0]["who"]["name"], "wang");
    // A long page of the list is no other way to them.
    let page = |limit: usize| format!("/api/v1/incidents?limit={limit}");
    let refused = told(officer.ask(Method::GET, &page(1_001)), StatusCode::BAD_REQUEST).await;
    assert_eq!(refused["field"], "limit");
    for (limit, many) in [(1_000, 2), (1_100, 3)] {
        let told = analyst.get(&page(limit)).await;
        assert_eq!(told["incidents"].as_array().unwrap().len(), limit);
        let written = entries(&root, "export").await;
        let done = written.iter().filter(|entry| entry["outcome"] == "done");
        assert_eq!(done.count(), many, "a page of {limit}");
    }
    assert_eq!(entries(&root, "export").await[0]["after"]["incidents"], 1_100);
}

#[tokio::test]
async fn a_wall_is_told_nothing_that_reporters_wrote() {
    let server = Server::in_the_morning().await;
    let matter = server.get("/api/v1/region").await["matters"][0]["code"].clone();
    let mut one = spoken("1");
    one["matter"] = matter;
    server.post("/api/v1/incidents", &one).await;
    let mut reports = dumped(LINE, 3, 3);
    for report in &mut reports {
        report["description"] = one["description"].clone();
        report["media"] = one["media"].clone();
    }
    server.post("/api/v1/incidents", &json!(reports)).await;
    set_up(&server, "310000").await;
    let token = server.add_token("bridge", "310000", &[Scope::ReadFeatures]).await;
    let wall = person(&server, "hall", "310000", Role::Wall).await;
    let officer = person(&server, "li", "310000", Role::Officer).await;
    for path in ["/api/v1/incidents", "/api/v1/incidents/1", "/api/v1/alerts/1"] {
        for kind in ["application/json", "application/geo+json"] {
            let of = async |visitor: &Visitor| {
                let request = visitor.ask(Method::GET, path).header(header::ACCEPT, kind);
                told(request, StatusCode::OK).await.to_string()
            };
            let (shown, whole) = (of(&wall).await, of(&officer).await);
            assert!(whole.contains("张三") && whole.contains("1.jpg"), "{path}: {whole}");
            assert!(!shown.contains("张三") && !shown.contains("1.jpg"), "{path}: {shown}");
            assert!(shown.contains("external_id"), "the rest is there: {shown}");
        }
    }
    let by_token = server.ask(Method::GET, "/api/v1/incidents/1").bearer_auth(token);
    assert!(told(by_token, StatusCode::OK).await.to_string().contains("张三"));
}

#[tokio::test]
async fn no_limit_tells_how_much_of_a_track_is_hidden() {
    let server = Server::in_the_morning().await;
    let unit = json!({"code": "QP-1", "name": "青浦一号", "kind": "car", "agency": "310118"});
    server.post("/api/v1/units", &unit).await;
    // Five fixes in Shanghai, then two in the strip along the border, which all see.
    let fix = |minute: u32, lon: f64, lat: f64| {
        let at = format!("2026-03-03T23:{minute:02}:00Z");
        json!({"unit": "QP-1", "lon": lon, "lat": lat, "at": at})
    };
    let (line_lon, line_lat) = LINE;
    let hidden = (10..15).map(|minute| fix(minute, 121.47, 31.23));
    let seen = (20..22).map(|minute| fix(minute, line_lon, line_lat));
    server.post("/api/v1/positions", &json!(hidden.chain(seen).collect::<Vec<_>>())).await;
    let root = set_up(&server, "310000").await;
    let far = person(&server, "far", "340000", Role::Analyst).await;
    let track = |unit: &str, limit: usize, to: &str| {
        format!("/api/v1/units/{unit}/track?from=2026-03-03T23:00:00Z&to={to}&limit={limit}")
    };
    for limit in 1..=7 {
        let told = far.get(&track("QP-1", limit, AT)).await;
        assert_eq!(told["fixes"].as_array().unwrap().len(), limit.min(2), "limit {limit}");
        let next = if limit == 1 { json!("2026-03-03T23:21:00.000Z") } else { Value::Null };
        assert_eq!(told["next"], next, "limit {limit}");
    }
    let nothing = track("QP-1", 9, "2026-03-03T23:19:00Z");
    assert_eq!(far.status(Method::GET, &nothing).await, StatusCode::NOT_FOUND);
    assert_eq!(far.status(Method::GET, &track("QP-9", 9, AT)).await, StatusCode::NOT_FOUND);

    let auditor = person(&server, "audit", "340000", Role::Auditor).await;
    let written = entries(&auditor, "see-history").await;
    let refused: Vec<_> =
        written.iter().filter(|entry| entry["outcome"] != "done").map(|it| &it["target"]).collect();
    assert_eq!(refused, ["unit QP-9", "unit QP-1"], "whose it is not knows no difference");
    let of_the_unit = entries(&root, "see-history").await;
    assert_eq!(of_the_unit.len(), 7, "its own agency reads who saw it: {of_the_unit:?}");
}
