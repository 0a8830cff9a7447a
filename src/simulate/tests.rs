//! What needs the real map: scenarios, background, units in the delta.

use std::path::Path;
use std::sync::OnceLock;

use crate::domain::{Catalogue, Level, LngLat, Time, UnitKind};
use crate::wire::{MatterView, RegionView};

use super::background::Background;
use super::feed::Feed;
use super::fleet::Fleet;
use super::ground::{Ground, Maps};
use super::plan::Plan;
use super::plane::Plane;
use super::stage::stage;

/// 2026-03-04, a Wednesday, 08:00 in the delta.
const MORNING: Time = Time::from_ms(1_772_582_400_000);
const HOUR_MS: i64 = 3_600_000;

fn plan() -> Plan {
    Plan::parse(include_str!("../../data/simulation.toml")).unwrap()
}

fn ground() -> &'static Ground {
    static GROUND: OnceLock<Ground> = OnceLock::new();
    GROUND.get_or_init(|| {
        let text = |name: &str| {
            let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("data");
            std::fs::read_to_string(data.join(name)).unwrap()
        };
        let catalogue: Catalogue = serde_json::from_str(&text("matters.json")).unwrap();
        let matter = |matter: &crate::domain::Matter| MatterView {
            code: matter.code.to_string(),
            class: matter.class.clone(),
            name: matter.name.clone(),
            name_en: matter.name_en.clone(),
        };
        let region = RegionView {
            name: "长三角".to_owned(),
            name_en: "Yangtze River Delta".to_owned(),
            time_zone: "Asia/Shanghai".to_owned(),
            view: [120.30, 30.65, 121.45, 31.45],
            level: Level::Province,
            window_ms: 0,
            jurisdictions: Vec::new(),
            zones: Vec::new(),
            classes: Vec::new(),
            matters: catalogue.matters().iter().map(matter).collect(),
            rules: Vec::new(),
            rules_revision: String::new(),
            layers: Vec::new(),
            display: Vec::new(),
            tiles: None,
            driven_clock: true,
            build: String::new(),
            attribution: String::new(),
            attribution_en: String::new(),
        };
        let maps = Maps {
            provinces: text("provinces.geojson"),
            cities: text("cities.geojson"),
            counties: text("counties.geojson"),
            townships: Some(text("townships.geojson")),
            zones: Some(text("zones.geojson")),
            water: Some(text("water.geojson")),
        };
        Ground::new(region, &maps, "演示：{place}，{matter}").unwrap()
    })
}

fn at(lon: f64, lat: f64) -> LngLat {
    LngLat::new(lon, lat).unwrap()
}

#[test]
fn every_scenario_of_the_plan_has_room_on_the_sides_it_names() {
    for scenario in &plan().scenarios {
        let staged = stage(ground(), scenario, MORNING, 1).unwrap();
        let mut reports = staged.reports.clone();
        reports.sort_by_key(|report| report.incident.occurred_at);
        for burst in &scenario.bursts {
            let near = at(burst.near[0], burst.near[1]);
            for (side, &count) in &burst.sides {
                let code = side.parse().unwrap();
                let here = |report: &&super::records::Report| {
                    let point = at(report.incident.lon, report.incident.lat);
                    let [east_m, north_m] = Plane::at(near).offset(point);
                    let after = report.incident.occurred_at - MORNING - burst.after;
                    report.incident.matter == burst.matter
                        && ground().within(point, code)
                        && east_m.hypot(north_m) < burst.radius_m + 80.0
                        && (0..=burst.over).contains(&after)
                };
                let found = reports.iter().filter(here).count();
                assert!(found >= count as usize, "{} {side}: {found}", scenario.name);
            }
        }
        assert!(reports.iter().all(|report| report.at >= report.incident.occurred_at));
    }
}

#[test]
fn equal_seeds_send_equal_reports_and_other_seeds_others() {
    let plan = plan();
    let send = |seed, steps: &[i64]| {
        let begin = MORNING - 30 * HOUR_MS;
        let mut feed = Feed::new(ground(), &plan, begin, MORNING, 40.0, seed).unwrap();
        let mut all = Vec::new();
        for step in steps {
            all.extend(feed.until(begin + *step).unwrap());
        }
        all
    };
    let whole = send(5, &[40 * HOUR_MS]);
    assert!(whole.len() > 1000, "{}", whole.len());
    let parts: Vec<i64> = (1..=400).map(|step| step * HOUR_MS / 10).collect();
    let mut parts = send(5, &parts);
    let mut sorted = whole.clone();
    let key = |incident: &super::records::IncidentIn| incident.external_id.clone();
    sorted.sort_by_key(key);
    parts.sort_by_key(key);
    assert_eq!(sorted, parts);
    assert_ne!(whole, send(6, &[40 * HOUR_MS]));
}

#[test]
fn the_background_keeps_its_mean_and_has_a_rhythm() {
    let background = Background::new(&plan().background, ground(), 60.0, 3);
    let first = MORNING.ms() / HOUR_MS - 8;
    let days = 20;
    let mut by_hour = [0_usize; 24];
    for hour in 0..24 * days {
        let reports = background.hour(ground(), first + hour);
        by_hour[usize::try_from(hour % 24).unwrap()] += reports.len();
        for report in &reports {
            let point = at(report.incident.lon, report.incident.lat);
            assert!(ground().county(point).is_some(), "{report:?}");
        }
    }
    let all: usize = by_hour.iter().sum();
    assert!((27_500..30_100).contains(&all), "{all}");
    assert!(by_hour[9] > 3 * by_hour[3], "{by_hour:?}");
}

#[test]
fn half_of_the_background_lies_in_view() {
    let background = Background::new(&plan().background, ground(), 2000.0, 4);
    let [west, south, east, north] = ground().region().view;
    let reports = background.hour(ground(), MORNING.ms() / HOUR_MS);
    let in_view = |report: &&super::records::Report| {
        (west..east).contains(&report.incident.lon) && (south..north).contains(&report.incident.lat)
    };
    let percent = 100 * reports.iter().filter(in_view).count() / reports.len();
    assert!((45..75).contains(&percent), "{percent} %");
}

#[test]
fn patrols_stay_in_their_county_and_boats_on_the_water() {
    let fleet = Fleet::new(ground(), &plan().unit_names, 300, 60_000, 9);
    let units = fleet.units();
    assert_eq!(units.len(), 300);
    let mut on_duty = 0;
    for day_hour in [0, 9, 17] {
        let from = MORNING + day_hour * HOUR_MS;
        for fix in fleet.fixes(ground(), from, from + HOUR_MS / 4) {
            let unit = units.iter().find(|unit| unit.code == fix.unit).unwrap();
            let point = at(fix.lon, fix.lat);
            // The straight line between two points of a path may cut a corner of the border by
            // some metres, so a point just outside is no fault.
            let inside = |point| {
                ground().county(point).map(|county| county.to_string()) == Some(unit.agency.clone())
            };
            let plane = Plane::at(point);
            let near = [[0.0, 0.0], [60.0, 0.0], [-60.0, 0.0], [0.0, 60.0], [0.0, -60.0]];
            assert!(near.iter().any(|&by| inside(plane.point(by).unwrap())), "{fix:?}");
            if unit.kind == UnitKind::Boat {
                let wet = |by| {
                    ground().lakes().iter().any(|lake| lake.contains(plane.point(by).unwrap()))
                };
                assert!(near.iter().any(|&by| wet(by)), "{fix:?}");
            }
            on_duty += 1;
        }
    }
    assert!(on_duty > 3 * 15 * 40, "{on_duty}");
    assert!(units.iter().any(|unit| unit.kind == UnitKind::Boat));
    assert!(units.iter().any(|unit| unit.kind == UnitKind::Drone));
}

#[test]
fn most_patrols_of_the_view_are_where_three_provinces_work_together() {
    let fleet = Fleet::new(ground(), &plan().unit_names, 400, 60_000, 1);
    let units = fleet.units();
    for hour in [2, 10] {
        let from = MORNING + hour * HOUR_MS;
        let fixes = fleet.fixes(ground(), from, from + 60_000);
        for agency in ["310118", "320509", "330421"] {
            let here = |fix: &&super::records::PositionIn<'_>| {
                units.iter().any(|unit| unit.code == fix.unit && unit.agency == agency)
            };
            let on_duty = fixes.iter().filter(here).count();
            assert!(on_duty >= 12, "{agency} at {hour} h after morning: {on_duty}");
        }
        assert!(fixes.len() > 100);
    }
}

#[test]
fn a_larger_fleet_begins_with_the_smaller_one_and_a_unit_has_one_fix_a_period() {
    let small = Fleet::new(ground(), &plan().unit_names, 40, 10_000, 9);
    let large = Fleet::new(ground(), &plan().unit_names, 80, 10_000, 9);
    assert_eq!(small.units(), large.units()[..40]);
    let fixes = small.fixes(ground(), MORNING, MORNING + 60_000);
    assert_eq!(fixes.len() % 6, 0);
    let apart: Vec<_> = (0..6)
        .flat_map(|step| {
            small.fixes(ground(), MORNING + step * 10_000, MORNING + (step + 1) * 10_000)
        })
        .collect();
    assert_eq!(apart.len(), fixes.len());
}
