//! Records one after the other, each behind its length and checksum; and how they are
//! found again among bytes that went bad.

use std::ops::Range;

use flate2::Crc;

/// Length and checksum, each a little-endian `u32`.
const HEAD: usize = 8;

/// Bytes that no record is shorter than: five lists.
const SHORTEST: usize = 5;

/// Bytes that are summed up at most while the next record is looked for: no file takes
/// longer than a second or so, whatever is in it.
const MOST_SUMMED: usize = 256 << 20;

/// A record that is whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// Its number, or a higher one: how many stood in bytes that went bad is known only
    /// if their lengths did not.
    pub number: u64,
    /// Where it stands, without its head.
    pub payload: Range<usize>,
}

/// What stands after the last record that is whole.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tail {
    /// Nothing.
    #[default]
    None,
    /// What was being written when the machine stopped: too short, or never filled.
    Torn,
    /// What went bad.
    Bad,
}

/// What was found among bytes.
#[derive(Debug, Default)]
pub struct Survey {
    /// The records that are whole, in order.
    pub frames: Vec<Frame>,
    /// The number after the last record, or a higher one.
    pub next: u64,
    /// Where the last record that is whole ends.
    pub end: usize,
    /// What stands there.
    pub tail: Tail,
    /// Whether something before that went bad.
    pub gaps: bool,
}

impl Survey {
    /// Finds the records, of which the first has a number.
    pub fn of(bytes: &[u8], first: u64) -> Self {
        let mut found = Self { next: first, ..Self::default() };
        let mut search = Search { bytes, left: MOST_SUMMED };
        while found.end < bytes.len() {
            let (gap, payload) = match search.whole_at(found.end) {
                Some(payload) => (0..0, payload),
                None => match search.next_after(found.end) {
                    Some((from, payload)) => (found.end..from, payload),
                    None => break,
                },
            };
            found.next += search.lost(gap.clone());
            found.gaps |= !gap.is_empty() || search.is_mended(&payload);
            found.end = payload.end;
            found.frames.push(Frame { number: found.next, payload });
            found.next += 1;
        }
        let rest = found.end..bytes.len();
        found.tail = search.tail(rest.clone());
        if found.tail == Tail::Bad {
            found.next += search.lost(rest);
        }
        found
    }

    /// Whether anything in it went bad.
    pub const fn is_bad(&self) -> bool {
        self.gaps || matches!(self.tail, Tail::Bad)
    }

    /// That the next record has a number bounds those of all before it.
    pub fn bound(&mut self, next: u64) {
        let mut upto = next;
        self.next = self.next.min(next);
        for frame in self.frames.iter_mut().rev() {
            upto = upto.saturating_sub(1);
            frame.number = frame.number.min(upto);
            upto = frame.number;
        }
    }
}

struct Search<'a> {
    bytes: &'a [u8],
    /// Bytes that may still be summed up.
    left: usize,
}

impl Search<'_> {
    /// What the head at a place says: the length of the record, and its checksum.
    fn head(&self, at: usize) -> Option<(u32, u32)> {
        let (length, rest) = self.bytes.get(at..)?.split_first_chunk()?;
        let (sum, _) = rest.split_first_chunk()?;
        Some((u32::from_le_bytes(*length), u32::from_le_bytes(*sum)))
    }

    fn payload(&self, at: usize, length: u32) -> Option<Range<usize>> {
        let from = at.checked_add(HEAD)?;
        let to = from.checked_add(usize::try_from(length).ok()?)?;
        (to <= self.bytes.len()).then_some(from..to)
    }

    /// The record whose head stands here, if it is whole.
    fn whole_at(&self, at: usize) -> Option<Range<usize>> {
        let (length, sum) = self.head(at)?;
        let payload = self.payload(at, length)?;
        (checksum(&self.bytes[payload.clone()]) == sum).then_some(payload)
    }

    /// The record whose head stands here, if only its length went bad: by one bit, or
    /// of the last record. The checksum is of the true length too.
    fn mended_at(&mut self, at: usize) -> Option<Range<usize>> {
        let (length, sum) = self.head(at)?;
        let last = self.bytes.len() - at - HEAD;
        let others = (0..u32::BITS).map(|bit| length ^ (1 << bit)).chain(u32::try_from(last).ok());
        others.into_iter().find_map(|length| {
            let payload = self.payload(at, length)?;
            self.is_sum_of(&payload, sum).then_some(payload)
        })
    }

    fn is_mended(&self, payload: &Range<usize>) -> bool {
        let length = self.head(payload.start - HEAD).map(|(length, _)| length);
        length != u32::try_from(payload.len()).ok()
    }

    /// The first record that is whole after what went bad at a place, and where its
    /// head stands.
    fn next_after(&mut self, at: usize) -> Option<(usize, Range<usize>)> {
        if let Some(payload) = self.mended_at(at) {
            return Some((at, payload));
        }
        for from in at + 1..self.bytes.len() {
            let (length, sum) = self.head(from)?;
            let Some(payload) = self.payload(from, length) else { continue };
            if payload.len() >= SHORTEST && self.is_sum_of(&payload, sum) {
                return Some((from, payload));
            }
        }
        None
    }

    fn is_sum_of(&mut self, payload: &Range<usize>, sum: u32) -> bool {
        let Some(left) = self.left.checked_sub(payload.len()) else { return false };
        self.left = left;
        checksum(&self.bytes[payload.clone()]) == sum
    }

    /// How many records stood in bytes that went bad, at most: one, where its length
    /// says so.
    fn lost(&self, gap: Range<usize>) -> u64 {
        if gap.is_empty() {
            return 0;
        }
        let one = self.head(gap.start).and_then(|(length, _)| self.payload(gap.start, length));
        if one.is_some_and(|payload| payload.end == gap.end) {
            return 1;
        }
        (gap.len() / (HEAD + SHORTEST)).max(1) as u64
    }

    fn tail(&self, rest: Range<usize>) -> Tail {
        let filled = self.bytes[rest.clone()].iter().any(|byte| *byte != 0);
        let length = self.head(rest.start).map(|(length, _)| length);
        match length.and_then(|length| self.payload(rest.start, length)) {
            _ if rest.is_empty() => Tail::None,
            Some(_) if filled => Tail::Bad,
            _ => Tail::Torn,
        }
    }
}

/// A record behind its head.
pub fn framed(payload: &[u8]) -> Vec<u8> {
    let head = [u32_of(payload.len()), checksum(payload)].map(u32::to_le_bytes);
    [head.as_flattened(), payload].concat()
}

/// The bytes that a record takes with its head.
pub const fn size(payload: &[u8]) -> usize {
    HEAD + payload.len()
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Five records of different lengths, and where each begins.
    fn five() -> (Vec<u8>, Vec<usize>) {
        let (mut bytes, mut begins) = (Vec::new(), Vec::new());
        for nth in 0..5_u8 {
            begins.push(bytes.len());
            bytes.extend(framed(&vec![b'a' + nth; 40 + usize::from(nth)]));
        }
        (bytes, begins)
    }

    fn numbers(bytes: &[u8]) -> Vec<u64> {
        let mut survey = Survey::of(bytes, 1);
        survey.bound(6);
        survey.frames.iter().map(|frame| frame.number).collect()
    }

    #[test]
    fn whichever_bit_goes_bad_at_most_its_own_record_is_gone() {
        let (whole, begins) = five();
        for bit in 0..whole.len() * 8 {
            let mut bytes = whole.clone();
            bytes[bit / 8] ^= 1 << (bit % 8);
            let hit = begins.iter().rposition(|begin| *begin <= bit / 8).unwrap() as u64 + 1;
            let of_length = bit / 8 - begins[usize::try_from(hit).unwrap() - 1] < 4;
            let left: Vec<_> = (1..=5).filter(|nth| of_length || *nth != hit).collect();
            assert_eq!(numbers(&bytes), left, "bit {bit}");
            assert!(Survey::of(&bytes, 1).is_bad(), "bit {bit}");
        }
    }

    #[test]
    fn what_stands_behind_a_page_of_zeros_or_two_bad_records_is_found() {
        let (whole, begins) = five();
        let with = |from: usize, to: usize, byte: u8| {
            let mut bytes = whole.clone();
            bytes[from..to].fill(byte);
            numbers(&bytes)
        };
        assert_eq!(with(begins[1] + 3, begins[3] - 2, 0), [1, 4, 5]);
        assert_eq!(with(0, begins[1], 0), [2, 3, 4, 5]);
        assert_eq!(with(begins[2], begins[4], 0xff), [1, 2, 5]);
        assert_eq!(with(begins[4], whole.len(), 0), [1, 2, 3, 4]);
        assert_eq!(with(begins[0], begins[4] + 9, b'x'), Vec::<u64>::new());
    }

    #[test]
    fn a_number_is_never_lower_than_it_was() {
        let (mut bytes, begins) = five();
        bytes[begins[1]..begins[3]].fill(0);
        let survey = Survey::of(&bytes, 1);
        assert!(survey.frames[1].number >= 4, "{survey:?}");
        assert!(survey.next >= 6);
    }

    #[test]
    fn what_was_being_written_is_told_from_what_went_bad() {
        let (whole, begins) = five();
        for cut in begins[4] + 1..whole.len() {
            let survey = Survey::of(&whole[..cut], 1);
            assert_eq!((survey.next, survey.tail, survey.gaps), (5, Tail::Torn, false), "{cut}");
        }
        let grown = [&whole[..], &[0; 300]].concat();
        assert_eq!(Survey::of(&grown, 1).tail, Tail::Torn);
        let mut bad = whole;
        *bad.last_mut().unwrap() ^= 1;
        assert_eq!((Survey::of(&bad, 1).tail, Survey::of(&bad, 1).next), (Tail::Bad, 6));
    }
}
