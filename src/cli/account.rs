//! `pilin account`.

use std::io::{Write, stdout};
use std::sync::Arc;

use anyhow::anyhow;
use clap::{Args, Subcommand};

use pilin::access::{AccountId, Reach, Role};
use pilin::gate::{Gate, NewPerson, Policy, first_password};
use pilin::store::registry::AccountChange;

use super::store::{Agencies, Where, block_on, here, line, operator};

/// Accounts, from the machine itself; the service may run meanwhile.
#[derive(Debug, Args)]
pub struct Command {
    #[command(flatten)]
    at: Where,
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Make one. Without --password-stdin it is given a password, which is printed
    /// once.
    Add(Add),
    /// List them.
    List,
    /// Disable one, and end its sessions.
    Disable {
        /// Its name.
        name: String,
    },
    /// Enable one again.
    Enable {
        /// Its name.
        name: String,
    },
    /// Take the second factor of one off, whose owner has lost it, and end its sessions.
    ResetFactor {
        /// Its name.
        name: String,
    },
    /// Give one another password, and end its sessions.
    Password {
        /// Its name.
        name: String,
        /// The password is the first line of the input; else one is made and printed.
        #[arg(long)]
        password_stdin: bool,
    },
}

/// An account to be made.
#[derive(Debug, Args)]
struct Add {
    /// The name to sign in with.
    name: String,
    #[command(flatten)]
    of: Agencies,
    /// wall, officer, analyst, commander, system-admin, security-admin, auditor, or admin,
    /// who is the three before in one.
    #[arg(long)]
    role: Role,
    /// Refuse the role admin, as a service with separation of duties does.
    #[arg(
        long,
        env = "PILIN_SEPARATION_OF_DUTIES",
        value_name = "BOOL",
        num_args = 0..=1,
        default_missing_value = "true",
        default_value_t = false,
        hide_possible_values = true
    )]
    separation_of_duties: bool,
    /// What others read; the name by default.
    #[arg(long, default_value = "")]
    display: String,
    /// The password is the first line of the input.
    #[arg(long)]
    password_stdin: bool,
}

impl Command {
    /// Runs it.
    pub fn run(self) -> anyhow::Result<()> {
        let Self { at, what } = self;
        block_on(async move {
            match what {
                What::Add(new) => add(&at, new).await,
                What::List => list(&at.gate().await?).await,
                What::Disable { name } => disable(&at.gate().await?, &name, true).await,
                What::Enable { name } => disable(&at.gate().await?, &name, false).await,
                What::ResetFactor { name } => reset_factor(&at.gate().await?, &name).await,
                What::Password { name, password_stdin } => {
                    password(&at.gate().await?, &name, password_stdin).await
                }
            }
        })
    }
}

async fn add(at: &Where, new: Add) -> anyhow::Result<()> {
    let Add { name, of, role, separation_of_duties, display, password_stdin } = new;
    let agency = of.check()?;
    let password = password_stdin.then(line).transpose()?;
    // The first account may be made before the service ever ran.
    let gate = at.gate_made().await?.with(Policy { separation_of_duties, ..Policy::default() });
    let person = NewPerson {
        name: name.as_str().into(),
        display: display.into(),
        agency,
        password,
        must_change: true,
    };
    let (_, password) = gate.add_account(operator(), Reach::ALL, person, role, &here()).await?;
    eprintln!("pilin: {name} was added to {}", at.place()?);
    if let Some(password) = password {
        writeln!(stdout(), "{password}")?;
    }
    Ok(())
}

async fn list(gate: &Gate) -> anyhow::Result<()> {
    let mut out = stdout();
    let all = gate.accounts(Reach::ALL).await?;
    let combined = all.iter().filter(|account| account.role.combines_duties() && !account.disabled);
    let combined: Vec<_> = combined.map(|account| &*account.name).collect();
    for account in &all {
        let state = if account.disabled { "disabled" } else { "" };
        let (name, agency, role) = (&account.name, account.agency, account.role);
        let line = format!("{name}\t{role}\t{agency}\t{}\t{state}", account.display);
        writeln!(out, "{}", line.trim_end())?;
    }
    if !combined.is_empty() {
        eprintln!(
            "pilin: warning: {} administers system, security and audit in one (role admin): add \
             accounts of the roles system-admin, security-admin and auditor, then disable it",
            combined.join(", ")
        );
    }
    Ok(())
}

async fn password(gate: &Gate, name: &str, given: bool) -> anyhow::Result<()> {
    let made = if given { None } else { Some(first_password()?) };
    let password = match &made {
        Some(password) => password.clone(),
        None => line()?,
    };
    let change = AccountChange { password: Some(password), ..AccountChange::default() };
    alter(gate, name, change).await?;
    if let Some(password) = made {
        writeln!(stdout(), "{password}")?;
    }
    Ok(())
}

async fn disable(gate: &Gate, name: &str, disabled: bool) -> anyhow::Result<()> {
    let change = AccountChange { disabled: Some(disabled), ..AccountChange::default() };
    alter(gate, name, change).await
}

async fn reset_factor(gate: &Gate, name: &str) -> anyhow::Result<()> {
    let id = find(gate, name).await?;
    gate.reset_factor(operator(), Reach::ALL, id, &here()).await?;
    Ok(())
}

async fn alter(gate: &Gate, name: &str, change: AccountChange) -> anyhow::Result<()> {
    let id = find(gate, name).await?;
    gate.change_account(operator(), Reach::ALL, id, change, &here()).await?;
    Ok(())
}

async fn find(gate: &Gate, name: &str) -> anyhow::Result<AccountId> {
    let name: Arc<str> = gate.kept_name(name).await?.into();
    let found = gate.registry().account(Arc::clone(&name)).await?;
    found.map(|(account, _)| account.id).ok_or_else(|| anyhow!("there is no account {name}"))
}
