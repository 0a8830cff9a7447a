//! What is read of one file of the spool.

use std::collections::VecDeque;

use super::frames::{Frame, Survey};
use super::record::Record;
use super::segment::Segment;

/// A segment, as far as it was read, and its records that were not let go.
#[derive(Debug, Default)]
pub struct Reader {
    bytes: Vec<u8>,
    /// The number after those that were read.
    next: u64,
    frames: VecDeque<Frame>,
}

impl Reader {
    /// Reads what a segment has more than was read of it.
    pub fn read_on(&mut self, segment: &mut Segment) {
        let known = self.bytes.len();
        let more = segment.read_from(known as u64);
        if more.is_empty() {
            return;
        }
        let first = if known == 0 { segment.first() } else { self.next };
        let mut survey = Survey::of(&more, first);
        survey.bound(segment.next());
        self.next = segment.next();
        if survey.is_bad() {
            segment.spoil();
        }
        self.bytes.extend(more);
        self.frames.extend(survey.frames.into_iter().map(|Frame { number, payload }| Frame {
            number,
            payload: known + payload.start..known + payload.end,
        }));
    }

    /// Lets go of all records up to a number.
    pub fn let_go(&mut self, upto: u64) {
        while self.frames.pop_front_if(|frame| frame.number <= upto).is_some() {}
    }

    /// The records, each with its number; those that make no sense are passed over.
    pub fn records<'a>(
        &'a self,
        segment: &'a mut Segment,
    ) -> impl Iterator<Item = (u64, Record)> + 'a {
        self.frames.iter().filter_map(|Frame { number, payload }| {
            let record = Record::decode(&self.bytes[payload.clone()]);
            if record.is_err() {
                segment.spoil();
            }
            Some((*number, record.ok()?))
        })
    }
}
