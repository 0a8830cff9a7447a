//! By whom what is held for requests and sockets is counted.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use axum::http::Extensions;

use crate::access::{AccountId, TokenId, Viewer};
use crate::gate::Network;

use super::pass::{Knock, Pass};

/// One who asks: an account, however many sessions it has; a token; of those who have
/// not signed in, a network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Asker {
    /// Whoever is at a machine whose service is open.
    Open,
    /// A person, or a wall.
    Account(AccountId),
    /// A device, or all who have its token.
    Token(TokenId),
    /// Somebody who has not signed in.
    Stranger(Network),
}

impl From<&Viewer> for Asker {
    fn from(viewer: &Viewer) -> Self {
        match viewer {
            Viewer::Open => Self::Open,
            Viewer::Person(person) => Self::Account(person.account),
            Viewer::Device(device) => Self::Token(device.token),
        }
    }
}

impl Asker {
    /// Of a request that a guard has seen.
    pub fn of(extensions: &Extensions) -> Option<Self> {
        if let Some(pass) = extensions.get::<Pass>() {
            return Some(Self::from(&*pass.viewer));
        }
        let knock = extensions.get::<Knock>()?;
        Some(Self::Stranger(knock.whence.network()))
    }
}

/// Sockets that are open, by whose they are.
#[derive(Clone, Debug, Default)]
pub struct Sockets(Arc<Mutex<HashMap<Asker, usize>>>);

/// One of them, as long as this is kept.
#[derive(Debug)]
pub struct OneSocket(Sockets, Asker);

impl Sockets {
    /// One more, unless there are `most` already.
    pub fn open(&self, asker: Asker, most: usize) -> Option<OneSocket> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let own = all.entry(asker).or_default();
        if *own >= most {
            return None;
        }
        *own += 1;
        Some(OneSocket(self.clone(), asker))
    }
}

impl Drop for OneSocket {
    fn drop(&mut self) {
        let mut all = self.0.0.lock().unwrap_or_else(PoisonError::into_inner);
        match all.get_mut(&self.1) {
            Some(many) if *many > 1 => *many -= 1,
            _ => drop(all.remove(&self.1)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_has_so_many_sockets_and_no_more() {
        let all = Sockets::default();
        let (one, other) = (Asker::Account(AccountId(1)), Asker::Token(TokenId(1)));
        let held: Vec<_> = (0..9).filter_map(|_| all.open(one, 3)).collect();
        assert_eq!(held.len(), 3);
        assert!(all.open(other, 3).is_some());
        drop(held);
        assert!(all.0.lock().unwrap().is_empty());
    }
}
