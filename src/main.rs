//! The command line: nothing but wiring.

mod cli;

use std::io::{self, ErrorKind};
use std::process::ExitCode;

use clap::error::{ContextKind, ContextValue};
use clap::{Parser, Subcommand};
use pilin::config::without_password;

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
    Backup(cli::backup::Command),
    Export(cli::export::Command),
    Import(cli::import::Command),
    Migrate(cli::migrate::Command),
    Clock(cli::clock::Command),
    Erase(cli::erase::Command),
    Locate(cli::locate::Command),
    /// Statistics over a file of incidents.
    Analyze(cli::analyze::Command),
    Simulate(cli::simulate::Command),
    Replay(cli::replay::Command),
}

fn main() -> ExitCode {
    let done = match Pilin::try_parse().unwrap_or_else(|why| misunderstood(why)).command {
        Command::Serve(command) => command.run(),
        Command::Account(command) => command.run(),
        Command::Token(command) => command.run(),
        Command::Audit(command) => command.run(),
        Command::Backup(command) => command.run(),
        Command::Export(command) => command.run(),
        Command::Import(command) => command.run(),
        Command::Migrate(command) => command.run(),
        Command::Clock(command) => command.run(),
        Command::Erase(command) => command.run(),
        Command::Locate(command) => command.run(),
        Command::Analyze(command) => command.run(),
        Command::Simulate(command) => command.run(),
        Command::Replay(command) => command.run(),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        // Whoever reads the output has had enough.
        Err(why) if is_closed_pipe(&why) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("pilin: {why:#}");
            if why.is::<cli::migrate::Pending>() { ExitCode::from(3) } else { ExitCode::FAILURE }
        }
    }
}

/// Tells what is wrong with the command line as any other error is told, or the help
/// that was asked for. A password in an address is not told.
fn misunderstood(mut why: clap::Error) -> ! {
    if let Some(ContextValue::String(value)) = why.get(ContextKind::InvalidValue) {
        let shown = ContextValue::String(without_password(value));
        why.insert(ContextKind::InvalidValue, shown);
    }
    let text = why.to_string();
    if let Some(text) = text.strip_prefix("error: ") {
        eprint!("pilin: {text}");
        std::process::exit(why.exit_code());
    }
    why.exit()
}

fn is_closed_pipe(why: &anyhow::Error) -> bool {
    let is_it = |why: &io::Error| why.kind() == ErrorKind::BrokenPipe;
    why.chain().any(|cause| cause.downcast_ref().is_some_and(is_it))
}
