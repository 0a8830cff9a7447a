//! Whatever happens, the live picture is that of the definitions, and a replay or
//! a restart changes nothing.

use std::collections::{BTreeMap, HashMap};

use proptest::prelude::*;

use super::*;
use crate::atlas::ground::Ecef;
use crate::engine::Labelled;
use crate::engine::hull::{Hull, grain};

#[derive(Clone, Debug)]
pub(super) enum Step {
    Report { east: f64, north: f64, ago_min: i64, matter: usize, after_min: i64, dated: bool },
    Wait { minutes: i64 },
    Rules(usize),
    Acknowledge(u64),
    Withdraw(u64),
}

const MATTERS: [&str; 3] = ["dumping", "vending", "smoke"];

/// Several sets of rules; most windows are hours, so that much expires. One is of
/// days, in which trends change.
fn rules(which: usize) -> Vec<Rule> {
    let rule = |id: &str, matters: &[&str], hours: i64, eps_m, min_points| Rule {
        id: RuleId(id.into()),
        matters: matters.iter().map(|code| MatterCode::new(code)).collect(),
        window_ms: hours * HOUR,
        eps_m,
        min_points,
        hold_ms: HOUR,
        cooldown_ms: 3 * HOUR,
        ..dumping()
    };
    match which {
        0 => vec![rule("a", &MATTERS[..1], 6, 400.0, 3)],
        1 => vec![rule("a", &MATTERS[..1], 6, 550.0, 4), rule("b", &MATTERS, 9, 300.0, 3)],
        2 => vec![rule("b", &MATTERS, 4, 300.0, 2), rule("a", &MATTERS[..2], 6, 400.0, 3)],
        3 => vec![Rule { min_per_side: 1, hold_ms: 0, ..rule("a", &MATTERS[..1], 6, 400.0, 3) }],
        _ => vec![rule("a", &MATTERS[..1], 60, 400.0, 3), rule("b", &MATTERS, 30, 300.0, 2)],
    }
}

pub(super) fn steps() -> impl Strategy<Value = Vec<Step>> {
    let whole = (-8..8_i32, -8..8_i32).prop_map(|(x, y)| (f64::from(x) * 2.0, f64::from(y) * 2.0));
    let anywhere = (-16.0..16.0, -16.0..16.0);
    // Several at one place, and at two with the border between.
    let heap = (0..2_i32).prop_map(|x| (f64::from(x) * 2.0 - 1.0, 0.0));
    let place = prop_oneof![2 => whole, 1 => anywhere, 1 => heap];
    let ago = prop_oneof![6 => 0..30_i64, 2 => 0..700_i64, 1 => 0..3_400_i64];
    let report = (place, ago, 0..4_usize, 0..20_i64, any::<bool>()).prop_map(
        |((east, north), ago_min, matter, after_min, dated)| {
            let matter = matter % 3;
            Step::Report { east, north, ago_min, matter, after_min, dated }
        },
    );
    let step = prop_oneof![
        30 => report,
        2 => (0..400_i64).prop_map(|minutes| Step::Wait { minutes }),
        1 => (0..5_usize).prop_map(Step::Rules),
        1 => (1..5_u64).prop_map(Step::Acknowledge),
        1 => (1..5_u64).prop_map(Step::Withdraw),
    ];
    prop::collection::vec(step, 0..120)
}

pub(super) fn log(steps: &[Step]) -> Vec<(Event, Time)> {
    let mut now = start();
    let mut log = Vec::new();
    for (id, step) in (1..).zip(steps) {
        let event = match step {
            Step::Report { east, north, ago_min, matter, after_min, dated } => {
                now = now + after_min * MINUTE;
                let point = spot(*east, *north);
                // Some sources give but dates: then many leave at one moment.
                let exact = now - ago_min * MINUTE;
                let grain = if *dated { 3 * HOUR } else { MINUTE };
                let at = exact - exact.ms().rem_euclid(grain);
                Event::Incident(incident(id, MATTERS[*matter], point, at))
            }
            Step::Wait { minutes } => {
                now = now + minutes * MINUTE;
                Event::Tick
            }
            Step::Rules(which) => Event::Rules(set(&rules(*which))),
            Step::Acknowledge(alert) => Event::Act(Act::AcknowledgeBy {
                alert: AlertId(*alert),
                by: "沈".into(),
                signer: Some(Signer { account: id % 3, name: "shen".into(), agency: code(WEST) }),
                note: String::new(),
            }),
            // Of whoever may have acknowledged it just before.
            Step::Withdraw(alert) => Event::Act(Act::Withdraw {
                alert: AlertId(*alert),
                account: Some((id - 1) % 3),
                acknowledged_at: now,
            }),
        };
        log.push((event, now));
    }
    log
}

/// The clusters of a rule by the definition alone, from the reports in the log.
fn by_definition(rule: &Rule, seen: &[&Incident]) -> Vec<Labelled> {
    let mut seen = seen.to_vec();
    seen.sort_by_key(|incident| (incident.occurred_at, incident.id));
    let ground: Vec<Ecef> = seen.iter().map(|incident| incident.point.into()).collect();
    let gap = |a: usize, b: usize| ground[a].distance2(ground[b]);
    let near = |a: usize, b: usize| gap(a, b) <= rule.eps_m * rule.eps_m;
    let all = 0..seen.len();
    let core: Vec<bool> = all
        .clone()
        .map(|a| all.clone().filter(|&b| near(a, b)).count() >= rule.min_points as usize)
        .collect();
    let mut flood: Vec<Option<usize>> = vec![None; seen.len()];
    for seed in all.clone().filter(|&a| core[a]) {
        let mut edge = vec![seed];
        while let Some(a) = edge.pop() {
            if flood[a].is_none() {
                flood[a] = Some(seed);
                edge.extend(all.clone().filter(|&b| core[b] && near(a, b)));
            }
        }
    }
    let mut numbers = Vec::new();
    all.clone()
        .map(|a| {
            let nearest = all
                .clone()
                .filter(|&b| core[b] && near(a, b) && (!core[a] || a == b))
                .min_by(|&b, &c| gap(a, b).total_cmp(&gap(a, c)).then(b.cmp(&c)));
            let cluster = nearest.and_then(|core| flood[core]).map(|seed| {
                let at = numbers.iter().position(|&known| known == seed).unwrap_or_else(|| {
                    numbers.push(seed);
                    numbers.len() - 1
                });
                u32::try_from(at).unwrap()
            });
            Labelled { incident: seen[a].id, cluster, core: core[a] }
        })
        .collect()
}

/// What an engine must see now: kept beside it by the definition alone.
#[derive(Default)]
struct Oracle {
    rules: Vec<Rule>,
    remembered: Vec<Incident>,
}

impl Oracle {
    /// What is forgotten is so as time passes.
    fn forget(&mut self, before: Time, now: Time) {
        if now <= before {
            return;
        }
        let keep = self.keep();
        self.remembered.retain(|incident| incident.occurred_at + keep > now);
    }

    /// What comes too late to be remembered is not.
    fn remember(&mut self, incident: &Incident, now: Time) {
        if incident.occurred_at + self.keep() > now {
            self.remembered.push(incident.clone());
        }
    }

    fn keep(&self) -> i64 {
        let longest = self.rules.iter().map(|rule| rule.window_ms).max().unwrap_or(0);
        longest.max(25 * HOUR)
    }

    fn check(&self, engine: &Engine, now: Time) {
        for rule in &self.rules {
            let seen: Vec<&Incident> = self
                .remembered
                .iter()
                .filter(|incident| rule.matters.contains(&incident.matter))
                .filter(|incident| incident.occurred_at + rule.window_ms > now)
                .collect();
            assert_eq!(engine.clusters(&rule.id).unwrap(), by_definition(rule, &seen));
        }
        self.check_alerts(engine, now);
    }

    /// Every alarming cluster has one open alert that shows it as it is now, and no
    /// other alert is open.
    fn check_alerts(&self, engine: &Engine, now: Time) {
        let land = land();
        let mut expected = Vec::new();
        for rule in &self.rules {
            let labelled = engine.clusters(&rule.id).unwrap();
            let clusters = labelled.iter().filter_map(|of| of.cluster).max().map_or(0, |n| n + 1);
            for cluster in 0..clusters {
                let of: Vec<_> = labelled.iter().filter(|of| of.cluster == Some(cluster)).collect();
                let point = |id| engine.incident(id).unwrap().point;
                let side = |id| land.place(point(id)).at(rule.level);
                let mut near = Vec::new();
                let alarms = land.borders(rule.level).iter().enumerate().any(|(index, border)| {
                    let on = |code| of.iter().filter(|of| side(of.incident) == Some(code)).count();
                    let mut within = |id| {
                        let reach = rule.border_distance_m;
                        land.borders_within(point(id), rule.level, reach, &mut near);
                        near.iter().any(|&(border, _)| border as usize == index)
                    };
                    on(border.left) >= rule.min_per_side as usize
                        && on(border.right) >= rule.min_per_side as usize
                        && of.iter().any(|of| of.core && within(of.incident))
                });
                if alarms {
                    let mut members: Vec<_> = of.iter().map(|of| of.incident).collect();
                    members.sort();
                    expected.push((rule.id.clone(), members));
                }
            }
        }
        let open = engine.alerts().filter(|alert| alert.state == AlertState::Open);
        let mut shown: Vec<_> = open
            .map(|alert| (alert.rule.clone(), alert.members.iter().copied().collect()))
            .collect();
        expected.sort();
        shown.sort();
        assert_eq!(shown, expected);
        for alert in engine.alerts().filter(|alert| alert.state == AlertState::Open) {
            let points = alert.members.iter().map(|&id| engine.incident(id).unwrap().point);
            let hull = Hull::of(points.map(grain).collect());
            assert_eq!(alert.hull, hull.degrees());
            let ages = alert.members.iter().map(|&id| engine.incident(id).unwrap().occurred_at);
            let days = |ago: i64| now - ago * 24 * HOUR;
            let today = ages.clone().filter(|&at| at > days(1));
            let before = ages.clone().filter(|&at| days(2) < at && at <= days(1));
            assert_eq!(alert.trend, (count(today), count(before)));
            let sides: u32 = alert.sides.iter().map(|side| side.members).sum();
            assert_eq!(sides as usize, alert.members.len());
            for side in &alert.sides {
                assert_eq!(side.place, leading_county(engine, alert, side.jurisdiction));
            }
        }
    }
}

fn count(some: impl Iterator) -> u32 {
    u32::try_from(some.count()).unwrap()
}

/// The county of a province with the most members of an alert, the first of equal
/// ones.
fn leading_county(engine: &Engine, alert: &Alert, province: Code) -> Code {
    let land = land();
    let places = alert.members.iter().map(|&id| land.place(engine.incident(id).unwrap().point));
    let mut counties = BTreeMap::new();
    for place in places.filter(|place| place.province == Some(province)) {
        *counties.entry(place.county.unwrap()).or_insert(0) += 1;
    }
    let most = counties.values().copied().max().unwrap();
    counties.into_iter().find(|&(_, count)| count == most).unwrap().0
}

/// Every alert is told of at most once an event; what was told last is what is.
/// None leaves its place: it keeps some of the members it was last `known` by.
fn check_told(
    engine: &Engine,
    changes: &[Change],
    due: bool,
    known: &mut HashMap<AlertId, Arc<Alert>>,
) {
    let told = super::steps(changes);
    for (at, (_, id)) in told.iter().enumerate() {
        assert!(due || told[..at].iter().all(|(_, other)| other != id), "{told:?}");
    }
    let of = |change: &Change| match change {
        Change::Alert { alert, .. } => Some(alert.id),
        _ => None,
    };
    for (at, change) in changes.iter().enumerate() {
        if let Change::Alert { step, alert, .. } = change {
            let before = known.insert(alert.id, Arc::clone(alert));
            if let (AlertStep::Updated | AlertStep::Split | AlertStep::Faded, Some(before)) =
                (step, before)
            {
                let stays = alert.members.iter().any(|&id| before.members.contains(id));
                assert!(stays, "{step:?} {before:?} {alert:?}");
            }
            let later = changes[at + 1..].iter().any(|other| of(other) == Some(alert.id));
            assert!(later || engine.alert(alert.id).is_none_or(|now| now == alert));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn after_every_event_clusters_and_alerts_are_those_of_the_definitions(
        steps in steps(),
        first in 0..5_usize,
    ) {
        let mut engine = Engine::new(land(), set(&rules(first)));
        let mut oracle = Oracle { rules: rules(first), ..Oracle::default() };
        let mut known = HashMap::new();
        for (event, at) in log(&steps) {
            let due = engine.next_due().is_some_and(|due| due <= at);
            let before = engine.now();
            let mut changes = Vec::new();
            engine.apply(&event, at, &mut changes);
            oracle.forget(before, at);
            match &event {
                Event::Incident(incident) => oracle.remember(incident, at),
                Event::Rules(rules) => oracle.rules = rules.rules().to_vec(),
                _ => {}
            }
            oracle.check(&engine, at);
            check_told(&engine, &changes, due, &mut known);
        }
        // All leave in the end.
        let (before, end) = (engine.now(), engine.now() + 70 * HOUR);
        engine.advance(end, &mut Vec::new());
        oracle.forget(before, end);
        oracle.check(&engine, end);
    }

    #[test]
    fn a_replay_and_a_restart_give_the_same_bytes(
        steps in steps(),
        first in 0..5_usize,
        cut in any::<prop::sample::Index>(),
    ) {
        let log = log(&steps);
        let cut = cut.index(log.len() + 1);
        let run = |engine: &mut Engine, part: &[(Event, Time)]| {
            let mut all = Vec::new();
            for (event, at) in part {
                let mut changes = Vec::new();
                engine.apply(event, *at, &mut changes);
                all.push(postcard::to_stdvec(&changes).unwrap());
            }
            all
        };
        let fresh = || Engine::new(land(), set(&rules(first)));
        let (mut once, mut again) = (fresh(), fresh());
        let told = run(&mut once, &log);
        prop_assert_eq!(&run(&mut again, &log), &told);
        prop_assert_eq!(again.digest(), once.digest());

        let mut before = fresh();
        run(&mut before, &log[..cut]);
        let bytes = before.checkpoint();
        let mut after = Engine::restore(land(), &bytes).unwrap();
        prop_assert_eq!(after.digest(), before.digest());
        prop_assert_eq!(&run(&mut after, &log[cut..]), &told[cut..]);
        prop_assert_eq!(after.digest(), once.digest());
    }

    #[test]
    fn rules_made_ready_before_they_hold_give_the_same_bytes(
        steps in steps(),
        first in 0..5_usize,
        before in 0..12_usize,
    ) {
        let log = log(&steps);
        let fresh = || Engine::new(land(), set(&rules(first)));
        let (mut plain, mut readied) = (fresh(), fresh());
        let mut ready = Vec::new();
        for (n, (event, at)) in log.iter().enumerate() {
            if let Some((Event::Rules(rules), _)) = log.get(n + before) {
                ready.push((rules, readied.prepare(rules).build()));
            }
            if let Event::Rules(rules) = event
                && let Some(of) = ready.iter().position(|(of, _)| *of == rules)
            {
                readied.adopt(ready.swap_remove(of).1);
            }
            let (mut told, mut same) = (Vec::new(), Vec::new());
            plain.apply(event, *at, &mut told);
            readied.apply(event, *at, &mut same);
            drop(readied.take_spent());
            prop_assert_eq!(postcard::to_stdvec(&same), postcard::to_stdvec(&told));
            prop_assert_eq!(readied.next_due(), plain.next_due());
        }
        prop_assert_eq!(readied.digest(), plain.digest());
    }

    #[test]
    fn time_passed_in_small_steps_or_at_once_is_the_same(
        steps in steps(),
        first in 0..5_usize,
        hops in 1..9_i64,
    ) {
        let fresh = || Engine::new(land(), set(&rules(first)));
        let (mut whole, mut hopping) = (fresh(), fresh());
        let (mut told, mut hopped) = (Vec::new(), Vec::new());
        for (event, at) in log(&steps) {
            let from = hopping.now();
            for hop in 1..=hops {
                let span = at - from;
                if from > Time::default() {
                    hopping.advance(from + span * hop / hops, &mut hopped);
                }
            }
            hopping.apply(&event, at, &mut hopped);
            whole.apply(&event, at, &mut told);
        }
        prop_assert_eq!(hopped, told);
        prop_assert_eq!(hopping.digest(), whole.digest());
    }
}

#[test]
fn a_checkpoint_of_another_version_or_damaged_is_refused() {
    let engine = Engine::new(land(), set(&[dumping()]));
    let bytes = engine.checkpoint();
    assert!(Engine::restore(land(), &bytes).is_ok());
    let mut other = bytes.clone();
    other[0] = 99;
    assert_eq!(Engine::restore(land(), &other).unwrap_err(), RestoreError::Version { found: 99 });
    assert!(matches!(Engine::restore(land(), &bytes[..3]), Err(RestoreError::Damaged(_))));
    assert!(matches!(Engine::restore(land(), &[]), Err(RestoreError::Damaged(_))));
}
