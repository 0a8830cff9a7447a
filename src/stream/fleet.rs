//! The newest fix of every unit, and the cells in which somebody watches them.

use std::collections::BTreeMap;
use std::mem;
use std::sync::{Arc, OnceLock};

use rustc_hash::{FxHashMap, FxHashSet};

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
    tiles: FxHashMap<Tile, [Option<Watch>; Rate::ALL.len()]>,
    /// How many tiles of each zoom are watched.
    zooms: [u32; Tile::FINEST as usize + 1],
}

#[derive(Clone, Copy, Debug)]
struct Craft {
    agency: Code,
    kind: UnitKind,
    fix: Option<(Position, Tile)>,
}

/// What a row says of a unit.
#[derive(Clone, Copy, Debug)]
pub struct Sight {
    /// Its newest fix.
    pub position: Position,
    /// Whose it is.
    pub agency: Code,
    /// What it is.
    pub kind: UnitKind,
}

/// A watched cell.
#[derive(Debug, Default)]
struct Watch {
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
    sights: Vec<Sight>,
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
    pub moved: Vec<Sight>,
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
        let news = Craft { agency: unit.agency, kind: unit.kind, fix: None };
        let craft = self.crafts.entry(unit.id).or_insert(news);
        *craft = Craft { fix: craft.fix, ..news };
        if let Some((_, tile)) = craft.fix {
            self.stir(tile, unit.id);
        }
    }

    /// A unit's newest fix; nothing if the unit is not known.
    pub fn moved(&mut self, position: &Position) {
        let id = position.unit;
        let Some(craft) = self.crafts.get_mut(&id) else { return };
        let tile = Tile::finest(position.point);
        let before = craft.fix.replace((*position, tile)).map(|(_, before)| before);
        self.stir(tile, id);
        if before == Some(tile) {
            return;
        }
        if let Some(before) = before {
            self.stir(before, id);
            if let Some(left) = self.places.get_mut(&before.places().start) {
                left.remove(&id);
                if left.is_empty() {
                    self.places.remove(&before.places().start);
                }
            }
        }
        self.places.entry(tile.places().start).or_default().insert(id);
    }

    /// Begins to send a cell's frames; what is in it now.
    pub fn join(&mut self, cell: Cell, id: u64, outbox: &Arc<Outbox>) -> Arc<Whole> {
        if !self.tiles.contains_key(&cell.tile) {
            self.zooms[usize::from(cell.tile.zoom())] += 1;
        }
        let watch =
            self.tiles.entry(cell.tile).or_default()[cell.rate as usize].get_or_insert_default();
        outbox.hold();
        let outbox = Arc::clone(outbox);
        watch.listeners.push(Listener { id, outbox, slot: Slot::default(), behind: false });
        if let Some(whole) = &watch.whole {
            return Arc::clone(whole);
        }
        self.whole(cell)
    }

    /// Sends nothing more to a subscription.
    pub fn leave(&mut self, cell: Cell, id: u64) {
        let Some(watches) = self.tiles.get_mut(&cell.tile) else { return };
        let place = &mut watches[cell.rate as usize];
        if let Some(watch) = place {
            for gone in watch.listeners.extract_if(.., |listener| listener.id == id) {
                gone.outbox.leave(&gone.slot);
            }
            if watch.listeners.is_empty() {
                *place = None;
            }
        }
        if watches.iter().all(Option::is_none) {
            self.tiles.remove(&cell.tile);
            self.zooms[usize::from(cell.tile.zoom())] -= 1;
        }
    }

    /// Takes what is due at a rate.
    pub fn due(&mut self, rate: Rate) -> Vec<Due> {
        let mut due = Vec::new();
        let mut behind = Vec::new();
        for (tile, watches) in &mut self.tiles {
            let Some(watch) = &mut watches[rate as usize] else { continue };
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
                match self.crafts.get(&id).and_then(|craft| craft.sight(*tile)) {
                    Some(sight) => one.moved.push(sight),
                    None => one.gone.push(id),
                }
            }
            if !resets.is_empty() {
                behind.push((due.len(), resets));
            }
            due.push(one);
        }
        for (at, resets) in behind {
            due[at].resets = Some((self.whole(due[at].cell), resets));
        }
        due
    }

    /// How many cells are watched.
    #[must_use]
    pub fn cells(&self) -> usize {
        self.tiles.values().flatten().flatten().count()
    }

    /// All that is in a cell now, kept for others who need it before its next
    /// frame.
    fn whole(&mut self, cell: Cell) -> Arc<Whole> {
        let ids = self.places.range(cell.tile.places()).flat_map(|(_, ids)| ids);
        let sights = ids.filter_map(|id| self.crafts.get(id)?.sight(cell.tile)).collect();
        let whole = Arc::new(Whole { cell, at: self.at, sights, view: OnceLock::new() });
        if let Some(watches) = self.tiles.get_mut(&cell.tile)
            && let Some(watch) = &mut watches[cell.rate as usize]
        {
            watch.whole = Some(Arc::clone(&whole));
        }
        whole
    }

    fn stir(&mut self, finest: Tile, id: UnitId) {
        for zoom in Tile::ZOOMS {
            if self.zooms[usize::from(zoom)] == 0 {
                continue;
            }
            for watch in self.tiles.get_mut(&finest.at(zoom)).into_iter().flatten().flatten() {
                watch.stirred.insert(id);
            }
        }
    }
}

impl Craft {
    fn sight(&self, within: Tile) -> Option<Sight> {
        let (position, tile) = self.fix?;
        let Self { agency, kind, .. } = *self;
        within.holds(tile).then_some(Sight { position, agency, kind })
    }
}

impl Whole {
    /// As its channel tells it.
    #[must_use]
    pub fn view(&self) -> &View {
        self.view.get_or_init(|| frames::whole(self.at, self.cell, &self.sights))
    }
}
