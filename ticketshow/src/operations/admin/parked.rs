//! Parked messages by hand: what the REST calls below `/admin/parked` do, for whoever has the operator's key.

use anyhow::{Context, Result, ensure};
use clap::{Args, Subcommand};
use ticketshow_nats::{NatsUser, Parked, ParkedId, ParkedMessage};

use crate::config::Installation;
use crate::logging;

/// What can be done.
#[derive(Debug, Subcommand)]
pub enum Operation {
    /// Lists them, oldest first: a line each, then why.
    List(Listing),
    /// Asks for another try of one, and of those of the same aggregate that wait with it.
    Retry(Chosen),
    /// Gives one up for good; what waits behind it goes on.
    Drop(Chosen),
}

/// Of which installation, and how many.
#[derive(Debug, Args)]
pub struct Listing {
    #[command(flatten)]
    installation: Installation,

    /// At most so many.
    #[arg(long, default_value_t = 100)]
    limit: usize,
}

/// Which one of which installation.
#[derive(Debug, Args)]
pub struct Chosen {
    #[command(flatten)]
    installation: Installation,

    /// As it is listed, `payment-1234` say.
    id: ParkedId,
}

/// Does it.
///
/// # Errors
///
/// NATS is away, nothing of that name is parked, or nobody works off its consumer.
pub async fn operate(operation: &Operation) -> Result<()> {
    logging::warnings();
    match operation {
        Operation::List(Listing { installation, limit }) => list(&parked(installation).await?, *limit).await,
        Operation::Retry(Chosen { installation, id }) => {
            let found = parked(installation).await?.retry(id).await.context("nobody took the question")?;
            ensure!(found, "{id} is not parked");
            println!("{id} is tried again");
            Ok(())
        }
        Operation::Drop(Chosen { installation, id }) => {
            let found = parked(installation).await?.drop(id).await.context("nobody took the question")?;
            ensure!(found, "{id} is not parked");
            println!("{id} is given up");
            Ok(())
        }
    }
}

async fn parked(installation: &Installation) -> Result<Parked> {
    Ok(Parked::new(&installation.connect(NatsUser::Operator).await?))
}

async fn list(parked: &Parked, limit: usize) -> Result<()> {
    let messages = parked.list(None, limit).await.context("cannot list what is parked")?;
    for ParkedMessage { id, aggregate, aggregate_id, error, attempts, parked_at } in &messages {
        println!("{id} {aggregate} {aggregate_id} since {parked_at}, tried {attempts} times");
        println!("    {}", error.join(": "));
    }
    if messages.is_empty() {
        println!("nothing is parked");
    }
    Ok(())
}
