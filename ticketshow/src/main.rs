//! `ticketshow`: the only binary, with a subcommand per service, one for all services in one process, and others for the local
//! stack and for operations.

mod config;
mod logging;
mod operations;
mod services;
mod stop;

use std::{ffi::OsStr, process::ExitCode};

use anyhow::Result;
use clap::{CommandFactory, FromArgMatches, Parser, Subcommand, builder::Resettable};
use mimalloc::MiMalloc;
use ticketshow_stack::Place;

/// Returns the memory of password hashing (19 MiB each) to the system: the default allocator kept 10 MB per sign-in.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// A booking platform for cinemas and theatres, event-sourced on NATS JetStream.
#[derive(Debug, Parser)]
#[command(version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
#[expect(clippy::enum_variant_names, reason = "`CommandApi` is the name of that service")]
enum Command {
    /// Runs the local stack until Ctrl-C: nats-server, Postgres, the Dodo simulator, `OpenSearch`, `MinIO`, an inbox and all
    /// services in one process.
    Up(config::Up),
    /// Runs all services in one process.
    Serve(config::Serve),
    /// Runs the command API: POST, PUT, PATCH, DELETE.
    CommandApi(config::Service),
    /// Runs the query API: GET.
    QueryApi(config::Service),
    /// Runs the projectors, which update the read models from the log.
    Projectors(config::Projectors),
    /// Runs the sagas, which react to events with commands: payments, refunds, lapsed holds, mails.
    Sagas(config::Sagas),
    /// Runs a simulator of the payment provider on this machine.
    DodoSim(config::DodoSim),
    /// Rebuilds the read models and the search index beside the live ones, then swaps them.
    Replay(operations::Replay),
    /// Reads the whole log and checks its invariants.
    Verify(operations::Verify),
    /// Loads the demo data into a running installation.
    Demo(operations::Demo),
    /// Runs an administrative operation.
    #[command(subcommand)]
    Admin(operations::Admin),
    /// Stops a local stack, including processes that a killed supervisor left behind.
    Down(Place),
    /// Stops a local stack and deletes its data, logs and secrets.
    Clean(Place),
    /// Shows the state of each part of a local stack.
    Status(Place),
    /// Shows the logs of a local stack.
    Logs {
        #[command(flatten)]
        place: Place,
        /// One part only: server, dodo-sim, inbox, opensearch, minio, nats-server or postgres.
        part: Option<String>,
        /// Number of existing lines to show per part.
        #[arg(long, default_value_t = 40)]
        lines: usize,
        /// Follows the logs until Ctrl-C.
        #[arg(long, short)]
        follow: bool,
    },
}

#[tokio::main]
async fn main() -> ExitCode {
    let matches = without_empty_settings(Cli::command()).get_matches();
    let cli = Cli::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
    if let Command::Verify(_) | Command::Admin(_) | Command::Status(_) | Command::Logs { .. } = cli.command {
        exit_quietly_on_closed_output();
    }
    run(cli.command).await.unwrap_or_else(|error| {
        eprintln!("ticketshow: {error:#}");
        ExitCode::FAILURE
    })
}

/// Treats an empty environment variable as not set: Compose files and manifests cannot leave one out.
fn without_empty_settings(command: clap::Command) -> clap::Command {
    let is_empty = |name: &OsStr| std::env::var_os(name).is_some_and(|value| value.is_empty());
    command
        .mut_args(|setting| match setting.get_env() {
            Some(name) if is_empty(name) => setting.env(Resettable::Reset),
            Some(_) | None => setting,
        })
        .mut_subcommands(without_empty_settings)
}

/// Exits without a panic message if the reader of our output closes it, as `head` and `grep -q` do.
fn exit_quietly_on_closed_output() {
    let default_hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        let message = panic.payload().downcast_ref::<String>();
        if message.is_some_and(|message| message.starts_with("failed printing to stdout")) {
            // The exit code that a shell reports after SIGPIPE.
            std::process::exit(141);
        }
        default_hook(panic);
    }));
}

async fn run(command: Command) -> Result<ExitCode> {
    match command {
        Command::Up(settings) => up(&settings).await?,
        Command::Serve(settings) => services::serve(&settings).await?,
        Command::CommandApi(settings) => services::command_api(&settings).await?,
        Command::QueryApi(settings) => services::query_api(&settings).await?,
        Command::Projectors(settings) => services::projectors(&settings).await?,
        Command::Sagas(settings) => services::sagas(&settings).await?,
        Command::DodoSim(settings) => services::dodo_sim(&settings).await?,
        Command::Replay(settings) => operations::replay(&settings).await?,
        Command::Verify(settings) => return operations::verify(&settings).await,
        Command::Demo(settings) => operations::demo(&settings).await?,
        Command::Admin(operation) => operations::admin(&operation).await?,
        Command::Down(place) => ticketshow_stack::down(&place).await?,
        Command::Clean(place) => ticketshow_stack::clean(&place).await?,
        Command::Status(place) => return ticketshow_stack::status(&place).await,
        Command::Logs { place, part, lines, follow } => {
            ticketshow_stack::logs(&place, part.as_deref(), lines, follow).await?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Runs the local stack until a signal stops it.
async fn up(settings: &config::Up) -> Result<()> {
    let stop = stop::on_signal()?;
    ticketshow_stack::up(&settings.stack, &settings.topology.settings(), &settings.web.folder, stop).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }

    #[test]
    fn the_sample_lists_every_setting_with_its_default() {
        let sample = include_str!("../../deploy/ticketshow.env.example");
        let mut commands = vec![Cli::command()];
        while let Some(command) = commands.pop() {
            for setting in command.get_arguments() {
                let Some(name) = setting.get_env() else { continue };
                let default = setting.get_default_values().first();
                let line = format!(
                    "#{}={}",
                    name.display(),
                    default.map_or_else(String::new, |value| value.display().to_string())
                );
                let found = sample
                    .lines()
                    .any(|other| other == line || (default.is_none() && other.starts_with(&line)));
                assert!(found, "{line} of `{}`", command.get_name());
            }
            commands.extend(command.get_subcommands().cloned());
        }
    }

    #[test]
    fn secrets_are_not_shown() {
        let arguments =
            ["ticketshow", "serve", "--secret", "hush", "--database-url", "postgres://hush@localhost/"];
        let cli = Cli::try_parse_from(arguments).unwrap();

        assert!(!format!("{cli:?}").contains("hush"));
    }
}
