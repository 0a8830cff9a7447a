//! The members of an alert.

use std::fmt;
use std::sync::Arc;

use serde::de::{SeqAccess, Visitor};
use serde::ser::SerializeSeq;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::IncidentId;

/// Members kept together; what is copied when one comes or goes.
const CHUNK: usize = 512;

/// Numbers of incidents, ascending. A copy shares what it holds with the original,
/// and goes on sharing all but what then changes: so of an alert that grew by a
/// thousand reports there can be a thousand portraits.
#[derive(Clone, Default)]
pub struct Members {
    /// Each ascending, none empty, all of one below all of the next.
    chunks: Arc<Vec<Arc<Vec<IncidentId>>>>,
    len: usize,
}

impl Members {
    /// How many there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The lowest.
    #[must_use]
    pub fn first(&self) -> Option<IncidentId> {
        self.chunks.first().and_then(|chunk| chunk.first()).copied()
    }

    /// All of them, ascending.
    pub fn iter(&self) -> impl Iterator<Item = &IncidentId> + Clone {
        self.chunks.iter().flat_map(|chunk| chunk.iter())
    }

    /// Those below a number, descending.
    pub fn below(&self, id: IncidentId) -> impl Iterator<Item = IncidentId> {
        let upto = self.chunks.partition_point(|chunk| chunk.first().is_some_and(|&at| at < id));
        let rest = self.chunks[..upto].iter().rev().flat_map(|chunk| chunk.iter().rev());
        rest.copied().skip_while(move |&at| at >= id)
    }

    /// Whether it is there.
    #[must_use]
    pub fn contains(&self, id: IncidentId) -> bool {
        self.chunks.get(self.home(id)).is_some_and(|chunk| chunk.binary_search(&id).is_ok())
    }

    /// Takes one in.
    pub fn insert(&mut self, id: IncidentId) {
        let home = self.home(id).min(self.chunks.len().saturating_sub(1));
        let chunks = Arc::make_mut(&mut self.chunks);
        let Some(chunk) = chunks.get_mut(home) else {
            chunks.push(Arc::new(vec![id]));
            self.len = 1;
            return;
        };
        let Err(at) = chunk.binary_search(&id) else { return };
        let own = Arc::make_mut(chunk);
        own.insert(at, id);
        self.len += 1;
        if own.len() > CHUNK {
            // What comes last is mostly followed by more.
            let keep = if at + 1 == own.len() { CHUNK } else { CHUNK / 2 };
            let rest = own.split_off(keep);
            chunks.insert(home + 1, Arc::new(rest));
        }
    }

    /// Takes one out.
    pub fn remove(&mut self, id: IncidentId) {
        let home = self.home(id);
        let Some(Ok(at)) = self.chunks.get(home).map(|chunk| chunk.binary_search(&id)) else {
            return;
        };
        let chunks = Arc::make_mut(&mut self.chunks);
        let own = Arc::make_mut(&mut chunks[home]);
        own.remove(at);
        self.len -= 1;
        let left = own.len();
        if left == 0 {
            chunks.remove(home);
        } else if chunks.get(home + 1).is_some_and(|next| left + next.len() <= CHUNK / 2) {
            let next = chunks.remove(home + 1);
            Arc::make_mut(&mut chunks[home]).extend_from_slice(&next);
        }
    }

    /// How many of its numbers it does not share with another.
    #[cfg(test)]
    pub(crate) fn apart_from(&self, other: &Self) -> usize {
        let shared = |of: &&Arc<Vec<_>>| other.chunks.iter().any(|known| Arc::ptr_eq(of, known));
        self.chunks.iter().filter(|of| !shared(of)).map(|of| of.len()).sum()
    }

    /// The chunk that holds a number, or would: the first that does not end below it.
    fn home(&self, id: IncidentId) -> usize {
        self.chunks.partition_point(|chunk| chunk.last().is_some_and(|&last| last < id))
    }
}

impl PartialEq for Members {
    fn eq(&self, other: &Self) -> bool {
        // What is shared is not looked at.
        self.len == other.len && (self.chunks == other.chunks || self.iter().eq(other.iter()))
    }
}

impl Eq for Members {}

impl FromIterator<IncidentId> for Members {
    fn from_iter<T: IntoIterator<Item = IncidentId>>(all: T) -> Self {
        let mut all: Vec<IncidentId> = all.into_iter().collect();
        all.sort_unstable();
        all.dedup();
        let chunks = all.chunks(CHUNK).map(|chunk| Arc::new(chunk.to_vec())).collect();
        Self { chunks: Arc::new(chunks), len: all.len() }
    }
}

impl fmt::Debug for Members {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

/// As a list of numbers.
impl Serialize for Members {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut all = to.serialize_seq(Some(self.len))?;
        for id in self.iter() {
            all.serialize_element(id)?;
        }
        all.end()
    }
}

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Seq;
        impl<'de> Visitor<'de> for Seq {
            type Value = Members;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("numbers of incidents")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut all: A) -> Result<Members, A::Error> {
                let mut members = Vec::new();
                while let Some(id) = all.next_element()? {
                    members.push(id);
                }
                Ok(members.into_iter().collect())
            }
        }
        from.deserialize_seq(Seq)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn members_that_come_and_go_are_those_of_a_set(
            steps in prop::collection::vec((any::<bool>(), 0..3_000_u64), 0..2_000),
            first in 0..2_000_u64,
        ) {
            let mut members: Members = (0..first).map(IncidentId).collect();
            let mut set: BTreeSet<IncidentId> = (0..first).map(IncidentId).collect();
            for (comes, id) in steps {
                let id = IncidentId(id);
                let before = members.clone();
                if comes {
                    members.insert(id);
                    set.insert(id);
                } else {
                    members.remove(id);
                    set.remove(&id);
                }
                prop_assert_eq!(members.contains(id), comes);
                prop_assert!(before.len().abs_diff(members.len()) <= 1);
            }
            prop_assert!(members.iter().eq(set.iter()));
            prop_assert_eq!((members.len(), members.first()), (set.len(), set.first().copied()));
            let middle = IncidentId(first / 2);
            prop_assert!(members.below(middle).eq(set.range(..middle).rev().copied()));
            let bytes = postcard::to_stdvec(&members).unwrap();
            prop_assert_eq!(&bytes, &postcard::to_stdvec(&set).unwrap());
            let read: Members = postcard::from_bytes(&bytes).unwrap();
            prop_assert!(read.iter().eq(members.iter()));
        }
    }

    #[test]
    fn a_copy_shares_all_but_what_changes() {
        let members: Members = (0..100_000).map(IncidentId).collect();
        let mut more = members.clone();
        more.insert(IncidentId(1_000_000));
        assert!(more.apart_from(&members) <= CHUNK);
        assert!(more.len() == members.len() + 1 && !members.contains(IncidentId(1_000_000)));
    }
}
