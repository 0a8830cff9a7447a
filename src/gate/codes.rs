//! Who asked for the codes that walls show, as far as this process gave them.
//!
//! However many somebody asks for, others keep theirs: an address has a share, and when
//! all are taken the oldest of whoever has most goes.

use std::collections::HashMap;
use std::net::IpAddr;

use crate::domain::Time;

use super::Whence;
use super::network::Network;

/// Codes at once of one network.
const OF_NETWORK: usize = 50;

/// Codes at once: a service has a few walls, and a guess at a code must stay hopeless.
pub const MOST: usize = 500;

/// A wall that asked for a code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AskingWall {
    /// From where.
    pub address: Option<IpAddr>,
    /// With which program, as that says itself.
    pub agent: String,
    /// When.
    pub at: Time,
    /// Until when its code can be typed.
    pub ends_at: Time,
}

/// Those whose codes may still be typed, by code.
#[derive(Debug, Default)]
pub struct Codes(HashMap<String, (Network, AskingWall)>);

impl Codes {
    /// The code that must go so that one more can be given to a network, if one must.
    pub fn in_the_way(&mut self, of: Network, now: Time) -> Option<String> {
        self.0.retain(|_, (_, wall)| now < wall.ends_at);
        let mut shares: HashMap<Network, usize> = HashMap::new();
        for (network, _) in self.0.values() {
            *shares.entry(*network).or_default() += 1;
        }
        let loser = if shares.get(&of).is_some_and(|share| *share >= OF_NETWORK) {
            of
        } else if self.0.len() >= MOST {
            *shares.iter().max_by_key(|(network, share)| (**share, **network))?.0
        } else {
            return None;
        };
        let own = self.0.iter().filter(|(_, (network, _))| *network == loser);
        own.min_by_key(|(_, (_, wall))| wall.at).map(|(code, _)| code.clone())
    }

    /// A code was given, in the place of another if need be.
    pub fn given(&mut self, code: &str, whence: &Whence, (at, ends_at): (Time, Time)) {
        let wall = AskingWall { address: whence.address, agent: whence.agent.clone(), at, ends_at };
        self.0.insert(code.to_owned(), (whence.network(), wall));
    }

    /// A code is gone.
    pub fn gone(&mut self, code: &str) {
        self.0.remove(code);
    }

    /// Who asked for a code.
    pub fn of(&self, code: &str) -> Option<AskingWall> {
        self.0.get(code).map(|(_, wall)| wall.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whence(at: u16) -> Whence {
        let [high, low] = at.to_be_bytes();
        Whence::new([10, 1, high, low].into(), "Firefox")
    }

    fn ask(codes: &mut Codes, code: &str, from: u16, at: i64) -> Option<String> {
        let whence = whence(from);
        let gone = codes.in_the_way(whence.network(), Time::from_ms(at));
        if let Some(gone) = &gone {
            codes.gone(gone);
        }
        codes.given(code, &whence, (Time::from_ms(at), Time::from_ms(at + 600_000)));
        gone
    }

    #[test]
    fn a_stranger_who_asks_for_all_codes_loses_his_own() {
        let mut codes = Codes::default();
        ask(&mut codes, "wall", 0, 0);
        for at in 0..60 {
            let gone = ask(&mut codes, &format!("a{at}"), 1, 1 + at);
            assert_eq!(gone, (at >= 50).then(|| format!("a{}", at - 50)));
        }
        for from in 0..5_000 {
            let at = 100 + i64::from(from);
            ask(&mut codes, &format!("b{from}"), 2 + from % 100, at);
        }
        assert!(codes.0.len() <= MOST);
        assert!(codes.of("wall").is_some_and(|wall| wall.agent == "Firefox"));
        assert_eq!(ask(&mut codes, "late", 9_999, 700_000), None, "those that are over are gone");
        assert!(codes.of("wall").is_none());
    }
}
