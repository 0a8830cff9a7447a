//! `pilin token`.

use std::io::{Write, stdout};

use clap::{Args, Subcommand};

use pilin::access::{Reach, Scope, TokenId};
use pilin::domain::Time;
use pilin::gate::Gate;

use super::store::{Agencies, Where, block_on, here, operator};

/// Tokens of devices and neighbouring systems, from the machine itself; the service
/// may run meanwhile.
#[derive(Debug, Args)]
pub struct Command {
    #[command(flatten)]
    at: Where,
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Make one, and print its secret once.
    Add {
        /// What it is called.
        name: String,
        #[command(flatten)]
        of: Agencies,
        /// What it may be used for; repeatable: ingest:incident, ingest:position,
        /// ingest:unit, read:features, read:alerts, read:history, read:metrics,
        /// stream, set:clock.
        #[arg(long = "scope", value_name = "SCOPE", required = true)]
        scopes: Vec<Scope>,
        /// When it ends.
        #[arg(long, value_name = "RFC3339")]
        until: Option<Time>,
    },
    /// List them.
    List,
    /// Revoke one.
    Revoke {
        /// Its number.
        id: u64,
    },
}

impl Command {
    /// Runs it.
    pub fn run(self) -> anyhow::Result<()> {
        let Self { at, what } = self;
        block_on(async move { run(&at.gate().await?, what).await })
    }
}

async fn run(gate: &Gate, what: What) -> anyhow::Result<()> {
    let mut out = stdout();
    match what {
        What::Add { name, of, scopes, until } => {
            let about = (&*name, of.check()?);
            let made =
                gate.add_token(operator(), Reach::ALL, about, &scopes, until, &here()).await?;
            writeln!(out, "{}", made.secret)?;
        }
        What::List => {
            for token in gate.tokens(Reach::ALL).await? {
                let scopes: Vec<_> = token.scopes.iter().map(|scope| scope.word()).collect();
                let used = token.last_use.map_or_else(|| "never".to_owned(), |at| at.to_string());
                let state = if token.revoked_at.is_some() { "revoked" } else { "" };
                let (id, name, agency) = (token.id.0, &token.name, token.agency);
                let scopes = scopes.join(" ");
                let line = format!("{id}\t{name}\t{agency}\t{scopes}\t{used}\t{state}");
                writeln!(out, "{}", line.trim_end())?;
            }
        }
        What::Revoke { id } => {
            gate.revoke_token(operator(), Reach::ALL, TokenId(id), &here()).await?;
        }
    }
    Ok(())
}
