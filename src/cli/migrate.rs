//! `pilin migrate`.

use std::io::{Write, stdout};

use anyhow::{Context, bail};
use clap::Args;
use serde_json::json;

use pilin::service::schema_of;

use super::store::{Where, block_on, here, operator};

/// Bring a store's schema up to date, as a start of the service would.
///
/// What has been changed is not changed back: take a backup first.
#[derive(Debug, Args)]
pub struct Command {
    #[command(flatten)]
    at: Where,
    /// Only say what would be done; exit 3 if anything would, 1 if it cannot be said.
    #[arg(long)]
    check: bool,
}

/// There is something to be done, which was asked.
#[derive(Debug, thiserror::Error)]
#[error("{place}: {many} changes of the schema are to be made")]
pub struct Pending {
    place: String,
    many: usize,
}

impl Command {
    /// Runs it.
    pub fn run(self) -> anyhow::Result<()> {
        let Self { at, check } = self;
        block_on(async move {
            at.must_be_there()?;
            let place = at.place()?;
            let before = schema_of(&at.address()?).await.context(place.clone())?;
            if before.is_ahead() {
                let (found, known) = (before.at, before.newest);
                bail!("{place}: its schema is at {found}, this version knows it to {known}");
            }
            let mut out = stdout();
            for change in &before.pending {
                writeln!(out, "{change}")?;
            }
            if before.pending.is_empty() {
                writeln!(out, "{place}: the schema is up to date, at {}", before.at)?;
                return Ok(());
            }
            if check {
                return Err(Pending { place, many: before.pending.len() }.into());
            }
            let gate = at.gate_of(at.migrate().await?).await?;
            let mut entry = gate.entry(operator(), &here(), "migrate", &place);
            entry.before = Some(json!({"schema": before.at}));
            entry.after = Some(json!({"schema": before.newest}));
            gate.record(entry).await?;
            writeln!(out, "{place}: brought from {} to {}", before.at, before.newest)?;
            Ok(())
        })
    }
}
