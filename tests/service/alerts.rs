//! From reports to a border alert, and what people do with it.

use std::path::Path;
use std::time::Duration;

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::harness::{MORNING, Server, report, told};
use crate::stream::wire::Client;

/// On the line between Wujiang (Jiangsu) and Jiashan (Zhejiang).
pub const LINE: (f64, f64) = (120.826_606, 31.004_444);

/// Reports of spoil dumped round a point: `west` of them to one side of it and
/// `east` to the other, some 150 m from it.
pub fn dumped(at: (f64, f64), here: usize, there: usize) -> Vec<Value> {
    let near = |n: usize, side: f64| {
        let step = 0.000_2 * f64::from(u32::try_from(n).unwrap());
        let (lon, lat) = (at.0 + side * 0.000_4 + step, at.1 + side * 0.001_5);
        report(&format!("{side}-{n}"), "spoil-dumping", lon, lat, "2026-03-04T07:30:00+08:00")
    };
    (0..here).map(|n| near(n, -1.0)).chain((0..there).map(|n| near(n, 1.0))).collect()
}

/// Asks until an answer fits: the past is written behind the live picture, and may
/// come a moment later.
pub async fn until(server: &Server, path: &str, fits: impl Fn(&Value) -> bool) {
    for _ in 0..200 {
        if fits(&server.get(path).await) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("{path} never told what it should: {}", server.get(path).await);
}

async fn alerts(server: &Server) -> Vec<Value> {
    server.get("/api/v1/alerts").await["alerts"].as_array().unwrap().clone()
}

#[tokio::test]
async fn reports_on_both_sides_raise_an_alert_that_says_why() {
    let server = Server::in_the_morning().await;
    server.post("/api/v1/incidents", &json!(dumped(LINE, 3, 3))).await;

    let raised = alerts(&server).await;
    let alert = raised.iter().find(|alert| alert["rule"] == "spoil-dumping").unwrap();
    assert_eq!(alert["state"], "open");
    assert_eq!(alert["members"], 6);
    assert_eq!(alert["border"]["code"], "320000-330000");
    let sides: Vec<_> = alert["sides"].as_array().unwrap().iter().collect();
    assert!(sides.iter().all(|side| side["members"] == 3), "{sides:?}");
    assert!(alert["border_distance_m"].as_f64().unwrap() < 1000.0);

    for (query, there) in [
        ("jurisdiction=320000", true),
        ("jurisdiction=310000", false),
        ("zone=yrd-demonstration-zone&matter=spoil-dumping", true),
        ("matter=floating-refuse", false),
        ("until=2026-03-04T08:00:00%2B08:00", false),
        ("since=2026-03-04T09:00:00%2B08:00", true),
        ("bbox=120,31,121,31.1", true),
    ] {
        let page = server.get(&format!("/api/v1/alerts?{query}")).await;
        assert_eq!(!page["alerts"].as_array().unwrap().is_empty(), there, "{query}");
    }

    let detail = server.get(&format!("/api/v1/alerts/{}", alert["id"])).await;
    assert_eq!(detail["members"].as_array().unwrap().len(), 6);
    assert_eq!(detail["members"][0]["matter"], "spoil-dumping");
    assert_eq!(detail["rule"]["id"], "spoil-dumping");
    let path = format!("/api/v1/alerts/{}", alert["id"]);
    until(&server, &path, |told| told["history"][0]["step"] == "raised").await;
}

#[tokio::test]
async fn as_many_reports_on_one_side_raise_none() {
    let server = Server::in_the_morning().await;
    server.post("/api/v1/incidents", &json!(dumped((120.85, 31.03), 6, 6))).await;
    assert_eq!(alerts(&server).await, [] as [Value; 0]);
}

#[tokio::test]
async fn an_alert_can_be_answered_for_and_survives_a_restart() {
    let server = Server::in_the_morning().await;
    server.post("/api/v1/incidents", &json!(dumped(LINE, 3, 3))).await;
    let id = alerts(&server).await[0]["id"].clone();
    let door = format!("/api/v1/alerts/{id}/acknowledge");

    let unnamed = server.ask(Method::POST, &door).json(&json!({"by": " "}));
    assert_eq!(told(unnamed, StatusCode::BAD_REQUEST).await["field"], "by");
    let known = server.post(&door, &json!({"by": "值班员", "note": "已派车"})).await;
    assert_eq!(known["acknowledged"]["by"], "值班员");

    let server = server.restart().await;
    let detail = server.get(&format!("/api/v1/alerts/{id}")).await;
    assert_eq!(detail["alert"]["acknowledged"]["note"], "已派车");
    let steps: Vec<_> =
        detail["history"].as_array().unwrap().iter().map(|it| &it["step"]).collect();
    assert!(steps.contains(&&json!("acknowledged")), "{steps:?}");
    assert_eq!(
        server.get("/api/v1/alerts?state=unacknowledged").await["alerts"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|alert| alert["id"] == id)
            .count(),
        0
    );
}

#[tokio::test]
async fn an_alert_clears_when_its_reports_are_old() {
    let server = Server::in_the_morning().await;
    server.post("/api/v1/incidents", &json!(dumped(LINE, 3, 3))).await;
    let id = alerts(&server).await[0]["id"].clone();
    server.clock("2026-03-07T08:00:00+08:00").await;
    let detail = server.get(&format!("/api/v1/alerts/{id}")).await;
    assert_eq!(detail["alert"]["state"], "fading");
    server.clock("2026-03-07T14:00:00+08:00").await;
    let detail = server.get(&format!("/api/v1/alerts/{id}")).await;
    assert_eq!(detail["alert"]["state"], "cleared");
    until(&server, "/api/v1/alerts?state=ended", |told| {
        told["alerts"].as_array().unwrap().iter().any(|alert| alert["id"] == id)
    })
    .await;
}

#[tokio::test]
async fn the_nearest_units_are_told_by_side() {
    let server = Server::in_the_morning().await;
    let unit = |code: &str, agency: &str| json!({"code": code, "name": code, "kind": "car", "agency": agency});
    let units = json!([unit("WJ-1", "320509"), unit("JS-1", "330421"), unit("JS-2", "330421")]);
    server.post("/api/v1/units", &units).await;
    let fix = |unit: &str, north: f64| json!({"unit": unit, "lon": LINE.0, "lat": LINE.1 + north, "at": "2026-03-04T07:59:00+08:00"});
    let fixes = json!([fix("WJ-1", 0.01), fix("JS-1", -0.02), fix("JS-2", -0.01)]);
    assert_eq!(server.post("/api/v1/positions", &fixes).await["accepted"], 3);
    server.post("/api/v1/incidents", &json!(dumped(LINE, 3, 3))).await;
    let id = alerts(&server).await[0]["id"].clone();

    let path = format!("/api/v1/alerts/{id}/units?radius_m=5000");
    let near = server.get(&path).await;
    let of = |side: &str| -> Vec<&str> {
        let sides = near["sides"].as_array().unwrap();
        let side = sides.iter().find(|it| it["code"] == side).unwrap();
        let units = side["units"].as_array().unwrap();
        units.iter().map(|unit| unit["unit"]["code"].as_str().unwrap()).collect()
    };
    assert_eq!(of("320000"), ["WJ-1"]);
    assert_eq!(of("330000"), ["JS-2", "JS-1"]);

    // Who has been silent for more than five minutes is not offered.
    server.clock("2026-03-04T08:05:00+08:00").await;
    let sides = server.get(&path).await["sides"].clone();
    let silent = |side: &Value| side["units"].as_array().unwrap().is_empty();
    assert!(sides.as_array().unwrap().iter().all(silent), "{sides}");
}

#[tokio::test]
async fn alerts_come_as_geojson_to_who_asks_for_it() {
    let server = Server::in_the_morning().await;
    server.post("/api/v1/incidents", &json!(dumped(LINE, 3, 3))).await;
    let request =
        server.ask(Method::GET, "/api/v1/alerts").header("accept", "application/geo+json");
    let answer = request.send().await.unwrap();
    assert_eq!(answer.headers()["content-type"], "application/geo+json");
    let told: geojson::GeoJson = answer.text().await.unwrap().parse().unwrap();
    let geojson::GeoJson::FeatureCollection(all) = told else { panic!("no collection") };
    assert!(all.features.iter().all(|feature| feature.geometry.is_some()));
    assert!(!all.features.is_empty());
}

#[tokio::test]
async fn other_rules_can_be_put_and_are_refused_by_name() {
    let server = Server::in_the_morning().await;
    let sheet = server.get("/api/v1/rules").await;
    let back = told(server.ask(Method::PUT, "/api/v1/rules").json(&sheet), StatusCode::OK).await;
    assert_eq!(back, sheet);

    let mut wrong = sheet.clone();
    wrong["rule"][0]["matters"] = json!(["no-such-matter"]);
    let refused = server.ask(Method::PUT, "/api/v1/rules").json(&wrong);
    let problem = told(refused, StatusCode::BAD_REQUEST).await;
    assert!(problem["reason"].as_str().unwrap().contains("no-such-matter"), "{problem}");

    let none = server.ask(Method::PUT, "/api/v1/rules").json(&json!({ "rule": [] }));
    let problem = told(none, StatusCode::BAD_REQUEST).await;
    assert_eq!(problem["detail"], "rules: rule: there must be at least one");

    let mut strict = sheet;
    for rule in strict["rule"].as_array_mut().unwrap() {
        rule["min_points"] = json!(50);
    }
    told(server.ask(Method::PUT, "/api/v1/rules").json(&strict), StatusCode::OK).await;
    server.post("/api/v1/incidents", &json!(dumped(LINE, 3, 3))).await;
    assert_eq!(alerts(&server).await, [] as [Value; 0]);
}

#[tokio::test]
async fn an_alert_of_long_reports_is_told_in_pages_of_a_few_megabytes() {
    let server = Server::in_the_morning().await;
    let mut reports = dumped(LINE, 90, 90);
    for report in &mut reports {
        report["description"] = json!("x".repeat(3_900));
        report["media"] = json!(vec!["m".repeat(1_900); 20]);
        // One place on each side of the line.
        report["lon"] = json!(LINE.0);
    }
    for some in reports.chunks(60) {
        server.post("/api/v1/incidents", &json!(some)).await;
    }
    let all = |lists: &[Value], list: &str| -> Vec<u64> {
        let of = lists.iter().rev().flat_map(|page| page[list].as_array().unwrap());
        of.map(|it| it["id"].as_u64().unwrap()).collect()
    };
    let (mut pages, mut path) = (Vec::new(), "/api/v1/alerts/1".to_owned());
    loop {
        let page = server.get(&path).await;
        assert!(page.to_string().len() < 9 << 20, "a page of {} bytes", page.to_string().len());
        let next = page["members_next"].as_str().map(str::to_owned);
        pages.push(page);
        let Some(next) = next else { break };
        path = format!("/api/v1/alerts/1?members_before={next}");
    }
    assert!(pages.len() > 1, "all at once");
    assert_eq!(all(&pages, "members"), (1..=180).collect::<Vec<_>>());
    assert_eq!(pages[0]["alert"]["members"], 180);

    let (mut pages, mut path) = (Vec::new(), "/api/v1/incidents".to_owned());
    loop {
        let page = server.get(&path).await;
        assert!(page.to_string().len() < 9 << 20);
        let next = page["next"].as_str().map(str::to_owned);
        pages.push(page);
        let Some(next) = next else { break };
        path = format!("/api/v1/incidents?cursor={next}");
    }
    assert!(pages.len() > 1, "all at once");
    let mut incidents = all(&pages, "incidents");
    incidents.sort_unstable();
    assert_eq!(incidents, (1..=180).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_history_goes_back_page_by_page() {
    let server = Server::in_the_morning().await;
    server.post("/api/v1/incidents", &json!(dumped(LINE, 3, 3))).await;
    for n in 0..5 {
        let answer = json!({"by": "沈", "note": format!("{n}")});
        server.post("/api/v1/alerts/1/acknowledge", &answer).await;
    }
    let steps = |page: &Value| page["history"].as_array().unwrap().len();
    until(&server, "/api/v1/alerts/1", |page| steps(page) >= 6).await;
    let page = server.get("/api/v1/alerts/1").await;
    assert_eq!((&page["history_next"], &page["members_next"]), (&Value::Null, &Value::Null));
    // Nothing is older than the first batch.
    let none = server.get("/api/v1/alerts/1?history_before=0.0").await;
    assert_eq!((steps(&none), &none["history_next"]), (0, &Value::Null));
    let asked = server.ask(Method::GET, "/api/v1/alerts/1?history_before=x");
    let refused = told(asked, StatusCode::BAD_REQUEST).await;
    assert_eq!(refused["field"], "history_before");
}

#[tokio::test]
async fn no_alert_is_left_out_of_the_pages() {
    let server = Server::in_the_morning().await;
    for matter in ["spoil-dumping", "gas-cylinders", "outdoor-advertising"] {
        let mut reports = dumped(LINE, 4, 4);
        for report in &mut reports {
            report["external_id"] = json!(format!("{matter} {}", report["external_id"]));
            report["matter"] = json!(matter);
        }
        server.post("/api/v1/incidents", &json!(reports)).await;
    }
    let all = alerts(&server).await;
    assert!(all.len() > 2, "{all:?}");
    let mut paged = Vec::new();
    let mut path = "/api/v1/alerts?limit=2".to_owned();
    loop {
        let page = server.get(&path).await;
        assert!(page["alerts"].as_array().unwrap().len() <= 2);
        paged.extend(page["alerts"].as_array().unwrap().iter().cloned());
        let Some(next) = page["next"].as_str() else { break };
        path = format!("/api/v1/alerts?limit=2&cursor={next}");
    }
    assert_eq!(paged, all);
    let newest_first = |at: &[Value; 2]| at[0]["id"].as_u64() > at[1]["id"].as_u64();
    assert!(all.array_windows::<2>().all(newest_first));
}

#[tokio::test]
async fn an_open_page_hears_that_other_rules_are_in_force() {
    async fn heard(client: &mut Client, not: &str) -> String {
        loop {
            let frame = client.frame().await;
            let rules = frame["push"]["pub"]["data"]["rules"].as_str();
            if let Some(rules) = rules.filter(|rules| *rules != not) {
                return rules.to_owned();
            }
        }
    }
    let server = Server::in_the_morning().await;
    let mut client = Client::connect(&server.socket("/connection/websocket")).await;
    client.subscribe("stats", None).await;
    let before = heard(&mut client, "").await;
    assert_eq!(server.get("/api/v1/region").await["rules_revision"], before);

    let mut sheet = server.get("/api/v1/rules").await;
    sheet["rule"][0]["eps_m"] = json!(321.0);
    told(server.ask(Method::PUT, "/api/v1/rules").json(&sheet), StatusCode::OK).await;
    let after = heard(&mut client, &before).await;
    assert_eq!(server.get("/api/v1/region").await["rules_revision"], after);

    let server = server.restart().await;
    assert_eq!(server.get("/api/v1/region").await["rules_revision"], after);
}

#[tokio::test]
async fn the_rules_of_the_file_are_in_force_once_it_has_changed_and_not_before() {
    let folder = tempfile::tempdir().unwrap();
    let boston = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/boston");
    for file in std::fs::read_dir(boston).unwrap().map(Result::unwrap) {
        std::fs::copy(file.path(), folder.path().join(file.file_name())).unwrap();
    }
    let server = Server::with(folder.path().to_str().unwrap(), |_| {}).await;
    server.clock(MORNING).await;
    let least =
        async |server: &Server| server.get("/api/v1/rules").await["rule"][0]["min_points"].clone();
    let mut sheet = server.get("/api/v1/rules").await;
    sheet["rule"][0]["min_points"] = json!(7);
    told(server.ask(Method::PUT, "/api/v1/rules").json(&sheet), StatusCode::OK).await;
    assert!(!server.rules.reload().await.unwrap(), "only the certificate was to be read");
    assert_eq!(least(&server).await, 7);

    let file = folder.path().join("rules.toml");
    let text =
        std::fs::read_to_string(&file).unwrap().replacen("min_points = 5", "min_points = 9", 1);
    std::fs::write(&file, text).unwrap();
    assert!(server.rules.reload().await.unwrap());
    assert_eq!(least(&server).await, 9);
    let entries = server.place.open().await.ledger.entries(0, 100).await.unwrap();
    let entries = entries.iter().map(|record| record.entry().unwrap());
    let deeds: Vec<_> = entries.map(|entry| (entry.deed, entry.target)).collect();
    let ends = deeds.iter().filter(|(deed, _)| deed == "set-rules").map(|(_, target)| &**target);
    let file = "rules of the region's file";
    assert_eq!(ends.collect::<Vec<_>>(), ["rules", file]);
}
