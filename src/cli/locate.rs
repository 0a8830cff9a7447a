//! `pilin locate`.

use std::io::{self, BufWriter, Read, Write};
use std::path::PathBuf;

use anyhow::{Context, bail};
use clap::Args;
use csv::ByteRecord;
use encoding_rs::UTF_8;

use pilin::atlas::{Atlas, Location, datum};
use pilin::domain::{Datum, Level};
use pilin::region::Region;
use pilin::table::{self, Coordinates, Lines, Table, TableError, Written};

use super::input;

/// What is added to each row.
const ADDED: [&str; 7] =
    ["province", "city", "county", "township", "zones", "border", "border_distance_m"];

/// Written in pieces of so many bytes: a row costs well under a microsecond, so the
/// calls must not count.
const BUFFER: usize = 1 << 18;

/// Say where the points of a CSV lie.
///
/// Reads a CSV with a header and the columns lon (or 经度) and lat (or 纬度), row by row,
/// and writes it with what the region says of each point in further columns: province, city, county
/// and township (their codes), zones (their codes, with ; between), and border and
/// `border_distance_m` (the nearest within 5 km, and how far it is in metres). A file
/// that has one of these columns already is refused.
///
/// Columns may be parted by commas, semicolons or tabs; the file may be UTF-8, UTF-16 or
/// GB18030. The output is UTF-8, with a byte order mark if the file has one. A row without
/// coordinates goes through with empty columns, and is counted on the error output; so is
/// one whose coordinates are none, and then the exit status is not 0.
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
        for what in region.atlas.left_out() {
            eprintln!("pilin: {what}");
        }
        let input = input::open(&self.file)?;
        let level = self.level.unwrap_or(region.level);
        let output = io::stdout().lock();
        let name = input::name(&self.file);
        let found = locate(&region.atlas, self.datum, level, input, output)
            .with_context(|| name.clone())?;
        if found.written.encoding != UTF_8 {
            let read = found.written.encoding.name().to_uppercase();
            eprintln!("pilin: {name}: read as {read}; the output is UTF-8");
        }
        if found.blank.count() > 0 {
            eprintln!("pilin: {name}: {} without coordinates went through empty", found.blank);
        }
        if let Some(why) = found.wrong {
            let lines = found.wrong_lines;
            bail!("{name}: {lines} with no usable coordinates went through empty; {why}");
        }
        Ok(())
    }
}

/// What came of a file.
struct Found {
    written: Written,
    /// Rows without coordinates.
    blank: Lines,
    /// Rows whose coordinates are none, and what is wrong with the first.
    wrong_lines: Lines,
    wrong: Option<TableError>,
}

fn locate(
    atlas: &Atlas,
    datum: Datum,
    level: Level,
    input: impl Read,
    output: impl Write,
) -> anyhow::Result<Found> {
    let mut input = Table::open(input)?;
    let mut output = BufWriter::with_capacity(BUFFER, output);
    let coordinates = Coordinates::of(&input)?;
    let mut header = input.header().clone();
    for name in ADDED {
        if input.find(&[name])?.is_some() {
            bail!("there is a column “{name}” already, and locate would add another");
        }
        header.push_field(name.as_bytes());
    }
    if input.written().marked {
        output.write_all("\u{feff}".as_bytes()).context("writing")?;
    }
    let mut output = csv::WriterBuilder::new().delimiter(input.separator()).from_writer(output);
    let mut write =
        |row: &ByteRecord| output.write_byte_record(row).map_err(table::writing).context("writing");
    write(&header)?;

    let mut row = ByteRecord::new();
    let mut text = Vec::new();
    let (mut blank, mut wrong_lines, mut wrong) = (Lines::default(), Lines::default(), None);
    while input.next(&mut row)? {
        let point = coordinates.at(&row).and_then(|degrees| {
            let point = degrees.map(|(lon, lat)| datum::to_wgs84(datum, lon, lat)).transpose();
            point.map_err(|why| table::wrong(&row, why))
        });
        match point {
            Ok(Some(point)) => {
                add(atlas, atlas.locate(point, level), level, &mut row, &mut text)?;
            }
            Ok(None) => {
                blank.add(&row);
                add_nothing(&mut row);
            }
            Err(why) => {
                wrong_lines.add(&row);
                wrong.get_or_insert(why);
                add_nothing(&mut row);
            }
        }
        write(&row)?;
    }
    output.flush().context("writing")?;
    Ok(Found { written: input.written(), blank, wrong_lines, wrong })
}

/// Leaves the columns of [`ADDED`] empty.
fn add_nothing(row: &mut ByteRecord) {
    for _ in ADDED {
        row.push_field(b"");
    }
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
        located_bytes(datum, text.as_bytes()).map(|(text, _)| text)
    }

    fn located_bytes(datum: Datum, bytes: &[u8]) -> anyhow::Result<(String, Found)> {
        static REGION: LazyLock<Region> = LazyLock::new(|| {
            Region::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("data")).unwrap()
        });
        let mut out = Vec::new();
        let found = locate(&REGION.atlas, datum, Level::Province, bytes, &mut out)?;
        Ok((String::from_utf8(out)?, found))
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
    fn a_row_without_a_place_goes_through_empty_and_is_named() {
        let found = |text: &str| located_bytes(Datum::Wgs84, text.as_bytes()).unwrap();
        let (text, blank) = found("id,lon,lat\n1,120.9,31.0\n2,,\n3, ,\n,,\n,\n4,120.9,31.0\n");
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 7);
        assert_eq!((lines[2], lines[4], lines[5]), ("2,,,,,,,,,", ",,,,,,,,,", ",,,,,,,,,"));
        assert_eq!(lines[6][1..], lines[1][1..]);
        assert_eq!(blank.blank.to_string(), "4 rows (lines 3, 4, 5 and 6)");
        assert!(blank.wrong.is_none());

        let (text, wrong) = found("id,lon,lat\n1,120,x\n2,120.9,\n3,120.9,31.0\n4,120,NaN\n");
        assert_eq!(text.lines().nth(1), Some("1,120,x,,,,,,,"));
        assert!(text.lines().nth(3).unwrap().starts_with("3,120.9,31.0,330000,"));
        assert_eq!(wrong.wrong_lines.to_string(), "3 rows (lines 2, 3 and 5)");
        assert_eq!(wrong.wrong.unwrap().to_string(), "line 2: lat: “x” is not a number");
    }

    #[test]
    fn what_is_no_table_is_named_by_its_line() {
        let why = |text| format!("{:#}", located(Datum::Wgs84, text).unwrap_err());
        let missing = "there is no column “lat” or “latitude” or “纬度”; the header has “lon”";
        assert_eq!(why("lon\n1\n"), missing);
        let open = "id,lon,lat,note\n1,120.9,31.0,\"open\n2,121.0,31.0,x\n3,121.0,31.0,y\n";
        assert_eq!(why(open), "line 2: a quote is opened here and never closed");
        let inside = why("id,lon,lat,note\n1,120.9,31.0,\"城管\"进小区\n");
        assert!(inside.starts_with("line 2: a field begins with a quote"), "{inside}");
    }

    #[test]
    fn a_file_of_a_chinese_spreadsheet_is_read_and_its_mark_and_separators_kept() {
        let text = "编号;经度;纬度;备注\n甲;120.9;31.0;路\"虎丘\"小区\n";
        let marked = format!("\u{feff}{text}");
        let wide: Vec<u8> = marked.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let located = |bytes: &[u8]| located_bytes(Datum::Wgs84, bytes).unwrap().0;
        let (plain, with_mark) = (located(text.as_bytes()), located(marked.as_bytes()));
        assert!(plain.starts_with("编号;经度;纬度;备注;province;"), "{plain}");
        assert!(plain.contains("\n甲;120.9;31.0;\"路\"\"虎丘\"\"小区\";330000;"), "{plain}");
        assert_eq!(with_mark, format!("\u{feff}{plain}"));
        assert_eq!(located(&wide), with_mark);
        assert_eq!(located(&encoding_rs::GB18030.encode(text).0), plain);
    }

    #[test]
    fn columns_that_would_be_there_twice_are_refused() {
        let why = |text| format!("{:#}", located(Datum::Wgs84, text).unwrap_err());
        assert_eq!(why("lon,lat,LON\n1,2,3\n"), "there are two columns “lon”");
        let there = "there is a column “province” already, and locate would add another";
        assert_eq!(why("lon,lat,province\n1,2,3\n"), there);
    }
}
