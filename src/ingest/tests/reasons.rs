//! What is wrong is told as it is, and what only looks wrong is taken.

use serde_json::{Value, json};

use super::{AT, Counter, catalogue, from, now, stored};
use crate::config::Limits;
use crate::domain::{NewIncident, NewUnit, Position, UnitId};
use crate::ingest::incident::incident;
use crate::ingest::position::position;
use crate::ingest::read::Flaw;
use crate::ingest::unit::unit;
use crate::ingest::{Format, Frame, IngestError};
use crate::pipeline::tests::world::world;

fn report(field: &str, value: &str) -> Result<NewIncident, Flaw> {
    let mut item = json!({"source": "s", "external_id": "f", "matter": "spoil-dumping",
                          "lon": 120.9, "lat": 31.5, "occurred_at": AT});
    item[field] = Value::Null;
    let text =
        item.to_string().replace(&format!("\"{field}\":null"), &format!("\"{field}\":{value}"));
    incident(text.as_bytes(), &catalogue(), now())
}

fn fix(lon: f64, lat: f64, at: &str) -> Result<Position, Flaw> {
    let item = json!({"unit": "car-1", "lon": lon, "lat": lat, "at": at});
    position(item.to_string().as_bytes(), |_| Some(UnitId(1)), now())
}

fn registration(code: &str, name: &str) -> Result<NewUnit, Flaw> {
    let item = json!({"code": code, "name": name, "kind": "car", "agency": "310101"});
    unit(item.to_string().as_bytes(), &world().atlas, |code| code == "Ｂ-9")
}

fn why<T: std::fmt::Debug>(read: Result<T, Flaw>) -> (String, String) {
    let flaw = read.unwrap_err();
    (flaw.field.unwrap_or_default().into_owned(), flaw.reason.into_owned())
}

#[test]
fn a_severity_may_be_written_with_a_point_and_is_refused_by_its_real_bounds() {
    for text in ["3", "3.0", "3.00", "30e-1", "0.3e1"] {
        assert_eq!(report("severity", text).unwrap().severity.grade(), 3, "{text}");
    }
    for (text, reason) in [
        ("3.5", "3.5 is not a whole number"),
        ("1e2", "100 is not within 1 to 4"),
        ("-0.0", "0 is not within 1 to 4"),
        ("-3", "-3 is not within 1 to 4"),
        ("256", "256 is not within 1 to 4"),
        ("\"3\"", "“3” is not a whole number"),
        ("true", "true is not a whole number"),
        ("99999999999999999999", "a number of more than 18 digits is not within 1 to 4"),
    ] {
        assert_eq!(why(report("severity", text)), ("severity".into(), reason.into()), "{text}");
    }
    assert!(why(report("severity", "1e400")).1.contains("out of range"));
}

#[test]
fn a_time_that_is_none_is_told_why() {
    let told = |at: &str| why(report("occurred_at", &format!("\"{at}\"")));
    for (at, reason) in [
        ("2026-02-28T24:00:00Z", "24 is no hour: midnight is 00:00:00 of the next day"),
        ("2026-02-28T10:00:00", "it has no offset: Z, or such as +08:00"),
        (
            "2026-02-27T23:59:60Z",
            "a second 60 is only at the end of June or December, 23:59:60 UTC",
        ),
        (
            "2026-02-28T10:00:00+08:00[Asia/Shanghai]",
            "behind the seconds there is no offset such as Z or +08:00",
        ),
    ] {
        let reason = format!("not an RFC 3339 time with an offset: {reason}");
        assert_eq!(told(at), ("occurred_at".into(), reason), "{at}");
    }
    for at in ["2026-02-28t10:00:00z", "2026-02-28 10:00:00+08:00", "2026-02-28T10:00:00-00:00"] {
        assert!(report("occurred_at", &format!("\"{at}\"")).is_ok(), "{at}");
    }
}

#[test]
fn where_a_receiver_has_no_fix_is_no_place() {
    for (lon, lat) in [(0.0, 0.0), (-0.0, 0.0), (1e-5, -1e-5)] {
        let (field, reason) = why(fix(lon, lat, AT));
        assert_eq!(field, "lon");
        assert_eq!(reason, "0, 0 is what a receiver without a fix tells, not a place");
    }
    for (lon, lat) in [(0.0, 51.5), (9.5, 0.0), (0.001, 0.001)] {
        assert!(fix(lon, lat, AT).is_ok(), "{lon}, {lat}");
    }
}

#[test]
fn a_fix_of_a_week_counted_wrong_is_told_so_and_a_report_of_that_day_is_taken() {
    // 7168 days before the first of March 2026.
    let then = "2006-07-16T00:00:00Z";
    let (field, reason) = why(fix(120.9, 31.5, then));
    assert!(field == "at" && reason.contains("GPS week rollover"), "{reason}");
    assert!(report("occurred_at", &format!("\"{then}\"")).is_ok());
}

#[test]
fn names_that_cannot_be_told_apart_are_refused_by_field() {
    for (code, name, field) in [
        ("B-1\u{200b}", "青浦一车", "code"),
        ("\u{feff}B-6", "六车", "code"),
        ("B-1", "青浦一车\u{200b}", "name"),
        ("B-2", "\u{202e}车一浦青", "name"),
        ("B-4", "一车\u{2028}二车", "name"),
        ("B-5", "\u{200b}\u{200b}", "name"),
    ] {
        assert_eq!(why(registration(code, name)).0, field, "{code:?} {name:?}");
    }
    let unit = registration(" Ｂ-1", "青浦（东）Ａ车 ").unwrap();
    assert_eq!((&*unit.code, &*unit.name), ("B-1", "青浦（东）A车"));
    // It was registered so before codes were folded.
    assert_eq!(&*registration("Ｂ-9", "车").unwrap().code, "Ｂ-9");
    assert_eq!(why(report("source", "\"a\u{200b}\"")).0, "source");
    assert_eq!(why(report("description", "\"a\\u202eb\"")).0, "description");
    // Another system's key is never made another.
    assert_eq!(&*report("external_id", "\"①Ａ\"").unwrap().external_id, "①Ａ");
    assert_eq!(&*report("description", "\"一\\r\\n二👨‍👩‍👧\"").unwrap().description, "一\r\n二👨‍👩‍👧");
}

#[tokio::test]
async fn a_byte_order_mark_costs_no_item() {
    let counter = Counter::open(Limits::default()).await;
    let item = |key: &str| {
        json!({"source": "s", "external_id": key, "matter": "spoil-dumping", "lon": 120.9,
               "lat": 31.5, "occurred_at": AT})
        .to_string()
    };
    let mark = "\u{feff}";
    for (body, format) in [
        (format!("{mark}{}\n{}\n", item("1"), item("2")), Format::Ndjson),
        (format!("{mark}{}\n{mark}{}\n", item("3"), item("4")), Format::Unsaid),
        (format!("{mark}\n[{},{}]", item("5"), item("6")), Format::Json),
    ] {
        let outcome = stored(counter.desk.incidents(&from(), body.as_bytes(), format).await);
        assert_eq!((outcome.accepted.len(), outcome.refused), (2, vec![]), "{body}");
    }
    let one = format!("{mark}{}", item("7"));
    let one = stored(counter.desk.incidents(&from(), one.as_bytes(), Format::Json).await);
    assert_eq!(one.accepted.len(), 1);
    for (text, reason) in [("", IngestError::Empty), (" ", IngestError::Empty)] {
        let body = format!("{mark}{text}");
        let why = counter.desk.incidents(&from(), body.as_bytes(), Format::Json).await;
        assert_eq!(why.unwrap_err(), reason);
    }
    let wide: Vec<u8> = "\u{feff}{}".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let why = counter.desk.incidents(&from(), &wide, Format::Json).await.unwrap_err();
    assert!(why.to_string().contains("UTF-16"), "{why}");
    let frame = format!("{mark}{{\"id\":7.0,\"incidents\":[]}}");
    assert_eq!(Frame::read(frame.as_bytes()).unwrap().id, 7);
    counter.close().await;
}

#[test]
fn two_fixes_around_a_leap_second_are_two() {
    let at = |text: &str| {
        let now = "2026-07-01T00:00:10Z".parse().unwrap();
        let item = json!({"unit": "U", "lon": 121.0, "lat": 31.05, "at": text}).to_string();
        position(item.as_bytes(), |_| Some(UnitId(1)), now).unwrap().at
    };
    let times = ["2026-06-30T23:59:59Z", "2026-06-30T23:59:60Z", "2026-07-01T08:00:00+08:00"];
    let [before, leap, after] = times.map(at);
    assert!(before < leap && leap < after);
}
