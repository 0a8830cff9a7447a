//! How many connections there may be, and whose go when there are too many.
//!
//! There is a bound in all, below what the process may have open, so that the store and
//! the spool find descriptors; and a bound of each network. Who comes when a bound is
//! reached takes the place of the connection that has rested for longest: of the own
//! network, or of the one that has most. One on which somebody who has signed in asks for
//! something, or has a socket open, is left alone.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rustix::process::{Resource, getrlimit};
use tokio_util::sync::CancellationToken;

use crate::gate::Network;

/// Descriptors kept back for the store, the spool and what else is opened, at least.
const KEPT_BACK: usize = 128;

/// All connections.
#[derive(Debug)]
pub struct Connections {
    most: usize,
    of_network: usize,
    taken: Mutex<Taken>,
}

#[derive(Debug, Default)]
struct Taken {
    next: u64,
    all: usize,
    /// The oldest of each network first. Those from trusted proxies are nobody's.
    by_network: HashMap<Option<Network>, BTreeMap<u64, Line>>,
}

/// What is known of one connection.
#[derive(Clone, Debug, Default)]
struct Line {
    busy: Arc<AtomicBool>,
    out: CancellationToken,
}

/// The place of one connection, as long as it is kept.
#[derive(Debug)]
pub struct Seat {
    of: Arc<Connections>,
    network: Option<Network>,
    number: u64,
    line: Line,
}

/// Somebody's request is under way as long as this is kept.
#[derive(Debug)]
pub struct Busy {
    line: Arc<AtomicBool>,
    for_good: AtomicBool,
}

impl Connections {
    /// None yet; at most so many, and of one network.
    pub fn new(most: usize, of_network: usize) -> Arc<Self> {
        Arc::new(Self { most, of_network, taken: Mutex::default() })
    }

    /// As many as are wanted and as the process may have open, with enough kept back.
    pub fn bound(wanted: usize) -> usize {
        let open = getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX);
        let open = usize::try_from(open).unwrap_or(usize::MAX);
        let kept_back = (open / 8).max(KEPT_BACK.min(open / 2));
        wanted.min(open - kept_back).max(1)
    }

    /// A place for one more of a network, or of a proxy that is trusted; none if there
    /// is none to be had. An `open` service leaves its own machine all of them.
    pub fn admit(self: &Arc<Self>, network: Option<Network>, open: bool) -> Option<Seat> {
        let mut taken = self.lock();
        let own = taken.by_network.get(&network).map_or(0, BTreeMap::len);
        let of_network = if open || network.is_none() { self.most } else { self.of_network };
        if own >= of_network {
            taken.cut_resting_one(network)?;
        } else if taken.all >= self.most {
            let others = taken.by_network.iter().filter(|(network, _)| network.is_some());
            let (largest, lines) = others.max_by_key(|(_, lines)| lines.len())?;
            // Who has more than others makes way for nobody but others.
            if lines.len() <= own {
                return None;
            }
            let largest = *largest;
            taken.cut_resting_one(largest)?;
        }
        let (number, line) = (taken.next, Line::default());
        taken.next += 1;
        taken.all += 1;
        taken.by_network.entry(network).or_default().insert(number, line.clone());
        Some(Seat { of: Arc::clone(self), network, number, line })
    }

    fn lock(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Taken {
    /// Cuts the oldest connection of a network on which nothing is under way. Its place
    /// is free at once.
    fn cut_resting_one(&mut self, of: Option<Network>) -> Option<()> {
        let lines = self.by_network.get_mut(&of)?;
        let resting = lines.iter().find(|(_, line)| !line.busy.load(Ordering::Relaxed));
        let (number, line) = resting.map(|(number, line)| (*number, line.clone()))?;
        line.out.cancel();
        self.remove(of, number);
        Some(())
    }

    fn remove(&mut self, network: Option<Network>, number: u64) {
        let Some(lines) = self.by_network.get_mut(&network) else { return };
        if lines.remove(&number).is_some() {
            self.all -= 1;
            if lines.is_empty() {
                self.by_network.remove(&network);
            }
        }
    }
}

impl Seat {
    /// Cancelled when the connection is to make way.
    pub fn out(&self) -> CancellationToken {
        self.line.out.clone()
    }

    /// What says of a request that it is somebody's, and under way.
    pub fn bell(&self) -> Bell {
        Bell(Arc::clone(&self.line.busy))
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.of.lock().remove(self.network, self.number);
    }
}

/// Says of one connection that somebody's request is under way; told to its requests.
#[derive(Clone, Debug)]
pub struct Bell(Arc<AtomicBool>);

impl Bell {
    /// One is, until what is returned is dropped.
    pub fn ring(&self) -> Busy {
        self.0.store(true, Ordering::Relaxed);
        Busy { line: Arc::clone(&self.0), for_good: AtomicBool::new(false) }
    }
}

impl Busy {
    /// The connection has become a socket: it is never at rest again.
    pub fn for_good(&self) {
        self.for_good.store(true, Ordering::Relaxed);
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        if !self.for_good.load(Ordering::Relaxed) {
            self.line.store(false, Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use super::*;

    fn network(last: u8) -> Network {
        IpAddr::from([10, 0, 0, last]).into()
    }

    #[test]
    fn who_opens_more_than_may_be_loses_the_own_that_rest() {
        let all = Connections::new(10, 3);
        let seats: Vec<_> = (0..3).map(|_| all.admit(Some(network(1)), false).unwrap()).collect();
        let (busy, socket) = (seats[0].bell().ring(), seats[1].bell().ring());
        socket.for_good();
        drop(socket);
        let more = all.admit(Some(network(1)), false).unwrap();
        let out: Vec<_> = seats.iter().map(|seat| seat.out().is_cancelled()).collect();
        assert_eq!(out, [false, false, true]);
        more.bell().ring().for_good();
        assert!(all.admit(Some(network(1)), false).is_none(), "none rests");
        assert!(all.admit(Some(network(2)), false).is_some(), "and others come in");
        drop(busy);
        assert!(all.admit(Some(network(1)), false).is_some());
        drop((seats, more));
        assert_eq!(all.lock().all, 0);
        assert!(all.lock().by_network.is_empty());
    }

    #[test]
    fn when_all_are_taken_whoever_has_most_makes_way() {
        let all = Connections::new(6, 4);
        let many: Vec<_> = (0..4).map(|_| all.admit(Some(network(1)), false).unwrap()).collect();
        let few: Vec<_> = (0..2).map(|_| all.admit(Some(network(2)), false).unwrap()).collect();
        let third = all.admit(Some(network(3)), false).unwrap();
        assert!(many[0].out().is_cancelled() && !few[0].out().is_cancelled());
        assert!(all.admit(Some(network(1)), false).is_none(), "nobody makes way for who has most");
        // A trusted proxy speaks for many: it has no bound of its own, and makes no way.
        let proxy = all.admit(None, false).unwrap();
        assert!(many[1].out().is_cancelled() && !proxy.out().is_cancelled());
        drop(third);
    }

    #[test]
    fn an_open_service_has_no_bound_of_one_address() {
        let all = Connections::new(6, 1);
        let seats: Vec<_> = (0..6).filter_map(|_| all.admit(Some(network(1)), true)).collect();
        assert_eq!(seats.len(), 6);
        assert!(Connections::bound(usize::MAX) < usize::MAX);
        assert_eq!(Connections::bound(3), 3);
    }
}
