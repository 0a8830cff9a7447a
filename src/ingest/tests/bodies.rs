use serde_json::{Value, json};

use super::{AT, Counter, catalogue, from, stored};
use crate::config::Limits;
use crate::ingest::{Desk, Format, IngestError};
use crate::pipeline::tests::world::{Service, open, world};
use crate::pipeline::{Clock, Pace, Refused};

fn report(key: &str) -> Value {
    json!({"source": "12345", "external_id": key, "matter": "spoil-dumping",
           "lon": 120.9, "lat": 31.5, "occurred_at": AT})
}

fn fix(unit: &str, second: u32) -> Value {
    let at = format!("2026-03-01T00:00:{second:02}+00:00");
    json!({"unit": unit, "lon": 120.9, "lat": 31.5, "at": at, "speed_mps": 3.5, "course_deg": 10,
           "accuracy_m": null})
}

fn lines(items: &[Value]) -> Vec<u8> {
    items.iter().flat_map(|item| format!("{item}\n").into_bytes()).collect()
}

async fn incidents(desk: &Desk, body: &[u8], format: Format) -> Value {
    serde_json::to_value(desk.incidents(&from(), body, format).await.unwrap()).unwrap()
}

async fn positions(desk: &Desk, body: &[u8]) -> Value {
    serde_json::to_value(desk.positions(&from(), body, Format::Ndjson).await.unwrap()).unwrap()
}

#[tokio::test]
async fn a_batch_of_reports_is_answered_item_by_item() {
    let counter = Counter::open(Limits::default()).await;
    let mut wrong = report("b");
    wrong["lat"] = 99.into();
    let body = json!([report("a"), wrong, report("c"), 7, report("a")]).to_string();
    let first = incidents(&counter.desk, body.as_bytes(), Format::Json).await;
    let refused = json!([
        {"index": 1, "field": "lat", "reason": "latitude 99 is not within -90 to 90 degrees"},
        {"index": 3, "field": null, "reason": "not a JSON object"},
    ]);
    assert!(first["offset"].as_u64().unwrap() > 0);
    assert_eq!(first["accepted"], json!([{"index": 0, "id": 1}, {"index": 2, "id": 2}]));
    assert_eq!(first["duplicates"], json!([{"index": 4, "id": 1}]));
    assert_eq!(first["refused"], refused);

    let again = incidents(&counter.desk, body.as_bytes(), Format::Json).await;
    assert_eq!(again["accepted"], json!([]));
    let known = json!([{"index": 0, "id": 1}, {"index": 2, "id": 2}, {"index": 4, "id": 1}]);
    assert_eq!((&again["duplicates"], &again["refused"]), (&known, &refused));

    let one = incidents(&counter.desk, report("d").to_string().as_bytes(), Format::Unsaid).await;
    assert_eq!(one["accepted"], json!([{"index": 0, "id": 3}]));
    counter.close().await;
}

#[tokio::test]
async fn duplicates_among_fixes_are_named_by_their_place_in_the_body() {
    let counter = Counter::open(Limits::default()).await;
    assert_eq!(counter.register("car-1").await.accepted.len(), 1);
    let mut body = lines(&[fix("car-2", 1), fix("car-1", 1), fix("car-1", 3)]);
    body.extend(b"{\"unit\":\n");
    body.extend(lines(&[fix("car-1", 3), fix("car-1", 2)]));
    let answer = positions(&counter.desk, &body).await;
    assert_eq!((&answer["accepted"], &answer["duplicates"]), (&json!(3), &json!([4])));
    let refused = answer["refused"].as_array().unwrap();
    assert_eq!(
        refused[0],
        json!({"index": 0, "field": "unit",
                                  "reason": "no unit “car-2” is registered"})
    );
    assert_eq!((&refused[1]["index"], &refused[1]["field"]), (&json!(3), &Value::Null));
    let again = positions(&counter.desk, &body).await;
    assert_eq!((&again["accepted"], &again["duplicates"]), (&json!(0), &json!([1, 2, 4, 5])));
    counter.close().await;
}

#[tokio::test]
async fn a_large_body_keeps_its_places_across_batches() {
    let counter = Counter::open(Limits::default()).await;
    let reports: Vec<Value> = (0..2_500).map(|key| report(&key.to_string())).collect();
    let first = incidents(&counter.desk, &lines(&reports[1_200..1_300]), Format::Ndjson).await;
    assert_eq!(first["accepted"].as_array().unwrap().len(), 100);
    let answer = incidents(&counter.desk, &lines(&reports), Format::Ndjson).await;
    assert_eq!(answer["accepted"].as_array().unwrap().len(), 2_400);
    let duplicates = answer["duplicates"].as_array().unwrap();
    assert_eq!(duplicates.len(), 100);
    assert_eq!(duplicates[99], json!({"index": 1_299, "id": 100}));
    counter.close().await;
}

#[tokio::test]
async fn a_registration_sent_again_is_a_duplicate_until_it_says_something_else() {
    let counter = Counter::open(Limits::default()).await;
    let (first, again) = (counter.register("car-1").await, counter.register("car-1").await);
    let known: Vec<_> = again.duplicates.iter().map(|known| (known.index, known.id)).collect();
    assert_eq!(known, [(first.accepted[0].index, first.accepted[0].id)]);
    let other = br#"{"code":"car-1","name":"other","kind":"foot","agency":"320101"}"#;
    let other = stored(counter.desk.units(&from(), other, Format::Unsaid).await);
    assert_eq!(first.accepted, other.accepted);
    counter.close().await;
}

#[tokio::test]
async fn nothing_good_hands_in_nothing() {
    let counter = Counter::open(Limits::default()).await;
    let answer = positions(&counter.desk, b"{}").await;
    assert_eq!(answer["offset"], Value::Null);
    assert_eq!(incidents(&counter.desk, b"[]", Format::Json).await["refused"], json!([]));
    counter.close().await;
}

#[tokio::test]
async fn a_body_over_a_limit_is_refused_as_a_whole() {
    let limits = Limits { batch_items: 2, items_per_second: 4, ..Limits::default() };
    let counter = Counter::open(limits).await;
    let send = async |count| {
        let body = lines(&vec![report("a"); count]);
        counter.desk.incidents(&from(), &body, Format::Ndjson).await
    };
    assert_eq!(send(3).await, Err(IngestError::TooMany { most: 2 }));
    assert!(send(2).await.is_ok() && send(2).await.is_ok());
    let why = send(2).await.unwrap_err();
    assert_eq!(why.code(), "too_fast");
    assert!(why.retry_after().unwrap().as_millis() <= 500);
    counter.close().await;
}

#[tokio::test]
async fn without_a_clock_nothing_that_has_a_time_is_taken() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).await;
    let service = Service::run(store, Clock::driven(), Pace::default()).await;
    let counter = Counter::before(service, folder, Limits::default());
    let body = lines(&[report("a")]);
    let why = counter.desk.incidents(&from(), &body, Format::Json).await.unwrap_err();
    assert_eq!((&why, why.code()), (&IngestError::Refused(Refused::ClockUnset), "clock"));
    counter.close().await;
}

#[tokio::test]
async fn a_pipeline_that_has_stopped_refuses() {
    let Counter { desk, service, folder } = Counter::open(Limits::default()).await;
    service.stop().await;
    let why = desk.incidents(&from(), &lines(&[report("a")]), Format::Json).await.unwrap_err();
    assert_eq!(why.code(), "stopped");
    drop(folder);
}

#[test]
fn the_catalogue_of_these_stories_fits_their_region() {
    for province in &catalogue().get("spoil-dumping").unwrap().cooperating {
        assert!(world().atlas.jurisdiction(*province).is_some());
    }
}
