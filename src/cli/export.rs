//! `pilin export`.

use std::io::{Write, stdout};
use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;

use pilin::archive;
use pilin::pipeline::clock;

use super::store::{Where, block_on, here, operator};

/// Write all that a store holds into a folder, while the service runs.
///
/// It is written as it stands at one moment, as NDJSON and GeoJSON, with a manifest of
/// counts and SHA-256. `pilin import` puts it into a store of either kind. Hashes of
/// passwords and tokens are in it: keep it as you keep the store.
#[derive(Debug, Args)]
pub struct Command {
    #[command(flatten)]
    at: Where,
    /// The folder; made if it is not there, and else empty.
    folder: PathBuf,
}

impl Command {
    /// Runs it.
    pub fn run(self) -> anyhow::Result<()> {
        let Self { at, folder } = self;
        block_on(async move {
            let opened = at.open().await?;
            let (store, contents) = (Arc::clone(&opened.store), Arc::clone(&opened.contents));
            let gate = at.gate_of(opened).await?;
            let target = folder.display().to_string();
            // What is taken out is a deed too, and part of what is taken out.
            gate.record(gate.entry(operator(), &here(), "export-store", &target)).await?;
            let now = clock::wall();
            let manifest = archive::export(&*contents, store.epoch(), &folder, now).await?;
            let mut out = stdout();
            for listed in &manifest.files {
                writeln!(
                    out,
                    "{}  {} ({} lines)",
                    listed.sum.sha256, listed.file, listed.sum.lines
                )?;
            }
            Ok(())
        })
    }
}
