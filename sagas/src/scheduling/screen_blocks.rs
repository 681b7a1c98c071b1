//! Applies blocks of a screen to its screenings. A screening that is scheduled later starts with them; an existing one gets them here, and one
//! that moves in from another screen gets them once it has its slot. Events of a screen are processed in order, so a screening learns of a
//! block before its release. Every step can be repeated.

use futures_util::{TryStreamExt, stream};
use ticketshow_domain::{
    ScreenId, ScreeningId, UserId,
    screen::{self, HouseBlock, ReplacedDraft, Screen},
    screening::{
        self, Screening,
        changing::{ChangeOutcome, Rescheduled},
    },
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
    let blocks: Vec<(ScreeningId, HouseBlock)> =
        to_come.into_iter().map(|screening| (screening, block.for_screening(screening.0))).collect();
    stream::iter(blocks.into_iter().map(Ok))
        .try_for_each_concurrent(SCREENINGS_AT_ONCE, |(screening, block)| {
            keep_back(reaction, screen, screening, block)
        })
        .await
}

/// Keeps the seats of all blocks of a screen back in a screening that a change brought there. A change of the time alone blocks
/// nothing: staff may have released some of the seats in this screening.
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
    let changed: Screening = reaction.read(&screening).await?;
    if !comes_from_elsewhere(&changed, change) {
        return Ok(());
    }
    for block in state.active_blocks() {
        keep_back(reaction, screen, screening, block.for_screening(change)).await?;
    }
    Ok(())
}

/// Returns `true` for a change to another screen.
pub(crate) fn comes_from_elsewhere(screening: &Screening, change: Uuid) -> bool {
    screening.known_change(change).is_some_and(|known| match &known.outcome {
        ChangeOutcome::Rescheduled(Rescheduled { before, after, .. }) => before.screen != after.screen,
        ChangeOutcome::Refused | ChangeOutcome::Repriced => false,
    })
}

async fn keep_back(
    reaction: &Reaction<'_>,
    screen: ScreenId,
    screening: ScreeningId,
    block: HouseBlock,
) -> Result<(), SagaError> {
    let command = screening::Command::FollowBlock { screen, block };
    match reaction.execute::<Screening>(&screening, command).await? {
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
        .try_for_each_concurrent(SCREENINGS_AT_ONCE, |screening| async move {
            let command = screening::Command::ReleaseScreenBlock { block, by };
            reaction.must::<Screening>(&screening, command).await
        })
        .await
}

/// Deletes the draft that another one replaces. If it was published before, or its seats were blocked or released
/// since, the other one is deleted.
pub(crate) async fn end_replaced(
    reaction: &Reaction<'_>,
    screen: ScreenId,
    draft: ScreeningId,
    replaced: &ReplacedDraft,
) -> Result<(), SagaError> {
    let end = screen::Command::ReplaceDraft { screening: replaced.draft, seen: replaced.seen.clone() };
    match reaction.execute::<Screen>(&replaced.screen, end).await? {
        Ok(()) | Err(screen::Refusal::NoDraft) => Ok(()),
        Err(screen::Refusal::Published | screen::Refusal::DraftBlocksChanged) => {
            let discard = screen::Command::DiscardDraft { screening: draft };
            match reaction.execute::<Screen>(&screen, discard).await? {
                Ok(()) | Err(screen::Refusal::NoDraft | screen::Refusal::Published) => Ok(()),
                Err(refusal) => Err(SagaError::permanent(refusal)),
            }
        }
        Err(refusal) => Err(SagaError::permanent(refusal)),
    }
}
