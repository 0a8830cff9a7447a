//! Whether the store can take what is in the spool.

use crate::spool::Record;

use super::gather::EVENTS;
use super::portion::Portion;

/// Whether the store can take what is in the spool.
///
/// One record that it never will must not hold up all that comes after.
#[derive(Debug, Default)]
pub enum Trust {
    /// As far as is known.
    #[default]
    Full,
    /// It refused a portion of several: the next ones are of one record each.
    Little,
    /// It refused this record, which may be the store's fault.
    Suspect(u64, Record),
    /// It has taken something else since.
    Guilty(u64, Record),
}

impl Trust {
    /// How many items to bring in at once.
    pub const fn items(&self) -> usize {
        match self {
            Self::Full => EVENTS,
            _ => 1,
        }
    }

    /// The store refused a portion, though it can be reached.
    pub fn refused(&mut self, portion: Portion) {
        *self = match portion.alone {
            Some(record) => Self::Suspect(portion.upto, record),
            None => Self::Little,
        };
    }

    /// The store has taken something that is not of the spool.
    pub fn store_works(&mut self) {
        *self = match std::mem::take(self) {
            Self::Suspect(number, record) => Self::Guilty(number, record),
            trust => trust,
        };
    }

    /// The record that the store will not have; those after it are trusted again.
    pub fn sentence(&mut self) -> Option<(u64, Record)> {
        match std::mem::take(self) {
            Self::Guilty(number, record) => Some((number, record)),
            trust => {
                *self = trust;
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_else_the_store_takes_clears_no_record_of_its_suspicion() {
        let mut trust = Trust::default();
        let portion = |alone| Portion { upto: 7, alone, ..Portion::default() };
        trust.refused(portion(None));
        trust.store_works();
        assert_eq!(trust.items(), 1, "one at a time until one is found out");
        trust.refused(portion(Some(Record::default())));
        assert!(matches!(trust, Trust::Suspect(..)));
        for _ in 0..2 {
            trust.store_works();
            assert!(matches!(trust, Trust::Guilty(..)));
        }
        assert_eq!(trust.sentence(), Some((7, Record::default())));
        assert_eq!((trust.sentence(), trust.items()), (None, EVENTS));
    }
}
