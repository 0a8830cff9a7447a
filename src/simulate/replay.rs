//! Real reports of another time, sent again in their own order.

use std::io::Read;

use csv::ByteRecord;
use tokio_util::sync::CancellationToken;

use crate::domain::{LngLat, Provenance, Time};
use crate::table::{self, Coordinates, Lines, Table, TableError, columns};
use crate::wire::{MatterView, RegionView};

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
    #[error(transparent)]
    Table(#[from] TableError),
    /// A door refused.
    #[error(transparent)]
    Door(#[from] DoorError),
    /// The server's clock is its own.
    #[error("the server keeps its own time: start it with --clock driven")]
    WallClock,
}

/// The reports of a file in the order of their times, and how many lines were
/// left out because the region's catalogue does not know their matter, or because
/// they have no coordinates.
///
/// A matter is named by its code, its name or its English name in the
/// catalogue, exactly.
pub fn read(
    mut table: Table<impl Read>,
    region: &RegionView,
) -> Result<(Vec<IncidentIn>, u64), TableError> {
    let external_id = table.need(columns::ID)?;
    let occurred_at = table.need(columns::TIME)?;
    let matter = table.need(columns::MATTER)?;
    let coordinates = Coordinates::of(&table)?;
    let source = table.need(columns::SOURCE)?;
    let description = table.find(columns::DESCRIPTION)?;
    let mut reports = Vec::new();
    let mut blank = Lines::default();
    let mut left_out = 0;
    let mut line = ByteRecord::new();
    while table.next(&mut line)? {
        let Some((lon, lat)) = coordinates.at(&line)? else {
            blank.add(&line);
            continue;
        };
        let name = matter.text(&line)?;
        let Some(code) = code(region, name) else {
            tracing::warn!(
                line = table::number(&line),
                matter = name,
                "the catalogue has no such matter; left out"
            );
            left_out += 1;
            continue;
        };
        let point = LngLat::new(lon, lat);
        let (lon, lat) = rounded(point.map_err(|why| table::wrong(&line, why))?);
        let at = occurred_at.text(&line)?.parse();
        let description = description.map(|column| column.text(&line)).transpose()?;
        reports.push(IncidentIn {
            source: source.text(&line)?.to_owned(),
            external_id: external_id.text(&line)?.to_owned(),
            matter: code.to_owned(),
            lon,
            lat,
            occurred_at: at.map_err(|why| occurred_at.wrong(&line, why))?,
            description: description.unwrap_or_default().to_owned(),
            provenance: Provenance::Replay,
        });
    }
    if blank.count() > 0 {
        tracing::warn!("left out: {blank} without coordinates");
        left_out += blank.count();
    }
    reports.sort_by_key(|report| report.occurred_at);
    Ok((reports, left_out))
}

/// The code of the matter of this code or name.
fn code<'a>(region: &'a RegionView, name: &str) -> Option<&'a str> {
    let named = |known: &&MatterView| [&*known.code, &known.name, &known.name_en].contains(&name);
    region.matters.iter().find(named).map(|known| &*known.code)
}

/// Sends a file, each report when its time comes.
pub async fn run(
    doors: &Doors,
    table: impl Read,
    options: &Options,
    stop: &CancellationToken,
) -> Result<Tally, ReplayError> {
    let table = Table::open(table)?;
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
            tally.add(&doors.post_incidents(due, |_, _| true).await?);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Level;

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
            classes: Vec::new(),
            matters: vec![matter("graffiti", "涂鸦", "Graffiti Removal")],
            rules: Vec::new(),
            rules_revision: String::new(),
            layers: Vec::new(),
            display: Vec::new(),
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
        let table = Table::open(table.as_bytes()).unwrap();
        let (reports, left_out) = read(table, &region()).unwrap();
        let ids: Vec<_> = reports.iter().map(|report| report.external_id.as_str()).collect();
        assert_eq!((ids, left_out), (vec!["3", "2", "1"], 1));
        assert!(reports.iter().all(|report| report.matter == "graffiti"));
        assert!(reports.iter().all(|report| report.provenance == Provenance::Replay));
    }

    #[test]
    fn a_bad_line_is_named() {
        let why = |text: &str| {
            let table = Table::open(text.as_bytes()).unwrap();
            read(table, &region()).unwrap_err().to_string()
        };
        let header = "external_id,occurred_at,matter,lon,lat,source\n";
        let yesterday = why(&format!("{header}1,yesterday,graffiti,0,0,App\n"));
        assert!(yesterday.starts_with("line 2: occurred_at: not an RFC 3339 time"), "{yesterday}");
        let missing = why("external_id\n");
        assert!(missing.starts_with("there is no column “occurred_at” or “time” or"), "{missing}");
        let open = format!(
            "{header}r1,2026-03-02T10:00:00+08:00,graffiti,0,0,ok\n\
             r2,2026-03-02T10:01:00+08:00,graffiti,0,0,\"open\n\
             r3,2026-03-02T10:02:00+08:00,graffiti,0,0,ok\n"
        );
        assert_eq!(why(&open), "line 3: a quote is opened here and never closed");
    }

    #[test]
    fn a_line_without_coordinates_is_left_out_and_chinese_names_are_known() {
        let table = "编号,发生时间,事项,经度,纬度,来源,描述\n\
            1,2015-01-03T00:00:00-05:00,涂鸦,-71.1,42.3,App,x\n\
            2,2015-01-03T00:00:00-05:00,涂鸦,,,App,x\n,,,,,,\n";
        let table = Table::open(table.as_bytes()).unwrap();
        let (reports, left_out) = read(table, &region()).unwrap();
        assert_eq!((reports.len(), left_out), (1, 2));
        assert_eq!((&*reports[0].external_id, &*reports[0].description), ("1", "x"));
    }
}
