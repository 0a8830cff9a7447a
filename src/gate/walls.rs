//! Letting walls in: a wall shows a code, somebody at a desk types it, and the
//! wall, which alone knows the secret behind its code, is signed in for 90 days.

use serde_json::json;

use crate::access::{Person, Role, Viewer};
use crate::domain::Time;
use crate::store::audit::Who;
use crate::store::registry::{Claimed, Granted, WallCode, WallSession};

use super::belief::person;
use super::error::GateError;
use super::sign_in::throttled;
use super::terms::Terms;
use super::throttle::{Errand, Place, Subject};
use super::{AskingWall, Gate, NewPerson, SignedIn, Whence, hash_of, lock, secret, telling};

/// How long a code can be typed and claimed, in ms.
const CODE_MS: i64 = 10 * 60_000;

/// Codes of all servers of a store at once; each gives out fewer
/// ([`super::codes::MOST`]).
const MOST: u32 = 2_000;

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
    /// A code for a wall to show. If there are as many as there may be, the oldest of
    /// the address that has most goes.
    ///
    /// # Errors
    /// When too many are asked for from there.
    pub async fn wall_code(&self, whence: &Whence) -> Result<Code, GateError> {
        self.count_stranger(Errand::WallCode, whence)?;
        for _ in 0..TRIES {
            let (code, claim) = (secret::code()?, secret::session()?);
            let at = self.now();
            let ends_at = at + CODE_MS;
            let new = WallCode { code: code.clone(), claim: hash_of(&claim), at, ends_at };
            let gone = {
                let mut codes = lock(&self.codes);
                let gone = codes.in_the_way(whence.network(), at);
                if let Some(gone) = &gone {
                    codes.gone(gone);
                }
                codes.given(&code, whence, (at, ends_at));
                gone
            };
            match self.registry.add_code(new, gone, MOST).await {
                Ok(true) => return Ok(Code { code, claim, ends_at }),
                Ok(false) => lock(&self.codes).gone(&code),
                Err(why) => {
                    lock(&self.codes).gone(&code);
                    return Err(why.into());
                }
            }
        }
        Err(GateError::Busy)
    }

    /// Which wall shows a code, so that whoever lets it in knows it for theirs; `None`
    /// if this process did not give the code.
    ///
    /// # Errors
    /// When too many codes were tried.
    pub fn asking_wall(
        &self,
        by: &Person,
        code: &str,
        whence: &Whence,
    ) -> Result<Option<AskingWall>, GateError> {
        // Looking is guessing too.
        let (subject, place) = (Subject::Codes(by.account), Place::Network(whence.network()));
        lock(&self.throttle).begin(&subject, place, self.now()).map_err(throttled)?;
        let found = lock(&self.codes).of(&secret::typed(code));
        let found = found.filter(|wall| self.now() < wall.ends_at);
        if found.is_some() {
            lock(&self.throttle).succeeded(&subject, place);
        }
        Ok(found)
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
            must_change: false,
        };
        let new =
            NewPerson { name: self.kept_name(name).await?.into(), ..new.checked(&self.policy)? };
        // Guessing at codes is as slow as guessing at passwords.
        let (subject, place) = (Subject::Codes(by.account), Place::Network(whence.network()));
        let begun = lock(&self.throttle).begin(&subject, place, self.now());
        begun.map_err(throttled)?;
        let who = Viewer::Person(by.clone());
        let entry = self.entry(&who, whence, "admit-wall", &new.name);
        let entry = telling(entry, None, json!({"agency": by.agency, "display": new.display}));
        let wall = self.hashed(&new, Role::Wall).await?;
        let code = secret::typed(code);
        match self.registry.grant_code(code.clone(), wall, self.now(), entry).await? {
            Granted::Done => {
                lock(&self.throttle).succeeded(&subject, place);
                lock(&self.codes).gone(&code);
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
        self.count_stranger(Errand::WallClaim, whence)?;
        let (secret, at) = (secret::session()?, self.now());
        let Terms { idle_ms, lasts_ms, most } = self.policy.terms(Role::Wall);
        let ends_at = at + lasts_ms;
        let session = WallSession {
            secret: hash_of(&secret),
            at,
            idle_ms,
            ends_at,
            most,
            address: whence.address,
            agent: whence.agent.clone(),
        };
        let entry = self.entry(Who::Nobody, whence, "sign-in", "");
        match self.registry.claim_code(hash_of(claim), session, entry).await? {
            Claimed::Waiting => Ok(Wall::Waiting),
            Claimed::Unknown => Err(GateError::Unknown("code of this wall any more".into())),
            Claimed::Done(id, account) => Ok(Wall::In(Box::new(SignedIn {
                secret,
                person: person(id, &account, &[]),
                ends_at,
                lasts_s: lasts_ms / 1_000,
                device: None,
            }))),
        }
    }
}
