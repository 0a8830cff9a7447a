//! Snapshots of the recoverable channels, made once for all who need one.

use std::future::Future;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rustc_hash::FxHashMap;
use tokio::sync::Mutex as Turn;
use tokio::time::Instant;

use crate::domain::{Alert, Incident, Offset, Time};
use crate::wire::AlertView;

use super::channel::Channel;
use super::frames::{PIECE_BYTES, View, pieces};
use super::hub::Hub;
use super::lock::lock;
use super::publication::Publication;
use super::rows::{Cut, Rows, Surveyor};

/// A picture older than this is made anew: incidents leave the live window
/// without a word.
const FRESH: Duration = Duration::from_secs(30);

/// So much may have been published since a picture was taken, or a quarter of
/// its own size, before a new one is cheaper than sending that after it.
const CATCH_UP_BYTES: usize = 64 << 10;

/// Where snapshots come from. Each answer is true at its offset, and everything
/// up to that offset has been published.
pub trait Source: Send + Sync + 'static {
    /// Every alert that has not ended or ended within the last day, oldest first.
    fn alerts(&self) -> impl Future<Output = Result<Snapshot<Alert>, Gone>> + Send;

    /// Every incident of the live window, oldest first.
    fn incidents(&self) -> impl Future<Output = Result<Snapshot<Incident>, Gone>> + Send;
}

/// The picture at one moment.
#[derive(Clone, Debug)]
pub struct Snapshot<T> {
    /// The newest batch it contains.
    pub offset: Offset,
    /// The server's time.
    pub at: Time,
    /// What there is.
    pub items: Vec<Arc<T>>,
}

/// There is no picture to be had: the service is about to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the pipeline has stopped")]
pub struct Gone;

/// The newest pictures, shared by all who subscribe at about the same time: a
/// thousand clients that come back at once cost one query and one encoding. Who
/// makes a picture holds the others' turn meanwhile.
#[derive(Debug, Default)]
pub struct Gallery {
    alerts: Turn<Option<Arc<Picture>>>,
    incidents: Turn<Option<Arc<Picture>>>,
}

/// An encoded snapshot.
#[derive(Debug)]
pub struct Picture {
    /// The newest batch it contains.
    pub offset: Offset,
    at: Time,
    taken: Instant,
    kind: Kind,
    rows: Rows,
    /// Its views by scope and sight; locked while one is made.
    views: Mutex<FxHashMap<Cut, Arc<View>>>,
}

#[derive(Clone, Copy, Debug)]
enum Kind {
    Alerts,
    Incidents,
}

impl Gallery {
    /// A picture from which the hub can carry on, for a channel of alerts or
    /// incidents.
    pub async fn picture(
        &self,
        hub: &Arc<Hub>,
        source: &impl Source,
        channel: Channel,
    ) -> Result<Arc<Picture>, Gone> {
        let alerts = channel == Channel::Alerts;
        let mut place = if alerts { &self.alerts } else { &self.incidents }.lock().await;
        if let Some(picture) = place.as_ref().filter(|picture| picture.serves(hub, channel)) {
            return Ok(Arc::clone(picture));
        }
        let hub = Arc::clone(hub);
        let made = if alerts {
            let taken = source.alerts().await?;
            tokio::task::spawn_blocking(move || Picture::of_alerts(&hub, &taken)).await
        } else {
            let taken = source.incidents().await?;
            tokio::task::spawn_blocking(move || Picture::of_incidents(&hub, &taken)).await
        };
        // It fails only when the runtime is being shut down.
        let picture = Arc::new(made.map_err(|_shutdown| Gone)?);
        *place = Some(Arc::clone(&picture));
        Ok(picture)
    }
}

impl Picture {
    fn of_alerts(hub: &Hub, taken: &Snapshot<Alert>) -> Self {
        let map = hub.surveyor().map();
        let rows = hub.surveyor().alerts(taken.items.iter().filter_map(|alert| {
            // Numbers and texts: encoding them cannot fail.
            Some((serde_json::to_string(&AlertView::of(alert, map)).ok()?, &**alert))
        }));
        Self::new(taken.offset, taken.at, Kind::Alerts, rows)
    }

    fn of_incidents(hub: &Hub, taken: &Snapshot<Incident>) -> Self {
        let rows = hub.surveyor().rows(taken.items.iter().map(|incident| &**incident));
        Self::new(taken.offset, taken.at, Kind::Incidents, rows)
    }

    fn new(offset: Offset, at: Time, kind: Kind, rows: Rows) -> Self {
        Self { offset, at, taken: Instant::now(), kind, rows, views: Mutex::default() }
    }

    fn serves(&self, hub: &Hub, channel: Channel) -> bool {
        let Some((topic, _)) = hub.topic(channel) else { return false };
        let enough = CATCH_UP_BYTES.max(self.rows.text().len() / 4) as u64;
        self.taken.elapsed() < FRESH
            && lock(topic).bytes_since(self.offset).is_some_and(|since| since <= enough)
    }

    /// As a channel tells it to those of a sight.
    #[must_use]
    pub fn view(&self, cut: Cut, surveyor: &Surveyor, channel: &str) -> Arc<View> {
        let mut views = lock(&self.views);
        let tell = || Arc::new(self.tell(cut, surveyor, channel));
        Arc::clone(views.entry(cut).or_insert_with(tell))
    }

    fn tell(&self, cut: Cut, surveyor: &Surveyor, channel: &str) -> View {
        let at = self.at.ms();
        let (data, rest) = match self.kind {
            Kind::Alerts => {
                let texts: Vec<_> = self.rows.of(cut, surveyor).collect();
                let mut bytes = 0;
                let full = texts.iter().position(|text| {
                    bytes += text.len();
                    bytes > PIECE_BYTES
                });
                let fit = full.unwrap_or(texts.len());
                let (first, after) = texts.split_at(fit);
                let first = first.join(",");
                // Alerts that do not fit follow as if they had just changed.
                let steps = after
                    .iter()
                    .map(|text| format!(r#"{{"step":"updated","alert":{text},"others":[]}}"#));
                let steps: Vec<_> = steps.collect();
                let parts = pieces(steps.iter().map(String::as_str));
                let told = parts.into_iter().filter(|part| !part.is_empty());
                let told = told.map(|part| format!(r#"{{"at":{at},"changes":[{part}]}}"#));
                (format!(r#"{{"at":{at},"alerts":[{first}]}}"#), told.collect::<Vec<_>>())
            }
            Kind::Incidents => {
                let mut parts = pieces(self.rows.of(cut, surveyor)).into_iter();
                let first = parts.next().unwrap_or_default();
                let told = parts.map(|part| format!(r#"{{"at":{at},"rows":[{part}]}}"#));
                (format!(r#"{{"at":{at},"reset":true,"rows":[{first}]}}"#), told.collect())
            }
        };
        let last = rest.len();
        let rest = rest.iter().enumerate().map(|(at, payload)| {
            let offset = (at + 1 == last).then_some(self.offset);
            Publication::new(channel, &[payload], offset).line()
        });
        View { data, rest: rest.collect() }
    }
}
