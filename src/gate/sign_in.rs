//! Signing in and out.

use std::sync::Arc;

use serde_json::json;

use crate::access::{AccountId, Person, Role, SessionId, Viewer};
use crate::domain::{Code, Time};
use crate::store::Entry;
use crate::store::audit::{Outcome, Who};
use crate::store::registry::{Account, AccountChange, NewAccount, NewSession, OnlyIf};

use super::accounts::NAME;
use super::belief::person;
use super::error::GateError;
use super::password::Lane;
use super::terms::Terms;
use super::throttle::{Place, Subject};
use super::{Gate, NewPerson, Whence, device, hash_of, lock, password, secret, telling};

/// Somebody has signed in.
#[derive(Clone, Debug)]
pub struct SignedIn {
    /// The session's secret, told once.
    pub secret: String,
    /// Who.
    pub person: Person,
    /// When the session ends at the latest.
    pub ends_at: Time,
    /// For how long that is, in s.
    pub lasts_s: i64,
    /// What the device is to show from now on, so that who guesses at the account
    /// elsewhere does not keep its owner out here; none of who has no password.
    pub device: Option<String>,
}

/// By what somebody proves who they are.
#[derive(Clone, Debug)]
pub struct Proof {
    /// The password.
    pub password: String,
    /// A code of the second factor, or a recovery code; none is asked for where there is
    /// no second factor.
    pub code: Option<String>,
}

impl From<String> for Proof {
    fn from(password: String) -> Self {
        Self { password, code: None }
    }
}

impl From<&str> for Proof {
    fn from(password: &str) -> Self {
        password.to_owned().into()
    }
}

/// What came of a password.
pub(super) struct Checked {
    /// The account of the name, right or not.
    pub account: Option<Account>,
    /// Its password's hash.
    hash: Option<String>,
    /// Whether the password is its own, and it may sign in.
    pub right: bool,
    /// Where it was tried.
    pub place: Place,
}

impl Gate {
    /// Makes the first account with the key that the log printed, and signs it in: an
    /// admin's, or with separation of duties a security administrator's. From then on the service is closed.
    ///
    /// # Errors
    /// When there is an account already, or the key is another.
    pub async fn set_up(
        &self,
        key: &str,
        new: NewPerson,
        whence: &Whence,
    ) -> Result<SignedIn, GateError> {
        let Some(real) = self.setup_key() else {
            return Err(GateError::Conflict("there is an account already"));
        };
        // Hashes are compared, so that the time it takes says nothing of the key.
        if hash_of(&real) != hash_of(key) {
            let why = "wrong key";
            self.refused(Who::Nobody, whence, "set-up", "", why).await?;
            return Err(GateError::Wrong);
        }
        let new = new.checked(&self.policy)?;
        let account = self.hashed(&new, self.policy.first_role()).await?;
        let mut entry = self.entry(Who::Nobody, whence, "set-up", &account.name);
        entry.about = Some(account.agency);
        let after = json!({"agency": account.agency, "role": account.role});
        let made = self.registry.add_account(account, true, telling(entry, None, after)).await?;
        if made.is_none() {
            return Err(GateError::Conflict("there is an account already"));
        }
        self.close();
        let Some((account, hash)) = self.registry.account(Arc::clone(&new.name)).await? else {
            return Err(GateError::Wrong);
        };
        self.begin_session(account, hash, whence).await
    }

    /// Signs a person in.
    ///
    /// # Errors
    /// When name, password or code is wrong, or was tried too often, or a code is needed.
    pub async fn sign_in(
        &self,
        name: &str,
        proof: Proof,
        whence: &Whence,
    ) -> Result<SignedIn, GateError> {
        let Proof { password, code } = proof;
        // No account has a longer name. It is answered after the same work, and not kept.
        // A letter may be typed as several characters that are one when the name is kept.
        let typed = Some(name).filter(|name| name.chars().nth(4 * NAME).is_none());
        let name = self.kept_name(typed.unwrap_or_default()).await?;
        let name = if name.chars().count() > NAME { String::new() } else { name };
        let subject = Subject::Name(name.as_str().into());
        let Checked { account, hash, right, place } =
            self.check(&name, &subject, password, whence).await?;
        let Some(account) = account.clone().filter(|_| right) else {
            let why = "wrong name or password";
            self.refused_sign_in(whence, &name, account.as_ref(), why).await?;
            if let Some(account) = account {
                self.count_failure(account.id);
            }
            return Err(GateError::Wrong);
        };
        if account.must_change && self.now() - account.password_at > self.policy.first_password_ms {
            let why = "the first password has expired";
            self.refused_sign_in(whence, &name, Some(&account), why).await?;
            return Err(GateError::Expired);
        }
        if account.has_factor {
            self.ask_for_code(&account, code.as_deref(), place, whence).await?;
        }
        self.begin_session(account, hash, whence).await
    }

    /// Counts a failed try beside its answer, which so takes as long for a name that nobody
    /// has.
    fn count_failure(&self, id: AccountId) {
        let registry = Arc::clone(&self.registry);
        tokio::spawn(async move {
            if let Err(why) = registry.count_failure(id).await {
                tracing::warn!(error = %why, "counting a failed sign-in");
            }
        });
    }

    /// Changes a person's own password, and ends their other sessions.
    ///
    /// # Errors
    /// When the old one is wrong, or the new one is weak.
    pub async fn change_password(
        &self,
        who: &Person,
        old: String,
        new: String,
        whence: &Whence,
    ) -> Result<(), GateError> {
        password::check("new", &new, &who.name, &self.policy.guessable)?;
        if new == old {
            return Err(GateError::field("new", "is the old one"));
        }
        let viewer = Viewer::Person(who.clone());
        let entry = self.entry(&viewer, whence, "change-password", &who.name);
        let subject = Subject::Password(who.account);
        let checked = self.check(&who.name, &subject, old, whence).await?;
        if !checked.right {
            let outcome = Outcome::Refused("wrong password".into());
            self.record(Entry { outcome, ..entry }).await?;
            return Err(GateError::Wrong);
        }
        let hash = self.passwords.hash(new).await?;
        let change =
            AccountChange { password: Some(hash), at: self.now(), ..AccountChange::default() };
        let (keep, only_if) = (Some(who.session), OnlyIf::default());
        self.registry.change_account(who.account, change, keep, only_if, entry).await?;
        self.forget(
            |viewer| matches!(viewer, Viewer::Person(person) if person.account == who.account),
        );
        Ok(())
    }

    /// Ends a session.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn end_session(
        &self,
        by: impl Into<Who>,
        id: SessionId,
        of: (&str, Code),
        whence: &Whence,
    ) -> Result<(), GateError> {
        let (name, agency) = of;
        let target = format!("session {} of {name}", id.0);
        let mut entry = self.entry(by, whence, "end-session", &target);
        entry.about = Some(agency);
        let ended = self.registry.end_session(id, entry).await;
        // Whatever became of it, nothing stands in for the store's word.
        self.forget(|viewer| matches!(viewer, Viewer::Person(person) if person.session == id));
        Ok(ended?)
    }

    /// The account of a name with its password's hash, and whether the password is its
    /// own and it may sign in.
    pub(super) async fn check(
        &self,
        name: &str,
        subject: &Subject,
        password: String,
        whence: &Whence,
    ) -> Result<Checked, GateError> {
        let place = self.place(name, whence).await?;
        lock(&self.throttle).begin(subject, place, self.now()).map_err(throttled)?;
        let known = self.registry.account(name.into()).await?;
        let (account, hash) = known.map_or((None, None), |(account, hash)| (Some(account), hash));
        let lane = match (place, subject) {
            (Place::Network(network), Subject::Name(_)) => Lane::Stranger(network),
            _ => Lane::Known,
        };
        let right = self.passwords.verify(password, hash.clone(), lane).await?;
        let right = right && account.as_ref().is_some_and(|account| !account.disabled);
        if right {
            lock(&self.throttle).succeeded(subject, place);
        }
        Ok(Checked { account, hash, right, place })
    }

    /// Where a name is tried: at a device that its account knows, or anywhere.
    async fn place(&self, name: &str, whence: &Whence) -> Result<Place, GateError> {
        if !whence.device.is_empty()
            && let Some((account, Some(hash))) = self.registry.account(name.into()).await?
            && let Some(mark) = device::known(&whence.device, account.id, &hash)
        {
            return Ok(Place::Device(mark));
        }
        Ok(Place::Network(whence.network()))
    }

    /// Begins a session; `hash` is of its account's password, if it has one.
    pub(super) async fn begin_session(
        &self,
        account: Account,
        hash: Option<String>,
        whence: &Whence,
    ) -> Result<SignedIn, GateError> {
        if !self.is_closed() {
            // The account was made at the command line a moment ago.
            self.close();
        }
        let secret = secret::session()?;
        let marked = |hash: String| device::marked(&whence.device, account.id, &hash);
        let device = hash.map(marked).transpose()?;
        let at = self.now();
        let Terms { idle_ms, lasts_ms, most } = self.policy.terms(account.role);
        let new = NewSession {
            account: account.id,
            secret: hash_of(&secret),
            at,
            idle_ms,
            ends_at: at + lasts_ms,
            most,
            address: whence.address,
            agent: whence.agent.clone(),
        };
        let entry = self.entry(owner(&account), whence, "sign-in", &account.name);
        let id = self.registry.add_session(new, entry).await?;
        Ok(SignedIn {
            secret,
            person: person(id, &account, &self.policy.second_factor),
            ends_at: at + lasts_ms,
            lasts_s: lasts_ms / 1_000,
            device,
        })
    }

    pub(super) async fn hashed(
        &self,
        new: &NewPerson,
        role: Role,
    ) -> Result<NewAccount, GateError> {
        let password = match &new.password {
            Some(password) => Some(self.passwords.hash(password.clone()).await?),
            None => None,
        };
        Ok(NewAccount {
            name: Arc::clone(&new.name),
            display: Arc::clone(&new.display),
            agency: new.agency,
            role,
            password,
            must_change: new.must_change,
            at: self.now(),
        })
    }
}

/// Whose an account is, as the audit log names them.
pub(super) fn owner(account: &Account) -> Who {
    Who::Person {
        account: account.id.0,
        name: account.name.to_string(),
        agency: account.agency,
        role: account.role.to_string(),
    }
}

/// Too soon, by so many ms.
pub(super) fn throttled(wait_ms: i64) -> GateError {
    let retry_after_s = u32::try_from((wait_ms + 999) / 1_000).unwrap_or(u32::MAX);
    GateError::Throttled { retry_after_s }
}
