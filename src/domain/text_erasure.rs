//! What is to be erased of reporters' words.

use serde::{Deserialize, Serialize};

use super::{Event, Incident, IncidentId, Time};

/// The texts of one incident, or of all that occurred before a time. The incidents stay.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum TextErasure {
    /// Of one.
    Of(IncidentId),
    /// Of all that occurred before a time.
    Before(Time),
}

impl TextErasure {
    /// Whether an incident is meant.
    #[must_use]
    pub fn means(&self, incident: &Incident) -> bool {
        match *self {
            Self::Of(id) => incident.id == id,
            Self::Before(time) => incident.occurred_at < time,
        }
    }

    /// Erases the texts of an incident that is meant; whether it had any.
    pub fn erase(&self, incident: &mut Incident) -> bool {
        let erases = self.means(incident) && incident.has_texts();
        if erases {
            incident.description = "".into();
            incident.media = Vec::new();
        }
        erases
    }

    /// Erases them in a batch's events; of which incidents.
    pub fn erase_in(&self, events: &mut [Event]) -> Vec<IncidentId> {
        let mut erased = Vec::new();
        for event in events {
            if let Event::Incident(incident) = event
                && self.erase(incident)
            {
                erased.push(incident.id);
            }
        }
        erased
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{LngLat, MatterCode, Provenance, Severity};

    fn incident(id: u64, at: i64, description: &str, media: &[&str]) -> Event {
        Event::Incident(Incident {
            id: IncidentId(id),
            source: "12345".into(),
            external_id: "a".into(),
            matter: MatterCode::new("spoil-dumping"),
            point: LngLat::new(120.9, 31.0).unwrap(),
            original: None,
            occurred_at: Time::from_ms(at),
            severity: Severity::MINOR,
            description: description.into(),
            media: media.iter().map(ToString::to_string).collect(),
            provenance: Provenance::Live,
        })
    }

    #[test]
    fn of_one_or_of_all_that_are_older_the_words_go_and_the_incident_stays() {
        let all = [
            incident(1, 5, "王女士，电话…", &[]),
            incident(2, 5, "", &["photo"]),
            incident(3, 5, "", &[]),
            Event::Tick,
            incident(4, 10, "渣土", &["film"]),
        ];
        let erased = |erasure: TextErasure| {
            let mut left = all.to_vec();
            let ids = erasure.erase_in(&mut left);
            (ids.iter().map(|id| id.0).collect::<Vec<_>>(), left)
        };
        let (ids, left) = erased(TextErasure::Before(Time::from_ms(10)));
        assert_eq!(ids, [1, 2], "the third had none, the fourth is not older");
        let bare = [incident(1, 5, "", &[]), incident(2, 5, "", &[]), incident(3, 5, "", &[])];
        assert_eq!(left[..3], bare);
        assert_eq!(left[3..], all[3..]);
        let (ids, left) = erased(TextErasure::Of(IncidentId(4)));
        assert_eq!((ids, &left[4]), (vec![4], &incident(4, 10, "", &[])));
        assert_eq!(erased(TextErasure::Of(IncidentId(9))), (Vec::new(), all.to_vec()));
    }
}
