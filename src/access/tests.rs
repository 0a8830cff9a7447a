use std::sync::Arc;

use super::*;
use crate::atlas::{Atlas, Layers, Source};
use crate::domain::alert::Side;
use crate::domain::{
    Alert, AlertId, AlertState, Code, Level, LngLat, Members, Provenance, RuleId, Severity, Time,
};

/// Each deed, and who may do it: wall, officer, analyst, commander, admin, system-admin (s),
/// security-admin (S), auditor (A), and the scopes of which any one does.
const WHO_MAY: &[(&str, &str, &str)] = &[
    ("see-map", "woacasSA", "*"),
    ("see-incidents", "woacas--", "read:features"),
    ("see-texts", "-oacas--", "read:features"),
    ("see-units", "woacas--", "read:features"),
    ("see-alerts", "woacas--", "read:alerts"),
    ("listen", "woacas--", "stream"),
    ("see-history", "--ac----", "read:history"),
    ("erase-track", "----as--", ""),
    ("erase-texts", "----as--", ""),
    ("export", "--a-----", ""),
    ("acknowledge", "-o-c----", ""),
    ("withdraw", "-o-c----", ""),
    ("admit-wall", "-o-c----", ""),
    ("set-rules", "----as--", ""),
    ("set-clock", "----as--", "set:clock"),
    ("ingest-incident", "-o-c----", "ingest:incident"),
    ("ingest-position", "--------", "ingest:position"),
    ("ingest-unit", "---c----", "ingest:unit"),
    ("manage-accounts", "----a-S-", ""),
    ("manage-tokens", "----as--", ""),
    ("read-audit", "----a--A", ""),
    ("read-metrics", "----as--", "read:metrics"),
    ("own-account", "woacasSA", ""),
];

fn code(text: &str) -> Code {
    text.parse().unwrap()
}

fn person(agency: &str, role: Role) -> Viewer {
    Viewer::Person(Person {
        account: AccountId(1),
        session: SessionId(1),
        name: "li".into(),
        display: "李".into(),
        agency: code(agency),
        role,
        must: None,
    })
}

fn device(scopes: &[Scope]) -> Viewer {
    Viewer::Device(Device {
        token: TokenId(1),
        name: "12345".into(),
        agency: code("310000"),
        scopes: scopes.into(),
    })
}

#[test]
fn every_role_and_scope_may_do_what_the_table_says_and_nothing_else() {
    assert_eq!(WHO_MAY.len(), Deed::ALL.len());
    for (deed, (word, roles, scopes)) in Deed::ALL.into_iter().zip(WHO_MAY) {
        assert_eq!(deed.word(), *word);
        for (role, letter) in Role::ALL.into_iter().zip(roles.chars()) {
            let answer = may(&person("310000", role), deed);
            assert_eq!(answer.is_ok(), letter != '-', "{role} {word}");
        }
        for scope in Scope::ALL {
            let listed = *scopes == "*" || *scopes == scope.word();
            assert_eq!(may(&device(&[scope]), deed).is_ok(), listed, "{scope} {word}");
        }
        assert!(may(&device(&[]), deed).is_err(), "a token without scopes: {word}");
    }
    assert_eq!(may(&device(&Scope::ALL), Deed::SetRules), Err(Denied(Deed::SetRules)));
}

#[test]
fn who_must_choose_a_password_first_may_do_nothing_else() {
    for role in Role::ALL {
        let Viewer::Person(person) = person("310000", role) else { unreachable!() };
        let held = Viewer::Person(Person { must: Some(Must::ChangePassword), ..person });
        for deed in Deed::ALL {
            assert_eq!(
                may(&held, deed).is_ok(),
                deed == Deed::OwnAccount,
                "{role} {}",
                deed.word()
            );
        }
    }
}

#[test]
fn no_administrator_of_one_duty_may_do_what_belongs_to_another() {
    let of_each = [Role::SystemAdmin, Role::SecurityAdmin, Role::Auditor].map(|role| {
        let may = |deed: &Deed| may(&person("310000", role), *deed).is_ok();
        Deed::ALL.into_iter().filter(may).map(Deed::word).collect::<Vec<_>>()
    });
    let admin = |deed: &Deed| may(&person("310000", Role::Admin), *deed).is_ok();
    for deed in Deed::ALL.into_iter().filter(admin) {
        let holders = of_each.iter().filter(|deeds| deeds.contains(&deed.word())).count();
        let shared = [Deed::SeeMap, Deed::OwnAccount].contains(&deed);
        assert!(if shared { holders > 1 } else { holders == 1 }, "{}: {holders}", deed.word());
    }
    assert_eq!(of_each[2], ["see-map", "read-audit", "own-account"], "and no record");
}

#[test]
fn a_service_without_accounts_is_open_but_makes_none_at_an_open_door() {
    for deed in Deed::ALL {
        let closed = ["manage-accounts", "manage-tokens", "admit-wall"].contains(&deed.word());
        assert_eq!(may(&Viewer::Open, deed).is_ok(), !closed, "{}", deed.word());
    }
    assert_eq!(Viewer::Open.sight(), Sight::All);
}

#[test]
fn words_are_read_as_they_are_written() {
    for role in Role::ALL {
        assert_eq!(role.word().parse(), Ok(role));
        assert_eq!(serde_json::to_value(role).unwrap(), role.word());
    }
    for scope in Scope::ALL {
        assert_eq!(scope.word().parse(), Ok(scope));
        let text = serde_json::to_string(&scope).unwrap();
        assert_eq!(serde_json::from_str::<Scope>(&text).unwrap(), scope);
    }
    assert!("root".parse::<Role>().is_err() && "*".parse::<Scope>().is_err());
}

/// Three provinces in a row, a degree wide each, with a county in the north and
/// one in the south: 31 from 120° E, 32 from 121°, 33 from 122°.
fn land(strip_m: f64) -> Ground {
    let square = |code: String, level: &str, parent: Option<String>, west: f64, south: f64| {
        let (east, north) = (west + 1.0, if level == "county" { south + 0.5 } else { south + 1.0 });
        let ring = [[west, south], [east, south], [east, north], [west, north], [west, south]];
        serde_json::json!({"type": "Feature", "id": code, "properties": {"code": code,
            "name": code, "name_en": code, "level": level, "parent": parent},
            "geometry": {"type": "Polygon", "coordinates": [ring]}})
    };
    let layer = |features: Vec<serde_json::Value>| {
        serde_json::json!({"type": "FeatureCollection", "features": features}).to_string()
    };
    let rows = [(31, 120.0), (32, 121.0), (33, 122.0)];
    let provinces = rows.map(|(p, west)| square(format!("{p}0000"), "province", None, west, 31.0));
    let cities = rows
        .map(|(p, west)| square(format!("{p}0100"), "city", Some(format!("{p}0000")), west, 31.0));
    let counties = rows.into_iter().flat_map(|(p, west)| {
        [(1, 31.5), (2, 31.0)].map(|(n, south)| {
            square(format!("{p}010{n}"), "county", Some(format!("{p}0100")), west, south)
        })
    });
    let zone = |code: &str, kind: &str, west: f64| {
        let (east, south, north) = (west + 0.1, 31.7, 31.8);
        let ring = [[west, south], [east, south], [east, north], [west, north], [west, south]];
        serde_json::json!({"type": "Feature", "id": code, "properties": {"code": code,
            "kind": kind, "name": code, "name_en": code},
            "geometry": {"type": "Polygon", "coordinates": [ring]}})
    };
    let zones =
        vec![zone("pilot", "pilot_startup_area", 122.5), zone("games", "event_perimeter", 120.5)];
    let texts = [
        layer(provinces.to_vec()),
        layer(cities.to_vec()),
        layer(counties.collect()),
        layer(zones),
    ];
    let source = |at: usize| Source { file: "squares.geojson", text: &texts[at] };
    let layers = Layers {
        provinces: source(0),
        cities: source(1),
        counties: source(2),
        townships: None,
        zones: Some(source(3)),
    };
    Ground::new(Arc::new(Atlas::build(&layers).unwrap()), Level::Province, strip_m)
}

fn point(lng: f64, lat: f64) -> LngLat {
    LngLat::new(lng, lat).unwrap()
}

/// The agencies of the table, in the order of its columns.
const AGENCIES: [&str; 6] = ["310000", "310101", "310102", "320000", "320101", "330000"];

fn seen(homes: &Homes) -> String {
    let sees = |agency| if Sight::Of(code(agency)).sees(homes) { 'x' } else { '-' };
    AGENCIES.map(sees).iter().collect()
}

fn takes_part(homes: &Homes) -> String {
    let part = |agency| if Sight::Of(code(agency)).takes_part(homes) { 'x' } else { '-' };
    AGENCIES.map(part).iter().collect()
}

#[test]
fn a_place_is_seen_by_its_own_and_shared_ground_by_all() {
    let land = land(5_000.0);
    for (what, lng, lat, by) in [
        ("in the north of 31", 120.2, 31.6, "xx----"),
        ("in the south of 31", 120.2, 31.2, "x-x---"),
        ("in the north of 32", 121.5, 31.6, "---xx-"),
        ("in 33", 122.2, 31.2, "-----x"),
        ("in the pilot area of 33", 122.55, 31.75, "xxxxxx"),
        ("in an event's perimeter of 31", 120.55, 31.75, "xx----"),
        ("4.8 km from the border of 31 and 32", 120.95, 31.2, "xxxxxx"),
        ("5.7 km from it", 120.94, 31.2, "x-x---"),
        ("on a border of counties alone", 120.5, 31.5, "xx----"),
        ("outside all", 125.0, 31.0, "xxxxxx"),
    ] {
        assert_eq!(seen(&land.homes(point(lng, lat))), by, "{what}");
    }
}

#[test]
fn the_strip_is_as_wide_as_it_is_said_to_be() {
    let inland = point(120.9, 31.2);
    assert_eq!(seen(&land(5_000.0).homes(inland)), "x-x---");
    assert_eq!(seen(&land(10_000.0).homes(inland)), "xxxxxx");
    assert_eq!(seen(&land(0.0).homes(point(120.99, 31.2))), "x-x---");
}

#[test]
fn a_unit_is_seen_by_its_agency_wherever_it_is_and_by_those_where_it_is() {
    let land = land(5_000.0);
    let of = |agency: &str, now| seen(&land.homes_of_unit(code(agency), now));
    assert_eq!(of("310101", None), "xx----");
    assert_eq!(of("310101", Some(point(120.2, 31.2))), "xxx---");
    assert_eq!(of("310101", Some(point(121.5, 31.6))), "xx-xx-");
    assert_eq!(of("310101", Some(point(121.0, 31.6))), "xxxxxx");
}

fn alert(sides: &[&str], corners: &[(f64, f64)]) -> Alert {
    let hull: Vec<_> = corners.iter().map(|&(lng, lat)| point(lng, lat)).collect();
    Alert {
        id: AlertId(1),
        rule: RuleId("spoil".into()),
        state: AlertState::Open,
        severity: Severity::MINOR,
        lifted_by: None,
        lifted_by_size: false,
        border: 0,
        sides: sides
            .iter()
            .map(|side| Side { jurisdiction: code(side), members: 2, place: code(side) })
            .collect(),
        members: Members::default(),
        cores: 1,
        matters: Vec::new(),
        zones: Vec::new(),
        center: hull[0],
        hull,
        border_distance_m: 1.0,
        trend: (0, 0),
        provenance: Provenance::Live,
        raised_at: Time::from_ms(0),
        alarming_since: Time::from_ms(0),
        updated_at: Time::from_ms(0),
        fading_since: None,
        ended_at: None,
        merged_into: None,
        split_from: None,
        reopened: 0,
        acknowledged: None,
        withdrawn: None,
    }
}

#[test]
fn an_alert_is_seen_by_those_who_take_part_and_on_shared_ground_by_all() {
    let land = land(5_000.0);
    let both = ["310000", "320000"];
    let apart = land.homes_of_alert(&alert(&both, &[(120.8, 31.7), (121.2, 31.7)]));
    assert_eq!(takes_part(&apart), "xx-xx-", "provinces, and the counties where it lies");
    assert_eq!(seen(&apart), "xx-xx-");
    let close = land.homes_of_alert(&alert(&both, &[(120.999, 31.7), (121.001, 31.7)]));
    assert_eq!(takes_part(&close), "xx-xx-");
    assert_eq!(seen(&close), "xxxxxx", "it lies in the strip");
    let third = land.homes_of_alert(&alert(&both, &[(120.8, 31.7), (122.2, 31.2)]));
    assert_eq!(takes_part(&third), "xx-x--", "33 is no side of it");
}
