//! Aggregates that a mail is about, and the reasons not to send it.

use sqlx::PgPool;
use ticketshow_domain::{BookingId, Language, ScreeningId, account::Profile};
use ticketshow_nats::executor::Executor;

use super::{letter::Contents, template::Template};

/// Reason why a mail is no longer sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum NoLongerRelevant {
    #[error("the booking is no longer confirmed")]
    NotConfirmed,
    #[error("the screening is over")]
    Over,
    #[error("the recipient wants no reminders")]
    Unwanted,
    #[error("the screening has another time by now")]
    OtherTime,
    #[error("the link or code has expired")]
    Expired,
    #[error("the offered seats are no longer held")]
    OfferOver,
    #[error("the customer has no account")]
    NoAccount,
    #[error("the account wants no sales by mail, or may not read them")]
    NotWanted,
    #[error("the day is long over")]
    LongOver,
}

/// An aggregate that must exist: a bug.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum Missing {
    #[error("there is no booking {0}")]
    Booking(BookingId),
    #[error("there is no screening {0}")]
    Screening(ScreeningId),
}

/// The aggregates and read models, and the language to write about them.
#[derive(Clone, Copy)]
pub(super) struct Source<'a> {
    pub executor: &'a Executor,
    pub pool: &'a PgPool,
    /// The account of the recipient, if there is one.
    pub reader: Option<&'a Profile>,
    pub language: Language,
}

impl Source<'_> {
    pub fn contents(self, template: Template) -> Contents {
        Contents::new(template, self.language)
    }
}
