//! A throw-away `PostGIS` on a socket in a temporary folder.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, bail, ensure};
use geo::{LineString, MultiPolygon};
use pilin::domain::{Code, LngLat};
use tempfile::TempDir;

use crate::peers::County;

/// Where Debian keeps the server's programs.
const PROGRAMS: &str = "/usr/lib/postgresql/15/bin";
/// Who runs the server when we are root, who may not.
const SERVANT: &str = "postgres";

/// A running server; dropping it stops it.
struct Cluster {
    folder: TempDir,
    as_root: bool,
}

impl Cluster {
    fn start() -> anyhow::Result<Self> {
        ensure!(
            Path::new(PROGRAMS).join("initdb").exists(),
            "the bench needs PostGIS: apt-get install postgresql-15-postgis-3"
        );
        let id = Command::new("id").arg("-u").output().context("asking who we are")?;
        let as_root = id.stdout.trim_ascii() == b"0";
        let folder = tempfile::Builder::new().prefix("pilin-bench-").tempdir()?;
        if as_root {
            let mut chown = Command::new("chown");
            done(chown.arg(SERVANT).arg(folder.path()), "giving the folder away")?;
        }
        let cluster = Self { folder, as_root };
        let data = cluster.data();
        let mut initdb = cluster.program("initdb");
        initdb.args(["--no-sync", "--auth=trust", "--username=pilin", "--encoding=UTF8", "-D"]);
        done(initdb.arg(&data), "making a database")?;
        let options = format!(
            "-c listen_addresses='' -c unix_socket_directories='{}' -c jit=off \
             -c max_parallel_workers_per_gather=0 -c shared_buffers=256MB",
            cluster.folder.path().display()
        );
        let mut start = cluster.program("pg_ctl");
        start.args(["--wait", "--silent", "--options", &options, "-D"]).arg(&data);
        start.arg("--log").arg(cluster.folder.path().join("log")).arg("start");
        done(&mut start, "starting the database")?;
        cluster.sql("create extension postgis")?;
        Ok(cluster)
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn program(&self, name: &str) -> Command {
        let program = Path::new(PROGRAMS).join(name);
        let mut command = if self.as_root {
            let mut command = Command::new("runuser");
            command.args(["-u", SERVANT, "--"]).arg(program);
            command
        } else {
            Command::new(program)
        };
        command.current_dir("/").stdout(Stdio::null());
        command
    }

    /// Runs statements and gives back what they print.
    fn sql(&self, statements: &str) -> anyhow::Result<String> {
        let mut psql = Command::new(Path::new(PROGRAMS).join("psql"))
            .args([
                "-X",
                "-q",
                "-A",
                "-t",
                "-v",
                "ON_ERROR_STOP=1",
                "-U",
                "pilin",
                "-d",
                "postgres",
            ])
            .arg("-h")
            .arg(self.folder.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("starting psql")?;
        let mut input = psql.stdin.take().context("psql has no input")?;
        let text = statements.to_owned();
        let writer = std::thread::spawn(move || input.write_all(text.as_bytes()));
        let out = psql.wait_with_output().context("waiting for psql")?;
        ensure!(out.status.success(), "psql failed");
        if writer.join().is_err() {
            bail!("writing to psql failed");
        }
        Ok(String::from_utf8(out.stdout)?)
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let mut stop = self.program("pg_ctl");
        stop.args(["--wait", "--silent", "--mode", "immediate", "-D"]).arg(self.data()).arg("stop");
        if let Err(why) = done(&mut stop, "stopping the database") {
            eprintln!("{why:#}");
        }
    }
}

fn done(command: &mut Command, deed: &'static str) -> anyhow::Result<()> {
    let status = command.status().context(deed)?;
    ensure!(status.success(), "{deed}: {status}");
    Ok(())
}

/// Points a second of two ways to ask; the answers must be ours.
pub fn run(
    counties: &[County],
    points: &[LngLat],
    ours: &[Option<Code>],
) -> anyhow::Result<Vec<(&'static str, f64)>> {
    let cluster = Cluster::start()?;
    let mut load =
        String::from("create table county(code int, geom geometry);\ncopy county from stdin;\n");
    for county in counties {
        writeln!(load, "{}\tSRID=4326;{}", county.code, wkt(&county.shape))?;
    }
    load.push_str("\\.\ncreate table point(id int, geom geometry);\ncopy point from stdin;\n");
    for (at, point) in points.iter().enumerate() {
        writeln!(load, "{at}\tSRID=4326;POINT({} {})", point.lng(), point.lat())?;
    }
    load.push_str(
        "\\.\ncreate index on county using gist(geom);\n\
         create table piece as select code, st_subdivide(geom, 64) as geom from county;\n\
         create index on piece using gist(geom);\nvacuum analyze;\n",
    );
    cluster.sql(&load)?;
    [("PostGIS ST_Contains over GiST", "county"), ("PostGIS over ST_Subdivide(64)", "piece")]
        .into_iter()
        .map(|(what, table)| Ok((what, ask(&cluster, table, points.len(), ours)?)))
        .collect()
}

/// The best of three runs, by the server's own clock.
#[expect(clippy::cast_precision_loss, reason = "a rate")]
fn ask(cluster: &Cluster, table: &str, count: usize, ours: &[Option<Code>]) -> anyhow::Result<f64> {
    let join = format!("from point left join {table} on st_contains({table}.geom, point.geom)");
    let explained =
        format!("explain (analyze, timing off, summary on) select point.id, code {join};\n");
    let told = cluster.sql(&explained.repeat(3))?;
    let times = told.lines().filter_map(|line| line.strip_prefix("Execution Time: "));
    let best_ms = times
        .filter_map(|text| text.strip_suffix(" ms")?.parse::<f64>().ok())
        .reduce(f64::min)
        .context("the database told no time")?;
    let answers = cluster.sql(&format!("select point.id, code {join} order by point.id;"))?;
    let theirs: Vec<Option<Code>> = answers
        .lines()
        .map(|line| line.split_once('|').and_then(|(_, code)| code.parse().ok()))
        .collect();
    // A point on a line is in none for the database; there is none among these.
    ensure!(theirs == ours, "PostGIS answers otherwise");
    Ok(count as f64 / (best_ms / 1000.0))
}

fn wkt(shape: &MultiPolygon<f64>) -> String {
    let ring = |ring: &LineString<f64>| {
        let corners: Vec<String> = ring.0.iter().map(|at| format!("{} {}", at.x, at.y)).collect();
        format!("({})", corners.join(","))
    };
    let polygons: Vec<String> = shape
        .iter()
        .map(|polygon| {
            let rings: Vec<String> =
                std::iter::once(polygon.exterior()).chain(polygon.interiors()).map(ring).collect();
            format!("({})", rings.join(","))
        })
        .collect();
    format!("MULTIPOLYGON({})", polygons.join(","))
}
