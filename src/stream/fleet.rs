//! The newest fix of every unit, and the cells in which somebody watches them.

use std::collections::{BTreeMap, HashMap};
use std::mem;
use std::sync::{Arc, OnceLock};

use rustc_hash::{FxHashMap, FxHashSet};

use crate::access::{Homes, Land, Sight};
use crate::domain::{Change, Code, Position, Time, Unit, UnitId, UnitKind};

use super::channel::{Cell, Rate};
use super::frames::{self, View};
use super::outbox::{Outbox, Slot};
use super::tile::Tile;

/// Every unit, and what has moved in each watched cell since its last frame.
///
/// A cell exists while somebody listens. It keeps only which units have stirred:
/// their newest fixes are read when its frame is made, so that twenty fixes of a
/// unit between two frames cost twenty insertions into a set and one row.
#[derive(Debug, Default)]
pub struct Fleet {
    /// The server's time of what was told last.
    at: Time,
    crafts: FxHashMap<UnitId, Craft>,
    /// Who is where, by [`Tile::places`], so that what is in a tile is found
    /// without a look at everybody.
    places: BTreeMap<u32, FxHashSet<UnitId>>,
    /// Who watches each tile: few, one a rate and sight.
    tiles: HashMap<Tile, Vec<Watch>>,
    /// How many tiles of each zoom are watched.
    zooms: [u32; Tile::FINEST as usize + 1],
}

#[derive(Clone, Debug)]
struct Craft {
    agency: Code,
    kind: UnitKind,
    fix: Option<(Position, Tile)>,
    /// Whose it is where it is now; found when somebody asks who may not see all.
    homes: Option<Box<Homes>>,
}

/// What a row says of a unit.
#[derive(Clone, Copy, Debug)]
pub struct Spot {
    /// Its newest fix.
    pub position: Position,
    /// Whose it is.
    pub agency: Code,
    /// What it is.
    pub kind: UnitKind,
}

/// A cell watched by those of one sight.
#[derive(Debug)]
struct Watch {
    rate: Rate,
    sight: Sight,
    /// What they were shown and is not gone: a unit that moves out of their sight
    /// within the cell must be told gone, and one they never saw must not. Not kept
    /// for those who see all.
    shown: FxHashSet<UnitId>,
    stirred: FxHashSet<UnitId>,
    listeners: Vec<Listener>,
    /// All that was in it when somebody first needed that since the last frame.
    /// Who joins later is told the same: what has stirred since is in the next
    /// frame.
    whole: Option<Arc<Whole>>,
}

/// All that was in a cell at a moment, encoded once by the first who needs it.
#[derive(Debug)]
pub struct Whole {
    cell: Cell,
    at: Time,
    spots: Vec<Spot>,
    view: OnceLock<View>,
}

#[derive(Debug)]
struct Listener {
    id: u64,
    outbox: Arc<Outbox>,
    slot: Slot,
    /// It missed a frame and needs the whole cell.
    behind: bool,
}

/// Whom a frame is for.
pub type Readers = Vec<(Arc<Outbox>, Slot)>;

/// What is due in a cell.
#[derive(Debug)]
pub struct Due {
    /// Where.
    pub cell: Cell,
    /// What moved in it or entered it, and who gets it.
    pub moved: Vec<Spot>,
    /// What left it.
    pub gone: Vec<UnitId>,
    /// Who has every frame so far.
    pub deltas: Readers,
    /// Who is behind, and all that is in it for them.
    pub resets: Option<(Arc<Whole>, Readers)>,
}

impl Fleet {
    /// What one batch changes.
    pub fn tell(&mut self, at: Time, changes: &[Change]) {
        self.at = at;
        for change in changes {
            match change {
                Change::Unit(unit) => self.meet(unit),
                Change::Moved { position, .. } => self.moved(position),
                Change::Forgotten { unit } => self.forgotten(*unit),
                _ => {}
            }
        }
    }

    /// The server's time.
    pub const fn set_time(&mut self, at: Time) {
        self.at = at;
    }

    /// The server's time of what was told last.
    #[must_use]
    pub const fn time(&self) -> Time {
        self.at
    }

    /// A unit is known, or known otherwise.
    pub fn meet(&mut self, unit: &Unit) {
        let (agency, kind) = (unit.agency, unit.kind);
        let news = || Craft { agency, kind, fix: None, homes: None };
        let craft = self.crafts.entry(unit.id).or_insert_with(news);
        *craft = Craft { fix: craft.fix, ..news() };
        if let Some((_, tile)) = craft.fix {
            self.stir(tile, unit.id);
        }
    }

    /// A unit's newest fix; nothing if the unit is not known.
    pub fn moved(&mut self, position: &Position) {
        let id = position.unit;
        let Some(craft) = self.crafts.get_mut(&id) else { return };
        let tile = Tile::finest(position.point);
        craft.homes = None;
        let before = craft.fix.replace((*position, tile)).map(|(_, before)| before);
        self.stir(tile, id);
        if before == Some(tile) {
            return;
        }
        if let Some(before) = before {
            self.left(before, id);
        }
        self.places.entry(tile.places().start).or_default().insert(id);
    }

    /// Where a unit is, nobody knows any more.
    fn forgotten(&mut self, id: UnitId) {
        let Some(craft) = self.crafts.get_mut(&id) else { return };
        craft.homes = None;
        if let Some((_, before)) = craft.fix.take() {
            self.left(before, id);
        }
    }

    fn left(&mut self, before: Tile, id: UnitId) {
        self.stir(before, id);
        if let Some(left) = self.places.get_mut(&before.places().start) {
            left.remove(&id);
            if left.is_empty() {
                self.places.remove(&before.places().start);
            }
        }
    }

    /// Begins to send a cell's frames to one of a sight; what is in it now.
    pub fn join(
        &mut self,
        cell: Cell,
        sight: Sight,
        land: &dyn Land,
        (id, outbox): (u64, &Arc<Outbox>),
    ) -> Arc<Whole> {
        if !self.tiles.contains_key(&cell.tile) {
            self.zooms[usize::from(cell.tile.zoom())] += 1;
        }
        let watches = self.tiles.entry(cell.tile).or_default();
        let at = watches.iter().position(|watch| watch.is(cell.rate, sight));
        let at = at.unwrap_or(watches.len());
        if at == watches.len() {
            watches.push(Watch::new(cell.rate, sight));
        }
        let watch = &mut watches[at];
        outbox.hold();
        let outbox = Arc::clone(outbox);
        watch.listeners.push(Listener { id, outbox, slot: Slot::default(), behind: false });
        if let Some(whole) = &watch.whole {
            return Arc::clone(whole);
        }
        self.whole(cell, sight, land)
    }

    /// Sends nothing more to a subscription.
    pub fn leave(&mut self, cell: Cell, sight: Sight, id: u64) {
        let Some(watches) = self.tiles.get_mut(&cell.tile) else { return };
        if let Some(watch) = watches.iter_mut().find(|watch| watch.is(cell.rate, sight)) {
            for gone in watch.listeners.extract_if(.., |listener| listener.id == id) {
                gone.outbox.leave(&gone.slot);
            }
        }
        watches.retain(|watch| !watch.listeners.is_empty());
        if watches.is_empty() {
            self.tiles.remove(&cell.tile);
            self.zooms[usize::from(cell.tile.zoom())] -= 1;
        }
    }

    /// Takes what is due at a rate, for each sight on its own.
    pub fn due(&mut self, rate: Rate, land: &dyn Land) -> Vec<Due> {
        let mut due = Vec::new();
        let mut behind = Vec::new();
        let watched = self.tiles.iter_mut().flat_map(|(tile, watches)| {
            watches.iter_mut().filter(|watch| watch.rate == rate).map(move |watch| (tile, watch))
        });
        for (tile, watch) in watched {
            watch.whole = None;
            let stirred = mem::take(&mut watch.stirred);
            let mut deltas = Readers::new();
            let mut resets = Readers::new();
            for listener in &mut watch.listeners {
                if listener.slot.taken() {
                    listener.behind |= !stirred.is_empty();
                } else {
                    let reader = (Arc::clone(&listener.outbox), listener.slot.clone());
                    if mem::take(&mut listener.behind) { &mut resets } else { &mut deltas }
                        .push(reader);
                }
            }
            let cell = Cell { tile: *tile, rate };
            let mut one = Due { cell, moved: Vec::new(), gone: Vec::new(), deltas, resets: None };
            for id in stirred {
                let craft = self.crafts.get_mut(&id);
                match craft.and_then(|craft| craft.seen(*tile, watch.sight, land)) {
                    Some(spot) => {
                        watch.show(id);
                        one.moved.push(spot);
                    }
                    None if watch.sight == Sight::All || watch.shown.remove(&id) => {
                        one.gone.push(id);
                    }
                    None => {}
                }
            }
            if !resets.is_empty() {
                behind.push((due.len(), watch.sight, resets));
            }
            due.push(one);
        }
        for (at, sight, resets) in behind {
            due[at].resets = Some((self.whole(due[at].cell, sight, land), resets));
        }
        due
    }

    /// How many cells are watched.
    #[must_use]
    pub fn cells(&self) -> usize {
        self.tiles.values().flatten().count()
    }

    /// All that is in a cell now, kept for others who need it before its next
    /// frame.
    fn whole(&mut self, cell: Cell, sight: Sight, land: &dyn Land) -> Arc<Whole> {
        let ids = self.places.range(cell.tile.places()).flat_map(|(_, ids)| ids);
        let seen = |id| self.crafts.get_mut(id)?.seen(cell.tile, sight, land);
        let spots = ids.filter_map(seen).collect();
        let whole = Arc::new(Whole { cell, at: self.at, spots, view: OnceLock::new() });
        let watches = self.tiles.get_mut(&cell.tile).into_iter().flatten();
        for watch in watches.filter(|watch| watch.is(cell.rate, sight)) {
            whole.spots.iter().for_each(|spot| watch.show(spot.position.unit));
            watch.whole = Some(Arc::clone(&whole));
        }
        whole
    }

    fn stir(&mut self, finest: Tile, id: UnitId) {
        for zoom in Tile::ZOOMS {
            if self.zooms[usize::from(zoom)] == 0 {
                continue;
            }
            for watch in self.tiles.get_mut(&finest.at(zoom)).into_iter().flatten() {
                watch.stirred.insert(id);
            }
        }
    }
}

impl Watch {
    fn new(rate: Rate, sight: Sight) -> Self {
        Self {
            rate,
            sight,
            shown: FxHashSet::default(),
            stirred: FxHashSet::default(),
            listeners: Vec::new(),
            whole: None,
        }
    }

    fn is(&self, rate: Rate, sight: Sight) -> bool {
        self.rate == rate && self.sight == sight
    }

    fn show(&mut self, id: UnitId) {
        if self.sight != Sight::All {
            self.shown.insert(id);
        }
    }
}

impl Craft {
    /// Its row, if it is in a tile and seen.
    fn seen(&mut self, within: Tile, by: Sight, land: &dyn Land) -> Option<Spot> {
        let spot = self.spot(within)?;
        if by == Sight::All {
            return Some(spot);
        }
        let agency = self.agency;
        let find = || Box::new(land.homes_of_unit(agency, Some(spot.position.point)));
        by.sees(self.homes.get_or_insert_with(find)).then_some(spot)
    }

    fn spot(&self, within: Tile) -> Option<Spot> {
        let (position, tile) = self.fix?;
        let (agency, kind) = (self.agency, self.kind);
        within.holds(tile).then_some(Spot { position, agency, kind })
    }
}

impl Whole {
    /// As its channel tells it.
    #[must_use]
    pub fn view(&self) -> &View {
        self.view.get_or_init(|| frames::whole(self.at, self.cell, &self.spots))
    }
}
