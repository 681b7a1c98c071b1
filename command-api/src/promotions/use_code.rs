//! `POST /bookings/{id}/promotion`

use axum::{Json, extract::State, http::StatusCode};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use ticketshow_domain::{
    BookingId, BookingReference, Context, Decider, Money, PromotionId, ScreeningId, UserId,
    booking::{self, Booking, Discount, Discounted},
    hold::{PricedSeat, Reservation, Standing},
    promotion::{self, Code, Occasion, Promotion},
    screening::Screening,
};
use ticketshow_http::{
    Body, Caller, PathId, Problem, StreamPosition, Trace,
    prices::{Bill, BillLine, TaxLine},
    schema,
};
use ticketshow_nats::{
    executor::outcome::{ExecuteError, Freshness},
    log::metadata::Metadata,
};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::machinery::{
    app::{App, carry_through},
    failures::not_executed,
};

/// A code.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TypedCode {
    /// In any letter case, with or without blanks.
    #[schema(example = "tuesday10")]
    code: String,
}

/// A hold whose prices changed.
#[derive(Debug, Serialize, ToSchema)]
pub struct RepricedBooking {
    booking_id: Uuid,
    /// Number of the booking, for people.
    #[schema(value_type = String, example = "K7QM-3XRP")]
    reference: BookingReference,
    /// Source of the discount; null without one.
    pub promotion: Option<UsedPromotion>,
    /// One per seat.
    pub lines: Vec<BillLine>,
    /// Fees of the house.
    #[schema(value_type = schema::Money)]
    pub fees: Money,
    /// Discount on the prices.
    #[schema(value_type = schema::Money)]
    pub discount: Money,
    /// Tax, which is included in the amount.
    pub tax: Vec<TaxLine>,
    /// Prices and fees less discount.
    #[schema(value_type = schema::Money)]
    pub amount: Money,
}

/// Source of a discount.
#[derive(Debug, Serialize, ToSchema)]
pub struct UsedPromotion {
    promotion_id: Uuid,
    /// Null if the house lowers prices by itself.
    #[schema(example = "TUESDAY10")]
    code: Option<String>,
}

impl RepricedBooking {
    /// Returns the prices of a hold, with the discount that it has.
    pub fn new(reservation: &Reservation, booking: &Booking) -> Self {
        let reduced = booking.reduced(reservation);
        let bill = Bill::new(reduced.seats, &reduced.charges, reduced.amount.currency);
        let used = |discount: &Discount| UsedPromotion {
            promotion_id: discount.promotion.0,
            code: discount.code.as_ref().map(|code| code.text().to_owned()),
        };
        Self {
            booking_id: reduced.booking.0,
            reference: reduced.booking.reference(),
            promotion: booking.discounted.as_ref().map(|known| used(&known.discount)),
            lines: bill.lines,
            fees: bill.fees,
            discount: bill.discount,
            tax: bill.tax,
            amount: bill.amount,
        }
    }
}

/// Uses a code for a hold that nobody began to pay; it replaces an earlier code. The use lasts as long as the hold, and for good
/// once the booking is paid. It returns when the booking ends.
///
/// # Errors
///
/// 404 `unknown-code`, or if there is no such booking; 409 `code-used-up`, `code-not-valid`, `payment-in-progress`,
/// `hold-expired`, `already-paid`, `booking-cancelled`, `screening-cancelled`; 429 after many unknown codes.
#[utoipa::path(
    post,
    path = "/bookings/{id}/promotion",
    tag = "Promotions",
    request_body = TypedCode,
    params(("id" = Uuid, Path)),
    responses(
        (status = 200, body = RepricedBooking),
        (
            status = 404,
            description = "`unknown-code`, `not-found`",
            body = schema::Problem,
            content_type = "application/problem+json"
        ),
        (
            status = 409,
            description = "`code-used-up`, `code-not-valid`, `payment-in-progress`, `hold-expired`, `already-paid`, \
                           `booking-cancelled`, `screening-cancelled`",
            body = schema::Problem,
            content_type = "application/problem+json"
        ),
        schema::AnyCall,
        schema::SignedInCall,
    ),
    security(("bearer" = []))
)]
pub async fn use_code(
    State(app): State<App>,
    caller: Caller,
    trace: Trace,
    PathId(booking): PathId<BookingId>,
    Body(body): Body<TypedCode>,
) -> Result<(StreamPosition, Json<RepricedBooking>), Problem> {
    // Only unknown codes count, so that nobody finds one by trying.
    let quota = &app.edge.limiters.promotion_codes_per_user;
    caller.take(quota, app.edge.now())?;
    let code = Code::new(&body.code);
    let used = app.use_code(&caller, &trace, booking, code).await;
    if !used.as_ref().is_err_and(|problem| problem.slug() == UNKNOWN_CODE) {
        caller.give_back(quota);
    }
    let (position, repriced) = used?;
    Ok((StreamPosition(position), Json(repriced)))
}

pub(crate) const UNKNOWN_CODE: &str = "unknown-code";

impl App {
    async fn use_code(
        &self,
        caller: &Caller,
        trace: &Trace,
        booking: BookingId,
        code: Code,
    ) -> Result<(u64, RepricedBooking), Problem> {
        let promotion = PromotionId(self.edge.keys.promotion(code.text()));
        let metadata = self.sent_by(caller.user, trace);
        let screening = self.routing.screening_of(booking).await?;
        let hold = Hold::of(self, screening, booking, caller.user, metadata.time).await?;
        let request = CodeRequest { app: self.clone(), promotion, hold, passed_by: None, metadata };
        carry_through(async move { request.carry_out().await }).await
    }
}

/// A hold of a customer.
#[derive(Clone)]
pub(crate) struct Hold {
    pub reservation: Reservation,
    pub standing: Standing,
    screening: Occasion,
}

impl Hold {
    /// Finds the hold of a customer's booking.
    ///
    /// # Errors
    ///
    /// 404 if the customer has no such booking.
    pub async fn of(
        app: &App,
        screening: ScreeningId,
        booking: BookingId,
        customer: UserId,
        now: Timestamp,
    ) -> Result<Self, Problem> {
        let seen = app.state::<Screening>(&screening, Freshness::Fresh).await?;
        let hold = Self::seen(&seen.state, screening, booking, now);
        hold.filter(|hold| hold.reservation.customer == customer).ok_or_else(Problem::not_found)
    }

    /// Returns the hold of a booking, as its screening sees it.
    pub fn seen(
        state: &Screening,
        screening: ScreeningId,
        booking: BookingId,
        now: Timestamp,
    ) -> Option<Self> {
        let reservation = state.reservation(screening, booking)?;
        let (standing, screening) = (state.standing(booking, now)?, state.promise()?.occasion());
        Some(Self { reservation, standing, screening })
    }
}

struct CodeRequest {
    app: App,
    promotion: PromotionId,
    hold: Hold,
    /// Hold whose use of the promotion goes to this one.
    passed_by: Option<BookingId>,
    metadata: Metadata,
}

impl CodeRequest {
    /// Takes the use before the booking has the discount: if this process dies in between, the use lapses with the hold.
    async fn carry_out(self) -> Result<(u64, RepricedBooking), Problem> {
        let Self { app, promotion, hold, metadata, .. } = &self;
        let booking = hold.reservation.booking;
        let discount = self.discount().await?;
        let seen = app.state::<Booking>(&booking, Freshness::Fresh).await?;
        let apply = self.apply(discount);
        let context = Context { now: metadata.time, policy: *app.executor.policy() };
        // A use is not taken for a hold that cannot have it.
        let decided = seen.state.decide(&apply, &context);
        let decided = decided
            .map_err(|refusal| not_executed(ExecuteError::Refused { refusal, position: seen.position }))?;
        if decided.is_empty() {
            return Ok((seen.position, RepricedBooking::new(&hold.reservation, &seen.state)));
        }
        let until = match hold.standing {
            Standing::Held(until) => until,
            Standing::Lapsed | Standing::Sold | Standing::Cancelled | Standing::ScreeningCancelled => {
                metadata.time
            }
        };
        let (customer, screening) = (hold.reservation.customer, hold.screening);
        let take = match self.passed_by {
            Some(from) => promotion::Command::PassUse { from, booking, customer, screening, until },
            None => promotion::Command::TakeUse { booking, customer, screening, until },
        };
        let taken = app.execute(promotion, take, metadata.clone(), |_: &Promotion| ()).await?;

        let reservation = hold.reservation.clone();
        let repriced = move |state: &Booking| RepricedBooking::new(&reservation, state);
        let before = seen.state.discounted.map(|known| known.discount.promotion);
        match app.execute(&booking, apply, metadata.clone(), repriced).await {
            Ok(applied) => {
                // A saga returns it too.
                let position = match before {
                    Some(before) => app.return_use(before, booking, metadata).await?,
                    None => 0,
                };
                Ok((position.max(applied.position).max(taken.position), applied.answer))
            }
            Err(problem) => {
                app.return_use(*promotion, booking, metadata).await?;
                Err(problem)
            }
        }
    }

    fn apply(&self, discount: Discount) -> booking::Command {
        let Hold { reservation, standing, .. } = &self.hold;
        booking::Command::ApplyDiscount { reservation: reservation.clone(), standing: *standing, discount }
    }

    /// Returns the discount of the promotion on these seats.
    async fn discount(&self) -> Result<Discount, Problem> {
        let Self { app, promotion, hold, .. } = self;
        let seen = app.state::<Promotion>(promotion, Freshness::Fresh).await?;
        let unknown = || Problem::new(StatusCode::NOT_FOUND, UNKNOWN_CODE, "There is no such code");
        let published = seen.state.published.ok_or_else(unknown)?;
        let seats_minor = published.terms.discounts(&hold.reservation.seats);
        if seats_minor.iter().all(|off| *off == 0) {
            let title = "The code lowers none of these prices";
            return Err(Problem::new(StatusCode::CONFLICT, "code-not-valid", title));
        }
        Ok(Discount { promotion: *promotion, code: published.code.clone(), seats_minor })
    }
}

impl App {
    /// Returns the use of a booking to a promotion.
    ///
    /// # Errors
    ///
    /// 503 if the log is unreachable.
    pub(crate) async fn return_use(
        &self,
        promotion: PromotionId,
        booking: BookingId,
        metadata: &Metadata,
    ) -> Result<u64, Problem> {
        let command = promotion::Command::ReturnUse { booking };
        let executed = self.execute(&promotion, command, metadata.clone(), |_: &Promotion| ()).await?;
        Ok(executed.position)
    }

    /// Keeps the use of a booking that is about to be paid. If it has lapsed, the booking has its full amount again.
    ///
    /// # Errors
    ///
    /// 409 `code-used-up`; 503 if the log is unreachable.
    pub(crate) async fn keep_use(
        &self,
        promotion: PromotionId,
        booking: BookingId,
        metadata: &Metadata,
    ) -> Result<(), Problem> {
        let command = promotion::Command::KeepUse { booking };
        let kept = self.execute(&promotion, command, metadata.clone(), |_: &Promotion| ()).await;
        if kept.as_ref().is_err_and(|problem| problem.status() == StatusCode::CONFLICT) {
            let remove = booking::Command::RemoveDiscount;
            self.execute(&booking, remove, metadata.clone(), |_: &Booking| ()).await?;
        }
        kept.map(drop)
    }
}

impl App {
    /// Lowers the prices of a new hold by the offer without a code that takes off most, if there is one. A hold that cannot have it keeps
    /// its full amount, as it does while the read models cannot be queried. A code of the hold that it replaces stays in use.
    ///
    /// # Errors
    ///
    /// 503 if the code of the replaced hold cannot be passed on now; a repeat with the same key passes it on.
    pub(crate) async fn lower(
        &self,
        hold: Hold,
        replaced: Option<&Discounted>,
        metadata: &Metadata,
    ) -> Result<Option<(u64, RepricedBooking)>, Problem> {
        let request = |promotion, hold| {
            let before = replaced.filter(|before| before.discount.promotion == promotion);
            let passed_by = before.map(Discounted::booking);
            CodeRequest { app: self.clone(), promotion, hold, passed_by, metadata: metadata.clone() }
        };
        if let Some(typed) = replaced.filter(|before| before.discount.code.is_some()) {
            match request(typed.discount.promotion, hold.clone()).carry_out().await {
                Ok(lowered) => return Ok(Some(lowered)),
                Err(problem) if problem.status().is_server_error() => return Err(problem),
                Err(_) => {}
            }
        }
        let best = self.best_offer(hold.screening, &hold.reservation.seats).await;
        let Some(promotion) = best else { return Ok(None) };
        Ok(request(promotion, hold).carry_out().await.ok())
    }

    /// Returns the offer without a code that takes off most.
    pub(crate) async fn best_offer(&self, screening: Occasion, seats: &[PricedSeat]) -> Option<PromotionId> {
        let mut best: Option<(i64, PromotionId)> = None;
        for promotion in self.routing.offers().await {
            let state = self.state::<Promotion>(&promotion, Freshness::Cached).await.ok()?.state;
            let Some(published) = state.published.filter(|one| one.terms.is_for(screening)) else {
                continue;
            };
            let off = published.terms.discounts(seats).iter().sum();
            if off > best.map_or(0, |(most, _)| most) {
                best = Some((off, promotion));
            }
        }
        best.map(|(_, promotion)| promotion)
    }
}
