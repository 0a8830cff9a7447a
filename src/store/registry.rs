//! Accounts, sessions, tokens and the codes of walls, as a store keeps them.
//!
//! Secrets are kept as hashes alone: a password as an argon2id string, every
//! other secret (32 random bytes) as its SHA-256. Whatever changes something
//! takes the audit entry of the deed and writes it in the same transaction.

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use crate::access::{AccountId, Role, Scope, SessionId, TokenId};
use crate::domain::{Code, Time};

use super::Answer;
use super::audit::Entry;
use super::factors::Factors;

/// SHA-256 of a secret.
pub type Secret = [u8; 32];

/// Who is known to a service.
pub trait Registry: Factors + fmt::Debug + Send + Sync + 'static {
    /// Whether there is any account, disabled ones included.
    fn any_account(&self) -> Answer<'_, bool>;

    /// Every account, by its number.
    fn accounts(&self) -> Answer<'_, Vec<Account>>;

    /// The account of a name, with its password's hash if it has one.
    fn account(&self, name: Arc<str>) -> Answer<'_, Option<(Account, Option<String>)>>;

    /// Makes an account; `None`, and nothing written, if its name is taken, or if
    /// it was to be the first and is not.
    fn add_account(
        &self,
        new: NewAccount,
        first: bool,
        entry: Entry,
    ) -> Answer<'_, Option<AccountId>>;

    /// The account of an identity.
    fn identified(&self, who: Identity) -> Answer<'_, Option<Account>>;

    /// Makes the account of an identity; `false`, and nothing written, if its name
    /// is taken.
    fn add_identified(&self, new: NewAccount, who: Identity, entry: Entry) -> Answer<'_, bool>;

    /// Changes an account, if it may be. Another password, or disabling it, ends its
    /// sessions, but for `keep`.
    fn change_account(
        &self,
        id: AccountId,
        change: AccountChange,
        keep: Option<SessionId>,
        only_if: OnlyIf,
        entry: Entry,
    ) -> Answer<'_, Changed>;

    /// Counts that somebody could not sign in to an account.
    fn count_failure(&self, id: AccountId) -> Answer<'_, ()>;

    /// Makes a session, notes that its account has signed in, and forgets those that
    /// are long over.
    fn add_session(&self, new: NewSession, entry: Entry) -> Answer<'_, SessionId>;

    /// The session of a secret, over or not.
    fn session(&self, secret: Secret) -> Answer<'_, Option<Session>>;

    /// The sessions of many secrets, over or not; of a secret that is none's, nothing.
    fn sessions_of(&self, secrets: Vec<Secret>) -> Answer<'_, Vec<(Secret, Session)>>;

    /// Every session that may still be used at a time, of one account or of all.
    fn sessions(&self, of: Option<AccountId>, now: Time) -> Answer<'_, Vec<Session>>;

    /// Ends a session.
    fn end_session(&self, id: SessionId, entry: Entry) -> Answer<'_, ()>;

    /// Notes that a session was used.
    fn use_session(&self, id: SessionId, at: Time) -> Answer<'_, ()>;

    /// Makes a token.
    fn add_token(&self, new: NewToken, entry: Entry) -> Answer<'_, TokenId>;

    /// The token of a secret, revoked or not.
    fn token(&self, secret: Secret) -> Answer<'_, Option<Token>>;

    /// The tokens of many secrets, revoked or not; of a secret that is none's, nothing.
    fn tokens_of(&self, secrets: Vec<Secret>) -> Answer<'_, Vec<(Secret, Token)>>;

    /// Every token, revoked ones included, by its number.
    fn tokens(&self) -> Answer<'_, Vec<Token>>;

    /// Revokes a token.
    fn revoke_token(&self, id: TokenId, at: Time, entry: Entry) -> Answer<'_, ()>;

    /// Notes that a token was used.
    fn use_token(&self, id: TokenId, at: Time) -> Answer<'_, ()>;

    /// Notes that many were used.
    fn use_all(&self, sessions: Vec<SessionId>, tokens: Vec<TokenId>, at: Time) -> Answer<'_, ()>;

    /// Keeps a wall's code, and forgets those that are over, the one that it is
    /// `instead_of`, and, if there are as many as there may be, the oldest; none that
    /// was granted. `false`, and nothing kept, if there is such a code already.
    fn add_code(&self, new: WallCode, instead_of: Option<String>, most: u32) -> Answer<'_, bool>;

    /// Lets the wall of a code in, under the account of `wall`'s name: a new one,
    /// or a wall's of the same agency.
    fn grant_code(
        &self,
        code: String,
        wall: NewAccount,
        now: Time,
        entry: Entry,
    ) -> Answer<'_, Granted>;

    /// Takes a code back with the secret it was given with: if it was granted, it
    /// is gone, and a session of its wall is made with `secret`.
    fn claim_code(&self, claim: Secret, session: WallSession, entry: Entry) -> Answer<'_, Claimed>;
}

/// An account.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a column of its own")]
pub struct Account {
    /// Its number.
    pub id: AccountId,
    /// The name to sign in with; unique.
    pub name: Arc<str>,
    /// What others read.
    pub display: Arc<str>,
    /// The jurisdiction whose agency it belongs to.
    pub agency: Code,
    /// What it is for.
    pub role: Role,
    /// Whether it can no longer be used.
    pub disabled: bool,
    /// When it was made.
    pub created_at: Time,
    /// Whether its owner must choose another password before anything else.
    pub must_change: bool,
    /// When its password was set; 1970 if that is not known.
    pub password_at: Time,
    /// When it last signed in.
    pub last_sign_in: Option<Time>,
    /// How often signing in failed since then.
    pub failed_tries: u64,
    /// Whether it has a second factor.
    pub has_factor: bool,
    /// Whether it can sign in by a password.
    pub has_password: bool,
}

/// An account to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewAccount {
    /// The name to sign in with.
    pub name: Arc<str>,
    /// What others read.
    pub display: Arc<str>,
    /// The jurisdiction whose agency it belongs to.
    pub agency: Code,
    /// What it is for.
    pub role: Role,
    /// Its password's argon2id string; a wall has none.
    pub password: Option<String>,
    /// Whether its owner must choose another password before anything else.
    pub must_change: bool,
    /// Now.
    pub at: Time,
}

/// Who somebody is to a provider of OpenID Connect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The provider's issuer.
    pub issuer: Arc<str>,
    /// Who it is to that issuer.
    pub subject: Arc<str>,
}

/// What is to be otherwise with an account.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AccountChange {
    /// What others read.
    pub display: Option<Arc<str>>,
    /// The jurisdiction whose agency it belongs to.
    pub agency: Option<Code>,
    /// What it is for.
    pub role: Option<Role>,
    /// Whether it can no longer be used.
    pub disabled: Option<bool>,
    /// Its password's argon2id string.
    pub password: Option<String>,
    /// Whether its owner must choose another than this password before anything else.
    pub must_change: bool,
    /// When the password was set.
    pub at: Time,
}

/// When an account may be changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OnlyIf {
    /// It is as it was when it was looked at.
    pub seen: Option<Account>,
    /// Somebody who manages accounts and can sign in is left at one of these agencies, if the account is one.
    pub admin_of: Option<Vec<Code>>,
}

/// What came of changing an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Changed {
    /// It is done.
    Done,
    /// It has changed since it was looked at.
    Overtaken,
    /// Nobody who manages accounts would be left.
    LastAdmin,
}

impl OnlyIf {
    /// Whether an account of all there are may be changed.
    #[must_use]
    pub fn judge(&self, all: &[Account], id: AccountId, change: &AccountChange) -> Changed {
        let Some(account) = all.iter().find(|account| account.id == id) else {
            return Changed::Done;
        };
        // Whoever tries to sign in meanwhile keeps nobody from changing it.
        let Account { last_sign_in, failed_tries, .. } = *account;
        let tried = |seen: &Account| Account { last_sign_in, failed_tries, ..seen.clone() };
        if self.seen.as_ref().is_some_and(|seen| tried(seen) != *account) {
            return Changed::Overtaken;
        }
        let Some(agencies) = &self.admin_of else { return Changed::Done };
        let administers = |one: &Account| {
            matches!(one.role, Role::Admin | Role::SecurityAdmin)
                && !one.disabled
                && agencies.contains(&one.agency)
        };
        let after = Account {
            agency: change.agency.unwrap_or(account.agency),
            role: change.role.unwrap_or(account.role),
            disabled: change.disabled.unwrap_or(account.disabled),
            ..account.clone()
        };
        let others = all.iter().filter(|other| other.id != id);
        let is_left = administers(&after) || others.into_iter().any(administers);
        if administers(account) && !is_left { Changed::LastAdmin } else { Changed::Done }
    }
}

/// A session of an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Its number.
    pub id: SessionId,
    /// Whose; as the account is now.
    pub account: Account,
    /// When it was made.
    pub created_at: Time,
    /// When it was last used, to about a minute.
    pub last_use: Time,
    /// How long it may rest, in ms.
    pub idle_ms: i64,
    /// When it ends at the latest.
    pub ends_at: Time,
    /// From which address it was made.
    pub address: Option<IpAddr>,
    /// With which program, as that says itself.
    pub agent: String,
    /// When whose it is last proved who they are.
    pub verified_at: Time,
}

impl Session {
    /// Whether it may be used at a time.
    #[must_use]
    pub fn is_good(&self, now: Time) -> bool {
        !self.account.disabled && now < self.ends_at && now - self.last_use < self.idle_ms
    }
}

/// A session to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewSession {
    /// Whose.
    pub account: AccountId,
    /// The hash of its secret.
    pub secret: Secret,
    /// Now.
    pub at: Time,
    /// How long it may rest, in ms.
    pub idle_ms: i64,
    /// When it ends at the latest.
    pub ends_at: Time,
    /// How many its account has at once, with it; those that rested longest end.
    pub most: u32,
    /// From which address.
    pub address: Option<IpAddr>,
    /// With which program, as that says itself.
    pub agent: String,
}

/// A token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// Its number.
    pub id: TokenId,
    /// What it is called.
    pub name: Arc<str>,
    /// The jurisdiction whose agency it belongs to.
    pub agency: Code,
    /// What it may be used for.
    pub scopes: Arc<[Scope]>,
    /// When it was made.
    pub created_at: Time,
    /// When it was last used, to about a minute.
    pub last_use: Option<Time>,
    /// When it ends, if it does.
    pub ends_at: Option<Time>,
    /// When it was revoked.
    pub revoked_at: Option<Time>,
}

impl Token {
    /// Whether it may be used at a time.
    #[must_use]
    pub fn is_good(&self, now: Time) -> bool {
        self.revoked_at.is_none() && self.ends_at.is_none_or(|end| now < end)
    }
}

/// A token to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewToken {
    /// What it is called.
    pub name: Arc<str>,
    /// The jurisdiction whose agency it belongs to.
    pub agency: Code,
    /// What it may be used for.
    pub scopes: Arc<[Scope]>,
    /// The hash of its secret.
    pub secret: Secret,
    /// Now.
    pub at: Time,
    /// When it ends, if it does.
    pub ends_at: Option<Time>,
}

/// A code that a wall shows, to be typed at a desk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WallCode {
    /// The code.
    pub code: String,
    /// The hash of the secret that the wall keeps to itself.
    pub claim: Secret,
    /// Now.
    pub at: Time,
    /// Until when it can be granted and claimed.
    pub ends_at: Time,
}

/// What came of granting a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Granted {
    /// The wall is let in.
    Done,
    /// There is no such code, or no longer.
    Unknown,
    /// The name is another's.
    NameTaken,
}

/// The session that a wall is to get.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WallSession {
    /// The hash of its secret.
    pub secret: Secret,
    /// Now.
    pub at: Time,
    /// How long it may rest, in ms.
    pub idle_ms: i64,
    /// When it ends at the latest.
    pub ends_at: Time,
    /// How many its account has at once, with it; those that rested longest end.
    pub most: u32,
    /// From which address.
    pub address: Option<IpAddr>,
    /// With which program, as that says itself.
    pub agent: String,
}

/// What came of claiming a code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Claimed {
    /// Nobody has typed it yet.
    Waiting,
    /// There is no such code, or no longer.
    Unknown,
    /// The session, of this account.
    Done(SessionId, Account),
}
