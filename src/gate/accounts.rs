//! Accounts, as their admins see and change them.
//!
//! An admin's reach is the jurisdiction of the admin's own agency and all below
//! it ([`Reach`]); who may do more sits at the command line.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::access::{AccountId, Reach, Role, SessionId, Viewer};
use crate::domain::Code;
use crate::domain::text::{self, TextError};
use crate::store::audit::Who;
use crate::store::registry::{Account, AccountChange, Changed, OnlyIf, Session};

use super::error::GateError;
use super::password::Lane;
use super::{Gate, Policy, Whence, password, secret, telling};

/// How often it is tried to change an account, while others do so.
const ATTEMPTS: usize = 8;

/// Why the last admin stays one.
const LAST_ADMIN: &str =
    "no admin would be left who can sign in for this agency; make another first";

/// Characters of a name.
pub(super) const NAME: usize = 64;

/// An account to be made, as it is asked for.
#[derive(Clone, Debug)]
pub struct NewPerson {
    /// The name to sign in with.
    pub name: Arc<str>,
    /// What others read; the name if empty.
    pub display: Arc<str>,
    /// The jurisdiction whose agency it belongs to.
    pub agency: Code,
    /// Its password; none cannot sign in by one.
    pub password: Option<String>,
    /// Whether its owner must choose another before anything else.
    pub must_change: bool,
}

impl NewPerson {
    pub(super) fn checked(self, policy: &Policy) -> Result<Self, GateError> {
        let name = folded(&self.name);
        let fits = match text::name(&name, NAME) {
            Ok(name) if !name.contains(char::is_whitespace) => Ok(()),
            Ok(_) | Err(TextError::Empty | TextError::TooLong(_)) => {
                Err(format!("must be 1 to {NAME} characters without spaces"))
            }
            Err(why) => Err(why.to_string()),
        };
        fits.map_err(|why| GateError::field("name", why))?;
        if let Some(password) = &self.password {
            password::check("password", password, &name, &policy.guessable)?;
        }
        let display = display(&self.display)?;
        let display = if display.is_empty() { Arc::from(&*name) } else { display };
        Ok(Self { name: name.into(), display, ..self })
    }
}

/// A name, as it is kept.
#[must_use]
pub fn folded(name: &str) -> String {
    // A small letter may have a form of its own in NFKC.
    text::nfkc(&text::nfkc(name.trim()).to_lowercase()).trim().to_owned()
}

/// What others are to read; it may be empty.
fn display(sent: &str) -> Result<Arc<str>, GateError> {
    match text::label(sent, NAME) {
        Ok(display) => Ok((*display).into()),
        Err(TextError::Empty) => Ok("".into()),
        Err(TextError::TooLong(_)) => {
            Err(GateError::field("display", format!("must be at most {NAME} characters")))
        }
        Err(why) => Err(GateError::field("display", why.to_string())),
    }
}

impl Gate {
    /// The name under which an account is kept: as it is typed if there is such an
    /// account, since names were not always kept in NFKC; else [`folded`].
    ///
    /// # Errors
    /// When the store fails.
    pub async fn kept_name(&self, typed: &str) -> Result<String, GateError> {
        let (name, plain) = (folded(typed), typed.trim().to_lowercase());
        if plain != name && self.registry.account(plain.as_str().into()).await?.is_some() {
            return Ok(plain);
        }
        Ok(name)
    }

    /// The accounts within a reach.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn accounts(&self, reach: Reach<'_>) -> Result<Vec<Account>, GateError> {
        let mut all = self.registry.accounts().await?;
        all.retain(|account| reach.holds(account.agency));
        Ok(all)
    }

    /// One account within a reach.
    ///
    /// # Errors
    /// When there is none of that number, or the store fails.
    pub async fn account(&self, reach: Reach<'_>, id: AccountId) -> Result<Account, GateError> {
        let all = self.accounts(reach).await?;
        let found = all.into_iter().find(|account| account.id == id);
        found.ok_or_else(|| GateError::Unknown(format!("account {}", id.0)))
    }

    /// Makes an account, with a password of our own if none was given; the
    /// account, and that password.
    ///
    /// # Errors
    /// When a field cannot be, or the name is taken.
    pub async fn add_account(
        &self,
        by: impl Into<Who>,
        reach: Reach<'_>,
        new: NewPerson,
        role: Role,
        whence: &Whence,
    ) -> Result<(AccountId, Option<String>), GateError> {
        check(reach, new.agency)?;
        self.policy.check_role(role)?;
        let given = match (&new.password, role) {
            (None, role) if role != Role::Wall => Some(secret::first_password()?),
            _ => None,
        };
        let password = new.password.clone().or_else(|| given.clone());
        let must_change = new.must_change || given.is_some();
        let new = NewPerson { password, must_change, ..new }.checked(&self.policy)?;
        let account = self.hashed(&new, role).await?;
        let mut entry = self.entry(by, whence, "add-account", &new.name);
        entry.about = Some(new.agency);
        let after = json!({"agency": new.agency, "role": role, "display": new.display});
        let made = self.registry.add_account(account, false, telling(entry, None, after)).await?;
        let id = made.ok_or_else(|| GateError::NameTaken(new.name.to_string()))?;
        self.close();
        Ok((id, given))
    }

    /// Changes an account; `password`, if there is one, is not hashed yet.
    ///
    /// # Errors
    /// When there is none within reach, or a field cannot be, or no admin who can sign
    /// in would be left to whom its agency is within reach: but at the command line,
    /// which can make another.
    pub async fn change_account(
        &self,
        by: impl Into<Who>,
        reach: Reach<'_>,
        id: AccountId,
        mut change: AccountChange,
        whence: &Whence,
    ) -> Result<Account, GateError> {
        let by = by.into();
        let mut before = self.account(reach, id).await?;
        if let Some(role) = change.role.filter(|role| *role != before.role) {
            self.policy.check_role(role)?;
            if matches!(by, Who::Person { account, .. } if account == id.0) {
                return Err(GateError::Conflict("nobody changes their own role"));
            }
        }
        if let Some(agency) = change.agency {
            check(reach, agency)?;
        }
        if let Some(text) = &change.display {
            change.display = Some(display(text)?);
        }
        let mut after = told(&change);
        if let Some(new) = change.password.take() {
            password::check("password", &new, &before.name, &self.policy.guessable)?;
            let known = self.registry.account(Arc::clone(&before.name)).await?;
            let hash = known.and_then(|(_, hash)| hash);
            if self.passwords.verify(new.clone(), hash, Lane::Known).await? {
                return Err(GateError::field("password", "is the one there is"));
            }
            (change.at, change.must_change) = (self.now(), true);
            change.password = Some(self.passwords.hash(new).await?);
            after["password"] = "set".into();
        }
        for _ in 0..ATTEMPTS {
            let mut entry = self.entry(by.clone(), whence, "change-account", &before.name);
            entry.about = Some(before.agency);
            let was = json!({"agency": before.agency, "role": before.role,
                "display": before.display, "disabled": before.disabled});
            let entry = telling(entry, Some(was), after.clone());
            let admin_of = reach.above(before.agency);
            let only_if = OnlyIf { seen: Some(before), admin_of };
            match self.registry.change_account(id, change.clone(), None, only_if, entry).await? {
                Changed::Done => {
                    self.forget(
                        |viewer| matches!(viewer, Viewer::Person(person) if person.account == id),
                    );
                    return self.account(Reach::ALL, id).await;
                }
                Changed::LastAdmin => return Err(GateError::Conflict(LAST_ADMIN)),
                // Somebody else has changed it: perhaps it is out of reach now.
                Changed::Overtaken => before = self.account(reach, id).await?,
            }
        }
        Err(GateError::Conflict("others are changing the account at the same time"))
    }

    /// The sessions of one account, or of all within a reach.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn sessions(
        &self,
        of: Option<AccountId>,
        reach: Reach<'_>,
    ) -> Result<Vec<Session>, GateError> {
        let mut all = self.registry.sessions(of, self.now()).await?;
        all.retain(|session| reach.holds(session.account.agency));
        Ok(all)
    }

    /// One session within a reach.
    ///
    /// # Errors
    /// When there is none, or the store fails.
    pub async fn session(&self, id: SessionId, reach: Reach<'_>) -> Result<Session, GateError> {
        let all = self.sessions(None, reach).await?;
        let found = all.into_iter().find(|session| session.id == id);
        found.ok_or_else(|| GateError::Unknown(format!("session {}", id.0)))
    }
}

/// Refuses an agency out of reach.
pub fn check(reach: Reach<'_>, agency: Code) -> Result<(), GateError> {
    if reach.holds(agency) {
        return Ok(());
    }
    Err(GateError::field("agency", format!("{agency} is not within your own jurisdiction")))
}

fn told(change: &AccountChange) -> Value {
    let mut all = serde_json::Map::new();
    let fields = [
        ("display", change.display.as_ref().map(|it| json!(it))),
        ("agency", change.agency.map(|it| json!(it))),
        ("role", change.role.map(|it| json!(it))),
        ("disabled", change.disabled.map(|it| json!(it))),
    ];
    for (name, value) in fields {
        if let Some(value) = value {
            all.insert(name.to_owned(), value);
        }
    }
    Value::Object(all)
}
