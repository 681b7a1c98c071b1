//! Completion of a sale at the counter after its screening has decided it: the booking, its tickets, and the cash in the till. If the
//! process dies in between, a saga completes the sale.

use std::time::Duration;

use ticketshow_domain::{
    BookingId, PromotionId, ScreeningId,
    booking::{self, Booking, BookingStatus, PaymentMethod, Ticket, opened::Opened},
    counter::CounterSale,
    hold::Reservation,
    promotion::{self, Promotion},
    screening::Screening,
    till::{self, Till},
};
use ticketshow_http::Problem;
use ticketshow_nats::{executor::outcome::Freshness, log::metadata::Metadata};

use crate::machinery::app::App;

/// Pause that a client is asked for while a saga completes a sale.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// Facts of a sale, as its screening knows them.
#[derive(Debug, Clone)]
pub(crate) struct Sold {
    pub reservation: Reservation,
    pub sale: CounterSale,
}

impl Sold {
    /// Returns the sale of a booking; `None` if its seats were not sold at the counter.
    pub fn of(state: &Screening, screening: ScreeningId, booking: BookingId) -> Option<Self> {
        let sale = state.counter_sale(booking)?.clone();
        Some(Self { reservation: state.reservation(screening, booking)?, sale })
    }

    /// Adds the promotion that lowered the prices, which the screening does not remember.
    pub fn lowered_by(self, promotion: Option<PromotionId>) -> Self {
        Self { reservation: Reservation { promotion, ..self.reservation }, ..self }
    }

    fn is_for_less(&self) -> bool {
        self.reservation.seats.iter().any(|seat| seat.discount_minor > 0)
    }
}

impl App {
    /// Completes a sale. Returns the sale as it was made (seats may have been returned since), its tickets, and the
    /// position of its last commit.
    ///
    /// # Errors
    ///
    /// 503 if the log is unreachable. May be repeated.
    pub(crate) async fn complete_sale(
        &self,
        sold: Sold,
        metadata: &Metadata,
    ) -> Result<(Reservation, Vec<Ticket>, u64), Problem> {
        let Sold { reservation, sale } = sold;
        let Reservation { booking, promotion, customer, .. } = reservation;
        // Its use is counted before the booking is opened, and may be returned by now.
        if let Some(promotion) = promotion
            && !self.is_opened(booking).await?
        {
            let count = promotion::Command::CountUse { booking, customer };
            self.execute(&promotion, count, metadata.clone(), |_: &Promotion| ()).await?;
        }
        let tickets = self.signer.tickets(&reservation);
        let command = booking::Command::OpenSold { reservation, sale: sale.clone(), tickets };
        let opened = |booking: &Booking| booking.opened.clone();
        let executed = self.execute(&booking, command, metadata.clone(), opened).await?;
        let Opened { reservation, tickets, returns, status, .. } =
            executed.answer.ok_or_else(Problem::internal)?;
        // The booking may have ended while its use was counted, here or by a process that died since.
        if let Some(promotion) = promotion
            && matches!(status, BookingStatus::Cancelled | BookingStatus::Refunded)
        {
            self.return_use(promotion, booking, metadata).await?;
        }
        let tickets = if returns.is_empty() { tickets } else { self.signer.tickets(&reservation) };
        let (amount, mut position) = (reservation.amount, executed.position);
        if let (PaymentMethod::Cash, Some(till)) = (sale.method, sale.till) {
            let command = till::Command::TakeCash { till, booking, payment: sale.payment, amount };
            let taken = self.execute(&sale.by, command, metadata.clone(), |_: &Till| ()).await?;
            position = position.max(taken.position);
        }
        Ok((reservation, tickets, position))
    }

    async fn is_opened(&self, booking: BookingId) -> Result<bool, Problem> {
        let seen = self.state::<Booking>(&booking, Freshness::Fresh).await?;
        Ok(seen.state.opened.is_some())
    }

    /// Completes the sale of a booking that its screening sold at the counter, if there is one.
    ///
    /// # Errors
    ///
    /// 503 if the log is unreachable, or for the moment until a sale for less is completed: only its event names the promotion. May be
    /// repeated.
    pub(crate) async fn complete_sale_of(
        &self,
        screening: ScreeningId,
        booking: BookingId,
        metadata: &Metadata,
    ) -> Result<(), Problem> {
        let seen = self.state::<Screening>(&screening, Freshness::Fresh).await?;
        match Sold::of(&seen.state, screening, booking) {
            Some(sold) if sold.is_for_less() && !self.is_opened(booking).await? => {
                Err(Problem::unavailable(RETRY_AFTER))
            }
            Some(sold) => self.complete_sale(sold, metadata).await.map(drop),
            None => Ok(()),
        }
    }
}
