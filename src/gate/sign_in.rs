//! Signing in and out.

use std::sync::Arc;

use serde_json::json;

use crate::access::{Person, Role, SessionId, Viewer};
use crate::domain::Time;
use crate::store::Entry;
use crate::store::audit::{Outcome, Who};
use crate::store::registry::{Account, AccountChange, NewAccount, NewSession};

use super::belief::person;
use super::error::GateError;
use super::{Gate, NewPerson, Whence, hash_of, lock, password, secret, telling};

const HOUR_MS: i64 = 3_600_000;

/// How long a person's session may rest, and how long it lasts.
const IDLE_MS: i64 = 12 * HOUR_MS;
const LASTS_MS: i64 = 30 * 24 * HOUR_MS;

/// A wall's session rests and lasts so long.
pub(super) const WALL_MS: i64 = 365 * 24 * HOUR_MS;

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
}

impl Gate {
    /// Makes the first account, an admin's, with the key that the log printed,
    /// and signs it in. From then on the service is closed.
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
        let new = new.checked()?;
        let account = self.hashed(&new, Role::Admin).await?;
        let entry = self.entry(Who::Nobody, whence, "set-up", &account.name);
        let after = json!({"agency": account.agency, "role": account.role});
        let made = self.registry.add_account(account, true, telling(entry, None, after)).await?;
        if made.is_none() {
            return Err(GateError::Conflict("there is an account already"));
        }
        self.close();
        let Some((account, _)) = self.registry.account(Arc::clone(&new.name)).await? else {
            return Err(GateError::Wrong);
        };
        self.begin_session(account, whence).await
    }

    /// Signs a person in.
    ///
    /// # Errors
    /// When name or password is wrong, or was tried too often.
    pub async fn sign_in(
        &self,
        name: &str,
        password: String,
        whence: &Whence,
    ) -> Result<SignedIn, GateError> {
        let name = self.kept_name(name).await?;
        let known = self.check(&name, password, whence).await?;
        let Some(account) = known else {
            self.refused(Who::Nobody, whence, "sign-in", &name, "wrong name or password").await?;
            return Err(GateError::Wrong);
        };
        self.begin_session(account, whence).await
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
        password::check("new", &new, &who.name)?;
        let viewer = Viewer::Person(who.clone());
        let entry = self.entry(&viewer, whence, "change-password", &who.name);
        let known = self.check(&who.name, old, whence).await?;
        if known.is_none() {
            let outcome = Outcome::Refused("wrong password".into());
            self.record(Entry { outcome, ..entry }).await?;
            return Err(GateError::Wrong);
        }
        let hash = self.passwords.hash(new).await?;
        let change = AccountChange { password: Some(hash), ..AccountChange::default() };
        self.registry.change_account(who.account, change, Some(who.session), entry).await?;
        self.forget(|viewer| {
            matches!(viewer, Viewer::Person(person)
                if person.account == who.account && person.session != who.session)
        });
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
        of: &str,
        whence: &Whence,
    ) -> Result<(), GateError> {
        let entry = self.entry(by, whence, "end-session", &format!("session {} of {of}", id.0));
        let ended = self.registry.end_session(id, entry).await;
        // Whatever became of it, nothing stands in for the store's word.
        self.forget(|viewer| matches!(viewer, Viewer::Person(person) if person.session == id));
        Ok(ended?)
    }

    /// The account of a name, if the password is its own and it may sign in.
    async fn check(
        &self,
        name: &str,
        password: String,
        whence: &Whence,
    ) -> Result<Option<Account>, GateError> {
        let from = whence.counted_at();
        lock(&self.throttle).begin(name, from, self.now()).map_err(throttled)?;
        let known = self.registry.account(name.into()).await?;
        let (account, hash) = known.map_or((None, None), |(account, hash)| (Some(account), hash));
        let right = self.passwords.verify(password, hash).await?;
        let account = account.filter(|account| right && !account.disabled);
        if account.is_some() {
            lock(&self.throttle).succeeded(name, from);
        }
        Ok(account)
    }

    pub(super) async fn begin_session(
        &self,
        account: Account,
        whence: &Whence,
    ) -> Result<SignedIn, GateError> {
        if !self.is_closed() {
            // The account was made at the command line a moment ago.
            self.close();
        }
        let secret = secret::session()?;
        let at = self.now();
        let (idle_ms, lasts_ms) =
            if account.role == Role::Wall { (WALL_MS, WALL_MS) } else { (IDLE_MS, LASTS_MS) };
        let new = NewSession {
            account: account.id,
            secret: hash_of(&secret),
            at,
            idle_ms,
            ends_at: at + lasts_ms,
            address: whence.address,
            agent: whence.agent.clone(),
        };
        let who = Who::Person {
            account: account.id.0,
            name: account.name.to_string(),
            agency: account.agency,
            role: account.role.to_string(),
        };
        let entry = self.entry(who, whence, "sign-in", &account.name);
        let id = self.registry.add_session(new, entry).await?;
        Ok(SignedIn {
            secret,
            person: person(id, &account),
            ends_at: at + lasts_ms,
            lasts_s: lasts_ms / 1_000,
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
            at: self.now(),
        })
    }
}

/// Too soon, by so many ms.
pub(super) fn throttled(wait_ms: i64) -> GateError {
    let retry_after_s = u32::try_from((wait_ms + 999) / 1_000).unwrap_or(u32::MAX);
    GateError::Throttled { retry_after_s }
}
