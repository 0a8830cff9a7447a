//! What the log of the service says of a store that is away: when that begins, once a
//! minute while it lasts, and when it is over, instead of at every attempt.

use std::fmt::Display;
use std::time::Duration;

use tokio::time::Instant;
use uuid::Uuid;

use super::aside::Held;

/// How often it is said that it lasts.
const AGAIN: Duration = Duration::from_mins(1);

/// Whether the store is away, as far as that was said.
#[derive(Debug, Default)]
pub struct Absence {
    lasting: Option<Lasting>,
    bringing: Option<Bringing>,
    /// When it was last said that there is no room to keep more.
    full: Option<Instant>,
    /// When it was last said that a record cannot be put by.
    stuck: Option<Instant>,
}

#[derive(Debug)]
struct Lasting {
    /// Under which all that it makes fail is found.
    number: String,
    since: Instant,
    told: Instant,
    /// The latest reason.
    why: String,
}

/// What was kept goes into the store.
#[derive(Debug)]
struct Bringing {
    since: Instant,
    items: u64,
}

impl Absence {
    /// The store is away, still or since now; the number under which that is said.
    pub fn goes_on(&mut self, now: Instant, why: &dyn Display, fate: &str) -> String {
        let why = why.to_string();
        let lasting = self.lasting.get_or_insert_with(|| {
            let number = Uuid::now_v7().to_string();
            tracing::error!(failure = number, error = why, "the store is away; {fate}");
            Lasting { number, since: now, told: now, why: String::new() }
        });
        lasting.why = why;
        lasting.number.clone()
    }

    /// Whether it was said that the store is away.
    pub const fn lasts(&self) -> bool {
        self.lasting.is_some()
    }

    /// Says once a minute that it lasts.
    pub fn remind(&mut self, now: Instant, held: Held, fate: &str) {
        let Some(lasting) = &mut self.lasting else { return };
        if now - lasting.told < AGAIN {
            return;
        }
        lasting.told = now;
        let Lasting { number, since, why, .. } = lasting;
        let Held { items, bytes } = held;
        tracing::warn!(
            failure = number,
            away_s = (now - *since).as_secs(),
            error = why,
            kept_items = items,
            kept_bytes = bytes,
            "the store is still away; {fate}"
        );
    }

    /// People's acts were refused, which cannot wait.
    pub fn refused(number: &str, acts: usize) {
        if acts > 0 {
            tracing::error!(failure = number, acts, "what cannot wait for the store is refused");
        }
    }

    /// There is no room to keep more: said once a minute.
    pub fn full(&mut self, now: Instant, why: &dyn Display) {
        if self.full.is_none_or(|told| now - told >= AGAIN) {
            self.full = Some(now);
            tracing::error!(error = %why, "there is no room to keep more aside; what comes is refused");
        }
    }

    /// A record that the store will not have cannot be put by: said once a minute.
    pub fn stuck(&mut self, now: Instant, why: &dyn Display) {
        if self.stuck.is_none_or(|told| now - told >= AGAIN) {
            self.stuck = Some(now);
            tracing::error!(
                error = %why,
                "the store does not take a record of the spool, and it cannot be put by: it stays \
                 there, and what came after it waits until it can be"
            );
        }
    }

    /// The store has taken something, with so much to be brought in.
    pub fn over(&mut self, now: Instant, held: Held) {
        let Some(Lasting { number, since, .. }) = self.lasting.take() else { return };
        let (away_s, kept_items) = ((now - since).as_secs(), held.items);
        tracing::info!(failure = number, away_s, kept_items, "the store is back");
        self.full = None;
        if held.items > 0 {
            let items = self.bringing.take().map_or(0, |bringing| bringing.items);
            self.bringing = Some(Bringing { since: now, items });
        }
    }

    /// The store has taken so much of what was kept.
    pub fn brought(&mut self, now: Instant, items: u64) {
        self.bringing.get_or_insert(Bringing { since: now, items: 0 }).items += items;
    }

    /// Says so when the store has all that was kept.
    pub fn look(&mut self, now: Instant, held: Held) {
        if held.items > 0 {
            return;
        }
        if let Some(Bringing { since, items }) = self.bringing.take() {
            let elapsed_ms = (now - since).as_millis();
            tracing::info!(items, elapsed_ms, "all that was kept is in the store");
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::sync::Arc;

    use super::*;

    #[test]
    fn an_absence_is_told_of_at_its_ends_and_once_a_minute() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        let log = tracing_subscriber::fmt()
            .with_ansi(false)
            .with_writer(Arc::new(File::create(&path).unwrap()))
            .finish();
        let _log = tracing::subscriber::set_default(log);
        let begun = Instant::now();
        let after = |seconds| begun + Duration::from_secs(seconds);
        let held = |items| Held { items, bytes: 900 };
        let mut absence = Absence::default();
        let first = absence.goes_on(after(0), &"no route", "it is kept");
        for second in 1..150 {
            assert_eq!(absence.goes_on(after(second), &"refused", "it is kept"), first);
            absence.remind(after(second), held(second), "it is kept");
            absence.full(after(second), &"full");
        }
        absence.over(after(150), held(7));
        absence.brought(after(151), 7);
        absence.look(after(152), held(0));
        absence.look(after(153), held(0));
        absence.over(after(154), held(0));
        let log = std::fs::read_to_string(path).unwrap();
        let told: Vec<_> = log.lines().filter(|line| !line.contains("no room to keep")).collect();
        assert_eq!((told.len(), log.lines().count()), (5, 8), "{log}");
        let wanted = [
            ("ERROR", "the store is away; it is kept", "no route"),
            (
                "WARN",
                "the store is still away; it is kept",
                "away_s=60 error=\"refused\" kept_items=60",
            ),
            ("WARN", "the store is still away; it is kept", "away_s=120"),
            ("INFO", "the store is back", "away_s=150 kept_items=7"),
            ("INFO", "all that was kept is in the store", "items=7 elapsed_ms=2000"),
        ];
        for (line, (level, said, with)) in told.iter().zip(wanted) {
            assert!(line.contains(level) && line.contains(said) && line.contains(with), "{line}");
        }
        assert!(told[..4].iter().all(|line| line.contains(&first)), "under one number: {log}");
    }
}
