//! What a repair of the log's times is to leave behind.

use uuid::Uuid;

use crate::domain::Time;
use crate::store::Entry;
use crate::store::repair::Order;

use super::watch::{CONFIRMED_NOTE, REPAIRED_NOTE};
use crate::pipeline::{retention, start};

/// The order to bring a log back to a time. What runs on the store ends by the note of
/// it; what that still writes behind the log is dropped at the next start, which finds
/// it made by another.
#[must_use]
pub fn order(now: Time, entry: Entry) -> Order {
    let repaired = Uuid::now_v7().to_string();
    let notes = vec![
        (start::MADE_NOTE, format!("repair {repaired}")),
        (retention::PROVEN_NOTE, now.to_string()),
        (CONFIRMED_NOTE, now.to_string()),
        (REPAIRED_NOTE, repaired),
    ];
    Order { now, entry, notes }
}
