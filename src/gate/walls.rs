//! Letting walls in: a wall shows a code, somebody at a desk types it, and the
//! wall, which alone knows the secret behind its code, is signed in for a year.

use serde_json::json;

use crate::access::{Person, Role, Viewer};
use crate::domain::Time;
use crate::store::audit::Who;
use crate::store::registry::{Claimed, Granted, WallCode, WallSession};

use super::belief::person;
use super::error::GateError;
use super::sign_in::{WALL_MS, throttled};
use super::{Gate, NewPerson, SignedIn, Whence, hash_of, lock, secret, telling};

/// How long a code can be typed and claimed, in ms.
const CODE_MS: i64 = 10 * 60_000;

/// Codes there may be at once: a service has a few walls, and a guess at a code
/// must stay hopeless.
const MOST: u32 = 500;

/// How often a code is made anew if it exists already.
const TRIES: usize = 3;

/// A code for a wall.
#[derive(Clone, Debug)]
pub struct Code {
    /// What the wall shows.
    pub code: String,
    /// What the wall keeps to itself.
    pub claim: String,
    /// Until when.
    pub ends_at: Time,
}

/// What a wall that claims its code is told.
#[derive(Clone, Debug)]
pub enum Wall {
    /// Nobody has typed it yet.
    Waiting,
    /// It is let in.
    In(Box<SignedIn>),
}

impl Gate {
    /// A code for a wall to show.
    ///
    /// # Errors
    /// When there are as many as there may be.
    pub async fn wall_code(&self, whence: &Whence) -> Result<Code, GateError> {
        self.count_stranger(whence)?;
        for _ in 0..TRIES {
            let (code, claim) = (secret::code()?, secret::session()?);
            let at = self.now();
            let new =
                WallCode { code: code.clone(), claim: hash_of(&claim), at, ends_at: at + CODE_MS };
            if self.registry.add_code(new, MOST).await? {
                return Ok(Code { code, claim, ends_at: at + CODE_MS });
            }
        }
        Err(GateError::Busy)
    }

    /// Lets the wall of a code in, for the agency of who types it.
    ///
    /// # Errors
    /// When there is no such code, or the name is another's.
    pub async fn admit_wall(
        &self,
        by: &Person,
        code: &str,
        (name, display): (&str, &str),
        whence: &Whence,
    ) -> Result<(), GateError> {
        let new = NewPerson {
            name: name.into(),
            display: display.into(),
            agency: by.agency,
            password: None,
        };
        let new = NewPerson { name: self.kept_name(name).await?.into(), ..new.checked()? };
        // Guessing at codes is as slow as guessing at passwords.
        let from = whence.counted_at();
        let key = format!("(codes of {})", by.name);
        let begun = lock(&self.throttle).begin(&key, from, self.now());
        begun.map_err(throttled)?;
        let who = Viewer::Person(by.clone());
        let entry = self.entry(&who, whence, "admit-wall", &new.name);
        let entry = telling(entry, None, json!({"agency": by.agency, "display": new.display}));
        let wall = self.hashed(&new, Role::Wall).await?;
        match self.registry.grant_code(secret::typed(code), wall, self.now(), entry).await? {
            Granted::Done => {
                lock(&self.throttle).succeeded(&key, from);
                Ok(())
            }
            Granted::NameTaken => Err(GateError::NameTaken(new.name.to_string())),
            Granted::Unknown => {
                self.refused(&who, whence, "admit-wall", &new.name, "no such code").await?;
                Err(GateError::Unknown("wall with this code".into()))
            }
        }
    }

    /// What came of a wall's code, asked with the secret behind it.
    ///
    /// # Errors
    /// When there is no such code, or no longer.
    pub async fn claim_wall(&self, claim: &str, whence: &Whence) -> Result<Wall, GateError> {
        let (secret, at) = (secret::session()?, self.now());
        let ends_at = at + WALL_MS;
        let session = WallSession {
            secret: hash_of(&secret),
            at,
            idle_ms: WALL_MS,
            ends_at,
            address: whence.address,
            agent: whence.agent.clone(),
        };
        let entry = self.entry(Who::Nobody, whence, "sign-in", "");
        match self.registry.claim_code(hash_of(claim), session, entry).await? {
            Claimed::Waiting => Ok(Wall::Waiting),
            Claimed::Unknown => Err(GateError::Unknown("code of this wall any more".into())),
            Claimed::Done(id, account) => Ok(Wall::In(Box::new(SignedIn {
                secret,
                person: person(id, &account),
                ends_at,
                lasts_s: WALL_MS / 1_000,
            }))),
        }
    }
}
