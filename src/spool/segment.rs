//! One file of the spool: records, each behind its length and checksum.

use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use flate2::Crc;

use super::SEGMENT_BYTES;
use super::error::{During, SpoolError};

/// How a file begins; the number is of the encoding of its records.
const HEAD: &[u8; 16] = b"pilin spool   1\n";

/// Length and checksum, each a little-endian `u32`.
const FRAME_HEAD: usize = 8;

/// The ending of a file's name,
const ENDING: &str = "spool";

/// and of what is kept of one that could not be read.
const SPOILT: &str = "bad";

/// A file of records that is only ever appended to.
#[derive(Debug)]
pub struct Segment {
    path: PathBuf,
    file: File,
    first: u64,
    records: u64,
    bytes: u64,
    /// Whether nothing more is to be appended: what stands at its end is not known.
    closed: bool,
    /// Whether it holds what could not be read, and so is not to be lost sight of.
    spoilt: bool,
}

impl Segment {
    /// Makes one that begins with this record.
    pub fn create(folder: &Path, first: u64) -> Result<Self, SpoolError> {
        let path = path(folder, first);
        let deed = "beginning a file of the spool";
        // One that could not be begun well may be there.
        if fs::metadata(&path).is_ok_and(|file| file.len() > HEAD.len() as u64) {
            let why = "it is there already, with something in it".to_owned();
            return Err(SpoolError::Corrupt { path, why });
        }
        let mut options = OpenOptions::new();
        let made = options.read(true).append(true).create(true).mode(0o600).open(&path);
        let mut file = made.during(deed, &path)?;
        file.set_len(0)
            .and_then(|()| file.write_all(HEAD))
            .and_then(|()| file.sync_all())
            .and_then(|()| File::open(folder)?.sync_all())
            .during(deed, &path)?;
        let bytes = HEAD.len() as u64;
        Ok(Self { path, file, first, records: 0, bytes, closed: false, spoilt: false })
    }

    /// Opens one as far as it is whole; none if there is nothing in it.
    pub fn open(folder: &Path, first: u64) -> Result<Option<Self>, SpoolError> {
        let path = path(folder, first);
        let deed = "opening a file of the spool";
        let file = OpenOptions::new().read(true).append(true).open(&path).during(deed, &path)?;
        let all = fs::read(&path).during(deed, &path)?;
        if HEAD.starts_with(&all) {
            fs::remove_file(&path).during(deed, &path)?;
            return Ok(None);
        }
        let Some(frames) = all.strip_prefix(HEAD) else {
            let why = "it is of another version of Pilin: let that one bring it into the store";
            return Err(SpoolError::Corrupt { path, why: why.to_owned() });
        };
        let (mut records, mut whole) = (0, HEAD.len());
        for payload in payloads(frames) {
            records += 1;
            whole += framed(payload);
        }
        // What was being written when the machine stopped is too short, or was never
        // filled.
        let torn = frame(&all[whole..]).is_none() || all[whole..].iter().all(|byte| *byte == 0);
        let (bytes, closed) = (whole as u64, whole < all.len());
        let spoilt = closed && !torn;
        let segment = Self { path, file, first, records, bytes, closed, spoilt };
        if spoilt {
            segment.complain();
        }
        Ok(Some(segment))
    }

    /// Cuts off what is not whole at its end, so that more can be appended.
    ///
    /// Of the newest one alone: what stands there was told to nobody, unless a byte
    /// went bad, and then a copy stays.
    pub fn mend(&mut self) -> Result<(), SpoolError> {
        let deed = "cutting off what is not whole";
        if std::mem::take(&mut self.spoilt) {
            fs::copy(&self.path, self.path.with_extension(SPOILT)).during(deed, &self.path)?;
        }
        if std::mem::take(&mut self.closed) {
            let cut = self.file.set_len(self.bytes).and_then(|()| self.file.sync_all());
            cut.during(deed, &self.path)?;
        }
        Ok(())
    }

    /// What comes before the record of this number is all that can be read of it.
    pub fn spoil(&mut self, from: u64) {
        self.records = from - self.first;
        (self.closed, self.spoilt) = (true, true);
        self.complain();
    }

    fn complain(&self) {
        tracing::error!(
            file = %self.path.display(), from = self.next(),
            "records of the spool cannot be read; the file is kept, ending in .{SPOILT}"
        );
    }

    /// The number of its first record.
    pub const fn first(&self) -> u64 {
        self.first
    }

    /// The number after its last.
    pub const fn next(&self) -> u64 {
        self.first + self.records
    }

    /// Whether there is nothing in it.
    pub const fn is_empty(&self) -> bool {
        self.records == 0
    }

    /// The bytes it takes.
    pub const fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Whether the next record goes here.
    pub const fn takes_more(&self) -> bool {
        !self.closed && self.bytes < SEGMENT_BYTES
    }

    /// Appends a record; it is on the disk then, or not there.
    pub fn append(&mut self, payload: &[u8]) -> Result<(), SpoolError> {
        let head = [u32_of(payload.len()), checksum(payload)].map(u32::to_le_bytes);
        let framed = [head.as_flattened(), payload].concat();
        let written = self.file.write_all(&framed).and_then(|()| self.file.sync_data());
        if written.is_err() {
            // What came after a torn record would not be found.
            let cut = self.file.set_len(self.bytes).and_then(|()| self.file.sync_all());
            self.closed = cut.is_err();
        }
        written.during("writing to the spool", &self.path)?;
        self.bytes += framed.len() as u64;
        self.records += 1;
        Ok(())
    }

    /// Its records from a place on, still behind their heads.
    pub fn read_from(&self, place: u64) -> Result<Vec<u8>, SpoolError> {
        let from = HEAD.len() as u64 + place;
        let mut bytes = vec![0; usize::try_from(self.bytes - from).unwrap_or_default()];
        self.file.read_exact_at(&mut bytes, from).during("reading the spool", &self.path)?;
        Ok(bytes)
    }

    /// Lets go of it. Where that fails it is only in the way: the store knows that it
    /// has what is in it.
    pub fn remove(&self) {
        let gone = if self.spoilt {
            fs::rename(&self.path, self.path.with_extension(SPOILT))
        } else {
            fs::remove_file(&self.path)
        };
        if let Err(why) = gone {
            tracing::error!(file = %self.path.display(), error = %why, "letting go of a file of the spool");
        }
    }
}

/// The number that a file of the spool begins with; `None` of another file.
pub fn first_of(path: &Path) -> Option<u64> {
    let is_segment = path.extension().is_some_and(|ending| ending == ENDING);
    path.file_stem().filter(|_| is_segment)?.to_str()?.parse().ok()
}

/// What stands behind each head, as far as it is whole.
pub fn payloads(mut frames: &[u8]) -> impl Iterator<Item = &[u8]> {
    std::iter::from_fn(move || {
        let (payload, sum) = frame(frames)?;
        frames = &frames[framed(payload)..];
        (checksum(payload) == sum).then_some(payload)
    })
}

/// The first record, if it is there to its end, and the checksum before it.
fn frame(frames: &[u8]) -> Option<(&[u8], u32)> {
    let (head, rest) = frames.split_first_chunk::<FRAME_HEAD>()?;
    let word = |at: usize| u32::from_le_bytes([head[at], head[at + 1], head[at + 2], head[at + 3]]);
    Some((rest.get(..usize::try_from(word(0)).ok()?)?, word(4)))
}

/// The bytes that a record takes with its head.
pub const fn framed(payload: &[u8]) -> usize {
    FRAME_HEAD + payload.len()
}

/// The bytes that a record takes at most.
pub const fn room_for(payload: &[u8]) -> u64 {
    (HEAD.len() + framed(payload)) as u64
}

/// Of the length too, or nothing but zeros would be whole.
fn checksum(payload: &[u8]) -> u32 {
    let mut crc = Crc::new();
    crc.update(&u32_of(payload.len()).to_le_bytes());
    crc.update(payload);
    crc.sum()
}

/// A record is far below 4 GiB.
fn u32_of(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

fn path(folder: &Path, first: u64) -> PathBuf {
    folder.join(format!("{first:020}.{ENDING}"))
}
