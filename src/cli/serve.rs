//! `pilin serve`.

use std::io::IsTerminal;
use std::process;
use std::sync::Arc;

use anyhow::Context;
use clap::{Args, CommandFactory};
use metrics_exporter_prometheus::PrometheusBuilder;
use pilin::api::Identity;
use pilin::config::{self, Config, LogFormat, Logs};
use pilin::service::{RulesFile, Service, Tuning};
use tokio::net::TcpListener;
use tokio::runtime::Builder;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;
use tracing_subscriber::EnvFilter;

/// Run the service.
#[derive(Debug, Args)]
pub struct Command {
    #[command(flatten)]
    layer: config::Layer,
}

impl Command {
    /// Runs it until SIGINT or SIGTERM; a second one ends it at once.
    pub fn run(self) -> anyhow::Result<()> {
        let keys = crate::Pilin::command();
        if let Some(keys) = keys.find_subcommand("serve") {
            let names = std::env::vars_os().filter_map(|(name, _)| name.into_string().ok());
            config::check_environment(keys, names)?;
        }
        let config = Config::load(self.layer)?;
        log(&config.logs)?;
        let runtime = Builder::new_multi_thread().enable_all().build()?;
        runtime.block_on(serve(config))
    }
}

async fn serve(config: Config) -> anyhow::Result<()> {
    let metrics = PrometheusBuilder::new().install_recorder()?;
    let stop = CancellationToken::new();
    tokio::spawn(heed(stop.clone()));
    let listener = TcpListener::bind(config.listen)
        .await
        .with_context(|| format!("listening on {}", config.listen))?;
    let service = Service::open(&config, Tuning::default(), metrics, stop.clone()).await?;
    if let Some(key) = service.setup_key() {
        let scheme = if config.tls.is_some() { "https" } else { "http" };
        let address = format!("{scheme}://{}/setup?key={key}", listener.local_addr()?);
        tracing::warn!(
            setup = address,
            "the store has no account, and whoever is at this machine can do everything; \
             make the first account at this address, or by pilin account add"
        );
    }
    tokio::spawn(reload(service.rules(), service.identity()));
    tracing::info!(
        listen = %listener.local_addr()?,
        region = %config.region.display(),
        store = %config.store,
        "serving"
    );
    service.serve(listener).await?;
    tracing::info!("stopped");
    Ok(())
}

/// Stops at the first signal, and ends the process at the second.
async fn heed(stop: CancellationToken) -> anyhow::Result<()> {
    let (mut interrupt, mut terminate) =
        (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    for first in [true, false] {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        if first {
            tracing::info!("stopping; once more to end at once");
            stop.cancel();
        }
    }
    process::exit(130);
}

/// Reads the rules and the certificate again at every SIGHUP.
async fn reload(rules: RulesFile, identity: Option<Arc<Identity>>) -> anyhow::Result<()> {
    let mut hangup = signal(SignalKind::hangup())?;
    while hangup.recv().await.is_some() {
        match rules.reload().await {
            Ok(true) => tracing::info!("other rules were read, and are in force"),
            Ok(false) => tracing::info!("the rules' file has not changed"),
            Err(why) => tracing::error!(error = %why, "the rules stay as they were"),
        }
        match identity.as_ref().map(|identity| identity.renew()) {
            None => {}
            Some(Ok(())) => tracing::info!("the certificate was read again"),
            Some(Err(why)) => tracing::error!(error = %why, "the certificate stays as it was"),
        }
    }
    Ok(())
}

fn log(logs: &Logs) -> anyhow::Result<()> {
    let filter = EnvFilter::try_new(&logs.filter)
        .with_context(|| format!("log: “{}” is no filter", logs.filter))?;
    let human = match logs.format {
        LogFormat::Auto => std::io::stderr().is_terminal(),
        LogFormat::Human => true,
        LogFormat::Json => false,
    };
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    if human {
        lines.init();
    } else {
        lines.json().flatten_event(true).init();
    }
    Ok(())
}
