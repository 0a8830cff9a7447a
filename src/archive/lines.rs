//! A file, line by line.

use std::fmt::Display;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;

use crate::store::contents::{Part, Row};

use super::error::{ArchiveError, At};

/// A file, line by line.
#[derive(Debug)]
pub struct Lines {
    place: PathBuf,
    file: BufReader<File>,
    line: String,
    number: u64,
}

impl Lines {
    /// Of a file.
    pub fn open(place: PathBuf) -> Result<Self, ArchiveError> {
        let file = BufReader::new(File::open(&place).at(&place)?);
        Ok(Self { place, file, line: String::new(), number: 0 })
    }

    /// The next line, with its end; `None` after the last.
    pub fn advance(&mut self) -> Result<Option<&str>, ArchiveError> {
        self.line.clear();
        let read = self.file.read_line(&mut self.line).at(&self.place)?;
        self.number += 1;
        Ok((read > 0).then_some(&self.line))
    }

    /// The next line, as the row of a part.
    pub fn row(&mut self, part: Part) -> Result<Option<Row>, ArchiveError> {
        let Some(line) = self.advance()? else { return Ok(None) };
        let row = Row::read(part, line.trim_end_matches('\n'));
        row.map(Some).map_err(|why| self.fault(&why))
    }

    /// What is wrong with the line that was read last.
    pub fn fault(&self, why: &dyn Display) -> ArchiveError {
        let place = self.place.display().to_string();
        ArchiveError::Line { place, line: self.number, why: why.to_string() }
    }
}
