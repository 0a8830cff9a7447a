//! What every store must do with accounts, sessions, tokens, codes and the audit
//! log; each backend runs all of it.

use super::audit::{Chain, Outcome, Who};
use super::contract::on_both;
use super::registry::{
    AccountChange, Changed, Claimed, Granted, Identity, NewAccount, NewSession, NewToken, OnlyIf,
    Secret, WallCode, WallSession,
};
use super::{Draft, Entry, Ledger, Registry, Spooled, Store};
use crate::access::{AccountId, Role, Scope, SessionId, TokenId};
use crate::domain::{Event, Time};

on_both! {
    an_account_has_one_name_and_is_found_by_it
    the_first_account_is_made_once
    an_identity_has_one_account
    of_two_admins_who_disable_each_other_one_stays
    an_account_that_has_changed_meanwhile_is_left_alone
    a_session_is_good_until_it_rests_ends_or_its_account_is_closed
    one_session_too_many_ends_the_one_that_rested_longest
    another_password_ends_all_sessions_but_the_one_that_set_it
    a_token_is_good_until_it_is_revoked
    many_credentials_are_found_and_noted_together
    a_wall_gets_its_session_once_somebody_let_it_in
    a_walls_name_is_not_taken_from_a_person
    codes_end_and_are_bounded
    every_act_leaves_one_entry_in_the_chain
    an_entry_and_the_batch_it_is_of_are_written_together
    what_a_spool_says_for_the_audit_log_is_written_once
    acts_of_several_servers_make_one_chain
}

const DAY: i64 = 86_400_000;

fn at(ms: i64) -> Time {
    Time::from_ms(ms)
}

pub(super) fn entry(deed: &str) -> Entry {
    Entry {
        at: at(1),
        who: Who::Operator { name: "root".into() },
        address: None,
        agent: String::new(),
        deed: deed.into(),
        target: "somebody".into(),
        before: None,
        after: None,
        outcome: Outcome::Done,
        about: None,
        request: None,
    }
}

pub(super) fn account(name: &str, role: Role) -> NewAccount {
    NewAccount {
        name: name.into(),
        display: "李".into(),
        agency: "310118".parse().unwrap(),
        role,
        password: (role != Role::Wall).then(|| "$argon2id$…".into()),
        must_change: false,
        at: at(5),
    }
}

async fn add(store: &impl Registry, name: &str, role: Role) -> AccountId {
    store.add_account(account(name, role), false, entry("add")).await.unwrap().unwrap()
}

pub(super) fn session(account: AccountId, secret: u8) -> NewSession {
    NewSession {
        account,
        secret: [secret; 32],
        at: at(1_000),
        idle_ms: DAY / 2,
        ends_at: at(30 * DAY),
        most: 8,
        address: Some("2001:db8::1".parse().unwrap()),
        agent: "Firefox".into(),
    }
}

pub(super) fn token(secret: u8, ends_at: Option<Time>) -> NewToken {
    NewToken {
        name: "12345".into(),
        agency: "310000".parse().unwrap(),
        scopes: [Scope::IngestIncident, Scope::ReadAlerts].into(),
        secret: [secret; 32],
        at: at(7),
        ends_at,
    }
}

async fn is_good(store: &impl Registry, secret: u8, now: i64) -> bool {
    store.session([secret; 32]).await.unwrap().is_some_and(|session| session.is_good(at(now)))
}

async fn an_account_has_one_name_and_is_found_by_it<S: Registry>(open: impl AsyncFn() -> S) {
    let store = open().await;
    assert!(!store.any_account().await.unwrap());
    let id = add(&store, "li", Role::Officer).await;
    let again = store.add_account(account("li", Role::Admin), false, entry("add")).await.unwrap();
    assert_eq!(again, None);
    assert!(store.any_account().await.unwrap());
    let (found, password) = store.account("li".into()).await.unwrap().unwrap();
    assert_eq!((found.id, found.role, found.created_at), (id, Role::Officer, at(5)));
    assert_eq!(password.as_deref(), Some("$argon2id$…"));
    assert_eq!(store.account("Li".into()).await.unwrap(), None);
    let change = AccountChange {
        agency: Some("310000".parse().unwrap()),
        role: Some(Role::Commander),
        ..AccountChange::default()
    };
    store.change_account(id, change, None, OnlyIf::default(), entry("change")).await.unwrap();
    let all = store.accounts().await.unwrap();
    assert_eq!(all.len(), 1);
    assert_eq!((all[0].agency.number(), all[0].role), (310_000, Role::Commander));
    assert_eq!(&*all[0].display, "李");
}

async fn the_first_account_is_made_once<S: Registry>(open: impl AsyncFn() -> S) {
    let store = open().await;
    let first = async |name| {
        store.add_account(account(name, Role::Admin), true, entry("add")).await.unwrap()
    };
    assert!(first("a").await.is_some());
    assert_eq!(first("b").await, None);
}

async fn of_two_admins_who_disable_each_other_one_stays<S: Registry>(open: impl AsyncFn() -> S) {
    let (ours, theirs) = (open().await, open().await);
    let agency = account("any", Role::Admin).agency;
    for round in 0..10 {
        let a = add(&ours, &format!("a-{round}"), Role::Admin).await;
        let b = add(&ours, &format!("b-{round}"), Role::Admin).await;
        let disable = async |store: &S, id| {
            let change = AccountChange { disabled: Some(true), ..AccountChange::default() };
            let only_if = OnlyIf { seen: None, admin_of: Some(vec![agency]) };
            store.change_account(id, change, None, only_if, entry("disable")).await.unwrap()
        };
        let both = tokio::join!(disable(&ours, a), disable(&theirs, b));
        let (stays, refused) = if both.0 == Changed::Done { (b, both.1) } else { (a, both.0) };
        assert_eq!(refused, Changed::LastAdmin, "{both:?}");
        let admins = ours.accounts().await.unwrap();
        let admins = admins.iter().filter(|one| one.role == Role::Admin && !one.disabled);
        assert_eq!(admins.map(|one| one.id).collect::<Vec<_>>(), [stays]);
        // Whoever is at the machine itself may.
        let change = AccountChange { disabled: Some(true), ..AccountChange::default() };
        let done = ours.change_account(stays, change, None, OnlyIf::default(), entry("disable"));
        assert_eq!(done.await.unwrap(), Changed::Done);
    }
}

async fn an_account_that_has_changed_meanwhile_is_left_alone<S: Registry + Ledger>(
    open: impl AsyncFn() -> S,
) {
    let store = open().await;
    let id = add(&store, "li", Role::Officer).await;
    let seen = store.accounts().await.unwrap().remove(0);
    let rename = async |name: &str| {
        let change = AccountChange { display: Some(name.into()), ..AccountChange::default() };
        let only_if = OnlyIf { seen: Some(seen.clone()), admin_of: None };
        store.change_account(id, change, None, only_if, entry("rename")).await.unwrap()
    };
    assert_eq!((rename("one").await, rename("other").await), (Changed::Done, Changed::Overtaken));
    assert_eq!(&*store.accounts().await.unwrap()[0].display, "one");
    assert_eq!(store.entries(0, 9).await.unwrap().len(), 2, "and nothing is said of it");
}

async fn an_identity_has_one_account<S: Registry>(open: impl AsyncFn() -> S) {
    let store = open().await;
    let who =
        |subject: &str| Identity { issuer: "https://id.example".into(), subject: subject.into() };
    let make = async |name, subject| {
        let new = account(name, Role::Officer);
        store.add_identified(new, who(subject), entry("add")).await
    };
    assert_eq!(store.identified(who("1")).await.unwrap(), None);
    assert!(make("li", "1").await.unwrap());
    assert!(!make("li", "2").await.unwrap(), "the name is taken");
    assert!(make("wang", "1").await.is_err(), "it has one already");
    let found = store.identified(who("1")).await.unwrap().unwrap();
    assert_eq!((&*found.name, found.role), ("li", Role::Officer));
    assert_eq!(store.identified(who("2")).await.unwrap(), None);
    assert_eq!(store.accounts().await.unwrap().len(), 1);
}

async fn a_session_is_good_until_it_rests_ends_or_its_account_is_closed<S: Registry>(
    open: impl AsyncFn() -> S,
) {
    let store = open().await;
    let li = add(&store, "li", Role::Officer).await;
    let id = store.add_session(session(li, 1), entry("sign-in")).await.unwrap();
    let kept = store.session([1; 32]).await.unwrap().unwrap();
    assert_eq!((kept.id, kept.account.id, kept.address), (id, li, session(li, 1).address));
    assert_eq!(store.session([2; 32]).await.unwrap(), None);
    assert!(is_good(&store, 1, DAY / 2).await);
    assert!(!is_good(&store, 1, DAY / 2 + 1_000).await, "it rested for too long");
    store.use_session(id, at(DAY / 2)).await.unwrap();
    store.use_session(id, at(DAY / 4)).await.unwrap();
    assert!(is_good(&store, 1, DAY - 1).await);
    store.use_session(id, at(30 * DAY - 1)).await.unwrap();
    assert!(!is_good(&store, 1, 30 * DAY).await, "it is over");

    store.add_session(session(li, 2), entry("sign-in")).await.unwrap();
    assert_eq!(store.sessions(Some(li), at(2_000)).await.unwrap().len(), 2);
    assert_eq!(store.sessions(Some(AccountId(9)), at(2_000)).await.unwrap().len(), 0);
    let other = store.add_session(session(li, 3), entry("sign-in")).await.unwrap();
    store.end_session(other, entry("sign-out")).await.unwrap();
    assert!(!is_good(&store, 3, 2_000).await);
    let change = AccountChange { disabled: Some(true), ..AccountChange::default() };
    store.change_account(li, change, None, OnlyIf::default(), entry("disable")).await.unwrap();
    assert!(!is_good(&store, 2, 2_000).await);
    assert_eq!(store.sessions(None, at(2_000)).await.unwrap().len(), 0);
}

async fn one_session_too_many_ends_the_one_that_rested_longest<S: Registry>(
    open: impl AsyncFn() -> S,
) {
    let store = open().await;
    let (li, wang) =
        (add(&store, "li", Role::Officer).await, add(&store, "wang", Role::Admin).await);
    let begin = async |of, secret, ms, most| {
        let new = NewSession { at: at(ms), most, ..session(of, secret) };
        store.add_session(new, entry("sign-in")).await.unwrap()
    };
    let other = begin(wang, 9, 1, 1).await;
    let first = begin(li, 1, 1_000, 3).await;
    let second = begin(li, 2, 2_000, 3).await;
    let third = begin(li, 3, 3_000, 3).await;
    store.use_session(first, at(4_000)).await.unwrap();
    let fourth = begin(li, 4, 5_000, 3).await;
    let left = async || {
        let good = store.sessions(None, at(6_000)).await.unwrap();
        good.iter().map(|session| session.id).collect::<Vec<_>>()
    };
    assert_eq!(left().await, [other, first, third, fourth], "not {second:?}");
    let only = begin(li, 5, 5_500, 1).await;
    assert_eq!(left().await, [other, only]);
}

async fn another_password_ends_all_sessions_but_the_one_that_set_it<S: Registry>(
    open: impl AsyncFn() -> S,
) {
    let store = open().await;
    let (li, wang) = (add(&store, "li", Role::Officer).await, add(&store, "w", Role::Wall).await);
    let keep: SessionId = store.add_session(session(li, 1), entry("sign-in")).await.unwrap();
    store.add_session(session(li, 2), entry("sign-in")).await.unwrap();
    store.add_session(session(wang, 3), entry("sign-in")).await.unwrap();
    let change = AccountChange { password: Some("new".into()), ..AccountChange::default() };
    store
        .change_account(li, change, Some(keep), OnlyIf::default(), entry("password"))
        .await
        .unwrap();
    let good = [is_good(&store, 1, 2).await, is_good(&store, 2, 2).await];
    assert_eq!((good, is_good(&store, 3, 2).await), ([true, false], true));
    let (_, password) = store.account("li".into()).await.unwrap().unwrap();
    assert_eq!(password.as_deref(), Some("new"));
}

async fn a_token_is_good_until_it_is_revoked<S: Registry>(open: impl AsyncFn() -> S) {
    let store = open().await;
    let one = store.add_token(token(1, None), entry("token")).await.unwrap();
    let two = store.add_token(token(2, Some(at(100))), entry("token")).await.unwrap();
    let kept = store.token([1; 32]).await.unwrap().unwrap();
    assert_eq!((kept.id, kept.created_at, kept.last_use), (one, at(7), None));
    assert_eq!(&*kept.scopes, [Scope::IngestIncident, Scope::ReadAlerts]);
    store.use_token(one, at(50)).await.unwrap();
    store.revoke_token(one, at(60), entry("revoke")).await.unwrap();
    store.revoke_token(one, at(70), entry("revoke")).await.unwrap();
    let all = store.tokens().await.unwrap();
    assert_eq!(all.iter().map(|token| token.id).collect::<Vec<TokenId>>(), [one, two]);
    assert_eq!((all[0].last_use, all[0].revoked_at), (Some(at(50)), Some(at(60))));
    assert!(!all[0].is_good(at(61)) && all[1].is_good(at(99)) && !all[1].is_good(at(100)));
    assert_eq!(store.token([3; 32]).await.unwrap(), None);
}

async fn many_credentials_are_found_and_noted_together<S: Registry>(open: impl AsyncFn() -> S) {
    let store = open().await;
    let li = add(&store, "li", Role::Officer).await;
    let wang = add(&store, "wang", Role::Officer).await;
    for (account, secret) in [(li, 1), (li, 2), (wang, 3)] {
        store.add_session(session(account, secret), entry("sign-in")).await.unwrap();
    }
    for secret in [4, 5] {
        store.add_token(token(secret, None), entry("add-token")).await.unwrap();
    }
    let secrets = |some: &[u8]| some.iter().map(|secret| [*secret; 32]).collect::<Vec<_>>();
    let found = store.sessions_of(secrets(&[1, 3, 4, 9])).await.unwrap();
    let mut names: Vec<_> =
        found.iter().map(|(secret, session)| (secret[0], &*session.account.name)).collect();
    names.sort_unstable();
    assert_eq!(names, [(1, "li"), (3, "wang")]);
    let tokens = store.tokens_of(secrets(&[4, 5, 1])).await.unwrap();
    assert_eq!(tokens.len(), 2);
    assert_eq!(store.sessions_of(Vec::new()).await.unwrap(), []);
    let used: Vec<_> = found.iter().map(|(_, session)| session.id).collect();
    store.use_all(used.clone(), vec![tokens[0].1.id], at(5_000)).await.unwrap();
    store.use_all(used, Vec::new(), at(4_000)).await.unwrap();
    let last = async |secret| store.session([secret; 32]).await.unwrap().unwrap().last_use;
    assert_eq!((last(1).await, last(2).await, last(3).await), (at(5_000), at(1_000), at(5_000)));
    let of_token = async |secret| store.token(secret).await.unwrap().unwrap().last_use;
    assert_eq!(of_token(tokens[0].0).await, Some(at(5_000)));
    assert_eq!(of_token(tokens[1].0).await, None);
}

fn code(code: &str, claim: u8, now: i64) -> WallCode {
    WallCode { code: code.into(), claim: [claim; 32], at: at(now), ends_at: at(now + 600) }
}

fn wall_session(secret: Secret, now: i64) -> WallSession {
    WallSession {
        secret,
        at: at(now),
        idle_ms: DAY,
        ends_at: at(365 * DAY),
        most: 8,
        address: None,
        agent: "wall".into(),
    }
}

async fn claim(store: &impl Registry, claim: u8, secret: u8, now: i64) -> Claimed {
    let session = wall_session([secret; 32], now);
    store.claim_code([claim; 32], session, entry("claim")).await.unwrap()
}

async fn grant(store: &impl Registry, code: &str, name: &str, now: i64) -> Granted {
    let wall = account(name, Role::Wall);
    store.grant_code(code.into(), wall, at(now), entry("admit")).await.unwrap()
}

async fn a_wall_gets_its_session_once_somebody_let_it_in<S: Registry>(open: impl AsyncFn() -> S) {
    let store = open().await;
    assert!(store.add_code(code("AAAA", 1, 0), None, 9).await.unwrap());
    assert_eq!(claim(&store, 1, 7, 10).await, Claimed::Waiting);
    assert_eq!(grant(&store, "BBBB", "hall", 20).await, Granted::Unknown);
    assert_eq!(grant(&store, "AAAA", "hall", 20).await, Granted::Done);
    assert_eq!(grant(&store, "AAAA", "hall", 20).await, Granted::Unknown, "once");
    let Claimed::Done(_, wall) = claim(&store, 1, 7, 30).await else { panic!() };
    assert_eq!((&*wall.name, wall.role), ("hall", Role::Wall));
    assert!(is_good(&store, 7, 40).await);
    assert_eq!(claim(&store, 1, 8, 30).await, Claimed::Unknown, "once");
    // The same screen, later, under its old name.
    assert!(store.add_code(code("CCCC", 2, 50), None, 9).await.unwrap());
    assert_eq!(grant(&store, "CCCC", "hall", 60).await, Granted::Done);
    let Claimed::Done(_, again) = claim(&store, 2, 9, 70).await else { panic!() };
    assert_eq!(again.id, wall.id);
}

async fn a_walls_name_is_not_taken_from_a_person<S: Registry>(open: impl AsyncFn() -> S) {
    let store = open().await;
    add(&store, "li", Role::Officer).await;
    let other = NewAccount { agency: "320509".parse().unwrap(), ..account("far", Role::Wall) };
    store.add_account(other, false, entry("add")).await.unwrap().unwrap();
    store.add_code(code("AAAA", 1, 0), None, 9).await.unwrap();
    assert_eq!(grant(&store, "AAAA", "li", 1).await, Granted::NameTaken);
    assert_eq!(grant(&store, "AAAA", "far", 1).await, Granted::NameTaken, "another agency's");
    assert_eq!(grant(&store, "AAAA", "hall", 1).await, Granted::Done);
}

async fn codes_end_and_are_bounded<S: Registry>(open: impl AsyncFn() -> S) {
    let store = open().await;
    assert!(store.add_code(code("AAAA", 1, 0), None, 2).await.unwrap());
    assert!(!store.add_code(code("AAAA", 2, 0), None, 2).await.unwrap(), "there is one already");
    assert!(store.add_code(code("BBBB", 3, 0), None, 2).await.unwrap());
    assert!(store.add_code(code("CCCC", 4, 1), None, 2).await.unwrap(), "the oldest goes");
    assert_eq!(claim(&store, 1, 7, 2).await, Claimed::Unknown);
    assert_eq!(claim(&store, 3, 7, 2).await, Claimed::Waiting);
    assert!(store.add_code(code("DDDD", 5, 2), Some("CCCC".into()), 9).await.unwrap());
    assert_eq!(claim(&store, 4, 7, 2).await, Claimed::Unknown, "it gave its place");
    assert_eq!(grant(&store, "BBBB", "hall", 3).await, Granted::Done);
    assert!(store.add_code(code("EEEE", 6, 3), Some("BBBB".into()), 2).await.unwrap());
    assert!(matches!(claim(&store, 3, 7, 4).await, Claimed::Done(..)), "what is granted stays");
    assert_eq!(grant(&store, "EEEE", "hall", 603).await, Granted::Unknown);
    assert_eq!(claim(&store, 6, 7, 603).await, Claimed::Unknown, "it is over");
}

async fn every_act_leaves_one_entry_in_the_chain<S: Registry + Ledger>(open: impl AsyncFn() -> S) {
    let store = open().await;
    let li = add(&store, "li", Role::Officer).await;
    let session = store.add_session(session(li, 1), entry("sign-in")).await.unwrap();
    store.record(entry("refused")).await.unwrap();
    store.end_session(session, entry("sign-out")).await.unwrap();
    store.add_account(account("li", Role::Admin), false, entry("taken")).await.unwrap();
    let all = store.entries(0, 100).await.unwrap();
    let deeds: Vec<_> = all.iter().map(|record| record.entry().unwrap().deed).collect();
    assert_eq!(deeds, ["add", "sign-in", "refused", "sign-out"], "what was not done left none");
    let mut chain = Chain::default();
    all.iter().try_for_each(|record| chain.follow(record)).unwrap();
    assert_eq!(chain.head().map(|(number, _)| number), Some(4));
    let newest = store.newest_entries(4, 2).await.unwrap();
    assert_eq!(newest.iter().map(|record| record.number).collect::<Vec<_>>(), [3, 2]);
    assert_eq!(store.entries(2, 1).await.unwrap(), all[2..3]);
}

async fn an_entry_and_the_batch_it_is_of_are_written_together<S: Store + Ledger>(
    open: impl AsyncFn() -> S,
) {
    let store = open().await;
    let draft = |audit| Draft { at: at(9), events: vec![Event::Tick], audit, ..Draft::default() };
    store.append(draft(Vec::new())).await.unwrap();
    store.append(draft(vec![entry("one"), entry("two")])).await.unwrap();
    let all = store.entries(0, 100).await.unwrap();
    assert_eq!(all.len(), 2);
    let mut chain = Chain::default();
    all.iter().try_for_each(|record| chain.follow(record)).unwrap();
}

async fn what_a_spool_says_for_the_audit_log_is_written_once<S: Store + Ledger>(
    open: impl AsyncFn() -> S,
) {
    let store = open().await;
    let bring = async |numbers: std::ops::RangeInclusive<u64>| {
        let upto = *numbers.end();
        let entries = numbers.map(|number| (number, entry(&number.to_string()))).collect();
        let spooled = Some(Spooled { note: "spool x".into(), upto, entries });
        store.append(Draft { spooled, ..Draft::default() }).await.unwrap();
        store.note("spool x").await.unwrap()
    };
    assert_eq!(bring(1..=3).await.as_deref(), Some("3"));
    assert_eq!(bring(2..=5).await.as_deref(), Some("5"), "more than was answered for");
    assert_eq!(bring(2..=4).await.as_deref(), Some("5"));
    let all = store.entries(0, 100).await.unwrap();
    let deeds: Vec<_> = all.iter().map(|record| record.entry().unwrap().deed).collect();
    assert_eq!(deeds, ["1", "2", "3", "4", "5"]);
}

async fn acts_of_several_servers_make_one_chain<S: Registry + Store + Ledger>(
    open: impl AsyncFn() -> S,
) {
    let (ours, theirs) = (open().await, open().await);
    let acts = async |store: &S, name: &str| {
        for nth in 0..10 {
            add(store, &format!("{name}-{nth}"), Role::Officer).await;
            let audit = vec![entry("tick")];
            let events = vec![Event::Tick];
            store.append(Draft { events, audit, ..Draft::default() }).await.unwrap();
        }
    };
    tokio::join!(acts(&ours, "li"), acts(&theirs, "wang"));
    let all = ours.entries(0, 100).await.unwrap();
    let mut chain = Chain::default();
    all.iter().try_for_each(|record| chain.follow(record)).unwrap();
    assert_eq!(all.len(), 40);
    assert_eq!(theirs.accounts().await.unwrap().len(), 20);
    assert_eq!(theirs.head().await.unwrap().map(|(offset, _)| offset.0), Some(20), "no gap");
}
