//! What the store last said of each credential, and how long it is believed.
//!
//! An answer is believed for [`TRUST`]. After that the store is asked anew, once at a
//! time; if it does not answer within [`PATIENCE`], what it said last stands in, up to
//! [`STAND_IN`]. An answer that comes later still counts from when it comes.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::access::{Device, Must, Person, Role, SessionId, Viewer};
use crate::store::registry::{Account, Secret, Token};
use crate::store::{Registry, StoreError};

use super::{Credential, Now, hash_of, lock};

/// How long an answer of the store is believed.
pub const TRUST: Duration = Duration::from_secs(2);

/// How long it is believed while the store does not answer.
const STAND_IN: Duration = Duration::from_hours(1);

/// How long the store is waited for on behalf of one whom it knew before.
const PATIENCE: Duration = Duration::from_millis(500);

/// After which silence it is asked again, in case only the line was dead.
const SILENCE: Duration = Duration::from_secs(30);

/// The use of a session or token is noted at most so often, in ms.
const NOTE_EVERY_MS: i64 = 60_000;

/// Credentials asked for at once.
const TOGETHER: usize = 500;

/// Answers kept at once; when there are more, the oldest tenth is forgotten.
const KNOWN: usize = 10_000;

/// What names a credential: whose it is, and the hash of its secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Key {
    /// Of a session.
    Session(Secret),
    /// Of a token.
    Token(Secret),
}

impl Key {
    /// The key of a credential; none of none.
    pub fn of(credential: &Credential) -> Option<Self> {
        match credential {
            Credential::None => None,
            Credential::Session(text) => Some(Self::Session(hash_of(text))),
            Credential::Token(text) => Some(Self::Token(hash_of(text))),
        }
    }
}

/// The store's registry, and what it said last.
#[derive(Clone)]
pub struct Beliefs {
    registry: Arc<dyn Registry>,
    now: Now,
    /// Roles that must have a second factor.
    strict: Arc<[Role]>,
    /// Locked for a look-up at a time.
    said: Arc<Mutex<Said>>,
}

#[derive(Debug, Default)]
struct Said {
    all: HashMap<Key, Belief>,
    /// How often something was forgotten: an answer that was asked for before may be
    /// untrue by now.
    changes: u64,
}

#[derive(Debug)]
struct Belief {
    viewer: Arc<Viewer>,
    /// When the store was asked that said so.
    told: Instant,
    /// Until when it is not waited for again.
    until: Instant,
    /// Cancelled when the store has answered, or will not.
    asked: CancellationToken,
}

impl Beliefs {
    pub fn new(registry: Arc<dyn Registry>, now: Now) -> Self {
        Self { registry, now, strict: Arc::default(), said: Arc::default() }
    }

    /// The same, of roles that must have a second factor.
    pub fn strict(self, roles: &[Role]) -> Self {
        Self { strict: roles.into(), ..self }
    }

    /// Whose a credential is; `None` if nobody's.
    pub async fn who(&self, key: Key) -> Result<Option<Arc<Viewer>>, StoreError> {
        let begun = Instant::now();
        let asked = match lock(&self.said).all.get_mut(&key) {
            Some(known) if begun < known.until => return Ok(Some(Arc::clone(&known.viewer))),
            Some(known) if begun < known.told + STAND_IN => Some(self.asked(key, known)),
            _ => None,
        };
        if let Some(asked) = asked {
            // Whether in time or not: what is known by then counts.
            let _in_time = timeout(PATIENCE, asked.cancelled()).await;
            if let Some(viewer) = lock(&self.said).stand_in(key) {
                return Ok(Some(viewer));
            }
        }
        self.ask(key).await
    }

    /// Forgets what was believed of some, because it is otherwise now.
    pub fn forget(&self, whom: impl Fn(&Viewer) -> bool) {
        let mut said = lock(&self.said);
        said.changes += 1;
        said.all.retain(|_, known| !whom(&known.viewer));
    }

    /// As if so much time had gone by since the store spoke.
    #[cfg(test)]
    pub fn age(&self, by: Duration) {
        for known in lock(&self.said).all.values_mut() {
            for then in [&mut known.told, &mut known.until] {
                *then = then.checked_sub(by).unwrap();
            }
        }
    }

    #[cfg(test)]
    pub fn knows(&self, credential: &Credential) -> bool {
        Key::of(credential).is_some_and(|key| lock(&self.said).all.contains_key(&key))
    }

    /// What the store says; its use is noted.
    pub async fn look_up(&self, key: Key) -> Result<Option<Viewer>, StoreError> {
        match key {
            Key::Session(secret) => self.person(secret).await,
            Key::Token(secret) => self.device(secret).await,
        }
    }

    /// What the store says of many, in few questions; and why not, of those that it says
    /// nothing of. One that cannot be read keeps the others from nothing.
    pub async fn look_all_up(
        &self,
        keys: Vec<Key>,
    ) -> (HashMap<Key, Option<Viewer>>, Option<StoreError>) {
        let mut found = HashMap::with_capacity(keys.len());
        for some in keys.chunks(TOGETHER) {
            match self.look_some_up(some).await {
                Ok(viewers) => found.extend(viewers),
                // It is asked again soon.
                Err(why) if why.may_pass() => return (found, Some(why)),
                Err(_) => {
                    let mut failed = None;
                    for key in some {
                        match self.look_up(*key).await {
                            Ok(viewer) => drop(found.insert(*key, viewer)),
                            Err(why) => failed = Some(why),
                        }
                    }
                    if failed.is_some() {
                        return (found, failed);
                    }
                }
            }
        }
        (found, None)
    }

    async fn look_some_up(&self, keys: &[Key]) -> Result<HashMap<Key, Option<Viewer>>, StoreError> {
        let now = (self.now)();
        let (mut sessions, mut tokens) = (Vec::new(), Vec::new());
        for key in keys {
            match key {
                Key::Session(secret) => sessions.push(*secret),
                Key::Token(secret) => tokens.push(*secret),
            }
        }
        let mut found: HashMap<_, _> = keys.iter().map(|key| (*key, None)).collect();
        let (mut used_sessions, mut used_tokens) = (Vec::new(), Vec::new());
        if !sessions.is_empty() {
            for (secret, session) in self.registry.sessions_of(sessions).await? {
                if session.is_good(now) {
                    if now - session.last_use > NOTE_EVERY_MS {
                        used_sessions.push(session.id);
                    }
                    let viewer = Viewer::Person(person(session.id, &session.account, &self.strict));
                    found.insert(Key::Session(secret), Some(viewer));
                }
            }
        }
        if !tokens.is_empty() {
            for (secret, token) in self.registry.tokens_of(tokens).await? {
                if token.is_good(now) {
                    if now - token.last_use.unwrap_or_default() > NOTE_EVERY_MS {
                        used_tokens.push(token.id);
                    }
                    found.insert(Key::Token(secret), Some(Viewer::Device(device(&token))));
                }
            }
        }
        if !(used_sessions.is_empty() && used_tokens.is_empty()) {
            noted(self.registry.use_all(used_sessions, used_tokens, now).await);
        }
        Ok(found)
    }

    /// Asks the store beside the one who comes, unless that is under way already.
    fn asked(&self, key: Key, known: &mut Belief) -> CancellationToken {
        if known.asked.is_cancelled() {
            known.asked = CancellationToken::new();
            let (this, answered) = (self.clone(), known.asked.clone().drop_guard());
            tokio::spawn(async move {
                // Who comes next asks again.
                let _failed = timeout(SILENCE, this.ask(key)).await;
                drop(answered);
            });
        }
        known.asked.clone()
    }

    /// Asks the store, and believes what it says.
    async fn ask(&self, key: Key) -> Result<Option<Arc<Viewer>>, StoreError> {
        loop {
            let (begun, changes) = (Instant::now(), lock(&self.said).changes);
            let found = self.look_up(key).await?;
            let mut said = lock(&self.said);
            let Some(viewer) = found.map(Arc::new) else {
                if said.all.remove(&key).is_some() {
                    said.changes += 1;
                }
                return Ok(None);
            };
            if said.changes == changes {
                said.believe(key, Arc::clone(&viewer), begun);
                return Ok(Some(viewer));
            }
        }
    }

    async fn person(&self, secret: Secret) -> Result<Option<Viewer>, StoreError> {
        let now = (self.now)();
        let session = self.registry.session(secret).await?;
        let Some(session) = session.filter(|session| session.is_good(now)) else {
            return Ok(None);
        };
        if now - session.last_use > NOTE_EVERY_MS {
            noted(self.registry.use_session(session.id, now).await);
        }
        Ok(Some(Viewer::Person(person(session.id, &session.account, &self.strict))))
    }

    async fn device(&self, secret: Secret) -> Result<Option<Viewer>, StoreError> {
        let now = (self.now)();
        let token = self.registry.token(secret).await?;
        let Some(token) = token.filter(|token| token.is_good(now)) else { return Ok(None) };
        let last_use = token.last_use.unwrap_or_default();
        if now - last_use > NOTE_EVERY_MS {
            noted(self.registry.use_token(token.id, now).await);
        }
        Ok(Some(Viewer::Device(device(&token))))
    }
}

impl Said {
    fn believe(&mut self, key: Key, viewer: Arc<Viewer>, told: Instant) {
        let until = told + TRUST;
        if let Some(known) = self.all.get_mut(&key) {
            if known.told < told {
                (known.viewer, known.told, known.until) = (viewer, told, until);
            }
            return;
        }
        if self.all.len() >= KNOWN {
            let mut ages: Vec<_> = self.all.values().map(|known| known.told).collect();
            let tenth = *ages.select_nth_unstable(KNOWN / 10).1;
            self.all.retain(|_, known| known.told > tenth);
        }
        let asked = CancellationToken::new();
        asked.cancel();
        self.all.insert(key, Belief { viewer, told, until, asked });
    }

    /// Who is believed after the store was waited for; it is not for a while, if it
    /// has not answered.
    fn stand_in(&mut self, key: Key) -> Option<Arc<Viewer>> {
        let known = self.all.get_mut(&key)?;
        let now = Instant::now();
        if known.until <= now {
            known.until = now + TRUST;
        }
        Some(Arc::clone(&known.viewer))
    }
}

/// What is seen goes on though its use cannot be noted, on a disk that is full.
fn noted(done: Result<(), StoreError>) {
    if let Err(why) = done {
        tracing::warn!(error = %why, "noting the use of a credential");
    }
}

/// A person, as an account and a session make them, where some roles must have a second
/// factor. Who has no password signs in by a provider, whose affair that is.
pub fn person(id: SessionId, account: &Account, strict: &[Role]) -> Person {
    let lacks_factor =
        account.has_password && !account.has_factor && strict.contains(&account.role);
    let must = if account.must_change {
        Some(Must::ChangePassword)
    } else {
        lacks_factor.then_some(Must::EnrolSecondFactor)
    };
    Person {
        account: account.id,
        session: id,
        name: Arc::clone(&account.name),
        display: Arc::clone(&account.display),
        agency: account.agency,
        role: account.role,
        must,
    }
}

fn device(token: &Token) -> Device {
    Device {
        token: token.id,
        name: Arc::clone(&token.name),
        agency: token.agency,
        scopes: Arc::clone(&token.scopes),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_very_many_those_are_forgotten_who_have_not_come_for_longest() {
        let (mut said, begun) = (Said::default(), Instant::now());
        let key = |at: u32| {
            let mut secret = [0; 32];
            secret[..4].copy_from_slice(&at.to_be_bytes());
            Key::Token(secret)
        };
        let known = u32::try_from(KNOWN).unwrap();
        let told = |at| begun + Duration::from_millis(u64::from(at));
        for at in 0..known {
            said.believe(key(at), Arc::new(Viewer::Open), told(at));
        }
        said.believe(key(0), Arc::new(Viewer::Open), told(known));
        assert_eq!(said.all.len(), KNOWN, "who is known already drives nobody out");
        said.believe(key(known), Arc::new(Viewer::Open), told(known + 1));
        let has = |at| said.all.contains_key(&key(at));
        assert!(has(0) && has(known) && has(known / 5) && !has(1), "{}", said.all.len());
        assert!(said.all.len() > KNOWN * 8 / 10);
    }
}
