//! Signing in by a provider of OpenID Connect.

use serde_json::json;

use crate::access::Role;
use crate::domain::{Code, text};
use crate::store::audit::{Outcome, Who};
use crate::store::registry::{Account, Identity};

use super::error::GateError;
use super::{Gate, NewPerson, SignedIn, Whence, telling};

/// Somebody of whom a provider says who they are.
#[derive(Clone, Debug)]
pub struct Foreigner {
    /// Who they are to it.
    pub identity: Identity,
    /// What they are called there.
    pub name: String,
    /// What others are to read.
    pub display: String,
    /// Where they belong and what they are for, as far as it is claimed and can be.
    pub place: Option<(Code, Role)>,
}

impl Gate {
    /// Signs in whom a provider vouches for: by the account of that identity, or a
    /// new one if it is claimed where it belongs.
    ///
    /// # Errors
    /// When the account is disabled, or there is none and none can be made.
    pub async fn sign_in_foreigner(
        &self,
        who: Foreigner,
        whence: &Whence,
    ) -> Result<SignedIn, GateError> {
        if !self.is_closed() {
            return Err(GateError::Conflict("the first account signs in by a password"));
        }
        let known = self.registry.identified(who.identity.clone()).await?;
        let account = match known {
            Some(account) => account,
            None => self.take_in(&who, whence).await?,
        };
        if account.disabled {
            let why = "the account is disabled";
            self.refused_sign_in(whence, &account.name, Some(&account), why).await?;
            return Err(GateError::Wrong);
        }
        self.begin_session(account, None, whence).await
    }

    async fn take_in(&self, who: &Foreigner, whence: &Whence) -> Result<Account, GateError> {
        let Foreigner { identity, name, display, place } = who;
        // A wall is let in by its code alone.
        let may_be = |role| role != Role::Wall && self.policy.check_role(role).is_ok();
        let Some((agency, role)) = place.filter(|(_, role)| may_be(*role)) else {
            let why = "no agency and role are claimed";
            self.refused_sign_in(whence, name, None, why).await?;
            return Err(GateError::Unclaimed);
        };
        let display = text::cleaned(display).into();
        let new = NewPerson {
            name: name.as_str().into(),
            display,
            agency,
            password: None,
            must_change: false,
        };
        let new = new.checked(&self.policy)?;
        let account = self.hashed(&new, role).await?;
        let mut entry = self.entry(Who::Nobody, whence, "add-account", &new.name);
        entry.about = Some(agency);
        let after = json!({"agency": agency, "role": role, "display": new.display,
            "issuer": identity.issuer, "subject": identity.subject});
        let entry = telling(entry, None, after);
        self.registry.add_identified(account, identity.clone(), entry).await?;
        // Not there by now: then the name is another's.
        if let Some(account) = self.registry.identified(identity.clone()).await? {
            return Ok(account);
        }
        // Whose admin can sort it out.
        let mut entry = self.entry(Who::Nobody, whence, "sign-in", &new.name);
        entry.about = Some(agency);
        entry.outcome = Outcome::Refused("the name is another's".into());
        self.record(entry).await?;
        Err(GateError::NameTaken(new.name.to_string()))
    }
}
