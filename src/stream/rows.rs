//! Encoded incidents that can be cut by scope without encoding them again.

use std::sync::{Arc, Mutex};

use rustc_hash::FxHashSet;

use crate::domain::Incident;
use crate::wire::{Gazetteer, IncidentRow, Place};

use super::channel::Scope;
use super::lock::lock;

/// JSON rows parted by commas, and the scopes of each.
#[derive(Clone, Debug, Default)]
pub struct Rows {
    text: String,
    /// Where each row ends in the text, and whose it is.
    marks: Vec<(u32, Scopes)>,
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
        let mut rows = Rows::default();
        for incident in incidents {
            let place = self.map.place(incident.point);
            rows.push(&IncidentRow::of(incident, &place), self.scopes(&place));
        }
        rows
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

impl Rows {
    fn push(&mut self, row: &IncidentRow, scopes: Scopes) {
        // A row is numbers and short texts: encoding it cannot fail.
        let Ok(text) = serde_json::to_string(row) else { return };
        if !self.text.is_empty() {
            self.text.push(',');
        }
        self.text.push_str(&text);
        self.marks.push((u32::try_from(self.text.len()).unwrap_or(u32::MAX), scopes));
    }

    /// The rows of a scope, each with its text.
    pub fn of(&self, scope: Scope) -> impl Iterator<Item = &str> {
        let starts = [0].into_iter().chain(self.marks.iter().map(|(end, _)| *end as usize + 1));
        starts
            .zip(&self.marks)
            .filter(move |(_, (_, scopes))| belongs(scopes, scope))
            .map(|(start, (end, _))| &self.text[start..*end as usize])
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
        self.text.len() + self.marks.len() * size_of::<(u32, Scopes)>()
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
