//! The golden events with the values of each field that decides whether a saga reacts. The arms name every event: the author of a
//! new one decides here if it has such a field.

use ticketshow_domain::{AnyEvent, booking, payment, screening};

/// Returns `event` with each other value of the field that decides.
pub(super) fn variants_of(event: &AnyEvent) -> Vec<AnyEvent> {
    match event {
        AnyEvent::Booking(event) => of_booking(event).into_iter().map(AnyEvent::Booking).collect(),
        AnyEvent::Payment(event) => of_payment(event).into_iter().map(AnyEvent::Payment).collect(),
        AnyEvent::Screening(event) => of_screening(event).into_iter().map(AnyEvent::Screening).collect(),
        AnyEvent::Account(_)
        | AnyEvent::Show(_)
        | AnyEvent::Venue(_)
        | AnyEvent::Screen(_)
        | AnyEvent::Wallet(_)
        | AnyEvent::Till(_)
        | AnyEvent::Invoices(_)
        | AnyEvent::Promotion(_) => Vec::new(),
    }
}

/// Returns copies of `event`, each with one of the values.
fn with_each<E: Clone, V, const N: usize>(event: &E, values: [V; N], set: impl Fn(&mut E, V)) -> Vec<E> {
    let copy = |value| {
        let mut event = event.clone();
        set(&mut event, value);
        event
    };
    values.map(copy).into()
}

fn of_booking(event: &booking::Event) -> Vec<booking::Event> {
    use booking::{BookingStatus, CancelledBy, Event, PaymentMethod};
    match event {
        Event::PaymentAttemptStarted { .. } => {
            with_each(event, [PaymentMethod::Wallet, PaymentMethod::Card], |event, chosen| {
                if let Event::PaymentAttemptStarted { method, .. } = event {
                    *method = chosen;
                }
            })
        }
        Event::PaymentAttemptFailed { .. } => {
            with_each(event, [BookingStatus::Expired, BookingStatus::Cancelled], |event, ended| {
                if let Event::PaymentAttemptFailed { status, .. } = event {
                    *status = ended;
                }
            })
        }
        Event::BookingCancelled { .. } => {
            with_each(event, [CancelledBy::Customer, CancelledBy::House], |event, author| {
                if let Event::BookingCancelled { by, .. } = event {
                    *by = author;
                }
            })
        }
        Event::BookingOpened { .. }
        | Event::BookingConfirmed { .. }
        | Event::BookingExpired { .. }
        | Event::SeatsReturned { .. }
        | Event::ReturnRefunded { .. }
        | Event::BookingRefunded { .. }
        | Event::NoteAdded { .. }
        | Event::BuyerErased { .. }
        | Event::TicketShared { .. }
        | Event::ShareEnded { .. }
        | Event::MoveRequested { .. }
        | Event::MovePaid { .. }
        | Event::MoveRefused { .. }
        | Event::BookingMoved { .. }
        | Event::BookingRescheduled { .. }
        | Event::DiscountApplied { .. }
        | Event::DiscountRemoved { .. } => Vec::new(),
    }
}

fn of_payment(event: &payment::Event) -> Vec<payment::Event> {
    use payment::{
        Event, Purpose,
        RefundReason::Decided,
        RefundTarget::{Card, Wallet},
        ReviewDecision,
    };
    match *event {
        Event::RefundRequested { reason, amount, .. } => {
            let requested = |(target, reason)| Event::RefundRequested { target, reason, amount };
            [(Card, reason), (Wallet, reason), (Card, Decided)].map(requested).into()
        }
        Event::ReviewDecided { by, .. } => [ReviewDecision::Accept, ReviewDecision::Refund]
            .map(|decision| Event::ReviewDecided { decision, by })
            .into(),
        Event::PaymentOpened { payment, .. } => {
            with_each(event, [Purpose::TopUp, Purpose::Stray { of: payment }], |event, chosen| {
                if let Event::PaymentOpened { purpose, .. } = event {
                    *purpose = chosen;
                }
            })
        }
        Event::CheckoutOpened { .. }
        | Event::PaymentCaptured { .. }
        | Event::PaymentMismatched { .. }
        | Event::PaymentAttemptFailed { .. }
        | Event::PaymentExpired {}
        | Event::PartSplitOff { .. }
        | Event::RefundAttempted { .. }
        | Event::RefundSubmitted { .. }
        | Event::RefundFailed { .. }
        | Event::RefundPutInReview { .. }
        | Event::RefundCompleted { .. }
        | Event::PaymentDisputed { .. }
        | Event::DisputeWon { .. }
        | Event::DisputeLost { .. } => Vec::new(),
    }
}

fn of_screening(event: &screening::Event) -> Vec<screening::Event> {
    use screening::{
        Event,
        ReleaseReason::{CancelledByCustomer, CancelledByHouse, GivenUp, Lapsed, Moved},
    };
    match event {
        Event::SeatsReleased { .. } => {
            let reasons = [Lapsed, GivenUp, CancelledByCustomer, CancelledByHouse, Moved];
            with_each(event, reasons, |event, why| {
                if let Event::SeatsReleased { reason, .. } = event {
                    *reason = why;
                }
            })
        }
        Event::ScreeningOpened { .. }
        | Event::SeatsReserved { .. }
        | Event::HoldExtended { .. }
        | Event::SeatsSold { .. }
        | Event::MessageSent { .. }
        | Event::GuestsReminded { .. }
        | Event::SeatsTakenBack { .. }
        | Event::ScreeningCancelled { .. }
        | Event::ScreeningCleared { .. }
        | Event::TicketCheckedIn { .. }
        | Event::CheckInUndone { .. }
        | Event::SeatsBlocked { .. }
        | Event::BlockGrown { .. }
        | Event::BlockReleased { .. }
        | Event::AdmissionConflicted { .. }
        | Event::SeatsSoldAtCounter { .. }
        | Event::MoveBegun { .. }
        | Event::MoveEnded { .. }
        | Event::SeatsMovedIn { .. }
        | Event::WaitingListJoined { .. }
        | Event::WaitingListLeft { .. }
        | Event::SeatsOffered { .. }
        | Event::ScreeningChanged { .. }
        | Event::ChangeRefused { .. }
        | Event::ChangeCompleted { .. }
        | Event::WheelchairPlacesReleased {} => Vec::new(),
    }
}
