//! The incidents that the engine remembers.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::atlas::{Atlas, Place};
use crate::domain::{Code, Incident, IncidentId, Level, MatterCode, Provenance, TextErasure, Time};

use super::density::Age;
use super::hull::{Grain, grain};
use super::prepare::Unlike;
use super::slab::Slab;
use super::today::Today;

/// An incident and where it lies.
#[derive(Clone, Debug)]
struct Live {
    incident: Arc<Incident>,
    place: u32,
    matter: u16,
}

/// What the clusters count of an incident.
#[derive(Clone, Copy, Debug)]
pub(super) struct Facts<'a> {
    pub incident: &'a Arc<Incident>,
    pub place: &'a Place,
    /// Index among [`Window::matters`].
    pub matter: u16,
}

impl Facts<'_> {
    pub(super) fn side(&self, level: Level) -> Option<Code> {
        self.place.at(level)
    }

    /// Its county, if jurisdictions of a level are wider than counties.
    pub(super) fn county_within(&self, level: Level) -> Option<Code> {
        self.place.county.filter(|_| level < Level::County)
    }

    pub(super) fn grain(&self) -> Grain {
        grain(self.incident.point)
    }

    pub(super) fn age(&self) -> Age {
        (self.incident.occurred_at, self.incident.id)
    }
}

/// The incidents remembered, by slots that are used again. Texts that repeat
/// (sources, matters) and places are kept once.
#[derive(Clone, Debug, Default)]
pub(super) struct Window {
    slots: Slab<Option<Live>>,
    by_id: BTreeMap<IncidentId, u32>,
    by_age: BTreeMap<Age, u32>,
    places: Vec<Place>,
    place_ids: FxHashMap<Place, u32>,
    matters: Vec<MatterCode>,
    matter_ids: FxHashMap<MatterCode, u16>,
    /// With how many incidents of each.
    sources: BTreeMap<Arc<str>, u32>,
    provenance: [u32; 3],
    today: Today,
}

impl Window {
    /// Remembers an incident and gives its slot; nothing if its number is known.
    pub(super) fn enter(&mut self, incident: &Incident, atlas: &Atlas) -> Option<u32> {
        if self.by_id.contains_key(&incident.id) {
            return None;
        }
        let place = self.place_id(atlas.place(incident.point));
        let matter = self.matter_id(&incident.matter);
        let mut incident = incident.clone();
        incident.matter = self.matters[usize::from(matter)].clone();
        incident.source = self.source(incident.source);
        let (id, age) = (incident.id, (incident.occurred_at, incident.id));
        self.provenance[incident.provenance as usize] += 1;
        self.today.enter(incident.occurred_at, matter, place);
        let slot = self.slots.put(Some(Live { incident: Arc::new(incident), place, matter }));
        self.by_id.insert(id, slot);
        self.by_age.insert(age, slot);
        Some(slot)
    }

    /// Forgets what occurred up to an instant.
    pub(super) fn forget(&mut self, up_to: Time) {
        while let Some(oldest) = self.by_age.first_entry() {
            if oldest.key().0 > up_to {
                break;
            }
            let slot = oldest.remove();
            if let Some(gone) = self.slots.take(slot) {
                self.by_id.remove(&gone.incident.id);
                self.provenance[gone.incident.provenance as usize] -= 1;
                self.forget_source(&gone.incident.source);
                self.today.forget(gone.incident.occurred_at, gone.matter, gone.place);
            }
        }
    }

    /// Erases texts of incidents; nothing that is told of them live has any.
    pub(super) fn erase_texts(&mut self, erasure: &TextErasure) {
        let meant: Vec<u32> = match *erasure {
            TextErasure::Of(id) => self.by_id.get(&id).copied().into_iter().collect(),
            TextErasure::Before(time) => {
                self.by_age.range(..(time, IncidentId(0))).map(|(_, &slot)| slot).collect()
            }
        };
        for slot in meant {
            if let Some(live) = &mut self.slots[slot]
                && live.incident.has_texts()
            {
                erasure.erase(Arc::make_mut(&mut live.incident));
            }
        }
    }

    /// What is known of the incident in a slot in use.
    pub(super) fn facts(&self, slot: u32) -> Option<Facts<'_>> {
        self.slots[slot].as_ref().map(|live| Facts {
            incident: &live.incident,
            place: &self.places[live.place as usize],
            matter: live.matter,
        })
    }

    /// In the order of their numbers.
    pub(super) fn iter(&self) -> impl Iterator<Item = Facts<'_>> {
        self.by_id.values().filter_map(|&slot| self.facts(slot))
    }

    /// Those of lower numbers, the highest first.
    pub(super) fn below(&self, id: IncidentId) -> impl Iterator<Item = Facts<'_>> {
        self.by_id.range(..id).rev().filter_map(|(_, &slot)| self.facts(slot))
    }

    /// Each with its slot, in the order of their age.
    pub(super) fn by_age(&self) -> impl Iterator<Item = (u32, Facts<'_>)> {
        self.by_age.values().filter_map(|&slot| self.facts(slot).map(|facts| (slot, facts)))
    }

    /// Those that occurred at or after an instant.
    pub(super) fn since(&self, from: Time) -> impl Iterator<Item = Facts<'_>> {
        self.by_age.range((from, IncidentId(0))..).filter_map(|(_, &slot)| self.facts(slot))
    }

    /// Counts those of a day from now on; each anew only when another begins.
    pub(super) fn begin_day(&mut self, from: Time) {
        if self.today.from != from {
            self.today = self.day(from);
        }
    }

    /// Counts of those that occurred at or after an instant.
    pub(super) fn day(&self, from: Time) -> Today {
        if self.today.from == from {
            return self.today.clone();
        }
        let mut day = Today::since(from);
        for &slot in self.by_age.range((from, IncidentId(0))..).map(|(_, slot)| slot) {
            if let Some(live) = &self.slots[slot] {
                day.enter(live.incident.occurred_at, live.matter, live.place);
            }
        }
        day
    }

    /// The place of a number.
    pub(super) fn place(&self, number: u32) -> &Place {
        &self.places[number as usize]
    }

    pub(super) fn get(&self, id: IncidentId) -> Option<Facts<'_>> {
        self.by_id.get(&id).and_then(|&slot| self.facts(slot))
    }

    pub(super) fn len(&self) -> usize {
        self.by_id.len()
    }

    /// The code of a matter's index.
    pub(super) fn matter(&self, index: u16) -> &MatterCode {
        &self.matters[usize::from(index)]
    }

    /// Whether any incident is of this provenance.
    pub(super) fn has(&self, provenance: Provenance) -> bool {
        self.provenance[provenance as usize] > 0
    }

    fn place_id(&mut self, place: &Place) -> u32 {
        if let Some(&id) = self.place_ids.get(place) {
            return id;
        }
        let id = u32::try_from(self.places.len()).unwrap_or(u32::MAX);
        self.places.push(place.clone());
        self.place_ids.insert(place.clone(), id);
        id
    }

    /// A catalogue has far fewer than 65,536 matters.
    fn matter_id(&mut self, matter: &MatterCode) -> u16 {
        if let Some(&id) = self.matter_ids.get(matter) {
            return id;
        }
        let id = u16::try_from(self.matters.len()).unwrap_or(u16::MAX);
        self.matters.push(matter.clone());
        self.matter_ids.insert(matter.clone(), id);
        id
    }

    fn source(&mut self, source: Arc<str>) -> Arc<str> {
        let known = self.sources.get_key_value(&source).map(|(known, _)| Arc::clone(known));
        let source = known.unwrap_or(source);
        *self.sources.entry(Arc::clone(&source)).or_default() += 1;
        source
    }

    fn forget_source(&mut self, source: &Arc<str>) {
        if let Entry::Occupied(mut of) = self.sources.entry(Arc::clone(source)) {
            *of.get_mut() -= 1;
            if *of.get() == 0 {
                of.remove();
            }
        }
    }

    /// What came and went until another window.
    pub(super) fn unlike(&self, later: &Self) -> Unlike {
        let (mut gone, mut come) = (Vec::new(), Vec::new());
        let mut before = self.by_age.keys().copied().peekable();
        for (&age, &slot) in &later.by_age {
            while let Some(left) = before.next_if(|&known| known < age) {
                gone.push(left);
            }
            if before.next_if_eq(&age).is_none() {
                come.push(slot);
            }
        }
        gone.extend(before);
        Unlike { gone, come }
    }
}
