//! A whole service, put together from its configuration.

mod background;
mod error;
mod policy;
mod stores;

use std::convert::Infallible;
use std::io;
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use metrics_exporter_prometheus::PrometheusHandle;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::access::Land;
use crate::api::{self, AppState, Door, Identity, MapLayers, Oidc, Parts, Sockets};
use crate::config::{self, ClockKind, Config};
use crate::domain::text::without_mark;
use crate::gate::{Agreement, Gate, Provider};
use crate::ingest::Desk;
use crate::pipeline::clock::{self, Machine};
use crate::pipeline::{self, Clock, Pace, Running, Settings, Submission, Unkept, World};
use crate::region::{Region, RegionError, rules_from_toml};
use crate::stream::{Limits, Live};
use crate::wire::{AtlasNames, Gazetteer, TilesView};

use background::Background;
use stores::open_spool;

pub use error::{ReloadError, ServiceError};
pub use stores::{Opened, open_store, schema_of};

/// How often what is measured is brought together.
const UPKEEP: Duration = Duration::from_secs(5);

/// What no operator sets, but a test may.
#[derive(Clone, Debug, Default)]
pub struct Tuning {
    /// The bounds of the stream.
    pub stream: Limits,
}

/// A service that is ready to be served.
#[derive(Debug)]
pub struct Service {
    app: AppState,
    rules_file: PathBuf,
    pipeline: JoinHandle<Result<(), Unkept>>,
    background: Background,
    /// Stops the doors.
    stop: CancellationToken,
    /// Stops what is behind them, once they are shut.
    stop_behind: CancellationToken,
}

impl Service {
    /// Reads the region, opens the store, and rebuilds the picture. When `stop` is
    /// cancelled the doors shut: see [`Service::serve`].
    ///
    /// # Errors
    /// Names what cannot be read, opened or rebuilt.
    pub async fn open(
        config: &Config,
        tuning: Tuning,
        metrics: PrometheusHandle,
        stop: CancellationToken,
    ) -> Result<Self, ServiceError> {
        let folder = config.region.clone();
        let read = tokio::task::spawn_blocking(move || Region::read(&folder));
        let region = read.await.map_err(io::Error::other).map_err(|why| RegionError::Read {
            file: config.region.display().to_string(),
            why,
        })??;
        for what in region.atlas.left_out() {
            tracing::warn!("{what}");
        }
        let tls = config.tls.clone().map(Identity::read).transpose()?.map(Arc::new);
        let oidc = config.oidc.as_ref().map(provider).transpose()?;
        let at = || config.store.clone();
        let opened = open_store(&config.store).await;
        let Opened { store, registry, ledger, replies, .. } =
            opened.map_err(|why| ServiceError::Store { store: at(), why })?;
        let machine = Arc::new(Machine::here());
        machine.begin(None);
        let trusted = Arc::clone(&machine);
        let gate = Gate::open(registry, ledger, move || trusted.now()).await;
        let gate = gate.map_err(|why| ServiceError::Gate { store: at(), why })?;
        let gate = gate.with(policy::policy(config, &region));
        if !gate.is_closed() && !config.listen.ip().is_loopback() {
            return Err(ServiceError::NoAccount { listen: config.listen });
        }
        let gate = Arc::new(gate);
        let clock = match config.clock {
            ClockKind::Wall => Clock::Wall(Arc::clone(&machine)),
            ClockKind::Driven => Clock::driven(),
        };
        let names = AtlasNames::new(Arc::clone(&region.atlas), region.level, config.border_strip_m);
        let names: Arc<dyn Gazetteer> = Arc::new(names);
        let world = world(&region, &names);
        let spool = match config.spool.clone() {
            Some(spool) => open_spool(spool).await?,
            None => None,
        };
        let stop_behind = CancellationToken::new();
        let driven_clock = clock.is_driven();
        let pace = Pace::every(config.checkpoint_events);
        let settings = Settings { clock, limits: tuning.stream, pace, spool };
        let started = pipeline::start(Arc::clone(&store), world, settings, stop_behind.clone());
        let Running { inlet, hub, task } =
            started.await.map_err(|why| ServiceError::Pipeline { store: at(), why })?;
        let live = Live::new(hub, Arc::new(inlet.clone()), stop.clone());
        let mut background = Background::until(stop_behind.clone());
        background.spawn("the upkeep of metrics", keep_up(metrics.clone(), stop_behind.clone()));
        let (old, stopped) = (Arc::clone(&store), stop_behind.clone());
        let (forgetting, retention) = (inlet.clone(), config.retention);
        background.spawn("retention", async move {
            pipeline::retain(forgetting, &*old, retention, stopped.clone()).await;
            stopped.cancelled().await;
            Ok::<_, Infallible>(())
        });
        let (watching, watched) = (Arc::clone(&gate), stop_behind.clone());
        background.spawn("revocation", async move {
            watching.keep_watch(watched).await;
            Ok::<_, Infallible>(())
        });
        let (noted, stopped) = (Arc::clone(&store), stop_behind.clone());
        background
            .spawn("the clock", async move { clock::watch(&machine, &*noted, stopped).await });
        let layers = MapLayers::of(&region);
        let (catalogue, atlas) = (Arc::clone(&region.catalogue), Arc::clone(&region.atlas));
        let land: Arc<dyn Land> = Arc::clone(&names) as Arc<dyn Land>;
        let desk = Arc::new(Desk::new(catalogue, atlas, land, inlet.clone(), config.limits));
        let app = AppState::new(Parts {
            region,
            names,
            inlet,
            desk,
            gate,
            oidc,
            tls,
            store,
            replies,
            live,
            answers: api::Answers::default(),
            layers,
            tiles: config.tiles.as_ref().map(|tiles| TilesView {
                kind: tiles.kind.to_string(),
                url: tiles.url.clone(),
                tile_size: tiles.tile_size,
                attribution: tiles.attribution.clone(),
            }),
            driven_clock,
            acts: api::Acts::default(),
            origins: config.allowed_origins.clone().into(),
            proxies: Arc::new(config.trusted_proxies.clone()),
            sockets: Sockets::default(),
            stop: stop.clone(),
            metrics,
        });
        let rules_file = config.region.join("rules.toml");
        Ok(Self { app, rules_file, pipeline: task, background, stop, stop_behind })
    }

    /// The list of its doors, with what each asks of who comes.
    #[must_use]
    pub fn doors(&self) -> Vec<Door> {
        api::list(&self.app)
    }

    /// The key with which the first account can be made at `/setup`, while there is
    /// none.
    #[must_use]
    pub fn setup_key(&self) -> Option<String> {
        self.app.gate.setup_key()
    }

    /// Serves until told to stop; then shuts the doors, and when the last request
    /// is answered and the last client has heard so, lets the pipeline end.
    ///
    /// # Errors
    /// When the listener fails, or can be reached from other machines though there
    /// is no account; and when the pipeline, or what goes on beside it, ends unasked,
    /// after which the doors shut and whoever runs the service is to start it again.
    pub async fn serve(mut self, listener: TcpListener) -> Result<(), ServiceError> {
        let listen = listener.local_addr().map_err(ServiceError::Serve)?;
        if !self.app.gate.is_closed() && !listen.ip().is_loopback() {
            return Err(ServiceError::NoAccount { listen });
        }
        let mut serving = pin!(api::serve(listener, self.app, self.stop.clone()));
        tokio::select! {
            served = &mut serving => {
                self.stop_behind.cancel();
                self.pipeline.await.map_err(ServiceError::Broken)??;
                served.map_err(ServiceError::Serve)
            }
            ended = &mut self.pipeline => {
                self.stop.cancel();
                serving.await.map_err(ServiceError::Serve)?;
                self.stop_behind.cancel();
                ended.map_err(ServiceError::Broken)??;
                Err(ServiceError::Ended)
            }
            why = self.background.fails() => {
                self.stop.cancel();
                serving.await.map_err(ServiceError::Serve)?;
                self.stop_behind.cancel();
                self.pipeline.await.map_err(ServiceError::Broken)??;
                Err(why)
            }
        }
    }

    /// The certificate by which it speaks HTTPS, to be renewed; none for plain HTTP.
    #[must_use]
    pub fn identity(&self) -> Option<Arc<Identity>> {
        self.app.tls.clone()
    }

    /// A handle by which the region's rules are read again.
    #[must_use]
    pub fn rules(&self) -> RulesFile {
        RulesFile { app: self.app.clone(), file: self.rules_file.clone() }
    }
}

/// The rules' file of a running service.
#[derive(Clone, Debug)]
pub struct RulesFile {
    app: AppState,
    file: PathBuf,
}

impl RulesFile {
    /// Reads the file again and puts its rules in force, unless they are those that
    /// were read before: then those that were set since stay. Whether they are others;
    /// alerts live on.
    ///
    /// # Errors
    /// Names what is wrong; the rules before stay in force.
    pub async fn reload(&self) -> Result<bool, ReloadError> {
        let file = || Path::display(&self.file).to_string();
        let text = tokio::fs::read_to_string(&self.file)
            .await
            .map_err(|why| ReloadError::Read { file: file(), why })?;
        let rules = rules_from_toml(&text, &self.app.region.catalogue)
            .map_err(|why| ReloadError::Rules { file: file(), why })?;
        if pipeline::rules_were_read(&*self.app.store, &rules).await? {
            return Ok(false);
        }
        let rules = Arc::new(rules);
        self.app.inlet.send(Submission::Rules { rules, from_file: true }).await?;
        Ok(true)
    }
}

/// What the pipeline runs in.
fn world(region: &Region, names: &Arc<dyn Gazetteer>) -> World {
    World {
        region: region.name_en.clone(),
        atlas: Arc::clone(&region.atlas),
        map: Arc::clone(names),
        rules: Arc::clone(&region.rules),
        grading: region.grading,
        time_zone: region.time_zone.clone(),
        level: region.level,
    }
}

/// The provider that a configuration names.
fn provider(of: &config::Oidc) -> Result<Oidc, ServiceError> {
    let read = |file: &PathBuf| {
        let text = std::fs::read_to_string(file);
        let text =
            text.map_err(|why| ServiceError::Secret { file: file.display().to_string(), why });
        text.map(|text| without_mark(&text).trim().to_owned())
    };
    let provider = Provider::new(Agreement {
        issuer: of.issuer.clone(),
        client_id: of.client_id.clone(),
        client_secret: of.client_secret_file.as_ref().map(read).transpose()?,
        redirect: format!("{}/api/v1/session/oidc/callback", of.base),
        scopes: of.scopes.clone(),
    });
    let provider = provider.map_err(ServiceError::Provider)?;
    let secure = of.base.starts_with("https://");
    Ok(Oidc { provider, claims: of.claims.clone(), secure })
}

async fn keep_up(metrics: PrometheusHandle, stop: CancellationToken) -> Result<(), Infallible> {
    let mut beat = tokio::time::interval(UPKEEP);
    while stop.run_until_cancelled(beat.tick()).await.is_some() {
        metrics.run_upkeep();
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Layer, StoreAddress};
    use metrics_exporter_prometheus::PrometheusBuilder;

    #[tokio::test]
    async fn when_the_pipeline_breaks_down_the_doors_shut_and_the_service_says_so() {
        let folder = tempfile::tempdir().unwrap();
        let mut config = Config::from_layers(Layer::default(), Layer::default()).unwrap();
        config.store = StoreAddress::Sqlite(folder.path().join("pilin.db"));
        let metrics = PrometheusBuilder::new().build_recorder().handle();
        let stop = CancellationToken::new();
        let service = Service::open(&config, Tuning::default(), metrics, stop.clone());
        let service = service.await.unwrap();
        let inlet = service.app.inlet.clone();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let serving = tokio::spawn(service.serve(listener));
        inlet.ask(|_| panic!("a bug")).await.unwrap_err();
        let ended = tokio::time::timeout(Duration::from_secs(20), serving).await.unwrap().unwrap();
        let why = ended.unwrap_err().to_string();
        assert!(why.starts_with("the pipeline broke down: ") && why.contains("a bug"), "{why}");
        assert!(stop.is_cancelled());
    }

    #[tokio::test]
    async fn only_a_spool_that_nobody_named_and_that_holds_nothing_is_gone_without() {
        let place = tempfile::tempdir().unwrap();
        let open = async |folder: PathBuf, named| {
            open_spool(config::Spool { folder, named, most_bytes: 1 << 20 }).await
        };
        let nowhere = PathBuf::from("/proc/pilin.spool");
        assert!(open(nowhere.clone(), false).await.unwrap().is_none());
        open(nowhere, true).await.unwrap_err();
        let folder = place.path().join("spool");
        let opened = open(folder.clone(), false).await.unwrap();
        assert!(opened.is_some());
        assert!(open(folder.clone(), false).await.unwrap().is_none(), "it is another's");
        open(folder.clone(), true).await.unwrap_err();
        drop(opened);
        std::fs::write(folder.join("00000000000000000001.spool"), "not a spool").unwrap();
        let opened = open(folder, false).await.unwrap();
        assert!(opened.is_some(), "a file that cannot be read is kept beside what can");
    }
}
