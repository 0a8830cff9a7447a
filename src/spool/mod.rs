//! What waits on this machine's own disk while the store is away.
//!
//! ```text
//!  spool/
//!    id                          what the spool is called, and whose it is (locked)
//!    00000000000000000001.spool  records 1, 2, …, one after the other
//!    00000000000000004711.spool  the next ones; the newest file is appended to
//!    00000000000000000815.bad    one of which something could not be read
//!    00000000000000004712.refused.json  a record that the store will not have
//! ```
//!
//! A record is on the disk when [`Spool::keep`] returns. Records are numbered, and
//! the store notes, in the transaction that takes one in, up to which number it has
//! them: so each goes into the store once, whenever either is killed.

mod error;
mod frames;
mod reader;
mod record;
mod segment;

#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use uuid::Uuid;

pub use error::SpoolError;
pub use record::Record;

use error::During;
use reader::Reader;
use segment::Segment;

/// Bytes after which another segment is begun: what the store has taken is let go a
/// segment at a time, and one is read into memory.
const SEGMENT_BYTES: u64 = 4 << 20;

/// A bounded, durable queue in a folder of its own.
#[derive(Debug)]
pub struct Spool {
    folder: PathBuf,
    id: Uuid,
    most_bytes: u64,
    /// Oldest first.
    segments: VecDeque<Segment>,
    /// The number of the next record.
    next: u64,
    /// The number that was last kept free, as long as no later one is given.
    free: Option<u64>,
    /// What is read of the oldest segment.
    reader: Reader,
    /// Locked as long as it is open.
    _lock: File,
}

impl Spool {
    /// Opens the spool of a folder, or makes one. What was being written when the
    /// machine stopped, and so was told to nobody, is cut off.
    ///
    /// # Errors
    /// When the folder cannot be used, or another process has it open.
    pub fn open(folder: &Path, most_bytes: u64) -> Result<Self, SpoolError> {
        let made = DirBuilder::new().recursive(true).mode(0o700).create(folder);
        made.during("making the spool", folder)?;
        let (id, lock) = identify(folder)?;
        let entries: Vec<_> = fs::read_dir(folder)
            .and_then(Iterator::collect)
            .during("looking into the spool", folder)?;
        let firsts = entries.iter().filter_map(|entry| segment::first_of(&entry.path()));
        let mut firsts: Vec<_> = firsts.collect();
        firsts.sort_unstable();
        let segments = firsts.into_iter().map(|first| Segment::open(folder, first));
        let mut segments: VecDeque<_> =
            segments.filter_map(Result::transpose).collect::<Result<_, _>>()?;
        segments.back_mut().map_or(Ok(()), Segment::mend)?;
        for at in 1..segments.len() {
            let following = segments[at].first();
            segments[at - 1].bound(following);
        }
        let next = segments.back().map_or(1, Segment::next);
        let folder = folder.to_owned();
        let reader = Reader::default();
        Ok(Self { folder, id, most_bytes, segments, next, free: None, reader, _lock: lock })
    }

    /// What it is called: no other has the same name.
    #[must_use]
    pub const fn id(&self) -> Uuid {
        self.id
    }

    /// The bytes it takes.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.segments.iter().map(Segment::bytes).sum()
    }

    /// The number of the newest record ever kept.
    #[must_use]
    pub const fn newest(&self) -> u64 {
        self.next - 1
    }

    /// Takes up where the store says it is: it has all records up to this one. Shows
    /// each that is left.
    pub fn resume(&mut self, taken: u64, mut show: impl FnMut(Record)) {
        self.next = self.next.max(taken + 1);
        for segment in &mut self.segments {
            let mut reader = Reader::default();
            reader.read_on(segment);
            reader.let_go(taken);
            reader.records(segment).for_each(|(_, record)| show(record));
        }
        self.let_go(taken);
    }

    /// Keeps a record; its number. It is durable then.
    pub fn keep(&mut self, record: &Record) -> Result<u64, SpoolError> {
        let payload = record.encode()?;
        self.must_have_room_for(&payload)?;
        let number = self.next;
        let goes_on = |tail: &Segment| tail.takes_more() && tail.next() == number;
        if !self.segments.back().is_some_and(goes_on) {
            let segment = Segment::create(&self.folder, number)?;
            // One that nothing could be written to has the same name.
            self.segments.pop_back_if(|tail| tail.first() == number);
            self.segments.push_back(segment);
        }
        if let Some(tail) = self.segments.back_mut() {
            let kept = tail.append(&payload);
            // It may be on the disk all the same, where nothing could be undone.
            if kept.is_ok() || !tail.takes_more() {
                self.next += 1;
                self.free = None;
            }
            kept?;
        }
        Ok(number)
    }

    /// Keeps the next number free, for a record that goes before all that is kept from
    /// now on, if it is to be kept at all.
    pub fn keep_free(&mut self) -> u64 {
        *self.free.get_or_insert_with(|| {
            self.next += 1;
            self.next - 1
        })
    }

    /// Keeps a record under a number that was kept free. It is durable then.
    pub fn keep_as(&mut self, number: u64, record: &Record) -> Result<(), SpoolError> {
        let payload = record.encode()?;
        self.must_have_room_for(&payload)?;
        let mut segment = Segment::create(&self.folder, number)?;
        if let Err(why) = segment.append(&payload) {
            segment.remove();
            return Err(why);
        }
        let place = self.segments.partition_point(|other| other.first() < number);
        self.segments.insert(place, segment);
        self.free.take_if(|free| *free == number);
        if place == 0 {
            self.reader = Reader::default();
        }
        Ok(())
    }

    fn must_have_room_for(&self, payload: &[u8]) -> Result<(), SpoolError> {
        if self.bytes() + segment::room_for(payload) > self.most_bytes {
            return Err(SpoolError::Full { most_bytes: self.most_bytes });
        }
        Ok(())
    }

    /// Lets go of all records up to a number, which the store has; the next ones, each
    /// with its number: at least one if there is one, and no more once they hold so
    /// many items. What cannot be read is passed over, and its file kept.
    pub fn after(&mut self, taken: u64, most_items: usize) -> Vec<(u64, Record)> {
        loop {
            self.let_go(taken);
            let Some(oldest) = self.segments.front_mut() else { return Vec::new() };
            self.reader.read_on(oldest);
            self.reader.let_go(taken);
            let mut found = Vec::new();
            let mut items = 0;
            for (number, record) in self.reader.records(oldest) {
                items += record.items();
                found.push((number, record));
                if items >= most_items {
                    break;
                }
            }
            if !found.is_empty() {
                return found;
            }
            // All that is left of it cannot be read.
            oldest.spoil();
            self.drop_oldest();
        }
    }

    /// Puts a record that the store will not have beside the others, as JSON, for
    /// somebody to look at.
    ///
    /// # Errors
    /// When it cannot be written there.
    pub fn put_by(&self, number: u64, record: &Record) -> Result<PathBuf, SpoolError> {
        let path = self.folder.join(format!("{number:020}.refused.json"));
        let text =
            serde_json::to_vec_pretty(record).map_err(|why| SpoolError::Broken(why.to_string()))?;
        let mut options = OpenOptions::new();
        options
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&path)
            .and_then(|mut file| file.write_all(&text).and_then(|()| file.sync_all()))
            .and_then(|()| File::open(&self.folder)?.sync_all())
            .during("putting a record by", &path)?;
        Ok(path)
    }

    fn let_go(&mut self, taken: u64) {
        let is_done = |oldest: &Segment| oldest.is_empty() || oldest.next() <= taken + 1;
        while self.segments.front().is_some_and(is_done) {
            self.drop_oldest();
        }
    }

    fn drop_oldest(&mut self) {
        if let Some(oldest) = self.segments.pop_front() {
            oldest.remove();
            self.reader = Reader::default();
        }
    }
}

/// What the spool of a folder is called; given when it is first opened. Nobody else
/// has it open while the file is.
fn identify(folder: &Path) -> Result<(Uuid, File), SpoolError> {
    let path = folder.join("id");
    let mut options = OpenOptions::new();
    let options = options.read(true).write(true).create(true).truncate(false).mode(0o600);
    let mut file = options.open(&path).during("opening the spool", &path)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            return Err(SpoolError::Taken { folder: folder.to_owned() });
        }
        Err(TryLockError::Error(why)) => Err(why).during("locking the spool", &path)?,
    }
    let mut text = String::new();
    file.read_to_string(&mut text).during("reading what the spool is called", &path)?;
    if let Ok(id) = text.trim().parse() {
        return Ok((id, file));
    }
    let id = Uuid::now_v7();
    file.set_len(0)
        .and_then(|()| file.rewind())
        .and_then(|()| writeln!(file, "{id}"))
        .and_then(|()| file.sync_all())
        .and_then(|()| File::open(folder)?.sync_all())
        .and_then(|()| match folder.canonicalize()?.parent() {
            Some(parent) => File::open(parent)?.sync_all(),
            None => Ok(()),
        })
        .during("naming the spool", &path)?;
    Ok((id, file))
}
