//! Time and failures on the way to the store, drawn by seed.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;
use rustc_hash::FxHashMap;
use tokio::time::{Instant, sleep_until};

use crate::store::memory::{Deed, Weather};
use crate::store::{Answer, StoreError};

/// One turn of the simulation, ms. What the driver does happens at its beginning,
/// and each kind of answer at a moment of its own within it; so that a task that
/// waits for several things never finds two of them at once, of which it would take
/// one by chance.
pub const TURN_MS: u64 = 8;

/// Until the beginning of a turn that comes after so many, and so much later.
pub async fn turn(begun: Instant, turns: u64, moment: u64) {
    let gone = u64::try_from(begun.elapsed().as_millis()).unwrap();
    let mut at = (gone / TURN_MS + turns) * TURN_MS + moment;
    if at <= gone {
        at += TURN_MS;
    }
    sleep_until(begun + Duration::from_millis(at)).await;
}

#[derive(Debug)]
pub struct Rough {
    seed: u64,
    begun: Instant,
    failing: AtomicBool,
    /// A row of draws for each way, so that none depends on the order of others.
    draws: Mutex<FxHashMap<(Deed, bool), Pcg64Mcg>>,
}

impl Rough {
    pub fn new(seed: u64, begun: Instant) -> Self {
        Self { seed, begun, failing: AtomicBool::new(true), draws: Mutex::default() }
    }

    /// Nothing fails from now on.
    pub fn clear_up(&self) {
        self.failing.store(false, Ordering::Relaxed);
    }

    /// How many turns it takes, and whether it fails.
    fn draw(&self, deed: Deed, back: bool) -> (u64, bool) {
        let mut draws = self.draws.lock().unwrap();
        let seed = self.seed ^ (deed as u64) << 32 ^ u64::from(back) << 40;
        let draw = draws.entry((deed, back)).or_insert_with(|| Pcg64Mcg::seed_from_u64(seed));
        let turns = if draw.random_bool(0.02) {
            draw.random_range(0..200)
        } else {
            draw.random_range(0..3)
        };
        let fails = draw.random_bool(match (deed, back) {
            (Deed::Ask, _) => 0.0,
            (Deed::Append, _) | (_, false) => 0.06,
            (_, true) => 0.03,
        });
        (turns, fails && self.failing.load(Ordering::Relaxed))
    }

    async fn pass(&self, deed: Deed, back: bool) -> Result<(), StoreError> {
        let (turns, fails) = self.draw(deed, back);
        let moment = match (deed, back) {
            (Deed::Append, false) => Some(1),
            (Deed::Append, true) => Some(2),
            (Deed::Read, true) => Some(3),
            (Deed::Look, true) => Some(4),
            (Deed::Keep, true) => Some(5),
            (Deed::Ask, true) => Some(6),
            (_, false) => None,
        };
        if let Some(moment) = moment {
            turn(self.begun, turns, moment).await;
        }
        let failure = || StoreError::Database {
            deed: "failing in a simulation",
            why: sqlx::Error::WorkerCrashed,
        };
        if fails { Err(failure()) } else { Ok(()) }
    }
}

impl Weather for Rough {
    fn out(&self, deed: Deed) -> Answer<'_, ()> {
        Box::pin(self.pass(deed, false))
    }
    fn back(&self, deed: Deed) -> Answer<'_, ()> {
        Box::pin(self.pass(deed, true))
    }
}
