//! The newest fix of every unit, and the cells in which somebody watches them.

use std::mem;
use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::domain::{Code, Position, Unit, UnitId, UnitKind};

use super::channel::{Cell, Rate};
use super::outbox::{Outbox, Slot};
use super::tile::Tile;

/// Every unit, and what has moved in each watched cell since its last frame.
///
/// A cell exists while somebody listens. It keeps only which units have stirred:
/// their newest fixes are read when its frame is made, so that twenty fixes of a
/// unit between two frames cost twenty insertions into a set and one row.
#[derive(Debug, Default)]
pub struct Fleet {
    crafts: FxHashMap<UnitId, Craft>,
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
    /// All that is in it, if anybody is behind.
    pub all: Vec<Sight>,
    /// Who is behind.
    pub resets: Readers,
}

impl Fleet {
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
        let Some(craft) = self.crafts.get_mut(&position.unit) else { return };
        let tile = Tile::finest(position.point);
        let before = craft.fix.replace((*position, tile)).map(|(_, before)| before);
        self.stir(tile, position.unit);
        if let Some(before) = before.filter(|before| *before != tile) {
            self.stir(before, position.unit);
        }
    }

    /// Begins to send a cell's frames; what is in it now.
    pub fn join(&mut self, cell: Cell, id: u64, outbox: &Arc<Outbox>) -> Vec<Sight> {
        if !self.tiles.contains_key(&cell.tile) {
            self.zooms[usize::from(cell.tile.zoom())] += 1;
        }
        let watch =
            self.tiles.entry(cell.tile).or_default()[cell.rate as usize].get_or_insert_default();
        outbox.hold();
        let outbox = Arc::clone(outbox);
        watch.listeners.push(Listener { id, outbox, slot: Slot::default(), behind: false });
        self.within(cell.tile)
    }

    /// Sends nothing more to a subscription.
    pub fn leave(&mut self, cell: Cell, id: u64) {
        let Some(watches) = self.tiles.get_mut(&cell.tile) else { return };
        let place = &mut watches[cell.rate as usize];
        if let Some(watch) = place {
            watch.listeners.retain(|listener| listener.id != id);
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
        for (tile, watches) in &mut self.tiles {
            let Some(watch) = &mut watches[rate as usize] else { continue };
            let stirred = mem::take(&mut watch.stirred);
            let mut one = Due::of(Cell { tile: *tile, rate });
            for listener in &mut watch.listeners {
                if listener.slot.taken() {
                    listener.behind |= !stirred.is_empty();
                } else {
                    let reader = (Arc::clone(&listener.outbox), listener.slot.clone());
                    let readers = if mem::take(&mut listener.behind) {
                        &mut one.resets
                    } else {
                        &mut one.deltas
                    };
                    readers.push(reader);
                }
            }
            for id in stirred {
                match self.crafts.get(&id).and_then(|craft| craft.sight(*tile)) {
                    Some(sight) => one.moved.push(sight),
                    None => one.gone.push(id),
                }
            }
            due.push(one);
        }
        for one in &mut due {
            if !one.resets.is_empty() {
                one.all = self.within(one.cell.tile);
            }
        }
        due
    }

    /// How many cells are watched.
    #[must_use]
    pub fn cells(&self) -> usize {
        self.tiles.values().flatten().flatten().count()
    }

    fn within(&self, tile: Tile) -> Vec<Sight> {
        self.crafts.values().filter_map(|craft| craft.sight(tile)).collect()
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

impl Due {
    const fn of(cell: Cell) -> Self {
        Self {
            cell,
            moved: Vec::new(),
            gone: Vec::new(),
            deltas: Vec::new(),
            all: Vec::new(),
            resets: Vec::new(),
        }
    }
}
