//! `pilin analyze`.

use std::io::{self, BufWriter, Read, Write};
use std::path::PathBuf;
use std::time::Instant;

use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use csv::ByteRecord;
use jiff::SignedDuration;

use pilin::analysis::dbscan::{Label, dbscan};
use pilin::atlas::ground::Ecef;
use pilin::domain::{LngLat, Time};
use pilin::table::{self, Coordinates, Lines, Table, TableError, columns};

use super::{input, within};

/// What to find out.
#[derive(Debug, Args)]
pub struct Command {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Density clusters: who lies together with whom.
    ///
    /// Reads a CSV with a header: id (or `external_id`), lon and lat (WGS-84); time
    /// (or `occurred_at`; RFC 3339) if there, which --window needs, and matter if
    /// there, which --matter needs. Columns may have their Chinese names: 编号, 经度, 纬度,
    /// 时间, 事项. Other columns are passed over, so that whatever pilin replay reads can be
    /// analysed too.
    ///
    /// Prints a CSV with a line for each incident, in the order of the file: id,
    /// cluster (from 0; empty if in none) and core (true or false; empty if the line has
    /// no coordinates, which is counted on the error output).
    Clusters(Clusters),
}

#[derive(Debug, Args)]
struct Clusters {
    /// The reach of a neighbourhood, metres on the ground; 1 to 50000.
    #[arg(long, value_name = "METRES", allow_negative_numbers = true, value_parser = reach)]
    eps_m: f64,
    /// Incidents within reach, itself included, that make one core; at least 1.
    #[arg(long, value_name = "COUNT", allow_negative_numbers = true, value_parser = count)]
    min_points: usize,
    /// Take only what occurred within this span before the newest, such as 72h.
    #[arg(long, value_name = "SPAN")]
    window: Option<SignedDuration>,
    /// Take only this matter; may be given several times.
    #[arg(long, value_name = "MATTER")]
    matter: Vec<String>,
    /// Tell on the error output how long the clustering itself took.
    #[arg(long)]
    time: bool,
    /// A CSV with a header; - is the standard input.
    file: PathBuf,
}

fn reach(text: &str) -> Result<f64, String> {
    within(text, 1.0, 50_000.0)
}

fn count(text: &str) -> Result<usize, String> {
    let count = text.parse().ok().filter(|&count| count > 0);
    count.ok_or_else(|| "it is not a whole number from 1 on".to_owned())
}

/// An incident of the file.
struct Incident {
    id: String,
    /// None of a line without coordinates.
    point: Option<LngLat>,
    time: Option<Time>,
}

impl Command {
    /// Runs it.
    pub fn run(self) -> anyhow::Result<()> {
        match self.what {
            What::Clusters(clusters) => clusters.run(),
        }
    }
}

impl Clusters {
    fn run(&self) -> anyhow::Result<()> {
        let input = input::open(&self.file)?;
        let incidents = self.incidents(input).with_context(|| input::name(&self.file))?;
        let out = BufWriter::new(io::stdout().lock());
        self.label(&incidents, out).context("writing the clusters")
    }

    /// The incidents of a table that are asked for.
    fn incidents(&self, input: impl Read) -> anyhow::Result<Vec<Incident>> {
        let mut incidents = self.read(Table::open(input)?)?;
        self.keep_window(&mut incidents)?;
        Ok(incidents)
    }

    /// A row of labels for each incident, in the same order.
    fn label(&self, incidents: &[Incident], out: impl Write) -> io::Result<()> {
        let mut out = csv::Writer::from_writer(out);
        out.write_record(["id", "cluster", "core"]).map_err(table::writing)?;
        for (incident, label) in incidents.iter().zip(self.clusters(incidents)) {
            let cluster = label.and_then(|label| label.cluster);
            let cluster = cluster.map(|cluster| cluster.to_string()).unwrap_or_default();
            let core = match label {
                Some(Label { core: true, .. }) => "true",
                Some(_) => "false",
                None => "",
            };
            out.write_record([&*incident.id, &cluster, core]).map_err(table::writing)?;
        }
        out.flush()
    }

    fn clusters(&self, incidents: &[Incident]) -> Vec<Option<Label>> {
        let placed = incidents.iter().enumerate();
        let mut order: Vec<(usize, LngLat)> =
            placed.filter_map(|(at, incident)| Some((at, incident.point?))).collect();
        // Ties go to the oldest; of the same time to the first in the file.
        order.sort_by_key(|&(at, _)| incidents[at].time);
        let points: Vec<Ecef> = order.iter().map(|&(_, point)| point.into()).collect();
        let begun = Instant::now();
        let labels = dbscan(&points, self.eps_m, self.min_points);
        if self.time {
            let ms = begun.elapsed().as_secs_f64() * 1e3;
            eprintln!("clustered {} points in {ms:.3} ms", points.len());
        }
        let mut by_row = vec![None; incidents.len()];
        for ((at, _), label) in order.into_iter().zip(labels) {
            by_row[at] = Some(label);
        }
        by_row
    }

    /// Reads the incidents of the matters asked for.
    fn read(&self, mut table: Table<impl Read>) -> anyhow::Result<Vec<Incident>> {
        let id = table.need(&["id", "external_id", "编号"])?;
        let coordinates = Coordinates::of(&table)?;
        let time = table.find(&["time", "occurred_at", "时间", "发生时间"])?;
        let matter = if self.matter.is_empty() { None } else { Some(table.need(columns::MATTER)?) };
        let mut blank = Lines::default();
        let mut found = vec![false; self.matter.len()];
        let mut incidents = Vec::new();
        let mut line = ByteRecord::new();
        let mut empty = true;
        while table.next(&mut line)? {
            empty = false;
            if let Some(column) = matter {
                let matter = column.text(&line)?;
                let Some(asked) = self.matter.iter().position(|asked| asked == matter) else {
                    continue;
                };
                found[asked] = true;
            }
            let Some((lon, lat)) = coordinates.at(&line)? else {
                blank.add(&line);
                let time = time.and_then(|column| column.text(&line).ok()?.parse().ok());
                incidents.push(Incident { id: id.text(&line)?.to_owned(), point: None, time });
                continue;
            };
            let point = Some(LngLat::new(lon, lat).map_err(|why| table::wrong(&line, why))?);
            let parse = |column: table::Column| -> Result<Time, TableError> {
                column.text(&line)?.parse().map_err(|why| column.wrong(&line, why))
            };
            let time = time.map(parse).transpose()?;
            incidents.push(Incident { id: id.text(&line)?.to_owned(), point, time });
        }
        if blank.count() > 0 {
            eprintln!("pilin: {blank} without coordinates are in no cluster");
        }
        let unknown = self.matter.iter().zip(found).find(|(_, found)| !found);
        match unknown {
            Some((matter, _)) if !empty => bail!("--matter: no line is of “{matter}”"),
            _ => Ok(incidents),
        }
    }

    /// Drops what occurred too long before the newest.
    fn keep_window(&self, incidents: &mut Vec<Incident>) -> anyhow::Result<()> {
        let Some(window) = self.window else { return Ok(()) };
        let untimed = |incident: &Incident| incident.time.is_none();
        if incidents.iter().any(|incident| incident.point.is_some() && untimed(incident)) {
            bail!("--window: there is no column “time” or “occurred_at”");
        }
        let Ok(ms) = i64::try_from(window.as_millis()) else { return Ok(()) };
        let placed = incidents.iter().filter(|incident| incident.point.is_some());
        if let Some(newest) = placed.filter_map(|incident| incident.time).max() {
            incidents.retain(|incident| incident.time.is_none_or(|time| time > newest - ms));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(clusters: &Clusters, csv: &str) -> anyhow::Result<String> {
        let mut out = Vec::new();
        clusters.label(&clusters.incidents(csv.as_bytes())?, &mut out)?;
        Ok(String::from_utf8(out)?)
    }

    fn clusters(window: Option<&str>, matter: &[&str]) -> Clusters {
        Clusters {
            eps_m: 500.0,
            min_points: 3,
            window: window.map(|span| span.parse().unwrap()),
            matter: matter.iter().map(|&code| code.to_owned()).collect(),
            time: false,
            file: "incidents.csv".into(),
        }
    }

    const ROWS: &str = "id,lon,lat,time,matter
far,122.0,31.0,2026-03-04T00:00:00Z,spoil
a,121.0,31.0,2026-03-04T08:00:00+08:00,spoil
b,121.004,31.0,2026-03-04T01:00:00Z,spoil
c,121.001,31.0,2026-03-01T00:00:00Z,spoil
d,120.996,31.0,2026-03-03T01:00:00Z,vending
";

    #[test]
    fn the_rows_come_back_in_their_order_with_their_clusters() {
        let all = labels(&clusters(None, &[]), ROWS).unwrap();
        assert_eq!(all, "id,cluster,core\nfar,,false\na,0,true\nb,0,true\nc,0,true\nd,0,true\n");
    }

    #[test]
    fn a_window_ends_at_the_newest_and_a_matter_leaves_the_others_out() {
        let recent = labels(&clusters(Some("72h"), &[]), ROWS).unwrap();
        assert_eq!(recent, "id,cluster,core\nfar,,false\na,0,true\nb,0,false\nd,0,false\n");
        let vending = labels(&clusters(None, &["vending"]), ROWS).unwrap();
        assert_eq!(vending, "id,cluster,core\nd,,false\n");
    }

    #[test]
    fn what_can_be_replayed_can_be_analysed() {
        let file = "external_id,occurred_at,matter,lon,lat,source\n\
            7,2015-01-01T00:00:00-05:00,Graffiti Removal,-71.1,42.3,App\n";
        let all = labels(&clusters(Some("1h"), &["Graffiti Removal"]), file).unwrap();
        assert_eq!(all, "id,cluster,core\n7,,false\n");
    }

    #[test]
    fn nothing_is_said_in_silence() {
        let none = labels(&clusters(None, &["spoil"]), "id,lon,lat,matter\n").unwrap();
        assert_eq!(none, "id,cluster,core\n");
        let why = |matter, csv| format!("{:#}", labels(&clusters(None, matter), csv).unwrap_err());
        assert_eq!(why(&[], ""), "it is empty: not even a header is there");
        assert_eq!(why(&[], "\0\0\0"), "line 1: it has a NUL byte");
        let id = "there is no column “id” or “external_id” or “编号”; the header has “x”, “y”";
        assert_eq!(why(&[], "x,y\n"), id);
        assert_eq!(why(&["spoil", "noise"], ROWS), "--matter: no line is of “noise”");
        let matter = "there is no column “matter” or “事项”; the header has “id”, “lon”, “lat”";
        assert_eq!(why(&["spoil"], "id,lon,lat\n"), matter);
    }

    #[test]
    fn a_row_without_coordinates_keeps_its_line_and_is_in_no_cluster() {
        let rows = ROWS.replace("c,121.001,31.0,", "c,,,") + ",,,,\n";
        let all = labels(&clusters(None, &[]), &rows).unwrap();
        assert_eq!(all, "id,cluster,core\nfar,,false\na,0,true\nb,0,false\nc,,\nd,0,false\n,,\n");
        let recent = labels(&clusters(Some("72h"), &[]), &rows).unwrap();
        assert_eq!(recent, "id,cluster,core\nfar,,false\na,0,true\nb,0,false\nd,0,false\n,,\n");
        let chinese = "编号,经度,纬度,时间,事项\na,121,31,2026-03-04T00:00:00Z,渣土\n";
        let all = labels(&clusters(Some("72h"), &["渣土"]), chinese).unwrap();
        assert_eq!(all, "id,cluster,core\na,,false\n");
    }

    #[test]
    fn a_file_that_is_no_table_gives_no_answer() {
        let why = |csv| format!("{:#}", labels(&clusters(None, &[]), csv).unwrap_err());
        let open = why("id,lon,lat,note\n1,120.9,31.0,\"open\n2,121.0,31.0,x\n");
        assert_eq!(open, "line 2: a quote is opened here and never closed");
        let inside = why("id,lon,lat,note\n1,120.9,31.0,\"城管\"进小区\n");
        assert!(inside.starts_with("line 2: a field begins with a quote"), "{inside}");
    }

    #[test]
    fn a_row_that_makes_no_sense_is_named() {
        let why = |csv| format!("{:#}", labels(&clusters(Some("1h"), &[]), csv).unwrap_err());
        let none = "--window: there is no column “time” or “occurred_at”";
        assert_eq!(why("id,lon,lat\na,121,31\n"), none);
        assert!(why("id,lon,lat\na,31,121\n").contains("line 2: latitude 121"));
        assert_eq!(why("id,lon,lat\na,x,121\n"), "line 2: lon: “x” is not a number");
        assert!(why("id,lon,lat,time\na,121,31,today\n").contains("line 2: time: not an RFC"));
    }
}
