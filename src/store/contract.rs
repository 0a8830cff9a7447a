//! What every store must do; each backend runs all of it.

use std::sync::Arc;

use super::{AlertRecord, Draft, PastStep, Spooled, Store, Transfer, Verdict};
use crate::domain::{
    Alert, AlertId, AlertState, AlertStep, Batch, Datum, Event, IncidentId, LngLat, MatterCode,
    Members, NewIncident, NewUnit, Offset, Original, Position, Provenance, RuleId, Severity, Time,
    UnitId, UnitKind,
};

/// Before it is every step.
const LATEST: (Offset, u32) = (Offset(i64::MAX as u64), u32::MAX);

/// Makes each a test of SQLite and a test of PostGIS. They are given a way to open
/// a store that is empty at first, as often as they like.
macro_rules! on_both {
    ($($name:ident)*) => {
        mod sqlite {
            $(#[tokio::test]
            async fn $name() {
                let folder = tempfile::tempdir().unwrap();
                let file = folder.path().join("pilin.sqlite");
                super::$name(async || $crate::store::Sqlite::open(&file).await.unwrap()).await;
            })*
        }

        mod postgis {
            $(#[tokio::test]
            async fn $name() {
                let database = $crate::store::contract::database::Database::new().await;
                let url = database.url();
                super::$name(async || $crate::store::Postgis::open(&url).await.unwrap()).await;
            })*
        }
    };
}

pub(super) use on_both;

#[path = "../../tests/support/database.rs"]
pub(super) mod database;

/// The same for the store in memory.
macro_rules! in_memory {
    ($($name:ident)*) => {
        mod memory {
            $(#[tokio::test]
            async fn $name() {
                let memory = $crate::store::memory::Memory::default();
                super::$name(async || memory.clone()).await;
            })*
        }
    };
}

pub(super) use in_memory;

/// All that a store promises.
macro_rules! promises {
    ($($on:ident)*) => {$(
        $on! {
            what_is_appended_is_read_again
            a_report_sent_twice_is_kept_once
            a_unit_sent_again_is_kept_once_and_changed_when_it_differs
            a_registration_that_has_waited_takes_no_unit_from_its_agency
            a_batch_of_duplicates_alone_leaves_no_trace
            time_never_goes_back_in_the_log
            a_reader_gets_whole_batches_up_to_a_bound
            the_newest_two_checkpoints_are_kept_whole
            the_steps_of_an_alert_can_be_written_again
            a_track_is_whole_wherever_its_fixes_are
            compaction_goes_on_where_it_stopped
            a_fix_that_was_appended_since_is_left_out
            incidents_of_any_month_are_kept
            incidents_come_back_whole_whatever_their_texts
        }
    )*};
}

promises! { on_both in_memory }

pub(crate) fn report(key: &str) -> NewIncident {
    NewIncident {
        source: "12345".into(),
        external_id: key.into(),
        matter: MatterCode::new("spoil-dumping"),
        point: LngLat::new(120.9, 31.0).unwrap(),
        original: Some(Original { datum: Datum::Gcj02, lng: 120.904, lat: 30.998 }),
        occurred_at: Time::from_ms(1_000),
        severity: Severity::new(3).unwrap(),
        description: "渣土，约十车".into(),
        media: vec!["https://example.org/1.jpg".into()],
        provenance: Provenance::Simulated,
    }
}

pub(crate) fn unit(code: &str, name: &str) -> NewUnit {
    NewUnit {
        code: code.into(),
        name: name.into(),
        kind: UnitKind::Boat,
        agency: "310118".parse().unwrap(),
        provenance: Provenance::Live,
    }
}

pub(crate) fn fix(unit: u32, at: i64) -> Position {
    Position {
        unit: UnitId(unit),
        at: Time::from_ms(at),
        point: LngLat::new(120.9, 31.0).unwrap(),
        original: None,
        speed_mps: Some(3.5),
        course_deg: None,
        accuracy_m: Some(8.0),
    }
}

pub(super) fn fixes(of: &[(u32, i64)]) -> Draft {
    let events = of.iter().map(|&(unit, at)| Event::Position(fix(unit, at))).collect();
    Draft { at: Time::from_ms(5_000), events, ..Draft::default() }
}

pub(super) async fn log(store: &impl Store) -> Vec<(Offset, Batch)> {
    store.read(Offset(0), usize::MAX).await.unwrap()
}

async fn what_is_appended_is_read_again<S: Store>(open: impl AsyncFn() -> S) {
    let store = open().await;
    assert_eq!(store.head().await.unwrap(), None);
    let done = store
        .append(Draft {
            at: Time::from_ms(5_000),
            units: vec![unit("沪青-01", "青浦一号艇")],
            incidents: vec![report("a"), report("b")],
            events: vec![Event::Position(fix(7, 4_000)), Event::Tick],
            ..Draft::default()
        })
        .await
        .unwrap();
    assert_eq!(done.offset, Offset(1));
    assert_eq!(done.incidents, [Verdict::Accepted(1), Verdict::Accepted(2)]);
    assert_eq!(done.events.len(), 5);
    let epoch = store.epoch().to_owned();
    drop(store);

    let store = open().await;
    assert_eq!(store.epoch(), epoch);
    assert_eq!(store.head().await.unwrap(), Some((Offset(1), Time::from_ms(5_000))));
    let batch = Batch { at: Time::from_ms(5_000), events: done.events };
    assert_eq!(log(&store).await, [(Offset(1), batch)]);
    let found = store.incidents(vec![IncidentId(2), IncidentId(9), IncidentId(1)]).await.unwrap();
    assert_eq!(found, [report("b").numbered(IncidentId(2)), report("a").numbered(IncidentId(1))]);
}

async fn a_report_sent_twice_is_kept_once<S: Store>(open: impl AsyncFn() -> S) {
    let store = open().await;
    let all: Vec<_> = (0..100).map(|at| report(&at.to_string())).collect();
    let incidents = [&all[..], &all[40..60]].concat();
    let done = store.append(Draft { incidents, ..Draft::default() }).await.unwrap();
    assert_eq!(done.incidents[99], Verdict::Accepted(100));
    assert_eq!(done.incidents[100], Verdict::Duplicate(41), "twice in one batch");
    assert_eq!(done.events.len(), 100);
    let other = NewIncident { source: "another".into(), ..report("7") };
    let incidents = vec![report("7"), other, report("7")];
    let done = store.append(Draft { incidents, ..Draft::default() }).await.unwrap();
    let expected = [Verdict::Duplicate(8), Verdict::Accepted(101), Verdict::Duplicate(8)];
    assert_eq!(done.incidents, expected);
}

async fn a_unit_sent_again_is_kept_once_and_changed_when_it_differs<S: Store>(
    open: impl AsyncFn() -> S,
) {
    let store = open().await;
    let append = async |units| {
        let done = store.append(Draft { units, ..Draft::default() }).await.unwrap();
        (done.units, done.events.len())
    };
    let both = vec![unit("a", "A"), unit("b", "B"), unit("a", "A")];
    let (verdicts, events) = append(both).await;
    assert_eq!(verdicts, [Verdict::Accepted(1), Verdict::Accepted(2), Verdict::Duplicate(1)]);
    assert_eq!(events, 2);
    let (verdicts, events) = append(vec![unit("b", "other"), unit("a", "A")]).await;
    assert_eq!(verdicts, [Verdict::Accepted(2), Verdict::Duplicate(1)]);
    assert_eq!(events, 1);
    assert_eq!(append(vec![unit("b", "other")]).await, (vec![Verdict::Duplicate(2)], 0));
}

async fn a_registration_that_has_waited_takes_no_unit_from_its_agency<S: Store>(
    open: impl AsyncFn() -> S,
) {
    let store = open().await;
    let append = async |units, spooled: Option<Spooled>| {
        let done = store.append(Draft { units, spooled, ..Draft::default() }).await.unwrap();
        (done.units, done.events.len())
    };
    let given = async |units, from: &str, to: &str| {
        let (from, to) = (from.parse().unwrap(), to.parse().unwrap());
        let transfers = vec![Transfer { code: "a".into(), from, to }];
        let done = store.append(Draft { units, transfers, ..Draft::default() }).await.unwrap();
        (done.units, done.events.len())
    };
    let spooled = |upto| Some(Spooled { note: "spool x".into(), upto, entries: Vec::new() });
    let of = |agency: &str, unit| NewUnit { agency: agency.parse().unwrap(), ..unit };
    append(vec![unit("a", "A")], None).await;
    let waited =
        vec![of("310101", unit("a", "theirs")), unit("a", "B"), of("310101", unit("b", "C"))];
    let (verdicts, events) = append(waited, spooled(1)).await;
    assert_eq!(verdicts, [Verdict::Taken(1), Verdict::Accepted(1), Verdict::Accepted(2)]);
    assert_eq!(events, 2);
    let twice = vec![unit("c", "C"), of("310101", unit("c", "C"))];
    let (verdicts, _) = append(twice, spooled(2)).await;
    assert_eq!(verdicts, [Verdict::Accepted(3), Verdict::Taken(3)]);
    let theirs = || vec![of("310101", unit("a", "theirs"))];
    assert_eq!(append(theirs(), None).await, (vec![Verdict::Taken(1)], 0), "nor does another");
    let other = given(theirs(), "320500", "310101").await;
    assert_eq!(other, (vec![Verdict::Taken(1)], 0), "it was another's when it was looked at");
    let at_once = given(theirs(), "310118", "310101").await;
    assert_eq!(at_once, (vec![Verdict::Accepted(1)], 1), "who may give it, gives it");
}

async fn a_batch_of_duplicates_alone_leaves_no_trace<S: Store>(open: impl AsyncFn() -> S) {
    let store = open().await;
    let draft = Draft { incidents: vec![report("a")], ..Draft::default() };
    store.append(draft.clone()).await.unwrap();
    let again = store.append(draft).await.unwrap();
    assert_eq!((again.offset, again.events.len()), (Offset(1), 0));
    assert_eq!(log(&store).await.len(), 1);
}

async fn time_never_goes_back_in_the_log<S: Store>(open: impl AsyncFn() -> S) {
    let store = open().await;
    store.append(fixes(&[(1, 1_000)])).await.unwrap();
    let earlier = Draft { at: Time::from_ms(10), events: vec![Event::Tick], ..Draft::default() };
    assert_eq!(store.append(earlier).await.unwrap().at, Time::from_ms(5_000));
}

async fn a_reader_gets_whole_batches_up_to_a_bound<S: Store>(open: impl AsyncFn() -> S) {
    let store = open().await;
    for at in 0..5 {
        store.append(fixes(&[(1, at), (2, at)])).await.unwrap();
    }
    let offsets = async |after, most| {
        let batches = store.read(Offset(after), most).await.unwrap();
        batches.into_iter().map(|(offset, _)| offset.0).collect::<Vec<_>>()
    };
    assert_eq!(offsets(0, 1).await, [1]);
    assert_eq!(offsets(1, 3).await, [2, 3]);
    assert_eq!(offsets(3, 100).await, [4, 5]);
    assert!(offsets(5, 100).await.is_empty());
}

async fn the_newest_two_checkpoints_are_kept_whole<S: Store>(open: impl AsyncFn() -> S) {
    let store = open().await;
    let bytes = |of: u8| vec![of; 3_000_001];
    for of in 1..=3 {
        store.save_checkpoint(Offset(of.into()), bytes(of)).await.unwrap();
    }
    assert_eq!(store.checkpoints().await.unwrap(), [Offset(2), Offset(3)]);
    assert_eq!(store.checkpoint(Offset(1)).await.unwrap(), None);
    assert_eq!(store.checkpoint(Offset(2)).await.unwrap(), Some(bytes(2)));
    store.drop_checkpoints().await.unwrap();
    assert_eq!(store.checkpoints().await.unwrap(), []);
}

async fn a_fix_that_was_appended_since_is_left_out<S: Store>(open: impl AsyncFn() -> S) {
    let (ours, theirs) = (open().await, open().await);
    let known = ours.append(fixes(&[(1, 10), (1, 20)])).await.unwrap().offset;
    theirs.append(Draft { known, ..fixes(&[(1, 30), (2, 10)]) }).await.unwrap();
    let late = Draft { known, ..fixes(&[(2, 20), (1, 30), (2, 30), (2, 10)]) };
    let done = ours.append(late.clone()).await.unwrap();
    assert_eq!((done.offset, done.repeated, done.events.len()), (Offset(3), vec![1, 3], 2));
    let again = theirs.append(late).await.unwrap();
    assert_eq!((again.offset, again.repeated), (Offset(3), vec![0, 1, 2, 3]));
    assert_eq!(log(&theirs).await.len(), 3);
}

async fn incidents_of_any_month_are_kept<S: Store>(open: impl AsyncFn() -> S) {
    let times = [
        "1987-06-01T00:00:00Z",
        "2015-03-31T23:59:59.999Z",
        "2015-04-01T00:00:00Z",
        "2026-12-31T23:59:59Z",
        "2107-01-01T00:00:00Z",
    ];
    let reports = times.map(|at| NewIncident { occurred_at: at.parse().unwrap(), ..report(at) });
    let store = open().await;
    for some in reports.chunks(3) {
        let draft = Draft { incidents: some.to_vec(), ..Draft::default() };
        store.append(draft).await.unwrap();
    }
    drop(store);
    let store = open().await;
    let again = Draft { incidents: reports.to_vec(), ..Draft::default() };
    assert_eq!(store.append(again).await.unwrap().events, []);
    let ids = (1..=5).map(IncidentId).collect();
    let kept = store.incidents(ids).await.unwrap();
    assert_eq!(
        kept.iter().map(|kept| kept.occurred_at).collect::<Vec<_>>(),
        reports.map(|report| report.occurred_at)
    );
}

async fn incidents_come_back_whole_whatever_their_texts<S: Store>(open: impl AsyncFn() -> S) {
    let all = "a,\"b\",'c'\td\r\ne\n\\.\nC:\\渣土\\x41 {\"f\",NULL} 沪\u{20000}🚛 e\u{301}\u{7f}";
    let texts = ["", " ", "NULL", "\\N", "\\.", "\\", "\"", "\"\"", "'", ",", "{}", "\n", all];
    let odd = |text: &str| NewIncident {
        matter: MatterCode::new(text),
        point: LngLat::new(120.3_f64.next_up(), 31.0 / 3.0).unwrap(),
        original: None,
        occurred_at: Time::from_ms(1_763_856_000_007),
        description: text.into(),
        media: vec![text.into(), String::new()],
        ..report(text)
    };
    let mut reports = texts.map(odd).to_vec();
    // Beside one that has what the others lack, and lacks what they have.
    reports.push(NewIncident { source: "".into(), media: Vec::new(), ..report("") });
    let store = open().await;
    let (alone, others) = reports.split_at(1);
    for some in [alone, others] {
        store.append(Draft { incidents: some.to_vec(), ..Draft::default() }).await.unwrap();
    }
    let ids: Vec<_> = (1..=reports.len() as u64).map(IncidentId).collect();
    let kept = store.incidents(ids.clone()).await.unwrap();
    let numbered = ids.into_iter().zip(reports.clone()).map(|(id, report)| report.numbered(id));
    assert_eq!(kept, numbered.collect::<Vec<_>>());
    let again = Draft { incidents: reports, ..Draft::default() };
    assert_eq!(store.append(again).await.unwrap().events, [], "each name is known");
}

pub(super) fn record(offset: u64, step: AlertStep, ended_at: Option<i64>) -> AlertRecord {
    let alert = Alert {
        id: AlertId(4),
        rule: RuleId("spoil".into()),
        state: if ended_at.is_some() { AlertState::Cleared } else { AlertState::Open },
        severity: Severity::MAJOR,
        lifted_by: None,
        lifted_by_size: false,
        border: 2,
        sides: Vec::new(),
        members: Members::from_iter([IncidentId(offset)]),
        cores: 1,
        matters: vec![(MatterCode::new("spoil-dumping"), 1)],
        zones: vec!["pilot".into()],
        center: LngLat::new(120.9, 31.0).unwrap(),
        hull: Vec::new(),
        border_distance_m: 12.5,
        trend: (1, 0),
        provenance: Provenance::Live,
        raised_at: Time::from_ms(1),
        alarming_since: Time::from_ms(1),
        updated_at: Time::from_ms(10 * i64::try_from(offset).unwrap()),
        fading_since: None,
        ended_at: ended_at.map(Time::from_ms),
        merged_into: None,
        split_from: None,
        reopened: 0,
        acknowledged: None,
        withdrawn: None,
    };
    let others = vec![AlertId(offset + 1)];
    AlertRecord { offset: Offset(offset), nth: 0, step, alert: Arc::new(alert), others }
}

async fn the_steps_of_an_alert_can_be_written_again<S: Store>(open: impl AsyncFn() -> S) {
    let store = open().await;
    let steps = [
        record(3, AlertStep::Raised, None),
        record(5, AlertStep::Updated, None),
        record(9, AlertStep::Cleared, Some(90)),
    ];
    store.put_alerts(steps.to_vec()).await.unwrap();
    store.put_alerts(steps[..2].to_vec()).await.unwrap();
    let last = store.alert(AlertId(4)).await.unwrap().unwrap();
    assert_eq!(last, *steps[2].alert, "what is written again does not hide what came after");
    let mut told = store.alert_steps(AlertId(4), LATEST, 9).await.unwrap();
    let of = |step: &PastStep| (step.offset, step.nth);
    let last = store.alert_steps(AlertId(4), LATEST, 1).await.unwrap();
    assert_eq!(last, told[..1], "the newest first");
    assert_eq!(store.alert_steps(AlertId(4), of(&last[0]), 9).await.unwrap(), told[1..]);
    told.reverse();
    assert_eq!(told[1].detail.others, [AlertId(6)]);
    let told: Vec<_> = told.iter().map(|step| (step.offset.0, step.at.ms(), step.step)).collect();
    let expected =
        [(3, 30, AlertStep::Raised), (5, 50, AlertStep::Updated), (9, 90, AlertStep::Cleared)];
    assert_eq!(told, expected);
    let after =
        async |at, id| store.ended_alerts((Time::from_ms(at), AlertId(id)), 5).await.unwrap().len();
    assert_eq!((after(90, 4).await, after(90, 5).await, after(91, 0).await), (0, 1, 1));
    assert_eq!(store.alert(AlertId(1)).await.unwrap(), None);
    store.drop_alerts().await.unwrap();
    assert_eq!(store.alert(AlertId(4)).await.unwrap(), None);
    assert_eq!(store.alert_steps(AlertId(4), LATEST, 9).await.unwrap(), []);
}

const HOUR: i64 = 3_600_000;

async fn a_track_is_whole_wherever_its_fixes_are<S: Store>(open: impl AsyncFn() -> S) {
    let store = open().await;
    store.append(fixes(&[(1, 10), (2, 10), (1, HOUR + 5)])).await.unwrap();
    store.append(fixes(&[(1, 2 * HOUR)])).await.unwrap();
    store.append(fixes(&[(1, 7), (1, 3 * HOUR)])).await.unwrap();
    let track = async |from, to, most| {
        let (from, to) = (Time::from_ms(from), Time::from_ms(to));
        let track = store.track(UnitId(1), from, to, most).await.unwrap();
        track.into_iter().map(|fix| fix.at.ms()).collect::<Vec<_>>()
    };
    let whole = [7, 10, HOUR + 5, 2 * HOUR, 3 * HOUR];
    for upto in 0..=3 {
        assert_eq!(store.compact(Offset(upto), 1_000).await.unwrap(), Offset(upto));
        assert_eq!(store.compacted().await.unwrap(), Offset(upto));
        assert_eq!(track(0, 9 * HOUR, 99).await, whole);
        assert_eq!(track(8, 2 * HOUR, 99).await, whole[1..3], "to is not included");
        assert_eq!(track(0, 9 * HOUR, 2).await, whole[..2]);
    }
}

async fn compaction_goes_on_where_it_stopped<S: Store>(open: impl AsyncFn() -> S) {
    let store = open().await;
    for at in 0..4 {
        store.append(fixes(&[(1, at), (3, HOUR + at)])).await.unwrap();
    }
    assert_eq!(store.compact(Offset(4), 4).await.unwrap(), Offset(2));
    let asked: Vec<_> = (0..4).map(|at| (UnitId(1), Time::from_ms(at))).collect();
    let mut known = store.known_fixes(asked.clone()).await.unwrap();
    known.sort_unstable();
    assert_eq!(known, asked[..2]);
    assert_eq!(store.compact(Offset(4), 4).await.unwrap(), Offset(4));
    assert_eq!(store.compact(Offset(4), 4).await.unwrap(), Offset(4));
    let known = store.known_fixes(vec![(UnitId(3), Time::from_ms(HOUR + 3))]).await.unwrap();
    assert_eq!(known.len(), 1);
}
