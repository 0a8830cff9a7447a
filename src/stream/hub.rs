//! The hub: what the pipeline publishes, and who listens.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use tokio::time::{Instant, MissedTickBehavior, interval_at};
use tokio_util::sync::CancellationToken;

use crate::access::{Land, Sight};
use crate::domain::{Change, Offset, Position, Time, Unit};
use crate::wire::{AlertChange, AlertView, Gazetteer, StatsFrame};

use super::channel::{Cell, Channel, Rate, Scope};
use super::fleet::{Due, Fleet, Whole};
use super::frames;
use super::limits::Limits;
use super::lock::lock;
use super::outbox::Outbox;
use super::publication::Publication;
use super::rows::{Cut, Rows, Surveyor};
use super::topic::{Entry, Topic};

/// One picture, many who look: takes the changes of each committed batch and
/// sends them to all who listen.
///
/// Each of its four parts has a lock of its own, held for look-ups and pushes
/// but never for a wait, so [`Hub::publish`] takes as long as there is to say.
#[derive(Debug)]
pub struct Hub {
    limits: Limits,
    epoch: Arc<str>,
    surveyor: Surveyor,
    alerts: Mutex<Topic>,
    incidents: Mutex<Topic>,
    units: Mutex<Fleet>,
    stats: Mutex<Stats>,
    subscriptions: AtomicU64,
}

#[derive(Debug, Default)]
struct Stats {
    newest: Option<Publication>,
    payload: Option<Arc<str>>,
    listeners: Vec<(u64, Arc<Outbox>)>,
}

impl Hub {
    /// A hub to which everything after `since` will be published: the offset at
    /// which the engine stands that will make the changes. `epoch` is the
    /// store's own and outlives the process.
    #[must_use]
    pub fn new(limits: Limits, epoch: &str, map: Arc<dyn Gazetteer>, since: Offset) -> Self {
        Self {
            alerts: Mutex::new(Topic::new(since, limits.alert_history_bytes)),
            incidents: Mutex::new(Topic::new(since, limits.incident_history_bytes)),
            units: Mutex::default(),
            stats: Mutex::default(),
            subscriptions: AtomicU64::default(),
            epoch: epoch.into(),
            surveyor: Surveyor::new(map),
            limits,
        }
    }

    /// The units there are at the start, with their newest fixes.
    pub fn meet<'a>(
        &self,
        at: Time,
        units: impl IntoIterator<Item = (&'a Unit, Option<&'a Position>)>,
    ) {
        let mut fleet = lock(&self.units);
        fleet.set_time(at);
        for (unit, position) in units {
            fleet.meet(unit);
            if let Some(position) = position {
                fleet.moved(position);
            }
        }
    }

    /// Tells the changes of one committed batch, before anybody can be shown a
    /// snapshot that contains them. Offsets rise; `at` is the batch's time.
    pub fn publish(&self, offset: Offset, at: Time, changes: &[Change]) {
        lock(&self.units).tell(at, changes);
        self.publish_alerts(offset, at, changes);
        self.publish_incidents(offset, at, changes);
    }

    /// Tells the key figures.
    pub fn publish_stats(&self, stats: &StatsFrame) {
        // Numbers and codes: encoding them cannot fail.
        let Ok(payload) = serde_json::to_string(stats) else { return };
        let publication = Publication::new("stats", &[&payload], None);
        let mut stats = lock(&self.stats);
        for (_, outbox) in &stats.listeners {
            outbox.push_latest(publication.line());
        }
        stats.newest = Some(publication);
        stats.payload = Some(payload.into());
    }

    /// Sends the frames of units when they are due, until told to stop. To be
    /// run once, beside the sessions.
    pub async fn beat(&self, stop: CancellationToken) {
        let fastest = std::time::Duration::from_millis(Rate::Fast.ms());
        let mut beat = interval_at(Instant::now() + fastest, fastest);
        beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        for count in 1_u64.. {
            tokio::select! {
                _ = beat.tick() => {}
                () = stop.cancelled() => return,
            }
            for rate in Rate::ALL {
                if count.is_multiple_of(rate.ms() / Rate::Fast.ms()) {
                    self.send_units(rate);
                }
            }
        }
    }

    /// The bounds.
    #[must_use]
    pub const fn limits(&self) -> &Limits {
        &self.limits
    }

    /// The store's epoch.
    #[must_use]
    pub fn epoch(&self) -> &str {
        &self.epoch
    }

    /// Names and places.
    #[must_use]
    pub const fn surveyor(&self) -> &Surveyor {
        &self.surveyor
    }

    /// A number for a subscription, never given twice.
    pub(super) fn number(&self) -> u64 {
        self.subscriptions.fetch_add(1, Ordering::Relaxed)
    }

    /// The topic behind a recoverable channel.
    pub(super) fn topic(&self, channel: Channel) -> Option<(&Mutex<Topic>, Scope)> {
        match channel {
            Channel::Alerts => Some((&self.alerts, Scope::All)),
            Channel::Incidents(scope) => Some((&self.incidents, scope)),
            Channel::Units(_) | Channel::Stats => None,
        }
    }

    /// Begins to send a cell; what is in it.
    pub(super) fn join_cell(
        &self,
        cell: Cell,
        sight: Sight,
        id: u64,
        outbox: &Arc<Outbox>,
    ) -> Arc<Whole> {
        lock(&self.units).join(cell, sight, self.land(), (id, outbox))
    }

    /// Begins to send stats; the newest, if there are any yet.
    pub(crate) fn join_stats(&self, id: u64, outbox: &Arc<Outbox>) -> Option<Arc<str>> {
        let mut stats = lock(&self.stats);
        outbox.hold();
        stats.listeners.push((id, Arc::clone(outbox)));
        stats.payload.clone()
    }

    /// Sends nothing more to a subscription.
    pub(super) fn leave(&self, channel: Channel, sight: Sight, id: u64) {
        let cut = |scope| Cut { scope, sight };
        match channel {
            Channel::Alerts => lock(&self.alerts).leave(cut(Scope::All), id),
            Channel::Incidents(scope) => lock(&self.incidents).leave(cut(scope), id),
            Channel::Units(cell) => lock(&self.units).leave(cell, sight, id),
            Channel::Stats => lock(&self.stats).listeners.retain(|(other, _)| *other != id),
        }
    }

    fn publish_alerts(&self, offset: Offset, at: Time, changes: &[Change]) {
        let map = self.surveyor.map();
        let rows = self.surveyor.alerts(changes.iter().filter_map(|change| match change {
            Change::Alert { step, alert, others } => {
                let others = others.iter().map(|id| id.0).collect();
                let told = AlertChange { step: *step, alert: AlertView::of(alert, map), others };
                // Numbers and texts: encoding them cannot fail.
                Some((serde_json::to_string(&told).ok()?, &**alert))
            }
            _ => None,
        }));
        self.publish_rows(&self.alerts, "changes", offset, at, rows);
    }

    fn publish_incidents(&self, offset: Offset, at: Time, changes: &[Change]) {
        let rows = self.surveyor.rows(changes.iter().filter_map(|change| match change {
            Change::Incident(incident) => Some(&**incident),
            _ => None,
        }));
        self.publish_rows(&self.incidents, "rows", offset, at, rows);
    }

    fn publish_rows(
        &self,
        topic: &Mutex<Topic>,
        list: &'static str,
        offset: Offset,
        at: Time,
        rows: Rows,
    ) {
        if rows.is_empty() {
            return lock(topic).advance(offset);
        }
        let name = |scope| match list {
            "changes" => "alerts".to_owned(),
            _ => self.channel_of(scope),
        };
        let head = format!(r#"{{"at":{},"{list}":["#, at.ms());
        let all = Publication::new(&name(Scope::All), &[&head, rows.text(), "]}"], Some(offset));
        let entry = Entry { all, at, list, rows: Arc::new(rows) };
        lock(topic).publish(offset, entry, &self.surveyor, name);
    }

    fn land(&self) -> &dyn Land {
        self.surveyor.map()
    }

    fn channel_of(&self, scope: Scope) -> String {
        match scope {
            Scope::All => "incidents:all".to_owned(),
            Scope::Jurisdiction(code) => format!("incidents:{code}"),
            Scope::Zone(at) => {
                let zone = self.surveyor.map().zones().get(usize::from(at));
                format!("incidents:{}", zone.map_or("", String::as_str))
            }
        }
    }

    fn send_units(&self, rate: Rate) {
        // What is due is copied out, so that the pipeline does not wait while it
        // is encoded.
        let (at, due) = {
            let mut fleet = lock(&self.units);
            (fleet.time(), fleet.due(rate, self.land()))
        };
        for Due { cell, moved, gone, deltas, resets } in due {
            if !(deltas.is_empty() || moved.is_empty() && gone.is_empty()) {
                let lines = frames::delta(at, cell, &moved, &gone);
                for (outbox, slot) in &deltas {
                    outbox.push_into(slot, &lines);
                }
            }
            if let Some((whole, readers)) = resets {
                let lines = frames::reset(cell, whole.view());
                for (outbox, slot) in &readers {
                    outbox.push_into(slot, &lines);
                }
            }
        }
    }
}
