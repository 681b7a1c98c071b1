//! `ticketshow`: the one binary, with a subcommand for each service, for all of them in one process, for the local stack
//! and for operations.

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

/// Gives back what password hashing took (19 MiB each): the system's allocator kept 10 MB a sign-in.
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
#[expect(clippy::enum_variant_names, reason = "the command API is called so")]
enum Command {
    /// Runs the local stack until Ctrl-C: nats-server, Postgres, the Dodo simulator, `OpenSearch`, `MinIO`, an inbox and the one-process
    /// server.
    Up(config::Up),
    /// All services in one process.
    Serve(config::Serve),
    /// The commands: POST, PUT, PATCH, DELETE.
    CommandApi(config::Service),
    /// The queries: GET.
    QueryApi(config::Service),
    /// What keeps the read models up with the log.
    Projectors(config::Projectors),
    /// What happens because something happened: payments, lapsed holds.
    Sagas(config::Sagas),
    /// A stand-in for the payment provider on this machine.
    DodoSim(config::DodoSim),
    /// Builds read models and search index anew beside the live ones, and puts them in their place.
    Replay(operations::Replay),
    /// Folds the log and checks what must never be broken.
    Verify(operations::Verify),
    /// Loads the demo data.
    Demo(operations::Demo),
    /// Operations done by hand.
    #[command(subcommand)]
    Admin(operations::Admin),
    /// Ends a local stack, also what a killed supervisor left behind.
    Down(Place),
    /// Ends a local stack and forgets its data, logs and secrets.
    Clean(Place),
    /// Shows the parts of a local stack and whether it is ready.
    Status(Place),
    /// Shows what the parts of a local stack print.
    Logs {
        #[command(flatten)]
        place: Place,
        /// One part only: server, dodo-sim, inbox, opensearch, minio, nats-server or postgres.
        part: Option<String>,
        /// Lines of each part to begin with.
        #[arg(long, default_value_t = 40)]
        lines: usize,
        /// Goes on showing what comes.
        #[arg(long, short)]
        follow: bool,
    },
}

#[tokio::main]
async fn main() -> ExitCode {
    let matches = without_empty_settings(Cli::command()).get_matches();
    let cli = Cli::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
    if let Command::Verify(_) | Command::Admin(_) | Command::Status(_) | Command::Logs { .. } = cli.command {
        end_quietly_when_nobody_reads();
    }
    run(cli.command).await.unwrap_or_else(|error| {
        eprintln!("ticketshow: {error:#}");
        ExitCode::FAILURE
    })
}

/// A setting that is set to nothing is not set: files that start containers have no other way to say so.
fn without_empty_settings(command: clap::Command) -> clap::Command {
    let is_empty = |name: &OsStr| std::env::var_os(name).is_some_and(|value| value.is_empty());
    command
        .mut_args(|setting| match setting.get_env() {
            Some(name) if is_empty(name) => setting.env(Resettable::Reset),
            Some(_) | None => setting,
        })
        .mut_subcommands(without_empty_settings)
}

/// Who reads what is printed may stop, as `head` and `grep -q` do. That is no panic to tell of.
fn end_quietly_when_nobody_reads() {
    let tell = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        let said = panic.payload().downcast_ref::<String>();
        if said.is_some_and(|said| said.starts_with("failed printing to stdout")) {
            // As a shell reports a program that SIGPIPE ended.
            std::process::exit(141);
        }
        tell(panic);
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
