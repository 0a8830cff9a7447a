//! What every store must do to forget where units were; each backend runs all of it.

use super::audit::Outcome;
use super::contract::{fix, fixes, on_both, report, unit};
use super::{Draft, Ledger, Store};
use crate::domain::{
    Event, Forget, IncidentId, NewIncident, Offset, Position, TextErasure, Time, UnitId,
};

on_both! {
    what_one_unit_left_before_a_time_is_nowhere_any_more
    what_has_grown_old_is_nowhere_any_more
    what_comes_later_is_not_meant
    forgetting_goes_on_where_it_stopped
    a_checkpoint_can_be_put_in_the_place_of_another
    what_was_written_of_one_incident_is_gone_when_that_is_appended
    old_texts_are_erased_bit_by_bit_and_what_comes_later_is_not_meant
}

const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;

fn at(ms: i64) -> Time {
    Time::from_ms(ms)
}

async fn forget(store: &impl Store, unit: Option<u32>, before: i64) -> Offset {
    let forget = Forget { unit: unit.map(UnitId), before: at(before) };
    let events = vec![Event::Forget(forget), Event::Position(fix(1, 5))];
    store.append(Draft { events, ..fixes(&[]) }).await.unwrap().offset
}

async fn all_of_it(store: &impl Store) {
    while store.forget_some(2, at(77)).await.unwrap() {}
}

/// The fixes in the log, by batch.
async fn in_log(store: &impl Store) -> Vec<(u64, u32, i64)> {
    let name = |offset: Offset, fix: &Position| (offset.0, fix.unit.0, fix.at.ms());
    let mut all = Vec::new();
    for (offset, batch) in store.read(Offset(0), usize::MAX).await.unwrap() {
        assert!(!batch.events.is_empty());
        all.extend(batch.events.iter().filter_map(|event| match event {
            Event::Position(fix) => Some(name(offset, fix)),
            _ => None,
        }));
    }
    all
}

async fn in_tracks(store: &impl Store, unit: u32) -> Vec<i64> {
    let head = store.head().await.unwrap().unwrap().0;
    store.compact(head, usize::MAX).await.unwrap();
    let track = store.track(UnitId(unit), at(0), at(i64::MAX), 99).await.unwrap();
    track.into_iter().map(|fix| fix.at.ms()).collect()
}

async fn what_one_unit_left_before_a_time_is_nowhere_any_more<S: Store + Ledger>(
    open: impl AsyncFn() -> S,
) {
    let store = open().await;
    let units = vec![unit("沪青-01", "青浦一号艇")];
    store.append(Draft { units, ..fixes(&[(1, 10), (2, 10), (1, HOUR + 5)]) }).await.unwrap();
    store.append(fixes(&[(1, 2 * HOUR), (1, 2 * HOUR + 9)])).await.unwrap();
    store.compact(Offset(2), usize::MAX).await.unwrap();
    store.append(Draft { incidents: vec![report("a")], ..fixes(&[(1, 7)]) }).await.unwrap();
    assert_eq!(forget(&store, Some(1), 2 * HOUR + 9).await, Offset(4));
    all_of_it(&store).await;

    let left = [(1, 2, 10), (2, 1, 2 * HOUR + 9), (4, 1, 5)];
    assert_eq!(in_log(&store).await, left, "what stands after it stays");
    assert_eq!(in_tracks(&store, 1).await, [5, 2 * HOUR + 9]);
    assert_eq!(in_tracks(&store, 2).await, [10]);
    let asked = vec![(UnitId(1), at(10)), (UnitId(2), at(10)), (UnitId(1), at(2 * HOUR))];
    assert_eq!(store.known_fixes(asked).await.unwrap(), [(UnitId(2), at(10))]);
    assert_eq!(store.read(Offset(2), 1).await.unwrap()[0].1.events.len(), 1, "the report");

    let entries = store.entries(0, 9).await.unwrap();
    let [told] = &entries[..] else { panic!("{entries:?}") };
    let told = told.entry().unwrap();
    assert_eq!((&*told.deed, &*told.target, told.at), ("forgotten", "unit 沪青-01", at(77)));
    assert_eq!(told.outcome, Outcome::Done);
    let after = told.after.unwrap();
    assert_eq!((&after["batch"], &after["fixes"]), (&4.into(), &4.into()));
    assert!(!after.to_string().contains("120.9"), "{after}");
    assert!(!store.forget_some(9, at(78)).await.unwrap(), "there is nothing left to do");
}

async fn what_has_grown_old_is_nowhere_any_more<S: Store + Ledger>(open: impl AsyncFn() -> S) {
    let store = open().await;
    let start = "2026-01-30T00:00:00Z".parse::<Time>().unwrap().ms();
    for day in 0..6 {
        let of = [(1, start + day * DAY), (2, start + day * DAY + 7 * HOUR)];
        store.append(fixes(&of)).await.unwrap();
        store.compact(Offset(3), usize::MAX).await.unwrap();
    }
    let cut = start + 4 * DAY;
    assert!(store.has_fixes_before(at(cut)).await.unwrap());
    let asked = store
        .append(Draft {
            events: vec![Event::Forget(Forget { unit: None, before: at(cut) })],
            ..fixes(&[])
        })
        .await
        .unwrap();
    all_of_it(&store).await;
    assert!(!store.has_fixes_before(at(cut)).await.unwrap());
    assert!(store.has_fixes_before(at(cut + 1)).await.unwrap());
    let kept = [4, 5].map(|day| start + day * DAY);
    let left = in_log(&store).await;
    assert_eq!(left.len(), 4);
    assert!(left.iter().all(|(_, _, at)| *at >= cut));
    assert_eq!(in_tracks(&store, 1).await, kept);
    assert_eq!(store.read(Offset(0), usize::MAX).await.unwrap().len(), 7, "batches stay");
    let told = store.entries(0, 9).await.unwrap()[0].entry().unwrap();
    assert_eq!((&*told.target, &told.after.unwrap()["fixes"]), ("positions", &8.into()));
    assert_eq!(asked.offset, Offset(7));

    // What comes late from a month that is gone goes into tracks again.
    store.append(fixes(&[(1, start + 1)])).await.unwrap();
    assert_eq!(in_tracks(&store, 1).await, [start + 1, kept[0], kept[1]]);
}

async fn what_comes_later_is_not_meant<S: Store>(open: impl AsyncFn() -> S) {
    let store = open().await;
    store.append(fixes(&[(1, 10)])).await.unwrap();
    forget(&store, None, 100).await;
    store.append(fixes(&[(1, 20)])).await.unwrap();
    all_of_it(&store).await;
    assert_eq!(in_log(&store).await, [(2, 1, 5), (3, 1, 20)]);
    store.forget_tracks(Forget { unit: Some(UnitId(1)), before: at(20) }).await.unwrap();
    assert_eq!(in_log(&store).await.len(), 2, "tracks alone are asked for here");
}

async fn forgetting_goes_on_where_it_stopped<S: Store + Ledger>(open: impl AsyncFn() -> S) {
    let store = open().await;
    for at in 1..=9 {
        store.append(fixes(&[(1, at), (2, at)])).await.unwrap();
    }
    forget(&store, Some(1), 100).await;
    forget(&store, Some(2), 5).await;
    for _ in 0..4 {
        assert!(store.forget_some(2, at(77)).await.unwrap());
    }
    assert_eq!(store.entries(0, 9).await.unwrap(), []);
    drop(store);
    let store = open().await;
    all_of_it(&store).await;
    let left: Vec<_> = in_log(&store).await.into_iter().map(|(_, unit, at)| (unit, at)).collect();
    let others: Vec<_> = (5..=9).map(|at| (2, at)).collect();
    assert_eq!(left, others);
    let told = store.entries(0, 9).await.unwrap();
    let counts: Vec<_> =
        told.iter().map(|record| record.entry().unwrap().after.unwrap()["fixes"].clone()).collect();
    assert_eq!(counts, [9, 4]);
}

async fn a_checkpoint_can_be_put_in_the_place_of_another<S: Store>(open: impl AsyncFn() -> S) {
    let store = open().await;
    store.save_checkpoint(Offset(3), vec![1; 3_000_000]).await.unwrap();
    store.save_checkpoint(Offset(5), vec![2; 9]).await.unwrap();
    store.save_checkpoint(Offset(3), vec![4; 7]).await.unwrap();
    assert_eq!(store.checkpoints().await.unwrap(), [Offset(3), Offset(5)]);
    assert_eq!(store.checkpoint(Offset(3)).await.unwrap(), Some(vec![4; 7]));
    assert_eq!(store.checkpoint(Offset(5)).await.unwrap(), Some(vec![2; 9]));
}

/// What of incidents has texts: in the log, and beside it.
async fn with_texts(store: &impl Store) -> (Vec<u64>, Vec<u64>) {
    let log = store.read(Offset(0), usize::MAX).await.unwrap();
    let events = log.into_iter().flat_map(|(_, batch)| batch.events);
    let all: Vec<_> = events
        .filter_map(|event| match event {
            Event::Incident(incident) => Some(incident),
            _ => None,
        })
        .collect();
    let beside = store.incidents(all.iter().map(|incident| incident.id).collect()).await.unwrap();
    assert_eq!(beside.len(), all.len(), "the incidents stay");
    let texts = |of: &[crate::domain::Incident]| {
        of.iter().filter(|incident| incident.has_texts()).map(|incident| incident.id.0).collect()
    };
    (texts(&all), texts(&beside))
}

fn reports(of: &[(&str, i64)]) -> Draft {
    let at =
        |&(key, at): &(&str, i64)| NewIncident { occurred_at: Time::from_ms(at), ..report(key) };
    Draft { incidents: of.iter().map(at).collect(), ..fixes(&[]) }
}

async fn what_was_written_of_one_incident_is_gone_when_that_is_appended<S: Store + Ledger>(
    open: impl AsyncFn() -> S,
) {
    let store = open().await;
    store.append(reports(&[("a", 1), ("b", 2)])).await.unwrap();
    store.append(reports(&[("c", 3)])).await.unwrap();
    let erase = |id| Event::EraseTexts(TextErasure::Of(IncidentId(id)));
    let erased = store.append(Draft { events: vec![erase(2)], ..fixes(&[]) }).await.unwrap();
    assert_eq!(erased.offset, Offset(3));
    assert_eq!(with_texts(&store).await, (vec![1, 3], vec![1, 3]));
    // Of what never was, or had none, there is nothing to erase.
    let none = Draft { events: vec![erase(9), erase(2)], ..fixes(&[]) };
    store.append(none).await.unwrap();
    assert_eq!(with_texts(&store).await, (vec![1, 3], vec![1, 3]));
    assert!(!store.forget_some(9, at(77)).await.unwrap(), "there is nothing left to do");
    // Sent again it is known, and its texts are not taken.
    let again = store.append(reports(&[("b", 2)])).await.unwrap();
    assert_eq!(again.incidents[0].number(), 2);
    assert_eq!(with_texts(&store).await, (vec![1, 3], vec![1, 3]));
}

async fn old_texts_are_erased_bit_by_bit_and_what_comes_later_is_not_meant<S: Store + Ledger>(
    open: impl AsyncFn() -> S,
) {
    let store = open().await;
    let keys: Vec<String> = (0..800).map(|key| key.to_string()).collect();
    for some in keys.chunks(200) {
        let of: Vec<_> = some.iter().map(|key| (key.as_str(), 10)).collect();
        store.append(reports(&of)).await.unwrap();
    }
    store.append(reports(&[("old", 9), ("new", 11)])).await.unwrap();
    assert!(store.has_texts_before(at(10)).await.unwrap());
    assert!(!store.has_texts_before(at(9)).await.unwrap());
    let before = |ms| Event::EraseTexts(TextErasure::Before(at(ms)));
    store.append(Draft { events: vec![before(10)], ..fixes(&[]) }).await.unwrap();
    store.append(Draft { events: vec![before(11)], ..fixes(&[]) }).await.unwrap();
    store.append(reports(&[("late", 1)])).await.unwrap();
    assert!(store.forget_some(9, at(77)).await.unwrap());
    let (log, beside) = with_texts(&store).await;
    assert_eq!(log, beside, "a batch and what is beside it go together");
    assert!(log.len() > 2, "some are left");
    drop(store);
    let store = open().await;
    all_of_it(&store).await;
    assert_eq!(with_texts(&store).await, (vec![802, 803], vec![802, 803]));
    assert!(store.has_texts_before(at(10)).await.unwrap(), "the one that came late");
    let told = store.entries(0, 9).await.unwrap();
    let [told] = &told[..] else { panic!("{told:?}") };
    let told = told.entry().unwrap();
    assert_eq!((&*told.deed, &*told.target, told.at), ("forgotten", "texts", at(77)));
    let after = told.after.unwrap();
    assert_eq!((&after["batch"], &after["incidents"]), (&7.into(), &801.into()));
}
