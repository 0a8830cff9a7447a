use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

use tempfile::tempdir;

use super::*;
use crate::domain::{Event, UnitId};
use crate::store::contract::{fix, report, unit};
use crate::store::{Draft, Owner};

const ROOM: u64 = 64 << 20;

fn record(at: i64) -> Record {
    let events = vec![Event::Position(fix(7, at))];
    let (units, incidents) = (vec![unit("a", "a")], vec![report("1")]);
    let draft = Draft { units, incidents, events, ..Draft::default() };
    Record::of(draft, |id| Some(format!("car-{}", id.0).into()))
}

/// One of about so many bytes.
fn large(bytes: usize) -> Record {
    let mut record = record(0);
    record.incidents[0].description = "x".repeat(bytes).into();
    record
}

fn opened(folder: &Path, taken: u64) -> (Spool, Vec<Record>) {
    let mut spool = Spool::open(folder, ROOM).unwrap();
    let mut left = Vec::new();
    spool.resume(taken, |record| left.push(record));
    (spool, left)
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let all = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = all.filter(|path| segment::first_of(path).is_some()).collect();
    files.sort();
    files
}

fn numbers(found: &[(u64, Record)]) -> Vec<u64> {
    found.iter().map(|(number, _)| *number).collect()
}

#[test]
fn what_is_kept_is_found_in_order_after_a_restart() {
    let folder = tempdir().unwrap();
    let (mut spool, left) = opened(folder.path(), 0);
    assert_eq!(left, []);
    for at in 1..=5 {
        assert_eq!(spool.keep(&record(at)).unwrap(), u64::try_from(at).unwrap());
    }
    let id = spool.id();
    drop(spool);
    let (mut spool, left) = opened(folder.path(), 2);
    assert_eq!(spool.id(), id);
    assert_eq!(left, [3, 4, 5].map(record));
    assert_eq!(left[0].codes, [(UnitId(7), "car-7".into())]);
    assert_eq!(numbers(&spool.after(2, 100)), [3, 4, 5]);
    assert_eq!(numbers(&spool.after(3, 4)), [4, 5], "3 items each");
    assert_eq!(spool.keep(&record(6)).unwrap(), 6);
    assert_eq!(numbers(&spool.after(4, 100)), [5, 6]);
    assert_eq!(spool.after(6, 100), []);
    assert_eq!((spool.bytes(), files(folder.path()).len()), (0, 0));
    assert_eq!(spool.keep(&record(7)).unwrap(), 7, "a number is never given twice");
    drop(spool);
    fs::remove_file(&files(folder.path())[0]).unwrap();
    assert_eq!(opened(folder.path(), 7).0.keep(&record(8)).unwrap(), 8);
}

#[test]
fn what_was_taken_is_let_go_file_by_file() {
    let folder = tempdir().unwrap();
    let (mut spool, _) = opened(folder.path(), 0);
    for _ in 0..6 {
        spool.keep(&large(2_500_000)).unwrap();
    }
    assert_eq!(files(folder.path()).len(), 3);
    let mut taken = 0;
    for (many, left) in [(2, 3), (2, 2), (2, 1)] {
        let found = spool.after(taken, usize::MAX);
        assert_eq!((found.len(), files(folder.path()).len()), (many, left));
        taken = found[many - 1].0;
    }
    assert_eq!(spool.after(taken, usize::MAX), []);
    assert_eq!(files(folder.path()).len(), 0);
}

#[test]
fn a_torn_end_is_cut_off_wherever_it_was_torn() {
    let folder = tempdir().unwrap();
    let (mut spool, _) = opened(folder.path(), 0);
    for at in 1..=2 {
        spool.keep(&record(at)).unwrap();
    }
    drop(spool);
    let file = files(folder.path()).remove(0);
    let whole = fs::read(&file).unwrap();
    let second = usize::midpoint(whole.len(), 16);
    for length in 0..whole.len() {
        fs::write(&file, &whole[..length]).unwrap();
        let (mut spool, left) = opened(folder.path(), 0);
        let expected = usize::from(length >= second);
        assert_eq!(left.len(), expected, "cut at {length}");
        let next = spool.keep(&record(9)).unwrap();
        drop(spool);
        let (_, left) = opened(folder.path(), 0);
        assert_eq!((left.len() as u64, left.last()), (next, Some(&record(9))), "cut at {length}");
    }
    // The file has grown, but what it was to hold never reached the disk.
    fs::write(&file, &whole).unwrap();
    OpenOptions::new().append(true).open(&file).unwrap().write_all(&[0; 300]).unwrap();
    assert_eq!(opened(folder.path(), 0).1.len(), 2);
}

/// Changes a byte in the middle of the payload of a record of so many like it.
fn spoil(file: &Path, record: usize, of: usize) {
    let mut bytes = fs::read(file).unwrap();
    let each = (bytes.len() - 16) / of;
    bytes[16 + each * record + each / 2] ^= 1;
    fs::write(file, bytes).unwrap();
}

fn spoilt(folder: &Path) -> Vec<u64> {
    let all = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let bad = all.filter(|path| path.extension().is_some_and(|ending| ending == "bad"));
    let mut sizes: Vec<_> = bad.map(|path| fs::metadata(path).unwrap().len()).collect();
    sizes.sort_unstable();
    sizes
}

#[test]
fn what_cannot_be_read_is_passed_over_and_its_file_stays() {
    let folder = tempdir().unwrap();
    let (mut spool, _) = opened(folder.path(), 0);
    for _ in 0..6 {
        spool.keep(&large(2_500_000)).unwrap();
    }
    let at = files(folder.path());
    let size = fs::metadata(&at[0]).unwrap().len();
    assert_eq!(at.len(), 3, "of two records each");
    // Read before, during and after the second of six goes bad.
    assert_eq!(numbers(&spool.after(0, 1)), [1]);
    drop(spool);
    spoil(&at[0], 1, 2);
    let (mut spool, left) = opened(folder.path(), 0);
    assert_eq!(left.len(), 5);
    assert_eq!(numbers(&spool.after(0, 100)), [1]);
    assert_eq!(numbers(&spool.after(1, 100)), [3, 4]);
    assert_eq!(spoilt(folder.path()), [size]);
    spoil(&at[1], 1, 2);
    drop(spool);
    let (mut spool, left) = opened(folder.path(), 1);
    assert_eq!(left.len(), 3);
    // While it is open.
    spoil(&at[2], 0, 2);
    assert_eq!(numbers(&spool.after(2, 100)), [3]);
    assert_eq!(numbers(&spool.after(3, 100)), [6]);
    assert_eq!(spool.after(6, 100), []);
    assert_eq!((files(folder.path()), spoilt(folder.path())), (vec![], vec![size; 3]));
    assert_eq!(spool.keep(&record(1)).unwrap(), 7);
    assert_eq!(numbers(&spool.after(6, 100)), [7]);
}

#[test]
fn after_a_bad_byte_in_the_newest_file_the_next_goes_into_another() {
    let folder = tempdir().unwrap();
    let (mut spool, _) = opened(folder.path(), 0);
    for at in 1..=3 {
        spool.keep(&record(at)).unwrap();
    }
    drop(spool);
    let file = files(folder.path()).remove(0);
    let size = fs::metadata(&file).unwrap().len();
    spoil(&file, 1, 3);
    let (mut spool, left) = opened(folder.path(), 0);
    assert_eq!(left, [record(1), record(3)]);
    assert_eq!((spool.keep(&record(4)).unwrap(), files(folder.path()).len()), (4, 2));
    drop(spool);
    let (mut spool, left) = opened(folder.path(), 0);
    assert_eq!(left, [record(1), record(3), record(4)]);
    assert_eq!(numbers(&spool.after(0, 100)), [1, 3]);
    assert_eq!(spoilt(folder.path()), [0_u64; 0]);
    assert_eq!(numbers(&spool.after(3, 100)), [4]);
    assert_eq!(spoilt(folder.path()), [size], "it is kept");
}

#[test]
fn whichever_byte_of_a_file_goes_bad_all_other_records_are_found() {
    let folder = tempdir().unwrap();
    let (mut spool, _) = opened(folder.path(), 0);
    for at in 1..=3 {
        spool.keep(&record(at)).unwrap();
    }
    drop(spool);
    let file = files(folder.path()).remove(0);
    let whole = fs::read(&file).unwrap();
    let each = (whole.len() - 16) / 3;
    for at in 0..whole.len() {
        for flip in [1, 0x80, 0xff] {
            let mut bytes = whole.clone();
            bytes[at] ^= flip;
            fs::write(&file, bytes).unwrap();
            let (spool, left) = opened(folder.path(), 0);
            drop(spool);
            let hit = at.checked_sub(16).map(|at| at / each + 1);
            let hit = hit.and_then(|hit| i64::try_from(hit).ok());
            let others: Vec<_> = (1..=3).filter(|nth| Some(*nth) != hit).map(record).collect();
            let found: Vec<_> = left.iter().filter(|found| others.contains(found)).collect();
            assert_eq!(found.len(), others.len(), "byte {at} by {flip}");
            assert!(left.len() <= 3, "byte {at} by {flip}");
        }
    }
    // A page of zeros over the head and the first record.
    let mut bytes = whole.clone();
    bytes[..20].fill(0);
    fs::write(&file, &bytes).unwrap();
    assert_eq!(opened(folder.path(), 0).1, [record(2), record(3)]);
    assert_eq!(fs::read(&file).unwrap(), bytes, "it stays as it is");
}

#[test]
fn what_the_store_has_not_is_never_passed_over_for_what_went_bad_before_it() {
    let folder = tempdir().unwrap();
    let (mut spool, _) = opened(folder.path(), 0);
    for at in 1..=6 {
        spool.keep(&record(at)).unwrap();
    }
    drop(spool);
    let file = files(folder.path()).remove(0);
    let mut bytes = fs::read(&file).unwrap();
    let each = (bytes.len() - 16) / 6;
    bytes[16 + each..16 + 4 * each].fill(0xff);
    fs::write(&file, bytes).unwrap();
    let (mut spool, left) = opened(folder.path(), 4);
    assert_eq!(left, [record(5), record(6)], "how many were before them is not known");
    let next = spool.keep(&record(7)).unwrap();
    assert!(next >= 7);
    let found = spool.after(4, 100);
    let more = spool.after(found.last().unwrap().0, 100);
    assert_eq!((found.len(), numbers(&more)), (2, vec![next]));
}

#[test]
fn a_place_kept_free_goes_before_what_is_kept_after_it() {
    let folder = tempdir().unwrap();
    let (mut spool, _) = opened(folder.path(), 0);
    spool.keep(&record(1)).unwrap();
    let free = spool.keep_free();
    assert_eq!((free, spool.keep_free()), (2, 2), "as long as nothing is kept behind it");
    spool.keep(&record(3)).unwrap();
    assert_eq!(numbers(&spool.after(0, 1)), [1]);
    spool.keep_as(free, &record(2)).unwrap();
    spool.keep(&record(4)).unwrap();
    let in_order = [1, 2, 3, 4].map(record);
    drop(spool);
    let (mut spool, left) = opened(folder.path(), 0);
    assert_eq!((left, spoilt(folder.path())), (in_order.to_vec(), vec![]));
    assert_eq!(numbers(&spool.after(0, 100)), [1]);
    assert_eq!(numbers(&spool.after(1, 100)), [2]);
    assert_eq!(numbers(&spool.after(2, 100)), [3, 4]);
    // One that nobody needed is no record that is gone.
    assert_eq!(spool.keep_free(), 5);
    spool.keep(&record(6)).unwrap();
    drop(spool);
    let (mut spool, left) = opened(folder.path(), 4);
    assert_eq!((left, numbers(&spool.after(4, 100))), (vec![record(6)], vec![6]));
    spool.after(6, 100);
    assert_eq!((files(folder.path()), spoilt(folder.path())), (vec![], vec![]));
}

#[test]
fn whose_the_names_are_stands_where_an_older_version_does_not_look() {
    let of = |owners: Vec<Owner>| {
        let incidents = vec![report("1"), report("2")];
        Record::of(Draft { incidents, owners, ..Draft::default() }, |_| None)
    };
    let ours = Owner(Some("320500".parse().unwrap()));
    let (nobodys, mixed) = (of(vec![]), of(vec![ours, Owner::NOBODY]));
    assert_eq!(nobodys.owners().collect::<Vec<_>>(), [Owner::NOBODY; 2]);
    assert_eq!(mixed.owners().collect::<Vec<_>>(), [ours, Owner::NOBODY]);
    let bytes = mixed.encode().unwrap();
    assert_eq!(Record::decode(&bytes).unwrap(), mixed);
    // What an older version reads, and has written.
    assert_eq!(postcard::from_bytes::<Record>(&bytes).unwrap(), nobodys);
    assert_eq!(nobodys.encode().unwrap(), postcard::to_stdvec(&nobodys).unwrap());
    assert_eq!(Record::decode(&nobodys.encode().unwrap()).unwrap(), nobodys);
}

#[test]
fn it_is_for_its_owner_alone() {
    use std::os::unix::fs::MetadataExt;
    let folder = tempdir().unwrap();
    let at = folder.path().join("spool");
    let mut spool = Spool::open(&at, ROOM).unwrap();
    spool.keep(&record(1)).unwrap();
    let told = spool.put_by(1, &record(1)).unwrap();
    assert!(fs::read_to_string(&told).unwrap().contains("\"incidents\""));
    for path in [at.clone(), at.join("id"), told, files(&at).remove(0)] {
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o077, 0, "{}", path.display());
    }
}

#[test]
fn it_holds_no_more_than_it_may() {
    let folder = tempdir().unwrap();
    let mut spool = Spool::open(folder.path(), 10_000).unwrap();
    let mut kept = 0;
    let why = loop {
        match spool.keep(&large(1_000)) {
            Ok(number) => kept = number,
            Err(why) => break why,
        }
    };
    assert!(why.is_full() && (7..10).contains(&kept), "{why}, {kept}");
    assert!(spool.bytes() <= 10_000);
    spool.after(kept, 1);
    spool.keep(&large(1_000)).unwrap();
}

#[test]
fn one_service_has_it_at_a_time() {
    let folder = tempdir().unwrap();
    let first = Spool::open(folder.path(), ROOM).unwrap();
    let why = Spool::open(folder.path(), ROOM).unwrap_err().to_string();
    assert!(why.contains("is another service's, which is running"), "{why}");
    drop(first);
    Spool::open(folder.path(), ROOM).unwrap();
}

#[test]
fn what_is_no_spool_is_left_alone() {
    let folder = tempdir().unwrap();
    let file = folder.path().join("00000000000000000001.spool");
    fs::write(&file, "pilin spool   9\nwhat that version wrote").unwrap();
    let why = Spool::open(folder.path(), ROOM).unwrap_err().to_string();
    assert!(why.contains("is of another version of Pilin"), "{why}");
    assert_eq!(fs::read(&file).unwrap().len(), 39);
    let at = Path::new("/proc/spool");
    let why = Spool::open(at, ROOM).unwrap_err().to_string();
    assert!(why.starts_with("making the spool (/proc/spool): "), "{why}");
}
