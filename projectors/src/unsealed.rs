//! Personal texts of events, unsealed for the tables. A text whose key was destroyed becomes the word `erased`.

use futures_util::future::try_join_all;
use ticketshow_domain::{AnyEvent, Personal, account::Event, booking, counter::Buyer, screening};
use ticketshow_nats::{failure::Failure, kv::persons::Persons, log::envelope::RecordedEvent};

/// Unseals the texts that the tables show.
///
/// # Errors
///
/// [`Failure`] if a key cannot be read, [`Failure::Sealed`] if this process lacks the keys.
pub(crate) async fn unseal(persons: &Persons, events: &mut [RecordedEvent]) -> Result<(), Failure> {
    let texts = events.iter_mut().flat_map(|recorded| texts(&mut recorded.event));
    try_join_all(texts.map(async |text| {
        *text = Personal::plain(persons.shown(text).await?);
        Ok(())
    }))
    .await
    .map(drop)
}

/// The booking repeats them, but no table reads them there.
fn of_buyer(event: &mut screening::Event) -> Vec<&mut Personal> {
    if let screening::Event::SeatsSoldAtCounter { sale, .. } = event {
        let Buyer { name, email, phone } = &mut sale.buyer;
        name.iter_mut().chain(email).chain(phone).collect()
    } else {
        Vec::new()
    }
}

fn texts(event: &mut AnyEvent) -> Vec<&mut Personal> {
    match event {
        AnyEvent::Account(Event::AccountRegistered { email, name, city, .. }) => {
            [email, name].into_iter().chain(city).collect()
        }
        AnyEvent::Account(Event::ProfileUpdated { name, city }) => {
            std::iter::once(name).chain(city).collect()
        }
        AnyEvent::Account(Event::AccountDisabled { reason, .. }) => vec![reason],
        AnyEvent::Booking(booking::Event::NoteAdded { text, .. }) => vec![text],
        AnyEvent::Screening(event) => of_buyer(event),
        AnyEvent::Account(
            Event::PasswordChanged { .. }
            | Event::RoleGranted { .. }
            | Event::AccountEnabled { .. }
            | Event::SecondFactorSet { .. }
            | Event::OtpUsed { .. }
            | Event::RecoveryCodeUsed { .. }
            | Event::SecondFactorRemoved {}
            | Event::LanguageChosen { .. }
            | Event::SalesMailChosen { .. }
            | Event::RemindersChosen { .. }
            | Event::PersonalDataErased { .. },
        )
        | AnyEvent::Show(_)
        | AnyEvent::Venue(_)
        | AnyEvent::Screen(_)
        | AnyEvent::Booking(
            booking::Event::BookingOpened { .. }
            | booking::Event::PaymentAttemptStarted { .. }
            | booking::Event::PaymentAttemptFailed { .. }
            | booking::Event::BookingConfirmed { .. }
            | booking::Event::BookingExpired { .. }
            | booking::Event::BookingCancelled { .. }
            | booking::Event::SeatsReturned { .. }
            | booking::Event::ReturnRefunded { .. }
            | booking::Event::BookingRefunded { .. }
            | booking::Event::BuyerErased { .. }
            | booking::Event::TicketShared { .. }
            | booking::Event::ShareEnded { .. }
            | booking::Event::DiscountApplied { .. }
            | booking::Event::DiscountRemoved { .. }
            | booking::Event::MoveRequested { .. }
            | booking::Event::MovePaid { .. }
            | booking::Event::MoveRefused { .. }
            | booking::Event::BookingMoved { .. }
            | booking::Event::BookingRescheduled { .. },
        )
        | AnyEvent::Payment(_)
        | AnyEvent::Wallet(_)
        | AnyEvent::Till(_)
        | AnyEvent::Promotion(_)
        | AnyEvent::Invoices(_) => Vec::new(),
    }
}
