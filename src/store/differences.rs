//! In which fields a report that was sent again is another.

use crate::domain::{Datum, Incident, NewIncident};

/// The fields of a report, as senders call them, in which two of one name differ.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Differences(u16);

type Differ = fn(&Incident, &NewIncident) -> bool;

const FIELDS: [(&str, Differ); 9] = [
    ("matter", |stored, sent| stored.matter != sent.matter),
    ("lon", |stored, sent| differ(reported(stored).1, reported_anew(sent).1)),
    ("lat", |stored, sent| differ(reported(stored).2, reported_anew(sent).2)),
    ("datum", |stored, sent| reported(stored).0 != reported_anew(sent).0),
    ("occurred_at", |stored, sent| stored.occurred_at != sent.occurred_at),
    ("severity", |stored, sent| stored.severity != sent.severity),
    ("description", |stored, sent| stored.description != sent.description),
    ("media", |stored, sent| stored.media != sent.media),
    ("provenance", |stored, sent| stored.provenance != sent.provenance),
];

impl Differences {
    /// Of a report as it is stored, and as it was sent again.
    #[must_use]
    pub fn between(stored: &Incident, sent: &NewIncident) -> Self {
        let bits = FIELDS.iter().enumerate();
        Self(bits.fold(0, |all, (bit, (_, differ))| all | u16::from(differ(stored, sent)) << bit))
    }

    /// Whether there are none.
    #[must_use]
    pub const fn is_none(self) -> bool {
        self.0 == 0
    }

    /// The fields, in the order of the documentation.
    pub fn fields(self) -> impl Iterator<Item = &'static str> {
        let named = FIELDS.iter().enumerate().filter(move |(bit, _)| self.0 & (1 << bit) != 0);
        named.map(|(_, (name, _))| *name)
    }
}

/// Where it is, as it was reported.
fn reported(of: &Incident) -> (Datum, f64, f64) {
    let plain = (Datum::Wgs84, of.point.lng(), of.point.lat());
    of.original.map_or(plain, |original| (original.datum, original.lng, original.lat))
}

fn reported_anew(of: &NewIncident) -> (Datum, f64, f64) {
    let plain = (Datum::Wgs84, of.point.lng(), of.point.lat());
    of.original.map_or(plain, |original| (original.datum, original.lng, original.lat))
}

fn differ(one: f64, other: f64) -> bool {
    one.to_bits() != other.to_bits()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{IncidentId, Severity};
    use crate::store::contract::report;

    #[test]
    fn what_is_sent_again_with_other_contents_says_in_which_fields() {
        let stored = report("a").numbered(IncidentId(1));
        let fields =
            |sent: &NewIncident| Differences::between(&stored, sent).fields().collect::<Vec<_>>();
        assert!(fields(&report("a")).is_empty());
        let mut sent = report("a");
        sent.severity = Severity::new(1 + sent.severity.grade() % 4).unwrap();
        sent.media.push("another".to_owned());
        assert_eq!(fields(&sent), ["severity", "media"]);
        let other = report("a").original.map(|mut original| {
            original.lng += 0.5;
            original
        });
        assert_eq!(fields(&NewIncident { original: other, ..report("a") }), ["lon"]);
    }
}
