//! What comes in, and what is refused.

use futures_util::{SinkExt, StreamExt};
use reqwest::header::{ACCEPT_ENCODING, ETAG, IF_NONE_MATCH};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;

use crate::alerts::{LINE, dumped, until};
use crate::harness::{MORNING, Server, report, told};

const EARLIER: &str = "2026-03-04T07:00:00+08:00";

#[tokio::test]
async fn good_items_are_not_lost_for_bad_neighbours() {
    let server = Server::in_the_morning().await;
    let mut nowhere = report("2", "exposed-refuse", 999.0, 31.0, EARLIER);
    let unknown = report("3", "no-such-matter", 121.0, 31.0, EARLIER);
    let future = report("4", "exposed-refuse", 121.0, 31.0, "2026-03-04T08:06:00+08:00");
    let ancient = report("5", "exposed-refuse", 121.0, 31.0, "1999-12-31T23:59:59Z");
    nowhere["description"] = json!("坐标有误");
    let good = |id| report(id, "exposed-refuse", 121.0, 31.0, EARLIER);
    let body = json!([good("1"), nowhere, unknown, future, ancient, good("1"), good("6")]);
    let told = server.post("/api/v1/incidents", &body).await;

    let indexes = |what: &str| -> Vec<u64> {
        told[what].as_array().unwrap().iter().map(|it| it["index"].as_u64().unwrap()).collect()
    };
    assert_eq!(indexes("accepted"), [0, 6]);
    assert_eq!(indexes("duplicates"), [5]);
    assert_eq!(indexes("refused"), [1, 2, 3, 4]);
    let fields: Vec<_> =
        told["refused"].as_array().unwrap().iter().map(|it| it["field"].clone()).collect();
    assert_eq!(fields, ["lon", "matter", "occurred_at", "occurred_at"]);
}

#[tokio::test]
async fn a_phone_that_reports_in_its_own_datum_is_put_where_it_is() {
    let server = Server::in_the_morning().await;
    let mut phone = report("1", "exposed-refuse", 120.9, 31.0, EARLIER);
    phone["datum"] = json!("gcj02");
    let told = server.post("/api/v1/incidents", &phone).await;
    let incident = server.get(&format!("/api/v1/incidents/{}", told["accepted"][0]["id"])).await;
    let moved = (incident["lon"].as_f64().unwrap() - 120.9).abs();
    assert!((0.003..0.006).contains(&moved), "{incident}");
}

#[tokio::test]
async fn one_object_and_lines_are_taken_like_a_list() {
    let server = Server::in_the_morning().await;
    let one = report("1", "exposed-refuse", 121.0, 31.0, EARLIER);
    let two = report("2", "exposed-refuse", 121.0, 31.0, EARLIER);
    let lines = server
        .ask(Method::POST, "/api/v1/incidents")
        .header("content-type", "application/x-ndjson")
        .body(format!("{one}\n{two}\n{{broken\n"));
    let answer = told(lines, StatusCode::OK).await;
    assert_eq!(answer["accepted"].as_array().unwrap().len(), 2);
    assert_eq!(answer["refused"][0]["index"], 2);
    let again = server.post("/api/v1/incidents", &one).await;
    assert_eq!(again["duplicates"], json!([{"index": 0, "id": answer["accepted"][0]["id"]}]));
}

#[tokio::test]
async fn a_late_fix_goes_into_the_track_and_does_not_move_the_unit_back() {
    let server = Server::in_the_morning().await;
    let unit = json!({"code": "QP-1", "name": "青浦一号", "kind": "car", "agency": "310118"});
    server.post("/api/v1/units", &unit).await;
    let fix = |lon: f64, minute: u32| json!({"unit": "QP-1", "lon": lon, "lat": 31.1, "at": format!("2026-03-04T07:{minute:02}:00+08:00")});
    server.post("/api/v1/positions", &json!([fix(121.00, 10), fix(121.02, 30)])).await;
    let late = server.post("/api/v1/positions", &json!([fix(121.01, 20), fix(121.00, 10)])).await;
    assert_eq!((&late["accepted"], &late["duplicates"]), (&json!(1), &json!([1])));

    assert_eq!(server.get("/api/v1/units/QP-1").await["fix"][1], 121.02);
    let track = server
        .get(
            "/api/v1/units/QP-1/track?from=2026-03-04T00:00:00Z&to=2026-03-05T00:00:00Z"
                .replace("2026-03-04T00", "2026-03-03T00")
                .as_str(),
        )
        .await;
    let lons: Vec<_> =
        track["fixes"].as_array().unwrap().iter().map(|fix| fix["lon"].clone()).collect();
    assert_eq!(lons, [121.0, 121.01, 121.02]);
}

#[tokio::test]
async fn limits_and_nonsense_are_answered_as_problems() {
    let server = Server::with("data", |config| {
        config.limits.body_bytes = 4096;
        config.limits.batch_items = 5;
        config.limits.items_per_second = 5;
    })
    .await;
    server.clock(MORNING).await;
    let post = |body: String| server.ask(Method::POST, "/api/v1/incidents").body(body);
    for (body, status) in [
        ("x".repeat(5000), StatusCode::PAYLOAD_TOO_LARGE),
        ("[1,2,3,4,5,6]".to_owned(), StatusCode::PAYLOAD_TOO_LARGE),
        ("not json".to_owned(), StatusCode::BAD_REQUEST),
        (String::new(), StatusCode::BAD_REQUEST),
    ] {
        let answer = post(body).send().await.unwrap();
        assert_eq!(answer.headers()["content-type"], "application/problem+json");
        let problem: Value = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
        assert_eq!(problem["status"], status.as_u16(), "{problem}");
    }
    let mut statuses = Vec::new();
    for _ in 0..3 {
        statuses.push(post("[1,2,3,4,5]".to_owned()).send().await.unwrap());
    }
    let slowed = statuses.iter().find(|answer| answer.status() == StatusCode::TOO_MANY_REQUESTS);
    assert!(slowed.unwrap().headers().contains_key("retry-after"));
}

#[tokio::test]
async fn a_device_that_stays_connected_is_answered_batch_by_batch() {
    let server = Server::in_the_morning().await;
    let (mut socket, _) = connect_async(server.socket("/api/v1/ingest")).await.unwrap();
    let unit = json!({"code": "JS-1", "name": "嘉善一号", "kind": "boat", "agency": "330421"});
    let fix = json!({"unit": "JS-1", "lon": 120.9, "lat": 30.9, "at": EARLIER});
    for message in [
        json!({"id": 1, "units": [unit]}),
        json!({"id": 2, "positions": [fix, {"unit": "?"}]}),
        json!({"id": 3, "incidents": [report("1", "floating-refuse", 120.9, 30.9, EARLIER)]}),
    ] {
        socket.send(Message::text(message.to_string())).await.unwrap();
    }
    let mut told = Vec::new();
    while told.len() < 3 {
        if let Message::Text(text) = socket.next().await.unwrap().unwrap() {
            told.push(serde_json::from_str::<Value>(&text).unwrap());
        }
    }
    told.sort_by_key(|answer| answer["id"].as_u64());
    assert_eq!(told[1]["accepted"], 1, "{told:?}");
    assert_eq!(told[1]["refused"][0]["index"], 1);
    assert_eq!(server.get("/api/v1/incidents/1").await["matter"], "floating-refuse");
}

#[tokio::test]
async fn a_parameter_that_cannot_be_is_named() {
    let server = Server::in_the_morning().await;
    for (path, field) in [
        ("/api/v1/locate?lat=31", "lon"),
        ("/api/v1/locate?lon=x&lat=31", "lon"),
        ("/api/v1/locate?lon=121&lat=91", "lat"),
        ("/api/v1/locate?lon=121&lat=31&datum=mars", "datum"),
        ("/api/v1/locate?lon=121&lat=31&level=street", "level"),
        ("/api/v1/locate?lon=121&lat=31&zoom=3", "zoom"),
        ("/api/v1/incidents?bbox=1,2,3", "bbox"),
        ("/api/v1/incidents?matter=none", "matter"),
        ("/api/v1/incidents?jurisdiction=999999", "jurisdiction"),
        ("/api/v1/incidents?until=noon", "until"),
        ("/api/v1/alerts?zone=none", "zone"),
        ("/api/v1/alerts?state=odd", "state"),
        ("/api/v1/alerts?limit=0", "limit"),
        ("/api/v1/alerts?cursor=x", "cursor"),
        ("/api/v1/alerts?state=ended&cursor=7", "cursor"),
        ("/api/v1/incidents?cursor=x", "cursor"),
    ] {
        let problem = told(server.ask(Method::GET, path), StatusCode::BAD_REQUEST).await;
        assert_eq!(problem["field"], field, "{path}: {problem}");
    }
    for path in ["/api/v1/nothing", "/api/v1/alerts/7", "/api/v1/alerts/x", "/api/v1/units/x"] {
        let problem = told(server.ask(Method::GET, path), StatusCode::NOT_FOUND).await;
        assert_eq!(problem["status"], 404);
    }
}

#[tokio::test]
async fn before_its_clock_is_set_a_driven_service_takes_nothing() {
    let server = Server::start().await;
    let early = report("1", "exposed-refuse", 121.0, 31.0, EARLIER);
    let request = server.ask(Method::POST, "/api/v1/incidents").json(&early);
    told(request, StatusCode::CONFLICT).await;
    server.clock("2026-03-04T08:00:00+08:00").await;
    server.post("/api/v1/incidents", &early).await;
    let back = server.ask(Method::PUT, "/api/v1/clock").json(&json!({"now": EARLIER}));
    told(back, StatusCode::CONFLICT).await;
}

#[tokio::test]
async fn incidents_are_told_page_by_page_the_last_received_first() {
    let server = Server::in_the_morning().await;
    let all: Vec<_> =
        (1..=7).map(|n| report(&n.to_string(), "exposed-refuse", 121.0, 31.0, EARLIER)).collect();
    server.post("/api/v1/incidents", &json!(all)).await;
    let mut ids = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = server.get(&format!("/api/v1/incidents?limit=3{cursor}")).await;
        let some = page["incidents"].as_array().unwrap();
        ids.extend(some.iter().map(|incident| incident["id"].as_u64().unwrap()));
        let Some(next) = page["next"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(ids, [7, 6, 5, 4, 3, 2, 1]);
}

#[tokio::test]
async fn incidents_are_narrowed_by_place_time_and_matter() {
    let server = Server::in_the_morning().await;
    let (qingpu, pudong) = ((120.98, 31.12), (121.54, 31.22));
    let reports = [
        report("1", "exposed-refuse", qingpu.0, qingpu.1, EARLIER),
        report("2", "floating-refuse", qingpu.0, qingpu.1, EARLIER),
        report("3", "exposed-refuse", pudong.0, pudong.1, MORNING),
    ];
    server.post("/api/v1/incidents", &json!(reports)).await;
    for (query, expected) in [
        ("jurisdiction=310118", vec![2, 1]),
        ("jurisdiction=310000", vec![3, 2, 1]),
        ("jurisdiction=330421", vec![]),
        ("zone=yrd-demonstration-zone", vec![2, 1]),
        ("zone=yrd-demonstration-zone&matter=floating-refuse", vec![2]),
        ("until=2026-03-04T08:00:00%2B08:00", vec![2, 1]),
        ("since=2026-03-04T08:00:00%2B08:00", vec![3]),
        ("bbox=121.5,31,122,32", vec![3]),
    ] {
        let page = server.get(&format!("/api/v1/incidents?{query}")).await;
        let told = page["incidents"].as_array().unwrap().iter();
        let told: Vec<_> = told.map(|incident| incident["id"].as_u64().unwrap()).collect();
        assert_eq!(told, expected, "{query}");
    }
}

#[tokio::test]
async fn what_has_not_changed_is_not_sent_again() {
    let server = Server::in_the_morning().await;
    server.post("/api/v1/incidents", &json!(dumped(LINE, 3, 3))).await;
    let alerts = server.get("/api/v1/alerts").await;
    let alert = format!("/api/v1/alerts/{}", alerts["alerts"][0]["id"]);
    until(&server, &alert, |told| told["history"][0]["step"] == "raised").await;
    let ask = async |path: &str, tag: &str| {
        let request = server.ask(Method::GET, path).header(IF_NONE_MATCH, tag);
        let answer = request.header(ACCEPT_ENCODING, "gzip").send().await.unwrap();
        let tag = answer.headers()[ETAG].to_str().unwrap().to_owned();
        (answer.status(), tag, answer.bytes().await.unwrap().len())
    };
    let paths = ["/api/v1/region", "/api/v1/rules", "/api/v1/openapi.json", &alert];
    let mut tags = Vec::new();
    for path in paths {
        let (status, tag, length) = ask(path, "\"none\"").await;
        assert!(status == StatusCode::OK && length > 0, "{path}");
        let again = ask(path, &tag).await;
        assert_eq!(again, (StatusCode::NOT_MODIFIED, tag.clone(), 0), "{path}");
        tags.push(tag);
    }
    let mut rules = server.get("/api/v1/rules").await;
    rules["rule"].as_array_mut().unwrap().pop();
    told(server.ask(Method::PUT, "/api/v1/rules").json(&rules), StatusCode::OK).await;
    let acknowledge = format!("{alert}/acknowledge");
    server.post(&acknowledge, &json!({"by": "李伟"})).await;
    for ((path, tag), changed) in paths.into_iter().zip(&tags).zip([true, true, false, true]) {
        assert_eq!(ask(path, tag).await.0 == StatusCode::OK, changed, "{path}");
    }
}

#[tokio::test]
async fn a_track_longer_than_a_week_is_asked_for_in_pieces() {
    let server = Server::in_the_morning().await;
    let unit = json!({"code": "QP-1", "name": "青浦一号", "kind": "car", "agency": "310118"});
    server.post("/api/v1/units", &unit).await;
    let path = "/api/v1/units/QP-1/track?from=2026-03-01T00:00:00Z&to=2026-03-08T00:00:01Z";
    let problem = told(server.ask(Method::GET, path), StatusCode::BAD_REQUEST).await;
    assert_eq!(problem["field"], "to");
}

#[tokio::test]
async fn a_page_of_another_origin_can_neither_report_nor_listen() {
    let server = Server::in_the_morning().await;
    let evil = "https://elsewhere.example";
    let report = report("1", "exposed-refuse", 121.0, 31.0, EARLIER);
    let plain = server.ask(Method::POST, "/api/v1/incidents").header("content-type", "text/plain");
    let plain = plain.header("origin", evil).body(report.to_string());
    let problem = told(plain, StatusCode::FORBIDDEN).await;
    assert_eq!(problem["type"], "urn:pilin:problem:no-entry");
    let rebound = server.ask(Method::GET, "/api/v1/region").header("host", "elsewhere.example");
    assert_eq!(told(rebound, StatusCode::FORBIDDEN).await["field"], "Host");
    for socket in ["/api/v1/ingest", "/connection/websocket"] {
        let enter = async |origin: String| {
            let mut request = server.socket(socket).into_client_request().unwrap();
            request.headers_mut().insert("origin", origin.parse().unwrap());
            connect_async(request).await.map(drop)
        };
        enter(server.url()).await.unwrap();
        assert!(enter(evil.into()).await.is_err(), "{socket}");
    }
    assert_eq!(server.get("/api/v1/incidents").await["incidents"], json!([]));
}

#[tokio::test]
async fn a_device_is_told_when_the_service_stops_and_a_stalled_request_does_not_keep_it() {
    let server = Server::in_the_morning().await;
    let (mut socket, _) = connect_async(server.socket("/api/v1/ingest")).await.unwrap();
    let mut stalled = TcpStream::connect(server.address).await.unwrap();
    let half = "POST /api/v1/incidents HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99\r\n\r\n{";
    stalled.write_all(half.as_bytes()).await.unwrap();
    // It is surely under way once a later request has been answered.
    server.get("/api/v1/region").await;
    let restarted = tokio::spawn(server.restart());
    loop {
        match socket.next().await.unwrap().unwrap() {
            Message::Close(told) => {
                assert_eq!(u16::from(told.unwrap().code), 1001);
                break;
            }
            other => assert!(other.is_ping(), "{other:?}"),
        }
    }
    restarted.await.unwrap();
}
