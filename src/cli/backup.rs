//! `pilin backup`.

use std::fs;
use std::io::{Write, stdout};
use std::path::PathBuf;

use anyhow::{Context, bail};
use clap::Args;

use pilin::config::StoreAddress;
use pilin::store::Sqlite;

use super::store::{Where, block_on, here, operator};

/// Copy the embedded store into a new file, while the service runs. To restore,
/// serve the copy. A store in PostgreSQL is backed up by its own means.
#[derive(Debug, Args)]
pub struct Command {
    #[command(flatten)]
    at: Where,
    /// The file to make; it must not be there.
    to: PathBuf,
}

impl Command {
    /// Runs it.
    pub fn run(self) -> anyhow::Result<()> {
        let Self { at, to } = self;
        block_on(async move {
            let address = at.address()?;
            let StoreAddress::Sqlite(file) = &address else {
                bail!("--store: {address} is backed up by PostgreSQL's own means");
            };
            if to.exists() {
                bail!("{}: there is such a file already", to.display());
            }
            let gate = at.gate().await?;
            let target = to.display().to_string();
            gate.record(gate.entry(operator(), &here(), "backup", &target)).await?;
            let head = Sqlite::open(file).await?.back_up(&to).await;
            let head = head.inspect_err(|_| drop(fs::remove_file(&to)))?;
            let bytes = fs::metadata(&to).with_context(|| format!("looking at {target}"))?.len();
            let log = head.map_or_else(
                || "an empty log".to_owned(),
                |(offset, at)| format!("{} batches, to {at}", offset.0),
            );
            writeln!(stdout(), "{target}: {log}; {bytes} bytes, checked")?;
            Ok(())
        })
    }
}
