//! Rules of a screen that can forbid a command.

use jiff::Timestamp;

use super::{schedule::TakenSlot, turnaround::words};
use crate::{DayTime, Flaws, SeatName};

/// Rules that can forbid a command.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum Refusal {
    #[error("there is no such screen")]
    NotFound,
    #[error("the screen is taken by {taken}{}", words(*turnaround_minutes))]
    ScreenBusy { taken: Box<TakenSlot>, turnaround_minutes: u16 },
    #[error("the screen is retired")]
    ScreenRetired,
    #[error("{screenings} screenings are still to come, the first at {first_at}")]
    ScreenInUse { screenings: usize, first_at: Timestamp },
    #[error("the venue is open from {opens_at} to {closes_at}")]
    OutsideOpeningHours { opens_at: DayTime, closes_at: DayTime },
    #[error("the start lies in the past")]
    InThePast,
    #[error("the screening started at {0}")]
    Started(Timestamp),
    #[error("there is no price for the categories {}", .categories.join(", "))]
    PriceMissing { categories: Vec<String> },
    #[error("the show is cancelled")]
    ShowCancelled,
    #[error("the venue is inactive")]
    VenueInactive,
    #[error("the screening is cancelled")]
    Unscheduled,
    #[error("the screen has {max} drafts that are still to come")]
    TooManyDrafts { max: usize },
    #[error("there is no such draft")]
    NoDraft,
    #[error("the draft is published")]
    Published,
    #[error("blocked already: {}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "))]
    Blocked(Vec<SeatName>),
    #[error("a screen keeps at most {max} seats back")]
    TooManyBlocked { max: usize },
    #[error("a screen, or a draft, keeps at most {max} blocks")]
    TooManyBlocks { max: usize },
    #[error("seats of the draft were blocked or released meanwhile")]
    DraftBlocksChanged,
    #[error("there is no such block")]
    UnknownBlock,
    #[error("the Idempotency-Key was used for something else")]
    KeyReused,
    #[error("{0}")]
    Invalid(Flaws),
}
