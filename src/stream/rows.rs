//! Encoded incidents and alerts that can be cut by scope and sight without encoding
//! them again.

use std::sync::{Arc, Mutex, OnceLock};

use rustc_hash::FxHashSet;

use crate::access::{Homes, Sight};
use crate::domain::{Alert, Incident, LngLat};
use crate::wire::{Gazetteer, IncidentRow, Place};

use super::channel::Scope;
use super::lock::lock;

/// What of a topic goes to a channel's listeners of one sight.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cut {
    /// Whose incidents.
    pub scope: Scope,
    /// Which of them are seen.
    pub sight: Sight,
}

impl Cut {
    /// Everything.
    pub const ALL: Self = Self { scope: Scope::All, sight: Sight::All };
}

/// JSON rows parted by commas, the scopes of each, and whose each is.
#[derive(Debug)]
pub struct Rows {
    text: String,
    /// Where each row ends in the text, and its scopes.
    marks: Vec<(u32, Scopes)>,
    whose: Whose,
}

/// Whose each row is.
#[derive(Debug)]
enum Whose {
    /// Known.
    Known(Vec<Homes>),
    /// To be found by the points when somebody asks who may not see all: a service
    /// without accounts never does.
    Later(Vec<LngLat>, OnceLock<Vec<Homes>>),
}

/// The scopes a place belongs to, sorted, other than [`Scope::All`]; one copy is
/// shared by all rows of the place.
pub type Scopes = Arc<[Scope]>;

/// Knows which scopes a point belongs to.
#[derive(Debug)]
pub struct Surveyor {
    map: Arc<dyn Gazetteer>,
    /// Locked for a look-up at a time.
    known: Mutex<FxHashSet<Scopes>>,
}

impl Surveyor {
    /// Of a map.
    #[must_use]
    pub fn new(map: Arc<dyn Gazetteer>) -> Self {
        Self { map, known: Mutex::default() }
    }

    /// The map.
    #[must_use]
    pub fn map(&self) -> &dyn Gazetteer {
        &*self.map
    }

    /// The incidents as rows, in their order.
    #[must_use]
    pub fn rows<'a>(&self, incidents: impl Iterator<Item = &'a Incident>) -> Rows {
        let (mut text, mut marks, mut points) = (String::new(), Vec::new(), Vec::new());
        for incident in incidents {
            let place = self.map.place(incident.point);
            // A row is numbers and short texts: encoding it cannot fail.
            let Ok(row) = serde_json::to_string(&IncidentRow::of(incident, &place)) else {
                continue;
            };
            marks.push((add(&mut text, &row), self.scopes(&place)));
            points.push(incident.point);
        }
        Rows { text, marks, whose: Whose::Later(points, OnceLock::new()) }
    }

    /// Alerts as rows, each with its encoded text, in their order.
    #[must_use]
    pub fn alerts<'a>(&self, alerts: impl Iterator<Item = (String, &'a Alert)>) -> Rows {
        let (mut text, mut marks, mut homes) = (String::new(), Vec::new(), Vec::new());
        let everywhere: Scopes = Arc::default();
        for (row, alert) in alerts {
            marks.push((add(&mut text, &row), Arc::clone(&everywhere)));
            homes.push(self.map.homes_of_alert(alert));
        }
        Rows { text, marks, whose: Whose::Known(homes) }
    }

    fn scopes(&self, place: &Place) -> Scopes {
        let codes = place.jurisdictions.iter().flatten().copied().map(Scope::Jurisdiction);
        let zones = place.zones.iter().copied().map(Scope::Zone);
        let mut scopes: Vec<_> = codes.chain(zones).collect();
        scopes.sort_unstable();
        scopes.dedup();
        let mut known = lock(&self.known);
        if let Some(shared) = known.get(scopes.as_slice()) {
            return Arc::clone(shared);
        }
        let shared = Scopes::from(scopes);
        known.insert(Arc::clone(&shared));
        shared
    }
}

/// Adds a row; where it ends.
fn add(text: &mut String, row: &str) -> u32 {
    if !text.is_empty() {
        text.push(',');
    }
    text.push_str(row);
    u32::try_from(text.len()).unwrap_or(u32::MAX)
}

impl Rows {
    /// The rows of a cut, each with its text.
    pub fn of(&self, cut: Cut, surveyor: &Surveyor) -> impl Iterator<Item = &str> {
        let homes = (cut.sight != Sight::All).then(|| self.homes(surveyor));
        let starts = [0].into_iter().chain(self.marks.iter().map(|(end, _)| *end as usize + 1));
        starts
            .zip(&self.marks)
            .enumerate()
            .filter(move |(at, (_, (_, scopes)))| {
                let seen = homes.is_none_or(|homes| cut.sight.sees(&homes[*at]));
                seen && belongs(scopes, cut.scope)
            })
            .map(|(_, (start, (end, _)))| &self.text[start..*end as usize])
    }

    /// Whose each row is.
    pub fn homes(&self, surveyor: &Surveyor) -> &[Homes] {
        match &self.whose {
            Whose::Known(homes) => homes,
            Whose::Later(points, found) => found
                .get_or_init(|| points.iter().map(|&point| surveyor.map.homes(point)).collect()),
        }
    }

    /// All rows, parted by commas.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether there are none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.marks.is_empty()
    }

    /// Bytes held.
    #[must_use]
    pub const fn bytes(&self) -> usize {
        self.text.len() + self.marks.len() * size_of::<(u32, Scopes, LngLat)>()
    }

    /// The scopes of each row, in their order.
    pub fn scopes(&self) -> impl Iterator<Item = &Scopes> {
        self.marks.iter().map(|(_, scopes)| scopes)
    }
}

/// Whether a row with these scopes is of that one.
fn belongs(scopes: &[Scope], to: Scope) -> bool {
    to == Scope::All || scopes.binary_search(&to).is_ok()
}
