//! Second factors: enrolling one, asking for its codes, taking it off.

use std::sync::Arc;

use serde_json::json;

use crate::access::{AccountId, Person, Reach, Viewer};
use crate::domain::text;
use crate::store::Entry;
use crate::store::audit::{Outcome, Who};
use crate::store::factors::NewFactor;
use crate::store::registry::Account;

use super::error::GateError;
use super::sign_in::{Checked, owner, throttled};
use super::throttle::{Place, Subject};
use super::{Gate, Whence, first_password, hash_of, lock, secret, telling, totp};

/// Codes that do instead of the factor, each once.
const RECOVERY_CODES: usize = 10;

/// Letters of one.
const RECOVERY_LETTERS: usize = 16;

/// What an account has of a second factor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Held {
    /// Whether it can have one: it signs in by a password.
    pub possible: bool,
    /// Whether it has one.
    pub enrolled: bool,
    /// Recovery codes that are left.
    pub recovery_codes: u64,
}

/// A factor that may be enrolled; nothing of it is kept.
#[derive(Clone)]
pub struct Offer {
    /// Its secret, as people type it.
    pub secret: String,
    /// The address by which an authenticator takes it over.
    pub uri: String,
}

impl Gate {
    /// What somebody has of a second factor.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn held_factor(&self, who: &Person) -> Result<Held, GateError> {
        let known = self.registry.account(Arc::clone(&who.name)).await?;
        let possible = known.is_some_and(|(account, _)| account.has_password);
        let factor = self.registry.factor(who.account).await?;
        Ok(Held {
            possible,
            enrolled: factor.is_some(),
            recovery_codes: factor.map_or(0, |factor| factor.recovery_codes),
        })
    }

    /// A second factor for somebody to take into an authenticator.
    ///
    /// # Errors
    /// When the password is wrong, or there is a second factor already.
    pub async fn offer_factor(
        &self,
        who: &Person,
        password: String,
        whence: &Whence,
    ) -> Result<Offer, GateError> {
        let (account, _) = self.owned(who, password, "enrol-factor", whence).await?;
        can_enrol(&account)?;
        let secret = secret::random()?;
        let Ok(uri) = totp::uri(&secret, &account.name) else {
            return Err(GateError::Conflict("no authenticator takes the account's name"));
        };
        Ok(Offer { secret: totp::text(&secret), uri })
    }

    /// Enrols a second factor whose code shows that its owner has it, and ends their
    /// other sessions; the recovery codes, told once.
    ///
    /// # Errors
    /// When the password is wrong, the code does not fit, or there is a second factor
    /// already.
    pub async fn enrol_factor(
        &self,
        who: &Person,
        password: String,
        (secret, code): (&str, &str),
        whence: &Whence,
    ) -> Result<Vec<String>, GateError> {
        let deed = "enrol-factor";
        let (account, _) = self.owned(who, password, deed, whence).await?;
        can_enrol(&account)?;
        let Some(secret) = totp::secret(secret) else {
            return Err(GateError::field("secret", "is none that was made here"));
        };
        let Some(step) = totp::step(&secret, &typed(code), self.now()) else {
            let why = "does not fit: look at the newest, and at the clock of the authenticator";
            return Err(GateError::field("code", why));
        };
        let codes: Result<Vec<_>, _> = (0..RECOVERY_CODES).map(|_| first_password()).collect();
        let codes = codes?;
        let recovery_codes = codes.iter().map(|code| hash_of(&typed(code))).collect();
        let new = NewFactor { secret, step, recovery_codes };
        let viewer = Viewer::Person(who.clone());
        let entry = self.entry(&viewer, whence, deed, &who.name);
        let entry = telling(entry, None, json!({"recovery_codes": codes.len()}));
        let done = self.registry.add_factor(who.account, new, who.session, entry).await?;
        self.forget_account(who.account);
        if done { Ok(codes) } else { Err(GateError::Conflict(ENROLLED)) }
    }

    /// Takes somebody's own second factor off, and ends their other sessions.
    ///
    /// # Errors
    /// When password or code is wrong, or there is no second factor.
    pub async fn remove_factor(
        &self,
        who: &Person,
        password: String,
        code: &str,
        whence: &Whence,
    ) -> Result<(), GateError> {
        let deed = "remove-factor";
        let (account, place) = self.owned(who, password, deed, whence).await?;
        if !account.has_factor {
            return Err(GateError::Conflict(NONE));
        }
        let viewer = Viewer::Person(who.clone());
        let entry = self.entry(&viewer, whence, deed, &who.name);
        if !self.use_code(&account, code, place, whence).await? {
            let outcome = Outcome::Refused("wrong code".into());
            self.record(Entry { outcome, ..entry }).await?;
            return Err(GateError::WrongCode);
        }
        let done = self.registry.remove_factor(who.account, Some(who.session), entry).await?;
        self.forget_account(who.account);
        if done { Ok(()) } else { Err(GateError::Conflict(NONE)) }
    }

    /// Takes the second factor of an account within reach off, of which its owner has
    /// lost both authenticator and recovery codes, and ends its sessions.
    ///
    /// # Errors
    /// When there is no such account, or it has no second factor.
    pub async fn reset_factor(
        &self,
        by: impl Into<Who>,
        reach: Reach<'_>,
        id: AccountId,
        whence: &Whence,
    ) -> Result<Account, GateError> {
        let account = self.account(reach, id).await?;
        let mut entry = self.entry(by, whence, "reset-factor", &account.name);
        entry.about = Some(account.agency);
        let done = self.registry.remove_factor(id, None, entry).await?;
        self.forget_account(id);
        if done { self.account(Reach::ALL, id).await } else { Err(GateError::Conflict(NONE)) }
    }

    /// Asks who has given the right password for a code too.
    pub(super) async fn ask_for_code(
        &self,
        account: &Account,
        code: Option<&str>,
        place: Place,
        whence: &Whence,
    ) -> Result<(), GateError> {
        let Some(code) = code.filter(|code| !code.trim().is_empty()) else {
            // Who has the password and not the factor may be no owner of either.
            let why = "right password, no code of the second factor yet";
            self.refused_sign_in(whence, &account.name, Some(account), why).await?;
            return Err(GateError::CodeNeeded);
        };
        if self.use_code(account, code, place, whence).await? {
            return Ok(());
        }
        let why = "wrong code of the second factor";
        self.refused_sign_in(whence, &account.name, Some(account), why).await?;
        self.registry.count_failure(account.id).await?;
        Err(GateError::WrongCode)
    }

    /// Uses a code up; `false` if it is none of the account's, or was used.
    async fn use_code(
        &self,
        account: &Account,
        code: &str,
        place: Place,
        whence: &Whence,
    ) -> Result<bool, GateError> {
        let subject = Subject::Factor(account.id);
        lock(&self.throttle).begin(&subject, place, self.now()).map_err(throttled)?;
        let Some(factor) = self.registry.factor(account.id).await? else { return Ok(false) };
        let code = typed(code);
        let fits = if code.len() == totp::DIGITS {
            match totp::step(&factor.secret, &code, self.now()) {
                Some(step) => self.registry.use_step(account.id, step).await?,
                None => false,
            }
        } else if code.len() == RECOVERY_LETTERS {
            let mut entry = self.entry(owner(account), whence, "use-recovery-code", &account.name);
            entry.about = Some(account.agency);
            let hash = hash_of(&code);
            self.registry.use_recovery(account.id, hash, self.now(), entry).await?
        } else {
            false
        };
        if fits {
            lock(&self.throttle).succeeded(&subject, place);
        }
        Ok(fits)
    }

    /// Somebody's own account and where they are, if they have its password.
    async fn owned(
        &self,
        who: &Person,
        password: String,
        deed: &str,
        whence: &Whence,
    ) -> Result<(Account, Place), GateError> {
        let subject = Subject::Password(who.account);
        let checked = self.check(&who.name, &subject, password, whence).await?;
        if let Checked { account: Some(account), right: true, place, .. } = checked {
            return Ok((account, place));
        }
        if checked.account.is_some_and(|account| !account.has_password) {
            return Err(GateError::Conflict(NO_PASSWORD));
        }
        let entry = self.entry(&Viewer::Person(who.clone()), whence, deed, &who.name);
        let outcome = Outcome::Refused("wrong password".into());
        self.record(Entry { outcome, ..entry }).await?;
        Err(GateError::Wrong)
    }

    fn forget_account(&self, id: AccountId) {
        self.forget(|viewer| matches!(viewer, Viewer::Person(person) if person.account == id));
    }
}

const ENROLLED: &str = "there is a second factor already; take it off first";
const NONE: &str = "there is no second factor";
const NO_PASSWORD: &str =
    "the account signs in by a provider, which asks for a second factor itself";

fn can_enrol(account: &Account) -> Result<(), GateError> {
    if account.has_factor { Err(GateError::Conflict(ENROLLED)) } else { Ok(()) }
}

/// A code as it was typed, however wide its letters: without dashes and spaces.
fn typed(code: &str) -> String {
    let start: String = code.chars().take(64).collect();
    secret::typed(&text::nfkc(&start))
}
