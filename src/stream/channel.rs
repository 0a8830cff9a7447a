//! The channels and their names.

use std::fmt;

use crate::domain::Code;
use crate::wire::Gazetteer;

use super::tile::Tile;

/// What a client may subscribe to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Channel {
    /// `alerts`: every border alert.
    Alerts,
    /// `incidents:all`, `incidents:<code>`: the incidents of a scope.
    Incidents(Scope),
    /// `units:<z>/<x>/<y>@<rate>`: the units in a tile.
    Units(Cell),
    /// `stats`: the key figures.
    Stats,
}

/// Whose incidents.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// Everybody's.
    All,
    /// Those in a jurisdiction of any level.
    Jurisdiction(Code),
    /// Those in a zone, by its index on the map.
    Zone(u16),
}

/// A tile at a rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cell {
    /// Where.
    pub tile: Tile,
    /// How often at most.
    pub rate: Rate,
}

/// How often at most a channel of units sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rate {
    /// Five times a second.
    Fast,
    /// Once a second.
    Second,
    /// Every five seconds.
    Slow,
}

impl Rate {
    /// Every rate, the fastest first.
    pub const ALL: [Self; 3] = [Self::Fast, Self::Second, Self::Slow];

    /// The time between two frames in ms.
    #[must_use]
    pub const fn ms(self) -> u64 {
        match self {
            Self::Fast => 200,
            Self::Second => 1000,
            Self::Slow => 5000,
        }
    }

    /// Its name in a channel.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Fast => "200ms",
            Self::Second => "1s",
            Self::Slow => "5s",
        }
    }
}

impl Channel {
    /// The channel of a name; `None` when there is no such channel, tile,
    /// jurisdiction or zone.
    #[must_use]
    pub fn parse(name: &str, map: &dyn Gazetteer) -> Option<Self> {
        match name.split_once(':') {
            None if name == "alerts" => Some(Self::Alerts),
            None if name == "stats" => Some(Self::Stats),
            Some(("incidents", scope)) => Scope::parse(scope, map).map(Self::Incidents),
            Some(("units", cell)) => {
                let (tile, rate) = cell.split_once('@')?;
                let rate = Rate::ALL.into_iter().find(|known| known.name() == rate)?;
                Some(Self::Units(Cell { tile: tile.parse().ok()?, rate }))
            }
            _ => None,
        }
    }
}

impl Scope {
    fn parse(name: &str, map: &dyn Gazetteer) -> Option<Self> {
        if name == "all" {
            return Some(Self::All);
        }
        let code = name.parse::<Code>().ok().filter(|code| {
            // One scope has one name: no leading zeros.
            code.to_string() == name && map.jurisdiction(*code).is_some()
        });
        code.map(Self::Jurisdiction).or_else(|| map.zone(name).map(Self::Zone))
    }
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "units:{}@{}", self.tile, self.rate.name())
    }
}
