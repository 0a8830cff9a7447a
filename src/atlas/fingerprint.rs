//! A number by which an atlas is known again.

use std::hash::Hasher;

use geo::Coord;
use rustc_hash::FxHasher;

use super::edge::{Edge, Sides};
use super::jurisdiction::Register;
use super::zone::Zone;
use crate::domain::Code;

/// Alike for atlases that give every point the same place and the same borders:
/// of all that decides that, in its order. What things are called decides nothing.
pub(super) fn fingerprint(register: &Register, zones: &[Zone], edges: &[Edge]) -> u64 {
    let mut hasher = FxHasher::default();
    count(&mut hasher, register.all().len());
    for of in register.all() {
        hasher.write_u8(of.level as u8);
        hasher.write_u32(of.code.number());
        hasher.write_u32(of.parent.map_or(0, Code::number));
    }
    count(&mut hasher, zones.len());
    for zone in zones {
        count(&mut hasher, zone.code.len());
        hasher.write(zone.code.as_bytes());
        hasher.write_u8(zone.kind as u8);
    }
    count(&mut hasher, edges.len());
    for Edge { a, b, counties, townships, zones } in edges {
        for Coord { x, y } in [a, b] {
            hasher.write_u64(x.to_bits());
            hasher.write_u64(y.to_bits());
        }
        for Sides { left, right } in [counties, townships] {
            hasher.write_u16(*left);
            hasher.write_u16(*right);
        }
        count(&mut hasher, zones.len());
        for &zone in zones {
            hasher.write_u16(zone);
        }
    }
    hasher.finish()
}

fn count(hasher: &mut FxHasher, many: usize) {
    hasher.write_u64(many as u64);
}
