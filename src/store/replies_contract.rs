//! What every store must do with requests that come with a key; each backend runs
//! all of it.

use super::audit::{Outcome, Who};
use super::contract::on_both;
use super::replies::{Begun, Replies, Reply, RequestName};
use super::{Draft, Entry, Ledger, Store};
use crate::domain::{Event, Time};

on_both! {
    a_request_is_begun_once_and_answered_alike
    another_request_under_the_same_key_is_told_apart
    what_was_carried_out_is_known_though_the_server_died_before_it_answered
    what_was_refused_was_not_carried_out
    what_was_neither_carried_out_nor_answered_can_be_begun_anew
    a_key_is_forgotten_after_a_day
    of_two_servers_one_begins
}

const MINUTE: i64 = 60_000;
const DAY: i64 = 24 * 60 * MINUTE;

fn at(ms: i64) -> Time {
    Time::from_ms(DAY + ms)
}

fn name(key: &str) -> RequestName {
    RequestName { who: "account 3".into(), key: key.into() }
}

fn reply() -> Reply {
    Reply { status: 201, media_type: "application/json".into(), body: r#"{"名":1}"#.into() }
}

fn entry(key: &str, outcome: Outcome) -> Entry {
    Entry {
        at: at(0),
        who: Who::Open,
        address: None,
        agent: String::new(),
        deed: "acknowledge".into(),
        target: "alert 1".into(),
        before: None,
        after: None,
        outcome,
        about: None,
        request: Some(name(key)),
    }
}

async fn begin(store: &impl Replies, key: &str, now: i64) -> Begun {
    store.begin_request(name(key), [7; 32], at(now)).await.unwrap()
}

async fn a_request_is_begun_once_and_answered_alike<S: Replies>(open: impl AsyncFn() -> S) {
    let store = open().await;
    assert_eq!(begin(&store, "a", 0).await, Begun::New);
    assert_eq!(begin(&store, "a", 1).await, Begun::UnderWay);
    assert_eq!(begin(&store, "b", 1).await, Begun::New, "another key");
    store.keep_reply(name("a"), Some(reply())).await.unwrap();
    store.keep_reply(name("b"), None).await.unwrap();
    drop(store);
    let store = open().await;
    assert_eq!(begin(&store, "a", 2).await, Begun::Answered(reply()));
    assert_eq!(begin(&store, "b", 2).await, Begun::Done, "its answer held a secret");
    let other = RequestName { who: "account 4".into(), ..name("a") };
    assert_eq!(store.begin_request(other, [7; 32], at(2)).await.unwrap(), Begun::New);
}

async fn another_request_under_the_same_key_is_told_apart<S: Replies>(open: impl AsyncFn() -> S) {
    let store = open().await;
    begin(&store, "a", 0).await;
    let other = async || store.begin_request(name("a"), [8; 32], at(1)).await.unwrap();
    assert_eq!(other().await, Begun::Other);
    store.keep_reply(name("a"), Some(reply())).await.unwrap();
    assert_eq!(other().await, Begun::Other);
}

async fn what_was_carried_out_is_known_though_the_server_died_before_it_answered<
    S: Replies + Ledger + Store,
>(
    open: impl AsyncFn() -> S,
) {
    let store = open().await;
    for key in ["act", "batch"] {
        assert_eq!(begin(&store, key, 0).await, Begun::New);
    }
    store.record(entry("act", Outcome::Done)).await.unwrap();
    let audit = vec![entry("batch", Outcome::Done)];
    let draft = Draft { at: at(0), events: vec![Event::Tick], audit, ..Draft::default() };
    store.append(draft).await.unwrap();
    drop(store);
    let store = open().await;
    for key in ["act", "batch"] {
        store.withdraw_request(name(key)).await.unwrap();
        assert_eq!(begin(&store, key, 20 * MINUTE).await, Begun::Done, "{key}");
    }
}

async fn what_was_refused_was_not_carried_out<S: Replies + Ledger>(open: impl AsyncFn() -> S) {
    let store = open().await;
    begin(&store, "a", 0).await;
    store.record(entry("a", Outcome::Refused("not allowed".into()))).await.unwrap();
    assert_eq!(begin(&store, "a", 1).await, Begun::UnderWay);
}

async fn what_was_neither_carried_out_nor_answered_can_be_begun_anew<S: Replies>(
    open: impl AsyncFn() -> S,
) {
    let store = open().await;
    begin(&store, "withdrawn", 0).await;
    store.withdraw_request(name("withdrawn")).await.unwrap();
    assert_eq!(begin(&store, "withdrawn", 1).await, Begun::New);
    begin(&store, "silent", 0).await;
    assert_eq!(begin(&store, "silent", 10 * MINUTE - 1).await, Begun::UnderWay);
    assert_eq!(begin(&store, "silent", 10 * MINUTE).await, Begun::New);
    assert_eq!(begin(&store, "silent", 10 * MINUTE + 1).await, Begun::UnderWay, "from then on");
}

async fn a_key_is_forgotten_after_a_day<S: Replies>(open: impl AsyncFn() -> S) {
    let store = open().await;
    begin(&store, "a", 0).await;
    store.keep_reply(name("a"), Some(reply())).await.unwrap();
    assert_eq!(begin(&store, "a", DAY - 1).await, Begun::Answered(reply()));
    assert_eq!(begin(&store, "a", DAY).await, Begun::New);
}

async fn of_two_servers_one_begins<S: Replies>(open: impl AsyncFn() -> S) {
    let (ours, theirs) = (open().await, open().await);
    for key in ["a", "b", "c", "d", "e"] {
        let both = tokio::join!(begin(&ours, key, 0), begin(&theirs, key, 0));
        let both = [both.0, both.1];
        assert!(both.contains(&Begun::New) && both.contains(&Begun::UnderWay), "{both:?}");
    }
}
