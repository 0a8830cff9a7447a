use proptest::prelude::*;
use serde_json::{Value, json};

use super::{AT, catalogue, now};
use crate::domain::{Datum, Position, Provenance, Severity, UnitId};
use crate::ingest::format::{Format, split};
use crate::ingest::incident::incident;
use crate::ingest::position::position;
use crate::ingest::read::Flaw;
use crate::ingest::unit::unit;
use crate::pipeline::tests::world::world;

fn report() -> Value {
    json!({"source": "12345", "external_id": "a-1", "matter": "spoil-dumping",
           "lon": 120.9, "lat": 31.5, "occurred_at": AT})
}

fn fix() -> Value {
    json!({"unit": "car-1", "lon": 120.9, "lat": 31.5, "at": AT})
}

fn registration() -> Value {
    json!({"code": "car-1", "name": "一车", "kind": "car", "agency": "310101"})
}

fn with(mut item: Value, field: &str, value: Value) -> Vec<u8> {
    item[field] = value;
    serde_json::to_vec(&item).unwrap()
}

fn read_fix(text: &[u8]) -> Result<Position, Flaw> {
    position(text, |code| (code == "car-1").then_some(UnitId(1)), now())
}

/// The field of each wrong value is named.
fn assert_flaws<T: std::fmt::Debug>(
    item: &Value,
    wrong: &[(&str, Value)],
    read: impl Fn(&[u8]) -> Result<T, Flaw>,
) {
    for (field, value) in wrong {
        let flaw = read(&with(item.clone(), field, value.clone())).unwrap_err();
        assert_eq!(flaw.field.as_deref(), Some(*field), "{field} = {value}: {flaw:?}");
        assert!(!flaw.reason.is_empty() && flaw.reason.chars().count() <= 201, "{flaw:?}");
    }
}

#[test]
fn a_wrong_field_of_a_report_is_named() {
    let long = |characters| Value::from("长".repeat(characters));
    let wrong = [
        ("source", Value::Null),
        ("source", "  ".into()),
        ("source", long(65)),
        ("external_id", "a\u{0}b".into()),
        ("external_id", 7.into()),
        ("matter", long(9_999)),
        ("lon", "121".into()),
        ("lon", 181.into()),
        ("lat", Value::Null),
        ("lat", (-90.5).into()),
        ("datum", "wgs72".into()),
        ("occurred_at", "2026-03-01T00:05:01Z".into()),
        ("occurred_at", "1999-12-31T23:59:59Z".into()),
        ("occurred_at", "2026-03-01 morning".into()),
        ("occurred_at", 1_772_323_200.into()),
        ("severity", 0.into()),
        ("severity", 5.into()),
        ("severity", 999.into()),
        ("description", long(4_001)),
        ("media", json!(vec!["x"; 21])),
        ("media", json!([""])),
        ("provenance", "invented".into()),
        ("serverity", 3.into()),
    ];
    assert_flaws(&report(), &wrong, |text| incident(text, &catalogue(), now()));
}

#[test]
fn a_wrong_field_of_a_fix_is_named() {
    let wrong = [
        ("unit", "car-2".into()),
        ("unit", Value::Null),
        ("lat", 91.into()),
        ("at", "2026-02-30T00:00:00Z".into()),
        ("at", "2026-03-01T00:05:01Z".into()),
        ("speed_mps", (-1).into()),
        ("speed_mps", 1e300.into()),
        ("course_deg", 361.into()),
        ("accuracy_m", 1e6.into()),
        ("datum", "".into()),
        ("Datum", "gcj02".into()),
    ];
    assert_flaws(&fix(), &wrong, read_fix);
}

#[test]
fn a_wrong_field_of_a_registration_is_named() {
    let wrong = [
        ("code", Value::Null),
        ("code", "".into()),
        ("name", "two\nlines".into()),
        ("kind", "horse".into()),
        ("agency", "310199".into()),
        ("agency", "Shanghai".into()),
        ("provenance", 1.into()),
    ];
    assert_flaws(&registration(), &wrong, |text| unit(text, &world().atlas, |_| false));
}

#[test]
fn what_is_no_object_is_refused_as_a_whole() {
    for text in ["7", "[\"car-1\",120.9,31.5]", "{\"unit\":", "{\"unit\":\"car-1\"}}", "\u{1}"] {
        let flaw = read_fix(text.as_bytes()).unwrap_err();
        assert_eq!(flaw.field, None, "{text}");
        assert!(flaw.reason.starts_with("not a JSON object"), "{flaw:?}");
    }
}

#[test]
fn what_is_not_said_is_taken_from_the_catalogue() {
    let plain = incident(&with(report(), "severity", Value::Null), &catalogue(), now()).unwrap();
    assert_eq!(plain.severity, Severity::new(2).unwrap());
    assert_eq!((plain.provenance, &*plain.description), (Provenance::Live, ""));
    let grave = incident(&with(report(), "severity", 4.into()), &catalogue(), now()).unwrap();
    assert_eq!(grave.severity, Severity::MAJOR);
}

#[test]
fn a_point_of_another_datum_is_converted_and_kept_as_it_was() {
    let fix_in = |datum: &str| read_fix(&with(fix(), "datum", datum.into())).unwrap();
    let plain = read_fix(&serde_json::to_vec(&fix()).unwrap()).unwrap();
    assert_eq!((plain.original, fix_in("wgs84")), (None, plain));
    for (datum, least, most) in
        [("cgcs2000", 0.0, 0.0), ("gcj02", 400.0, 700.0), ("bd09", 400.0, 2_000.0)]
    {
        let fix = fix_in(datum);
        let original = fix.original.unwrap();
        assert_eq!((original.lng, original.lat), (120.9, 31.5));
        let (east, north) = (fix.point.lng() - 120.9, fix.point.lat() - 31.5);
        let moved_m = (east * 94_900.0).hypot(north * 110_900.0);
        assert!((least..=most).contains(&moved_m), "{datum}: {moved_m}");
    }
    assert_eq!(fix_in("gcj02").original.unwrap().datum, Datum::Gcj02);
}

#[test]
fn escapes_in_texts_are_read() {
    let text = br#"{"unit":"c\u0061r-1","lon":120.9,"lat":31.5,"at":"2026-03-01T00:00:01\u005a"}"#;
    assert_eq!(read_fix(text).unwrap().unit, UnitId(1));
}

/// Bytes that are nearly an item.
fn nearly(item: &Value) -> impl Strategy<Value = Vec<u8>> {
    let text = serde_json::to_vec(item).unwrap();
    let edits = proptest::collection::vec((any::<proptest::sample::Index>(), any::<u8>()), 0..4);
    (edits, any::<proptest::sample::Index>()).prop_map(move |(edits, end)| {
        let mut text = text.clone();
        for (at, byte) in edits {
            let at = at.index(text.len());
            text[at] = byte;
        }
        // Every other one is whole.
        if text[0].is_multiple_of(2) {
            text.truncate(end.index(text.len()) + 1);
        }
        text
    })
}

fn read_all(text: &[u8]) {
    let _ = read_fix(text);
    let _ = incident(text, &catalogue(), now());
    let _ = unit(text, &world().atlas, |_| false);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_bytes_make_a_reader_panic(
        wild in proptest::collection::vec(any::<u8>(), 0..300),
        fix in nearly(&fix()),
        report in nearly(&report()),
        registration in nearly(&registration()),
    ) {
        for text in [wild, fix, report, registration] {
            read_all(&text);
            for format in [Format::Json, Format::Ndjson, Format::Unsaid] {
                for item in split(&text, format, 10).unwrap_or_default() {
                    read_all(item);
                }
            }
        }
    }

    #[test]
    fn good_lines_survive_bad_neighbours(
        lines in proptest::collection::vec((any::<bool>(), nearly(&fix())), 1..20),
    ) {
        let good = serde_json::to_vec(&fix()).unwrap();
        let mut body = Vec::new();
        let mut goods = 0;
        for (is_good, other) in lines {
            goods += usize::from(is_good);
            body.extend(if is_good { &good } else { &other });
            body.push(b'\n');
        }
        let items = split(&body, Format::Ndjson, usize::MAX).unwrap_or_default();
        let read = items.iter().filter(|item| **item == good && read_fix(item).is_ok()).count();
        prop_assert!(read >= goods);
    }
}
