//! What every store must do when its contents are taken out and put in; each backend
//! runs all of it.

use futures_util::TryStreamExt;

use super::access_contract::{account, entry, session, token};
use super::audit::Chain;
use super::contents::{Filling, Part, Reading, Row};
use super::contract::{fix, fixes, on_both, record, report, unit};
use super::factors_contract::factor;
use super::registry::Identity;
use super::{Contents, Draft, Factors as _, Ledger, Owner, Registry, Store, StoreError};
use crate::access::{Role, SessionId};
use crate::domain::{Act, AlertId, AlertStep, Event, Forget, NewIncident, Offset, Time, UnitId};

on_both! {
    what_is_taken_out_and_put_in_is_the_same
    contents_stand_still_while_the_store_goes_on
    only_an_empty_store_is_filled
    what_is_not_finished_was_never_there
    a_factor_goes_with_its_account
    a_filled_store_numbers_on
}

/// A store with something in each of its parts.
async fn furnish(store: &(impl Store + Registry)) {
    let late = NewIncident { occurred_at: "2107-01-01T00:00:00Z".parse().unwrap(), ..report("z") };
    let act = Act::Acknowledge { alert: AlertId(4), by: "li".into(), note: "派青浦".into() };
    let draft = Draft {
        units: vec![unit("沪青-01", "青浦一号艇")],
        incidents: vec![report("a"), late],
        owners: vec![Owner(Some("320500".parse().unwrap()))],
        events: vec![Event::Position(fix(1, 4_000)), Event::Act(act), Event::Tick],
        ..fixes(&[])
    };
    store.append(draft).await.unwrap();
    store.append(fixes(&[(1, 5_000), (2, 3)])).await.unwrap();
    let forget = Forget { unit: Some(UnitId(2)), before: Time::from_ms(9) };
    store.append(Draft { events: vec![Event::Forget(forget)], ..fixes(&[]) }).await.unwrap();
    store.put_alerts(vec![record(1, AlertStep::Raised, None)]).await.unwrap();
    store.set_note("region", "Delta".into()).await.unwrap();
    let li = account("li", Role::Officer);
    let li = store.add_account(li, true, entry("add")).await.unwrap().unwrap();
    store.add_account(account("wall", Role::Wall), false, entry("add")).await.unwrap();
    let zhao = Identity { issuer: "https://id.example".into(), subject: "赵".into() };
    store.add_identified(account("zhao", Role::Officer), zhao, entry("add")).await.unwrap();
    store.add_session(session(li, 1), entry("sign-in")).await.unwrap();
    let keep = SessionId(1);
    store.add_factor(li, factor(9), keep, entry("enrol-factor")).await.unwrap();
    let used = Time::from_ms(77);
    store.use_recovery(li, [2; 32], used, entry("use-recovery-code")).await.unwrap();
    store.add_token(token(7, None), entry("add-token")).await.unwrap();
}

async fn all(reading: &mut (impl Reading + ?Sized)) -> Vec<(Part, Vec<Row>)> {
    let mut all = Vec::new();
    for part in Part::ALL {
        all.push((part, reading.rows(part).try_collect().await.unwrap()));
    }
    all
}

async fn still(store: &impl Contents) -> Vec<(Part, Vec<Row>)> {
    all(&mut *store.still().await.unwrap()).await
}

/// Puts rows in as an archive does: by way of their lines.
async fn put(filling: &mut dyn Filling, rows: &[(Part, Vec<Row>)]) {
    for (part, rows) in rows {
        let again = rows.iter().map(|row| Row::read(*part, &row.line()).unwrap());
        filling.put(again.collect()).await.unwrap();
    }
}

/// A furnished store of the default kind.
async fn furnished() -> (tempfile::TempDir, super::Sqlite) {
    let folder = tempfile::tempdir().unwrap();
    let store = super::Sqlite::open(&folder.path().join("first.sqlite")).await.unwrap();
    furnish(&store).await;
    (folder, store)
}

async fn what_is_taken_out_and_put_in_is_the_same<S: Contents + Store + Ledger>(
    open: impl AsyncFn() -> S,
) {
    let (_folder, first) = furnished().await;
    let taken = still(&first).await;
    assert!(taken.iter().all(|(_, rows)| !rows.is_empty()), "{taken:?}");
    let second = open().await;
    let mut filling = second.fill().await.unwrap();
    put(&mut *filling, &taken).await;
    assert_eq!(all(&mut *filling).await, taken, "before it is durable");
    filling.finish(entry("import")).await.unwrap();
    let mut again = still(&second).await;
    let Some((Part::Audit, entries)) = again.last_mut() else { panic!() };
    assert!(matches!(entries.pop(), Some(Row::Entry(last)) if last.line.contains("import")));
    assert_eq!(again, taken);
    assert_ne!(first.epoch(), second.epoch(), "it is another history");
    let mut chain = Chain::default();
    let entries = second.entries(0, 99).await.unwrap();
    entries.iter().try_for_each(|entry| chain.follow(entry)).unwrap();
    let head = Some((Offset(3), Time::from_ms(5_000)));
    assert_eq!(second.head().await.unwrap(), head);
}

async fn contents_stand_still_while_the_store_goes_on<S: Contents + Store + Registry>(
    open: impl AsyncFn() -> S,
) {
    let store = open().await;
    furnish(&store).await;
    let before = still(&store).await;
    let mut held = store.still().await.unwrap();
    held.rows(Part::Notes).try_next().await.unwrap();
    store.append(Draft { incidents: vec![report("b")], ..fixes(&[(1, 9)]) }).await.unwrap();
    assert_eq!(all(&mut *held).await, before);
    drop(held);
    assert_ne!(still(&store).await, before);
}

async fn only_an_empty_store_is_filled<S: Contents + Store + Ledger>(open: impl AsyncFn() -> S) {
    let store = open().await;
    store.set_note("region", "Delta".into()).await.unwrap();
    drop(store.fill().await.unwrap());
    store.record(entry("sign-in")).await.unwrap();
    let refused = async || store.fill().await.err().map(|why| why.to_string());
    assert_eq!(
        refused().await.as_deref(),
        Some("it is not empty: there is something in its audit")
    );
    store.append(fixes(&[(1, 1)])).await.unwrap();
    assert!(matches!(store.fill().await.err(), Some(StoreError::NotEmpty("log"))));
}

async fn what_is_not_finished_was_never_there<S: Contents>(open: impl AsyncFn() -> S) {
    let (_folder, first) = furnished().await;
    let taken = still(&first).await;
    let store = open().await;
    let mut filling = store.fill().await.unwrap();
    put(&mut *filling, &taken).await;
    drop(filling);
    assert!(still(&store).await.iter().all(|(_, rows)| rows.is_empty()));
    drop(store.fill().await.unwrap());
}

async fn a_factor_goes_with_its_account<S: Contents + Store + Registry>(open: impl AsyncFn() -> S) {
    let (_folder, first) = furnished().await;
    let taken = still(&first).await;
    let line = |part| {
        let (_, rows) = taken.iter().find(|(one, _)| *one == part).unwrap();
        rows[0].line()
    };
    let says = line(Part::Accounts);
    assert!(
        says.contains(&format!(r#""factor":{{"secret":"{}","step":9"#, "07".repeat(20))),
        "{says}"
    );
    assert!(says.contains(&format!(r#"{{"hash":"{}","used_at":"1970"#, "02".repeat(32))), "{says}");
    let store = open().await;
    let mut filling = store.fill().await.unwrap();
    put(&mut *filling, &taken).await;
    filling.finish(entry("import")).await.unwrap();
    let li = store.account("li".into()).await.unwrap().unwrap().0;
    assert!(li.has_factor);
    assert_eq!(store.factor(li.id).await.unwrap(), first.factor(li.id).await.unwrap());
    assert!(!store.use_step(li.id, 9).await.unwrap() && store.use_step(li.id, 10).await.unwrap());
    for (code, good) in [(1, true), (2, false)] {
        let entry = entry("use-recovery-code");
        let used = store.use_recovery(li.id, [code; 32], Time::from_ms(78), entry).await.unwrap();
        assert_eq!(used, good, "{code}");
    }
    for wrong in [
        says.replacen("0707", "07", 1),
        says.replacen("0707", "0G07", 1),
        says.replacen("0707", "é07", 1),
        says.replacen("\"step\":9", "\"step\":-9", 1),
        says.replacen("\"step\":9", "\"stop\":9", 1),
        says.replacen("0202", "02", 1),
    ] {
        assert!(Row::read(Part::Accounts, &wrong).is_err(), "{wrong}");
    }
}

async fn a_filled_store_numbers_on<S: Contents + Store + Registry>(open: impl AsyncFn() -> S) {
    let (_folder, first) = furnished().await;
    let store = open().await;
    let mut filling = store.fill().await.unwrap();
    put(&mut *filling, &still(&first).await).await;
    filling.finish(entry("import")).await.unwrap();
    let draft = Draft {
        units: vec![unit("b", "B")],
        incidents: vec![report("a"), report("b")],
        owners: vec![Owner(Some("320500".parse().unwrap()))],
        ..fixes(&[(1, 5_001)])
    };
    let done = store.append(draft).await.unwrap();
    assert_eq!(done.offset, Offset(4));
    assert_eq!(done.units[0].number(), 2);
    assert_eq!((done.incidents[0].number(), done.incidents[1].number()), (1, 3));
    let wang = account("wang", Role::Analyst);
    let wang = store.add_account(wang, false, entry("add")).await.unwrap().unwrap();
    assert_eq!(wang.0, 4);
    assert_eq!(store.add_session(session(wang, 2), entry("sign-in")).await.unwrap().0, 2);
    assert_eq!(store.add_token(token(8, None), entry("add-token")).await.unwrap().0, 2);
}
