//! What the commands share that work on a store beside a running service.

use std::io::{self, BufRead};
use std::path::PathBuf;

use anyhow::{Context, bail};
use clap::Args;

use pilin::config::{StoreAddress, database_url};
use pilin::domain::Code;
use pilin::domain::text::without_mark;
use pilin::gate::{Gate, Whence};
use pilin::pipeline::clock;
use pilin::region::Region;
pub use pilin::service::Opened;
use pilin::service::{open_store, schema_of};
use pilin::store::Schema;
use pilin::store::audit::Who;

/// Which store.
#[derive(Debug, Args)]
pub struct Where {
    /// The store, as for `pilin serve`.
    #[arg(long, global = true, env = "PILIN_STORE", hide_env_values = true, value_name = "STORE")]
    store: Option<StoreAddress>,
}

/// The region whose jurisdictions are agencies.
#[derive(Debug, Args)]
pub struct Agencies {
    /// Folder of the region, whose jurisdictions are the agencies.
    #[arg(long, env = "PILIN_REGION", value_name = "DIR", default_value = "data")]
    region: PathBuf,
    /// The agency, by the code of its jurisdiction.
    #[arg(long, value_name = "CODE")]
    agency: Code,
}

impl Agencies {
    /// The agency, if there is such a jurisdiction.
    pub fn check(&self) -> anyhow::Result<Code> {
        let region = Region::read(&self.region)?;
        if region.atlas.jurisdiction(self.agency).is_none() {
            bail!("--agency: {} has no jurisdiction {}", region.name_en, self.agency);
        }
        Ok(self.agency)
    }
}

impl Where {
    /// Its address, or what `DATABASE_URL` says.
    pub fn address(&self) -> anyhow::Result<StoreAddress> {
        Ok(match &self.store {
            Some(address) => address.clone(),
            None => database_url()?.unwrap_or_default(),
        })
    }

    /// Refuses a file that is not there.
    pub fn must_be_there(&self) -> anyhow::Result<()> {
        if let StoreAddress::Sqlite(path) = &self.address()?
            && !path.exists()
        {
            bail!("--store: there is no {}", self.place()?);
        }
        Ok(())
    }

    /// Opens it; it must be there, and its schema be the one that this version works
    /// with: another version may be serving it.
    pub async fn open(&self) -> anyhow::Result<Opened> {
        self.must_be_there()?;
        let place = self.place()?;
        let schema = schema_of(&self.address()?).await.context(place.clone())?;
        if schema.at == 0 {
            bail!("{place}: there is no store in it");
        }
        must_be_current(&place, &schema)?;
        self.migrate().await
    }

    /// Opens it, or makes it if it is not there.
    pub async fn make(&self) -> anyhow::Result<Opened> {
        if self.must_be_there().is_ok() {
            let place = self.place()?;
            let schema = schema_of(&self.address()?).await.context(place.clone())?;
            if schema.at > 0 {
                must_be_current(&place, &schema)?;
            }
        }
        self.migrate().await
    }

    /// Opens it and brings its schema up to date, or makes it.
    pub async fn migrate(&self) -> anyhow::Result<Opened> {
        open_store(&self.address()?).await.context(self.place()?)
    }

    /// Its gate; it must be there.
    pub async fn gate(&self) -> anyhow::Result<Gate> {
        self.gate_of(self.open().await?).await
    }

    /// Its gate; the store is made if it is not there.
    pub async fn gate_made(&self) -> anyhow::Result<Gate> {
        self.gate_of(self.make().await?).await
    }

    /// The gate of what was opened.
    pub async fn gate_of(&self, opened: Opened) -> anyhow::Result<Gate> {
        let Opened { registry, ledger, .. } = opened;
        Gate::open(registry, ledger, clock::wall).await.context(self.place()?)
    }

    /// Where it is, wherever the command was run.
    pub fn place(&self) -> anyhow::Result<String> {
        Ok(match self.address()? {
            StoreAddress::Sqlite(path) => {
                let path = std::path::absolute(&path).unwrap_or(path);
                StoreAddress::Sqlite(path).to_string()
            }
            database @ StoreAddress::Postgis(_) => database.to_string(),
        })
    }
}

fn must_be_current(place: &str, schema: &Schema) -> anyhow::Result<()> {
    let (at, newest) = (schema.at, schema.newest);
    if schema.is_ahead() {
        bail!("{place}: its schema is at {at}, this version knows it to {newest}: use the newer");
    }
    if !schema.pending.is_empty() {
        bail!(
            "{place}: its schema is at {at}, this version works with {newest}: use the older \
             version, or stop its service and run pilin migrate"
        );
    }
    Ok(())
}

/// Whoever runs the command, as the machine knows them.
pub fn operator() -> Who {
    let name =
        ["SUDO_USER", "USER", "LOGNAME"].into_iter().find_map(|name| std::env::var(name).ok());
    Who::Operator { name: name.unwrap_or_else(|| "unknown".to_owned()) }
}

/// The command line, as a place that deeds come from.
pub fn here() -> Whence {
    let agent = concat!("pilin ", env!("CARGO_PKG_VERSION")).to_owned();
    Whence { agent, ..Whence::default() }
}

/// The first line of the input.
pub fn line() -> anyhow::Result<String> {
    let mut text = String::new();
    io::stdin().lock().read_line(&mut text).context("reading the password")?;
    Ok(without_mark(&text).trim_end_matches(['\r', '\n']).to_owned())
}

/// Runs a command on a runtime of its own.
pub fn block_on(work: impl Future<Output = anyhow::Result<()>>) -> anyhow::Result<()> {
    tokio::runtime::Runtime::new()?.block_on(work)
}
