use std::sync::atomic::AtomicI64;
use std::time::Instant;

use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

use super::*;
use crate::access::{Device, Land, Person, Reach, Role, Scope};
use crate::domain::{Code, LngLat};
use crate::store::Sqlite;
use crate::store::registry::AccountChange;

pub const PASSWORD: &str = "Delta-2026-x";

fn fixed() -> Time {
    Time::from_ms(1_772_323_200_000)
}

pub fn whence() -> Whence {
    Whence::new("10.0.0.7".parse().unwrap(), "Firefox")
}

fn new(name: &str) -> NewPerson {
    NewPerson {
        name: name.into(),
        display: "".into(),
        agency: "310118".parse().unwrap(),
        password: Some(PASSWORD.into()),
        must_change: false,
    }
}

pub struct House {
    pub gate: Arc<Gate>,
    pub store: Arc<Sqlite>,
    pub folder: TempDir,
}

const HOUR_MS: i64 = 3_600_000;

impl House {
    pub async fn open(now: fn() -> Time) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Arc::new(Sqlite::open(&folder.path().join("pilin.db")).await.unwrap());
        let (registry, ledger) = (Arc::clone(&store), Arc::clone(&store));
        let terms = Terms { idle_ms: 12 * HOUR_MS, lasts_ms: 30 * 24 * HOUR_MS, most: 8 };
        let sessions = Role::ALL.map(|role| (role, terms)).into();
        let policy = Policy { sessions, ..Policy::default() };
        let gate = Gate::open(registry, ledger, now).await.unwrap().with(policy);
        Self { gate: Arc::new(gate), store, folder }
    }

    pub async fn add(&self, name: &str, role: Role) {
        let operator = Who::Operator { name: "root".into() };
        self.gate.add_account(operator, Reach::ALL, new(name), role, &whence()).await.unwrap();
    }

    pub async fn deeds(&self) -> Vec<String> {
        let all = self.store.entries(0, 100).await.unwrap();
        let told = |entry: Entry| match entry.outcome {
            Outcome::Done => entry.deed,
            Outcome::Refused(why) => format!("{}: {why}", entry.deed),
        };
        all.iter().map(|record| told(record.entry().unwrap())).collect()
    }
}

#[tokio::test]
async fn the_first_account_is_made_with_the_key_and_closes_the_service() {
    let House { gate, .. } = &House::open(fixed).await;
    assert_eq!(*gate.who(&Credential::None).await.unwrap().unwrap(), Viewer::Open);
    let key = gate.setup_key().unwrap();
    let wrong = gate.set_up("another", new("root"), &whence()).await;
    assert!(matches!(wrong, Err(GateError::Wrong)));
    let admin = gate.set_up(&key, new("Root"), &whence()).await.unwrap();
    assert_eq!((&*admin.person.name, admin.person.role), ("root", Role::Admin));
    assert!(gate.is_closed());
    assert_eq!(gate.who(&Credential::None).await.unwrap(), None);
    let viewer = gate.who(&Credential::Session(admin.secret)).await.unwrap().unwrap();
    assert_eq!(*viewer, Viewer::Person(admin.person));
    let again = gate.set_up(&key, new("other"), &whence()).await;
    assert!(matches!(again, Err(GateError::Conflict(_))));
}

#[tokio::test]
async fn a_wrong_name_and_a_wrong_password_are_answered_alike_and_written_down() {
    let house = House::open(fixed).await;
    house.add("li", Role::Officer).await;
    let told = async |name: &str, password: &str| {
        house.gate.sign_in(name, password.into(), &whence()).await.unwrap_err().to_string()
    };
    assert_eq!(told("li", "wrong").await, told("nobody", PASSWORD).await);
    let signed_in = house.gate.sign_in(" LI ", PASSWORD.into(), &whence()).await.unwrap();
    assert_eq!(&*signed_in.person.name, "li");
    let refused = "sign-in: wrong name or password";
    assert_eq!(house.deeds().await, ["add-account", refused, refused, "sign-in"]);
}

#[tokio::test]
async fn who_guesses_is_held_back_and_others_at_the_same_address_are_not() {
    let house = House::open(fixed).await;
    house.add("li", Role::Officer).await;
    house.add("wang", Role::Officer).await;
    let sign_in = async |name: &str, password: &str| {
        house.gate.sign_in(name, password.into(), &whence()).await
    };
    for _ in 0..6 {
        assert!(matches!(sign_in("li", "wrong").await, Err(GateError::Wrong)));
    }
    let held = sign_in("li", PASSWORD).await;
    assert!(matches!(held, Err(GateError::Throttled { retry_after_s: 1 })));
    sign_in("wang", PASSWORD).await.unwrap();
}

#[tokio::test]
async fn a_session_ends_by_the_machines_time() {
    static NOW: AtomicI64 = AtomicI64::new(1_000_000_000_000);
    fn now() -> Time {
        Time::from_ms(NOW.load(Ordering::Relaxed))
    }
    let house = House::open(now).await;
    house.add("li", Role::Officer).await;
    let signed_in = house.gate.sign_in("li", PASSWORD.into(), &whence()).await.unwrap();
    let credential = Credential::Session(signed_in.secret);
    let is_in = async || {
        // What was believed two seconds ago is not the point here.
        house.gate.forget(|_| true);
        house.gate.who(&credential).await.unwrap().is_some()
    };
    let mut hours = 0;
    while is_in().await {
        NOW.fetch_add(11 * 3_600_000, Ordering::Relaxed);
        hours += 11;
    }
    assert_eq!(hours, 66 * 11, "used every eleven hours it lasts thirty days");
    let signed_in = house.gate.sign_in("li", PASSWORD.into(), &whence()).await.unwrap();
    let credential = Credential::Session(signed_in.secret);
    NOW.fetch_add(12 * 3_600_000, Ordering::Relaxed);
    assert_eq!(house.gate.who(&credential).await.unwrap(), None, "it rested for twelve hours");
}

#[tokio::test]
async fn a_guest_is_out_when_the_credential_is_revoked_or_means_another() {
    let house = House::open(fixed).await;
    house.add("li", Role::Officer).await;
    let gate = &house.gate;
    let stop = CancellationToken::new();
    let watch = tokio::spawn({
        let (gate, stop) = (Arc::clone(gate), stop.clone());
        async move { gate.keep_watch(stop).await }
    });
    let enter = async || {
        let signed_in = gate.sign_in("li", PASSWORD.into(), &whence()).await.unwrap();
        let session = signed_in.person.session;
        let credential = Credential::Session(signed_in.secret);
        let viewer = gate.who(&credential).await.unwrap().unwrap();
        (session, gate.welcome(&credential, &viewer))
    };
    let nobody = || Who::Nobody;
    let ((one, guest), (_, other)) = (enter().await, enter().await);
    gate.end_session(nobody(), one, ("li", "310118".parse().unwrap()), &whence()).await.unwrap();
    guest.out.cancelled().await;
    assert!(!other.out.is_cancelled());

    let id = gate.accounts(Reach::ALL).await.unwrap()[0].id;
    let change = AccountChange { role: Some(Role::Analyst), ..AccountChange::default() };
    gate.change_account(nobody(), Reach::ALL, id, change, &whence()).await.unwrap();
    other.out.cancelled().await;

    let agency = "310000".parse().unwrap();
    let scopes = [Scope::Stream];
    let made = gate
        .add_token(nobody(), Reach::ALL, ("bus", agency), &scopes, None, &whence())
        .await
        .unwrap();
    let credential = Credential::Token(made.secret);
    let viewer = gate.who(&credential).await.unwrap().unwrap();
    let device = gate.welcome(&credential, &viewer);
    gate.revoke_token(nobody(), Reach::ALL, made.id, &whence()).await.unwrap();
    device.out.cancelled().await;
    assert_eq!(gate.who(&credential).await.unwrap(), None);
    stop.cancel();
    watch.await.unwrap();
}

#[tokio::test]
async fn who_came_to_an_open_service_is_out_when_it_closes() {
    let house = House::open(fixed).await;
    let viewer = house.gate.who(&Credential::None).await.unwrap().unwrap();
    let guest = house.gate.welcome(&Credential::None, &viewer);
    // As the command line does it: the store alone knows.
    let other = Gate::open(Arc::clone(&house.store) as _, Arc::clone(&house.store) as _, fixed);
    let operator = Who::Operator { name: "root".into() };
    let other = other.await.unwrap();
    other.add_account(operator, Reach::ALL, new("root"), Role::Admin, &whence()).await.unwrap();
    house.gate.look_round().await.unwrap();
    assert!(guest.out.is_cancelled());
    assert_eq!(house.gate.who(&Credential::None).await.unwrap(), None);
}

/// Codes of one jurisdiction begin alike.
struct Plain;

impl Land for Plain {
    fn homes(&self, _: LngLat) -> crate::access::Homes {
        crate::access::Homes::default()
    }

    fn above(&self, code: Code) -> Vec<Code> {
        vec![code, Code::from_number(code.number() / 10_000 * 10_000).unwrap()]
    }
}

#[tokio::test]
async fn an_admin_reaches_no_further_than_the_own_jurisdiction() {
    let house = House::open(fixed).await;
    house.add("li", Role::Officer).await;
    let admin = |agency: &str| {
        Viewer::Device(Device {
            token: crate::access::TokenId(1),
            name: "admin".into(),
            agency: agency.parse().unwrap(),
            scopes: [].into(),
        })
    };
    let (own, far) = (admin("310000"), admin("320000"));
    let gate = &house.gate;
    let reach = |viewer| Reach::of(viewer, &Plain);
    assert_eq!(gate.accounts(reach(&own)).await.unwrap().len(), 1);
    assert_eq!(gate.accounts(reach(&far)).await.unwrap().len(), 0);
    let added = gate.add_account(&far, reach(&far), new("x"), Role::Admin, &whence()).await;
    assert!(matches!(added, Err(GateError::Field { field: "agency", .. })));
    let id = gate.accounts(Reach::ALL).await.unwrap()[0].id;
    let change = AccountChange { disabled: Some(true), ..AccountChange::default() };
    let changed = gate.change_account(&far, reach(&far), id, change, &whence()).await;
    assert!(matches!(changed, Err(GateError::Unknown(_))));
    let away =
        AccountChange { agency: Some("320000".parse().unwrap()), ..AccountChange::default() };
    let changed = gate.change_account(&own, reach(&own), id, away, &whence()).await;
    assert!(matches!(changed, Err(GateError::Field { field: "agency", .. })));
}

/// As long as the store is believed for, so that it is asked anew.
const A_WHILE: Duration = Duration::from_secs(2);

impl House {
    /// Somebody who has come in.
    async fn enter(&self, name: &str) -> (Credential, Person) {
        let signed_in = self.gate.sign_in(name, PASSWORD.into(), &whence()).await.unwrap();
        let credential = Credential::Session(signed_in.secret);
        assert!(self.is_in(&credential).await);
        (credential, signed_in.person)
    }

    async fn is_in(&self, credential: &Credential) -> bool {
        self.gate.who(credential).await.unwrap().is_some()
    }
}

#[tokio::test]
async fn while_the_store_is_away_those_it_knew_before_come_and_go() {
    let house = House::open(fixed).await;
    house.add("li", Role::Officer).await;
    let (known, _) = house.enter("li").await;
    house.store.close().await;
    for minutes in [1, 50] {
        house.gate.beliefs.age(Duration::from_mins(minutes));
        assert!(house.is_in(&known).await);
    }
    house.gate.who(&Credential::Token("x".into())).await.unwrap_err();
    house.gate.beliefs.age(Duration::from_mins(9));
    house.gate.who(&known).await.unwrap_err();
}

#[tokio::test]
async fn who_signs_out_or_is_changed_is_forgotten_alone() {
    let house = House::open(fixed).await;
    house.add("li", Role::Officer).await;
    house.add("wang", Role::Officer).await;
    let (gone, li) = house.enter("li").await;
    let (other, _) = house.enter("li").await;
    let (changed, wang) = house.enter("wang").await;
    house.gate.end_session(Who::Nobody, li.session, ("li", li.agency), &whence()).await.unwrap();
    let change = AccountChange { role: Some(Role::Analyst), ..AccountChange::default() };
    let id = wang.account;
    house.gate.change_account(Who::Nobody, Reach::ALL, id, change, &whence()).await.unwrap();
    house.add("zhao", Role::Officer).await;
    house.store.close().await;
    house.gate.beliefs.age(A_WHILE);
    assert!(house.is_in(&other).await, "nobody has asked for it since");
    house.gate.who(&gone).await.unwrap_err();
    house.gate.who(&changed).await.unwrap_err();
}

#[tokio::test]
async fn what_a_slow_store_says_at_last_counts_at_once() {
    let house = House::open(fixed).await;
    house.add("li", Role::Officer).await;
    let ((gone, li), (stays, _)) = (house.enter("li").await, house.enter("li").await);
    // As another server does it.
    let entry = house.gate.entry(Who::Nobody, &whence(), "end-session", "");
    house.store.end_session(li.session, entry).await.unwrap();
    let held = house.store.hold_readers().await;
    house.gate.beliefs.age(A_WHILE);
    let begun = Instant::now();
    assert!(house.is_in(&gone).await && house.is_in(&stays).await);
    assert!(house.is_in(&gone).await && house.is_in(&stays).await);
    assert!(begun.elapsed() < A_WHILE, "it is not waited for at every turn");
    drop(held);
    while house.gate.beliefs.knows(&gone) {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert!(begun.elapsed() < A_WHILE, "nobody had to come for it");
    assert!(!house.is_in(&gone).await && house.is_in(&stays).await);
}

#[tokio::test]
async fn a_name_longer_than_any_is_answered_like_a_wrong_one_and_kept_nowhere() {
    let house = House::open(fixed).await;
    house.add("li", Role::Officer).await;
    for at in 0..3 {
        let long = format!("{at}{}", "x".repeat(255_000));
        let told = house.gate.sign_in(&long, PASSWORD.into(), &whence()).await.unwrap_err();
        assert_eq!(told.to_string(), GateError::Wrong.to_string());
    }
    let kept = format!("{:?}", house.gate.throttle);
    assert!(kept.len() < 10_000, "{} bytes", kept.len());
    let entries = house.store.entries(0, 100).await.unwrap();
    assert!(entries.iter().all(|record| record.line.len() < 1_000));
    assert_eq!(house.deeds().await.len(), 4, "each leaves its entry");
}

#[tokio::test]
async fn who_signed_in_here_before_is_not_shut_out_by_who_guesses() {
    let house = House::open(fixed).await;
    house.add("li", Role::Officer).await;
    house.add("wang", Role::Officer).await;
    let kept = house.gate.sign_in("li", PASSWORD.into(), &whence()).await.unwrap().device.unwrap();
    let here = || whence().with_device(&kept);
    // From everywhere, and from behind the same address.
    for at in 0..40 {
        let from = if at < 10 { whence() } else { Whence::new([10, 9, 9, at].into(), "") };
        house.gate.sign_in("li", "wrong".into(), &from).await.unwrap_err();
    }
    let from = Whence::new([10, 9, 9, 9].into(), "");
    let held = house.gate.sign_in("li", PASSWORD.into(), &from).await;
    assert!(matches!(held, Err(GateError::Throttled { .. })));
    house.gate.sign_in("li", PASSWORD.into(), &here()).await.unwrap();
    // After a restart too.
    let (registry, ledger) = (Arc::clone(&house.store), Arc::clone(&house.store));
    let again = Gate::open(registry, ledger, fixed).await.unwrap();
    for at in 0..40 {
        again
            .sign_in("li", "wrong".into(), &Whence::new([10, 9, 9, at].into(), ""))
            .await
            .unwrap_err();
    }
    again.sign_in("li", PASSWORD.into(), &here()).await.unwrap();
    // It is no way round the waits: of the device itself, nor of another account.
    for _ in 0..6 {
        let wrong = again.sign_in("li", "wrong".into(), &here()).await;
        assert!(matches!(wrong, Err(GateError::Wrong)));
    }
    let held = again.sign_in("li", PASSWORD.into(), &here()).await;
    assert!(matches!(held, Err(GateError::Throttled { .. })));
    for _ in 0..6 {
        again.sign_in("wang", "wrong".into(), &here()).await.unwrap_err();
    }
    let held = again.sign_in("wang", PASSWORD.into(), &here()).await;
    assert!(matches!(held, Err(GateError::Throttled { .. })));
}

#[tokio::test]
async fn who_guesses_keeps_no_owner_from_another_password_or_from_letting_a_wall_in() {
    let house = House::open(fixed).await;
    house.add("li", Role::Officer).await;
    let (_, li) = house.enter("li").await;
    for name in ["li", "(codes of li)"] {
        for at in 0..30 {
            let from = Whence::new([10, 9, 9, at].into(), "");
            house.gate.sign_in(name, "wrong".into(), &from).await.unwrap_err();
            house.gate.sign_in(name, "wrong".into(), &whence()).await.unwrap_err();
        }
    }
    let code = house.gate.wall_code(&whence()).await.unwrap().code;
    let asking = house.gate.asking_wall(&li, &code, &whence()).unwrap().unwrap();
    assert_eq!((asking.address, &*asking.agent), (whence().address, "Firefox"));
    house.gate.admit_wall(&li, &code, ("hall", ""), &whence()).await.unwrap();
    assert_eq!(house.gate.asking_wall(&li, &code, &whence()).unwrap(), None);
    let new = "Delta-2027-y".to_owned();
    house.gate.change_password(&li, PASSWORD.into(), new, &whence()).await.unwrap();
}

#[tokio::test]
async fn refusals_of_strangers_are_summed_up_in_the_audit_log() {
    static NOW: AtomicI64 = AtomicI64::new(1_000_000_020_000);
    fn now() -> Time {
        Time::from_ms(NOW.load(Ordering::Relaxed))
    }
    let house = House::open(now).await;
    for _ in 0..300 {
        let why = "wrong name or password";
        house.gate.refused(Who::Nobody, &whence(), "sign-in", "li", why).await.unwrap();
    }
    assert_eq!(house.deeds().await.len(), 20);
    house.gate.sum_refusals_up().await;
    assert_eq!(house.deeds().await.len(), 20);
    NOW.fetch_add(60_000, Ordering::Relaxed);
    house.gate.sum_refusals_up().await;
    house.gate.sum_refusals_up().await;
    let deeds = house.deeds().await;
    assert_eq!(deeds[20..], ["sign-in: 280 more were refused within a minute"]);
}

#[tokio::test]
async fn one_credential_that_cannot_be_read_keeps_no_other_in() {
    let house = House::open(fixed).await;
    house.add("li", Role::Officer).await;
    house.add("wang", Role::Officer).await;
    let mut guests = Vec::new();
    for name in ["wang", "li", "li"] {
        let (credential, person) = house.enter(name).await;
        let viewer = house.gate.who(&credential).await.unwrap().unwrap();
        guests.push((house.gate.welcome(&credential, &viewer), person));
    }
    house.store.meddle("UPDATE accounts SET role = 'nothing' WHERE name = 'wang'").await;
    let entry = house.gate.entry(Who::Nobody, &whence(), "end-session", "");
    house.store.end_session(guests[1].1.session, entry).await.unwrap();
    house.gate.look_round().await.unwrap_err();
    let out: Vec<_> = guests.iter().map(|(guest, _)| guest.out.is_cancelled()).collect();
    assert_eq!(out, [false, true, false], "of whom nothing can be said stays");
}

#[tokio::test]
async fn a_name_is_kept_in_one_form_and_who_was_kept_in_another_still_signs_in() {
    let house = House::open(fixed).await;
    house.add("U310000ａｄ", Role::Officer).await;
    let sign_in =
        async |name: &str| house.gate.sign_in(name, PASSWORD.into(), &whence()).await.unwrap();
    for typed in ["u310000ad", "U310000ＡＤ", " u310000ａｄ "] {
        assert_eq!(&*sign_in(typed).await.person.name, "u310000ad", "{typed}");
    }
    let operator = || Who::Operator { name: "root".into() };
    let refused = async |new: NewPerson| {
        let from = whence();
        let made = house.gate.add_account(operator(), Reach::ALL, new, Role::Officer, &from);
        made.await.unwrap_err()
    };
    assert!(matches!(refused(new("u310000ad")).await, GateError::NameTaken(_)));
    let field = async |new: NewPerson| match refused(new).await {
        GateError::Field { field, .. } => field,
        other => panic!("{other}"),
    };
    for name in ["u310000ad\u{200b}", "\u{202e}da", "a\u{2028}b", "a b", "\u{2800}"] {
        assert_eq!(field(new(name)).await, "name", "{name:?}");
    }
    let turned = NewPerson { display: "\u{202e}伟李".into(), ..new("wei") };
    assert_eq!(field(turned).await, "display");

    // As it was kept before names were folded.
    let entry = house.gate.entry(operator(), &whence(), "add-account", "x");
    let old = NewPerson { name: "ｏｌｄ".into(), ..new("x") };
    let old = house.gate.hashed(&old, Role::Officer).await.unwrap();
    house.store.add_account(old, false, entry).await.unwrap();
    house.add("old", Role::Officer).await;
    assert_eq!(&*sign_in("ｏｌｄ").await.person.name, "ｏｌｄ");
    assert_eq!(&*sign_in("OLD").await.person.name, "old");
}
