//! `pilin locate`.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow, bail};
use clap::Args;
use csv::ByteRecord;

use pilin::atlas::{Atlas, Location, datum};
use pilin::domain::{Datum, Level, LngLat};
use pilin::region::Region;

/// What is added to each row.
const ADDED: [&str; 7] =
    ["province", "city", "county", "township", "zones", "border", "border_distance_m"];

/// Read in pieces of so many bytes, and written so: a row costs well under a
/// microsecond, so the calls must not count.
const BUFFER: usize = 1 << 18;

/// Reads a CSV with the columns lon and lat, row by row, and writes it with what
/// the region says of each point: the codes of its province, city, county and
/// township, the codes of its zones (with ; between), and the nearest border
/// within 5 km with its distance in metres.
#[derive(Debug, Args)]
pub struct Command {
    /// The region's folder.
    #[arg(long, value_name = "FOLDER", default_value = "data")]
    region: PathBuf,
    /// The datum of lon and lat: wgs84, cgcs2000, gcj02 or bd09.
    #[arg(long, value_name = "DATUM", default_value_t)]
    datum: Datum,
    /// The level of the borders: province, city, county or township; as the
    /// region says by default.
    #[arg(long, value_name = "LEVEL", value_parser = level)]
    level: Option<Level>,
    /// A CSV with a header; - is the input.
    #[arg(default_value = "-")]
    file: PathBuf,
}

fn level(text: &str) -> Result<Level, String> {
    let found = Level::ALL.into_iter().find(|level| level.to_string() == text);
    found.ok_or_else(|| "it is none of province, city, county, township".to_owned())
}

impl Command {
    /// Runs it.
    pub fn run(self) -> anyhow::Result<()> {
        let region = Region::read(&self.region)?;
        let input: Box<dyn Read> = if self.file == Path::new("-") {
            Box::new(io::stdin().lock())
        } else {
            let file = File::open(&self.file);
            Box::new(file.with_context(|| format!("opening {}", self.file.display()))?)
        };
        let level = self.level.unwrap_or(region.level);
        let output = io::stdout().lock();
        match locate(&region.atlas, self.datum, level, input, output) {
            Err(why) if is_closed_pipe(&why) => Ok(()),
            done => done,
        }
    }
}

/// Whether whoever reads the output has had enough.
fn is_closed_pipe(why: &anyhow::Error) -> bool {
    why.chain().any(|cause| {
        let csv_io = cause.downcast_ref::<csv::Error>().and_then(|why| match why.kind() {
            csv::ErrorKind::Io(why) => Some(why),
            _ => None,
        });
        let io = cause.downcast_ref::<io::Error>().or(csv_io);
        io.is_some_and(|why| why.kind() == ErrorKind::BrokenPipe)
    })
}

fn locate(
    atlas: &Atlas,
    datum: Datum,
    level: Level,
    input: impl Read,
    output: impl Write,
) -> anyhow::Result<()> {
    let mut input = csv::Reader::from_reader(BufReader::with_capacity(BUFFER, input));
    let mut output = csv::Writer::from_writer(BufWriter::with_capacity(BUFFER, output));
    let mut header = input.byte_headers().context("reading the header")?.clone();
    let column = |name: &str| {
        let is_it = |field: &[u8]| field.trim_ascii().eq_ignore_ascii_case(name.as_bytes());
        header.iter().position(is_it).ok_or_else(|| anyhow!("there is no column “{name}”"))
    };
    let (lon, lat) = (column("lon")?, column("lat")?);
    for name in ADDED {
        header.push_field(name.as_bytes());
    }
    output.write_byte_record(&header).context("writing")?;

    let mut row = ByteRecord::new();
    let mut text = Vec::new();
    while input.read_byte_record(&mut row).context("reading")? {
        let point = point(&row, lon, lat, datum)
            .with_context(|| format!("line {}", row.position().map_or(0, csv::Position::line)))?;
        add(atlas, atlas.locate(point, level), level, &mut row, &mut text)?;
        output.write_byte_record(&row).context("writing")?;
    }
    output.flush().context("writing")
}

fn point(row: &ByteRecord, lon: usize, lat: usize, datum: Datum) -> anyhow::Result<LngLat> {
    let number = |column: usize, name: &str| -> anyhow::Result<f64> {
        let field = row.get(column).unwrap_or_default().trim_ascii();
        let number = std::str::from_utf8(field).ok().and_then(|text| text.parse().ok());
        match number {
            Some(number) => Ok(number),
            None => bail!("{name}: “{}” is no number", String::from_utf8_lossy(field)),
        }
    };
    Ok(datum::to_wgs84(datum, number(lon, "lon")?, number(lat, "lat")?)?)
}

/// Adds the columns of [`ADDED`]; `text` is scratch.
fn add(
    atlas: &Atlas,
    found: Location<'_>,
    level: Level,
    row: &mut ByteRecord,
    text: &mut Vec<u8>,
) -> io::Result<()> {
    for level in Level::ALL {
        text.clear();
        if let Some(code) = found.place.at(level) {
            write!(text, "{code}")?;
        }
        row.push_field(text);
    }
    text.clear();
    for (at, &zone) in found.place.zones.iter().enumerate() {
        text.extend_from_slice(if at > 0 { b";" } else { b"" });
        text.extend_from_slice(atlas.zones()[usize::from(zone)].code.as_bytes());
    }
    row.push_field(text);
    let Some(near) = found.border else {
        row.push_field(b"");
        row.push_field(b"");
        return Ok(());
    };
    row.push_field(atlas.borders(level)[near.border as usize].code.as_bytes());
    text.clear();
    write!(text, "{:.1}", near.distance_m)?;
    row.push_field(text);
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use super::*;

    fn located(datum: Datum, text: &str) -> anyhow::Result<String> {
        static REGION: LazyLock<Region> = LazyLock::new(|| {
            Region::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("data")).unwrap()
        });
        let mut out = Vec::new();
        locate(&REGION.atlas, datum, Level::Province, text.as_bytes(), &mut out)?;
        Ok(String::from_utf8(out)?)
    }

    #[test]
    fn each_row_is_kept_and_told_where_it_lies() {
        let text = "id,lon,lat,note\n1,120.9,31.0,\"a,b\"\n2,100,31,\n3,121.105,31.138,x\n";
        let lines = located(Datum::Wgs84, text).unwrap();
        let lines: Vec<&str> = lines.lines().collect();
        assert_eq!(
            lines[0],
            "id,lon,lat,note,province,city,county,township,zones,border,border_distance_m"
        );
        assert_eq!(
            lines[1],
            "1,120.9,31.0,\"a,b\",330000,330400,330421,330421103,\
             yrd-demonstration-zone;yrd-pilot-startup-area;fengjing-jiashan,\
             320000-330000,1394.2"
        );
        assert_eq!(lines[2], "2,100,31,,,,,,,,");
        assert!(lines[3].starts_with("3,121.105,31.138,x,310000,310100,310118,310118001,"));
    }

    #[test]
    fn another_datum_gives_another_place() {
        let at = |datum| located(datum, "lon,lat\n120.9,31.0\n").unwrap();
        assert_ne!(at(Datum::Gcj02), at(Datum::Wgs84));
        assert_eq!(at(Datum::Cgcs2000), at(Datum::Wgs84));
    }

    #[test]
    fn a_row_that_is_no_point_is_named() {
        let why = |text| format!("{:#}", located(Datum::Wgs84, text).unwrap_err());
        assert_eq!(why("lon\n1\n"), "there is no column “lat”");
        assert_eq!(why("lon,lat\n120,31\n120,x\n"), "line 3: lat: “x” is no number");
        assert!(why("lon,lat\n120,NaN\n").contains("line 2: latitude NaN"));
    }
}
