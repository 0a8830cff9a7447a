//! `pilin replay`.

use clap::Args;

/// Being laid.
#[derive(Debug, Args)]
pub struct Command {}

impl Command {
    /// Runs it.
    pub fn run(self) -> anyhow::Result<()> {
        anyhow::bail!("replay: not built yet")
    }
}
