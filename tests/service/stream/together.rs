//! Two servers on one database: what one takes in, the other shows.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use pilin::domain::{Event, Offset};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::follower::Follower;
use super::wire::Client;
use crate::alerts::{LINE, dumped};
use crate::harness::{MORNING, Server, report, told};
use crate::place::Place;

const ROUNDS: u64 = 60;
const CARS: u64 = 5;
const EARLIER: &str = "2026-03-04T07:00:00+08:00";

async fn both() -> (Server, Server) {
    let one = Server::at(Place::postgis().await).await;
    one.clock(MORNING).await;
    let two = one.another().await;
    (one, two)
}

/// Asks until an answer fits; the answer.
async fn until(server: &Server, path: &str, fits: impl Fn(&Value) -> bool) -> Value {
    let begun = Instant::now();
    loop {
        let told = server.get(path).await;
        if fits(&told) {
            return told;
        }
        assert!(begun.elapsed() < Duration::from_secs(20), "{path} still tells {told}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// What one loader was told was new.
#[derive(Default)]
struct Accepted {
    incidents: HashSet<u64>,
    fixes: usize,
}

/// Posts the same as the other loader at about the same time, each round to the
/// other server than before.
async fn load(servers: [&Server; 2], loader: usize) -> Accepted {
    let mut accepted = Accepted::default();
    for round in 0..ROUNDS {
        let server = servers[(loader + usize::try_from(round).unwrap()) % 2];
        let lon = |n: u64| 119.0 + 0.02 * f64::from(u32::try_from(round * 5 + n).unwrap() % 100);
        let reports: Vec<_> = (0..5)
            .map(|n| report(&format!("load-{round}-{n}"), "exposed-refuse", lon(n), 31.0, EARLIER))
            .collect();
        let at = |n: u64| format!("2026-03-04T07:{:02}:{:02}+08:00", round / 60 + n, round % 60);
        let fixes: Vec<_> = (0..CARS)
            .map(|n| json!({"unit": format!("car-{n}"), "lon": lon(n), "lat": 31.1, "at": at(n)}))
            .collect();
        let (told, moved) = (json!(reports), json!(fixes));
        let (told, moved) = tokio::join!(
            server.post("/api/v1/incidents", &told),
            server.post("/api/v1/positions", &moved)
        );
        let ids = told["accepted"].as_array().unwrap().iter();
        accepted.incidents.extend(ids.map(|one| one["id"].as_u64().unwrap()));
        accepted.fixes += usize::try_from(moved["accepted"].as_u64().unwrap()).unwrap();
    }
    accepted
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_servers_on_one_database_show_one_picture_and_take_nothing_twice() {
    let (one, two) = both().await;
    let cars: Vec<_> = (0..CARS)
        .map(|n| json!({"code": format!("car-{n}"), "name": "车", "kind": "car", "agency": "310118"}))
        .collect();
    one.post("/api/v1/units", &json!(cars)).await;
    let all_cars = |told: &Value| told.as_array().unwrap().len() == cars.len();
    until(&two, "/api/v1/units", all_cars).await;
    let mut heard = Vec::new();
    for server in [&one, &two] {
        let mut client = Client::connect(&server.socket("/connection/websocket")).await;
        let mut follower = Follower::default();
        follower.subscribe(&mut client, "incidents:all").await;
        heard.push((client, follower));
    }

    let (a, b) = tokio::join!(load([&one, &two], 0), load([&one, &two], 1));
    two.post("/api/v1/incidents", &json!(dumped(LINE, 3, 3))).await;
    assert!(a.incidents.is_disjoint(&b.incidents), "no report is new to both");
    let reports = usize::try_from(ROUNDS).unwrap() * 5;
    assert_eq!(a.incidents.len() + b.incidents.len(), reports);
    assert_eq!(a.fixes + b.fixes, reports, "no fix is new to both, and none is lost");

    for (client, follower) in &mut heard {
        follower.until(client, reports + 6).await;
    }
    assert_eq!(heard[0].1.ids, heard[1].1.ids, "both tell the same in the same order");
    let shown = two.get("/api/v1/alerts").await;
    assert_eq!(shown["alerts"][0]["members"], 6);
    until(&one, "/api/v1/alerts", |told| *told == shown).await;
    let units = two.get("/api/v1/units").await;
    until(&one, "/api/v1/units", |told| *told == units).await;

    let log = one.place.open().await.store.read(Offset(0), usize::MAX).await.unwrap();
    let offsets: Vec<_> = log.iter().map(|(offset, _)| offset.0).collect();
    assert_eq!(offsets, (1..=offsets.len() as u64).collect::<Vec<_>>(), "no gap");
    let mut fixes = HashSet::new();
    for event in log.iter().flat_map(|(_, batch)| &batch.events) {
        if let Event::Position(fix) = event {
            assert!(fixes.insert((fix.unit, fix.at)), "{fix:?} is there once");
        }
    }
    assert_eq!(fixes.len(), reports);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_done_at_one_server_holds_at_the_other() {
    let (one, two) = both().await;
    let mut client = Client::connect(&one.socket("/connection/websocket")).await;
    let mut follower = Follower::default();
    follower.subscribe(&mut client, "incidents:all").await;
    one.post("/api/v1/incidents", &json!(dumped(LINE, 3, 3))).await;
    follower.until(&mut client, 6).await;

    let raised = |told: &Value| told["alerts"][0]["id"].is_u64();
    let id = until(&two, "/api/v1/alerts", raised).await["alerts"][0]["id"].clone();
    let act = json!({"by": "值班员", "note": "已派车"});
    two.post(&format!("/api/v1/alerts/{id}/acknowledge"), &act).await;
    let answered = |told: &Value| told["alert"]["acknowledged"]["note"] == "已派车";
    until(&one, &format!("/api/v1/alerts/{id}"), answered).await;

    let mut sheet = one.get("/api/v1/rules").await;
    sheet["rule"][0]["eps_m"] = json!(321.0);
    told(one.ask(Method::PUT, "/api/v1/rules").json(&sheet), StatusCode::OK).await;
    until(&two, "/api/v1/rules", |told| *told == sheet).await;

    // Whoever loses one server goes on at the other.
    client.bye().await;
    let later = report("later", "exposed-refuse", 121.0, 31.0, EARLIER);
    one.post("/api/v1/incidents", &later).await;
    let mut client = Client::connect(&two.socket("/connection/websocket")).await;
    follower.subscribe(&mut client, "incidents:all").await;
    follower.until(&mut client, 7).await;
    assert_eq!((follower.resets, follower.resumes), (1, 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_one_server_takes_in_is_heard_at_the_other_at_once() {
    let (one, two) = both().await;
    let mut client = Client::connect(&two.socket("/connection/websocket")).await;
    let mut follower = Follower::default();
    follower.subscribe(&mut client, "incidents:all").await;
    let mut waits = Vec::new();
    for n in 1..=50 {
        let posted = report(&n.to_string(), "exposed-refuse", 121.0, 31.0, EARLIER);
        one.post("/api/v1/incidents", &posted).await;
        let answered = Instant::now();
        follower.until(&mut client, n).await;
        waits.push(answered.elapsed());
    }
    waits.sort();
    println!("from answered there to heard here: median {:?}, longest {:?}", waits[25], waits[49]);
    // Far less than a look at the log a second would take.
    assert!(waits[25] < Duration::from_millis(250), "{waits:?}");
}
