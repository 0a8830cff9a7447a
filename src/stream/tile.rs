//! Web-mercator tiles, by which units are asked for.

use std::f64::consts::{PI, TAU};
use std::fmt;
use std::str::FromStr;

use crate::domain::LngLat;

/// A tile `z/x/y` of the usual web-mercator pyramid (EPSG:3857, y downwards);
/// `z` is within [`Tile::ZOOMS`], `x` and `y` below 2^z.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tile {
    z: u8,
    x: u16,
    y: u16,
}

impl Tile {
    /// The zooms at which units may be asked for: from a country to a district.
    pub const ZOOMS: std::ops::RangeInclusive<u8> = 4..=12;
    /// The finest of them.
    pub const FINEST: u8 = 12;

    /// The finest tile that holds a point. Points beyond the pyramid (latitudes
    /// above 85.05°) lie in its first or last row.
    #[must_use]
    pub fn finest(point: LngLat) -> Self {
        let side = f64::from(1_u32 << Self::FINEST);
        // atanh(sin φ) is the mercator ordinate ln tan(π/4 + φ/2).
        let y = 0.5 - point.lat().to_radians().sin().atanh() / TAU;
        let x = point.lng().to_radians() / PI / 2.0 + 0.5;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "clamped to 0..4096 before it is cut to whole numbers"
        )]
        let whole = |share: f64| (share * side).clamp(0.0, side - 1.0) as u16;
        Self { z: Self::FINEST, x: whole(x), y: whole(y) }
    }

    /// The tile of zoom `z` that holds this one; itself when `z` is no coarser.
    #[must_use]
    pub const fn at(self, z: u8) -> Self {
        let up = self.z.saturating_sub(z);
        Self { z: self.z - up, x: self.x >> up, y: self.y >> up }
    }

    /// Its zoom.
    #[must_use]
    pub const fn zoom(self) -> u8 {
        self.z
    }

    /// Whether it holds that tile.
    #[must_use]
    pub fn holds(self, other: Self) -> bool {
        other.z >= self.z && other.at(self.z) == self
    }

    /// The places of the finest tiles it holds on the curve that visits every
    /// tile's four quarters one after the other (z-order): one run of numbers.
    #[must_use]
    pub fn places(self) -> std::ops::Range<u32> {
        let spread = |number: u16| {
            (0..u32::from(Self::FINEST))
                .fold(0, |spread, bit| spread | (u32::from(number) >> bit & 1) << (2 * bit))
        };
        let first = spread(self.x) | spread(self.y) << 1;
        let inside = 2 * u32::from(Self::FINEST - self.z);
        first << inside..(first + 1) << inside
    }
}

impl fmt::Display for Tile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}", self.z, self.x, self.y)
    }
}

/// A text that names no tile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a tile z/x/y of zoom 4 to 12")]
pub struct InvalidTile;

impl FromStr for Tile {
    type Err = InvalidTile;
    fn from_str(text: &str) -> Result<Self, InvalidTile> {
        let mut parts = text.split('/');
        let mut number = || parts.next().and_then(|part| part.parse::<u16>().ok());
        let (Some(z), Some(x), Some(y)) = (number(), number(), number()) else {
            return Err(InvalidTile);
        };
        let z = u8::try_from(z).ok().filter(|z| Self::ZOOMS.contains(z)).ok_or(InvalidTile)?;
        let tile = Self { z, x, y };
        // One tile has one name: no leading zeros, no fourth part.
        let fits = x < 1 << z && y < 1 << z && tile.to_string() == text;
        if fits { Ok(tile) } else { Err(InvalidTile) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_point_lies_in_the_tile_every_map_says() {
        // Shanghai's People's Square, as in any slippy map.
        let tile = Tile::finest(LngLat::new(121.473_7, 31.230_4).unwrap());
        assert_eq!(tile.to_string(), "12/3430/1673");
        assert_eq!(tile.at(6).to_string(), "6/53/26");
        assert!(tile.at(6).holds(tile));
        assert!(!tile.holds(tile.at(6)));
    }

    #[test]
    fn the_ends_of_the_earth_lie_in_a_tile() {
        for (lng, lat) in [(180.0, 90.0), (-180.0, -90.0), (0.0, 0.0)] {
            let tile = Tile::finest(LngLat::new(lng, lat).unwrap());
            assert!(tile.to_string().parse::<Tile>().is_ok(), "{tile}");
        }
    }

    #[test]
    fn the_places_in_a_tile_are_those_of_the_tiles_it_holds() {
        let tile: Tile = "12/3430/1673".parse().unwrap();
        assert_eq!(tile.places().len(), 1);
        for other in ["6/53/26", "11/1715/836", "4/13/6", "6/53/27", "11/1714/836", "4/0/0"] {
            let other: Tile = other.parse().unwrap();
            assert_eq!(other.places().contains(&tile.places().start), other.holds(tile), "{other}");
        }
        let all: u32 = (0..16)
            .flat_map(|x| (0..16).map(move |y| Tile { z: 4, x, y }))
            .map(|tile| u32::try_from(tile.places().len()).unwrap())
            .sum();
        assert_eq!(all, 1 << 24, "every finest tile has a place");
    }

    #[test]
    fn a_tile_has_one_name() {
        assert!("6/53/26".parse::<Tile>().is_ok());
        for bad in ["6/053/26", "6/53/26/1", "6/64/1", "3/1/1", "13/1/1", "6/53", "a/b/c", ""] {
            assert!(bad.parse::<Tile>().is_err(), "{bad}");
        }
    }
}
