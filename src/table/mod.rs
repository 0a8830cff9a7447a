//! A table: a CSV with a header, whose columns are found by name and whose faults
//! are told in plain words.
//!
//! Read is what RFC 4180 describes, with commas, semicolons or tabs between the columns
//! (what the header has most of), and lines that end with CR LF, LF or CR; in UTF-8,
//! UTF-16 or GB18030. What is not of that form is refused by its line: a row is never
//! made of what was meant as several, and no character of a field is dropped.

use std::fmt::Display;
use std::io::{self, Read};

use csv::{ByteRecord, ErrorKind, Position};

use crate::domain::text::nfkc;

pub mod columns;

mod encoding;
mod lines;
mod number;
mod strict;

pub use columns::Coordinates;
pub use encoding::Written;
pub use lines::Lines;
use strict::Strict;

/// What is wrong with a table.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    /// There is nothing in it.
    #[error("it is empty: not even a header is there")]
    Empty,
    /// A column that must be there is not.
    #[error("there is no column {names}; the header has {header}")]
    NoColumn {
        /// What it may be called.
        names: String,
        /// The columns that are there.
        header: String,
    },
    /// A column that is there twice.
    #[error("there are two columns “{0}”")]
    TwoColumns(String),
    /// The columns are parted by something else.
    #[error("“{0}” is no separator: columns are parted by commas, semicolons or tabs")]
    NoSeparator(char),
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
    lines: csv::Reader<Strict<R>>,
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
        let input = Strict::open(input)?;
        let mut lines = csv::ReaderBuilder::new()
            .delimiter(input.separator())
            .flexible(true)
            .from_reader(input);
        let header = lines.byte_headers().map_err(plain)?.clone();
        if is_blank(&header) { Err(TableError::Empty) } else { Ok(Self { lines, header }) }
    }

    /// The names of all columns.
    pub fn header(&self) -> &ByteRecord {
        &self.header
    }

    /// How the file is written, as far as it is read.
    pub fn written(&self) -> Written {
        self.lines.get_ref().written()
    }

    /// What parts its columns.
    pub fn separator(&self) -> u8 {
        self.lines.get_ref().separator()
    }

    /// The column of the first of these names that is there. Neither case nor width
    /// nor blanks around a name count.
    pub fn find(&self, names: &[&'static str]) -> Result<Option<Column>, TableError> {
        for &name in names {
            let is_it = |field: &[u8]| {
                let field = String::from_utf8_lossy(field);
                nfkc(field.trim()).to_lowercase() == name
            };
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
            let header = self.header.iter().map(String::from_utf8_lossy);
            let header: Vec<_> = header.map(|name| format!("“{}”", short(&name))).collect();
            TableError::NoColumn { names: names.join(" or "), header: header.join(", ") }
        };
        self.find(names)?.ok_or_else(missing)
    }

    /// Reads the next line; says whether there was one. A blank line is one of empty
    /// fields; any other has as many fields as the header.
    pub fn next(&mut self, line: &mut ByteRecord) -> Result<bool, TableError> {
        if !self.lines.read_byte_record(line).map_err(plain)? {
            return Ok(false);
        }
        let columns = self.header.len();
        if line.len() != columns {
            if !is_blank(line) {
                let why = format!("the header has {columns} columns, this line {}", line.len());
                return Err(wrong(line, why));
            }
            line.truncate(columns);
            (line.len()..columns).for_each(|_| line.push_field(b""));
        }
        Ok(true)
    }
}

/// Whether nothing stands in any field.
#[must_use]
pub fn is_blank(line: &ByteRecord) -> bool {
    line.iter().all(|field| String::from_utf8_lossy(field).trim().is_empty())
}

fn short(text: &str) -> String {
    match text.char_indices().nth(40) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

impl Column {
    /// What a line has in this column.
    pub fn text(self, line: &ByteRecord) -> Result<&str, TableError> {
        let field = line.get(self.at).unwrap_or_default();
        std::str::from_utf8(field).map_err(|_no_utf8| self.wrong(line, "it is not UTF-8"))
    }

    /// Whether a line has nothing in this column.
    #[must_use]
    pub fn is_blank(self, line: &ByteRecord) -> bool {
        let field = line.get(self.at).unwrap_or_default();
        field.is_empty() || std::str::from_utf8(field).is_ok_and(|text| text.trim().is_empty())
    }

    /// The number a line has in this column.
    pub fn number(self, line: &ByteRecord) -> Result<f64, TableError> {
        let field = line.get(self.at).unwrap_or_default();
        let number = std::str::from_utf8(field).ok().and_then(|text| text.trim().parse().ok());
        number.ok_or_else(|| {
            let text = String::from_utf8_lossy(field);
            self.wrong(line, number::why_not(text.trim()))
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
        ErrorKind::Io(why) => match why.downcast::<TableError>() {
            Ok(ours) => ours,
            Err(why) => TableError::Read(why),
        },
        other => TableError::Line { line: at, why: format!("{other:?}") },
    }
}

#[cfg(test)]
mod tests;
