//! `pilin locate`.

use std::io::{self, BufReader, BufWriter, Read, Write};
use std::path::PathBuf;

use anyhow::{Context, bail};
use clap::Args;
use csv::ByteRecord;

use pilin::atlas::{Atlas, Location, datum};
use pilin::domain::{Datum, Level};
use pilin::region::Region;
use pilin::table::{self, Table};

use super::input;

/// What is added to each row.
const ADDED: [&str; 7] =
    ["province", "city", "county", "township", "zones", "border", "border_distance_m"];

/// Read in pieces of so many bytes, and written so: a row costs well under a
/// microsecond, so the calls must not count.
const BUFFER: usize = 1 << 18;

/// Say where the points of a CSV lie.
///
/// Reads a CSV with a header and the columns lon and lat, row by row, and writes it
/// with what the region says of each point in further columns: province, city, county
/// and township (their codes), zones (their codes, with ; between), and border and
/// `border_distance_m` (the nearest within 5 km, and how far it is in metres). A file
/// that has one of these columns already is refused.
#[derive(Debug, Args)]
pub struct Command {
    /// Folder of the region.
    #[arg(long, value_name = "DIR", default_value = "data")]
    region: PathBuf,
    /// The datum of lon and lat: wgs84, cgcs2000, gcj02 or bd09.
    #[arg(long, value_name = "DATUM", default_value_t)]
    datum: Datum,
    /// The level of the borders: province, city, county or township; as the
    /// region says by default.
    #[arg(long, value_name = "LEVEL", value_parser = level)]
    level: Option<Level>,
    /// A CSV with a header; - is the standard input.
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
        let input = input::open(&self.file)?;
        let level = self.level.unwrap_or(region.level);
        let output = io::stdout().lock();
        locate(&region.atlas, self.datum, level, input, output)
            .with_context(|| input::name(&self.file))
    }
}

fn locate(
    atlas: &Atlas,
    datum: Datum,
    level: Level,
    input: impl Read,
    output: impl Write,
) -> anyhow::Result<()> {
    let mut input = Table::open(BufReader::with_capacity(BUFFER, input))?;
    let mut output = csv::Writer::from_writer(BufWriter::with_capacity(BUFFER, output));
    let (lon, lat) = (input.need(&["lon"])?, input.need(&["lat"])?);
    let mut header = input.header().clone();
    for name in ADDED {
        if input.find(&[name])?.is_some() {
            bail!("there is a column “{name}” already, and locate would add another");
        }
        header.push_field(name.as_bytes());
    }
    let mut write =
        |row: &ByteRecord| output.write_byte_record(row).map_err(table::writing).context("writing");
    write(&header)?;

    let mut row = ByteRecord::new();
    let mut text = Vec::new();
    while input.next(&mut row)? {
        let point = datum::to_wgs84(datum, lon.number(&row)?, lat.number(&row)?)
            .map_err(|why| table::wrong(&row, why))?;
        add(atlas, atlas.locate(point, level), level, &mut row, &mut text)?;
        write(&row)?;
    }
    output.flush().context("writing")
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
    use std::path::Path;
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
        assert_eq!(why("lon,lat\n120,31\n120,x\n"), "line 3: lat: “x” is not a number");
        assert!(why("lon,lat\n120,NaN\n").contains("line 2: latitude NaN"));
    }

    #[test]
    fn columns_that_would_be_there_twice_are_refused() {
        let why = |text| format!("{:#}", located(Datum::Wgs84, text).unwrap_err());
        assert_eq!(why("lon,lat,LON\n1,2,3\n"), "there are two columns “lon”");
        let there = "there is a column “province” already, and locate would add another";
        assert_eq!(why("lon,lat,province\n1,2,3\n"), there);
    }
}
