//! A table: a CSV with a header, whose columns are found by name and whose faults
//! are told in plain words.

use std::fmt::Display;
use std::io::{self, Read};

use csv::{ByteRecord, ErrorKind, Position};

/// What is wrong with a table.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    /// There is nothing in it.
    #[error("it is empty: not even a header is there")]
    Empty,
    /// A column that must be there is not.
    #[error("there is no column {0}")]
    NoColumn(String),
    /// A column that is there twice.
    #[error("there are two columns “{0}”")]
    TwoColumns(String),
    /// A line cannot be used.
    #[error("line {line}: {why}")]
    Line {
        /// Which, from 1; the header is the first.
        line: u64,
        /// What is wrong with it.
        why: String,
    },
    /// It cannot be read.
    #[error("{0}")]
    Read(io::Error),
}

/// A table, read line by line.
#[derive(Debug)]
pub struct Table<R> {
    lines: csv::Reader<R>,
    header: ByteRecord,
}

/// A column that was found: where, and by which name.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    at: usize,
    name: &'static str,
}

impl<R: Read> Table<R> {
    /// Reads the header.
    pub fn open(input: R) -> Result<Self, TableError> {
        let mut lines = csv::Reader::from_reader(input);
        let header = lines.byte_headers().map_err(plain)?.clone();
        if header.is_empty() { Err(TableError::Empty) } else { Ok(Self { lines, header }) }
    }

    /// The names of all columns.
    pub fn header(&self) -> &ByteRecord {
        &self.header
    }

    /// The column of the first of these names that is there. Neither case nor blanks
    /// around a name count.
    pub fn find(&self, names: &[&'static str]) -> Result<Option<Column>, TableError> {
        for &name in names {
            let is_it = |field: &[u8]| field.trim_ascii().eq_ignore_ascii_case(name.as_bytes());
            let mut found = self.header.iter().enumerate().filter(|(_, field)| is_it(field));
            match (found.next(), found.next()) {
                (None, _) => {}
                (Some((at, _)), None) => return Ok(Some(Column { at, name })),
                (Some(_), Some(_)) => return Err(TableError::TwoColumns(name.to_owned())),
            }
        }
        Ok(None)
    }

    /// The same, of a column that must be there.
    pub fn need(&self, names: &[&'static str]) -> Result<Column, TableError> {
        let missing = || {
            let names: Vec<_> = names.iter().map(|name| format!("“{name}”")).collect();
            TableError::NoColumn(names.join(" or "))
        };
        self.find(names)?.ok_or_else(missing)
    }

    /// Reads the next line; says whether there was one.
    pub fn next(&mut self, line: &mut ByteRecord) -> Result<bool, TableError> {
        self.lines.read_byte_record(line).map_err(plain)
    }
}

impl Column {
    /// What a line has in this column.
    pub fn text(self, line: &ByteRecord) -> Result<&str, TableError> {
        let field = line.get(self.at).unwrap_or_default();
        std::str::from_utf8(field).map_err(|_no_utf8| self.wrong(line, "it is not UTF-8"))
    }

    /// The number a line has in this column.
    pub fn number(self, line: &ByteRecord) -> Result<f64, TableError> {
        let field = line.get(self.at).unwrap_or_default().trim_ascii();
        let number = std::str::from_utf8(field).ok().and_then(|text| text.parse().ok());
        number.ok_or_else(|| {
            let why = format!("“{}” is not a number", String::from_utf8_lossy(field));
            self.wrong(line, why)
        })
    }

    /// What is wrong with this column of a line.
    pub fn wrong(self, line: &ByteRecord, why: impl Display) -> TableError {
        wrong(line, format!("{}: {why}", self.name))
    }
}

/// What is wrong with a line.
pub fn wrong(line: &ByteRecord, why: impl Display) -> TableError {
    TableError::Line { line: number(line), why: why.to_string() }
}

/// The number of a line, from 1; the header is the first.
pub fn number(line: &ByteRecord) -> u64 {
    line.position().map_or(0, Position::line)
}

/// What went wrong in writing a table.
#[must_use]
pub fn writing(why: csv::Error) -> io::Error {
    match why.into_kind() {
        ErrorKind::Io(why) => why,
        other => io::Error::other(format!("{other:?}")),
    }
}

/// The library's error in our words.
fn plain(why: csv::Error) -> TableError {
    let at = why.position().map_or(0, Position::line);
    match why.into_kind() {
        ErrorKind::Io(why) => TableError::Read(why),
        ErrorKind::UnequalLengths { expected_len, len, .. } => TableError::Line {
            line: at,
            why: format!("the header has {expected_len} columns, this line {len}"),
        },
        other => TableError::Line { line: at, why: format!("{other:?}") },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(text: &str) -> Result<Table<&[u8]>, TableError> {
        Table::open(text.as_bytes())
    }

    #[test]
    fn a_column_is_found_by_the_first_of_its_names() {
        let mut table = open("occurred_at, Time ,lon\nthen,now,1.5\n").unwrap();
        let (time, lon) = (table.need(&["time", "occurred_at"]).unwrap(), table.need(&["lon"]));
        let mut line = ByteRecord::new();
        assert!(table.next(&mut line).unwrap());
        assert_eq!((time.text(&line).unwrap(), lon.unwrap().number(&line).unwrap()), ("now", 1.5));
        assert!(table.find(&["matter"]).unwrap().is_none());
        assert!(!table.next(&mut line).unwrap());
    }

    #[test]
    fn what_is_wrong_is_told_in_plain_words() {
        assert_eq!(open("").unwrap_err().to_string(), "it is empty: not even a header is there");
        let mut table = open("a,a,lon\n1,2,x\n1,2\n").unwrap();
        let why = |names| table.need(names).unwrap_err().to_string();
        assert_eq!(why(&["a"]), "there are two columns “a”");
        assert_eq!(why(&["id", "key"]), "there is no column “id” or “key”");
        let lon = table.need(&["lon"]).unwrap();
        let mut line = ByteRecord::new();
        table.next(&mut line).unwrap();
        let why = lon.number(&line).unwrap_err().to_string();
        assert_eq!(why, "line 2: lon: “x” is not a number");
        let why = table.next(&mut line).unwrap_err().to_string();
        assert_eq!(why, "line 3: the header has 3 columns, this line 2");
    }
}
