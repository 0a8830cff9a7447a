//! The parameters of a request, each refused by its name.

use std::fmt::Display;
use std::str::FromStr;

use axum::extract::{FromRequestParts, Query};
use axum::http::request::Parts;

use crate::domain::{Level, LngLat};

use super::problem::ApiError;

/// Characters of a parameter that the audit log tells.
const TOLD: usize = 200;

/// What stands behind the `?` of an address.
#[derive(Debug)]
pub struct Params(Vec<(String, String)>);

impl Params {
    /// Refuses any parameter but these.
    pub fn only(self, known: &[&str]) -> Result<Self, ApiError> {
        match self.0.iter().find(|(name, _)| !known.contains(&name.as_str())) {
            None => Ok(self),
            Some((name, _)) => {
                let reason = match known {
                    [] => "unknown; this address takes no parameters".to_owned(),
                    known => format!("unknown; the parameters here are {}", known.join(", ")),
                };
                Err(ApiError::field(name, reason))
            }
        }
    }

    /// All of them, as the audit log tells them.
    pub fn told(&self) -> serde_json::Value {
        let pairs = self.0.iter().map(|(name, text)| {
            (name.clone(), serde_json::Value::String(text.chars().take(TOLD).collect()))
        });
        serde_json::Value::Object(pairs.collect())
    }

    /// A parameter, if it is there.
    pub fn get<T: FromStr<Err: Display>>(&self, name: &str) -> Result<Option<T>, ApiError> {
        let Some((_, text)) = self.0.iter().find(|(known, _)| known == name) else {
            return Ok(None);
        };
        text.parse().map(Some).map_err(|why| ApiError::field(name, why))
    }

    /// A parameter that must be there.
    pub fn need<T: FromStr<Err: Display>>(&self, name: &str) -> Result<T, ApiError> {
        self.get(name)?.ok_or_else(|| ApiError::field(name, "is missing"))
    }

    /// A level, if it is named.
    pub fn level(&self, name: &str) -> Result<Option<Level>, ApiError> {
        let Some(text) = self.get::<String>(name)? else { return Ok(None) };
        let level = Level::ALL.into_iter().find(|level| level.to_string() == text);
        let reason = || format!("“{text}” is none of province, city, county, township");
        level.map(Some).ok_or_else(|| ApiError::field(name, reason()))
    }

    /// A number of things, 1 to `most`; `usual` if none is named.
    pub fn limit(&self, usual: usize, most: usize) -> Result<usize, ApiError> {
        match self.get("limit")? {
            None => Ok(usual),
            Some(limit) if (1..=most).contains(&limit) => Ok(limit),
            Some(limit) => Err(ApiError::field("limit", format!("{limit} is not 1 to {most}"))),
        }
    }

    /// A box `west,south,east,north` in degrees, if there is one.
    pub fn bbox(&self) -> Result<Option<Bbox>, ApiError> {
        let Some(text) = self.get::<String>("bbox")? else { return Ok(None) };
        Bbox::parse(&text).map(Some).ok_or_else(|| {
            let reason = format!("“{text}” is not west,south,east,north in degrees");
            ApiError::field("bbox", reason)
        })
    }
}

impl<S: Sync> FromRequestParts<S> for Params {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, ApiError> {
        let pairs = Query::<Vec<(String, String)>>::try_from_uri(&parts.uri);
        pairs.map(|Query(pairs)| Self(pairs)).map_err(|why| ApiError::field("query", why))
    }
}

/// The number at the end of an address: `kind` is what it is of.
pub fn number(kind: &str, text: &str) -> Result<u64, ApiError> {
    text.parse().map_err(|_no_number| ApiError::not_found(format!("{kind} “{text}”")))
}

/// A page of what was found, one more having been looked for, and the cursor of the
/// next page if there is one.
pub fn page<T>(
    found: &[T],
    limit: usize,
    cursor: impl FnOnce(&T) -> String,
) -> (&[T], Option<String>) {
    let told = &found[..found.len().min(limit)];
    (told, told.last().filter(|_| found.len() > limit).map(cursor))
}

/// How many of what was found go into a page of so many bytes, and of at most `limit`:
/// at least one.
pub fn fitting<T>(
    found: &[T],
    limit: usize,
    page_bytes: usize,
    bytes: impl Fn(&T) -> usize,
) -> usize {
    let mut whole = 0;
    let fits = found.iter().take(limit).take_while(|&one| {
        whole += bytes(one);
        whole <= page_bytes
    });
    fits.count().max(1)
}

/// A box in degrees; west is below east.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bbox {
    west: f64,
    south: f64,
    east: f64,
    north: f64,
}

impl Bbox {
    fn parse(text: &str) -> Option<Self> {
        let numbers: Vec<f64> =
            text.split(',').map(|part| part.trim().parse().ok()).collect::<Option<_>>()?;
        let [west, south, east, north] = numbers[..] else { return None };
        let fits = LngLat::new(west, south).is_ok() && LngLat::new(east, north).is_ok();
        (fits && west <= east && south <= north).then_some(Self { west, south, east, north })
    }

    /// Whether a point lies in it, its edges included.
    #[must_use]
    pub fn holds(&self, point: LngLat) -> bool {
        (self.west..=self.east).contains(&point.lng())
            && (self.south..=self.north).contains(&point.lat())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_ends_where_its_bytes_do_but_holds_one_at_least() {
        let fits = |found: &[usize], limit| fitting(found, limit, 10, |&bytes| bytes);
        assert_eq!(fits(&[5, 5, 1], 9), 2);
        assert_eq!(fits(&[5, 5, 1], 1), 1);
        assert_eq!(fits(&[30, 1], 9), 1);
        assert_eq!(fits(&[1, 1, 1], 9), 3);
    }

    #[test]
    fn a_box_is_four_numbers_in_order() {
        let inside = LngLat::new(121.0, 31.0).unwrap();
        assert!(Bbox::parse("120, 30, 122, 32").unwrap().holds(inside));
        for bad in ["", "1,2,3", "122,30,120,32", "a,b,c,d", "0,0,0,91", "NaN,0,1,1"] {
            assert_eq!(Bbox::parse(bad), None, "{bad}");
        }
    }
}
