//! What the handlers share.

use std::sync::Arc;

use metrics_exporter_prometheus::PrometheusHandle;
use tokio_util::sync::CancellationToken;

use crate::access::{Homes, Land, Viewer};
use crate::config::Proxies;
use crate::domain::{Alert, AlertId, Level, RuleSet};
use crate::gate::Gate;
use crate::ingest::Desk;
use crate::pipeline::Inlet;
use crate::region::Region;
use crate::store::{Replies, Store};
use crate::stream::Live;
use crate::wire::{Gazetteer, TilesView};

use super::acts::Acts;
use super::answers::Answers;
use super::asker::Sockets;
use super::identity::Identity;
use super::map::MapLayers;
use super::oidc::Oidc;
use super::pass::Pass;
use super::problem::ApiError;

/// What a service is made of; cheap to clone.
#[derive(Clone, Debug)]
pub struct AppState(Arc<Parts>);

/// The parts.
#[derive(Debug)]
pub struct Parts {
    /// The region served.
    pub region: Region,
    /// What things are called.
    pub names: Arc<dyn Gazetteer>,
    /// The way into the pipeline, and to the live picture.
    pub inlet: Inlet,
    /// Keeps the doors.
    pub gate: Arc<Gate>,
    /// The provider by which people may sign in too, if there is one.
    pub oidc: Option<Oidc>,
    /// The certificate by which it speaks HTTPS, if it does.
    pub tls: Option<Arc<Identity>>,
    /// Where the doors in hand in what they were brought.
    pub desk: Arc<Desk>,
    /// Large answers, and whose turn it is.
    pub answers: Answers,
    /// The past.
    pub store: Arc<dyn Store>,
    /// What was answered to requests with a key.
    pub replies: Arc<dyn Replies>,
    /// The live door out.
    pub live: Arc<Live<Inlet>>,
    /// The map's layers, ready to send.
    pub layers: MapLayers,
    /// A tile source set by the operator.
    pub tiles: Option<TilesView>,
    /// Whether time is driven from outside.
    pub driven_clock: bool,
    /// Origins, beside its own, whose pages may speak to the service.
    pub origins: Arc<[String]>,
    /// Proxies whose word of where a request comes from counts.
    pub proxies: Arc<Proxies>,
    /// The sockets that are open.
    pub sockets: Sockets,
    /// How often each account may act.
    pub acts: Acts,
    /// Cancelled when the doors shut.
    pub stop: CancellationToken,
    /// What the service measures of itself.
    pub metrics: PrometheusHandle,
}

impl AppState {
    /// Shares the parts.
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }

    /// The rules in force.
    pub(super) async fn rules(&self) -> Result<Arc<RuleSet>, ApiError> {
        Ok(self.inlet.ask(|engine| Arc::clone(engine.rules())).await?)
    }

    /// An alert, of the live picture or as it last stood, if the viewer sees it; and
    /// whose it is.
    pub(super) async fn alert(
        &self,
        pass: &Pass,
        id: AlertId,
    ) -> Result<(Arc<Alert>, Homes), ApiError> {
        let found = match self.inlet.ask(move |engine| engine.alert(id).cloned()).await? {
            Some(alert) => Some(alert),
            None => self.store.alert(id).await?.map(Arc::new),
        };
        let found = found.map(|alert| {
            let homes = self.names.homes_of_alert(&alert);
            (alert, homes)
        });
        let seen = found.filter(|(_, homes)| pass.sight().sees(homes));
        seen.ok_or_else(|| ApiError::not_found(format!("alert {}", id.0)))
    }

    /// How many sockets one who asks may have.
    pub(super) fn sockets_of(&self, pass: &Pass) -> usize {
        let limits = self.desk.limits();
        match &*pass.viewer {
            Viewer::Open => usize::MAX,
            Viewer::Person(_) => limits.sockets_of_account,
            Viewer::Device(_) => limits.sockets_of_token,
        }
    }

    /// Whether browsers reach the service by HTTPS, as far as no proxy says otherwise.
    pub(super) fn is_https(&self) -> bool {
        self.tls.is_some() || self.oidc.as_ref().is_some_and(|oidc| oidc.secure)
    }

    /// Whose things are.
    pub(super) fn land(&self) -> &dyn Land {
        &*self.names
    }

    /// The level of the jurisdictions that are an alert's sides.
    pub(super) fn level_of(&self, alert: &Alert) -> Level {
        let side = alert.sides.first().map(|side| side.jurisdiction);
        let known = side.and_then(|code| self.region.atlas.jurisdiction(code));
        known.map_or(self.region.level, |of| of.level)
    }
}

impl std::ops::Deref for AppState {
    type Target = Parts;
    fn deref(&self) -> &Parts {
        &self.0
    }
}
