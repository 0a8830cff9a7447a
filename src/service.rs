//! A whole service, put together from its configuration.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use metrics_exporter_prometheus::PrometheusHandle;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::api::{self, AppState, MapLayers, Parts};
use crate::config::{ClockKind, Config, StoreAddress};
use crate::ingest::Desk;
use crate::pipeline::{
    self, Clock, Pace, PipelineError, Refused, Running, Settings, Submission, World,
};
use crate::region::{Region, RegionError, RulesError, rules_from_toml};
use crate::store::{Sqlite, Store, StoreError};
use crate::stream::{Limits, Live};
use crate::wire::{AtlasNames, Gazetteer, TilesView};

/// How often what is measured is brought together.
const UPKEEP: Duration = Duration::from_secs(5);

/// Why a service cannot start.
#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
    /// The region cannot be used.
    #[error(transparent)]
    Region(#[from] RegionError),
    /// The store cannot be opened.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The picture cannot be rebuilt.
    #[error(transparent)]
    Pipeline(#[from] PipelineError),
}

/// Why the rules were not read again.
#[derive(Debug, thiserror::Error)]
pub enum ReloadError {
    /// The file cannot be read.
    #[error("reading {file}: {source}")]
    Read {
        /// The file.
        file: String,
        /// Why.
        source: io::Error,
    },
    /// The rules cannot be.
    #[error("{file}: {why}")]
    Rules {
        /// The file.
        file: String,
        /// Why not.
        why: RulesError,
    },
    /// The pipeline did not take them.
    #[error(transparent)]
    Refused(#[from] Refused),
}

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
    pipeline: JoinHandle<()>,
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
        let store: Arc<dyn Store> = match &config.store {
            StoreAddress::Sqlite(path) => Arc::new(Sqlite::open(path).await?),
        };
        let clock = match config.clock {
            ClockKind::Wall => Clock::Wall,
            ClockKind::Driven => Clock::driven(),
        };
        let names: Arc<dyn Gazetteer> = Arc::new(AtlasNames::new(Arc::clone(&region.atlas)));
        let world = World {
            region: region.name_en.clone(),
            atlas: Arc::clone(&region.atlas),
            map: Arc::clone(&names),
            rules: Arc::clone(&region.rules),
            time_zone: region.time_zone.clone(),
            level: region.level,
        };
        let stop_behind = CancellationToken::new();
        let driven_clock = clock.is_driven();
        let pace = Pace::every(config.checkpoint_events);
        let settings = Settings { clock, limits: tuning.stream, pace };
        let Running { inlet, hub, task } =
            pipeline::start(Arc::clone(&store), world, settings, stop_behind.clone()).await?;
        let source = Arc::new(inlet.clone());
        let live = Live::new(Arc::clone(&hub), source, stop.clone());
        let beating = stop_behind.clone();
        tokio::spawn(async move { hub.beat(beating).await });
        tokio::spawn(keep_up(metrics.clone(), stop_behind.clone()));
        let layers = MapLayers::of(&region);
        let (catalogue, atlas) = (Arc::clone(&region.catalogue), Arc::clone(&region.atlas));
        let desk = Arc::new(Desk::new(catalogue, atlas, inlet.clone(), config.limits));
        let app = AppState::new(Parts {
            region,
            names,
            inlet,
            desk,
            store,
            live,
            layers,
            tiles: config.tiles.as_ref().map(|tiles| TilesView {
                kind: tiles.kind.to_string(),
                url: tiles.url.clone(),
                tile_size: tiles.tile_size,
                attribution: tiles.attribution.clone(),
            }),
            driven_clock,
            origins: config.allowed_origins.clone().into(),
            stop: stop.clone(),
            metrics,
        });
        let rules_file = config.region.join("rules.toml");
        Ok(Self { app, rules_file, pipeline: task, stop, stop_behind })
    }

    /// Serves until told to stop; then shuts the doors, and when the last request
    /// is answered and the last client has heard so, lets the pipeline end.
    pub async fn serve(self, listener: TcpListener) -> io::Result<()> {
        let served = api::serve(listener, self.app, self.stop).await;
        self.stop_behind.cancel();
        self.pipeline.await.map_err(io::Error::other)?;
        served
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
    /// Reads the file again and puts its rules in force; alerts live on.
    ///
    /// # Errors
    /// Names what is wrong; the rules before stay in force.
    pub async fn reload(&self) -> Result<(), ReloadError> {
        let file = || Path::display(&self.file).to_string();
        let text = tokio::fs::read_to_string(&self.file)
            .await
            .map_err(|source| ReloadError::Read { file: file(), source })?;
        let rules = rules_from_toml(&text, &self.app.region.catalogue)
            .map_err(|why| ReloadError::Rules { file: file(), why })?;
        self.app.inlet.send(Submission::Rules(Arc::new(rules))).await?;
        Ok(())
    }
}

async fn keep_up(metrics: PrometheusHandle, stop: CancellationToken) {
    let mut beat = tokio::time::interval(UPKEEP);
    while stop.run_until_cancelled(beat.tick()).await.is_some() {
        metrics.run_upkeep();
    }
}
