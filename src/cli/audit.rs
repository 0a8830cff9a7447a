//! `pilin audit`.

use std::io::{BufWriter, Write, stdout};

use anyhow::{anyhow, bail};
use clap::{Args, Subcommand};

use pilin::domain::Time;
use pilin::gate::follow;
use pilin::store::Ledger;
use pilin::store::audit::{Link, Outcome, Period};

use super::store::{Where, block_on, here, operator};

/// Entries read at once.
const READ: u32 = 1_000;

/// The audit log, from the machine itself; the service may run meanwhile.
#[derive(Debug, Args)]
pub struct Command {
    #[command(flatten)]
    at: Where,
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Follow the chain, and find what was changed, removed or moved. What was cut
    /// off at the end is found only by a link that was kept elsewhere: keep the one
    /// that is printed.
    Verify {
        /// A link that was the newest at some time, and must be in the chain still.
        #[arg(long, value_name = "LINK")]
        head: Option<Link>,
    },
    /// Write the entries of a time as NDJSON, each with its link.
    Export {
        /// From this time on.
        #[arg(long, value_name = "RFC3339")]
        from: Option<Time>,
        /// Before this time.
        #[arg(long, value_name = "RFC3339")]
        to: Option<Time>,
    },
}

impl Command {
    /// Runs it.
    pub fn run(self) -> anyhow::Result<()> {
        let Self { at, what } = self;
        block_on(async move {
            match what {
                What::Verify { head } => verify(&*at.open().await?.ledger, head).await,
                What::Export { from, to } => {
                    // What is taken out is a deed too.
                    let gate = at.gate().await?;
                    let mut entry = gate.entry(operator(), &here(), "export", "audit");
                    entry.after = Some(serde_json::json!({"from": from, "to": to}));
                    entry.outcome = Outcome::Done;
                    gate.record(entry).await?;
                    export(gate.ledger(), Period { from, to }).await
                }
            }
        })
    }
}

async fn verify(ledger: &dyn Ledger, kept: Option<Link>) -> anyhow::Result<()> {
    let followed = follow(ledger, kept).await?;
    let mut out = stdout();
    match followed.head {
        None => writeln!(out, "the audit log is empty")?,
        Some((1, link)) => writeln!(out, "1 entry holds; newest link {link}")?,
        Some((number, link)) => writeln!(out, "{number} entries hold; newest link {link}")?,
    }
    if followed.kept == Some(false) {
        bail!(
            "the link kept elsewhere is not in the chain: its end was cut off, or it was made anew"
        );
    }
    Ok(())
}

async fn export(ledger: &dyn Ledger, period: Period) -> anyhow::Result<()> {
    let mut out = BufWriter::new(stdout().lock());
    let mut after = 0;
    loop {
        let page = ledger.entries(after, READ).await?;
        let Some(last) = page.last() else { break };
        after = last.number;
        for record in &page {
            let entry = record.entry();
            let entry = entry.ok_or_else(|| anyhow!("entry {} is broken", record.number))?;
            if period.holds(entry.at) {
                writeln!(out, "{}", record.exported())?;
            }
        }
    }
    out.flush()?;
    Ok(())
}
