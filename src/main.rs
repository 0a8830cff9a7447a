//! The command line: nothing but wiring.

mod cli;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// One live picture of urban-management enforcement on both sides of a border.
#[derive(Debug, Parser)]
#[command(name = "pilin", version, about)]
struct Pilin {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the service.
    Serve(Box<cli::serve::Command>),
    /// Make, list and disable accounts.
    Account(cli::account::Command),
    /// Make, list and revoke tokens.
    Token(cli::token::Command),
    /// Verify and export the audit log.
    Audit(cli::audit::Command),
    /// Copy the embedded store while the service runs.
    Backup(cli::backup::Command),
    /// Say where the points of a CSV lie.
    Locate(cli::locate::Command),
    /// Statistics over a file of incidents.
    Analyze(cli::analyze::Command),
    /// Send made-up patrols, incidents and scenarios to a running service.
    Simulate(cli::simulate::Command),
    /// Send a file of real reports to a running service, in its own time order.
    Replay(cli::replay::Command),
}

fn main() -> ExitCode {
    let done = match Pilin::parse().command {
        Command::Serve(command) => command.run(),
        Command::Account(command) => command.run(),
        Command::Token(command) => command.run(),
        Command::Audit(command) => command.run(),
        Command::Backup(command) => command.run(),
        Command::Locate(command) => command.run(),
        Command::Analyze(command) => command.run(),
        Command::Simulate(command) => command.run(),
        Command::Replay(command) => command.run(),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("pilin: {why:#}");
            ExitCode::FAILURE
        }
    }
}
