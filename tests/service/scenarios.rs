//! Each scenario of the demonstration, played through the public doors on a
//! driven clock, comes out as its truth says.

use std::path::Path;
use std::time::Duration;

use pilin::domain::Time;
use pilin::simulate::feed::Feed;
use pilin::simulate::plan::Truth;
use pilin::simulate::run::{Options, Sent, run};
use pilin::simulate::{Doors, Ground, Plan};
use reqwest::{Method, StatusCode};
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use crate::harness::{Server, told};

const HOUR_MS: i64 = 3_600_000;
/// 2026-03-04, a Wednesday, 08:00 in the delta.
const LIVE: Time = Time::from_ms(1_772_582_400_000);

/// What came of a run.
struct Outcome {
    sent: Sent,
    /// Every alert ever raised, as `GET /api/v1/alerts/{id}` answers, oldest first.
    alerts: Vec<Value>,
}

impl Outcome {
    /// The alerts of a rule.
    fn by(&self, rule: &str) -> Vec<&Value> {
        self.alerts.iter().filter(|detail| detail["alert"]["rule"] == rule).collect()
    }
}

/// The plan with the named scenarios (all if none is named), each once.
fn plan(names: &[&str]) -> Plan {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/simulation.toml");
    let mut plan = Plan::parse(&std::fs::read_to_string(file).unwrap()).unwrap();
    if !names.is_empty() {
        let names: Vec<_> = names.iter().map(|&name| name.to_owned()).collect();
        plan = plan.only(&names).unwrap();
    }
    for scenario in &mut plan.scenarios {
        scenario.every = 0;
    }
    plan
}

/// Plays the plan for so many hours after going live.
async fn play(server: &Server, plan: &Plan, hours: i64, per_hour: f64) -> Outcome {
    let options = Options {
        seed: 1,
        speed: 0.0,
        units: 10,
        incidents_per_hour: per_hour,
        fix_every_ms: HOUR_MS,
        history_ms: 72 * HOUR_MS,
        live: LIVE,
        step_ms: HOUR_MS / 2,
        lasts_ms: Some(hours * HOUR_MS),
    };
    let doors = Doors::at(&server.url()).unwrap();
    let sent = run(&doors, plan, &options, &CancellationToken::new()).await.unwrap();
    assert_eq!(sent.incidents.refused + sent.units.refused + sent.positions.refused, 0);
    Outcome { sent, alerts: alerts(server).await }
}

async fn alerts(server: &Server) -> Vec<Value> {
    let mut ids: Vec<u64> = Vec::new();
    for query in ["", "?state=ended&limit=1000"] {
        let page = server.get(&format!("/api/v1/alerts{query}")).await;
        ids.extend(
            page["alerts"].as_array().unwrap().iter().map(|one| one["id"].as_u64().unwrap()),
        );
    }
    ids.sort_unstable();
    ids.dedup();
    let mut all = Vec::new();
    for id in ids {
        all.push(server.get(&format!("/api/v1/alerts/{id}")).await);
    }
    all
}

fn steps(detail: &Value) -> Vec<&str> {
    let history = detail["history"].as_array().unwrap();
    history.iter().map(|step| step["step"].as_str().unwrap()).collect()
}

/// The most members an alert ever had.
fn most(detail: &Value) -> u64 {
    let history = detail["history"].as_array().unwrap();
    history.iter().map(|step| step["members"].as_u64().unwrap()).max().unwrap()
}

fn hours(detail: &Value, field: &str) -> f64 {
    let at = detail["alert"][field].as_i64().unwrap();
    f64::from(i32::try_from(at - LIVE.ms()).unwrap()) / 3_600_000.0
}

/// How many of the raised alerts lie where a scenario takes place.
fn holds(truth: &Truth, outcome: &Outcome, near: [f64; 2]) -> Result<(), String> {
    let here: Vec<_> = outcome
        .by(&truth.rule)
        .into_iter()
        .filter(|detail| {
            let center = &detail["alert"]["center"];
            let apart = |axis: usize| (center[axis].as_f64().unwrap() - near[axis]).abs();
            apart(0) < 0.03 && apart(1) < 0.03
        })
        .collect();
    let merged = here.iter().filter(|detail| detail["alert"]["state"] == "merged").count();
    if (here.len(), merged) == (truth.raised, truth.merged) {
        return Ok(());
    }
    let Truth { rule, raised, merged: taken_up } = truth;
    let found = here.len();
    Err(format!("{rule}: {found} raised, {merged} merged; should be {raised} and {taken_up}"))
}

#[tokio::test]
async fn a_dumping_spree_along_a_line_is_one_alert_that_grows_and_clears() {
    let server = Server::start().await;
    let outcome = play(&server, &plan(&["wujiang-jiashan-dumping"]), 115, 0.0).await;
    assert_eq!((outcome.sent.incidents.accepted, outcome.alerts.len()), (16, 2));
    let [spree] = outcome.by("spoil-dumping")[..] else { panic!("{:?}", outcome.alerts) };
    assert_eq!(spree["alert"]["border"]["code"], "320000-330000");
    assert!(hours(spree, "raised_at") < 1.5, "{}", hours(spree, "raised_at"));
    assert_eq!((most(spree), spree["alert"]["reopened"].as_u64()), (16, Some(0)));
    let steps = steps(spree);
    assert_eq!((steps[0], steps[steps.len() - 2..].to_vec()), ("raised", vec!["faded", "cleared"]));
    assert!(steps.contains(&"updated"));
    let zones = spree["alert"]["zones"].as_array().unwrap();
    assert!(zones.iter().any(|zone| zone == "yrd-demonstration-zone"), "{zones:?}");
    assert_eq!(spree["alert"]["provenance"], "simulated");
}

#[tokio::test]
async fn vendors_who_leave_let_their_alert_clear_after_the_hold() {
    let server = Server::start().await;
    let outcome = play(&server, &plan(&["fengjing-vendors"]), 5, 0.0).await;
    assert_eq!(outcome.alerts.len(), 1);
    let [vendors] = outcome.by("unlicensed-vending")[..] else { panic!("{:?}", outcome.alerts) };
    assert_eq!(vendors["alert"]["border"]["code"], "310000-330000");
    assert_eq!(vendors["alert"]["state"], "cleared");
    let steps = vendors["history"].as_array().unwrap();
    let at = |back: usize| steps[steps.len() - back]["at"].as_i64().unwrap();
    assert_eq!(at(1) - at(2), 2 * HOUR_MS, "{steps:?}");
}

#[tokio::test]
async fn two_clusters_that_meet_become_the_older_ones_alert() {
    let server = Server::start().await;
    let outcome = play(&server, &plan(&["qingpu-wujiang-merge"]), 6, 0.0).await;
    let [older, younger] = outcome.by("spoil-dumping")[..] else { panic!("{:?}", outcome.alerts) };
    assert_eq!(younger["alert"]["state"], "merged");
    assert_eq!(younger["alert"]["merged_into"], older["alert"]["id"]);
    assert_eq!(older["alert"]["state"], "open");
    assert_eq!(older["alert"]["members"], 18);
    assert_eq!(outcome.by("waste-across-border").len(), 1);
    assert_eq!(outcome.alerts.len(), 3);
}

#[tokio::test]
async fn a_cluster_that_breaks_keeps_its_alert_with_the_larger_part() {
    let server = Server::start().await;
    let whole = play(&server, &plan(&["qingpu-jiashan-split"]), 0, 0.0).await;
    let [before] = whole.by("spoil-dumping")[..] else { panic!("{:?}", whole.alerts) };
    assert_eq!((most(before), before["alert"]["state"].as_str()), (19, Some("open")));

    // Time alone breaks it: the three that joined both ends grow too old.
    let doors = Doors::at(&server.url()).unwrap();
    doors.put_clock(LIVE + 3 * HOUR_MS).await.unwrap();
    let parts = Outcome { sent: whole.sent.clone(), alerts: alerts(&server).await };
    let [older, younger] = parts.by("spoil-dumping")[..] else { panic!("{:?}", parts.alerts) };
    assert_eq!(older["alert"]["id"], before["alert"]["id"]);
    // History is written behind the picture.
    let mut told = older.clone();
    for _ in 0..200 {
        if steps(&told).contains(&"split") {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
        told = server.get(&format!("/api/v1/alerts/{}", older["alert"]["id"])).await;
    }
    let members = |detail: &Value| detail["alert"]["members"].as_u64().unwrap();
    assert!(steps(&told).contains(&"split"), "{:?}", steps(&told));
    assert!(most(&told) == 19 && members(younger) >= 6 && members(older) >= 6);
    assert_eq!(
        (&older["alert"]["state"], &younger["alert"]["state"]),
        (&"open".into(), &"open".into())
    );
}

#[tokio::test]
async fn what_is_dense_on_one_side_alone_raises_no_alert() {
    let server = Server::start().await;
    let outcome = play(&server, &plan(&["xiuzhou-decoy"]), 2, 0.0).await;
    assert_eq!((outcome.sent.incidents.accepted, outcome.alerts.len()), (13, 0));

    // It is dense all the same: were one on the other side enough, it would alarm.
    let rules =
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("data/rules.toml"));
    let rules = rules.unwrap().replace("min_per_side = 2", "min_per_side = 1");
    let put = server.ask(Method::PUT, "/api/v1/rules").header("content-type", "application/toml");
    told(put.body(rules), StatusCode::OK).await;
    assert_eq!(alerts(&server).await.len(), 1);
}

#[tokio::test]
async fn a_gang_that_changes_its_freight_is_seen_by_the_group_alone() {
    let server = Server::start().await;
    let outcome = play(&server, &plan(&["jinshan-pinghu-mixed-waste"]), 4, 0.0).await;
    assert_eq!(outcome.alerts.len(), 1);
    let [waste] = outcome.by("waste-across-border")[..] else { panic!("{:?}", outcome.alerts) };
    assert_eq!(waste["alert"]["matters"].as_array().unwrap().len(), 3);
    assert_eq!(waste["alert"]["members"], 11);
}

#[tokio::test]
async fn all_scenarios_at_once_with_a_busy_background_raise_what_they_must_and_nothing_else() {
    let server = Server::start().await;
    let plan = plan(&[]);
    let outcome = play(&server, &plan, 12, 60.0).await;
    assert!(outcome.sent.incidents.accepted > 4000, "{:?}", outcome.sent);
    assert!(outcome.sent.positions.accepted > 0);
    let mut raised = 0;
    for scenario in &plan.scenarios {
        for truth in &scenario.truths {
            if let Err(why) = holds(truth, &outcome, scenario.bursts[0].near) {
                panic!("{}: {why}", scenario.name);
            }
            raised += truth.raised;
        }
    }
    assert_eq!(outcome.alerts.len(), raised, "an alert that no scenario explains");
}

#[tokio::test]
async fn sending_everything_again_changes_nothing() {
    let server = Server::start().await;
    let plan = plan(&["fengjing-vendors"]);
    let doors = Doors::at(&server.url()).unwrap();
    let ground = Ground::ask(&doors, &plan.background.describe).await.unwrap();
    let begin = LIVE - 30 * HOUR_MS;
    let reports = Feed::new(&ground, &plan, begin, LIVE, 30.0, 1).unwrap().until(LIVE).unwrap();
    doors.put_clock(LIVE).await.unwrap();
    let first = doors.post_incidents(&reports, |_, _| true).await.unwrap();
    let raised = alerts(&server).await;
    let second = doors.post_incidents(&reports, |_, _| true).await.unwrap();
    assert_eq!((first.accepted, first.duplicates), (reports.len() as u64, 0));
    assert_eq!((second.accepted, second.duplicates), (0, reports.len() as u64));
    let picture = |alerts: &[Value]| -> Vec<Value> {
        alerts.iter().map(|detail| detail["alert"].clone()).collect()
    };
    assert_eq!(raised.len(), 1);
    assert_eq!(picture(&alerts(&server).await), picture(&raised));
}
