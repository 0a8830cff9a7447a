//! Real reports of another time, sent again in their own order.

use std::io::Read;

use serde::Deserialize;
use tokio_util::sync::CancellationToken;

use crate::domain::{LngLat, Provenance, Time};
use crate::wire::RegionView;

use super::doors::{DoorError, Doors};
use super::pace::Pace;
use super::records::{IncidentIn, Tally, rounded};

/// How to replay.
#[derive(Clone, Debug)]
pub struct Options {
    /// How many times faster than life; 0: without waiting.
    pub speed: f64,
    /// The step when there is no waiting, ms.
    pub step_ms: i64,
    /// Up to this moment there is no waiting in any case.
    pub from: Option<Time>,
    /// How long the clock runs on after the last report, ms.
    pub tail_ms: i64,
}

/// Why a replay ended early.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// The file is no such table.
    #[error("line {line}: {why}")]
    Line {
        /// Which, from 1; the header is line 1.
        line: u64,
        /// What is wrong.
        why: String,
    },
    /// A door refused.
    #[error(transparent)]
    Door(#[from] DoorError),
    /// The server's clock is its own.
    #[error("the server keeps its own time: start it with --clock driven")]
    WallClock,
}

/// A line of the file; further columns are passed over.
#[derive(Debug, Deserialize)]
struct Row {
    external_id: String,
    occurred_at: String,
    matter: String,
    lon: f64,
    lat: f64,
    source: String,
    #[serde(default)]
    description: String,
}

/// The reports of a file in the order of their times, and how many lines were
/// left out because the region's catalogue does not know their matter.
///
/// A matter is named by its code, its name or its English name in the
/// catalogue, exactly.
pub fn read(table: impl Read, region: &RegionView) -> Result<(Vec<IncidentIn>, u64), ReplayError> {
    let mut reader = csv::Reader::from_reader(table);
    let mut reports = Vec::new();
    let mut left_out = 0;
    for (index, row) in reader.deserialize::<Row>().enumerate() {
        let line = index as u64 + 2;
        let wrong = |why: String| ReplayError::Line { line, why };
        let row = row.map_err(|why| wrong(why.to_string()))?;
        let named = |known: &&crate::wire::MatterView| {
            [&known.code, &known.name, &known.name_en].contains(&&row.matter)
        };
        let Some(matter) = region.matters.iter().find(named) else {
            tracing::warn!(line, matter = row.matter, "the catalogue has no such matter; left out");
            left_out += 1;
            continue;
        };
        let point = LngLat::new(row.lon, row.lat).map_err(|why| wrong(why.to_string()))?;
        let (lon, lat) = rounded(point);
        let occurred_at = row.occurred_at.parse().map_err(|why| wrong(format!("{why}")))?;
        reports.push(IncidentIn {
            source: row.source,
            external_id: row.external_id,
            matter: matter.code.clone(),
            lon,
            lat,
            occurred_at,
            description: row.description,
            provenance: Provenance::Replay,
        });
    }
    reports.sort_by_key(|report| report.occurred_at);
    Ok((reports, left_out))
}

/// Sends a file, each report when its time comes.
pub async fn run(
    doors: &Doors,
    table: impl Read,
    options: &Options,
    stop: &CancellationToken,
) -> Result<Tally, ReplayError> {
    let region = doors.region().await?;
    if !region.driven_clock {
        return Err(ReplayError::WallClock);
    }
    let (reports, _) = read(table, &region)?;
    let mut tally = Tally::default();
    tokio::select! {
        () = stop.cancelled() => {}
        done = play(doors, &reports, options, &mut tally) => done?,
    }
    Ok(tally)
}

async fn play(
    doors: &Doors,
    reports: &[IncidentIn],
    options: &Options,
    tally: &mut Tally,
) -> Result<(), ReplayError> {
    let (Some(first), Some(last)) = (reports.first(), reports.last()) else { return Ok(()) };
    let end: Time = last.occurred_at + options.tail_ms;
    let mut now = first.occurred_at - 1;
    let from = options.from.unwrap_or(now).min(end);
    let mut at_once = Pace::new(now, 0.0, options.step_ms, false);
    let mut paced: Option<Pace> = None;
    let mut left = reports;
    while now < end {
        let waits = now >= from && options.speed > 0.0;
        now = if now < from {
            at_once.next().await.min(from)
        } else {
            let pace = || Pace::new(now, options.speed, options.step_ms, false);
            paced.get_or_insert_with(pace).next().await.min(end)
        };
        let due = left.partition_point(|report| report.occurred_at <= now);
        let (due, later) = left.split_at(due);
        left = later;
        // Nobody watches the clock of a run that does not wait.
        if waits || !due.is_empty() || now == from || now == end {
            doors.put_clock(now).await?;
            tally.add(&doors.post_incidents(due).await?);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Level;
    use crate::wire::MatterView;

    fn region() -> RegionView {
        let matter = |code: &str, name: &str, name_en: &str| MatterView {
            code: code.to_owned(),
            class: "street".to_owned(),
            name: name.to_owned(),
            name_en: name_en.to_owned(),
        };
        RegionView {
            name: "甲".to_owned(),
            name_en: "A".to_owned(),
            time_zone: "UTC".to_owned(),
            view: [0.0, 0.0, 1.0, 1.0],
            level: Level::County,
            window_ms: 0,
            jurisdictions: Vec::new(),
            zones: Vec::new(),
            matters: vec![matter("graffiti", "涂鸦", "Graffiti Removal")],
            rules: Vec::new(),
            rules_revision: String::new(),
            layers: Vec::new(),
            tiles: None,
            driven_clock: true,
            build: String::new(),
            attribution: String::new(),
            attribution_en: String::new(),
        }
    }

    #[test]
    fn a_matter_is_found_by_code_and_by_either_name_and_lines_are_put_in_order() {
        let table = "external_id,occurred_at,matter,lon,lat,source,extra\n\
            1,2015-01-03T00:00:00-05:00,Graffiti Removal,-71.1,42.3,App,x\n\
            2,2015-01-02T00:00:00-05:00,graffiti,-71.1,42.3,App,x\n\
            3,2015-01-01T00:00:00-05:00,涂鸦,-71.1,42.3,App,x\n\
            4,2015-01-01T00:00:00-05:00,Potholes,-71.1,42.3,App,x\n";
        let (reports, left_out) = read(table.as_bytes(), &region()).unwrap();
        let ids: Vec<_> = reports.iter().map(|report| report.external_id.as_str()).collect();
        assert_eq!((ids, left_out), (vec!["3", "2", "1"], 1));
        assert!(reports.iter().all(|report| report.matter == "graffiti"));
        assert!(reports.iter().all(|report| report.provenance == Provenance::Replay));
    }

    #[test]
    fn a_bad_line_is_named() {
        let table = "external_id,occurred_at,matter,lon,lat,source\n1,yesterday,graffiti,0,0,App\n";
        let why = read(table.as_bytes(), &region()).unwrap_err();
        assert!(why.to_string().starts_with("line 2: "), "{why}");
    }
}
