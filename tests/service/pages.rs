//! What a browser gets.

use reqwest::header::{ACCEPT_ENCODING, CONTENT_ENCODING, ETAG, IF_NONE_MATCH};
use reqwest::{Method, StatusCode};
use serde_json::Value;

use crate::harness::{MORNING, Server, report};

#[tokio::test]
async fn a_map_layer_is_sent_packed_and_only_once() {
    let server = Server::with("data/boston", |_| {}).await;
    let layer = || server.ask(Method::GET, "/api/v1/map/counties.geojson");
    let first = layer().header(ACCEPT_ENCODING, "gzip").send().await.unwrap();
    assert_eq!(first.headers()[CONTENT_ENCODING], "gzip");
    let tag = first.headers()[ETAG].clone();
    assert_eq!(first.bytes().await.unwrap()[..2], [0x1f, 0x8b]);
    let again = layer().header(IF_NONE_MATCH, tag).send().await.unwrap();
    assert_eq!(again.status(), StatusCode::NOT_MODIFIED);

    let plain = layer().send().await.unwrap().text().await.unwrap();
    assert!(plain.parse::<geojson::GeoJson>().is_ok());
    let borders = server.get("/api/v1/map/borders.geojson").await;
    assert!(borders["features"].as_array().unwrap().len() > 20);
    let unknown = server.ask(Method::GET, "/api/v1/map/roads.geojson").send().await.unwrap();
    assert_eq!(unknown.status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn every_answer_keeps_scripts_from_elsewhere_out() {
    let server = Server::with("data/boston", |_| {}).await;
    for path in ["/wall", "/desk", "/api/v1/region", "/nothing", "/healthz"] {
        let answer = server.ask(Method::GET, path).send().await.unwrap();
        let policy = answer.headers()["content-security-policy"].to_str().unwrap().to_owned();
        assert!(policy.contains("script-src 'self';"), "{path}: {policy}");
        assert_eq!(answer.headers()["x-content-type-options"], "nosniff", "{path}");
    }
}

#[tokio::test]
async fn the_region_says_what_a_page_must_know() {
    let server = Server::with("data/boston", |_| {}).await;
    let region = server.get("/api/v1/region").await;
    assert_eq!(region["time_zone"], "America/New_York");
    assert_eq!(region["level"], "county");
    assert_eq!(region["driven_clock"], true);
    let build = region["build"].as_str().unwrap();
    assert!(build.starts_with(concat!(env!("CARGO_PKG_VERSION"), "+")), "{build}");
    assert_eq!(server.restart().await.get("/api/v1/region").await["build"], build);
    let classes = region["classes"].as_array().unwrap();
    assert_eq!(classes[0]["name_en"], "Street and public space");
    let matters = region["matters"].as_array().unwrap();
    assert!(matters.len() > 5);
    let named = |class: &Value| classes.iter().any(|one| one["code"] == *class);
    assert!(matters.iter().all(|matter| named(&matter["class"])), "each is of a class told");
}

#[tokio::test]
async fn the_service_says_that_it_lives_and_how_it_fares() {
    let server = Server::in_the_morning().await;
    assert_eq!(server.get("/healthz").await, "ok\n");
    assert_eq!(server.get("/readyz").await, "ready\n");
    server.post("/api/v1/incidents", &report("1", "noise", 121.0, 31.0, MORNING)).await;
    let metrics = server.get("/metrics").await;
    let metrics = metrics.as_str().unwrap();
    for name in ["pilin_ingest_items_total", "pilin_events_total", "pilin_stream_clients"] {
        assert!(metrics.contains(name), "{name}:\n{metrics}");
    }
}
