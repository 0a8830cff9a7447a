//! One file of the spool: a head, and records behind it.

use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use super::SEGMENT_BYTES;
use super::error::{During, SpoolError};
use super::frames::{Survey, Tail, framed, size};
use super::record::Record;

/// How a file begins; the number is of the encoding of its records.
const HEAD: &[u8; 16] = b"pilin spool   1\n";

/// The ending of a file's name,
const ENDING: &str = "spool";

/// and of what is kept of one that could not be read.
const SPOILT: &str = "bad";

/// A page of the disk: what cannot be read is passed over by pages.
const PAGE: usize = 4_096;

/// A file of records that is only ever appended to.
#[derive(Debug)]
pub struct Segment {
    path: PathBuf,
    file: File,
    first: u64,
    /// The number after its last record.
    next: u64,
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
        Ok(Self { path, file, first, next: first, bytes, closed: false, spoilt: false })
    }

    /// Opens one, and finds what can be read of it; none if there is nothing in it.
    pub fn open(folder: &Path, first: u64) -> Result<Option<Self>, SpoolError> {
        let path = path(folder, first);
        let deed = "opening a file of the spool";
        let file = OpenOptions::new().read(true).append(true).open(&path).during(deed, &path)?;
        let all = fs::read(&path).during(deed, &path)?;
        if HEAD.starts_with(&all) || all.iter().all(|byte| *byte == 0) {
            fs::remove_file(&path).during(deed, &path)?;
            return Ok(None);
        }
        let is_ours = all.starts_with(HEAD);
        let survey = Survey::of(all.get(HEAD.len()..).unwrap_or_default(), first);
        if !is_ours && !is_spoilt_head(&all, &survey) {
            let why = "it is of another version of Pilin: let that one bring it into the store";
            return Err(SpoolError::Corrupt { path, why: why.to_owned() });
        }
        let spoilt = survey.is_bad() || !is_ours;
        let closed = spoilt || survey.tail != Tail::None;
        let (next, bytes) = (survey.next, (HEAD.len() + survey.end) as u64);
        let segment = Self { path, file, first, next, bytes, closed, spoilt };
        if spoilt {
            segment.complain();
        }
        Ok(Some(segment))
    }

    /// Cuts off what was being written when the machine stopped, so that more can be
    /// appended: of the newest one alone, and what stands there was told to nobody.
    /// One that went bad stays as it is, and nothing is appended to it.
    pub fn mend(&mut self) -> Result<(), SpoolError> {
        if self.closed && !self.spoilt {
            let cut = self.file.set_len(self.bytes).and_then(|()| self.file.sync_all());
            cut.during("cutting off what is not whole", &self.path)?;
            self.closed = false;
        }
        Ok(())
    }

    /// That another follows which begins with a record bounds the numbers of its own.
    pub fn bound(&mut self, following: u64) {
        self.next = self.next.min(following);
        // One number may have been given to what could not be written, or kept free.
        if self.next + 1 < following {
            self.spoil();
        }
    }

    /// Something in it cannot be read: what can be is used, and the file is kept.
    pub fn spoil(&mut self) {
        self.closed = true;
        if !std::mem::replace(&mut self.spoilt, true) {
            self.complain();
        }
    }

    fn complain(&self) {
        tracing::error!(
            file = %self.path.display(),
            "something in the spool cannot be read; what can be goes into the store, and the file \
             is kept, ending in .{SPOILT}"
        );
    }

    /// The number of its first record.
    pub const fn first(&self) -> u64 {
        self.first
    }

    /// The number after its last.
    pub const fn next(&self) -> u64 {
        self.next
    }

    /// Whether there is nothing in it.
    pub const fn is_empty(&self) -> bool {
        self.next == self.first
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
        let framed = framed(payload);
        let written = self.file.write_all(&framed).and_then(|()| self.file.sync_data());
        if written.is_err() {
            // What came after a torn record would not be found.
            let cut = self.file.set_len(self.bytes).and_then(|()| self.file.sync_all());
            self.closed = cut.is_err();
        }
        written.during("writing to the spool", &self.path)?;
        self.bytes += framed.len() as u64;
        self.next += 1;
        Ok(())
    }

    /// Its records from a place on, still behind their heads; zeros where the disk
    /// does not read.
    pub fn read_from(&self, place: u64) -> Vec<u8> {
        let from = HEAD.len() as u64 + place;
        let mut bytes = vec![0; usize::try_from(self.bytes - from).unwrap_or_default()];
        if let Err(why) = self.file.read_exact_at(&mut bytes, from) {
            tracing::error!(file = %self.path.display(), error = %why, "reading the spool");
            for (page, at) in bytes.chunks_mut(PAGE).zip((from..).step_by(PAGE)) {
                if self.file.read_exact_at(page, at).is_err() {
                    page.fill(0);
                }
            }
        }
        bytes
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

/// The bytes that a record takes at most.
pub const fn room_for(payload: &[u8]) -> u64 {
    (HEAD.len() + size(payload)) as u64
}

/// Whether a file whose beginning is not ours is so all the same: its beginning went
/// bad. Another version says which it is, and its records make no sense.
fn is_spoilt_head(all: &[u8], survey: &Survey) -> bool {
    let named = all.get(..HEAD.len()).and_then(|head| str::from_utf8(head).ok());
    let version = named.and_then(|head| head.strip_prefix("pilin spool"));
    let is_version = version.is_some_and(|number| number.trim().parse::<u32>().is_ok());
    let mut payloads = survey.frames.iter().map(|frame| &frame.payload);
    let body = &all[HEAD.len().min(all.len())..];
    !is_version || payloads.any(|payload| Record::decode(&body[payload.clone()]).is_ok())
}

fn path(folder: &Path, first: u64) -> PathBuf {
    folder.join(format!("{first:020}.{ENDING}"))
}
