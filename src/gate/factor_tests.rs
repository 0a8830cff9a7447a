use std::sync::atomic::AtomicI64;

use totp_rs::{Builder, Secret};

use super::tests::{House, PASSWORD, whence};
use super::*;
use crate::access::{Must, Person, Reach, Role};

/// A minute of its own for every test, moved by hand.
macro_rules! clock {
    () => {{
        static NOW: AtomicI64 = AtomicI64::new(1_772_323_200_000);
        fn now() -> Time {
            Time::from_ms(NOW.load(Ordering::Relaxed))
        }
        (now as fn() -> Time, &NOW)
    }};
}

/// A step of time, ms.
const STEP: i64 = 30_000;

/// What an authenticator shows.
fn shown(offer: &Offer, at: Time) -> String {
    let secret = Secret::try_from_base32(&offer.secret).unwrap();
    let totp = Builder::new().with_secret(secret).build().unwrap();
    totp.generate(at.ms().unsigned_abs() / 1_000).to_string()
}

async fn sign_in(house: &House, code: Option<&str>) -> Result<SignedIn, GateError> {
    let proof = Proof { password: PASSWORD.into(), code: code.map(str::to_owned) };
    house.gate.sign_in("li", proof, &whence()).await
}

/// Signs li in, who enrols; the factor and its recovery codes.
async fn enrol(house: &House) -> (Person, Offer, Vec<String>) {
    let li = sign_in(house, None).await.unwrap().person;
    let offer = house.gate.offer_factor(&li, PASSWORD.into(), &whence()).await.unwrap();
    let code = shown(&offer, house.gate.now());
    let (proof, here) = ((&*offer.secret, &*code), whence());
    let codes = house.gate.enrol_factor(&li, PASSWORD.into(), proof, &here);
    let codes = codes.await.unwrap();
    (li, offer, codes)
}

#[tokio::test]
async fn a_code_is_asked_for_after_the_right_password_alone_and_used_once() {
    let (now, hand) = clock!();
    let house = House::open(now).await;
    house.add("li", Role::Officer).await;
    let (_, offer, codes) = enrol(&house).await;
    assert_eq!(codes.len(), 10);
    let wrong = house.gate.sign_in("li", "wrong".into(), &whence()).await;
    assert!(matches!(wrong, Err(GateError::Wrong)), "as before");
    for none in [None, Some(""), Some("  ")] {
        assert!(matches!(sign_in(&house, none).await, Err(GateError::CodeNeeded)));
    }
    let enrolled_by = shown(&offer, now());
    assert!(matches!(sign_in(&house, Some(&enrolled_by)).await, Err(GateError::WrongCode)));
    hand.fetch_add(STEP, Ordering::Relaxed);
    let code = shown(&offer, now());
    // As an input method writes it.
    let wide: String = code.chars().map(|c| char::from_u32(c as u32 + 0xFEE0).unwrap()).collect();
    sign_in(&house, Some(&format!("{} {}", &wide[..9], &wide[9..]))).await.unwrap();
    assert!(matches!(sign_in(&house, Some(&code)).await, Err(GateError::WrongCode)), "again");
    hand.fetch_add(2 * STEP, Ordering::Relaxed);
    let (early, late) = (now() - STEP, now() + STEP);
    assert!(
        matches!(
            sign_in(&house, Some(&shown(&offer, now() - 2 * STEP))).await,
            Err(GateError::WrongCode)
        ),
        "two steps late"
    );
    sign_in(&house, Some(&shown(&offer, early))).await.unwrap();
    sign_in(&house, Some(&shown(&offer, late))).await.unwrap();
    assert!(
        matches!(sign_in(&house, Some(&shown(&offer, now()))).await, Err(GateError::WrongCode)),
        "a later one was used"
    );
}

#[tokio::test]
async fn a_recovery_code_does_instead_once() {
    let (now, _) = clock!();
    let house = House::open(now).await;
    house.add("li", Role::Officer).await;
    let (li, _, codes) = enrol(&house).await;
    let typed = codes[3].to_ascii_lowercase().replace('-', " ");
    sign_in(&house, Some(&typed)).await.unwrap();
    assert!(matches!(sign_in(&house, Some(&codes[3])).await, Err(GateError::WrongCode)));
    sign_in(&house, Some(&codes[9])).await.unwrap();
    let held = house.gate.held_factor(&li).await.unwrap();
    assert_eq!(held, Held { possible: true, enrolled: true, recovery_codes: 8 });
    let deeds = house.deeds().await;
    assert!(deeds.iter().any(|deed| deed == "use-recovery-code"), "{deeds:?}");
    for record in house.store.entries(0, 100).await.unwrap() {
        assert!(codes.iter().all(|code| !record.line.contains(code)), "{}", record.line);
    }
}

#[tokio::test]
async fn who_guesses_at_codes_waits_though_the_password_is_right() {
    let (now, hand) = clock!();
    let house = House::open(now).await;
    house.add("li", Role::Officer).await;
    let (_, offer, _) = enrol(&house).await;
    for guess in 0..6 {
        // Asking for nothing between does not begin the count anew.
        assert!(matches!(sign_in(&house, None).await, Err(GateError::CodeNeeded)));
        let wrong = sign_in(&house, Some(&format!("00000{guess}"))).await;
        assert!(matches!(wrong, Err(GateError::WrongCode)), "{wrong:?}");
    }
    hand.fetch_add(900, Ordering::Relaxed);
    let held = sign_in(&house, Some(&shown(&offer, now() + STEP))).await;
    assert!(matches!(held, Err(GateError::Throttled { retry_after_s: 1 })), "{held:?}");
    let (li, _) = house.gate.registry().account("li".into()).await.unwrap().unwrap();
    assert_eq!(li.failed_tries, 6);
    let deeds = house.deeds().await;
    let wrong = "sign-in: wrong code of the second factor";
    assert_eq!(deeds.iter().filter(|deed| *deed == wrong).count(), 6, "{deeds:?}");
    hand.fetch_add(1_000, Ordering::Relaxed);
    sign_in(&house, Some(&shown(&offer, now() + STEP))).await.unwrap();
    let (li, _) = house.gate.registry().account("li".into()).await.unwrap().unwrap();
    assert_eq!((li.failed_tries, li.last_sign_in), (0, Some(now())));
}

#[tokio::test]
async fn a_factor_is_enrolled_and_taken_off_with_password_and_code_alone() {
    let (now, hand) = clock!();
    let house = House::open(now).await;
    house.add("li", Role::Officer).await;
    let before = sign_in(&house, None).await.unwrap();
    let (li, offer, _) = enrol(&house).await;
    let out = house.gate.who(&Credential::Session(before.secret)).await.unwrap();
    assert_eq!(out, None, "other sessions have ended");
    let twice = house.gate.offer_factor(&li, PASSWORD.into(), &whence()).await;
    assert!(matches!(twice, Err(GateError::Conflict(_))));
    hand.fetch_add(STEP, Ordering::Relaxed);
    let code = shown(&offer, now());
    let remove = async |password: &str, code: &str| {
        house.gate.remove_factor(&li, password.into(), code, &whence()).await
    };
    assert!(matches!(remove("wrong", &code).await, Err(GateError::Wrong)));
    assert!(matches!(remove(PASSWORD, "000000").await, Err(GateError::WrongCode)));
    remove(PASSWORD, &code).await.unwrap();
    assert!(matches!(remove(PASSWORD, &code).await, Err(GateError::Conflict(_))));
    sign_in(&house, None).await.unwrap();
    let enrol = async |password: &str, secret: &str, code: &str| {
        house.gate.enrol_factor(&li, password.into(), (secret, code), &whence()).await
    };
    assert!(matches!(enrol("wrong", &offer.secret, &code).await, Err(GateError::Wrong)));
    let odd = enrol(PASSWORD, "GEZDGNBV", &code).await;
    assert!(matches!(odd, Err(GateError::Field { field: "secret", .. })));
    let misfit = enrol(PASSWORD, &offer.secret, "000000").await;
    assert!(matches!(misfit, Err(GateError::Field { field: "code", .. })));
    for record in house.store.entries(0, 100).await.unwrap() {
        assert!(!record.line.contains(&offer.secret), "{}", record.line);
    }
}

#[tokio::test]
async fn a_role_that_must_have_a_factor_does_nothing_before() {
    let (now, _) = clock!();
    let House { gate, store, folder } = House::open(now).await;
    let policy = Policy { second_factor: vec![Role::Commander], ..Policy::default() };
    let gate = Arc::new(Arc::into_inner(gate).unwrap().with(policy));
    let house = House { gate, store, folder };
    house.add("li", Role::Commander).await;
    let first = sign_in(&house, None).await.unwrap();
    assert_eq!(first.person.must, Some(Must::EnrolSecondFactor));
    let must = async || {
        let who = house.gate.who(&Credential::Session(first.secret.clone())).await.unwrap();
        let Viewer::Person(person) = who.unwrap().as_ref().clone() else { panic!() };
        person.must
    };
    assert_eq!(must().await, Some(Must::EnrolSecondFactor));
    let here = whence();
    let offer = house.gate.offer_factor(&first.person, PASSWORD.into(), &here);
    let offer = offer.await.unwrap();
    let code = shown(&offer, now());
    let proof = (&*offer.secret, &*code);
    house.gate.enrol_factor(&first.person, PASSWORD.into(), proof, &whence()).await.unwrap();
    assert_eq!(must().await, None, "the same session goes on");
    let operator = Who::Operator { name: "root".into() };
    let reset = house.gate.reset_factor(operator, Reach::ALL, first.person.account, &here);
    assert!(!reset.await.unwrap().has_factor);
    let out = house.gate.who(&Credential::Session(first.secret.clone())).await.unwrap();
    assert_eq!(out, None, "a reset ends all sessions");
    let again = sign_in(&house, None).await.unwrap();
    assert_eq!(again.person.must, Some(Must::EnrolSecondFactor));
    let deeds = house.deeds().await;
    assert!(deeds.iter().any(|deed| deed == "reset-factor"), "{deeds:?}");
}
