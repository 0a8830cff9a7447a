//! The registry in PostGIS.

use std::sync::Arc;

use crate::access::{AccountId, SessionId, TokenId};
use crate::domain::Time;

use super::super::Answer;
use super::super::audit::Entry;
use super::super::registry::{
    Account, AccountChange, Changed, Claimed, Granted, Identity, NewAccount, NewSession, NewToken,
    OnlyIf, Registry, Secret, Session, Token, WallCode, WallSession,
};
use super::{Postgis, accounts, identities, sessions, tokens};

impl Registry for Postgis {
    fn any_account(&self) -> Answer<'_, bool> {
        Box::pin(accounts::any(&self.readers))
    }

    fn accounts(&self) -> Answer<'_, Vec<Account>> {
        Box::pin(accounts::all(&self.readers))
    }

    fn account(&self, name: Arc<str>) -> Answer<'_, Option<(Account, Option<String>)>> {
        Box::pin(async move { accounts::named(&self.readers, &name).await })
    }

    fn add_account(
        &self,
        new: NewAccount,
        first: bool,
        entry: Entry,
    ) -> Answer<'_, Option<AccountId>> {
        Box::pin(self.make_account(new, first, entry))
    }

    fn identified(&self, who: Identity) -> Answer<'_, Option<Account>> {
        Box::pin(async move { identities::of(&self.readers, &who).await })
    }

    fn add_identified(&self, new: NewAccount, who: Identity, entry: Entry) -> Answer<'_, bool> {
        Box::pin(self.make_identified(new, who, entry))
    }

    fn change_account(
        &self,
        id: AccountId,
        change: AccountChange,
        keep: Option<SessionId>,
        only_if: OnlyIf,
        entry: Entry,
    ) -> Answer<'_, Changed> {
        Box::pin(self.alter_account(id, change, keep, only_if, entry))
    }

    fn count_failure(&self, id: AccountId) -> Answer<'_, ()> {
        Box::pin(accounts::count_failure(&self.writers, id))
    }

    fn add_session(&self, new: NewSession, entry: Entry) -> Answer<'_, SessionId> {
        Box::pin(self.make_session(new, entry))
    }

    fn session(&self, secret: Secret) -> Answer<'_, Option<Session>> {
        Box::pin(sessions::of(&self.readers, secret))
    }

    fn sessions_of(&self, secrets: Vec<Secret>) -> Answer<'_, Vec<(Secret, Session)>> {
        Box::pin(sessions::of_all(&self.readers, secrets))
    }

    fn sessions(&self, of: Option<AccountId>, now: Time) -> Answer<'_, Vec<Session>> {
        Box::pin(sessions::good(&self.readers, of, now))
    }

    fn end_session(&self, id: SessionId, entry: Entry) -> Answer<'_, ()> {
        Box::pin(self.drop_session(id, entry))
    }

    fn use_session(&self, id: SessionId, at: Time) -> Answer<'_, ()> {
        Box::pin(sessions::touch(&self.writers, id, at))
    }

    fn add_token(&self, new: NewToken, entry: Entry) -> Answer<'_, TokenId> {
        Box::pin(self.make_token(new, entry))
    }

    fn token(&self, secret: Secret) -> Answer<'_, Option<Token>> {
        Box::pin(tokens::of(&self.readers, secret))
    }

    fn tokens_of(&self, secrets: Vec<Secret>) -> Answer<'_, Vec<(Secret, Token)>> {
        Box::pin(tokens::of_all(&self.readers, secrets))
    }

    fn tokens(&self) -> Answer<'_, Vec<Token>> {
        Box::pin(tokens::all(&self.readers))
    }

    fn revoke_token(&self, id: TokenId, at: Time, entry: Entry) -> Answer<'_, ()> {
        Box::pin(self.withdraw_token(id, at, entry))
    }

    fn use_token(&self, id: TokenId, at: Time) -> Answer<'_, ()> {
        Box::pin(tokens::touch(&self.writers, id, at))
    }

    fn use_all(&self, sessions: Vec<SessionId>, tokens: Vec<TokenId>, at: Time) -> Answer<'_, ()> {
        Box::pin(async move {
            sessions::touch_all(&self.writers, sessions, at).await?;
            tokens::touch_all(&self.writers, tokens, at).await
        })
    }

    fn add_code(&self, new: WallCode, instead_of: Option<String>, most: u32) -> Answer<'_, bool> {
        Box::pin(self.keep_code(new, instead_of, most))
    }

    fn grant_code(
        &self,
        code: String,
        wall: NewAccount,
        now: Time,
        entry: Entry,
    ) -> Answer<'_, Granted> {
        Box::pin(self.let_in(code, wall, now, entry))
    }

    fn claim_code(&self, claim: Secret, session: WallSession, entry: Entry) -> Answer<'_, Claimed> {
        Box::pin(self.claim(claim, session, entry))
    }
}
