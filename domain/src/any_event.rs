//! All events of the log as one type, for readers of the whole log.

use serde_json::value::RawValue;
use uuid::Uuid;

use crate::{
    Decider, WireError, WireEvent as _, account, booking, decode, invoices, payment, promotion, screen,
    screening, show, till, venue, wallet,
};

/// An event of any aggregate. Adding a variant anywhere makes the compiler list every reader to update.
#[derive(Debug, Clone, PartialEq)]
#[expect(missing_docs, reason = "each variant is the event of the aggregate it is named after")]
pub enum AnyEvent {
    Account(account::Event),
    Show(show::Event),
    Venue(venue::Event),
    Screen(screen::Event),
    Screening(screening::Event),
    Booking(booking::Event),
    Payment(payment::Event),
    Wallet(wallet::Event),
    Till(till::Event),
    Invoices(invoices::Event),
    Promotion(promotion::Event),
}

impl AnyEvent {
    /// Returns the cascade that caused this event, if one did. A message to everybody who booked counts as one, and
    /// so does another time or screen.
    #[must_use]
    pub fn cascade(&self) -> Option<Uuid> {
        match self {
            Self::Show(
                show::Event::ShowCancelled { cascade, .. } | show::Event::ShowCleared { cascade, .. },
            )
            | Self::Venue(
                venue::Event::VenueDeactivated { cascade, .. } | venue::Event::VenueCleared { cascade, .. },
            )
            | Self::Screen(screen::Event::ScreeningUnscheduled { cascade, .. })
            | Self::Screening(
                screening::Event::ScreeningCancelled { cascade, .. }
                | screening::Event::ScreeningCleared { cascade }
                | screening::Event::MessageSent { id: cascade, .. }
                | screening::Event::ScreeningChanged { change: cascade, free_until: Some(_), .. },
            ) => Some(*cascade),
            Self::Booking(booking::Event::BookingRescheduled { rescheduling, .. }) => {
                Some(rescheduling.change)
            }
            Self::Booking(
                booking::Event::BookingCancelled { cascade, .. }
                | booking::Event::BookingRefunded { cascade, .. },
            ) => *cascade,
            Self::Account(_)
            | Self::Show(_)
            | Self::Venue(_)
            | Self::Screen(_)
            | Self::Screening(_)
            | Self::Booking(_)
            | Self::Payment(_)
            | Self::Wallet(_)
            | Self::Till(_)
            | Self::Promotion(_)
            | Self::Invoices(_) => None,
        }
    }

    /// Returns `true` if this version knows the type of an event of an aggregate. Newer versions may write others.
    #[must_use]
    pub fn knows(aggregate: &str, event_type: &str) -> bool {
        let types: &[&str] = match aggregate {
            account::Account::TYPE => account::Event::TYPES,
            show::Show::TYPE => show::Event::TYPES,
            venue::Venue::TYPE => venue::Event::TYPES,
            screen::Screen::TYPE => screen::Event::TYPES,
            screening::Screening::TYPE => screening::Event::TYPES,
            booking::Booking::TYPE => booking::Event::TYPES,
            payment::Payment::TYPE => payment::Event::TYPES,
            wallet::Wallet::TYPE => wallet::Event::TYPES,
            till::Till::TYPE => till::Event::TYPES,
            invoices::Invoices::TYPE => invoices::Event::TYPES,
            promotion::Promotion::TYPE => promotion::Event::TYPES,
            _ => &[],
        };
        types.contains(&event_type)
    }

    /// Decodes one event of a commit, `{"type", "version", "data"}`, and upgrades it to its current version.
    ///
    /// # Errors
    ///
    /// [`WireError`] if the aggregate, the type or the version is unknown, or the data does not fit: a bug, or a log
    /// written by a newer version. The reader must stop, not skip.
    pub fn decode(aggregate: &str, raw: &RawValue) -> Result<Self, WireError> {
        match aggregate {
            account::Account::TYPE => decode(raw).map(Self::Account),
            show::Show::TYPE => decode(raw).map(Self::Show),
            venue::Venue::TYPE => decode(raw).map(Self::Venue),
            screen::Screen::TYPE => decode(raw).map(Self::Screen),
            screening::Screening::TYPE => decode(raw).map(Self::Screening),
            booking::Booking::TYPE => decode(raw).map(Self::Booking),
            payment::Payment::TYPE => decode(raw).map(Self::Payment),
            wallet::Wallet::TYPE => decode(raw).map(Self::Wallet),
            till::Till::TYPE => decode(raw).map(Self::Till),
            invoices::Invoices::TYPE => decode(raw).map(Self::Invoices),
            promotion::Promotion::TYPE => decode(raw).map(Self::Promotion),
            unknown => Err(WireError::UnknownAggregate(unknown.to_owned())),
        }
    }
}
