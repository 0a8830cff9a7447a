//! Partitions by month, made before the first row of a month needs one.
//!
//! What is older than 2000 or as late as 2100 has partitions of its own, made with
//! the tables: a device whose clock is nonsense makes no new ones.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;
use jiff::civil::{Date, date};
use jiff::tz::TimeZone;
use sqlx::postgres::{PgConnection, PgPool};
use sqlx::{AssertSqlSafe, Executor};

use crate::domain::Time;

use super::super::StoreError;
use super::super::error::During;
use super::super::tracks::{Block, HOUR_MS};
use super::locks;

/// Years that are parted into months.
const YEARS: std::ops::Range<i16> = 2000..2100;

/// A table that is parted by months.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Parted {
    Incidents,
    Tracks,
}

impl Parted {
    const fn name(self) -> &'static str {
        match self {
            Self::Incidents => "incidents",
            Self::Tracks => "tracks",
        }
    }

    /// A day's beginning, as the table counts time.
    fn bound(self, day: Date) -> String {
        match self {
            Self::Incidents => format!("'{day}T00:00:00Z'"),
            Self::Tracks => (start(day).ms() / HOUR_MS).to_string(),
        }
    }
}

/// The months that are known to have partitions.
#[derive(Debug, Default)]
pub struct Months(Mutex<BTreeSet<(Parted, Date)>>);

impl Months {
    /// Makes the partitions for incidents that occurred at these times.
    pub async fn make_for_incidents(
        &self,
        writers: &PgPool,
        times: impl Iterator<Item = Time>,
    ) -> Result<(), StoreError> {
        self.make(writers, Parted::Incidents, times).await
    }

    /// Makes the partitions for rows of tracks.
    pub async fn make_for_tracks(
        &self,
        writers: &PgPool,
        rows: &[Block],
    ) -> Result<(), StoreError> {
        self.make(writers, Parted::Tracks, times_of(rows)).await
    }

    /// Whether a row of tracks has no partition, as far as is known.
    pub fn lack_tracks(&self, rows: &[Block]) -> bool {
        let months = times_of(rows).filter_map(first_day).collect::<BTreeSet<_>>();
        let made = self.made();
        months.into_iter().any(|month| !made.contains(&(Parted::Tracks, month)))
    }

    /// Makes the partitions for times, and the one after the newest ahead. Nobody waits
    /// for this who has a connection already: there may be no other.
    async fn make(
        &self,
        writers: &PgPool,
        table: Parted,
        times: impl Iterator<Item = Time>,
    ) -> Result<(), StoreError> {
        let mut wanted: BTreeSet<Date> = times.filter_map(first_day).collect();
        let ahead = wanted.last().map(|newest| next(*newest));
        wanted.extend(ahead.filter(|day| YEARS.contains(&day.year())));
        wanted.retain(|month| !self.made().contains(&(table, *month)));
        if wanted.is_empty() {
            return Ok(());
        }
        let mut tx = locks::begin(writers, locks::SCHEMA).await?;
        for &month in &wanted {
            let parent = table.name();
            let name = format!("{parent}_{}", month.strftime("%Y_%m"));
            let there: bool = sqlx::query_scalar("SELECT to_regclass($1) IS NOT NULL")
                .bind(&name)
                .fetch_one(&mut *tx)
                .await
                .during("looking for a month's partition")?;
            if there {
                continue;
            }
            // Attached, not made in place: so nobody has to wait for it.
            let (from, to) = (table.bound(month), table.bound(next(month)));
            let make = format!(
                "CREATE TABLE {name} (LIKE {parent} INCLUDING DEFAULTS INCLUDING STORAGE);
                 ALTER TABLE {parent} ATTACH PARTITION {name} FOR VALUES FROM ({from}) TO ({to})"
            );
            tx.execute(AssertSqlSafe(make)).await.during("making a month's partition")?;
        }
        tx.commit().await.during("making a month's partition")?;
        self.made().extend(wanted.into_iter().map(|month| (table, month)));
        Ok(())
    }

    /// Drops the months of tracks that end by a time.
    pub async fn drop_tracks_before(
        &self,
        within: &mut PgConnection,
        before: Time,
    ) -> Result<(), StoreError> {
        let list = "SELECT relname::text FROM pg_inherits JOIN pg_class ON oid = inhrelid
                    WHERE inhparent = 'tracks'::regclass";
        let names: Vec<String> = sqlx::query_scalar(list)
            .fetch_all(&mut *within)
            .await
            .during("listing the months of tracks")?;
        for name in names {
            let Some(month) = month_of(Parted::Tracks, &name) else { continue };
            if start(next(month)) <= before {
                let drop = format!("DROP TABLE {name}");
                within.execute(AssertSqlSafe(drop)).await.during("dropping a month of tracks")?;
                self.made().remove(&(Parted::Tracks, month));
            }
        }
        Ok(())
    }

    /// Forgets which months have partitions: another server may have dropped some.
    pub fn look_again(&self) {
        self.made().clear();
    }

    fn made(&self) -> std::sync::MutexGuard<'_, BTreeSet<(Parted, Date)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn times_of(rows: &[Block]) -> impl Iterator<Item = Time> {
    rows.iter().map(|row| Time::from_ms(row.hour.saturating_mul(HOUR_MS)))
}

/// The first day of the month of a time, if its year is parted into months.
fn first_day(at: Time) -> Option<Date> {
    let at = Timestamp::from_millisecond(at.ms()).ok()?;
    let day = TimeZone::UTC.to_datetime(at).date().first_of_month();
    YEARS.contains(&day.year()).then_some(day)
}

/// The month of a partition's name; `None` if it is not one of a month.
fn month_of(table: Parted, name: &str) -> Option<Date> {
    let (year, month) = name.strip_prefix(table.name())?.strip_prefix('_')?.split_once('_')?;
    Date::new(year.parse().ok()?, month.parse().ok()?, 1).ok()
}

fn next(month: Date) -> Date {
    match month.month() {
        12 => date(month.year() + 1, 1, 1),
        other => date(month.year(), other + 1, 1),
    }
}

fn start(day: Date) -> Time {
    TimeZone::UTC.to_timestamp(day.at(0, 0, 0, 0)).map(Time::from).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Option<String> {
        first_day(text.parse().unwrap()).map(|day| day.to_string())
    }

    #[test]
    fn a_month_is_utcs_and_years_far_off_have_none() {
        assert_eq!(of("2026-03-01T07:59:59+08:00").as_deref(), Some("2026-02-01"));
        assert_eq!(of("2026-03-01T08:00:00+08:00").as_deref(), Some("2026-03-01"));
        assert_eq!(of("1999-12-31T23:59:59Z"), None);
        assert_eq!(of("2100-01-01T00:00:00Z"), None);
        assert_eq!(first_day(Time::from_ms(i64::MAX)), None);
        assert_eq!(next(date(2026, 12, 1)), date(2027, 1, 1));
        assert_eq!(month_of(Parted::Tracks, "tracks_2026_03"), Some(date(2026, 3, 1)));
        assert_eq!(month_of(Parted::Tracks, "tracks_early"), None);
        assert_eq!(Parted::Tracks.bound(date(2000, 1, 1)), "262968");
        assert_eq!(Parted::Tracks.bound(date(2100, 1, 1)), "1139568");
    }
}
