//! What a browser gets.

use reqwest::header::{ACCEPT, ACCEPT_ENCODING, CONTENT_ENCODING, ETAG, IF_NONE_MATCH};
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
async fn what_the_pages_draw_is_kept_for_ever_under_a_name_of_its_own() {
    let server = Server::with("data/boston", |_| {}).await;
    let region = server.get("/api/v1/region").await;
    let display = region["display"].as_array().unwrap().clone();
    assert!(display.iter().any(|one| one["layer"] == "borders"));
    for one in &display {
        let path = format!("/api/v1/map/{}", one["file"].as_str().unwrap());
        let whole = format!("/api/v1/map/{}.geojson", one["layer"].as_str().unwrap());
        let answer = server.ask(Method::GET, &path).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK, "{path}");
        let keep = answer.headers()["cache-control"].to_str().unwrap().to_owned();
        assert!(keep.contains("immutable") && keep.contains("private"), "{path}: {keep}");
        let drawn = answer.text().await.unwrap();
        assert!(drawn.parse::<geojson::GeoJson>().is_ok(), "{path}");
        let whole = server.ask(Method::GET, &whole).send().await.unwrap();
        assert_eq!(whole.headers()["cache-control"], "private, no-cache", "{path}");
        assert!(drawn.len() <= whole.text().await.unwrap().len(), "{path}");
    }
    assert_eq!(server.restart().await.get("/api/v1/region").await["display"], region["display"]);
}

#[tokio::test]
async fn a_wrong_address_shows_a_person_where_the_pages_are_and_a_program_a_problem() {
    let server = Server::with("data/boston", |_| {}).await;
    let ask = async |path: &str, accept: &'static str| {
        let answer = server.ask(Method::GET, path).header(ACCEPT, accept).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::NOT_FOUND, "{path}");
        let kind = answer.headers()["content-type"].to_str().unwrap().to_owned();
        (kind, answer.text().await.unwrap())
    };
    let browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
    let (kind, page) = ask("/dask", browser).await;
    assert!(kind.starts_with("text/html"), "{kind}");
    assert!(page.contains("href=/desk") && page.contains("href=/wall"), "{page}");
    for accept in ["application/json", "*/*"] {
        let (kind, problem) = ask("/dask", accept).await;
        assert_eq!(kind, "application/problem+json");
        assert!(problem.contains("urn:pilin:problem:not-found"), "{problem}");
    }
    let form = server.ask(Method::POST, "/dask").header(ACCEPT, browser).send().await.unwrap();
    assert_eq!(form.headers()["content-type"], "application/problem+json");
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
