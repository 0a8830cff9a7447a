//! What the system says of its clock.

use std::path::Path;
use std::time::{Duration, UNIX_EPOCH};

use crate::domain::Time;

/// What systemd-timesyncd touches whenever it has synchronised the clock (see
/// `systemd-time-wait-sync.service(8)`). Asking the kernel itself (`adjtimex`) is what
/// the unit that docs/operate.md gives does not allow.
pub const STAMP: &str = "/run/systemd/timesync/synchronized";

/// The clock is synchronised at least so often (2,048 s), with something to spare.
const OFTEN: Duration = Duration::from_mins(40);

/// Whether the system has synchronised the clock of late, as that clock itself shows:
/// one that was set since then is not it.
pub fn vouches(stamp: &Path, wall: Time) -> bool {
    let touched = stamp.metadata().and_then(|found| found.modified());
    let since = touched.ok().and_then(|touched| touched.duration_since(UNIX_EPOCH).ok());
    let Some(since) = since.and_then(|since| i64::try_from(since.as_millis()).ok()) else {
        return false;
    };
    let ago = wall - Time::from_ms(since);
    u128::try_from(ago).is_ok_and(|ago| ago <= OFTEN.as_millis())
}

#[cfg(test)]
mod tests {
    use std::fs::{File, FileTimes};

    use super::*;

    #[test]
    fn a_clock_that_was_set_since_it_was_synchronised_is_not_vouched_for() {
        let folder = tempfile::tempdir().unwrap();
        let stamp = folder.path().join("synchronized");
        let touched = UNIX_EPOCH + Duration::from_hours(498_911);
        let now = Time::from_ms(498_911 * 3_600_000 + 60_000);
        assert!(!vouches(&stamp, now), "there is none");
        let times = FileTimes::new().set_modified(touched);
        File::create(&stamp).unwrap().set_times(times).unwrap();
        assert!(vouches(&stamp, now));
        assert!(!vouches(&stamp, now + 8 * 3_600_000));
        assert!(!vouches(&stamp, now - 8 * 3_600_000));
    }
}
