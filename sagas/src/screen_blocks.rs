//! Blocks of a screen, carried to its screenings. A screening that is scheduled later begins with them; one that exists follows here, and one
//! that comes from another screen follows once it has its slot. Events of a screen are processed in their order, so a screening knows a
//! block before it learns that it was released. Every step can be repeated.

use futures_util::{TryStreamExt, stream};
use ticketshow_domain::{
    ScreenId, ScreeningId, UserId,
    screen::{self, HouseBlock, ReplacedDraft, Screen},
    screening::{self, Screening},
};
use uuid::Uuid;

use crate::worker::{error::SagaError, reaction::Reaction};

/// Screenings that follow concurrently.
const SCREENINGS_AT_ONCE: usize = 32;

/// Keeps the seats of a block back in all screenings to come, unless it is released by now.
pub(crate) async fn follow(reaction: &Reaction<'_>, screen: ScreenId, block: Uuid) -> Result<(), SagaError> {
    let state: Screen = reaction.read_after_cause(&screen).await?;
    let Some(block) = state.block(block).filter(|block| !block.released) else { return Ok(()) };
    let to_come = state.screenings_to_come(reaction.now());
    let commands = to_come.into_iter().map(|screening| (screening, block.for_screening(screening.0)));
    stream::iter(commands.map(Ok))
        .try_for_each_concurrent(SCREENINGS_AT_ONCE, async |(screening, block)| {
            keep_back(reaction, screening, block).await
        })
        .await
}

/// Keeps the seats of all blocks of a screen back in a screening that a change brought there.
pub(crate) async fn follow_all(
    reaction: &Reaction<'_>,
    screen: ScreenId,
    screening: ScreeningId,
    change: Uuid,
) -> Result<(), SagaError> {
    let state: Screen = reaction.read_after_cause(&screen).await?;
    // It may have left again.
    if !state.screenings_to_come(reaction.now()).contains(&screening) {
        return Ok(());
    }
    for block in state.active_blocks() {
        keep_back(reaction, screening, block.for_screening(change)).await?;
    }
    Ok(())
}

async fn keep_back(
    reaction: &Reaction<'_>,
    screening: ScreeningId,
    block: HouseBlock,
) -> Result<(), SagaError> {
    match reaction.execute::<Screening>(&screening, screening::Command::FollowBlock { block }).await? {
        // One that is not open yet was scheduled after the block, and begins with it.
        Ok(()) | Err(screening::Refusal::NotFound) => Ok(()),
        Err(refusal) => Err(SagaError::permanent(refusal)),
    }
}

/// Puts the seats of a block on sale again in all screenings to come.
pub(crate) async fn release(
    reaction: &Reaction<'_>,
    screen: ScreenId,
    block: Uuid,
    by: UserId,
) -> Result<(), SagaError> {
    let state: Screen = reaction.read_after_cause(&screen).await?;
    stream::iter(state.screenings_to_come(reaction.now()).into_iter().map(Ok))
        .try_for_each_concurrent(SCREENINGS_AT_ONCE, async |screening| {
            let command = screening::Command::ReleaseScreenBlock { block, by };
            reaction.must::<Screening>(&screening, command).await
        })
        .await
}

/// Deletes the draft whose place another one takes. If it was published before, the other one is deleted.
pub(crate) async fn end_replaced(
    reaction: &Reaction<'_>,
    screen: ScreenId,
    draft: ScreeningId,
    replaced: &ReplacedDraft,
) -> Result<(), SagaError> {
    let discard = |screening| screen::Command::DiscardDraft { screening };
    match reaction.execute::<Screen>(&replaced.screen, discard(replaced.draft)).await? {
        Ok(()) | Err(screen::Refusal::NoDraft) => Ok(()),
        Err(screen::Refusal::Published) => match reaction.execute::<Screen>(&screen, discard(draft)).await? {
            Ok(()) | Err(screen::Refusal::NoDraft | screen::Refusal::Published) => Ok(()),
            Err(refusal) => Err(SagaError::permanent(refusal)),
        },
        Err(refusal) => Err(SagaError::permanent(refusal)),
    }
}
