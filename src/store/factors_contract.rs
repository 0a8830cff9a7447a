//! What every store must do with second factors; each backend runs all of it.

use super::access_contract::{account, entry, session};
use super::contract::on_both;
use super::factors::{Factor, NewFactor};
use super::registry::{AccountChange, Changed, OnlyIf};
use super::{Ledger, Registry};
use crate::access::{AccountId, Role, SessionId};
use crate::domain::Time;

on_both! {
    a_factor_is_kept_once_and_ends_other_sessions
    a_step_is_used_once_whoever_asks_first
    a_recovery_code_is_used_once_and_by_its_account_alone
    a_factor_that_is_taken_off_leaves_nothing
    failed_tries_are_counted_until_somebody_signs_in
}

pub(super) fn factor(step: u64) -> NewFactor {
    NewFactor { secret: [7; 20], step, recovery_codes: vec![[3; 32], [1; 32], [2; 32]] }
}

async fn add(store: &impl Registry, name: &str) -> AccountId {
    let new = account(name, Role::Officer);
    store.add_account(new, false, entry("add")).await.unwrap().unwrap()
}

async fn enrol(store: &impl Registry, id: AccountId, step: u64) -> bool {
    store.add_factor(id, factor(step), SessionId(0), entry("enrol-factor")).await.unwrap()
}

async fn deeds(store: &impl Ledger) -> Vec<String> {
    let all = store.entries(0, 99).await.unwrap();
    all.iter().map(|record| record.entry().unwrap().deed).collect()
}

async fn a_factor_is_kept_once_and_ends_other_sessions<S: Registry + Ledger>(
    open: impl AsyncFn() -> S,
) {
    let store = open().await;
    let (li, wang) = (add(&store, "li").await, add(&store, "wang").await);
    let mut kept = SessionId(0);
    for (whose, secret) in [(li, 1), (li, 2), (wang, 3)] {
        kept = store.add_session(session(whose, secret), entry("sign-in")).await.unwrap();
    }
    let own = SessionId(kept.0 - 1);
    assert_eq!(store.factor(li).await.unwrap(), None);
    assert!(store.add_factor(li, factor(9), own, entry("enrol-factor")).await.unwrap());
    let other = NewFactor { secret: [8; 20], ..factor(1) };
    assert!(!store.add_factor(li, other, own, entry("enrol-factor")).await.unwrap());
    let there = Some(Factor { secret: [7; 20], recovery_codes: 3 });
    assert_eq!(store.factor(li).await.unwrap(), there);
    assert_eq!(store.factor(wang).await.unwrap(), None);
    let left = store.sessions(None, Time::from_ms(1_001)).await.unwrap();
    let left: Vec<_> = left.iter().map(|it| (it.id, it.account.has_factor)).collect();
    assert_eq!(left, [(own, true), (kept, false)]);
    let (found, _) = store.account("li".into()).await.unwrap().unwrap();
    assert!(found.has_factor && found.has_password);
    let told = deeds(&store).await;
    assert_eq!(told.iter().filter(|deed| *deed == "enrol-factor").count(), 1, "{told:?}");
}

async fn a_step_is_used_once_whoever_asks_first<S: Registry>(open: impl AsyncFn() -> S) {
    let (ours, theirs) = (open().await, open().await);
    let li = add(&ours, "li").await;
    assert!(!ours.use_step(li, 5).await.unwrap(), "there is no factor yet");
    assert!(enrol(&ours, li, 100).await);
    assert!(!ours.use_step(li, 100).await.unwrap(), "by which it was enrolled");
    assert!(!ours.use_step(li, 99).await.unwrap());
    for step in 101..110 {
        let (a, b) = tokio::join!(ours.use_step(li, step), theirs.use_step(li, step));
        assert_eq!(u8::from(a.unwrap()) + u8::from(b.unwrap()), 1, "{step}");
    }
    assert!(!theirs.use_step(li, 108).await.unwrap());
}

async fn a_recovery_code_is_used_once_and_by_its_account_alone<S: Registry + Ledger>(
    open: impl AsyncFn() -> S,
) {
    let (ours, theirs) = (open().await, open().await);
    let (li, wang) = (add(&ours, "li").await, add(&ours, "wang").await);
    assert!(enrol(&ours, li, 1).await);
    let recover = async |store: &S, whose, code: u8| {
        let at = Time::from_ms(5);
        store.use_recovery(whose, [code; 32], at, entry("use-recovery-code")).await.unwrap()
    };
    assert!(!recover(&ours, li, 4).await, "no such code");
    assert!(!recover(&ours, wang, 1).await, "another's");
    let (a, b) = tokio::join!(recover(&ours, li, 1), recover(&theirs, li, 1));
    assert_eq!(u8::from(a) + u8::from(b), 1);
    assert!(!recover(&ours, li, 1).await);
    assert_eq!(ours.factor(li).await.unwrap().unwrap().recovery_codes, 2);
    let told = deeds(&ours).await;
    assert_eq!(told.iter().filter(|deed| *deed == "use-recovery-code").count(), 1, "{told:?}");
}

async fn a_factor_that_is_taken_off_leaves_nothing<S: Registry + Ledger>(
    open: impl AsyncFn() -> S,
) {
    let store = open().await;
    let li = add(&store, "li").await;
    let remove = async |keep| store.remove_factor(li, keep, entry("reset-factor")).await.unwrap();
    assert!(!remove(None).await);
    assert!(enrol(&store, li, 100).await);
    let kept = store.add_session(session(li, 1), entry("sign-in")).await.unwrap();
    store.add_session(session(li, 2), entry("sign-in")).await.unwrap();
    assert!(remove(Some(kept)).await);
    assert_eq!(store.factor(li).await.unwrap(), None);
    let left = store.sessions(None, Time::from_ms(1_001)).await.unwrap();
    assert_eq!(left.iter().map(|it| it.id).collect::<Vec<_>>(), [kept]);
    // The same codes may come again, and steps are counted anew.
    assert!(enrol(&store, li, 3).await);
    assert!(store.use_step(li, 4).await.unwrap());
    assert!(remove(None).await);
    assert!(store.sessions(None, Time::from_ms(1_001)).await.unwrap().is_empty());
    let told = deeds(&store).await;
    assert_eq!(told.iter().filter(|deed| *deed == "reset-factor").count(), 2, "{told:?}");
}

async fn failed_tries_are_counted_until_somebody_signs_in<S: Registry>(open: impl AsyncFn() -> S) {
    let store = open().await;
    let (li, wang) = (add(&store, "li").await, add(&store, "wang").await);
    let state = async || {
        let all = store.accounts().await.unwrap();
        all.iter().map(|one| (one.failed_tries, one.last_sign_in)).collect::<Vec<_>>()
    };
    let seen = store.account("li".into()).await.unwrap().unwrap().0;
    for _ in 0..2 {
        store.count_failure(li).await.unwrap();
    }
    assert_eq!(state().await, [(2, None), (0, None)]);
    // Who guesses keeps no admin from changing the account that they look at.
    let change = AccountChange { display: Some("李伟".into()), ..AccountChange::default() };
    let only_if = OnlyIf { seen: Some(seen), admin_of: None };
    let done = store.change_account(li, change, None, only_if, entry("change")).await.unwrap();
    assert_eq!(done, Changed::Done);
    store.add_session(session(li, 1), entry("sign-in")).await.unwrap();
    store.count_failure(wang).await.unwrap();
    assert_eq!(state().await, [(0, Some(Time::from_ms(1_000))), (1, None)]);
}
