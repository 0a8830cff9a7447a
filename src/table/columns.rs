//! The columns that commands read, by each of the names they may have.

use std::io::Read;

use csv::ByteRecord;

use super::{Column, Table, TableError};

/// Longitude, degrees.
pub const LON: &[&str] = &["lon", "lng", "longitude", "经度"];
/// Latitude, degrees.
pub const LAT: &[&str] = &["lat", "latitude", "纬度"];
/// What an incident is called by whoever sent it.
pub const ID: &[&str] = &["external_id", "id", "编号"];
/// When it happened.
pub const TIME: &[&str] = &["occurred_at", "time", "发生时间", "时间"];
/// What it is about.
pub const MATTER: &[&str] = &["matter", "事项"];
/// The system it comes from.
pub const SOURCE: &[&str] = &["source", "来源"];
/// In words.
pub const DESCRIPTION: &[&str] = &["description", "描述"];

/// Longitude and latitude.
#[derive(Clone, Copy, Debug)]
pub struct Coordinates {
    lon: Column,
    lat: Column,
}

impl Coordinates {
    /// The columns of a table, which must have both.
    pub fn of(table: &Table<impl Read>) -> Result<Self, TableError> {
        Ok(Self { lon: table.need(LON)?, lat: table.need(LAT)? })
    }

    /// Degrees east and north; `None` if a line has neither.
    pub fn at(self, line: &ByteRecord) -> Result<Option<(f64, f64)>, TableError> {
        if self.lon.is_blank(line) && self.lat.is_blank(line) {
            return Ok(None);
        }
        Ok(Some((self.lon.number(line)?, self.lat.number(line)?)))
    }
}
