//! Screenings that get another time or screen. The calendar reserves the new slot, the screening decides, the calendars follow,
//! and then each booking does, whose customer is notified. The API normally takes the steps up to the calendars; this saga
//! takes them if the API crashed. Every step can be repeated.
//!
//! ```text
//! SlotReserved ──▶ ChangeScreening ──▶ TakeSlot ──▶ VacateSlot ──▶ FollowChange, per booking ──▶ CompleteChange
//!                        └─ refused ─▶ DropSlot
//! ```

#[cfg(test)]
mod tests;

use futures_util::{TryStreamExt, stream};
use ticketshow_domain::{
    BookingId, ScreenId, ScreeningId,
    booking::{self, Booking},
    rescheduling::{Rescheduling, WantedChange},
    screen::{self, Screen},
    screening::{
        self, Screening,
        changing::{ChangeOutcome, Rescheduled},
    },
};
use ticketshow_tickets::Signer;
use uuid::Uuid;

use crate::{
    counter_sale,
    worker::{error::SagaError, reaction::Reaction},
};

/// Bookings of one screening that follow concurrently.
const BOOKINGS_AT_ONCE: usize = 64;

/// The decision of a screening is not in its state: a bug.
#[derive(Debug, thiserror::Error)]
#[error("screening {screening} does not know change {change}")]
struct Undecided {
    screening: ScreeningId,
    change: Uuid,
}

/// A change whose slot is reserved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Change {
    pub screening: ScreeningId,
    pub wanted: WantedChange,
}

/// The next steps, once the screening has decided.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Steps {
    /// Commands for the calendars, in order.
    pub calendars: Vec<(ScreenId, screen::Command)>,
    /// `false` if the change failed, or is complete.
    pub has_followers: bool,
}

impl Change {
    pub fn decide(&self) -> screening::Command {
        screening::Command::ChangeScreening { wanted: self.wanted.clone() }
    }

    /// Returns the next steps; `None` if the screening has not decided.
    pub fn next(&self, state: &Screening) -> Option<Steps> {
        let (screening, change, screen) = (self.screening, self.wanted.id, self.wanted.promise.screen);
        Some(match &state.known_change(change)?.outcome {
            ChangeOutcome::Refused | ChangeOutcome::Repriced => Steps {
                calendars: vec![(screen, screen::Command::DropSlot { change })],
                has_followers: false,
            },
            ChangeOutcome::Rescheduled(Rescheduled { before, complete, .. }) => {
                let mut calendars = vec![(screen, screen::Command::TakeSlot { change })];
                if before.screen != screen {
                    let taken_by = state.rescheduled_before(change);
                    calendars
                        .push((before.screen, screen::Command::VacateSlot { screening, change, taken_by }));
                }
                Steps { calendars, has_followers: !complete }
            }
        })
    }

    /// Takes all steps.
    pub async fn carry_out(&self, reaction: &Reaction<'_>, signer: &Signer) -> Result<(), SagaError> {
        let (screening, change) = (self.screening, self.wanted.id);
        let decided = reaction.execute_and_read(&screening, self.decide(), Screening::clone).await?;
        let state = match decided {
            Ok(state) => state,
            Err(refusal @ screening::Refusal::NotFound) => return Err(SagaError::transient(refusal)),
            // Another request with the same key was faster, on another screen.
            Err(screening::Refusal::KeyReused) => {
                let command = screen::Command::DropSlot { change };
                return reaction.must::<Screen>(&self.wanted.promise.screen, command).await;
            }
            Err(refusal) => return Err(SagaError::permanent(refusal)),
        };
        let undecided = || SagaError::permanent(Undecided { screening, change });
        let Steps { calendars, has_followers } = self.next(&state).ok_or_else(undecided)?;
        for (screen, command) in calendars {
            reaction.must::<Screen>(&screen, command).await?;
        }
        if !has_followers {
            return Ok(());
        }
        stream::iter(state.reschedulings(screening, change).map(Ok))
            .try_for_each_concurrent(BOOKINGS_AT_ONCE, async |(booking, rescheduling)| {
                if state.counter_sale(booking).is_some() {
                    counter_sale::complete(reaction, signer, screening, booking).await?;
                }
                follow(reaction, booking, rescheduling).await
            })
            .await?;
        reaction.must::<Screening>(&screening, screening::Command::CompleteChange { change }).await
    }
}

async fn follow(
    reaction: &Reaction<'_>,
    booking: BookingId,
    rescheduling: Rescheduling,
) -> Result<(), SagaError> {
    let paid = rescheduling.paid;
    let command = booking::Command::FollowChange { rescheduling };
    match reaction.execute::<Booking>(&booking, command).await? {
        Ok(()) => Ok(()),
        // Nobody has begun to pay: the booking copies the terms when it begins.
        Err(booking::Refusal::NotFound) if !paid => Ok(()),
        // It is confirmed, or has moved here, in a moment.
        Err(
            refusal @ (booking::Refusal::NotFound
            | booking::Refusal::NotConfirmed
            | booking::Refusal::MoveInProgress),
        ) => Err(SagaError::transient(refusal)),
        Err(refusal) => Err(SagaError::permanent(refusal)),
    }
}
