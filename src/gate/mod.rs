//! Who is at the door: signing in and out, sessions, tokens, walls, and for how
//! long an open socket stays open.
//!
//! Credentials are looked up in the store, and what it says is believed for a while, for
//! longer if it does not answer: devices report on ([`belief`]). Whoever has a socket
//! open is looked up anew every [`BEAT`], so what is revoked on this or another server
//! of the same store is out within seconds. As long as the store has no account
//! everybody is [`Viewer::Open`]; the first account, made here or at the command line,
//! closes the service for good.

mod accounts;
mod belief;
mod chain;
mod codes;
mod device;
mod error;
mod foreign;
mod guests;
mod hasher;
mod http;
mod network;
mod password;
mod policy;
mod provider;
mod secret;
mod sign_in;
mod throttle;
mod tokens;
mod walls;

use std::fmt;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tokio::sync::Notify;

use crate::access::Viewer;
use crate::domain::Time;
use crate::store::audit::{Outcome, UNKNOWN_NAME, Who};
use crate::store::hex;
use crate::store::registry::Account;
use crate::store::replies::RequestName;
use crate::store::{Entry, Ledger, Registry, StoreError};

pub use accounts::NewPerson;
pub use chain::{ChainError, Followed, follow};
pub use codes::AskingWall;
pub use error::GateError;
pub use foreign::Foreigner;
pub use guests::Guest;
pub use network::Network;
pub use password::Passwords;
pub use policy::Policy;
pub use provider::{Agreement, Arrival, Provider, ProviderError, Trip};
pub use secret::{first_password, hash_of};
pub use sign_in::SignedIn;
pub use throttle::Errand;
pub use tokens::Made;
pub use walls::{Code, Wall};

use belief::{Beliefs, Key};
use codes::Codes;
use guests::Guests;
use throttle::Throttle;

/// Tells the time.
type Now = Arc<dyn Fn() -> Time + Send + Sync>;

/// How often those with open sockets are looked up anew.
const BEAT: Duration = Duration::from_secs(2);

/// Bytes kept of what a program says it is.
const AGENT: usize = 200;

/// Bytes looked at of what a device shows to be known by.
const DEVICE: usize = 1_024;

/// What a request shows to say whose it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Credential {
    /// Nothing.
    None,
    /// The secret of a session.
    Session(String),
    /// The secret of a token.
    Token(String),
}

/// Where a request comes from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Whence {
    /// Its address; none at the command line.
    pub address: Option<IpAddr>,
    /// The program, as it says itself.
    pub agent: String,
    /// The request, if it came with a key.
    pub request: Option<RequestName>,
    /// What the device shows to be known by ([`SignedIn::device`]); empty if nothing.
    pub device: String,
}

impl Whence {
    /// An address, and what a program says it is, cut to a bearable length.
    #[must_use]
    pub fn new(address: IpAddr, agent: &str) -> Self {
        let end = agent.floor_char_boundary(AGENT);
        let (address, agent) = (Some(address.to_canonical()), agent[..end].to_owned());
        Self { address, agent, ..Self::default() }
    }

    /// The same, from a device that shows something to be known by.
    #[must_use]
    pub fn with_device(mut self, shown: &str) -> Self {
        shown.get(..shown.len().min(DEVICE)).unwrap_or_default().clone_into(&mut self.device);
        self
    }

    /// The address; of the command line, none that there is.
    #[must_use]
    pub fn counted_at(&self) -> IpAddr {
        self.address.unwrap_or(Ipv4Addr::UNSPECIFIED.into())
    }

    /// The network by which what comes from there is counted.
    #[must_use]
    pub fn network(&self) -> Network {
        self.counted_at().into()
    }
}

/// Keeps the doors.
pub struct Gate {
    registry: Arc<dyn Registry>,
    beliefs: Beliefs,
    ledger: Arc<dyn Ledger>,
    now: Now,
    open: Arc<Viewer>,
    closed: AtomicBool,
    setup: Mutex<Option<String>>,
    passwords: Passwords,
    policy: Policy,
    /// Key of the hashes that stand for unknown names; of this run alone.
    name_key: [u8; 32],
    /// Locked for a look-up at a time, like the next.
    guests: Mutex<Guests>,
    throttle: Mutex<Throttle>,
    codes: Mutex<Codes>,
    /// Something was revoked: look at the guests at once.
    stirred: Notify,
}

impl Gate {
    /// The gate of a store. `now` is the machine's own time, as far as it is
    /// believed: sessions do not end earlier because a replay, or a clock that is
    /// wrong, shows another year.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn open(
        registry: Arc<dyn Registry>,
        ledger: Arc<dyn Ledger>,
        now: impl Fn() -> Time + Send + Sync + 'static,
    ) -> Result<Self, GateError> {
        let now: Now = Arc::new(now);
        let closed = registry.any_account().await?;
        let setup = if closed { None } else { Some(secret::session()?) };
        let beliefs = Beliefs::new(Arc::clone(&registry), Arc::clone(&now));
        Ok(Self {
            registry,
            beliefs,
            ledger,
            now,
            open: Arc::new(Viewer::Open),
            closed: AtomicBool::new(closed),
            setup: Mutex::new(setup),
            passwords: Passwords::default(),
            policy: Policy::default(),
            name_key: secret::random()?,
            guests: Mutex::default(),
            throttle: Mutex::default(),
            codes: Mutex::default(),
            stirred: Notify::new(),
        })
    }

    /// The same under another policy.
    #[must_use]
    pub fn with(self, policy: Policy) -> Self {
        Self { policy, ..self }
    }

    /// The operator's rules for accounts and sessions.
    #[must_use]
    pub const fn policy(&self) -> &Policy {
        &self.policy
    }

    /// Whether the service has accounts, and so asks everybody who they are.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Acquire)
    }

    /// The key with which the first account can be made, while there is none.
    #[must_use]
    pub fn setup_key(&self) -> Option<String> {
        lock(&self.setup).clone()
    }

    /// The machine's own time.
    #[must_use]
    pub fn now(&self) -> Time {
        (self.now)()
    }

    /// Whose a credential is; `None` if nobody's.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn who(&self, credential: &Credential) -> Result<Option<Arc<Viewer>>, StoreError> {
        if !self.is_closed() {
            return Ok(Some(Arc::clone(&self.open)));
        }
        match Key::of(credential) {
            None => Ok(None),
            Some(key) => self.beliefs.who(key).await,
        }
    }

    /// Counts a request of somebody who has not signed in.
    ///
    /// # Errors
    /// When there were too many from there.
    pub fn count_stranger(&self, errand: Errand, whence: &Whence) -> Result<(), GateError> {
        let counted = lock(&self.throttle).count_errand(errand, whence.network(), self.now());
        counted.map_err(sign_in::throttled)
    }

    /// Writes that a viewer may not do a deed; beyond a bearable number a minute
    /// it is only counted, and while the store is away it is logged, but no entry.
    pub async fn denied(&self, viewer: &Viewer, whence: &Whence, deed: &str, target: &str) {
        metrics::counter!("pilin_refused_total").increment(1);
        let who = Who::from(viewer);
        if !lock(&self.throttle).count_denial(&who, self.now()) {
            return;
        }
        if let Err(why) = self.refused(who, whence, deed, target, "not allowed").await {
            tracing::error!(error = %why, deed, target, "writing a refusal to the audit log");
        }
    }

    /// Writes that a deed was refused. What is refused to those who have not signed in
    /// is written up to a bearable number a minute, and then summed up.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn refused(
        &self,
        who: impl Into<Who>,
        whence: &Whence,
        deed: &str,
        target: &str,
        why: &str,
    ) -> Result<(), StoreError> {
        let who = who.into();
        if who == Who::Nobody && !lock(&self.throttle).count_stranger(self.now()) {
            metrics::counter!("pilin_refused_total").increment(1);
            return Ok(());
        }
        let mut entry = self.entry(who, whence, deed, target);
        entry.outcome = Outcome::Refused(why.to_owned());
        self.ledger.record(entry).await
    }

    /// Writes that somebody could not sign in as `account`, or by a name that no account
    /// has: that name is not written, for it may be a password. Equal names of one run
    /// of the service have equal hashes.
    pub(super) async fn refused_sign_in(
        &self,
        whence: &Whence,
        name: &str,
        account: Option<&Account>,
        why: &str,
    ) -> Result<(), StoreError> {
        if !lock(&self.throttle).count_stranger(self.now()) {
            metrics::counter!("pilin_refused_total").increment(1);
            return Ok(());
        }
        let target = account.map_or(UNKNOWN_NAME, |account| &account.name);
        let mut entry = self.entry(Who::Nobody, whence, "sign-in", target);
        match account {
            Some(account) => entry.about = Some(account.agency),
            None => entry.after = Some(json!({"name_hash": self.name_hash(name)})),
        }
        entry.outcome = Outcome::Refused(why.to_owned());
        self.ledger.record(entry).await
    }

    fn name_hash(&self, name: &str) -> String {
        let hash = Sha256::new().chain_update(self.name_key).chain_update(name).finalize();
        hex::encode(&hash.into())[..12].to_owned()
    }

    /// Writes an entry on its own.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn record(&self, entry: Entry) -> Result<(), StoreError> {
        self.ledger.record(entry).await
    }

    /// An entry of a deed done now.
    #[must_use]
    pub fn entry(&self, who: impl Into<Who>, whence: &Whence, deed: &str, target: &str) -> Entry {
        Entry {
            at: self.now(),
            who: who.into(),
            address: whence.address,
            agent: whence.agent.clone(),
            deed: deed.to_owned(),
            target: target.chars().take(AGENT).collect(),
            before: None,
            after: None,
            outcome: Outcome::Done,
            about: None,
            request: whence.request.clone(),
        }
    }

    /// The audit log.
    #[must_use]
    pub fn ledger(&self) -> &dyn Ledger {
        &*self.ledger
    }

    /// Who is known.
    #[must_use]
    pub fn registry(&self) -> &dyn Registry {
        &*self.registry
    }

    /// Forgets what was believed of some, after it was revoked or changed; what is
    /// believed of others stands in when the store goes.
    fn forget(&self, whom: impl Fn(&Viewer) -> bool) {
        self.beliefs.forget(whom);
        self.stirred.notify_one();
    }

    fn close(&self) {
        self.closed.store(true, Ordering::Release);
        *lock(&self.setup) = None;
        self.stirred.notify_one();
    }
}

impl fmt::Debug for Gate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gate").field("closed", &self.closed).finish_non_exhaustive()
    }
}

/// An entry with how something is after.
fn telling(mut entry: Entry, before: Option<Value>, after: Value) -> Entry {
    entry.before = before;
    entry.after = Some(after);
    entry
}

/// Takes a lock. What these guard is whole after every statement, so a poisoned
/// lock is taken all the same.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
