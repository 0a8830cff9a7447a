//! `pilin analyze`.

use std::fs::File;
use std::io::{self, BufWriter, Read, Write};
use std::path::PathBuf;
use std::time::Instant;

use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use pilin::analysis::dbscan::dbscan;
use pilin::atlas::ground::Ecef;
use pilin::domain::{LngLat, Time};

/// What to find out.
#[derive(Debug, Args)]
pub struct Command {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Density clusters: who lies together with whom.
    Clusters(Clusters),
}

/// Reads the columns id, lon, lat (WGS-84) and, if there, time (RFC 3339) and
/// matter; prints id, cluster (from 0, empty if in none) and core (true or false).
#[derive(Debug, Args)]
struct Clusters {
    /// The reach of a neighbourhood, metres on the ground; at least 1.
    #[arg(long, value_name = "METRES")]
    eps_m: f64,
    /// Incidents within reach, itself included, that make one core; at least 1.
    #[arg(long, value_name = "COUNT")]
    min_points: usize,
    /// Take only what occurred within this span before the newest, such as 72h.
    #[arg(long, value_name = "SPAN")]
    window: Option<SignedDuration>,
    /// Take only this matter; may be given several times.
    #[arg(long, value_name = "CODE")]
    matter: Vec<String>,
    /// Tell on the error output how long the clustering itself took.
    #[arg(long)]
    time: bool,
    /// A CSV with a header; - is the input.
    file: PathBuf,
}

#[derive(Debug, Deserialize)]
struct Row {
    id: String,
    lon: f64,
    lat: f64,
    time: Option<String>,
    matter: Option<String>,
}

#[derive(Debug, Serialize)]
struct Labelled<'a> {
    id: &'a str,
    cluster: Option<u32>,
    core: bool,
}

/// An incident of the file.
struct Incident {
    id: String,
    point: LngLat,
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
        if !(1.0..=50_000.0).contains(&self.eps_m) {
            bail!("--eps-m {}: must be 1 to 50 000", self.eps_m);
        }
        if self.min_points == 0 {
            bail!("--min-points 0: must be above zero");
        }
        let name = self.file.display();
        let out = BufWriter::new(io::stdout().lock());
        if self.file.as_os_str() == "-" {
            self.label(io::stdin().lock(), out).context("reading the input")
        } else {
            let file = File::open(&self.file).with_context(|| format!("opening {name}"))?;
            self.label(file, out).with_context(|| format!("reading {name}"))
        }
    }

    /// From rows of incidents to rows of labels, in the same order.
    fn label(&self, input: impl Read, out: impl Write) -> anyhow::Result<()> {
        let mut incidents = self.read(input)?;
        self.keep_window(&mut incidents)?;

        // Ties go to the oldest; of the same time to the first in the file.
        let mut order: Vec<usize> = (0..incidents.len()).collect();
        order.sort_by_key(|&at| incidents[at].time);
        let points: Vec<Ecef> = order.iter().map(|&at| incidents[at].point.into()).collect();
        let begun = Instant::now();
        let labels = dbscan(&points, self.eps_m, self.min_points);
        if self.time {
            let ms = begun.elapsed().as_secs_f64() * 1e3;
            eprintln!("clustered {} points in {ms:.3} ms", points.len());
        }

        let mut out = csv::Writer::from_writer(out);
        let mut by_row: Vec<_> = order.into_iter().zip(labels).collect();
        by_row.sort_unstable_by_key(|&(at, _)| at);
        for (at, label) in by_row {
            let id = &incidents[at].id;
            out.serialize(Labelled { id, cluster: label.cluster, core: label.core })
                .context("writing the clusters")?;
        }
        out.flush().context("writing the clusters")
    }

    /// Reads the incidents of the matters asked for.
    fn read(&self, input: impl Read) -> anyhow::Result<Vec<Incident>> {
        let mut table = csv::Reader::from_reader(input);
        let mut incidents = Vec::new();
        for (line, row) in (2..).zip(table.deserialize::<Row>()) {
            let row = row?;
            if !self.matter.is_empty() {
                let Some(matter) = row.matter else { bail!("there is no column “matter”") };
                if !self.matter.contains(&matter) {
                    continue;
                }
            }
            let point = LngLat::new(row.lon, row.lat).with_context(|| format!("row {line}"))?;
            let time = row.time.map(|time| time.parse()).transpose();
            let time = time.with_context(|| format!("row {line}: time"))?;
            incidents.push(Incident { id: row.id, point, time });
        }
        Ok(incidents)
    }

    /// Drops what occurred too long before the newest.
    fn keep_window(&self, incidents: &mut Vec<Incident>) -> anyhow::Result<()> {
        let Some(window) = self.window else { return Ok(()) };
        if incidents.iter().any(|incident| incident.time.is_none()) {
            bail!("--window: every row needs a time");
        }
        let Ok(ms) = i64::try_from(window.as_millis()) else { return Ok(()) };
        if let Some(newest) = incidents.iter().filter_map(|incident| incident.time).max() {
            incidents.retain(|incident| incident.time.is_some_and(|time| time > newest - ms));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(clusters: &Clusters, csv: &str) -> anyhow::Result<String> {
        let mut out = Vec::new();
        clusters.label(csv.as_bytes(), &mut out)?;
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
    fn a_row_that_makes_no_sense_is_named() {
        let why = |csv| format!("{:#}", labels(&clusters(Some("1h"), &[]), csv).unwrap_err());
        assert!(why("id,lon,lat\na,121,31\n").contains("every row needs a time"));
        assert!(why("id,lon,lat\na,31,121\n").contains("row 2: latitude 121"));
        assert!(why("id,lon,lat,time\na,121,31,today\n").contains("row 2: time"));
    }
}
