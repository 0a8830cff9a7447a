//! What has grown old is forgotten.

use std::time::Duration;

use serde_json::json;
use tokio_util::sync::CancellationToken;

use crate::config::Retention;
use crate::domain::{Forget, Time};
use crate::store::{Entry, Store};

use super::clock;
use super::inlet::Inlet;
use super::submission::Submission;

/// How often it is looked whether a day is over.
const EVERY: Duration = Duration::from_hours(1);

const DAY_MS: i64 = 86_400_000;

/// Has the fixes forgotten that are older than they are to be kept, a whole day
/// (UTC's) at once, until told to stop.
pub async fn retain(
    inlet: Inlet,
    store: &dyn Store,
    retention: Retention,
    stop: CancellationToken,
) {
    let Some(days) = retention.positions_days else { return };
    let mut beat = tokio::time::interval(EVERY);
    let mut done = None;
    while stop.run_until_cancelled(beat.tick()).await.is_some() {
        let Some(before) = inlet.now().map(|now| first_kept(now, days)) else { continue };
        if done.is_some_and(|done| done >= before) {
            continue;
        }
        match store.has_fixes_before(before).await {
            Ok(false) => continue,
            Ok(true) => {}
            Err(why) => {
                tracing::error!(error = %why, "looking for old positions; trying again");
                continue;
            }
        }
        let forget = Forget { unit: None, before };
        match inlet.send_told(Submission::Forget(forget), Some(entry(days, before))).await {
            Ok(_) => done = Some(before),
            Err(why) => tracing::error!(error = %why, "forgetting old positions; trying again"),
        }
    }
}

/// The beginning of the first day whose fixes are kept.
fn first_kept(now: Time, days: u32) -> Time {
    let oldest = now - i64::from(days) * DAY_MS;
    oldest - oldest.ms().rem_euclid(DAY_MS)
}

fn entry(days: u32, before: Time) -> Entry {
    let after = json!({"days": days, "before": before});
    Entry::of_pilin(clock::wall(), "retain", "positions".to_owned(), after)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_go_as_a_whole() {
        let kept = |now: &str, days| first_kept(now.parse().unwrap(), days).to_string();
        assert_eq!(kept("2026-03-04T17:00:00Z", 90), "2025-12-04T00:00:00.000Z");
        assert_eq!(kept("2026-03-04T00:00:00Z", 1), "2026-03-03T00:00:00.000Z");
    }
}
