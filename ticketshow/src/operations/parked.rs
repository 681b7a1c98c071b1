//! `ticketshow admin parked`: the same operations as the REST calls below `/admin/parked`, for an operator with the NATS key.

use anyhow::{Context, Result, ensure};
use clap::{Args, Subcommand};
use ticketshow_nats::{
    consumers::parked::{Parked, ParkedId, ParkedMessage},
    server::users::NatsUser,
};

use crate::{config::Installation, logging};

/// Operations on parked messages.
#[derive(Debug, Subcommand)]
pub enum Operation {
    /// Lists parked messages, oldest first: one line each, followed by the error.
    List(Listing),
    /// Retries a message, and those of the same aggregate that are blocked by it.
    Retry(Chosen),
    /// Drops a message for good; those blocked by it continue.
    Drop(Chosen),
}

/// The installation and the length of the list.
#[derive(Debug, Args)]
pub struct Listing {
    #[command(flatten)]
    installation: Installation,

    /// Maximum number of messages.
    #[arg(long, default_value_t = 100)]
    limit: usize,
}

/// One message of an installation.
#[derive(Debug, Args)]
pub struct Chosen {
    #[command(flatten)]
    installation: Installation,

    /// Id from the list, for example `payment-1234`.
    id: ParkedId,
}

/// Runs the operation.
///
/// # Errors
///
/// NATS is unreachable, no message with this id is parked, or no process runs its consumer.
pub async fn run(operation: &Operation) -> Result<()> {
    logging::warnings();
    match operation {
        Operation::List(Listing { installation, limit }) => list(&parked(installation).await?, *limit).await,
        Operation::Retry(Chosen { installation, id }) => {
            let found =
                parked(installation).await?.retry(id).await.context("no process answered the request")?;
            ensure!(found, "{id} is not parked");
            println!("{id} will be retried");
            Ok(())
        }
        Operation::Drop(Chosen { installation, id }) => {
            let found =
                parked(installation).await?.drop(id).await.context("no process answered the request")?;
            ensure!(found, "{id} is not parked");
            println!("{id} is dropped");
            Ok(())
        }
    }
}

async fn parked(installation: &Installation) -> Result<Parked> {
    Ok(Parked::new(&installation.connect(NatsUser::Operator).await?))
}

async fn list(parked: &Parked, limit: usize) -> Result<()> {
    let messages = parked.list(None, limit).await.context("cannot list parked messages")?;
    for ParkedMessage { id, aggregate, aggregate_id, error, attempts, parked_at } in &messages {
        println!("{id} {aggregate} {aggregate_id} since {parked_at}, tried {attempts} times");
        println!("    {}", error.join(": "));
    }
    if messages.is_empty() {
        println!("nothing is parked");
    }
    Ok(())
}
