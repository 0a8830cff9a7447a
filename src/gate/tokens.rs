//! Tokens of devices and neighbouring systems.

use std::sync::Arc;

use serde_json::json;

use crate::access::{Reach, Scope, TokenId, Viewer};
use crate::domain::text::{self, TextError};
use crate::domain::{Code, Time};
use crate::store::audit::Who;
use crate::store::registry::{NewToken, Token};

use super::accounts::check;
use super::error::GateError;
use super::{Gate, Whence, hash_of, secret, telling};

/// Characters of a name.
const NAME: usize = 64;

/// A token was made.
#[derive(Clone, Debug)]
pub struct Made {
    /// Its number.
    pub id: TokenId,
    /// Its secret, told once.
    pub secret: String,
}

impl Gate {
    /// The tokens within a reach, revoked ones included.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn tokens(&self, reach: Reach<'_>) -> Result<Vec<Token>, GateError> {
        let mut all = self.registry.tokens().await?;
        all.retain(|token| reach.holds(token.agency));
        Ok(all)
    }

    /// One token within a reach.
    ///
    /// # Errors
    /// When there is none of that number, or the store fails.
    pub async fn token(&self, reach: Reach<'_>, id: TokenId) -> Result<Token, GateError> {
        let all = self.tokens(reach).await?;
        let found = all.into_iter().find(|token| token.id == id);
        found.ok_or_else(|| GateError::Unknown(format!("token {}", id.0)))
    }

    /// Makes a token.
    ///
    /// # Errors
    /// When a field cannot be.
    pub async fn add_token(
        &self,
        by: impl Into<Who>,
        reach: Reach<'_>,
        (name, agency): (&str, Code),
        scopes: &[Scope],
        ends_at: Option<Time>,
        whence: &Whence,
    ) -> Result<Made, GateError> {
        let name = &*text::label(name, NAME).map_err(|why| match why {
            TextError::Empty | TextError::TooLong(_) => {
                GateError::field("name", format!("must be 1 to {NAME} characters"))
            }
            why => GateError::field("name", why.to_string()),
        })?;
        check(reach, agency)?;
        let mut scopes = scopes.to_vec();
        scopes.sort_unstable();
        scopes.dedup();
        if scopes.is_empty() {
            return Err(GateError::field("scopes", "must name at least one"));
        }
        if ends_at.is_some_and(|end| end <= self.now()) {
            return Err(GateError::field("ends_at", "is over already"));
        }
        let secret = secret::token()?;
        let new = NewToken {
            name: Arc::from(name),
            agency,
            scopes: scopes.into(),
            secret: hash_of(&secret),
            at: self.now(),
            ends_at,
        };
        let mut entry = self.entry(by, whence, "add-token", name);
        entry.about = Some(agency);
        let after = json!({"agency": agency, "scopes": &*new.scopes, "ends_at": ends_at});
        let id = self.registry.add_token(new, telling(entry, None, after)).await?;
        Ok(Made { id, secret })
    }

    /// Revokes a token.
    ///
    /// # Errors
    /// When there is none within reach.
    pub async fn revoke_token(
        &self,
        by: impl Into<Who>,
        reach: Reach<'_>,
        id: TokenId,
        whence: &Whence,
    ) -> Result<(), GateError> {
        let token = self.token(reach, id).await?;
        let target = format!("{} ({})", token.name, id.0);
        let mut entry = self.entry(by, whence, "revoke-token", &target);
        entry.about = Some(token.agency);
        let revoked = self.registry.revoke_token(id, self.now(), entry).await;
        // Whatever became of it, nothing stands in for the store's word.
        self.forget(|viewer| matches!(viewer, Viewer::Device(device) if device.token == id));
        Ok(revoked?)
    }
}
