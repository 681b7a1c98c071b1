//! Groups of commands that are decided one after the other and committed together.

use std::collections::VecDeque;

use ticketshow_domain::{Context, Decider, Policy};

use crate::{
    executor::{outcome::ExecuteError, reply::Reply},
    failure::Failure,
    log::{envelope::Draft, metadata::Metadata},
};

/// A command and the caller that waits for it.
pub(super) struct Job<A: Decider> {
    pub command: A::Command,
    pub metadata: Metadata,
    pub reply: Box<dyn Reply<A>>,
}

/// Decision on one job, valid once its group is committed.
pub(super) enum JobOutcome<R> {
    Changed,
    Repeat,
    Refused(R),
    TooLarge(usize),
}

/// A decided group. The state passed to [`decide`] is now the state after it.
pub(super) struct DecidedGroup<R> {
    pub draft: Draft,
    /// Outcomes of the jobs that fitted into the commit, from the first on.
    pub outcomes: Vec<JobOutcome<R>>,
}

impl<R> DecidedGroup<R> {
    /// Index of the first job with events in the commit, if there is one. Its request gives the commit its headers.
    pub fn first_changed(&self) -> Option<usize> {
        self.outcomes.iter().position(|outcome| matches!(outcome, JobOutcome::Changed))
    }
}

/// Result of one attempt to settle a group.
pub(super) enum GroupOutcome {
    Settled,
    /// Another writer was first; the state is up to date again.
    Overtaken,
}

/// Decides jobs one after the other, each on the state left by the previous one, until the commit is full.
pub(super) fn decide<A: Decider>(
    state: &mut A,
    jobs: &mut VecDeque<Job<A>>,
    policy: Policy,
) -> DecidedGroup<A::Refusal> {
    let mut draft = Draft::new();
    let mut outcomes = Vec::with_capacity(jobs.len());
    for Job { command, metadata, reply } in jobs {
        let context = Context { now: metadata.time, policy };
        let outcome = match state.decide(command, &context) {
            Ok(events) if events.is_empty() => JobOutcome::Repeat,
            Ok(events) => {
                if let Err(bytes) = draft.add(metadata, &events) {
                    if draft.is_empty() {
                        outcomes.push(JobOutcome::TooLarge(bytes));
                    }
                    break;
                }
                for event in &events {
                    state.evolve(event);
                }
                state.forget(metadata.time);
                JobOutcome::Changed
            }
            Err(refusal) => JobOutcome::Refused(refusal),
        };
        if !matches!(outcome, JobOutcome::Refused(_)) {
            reply.prepare(state);
        }
        outcomes.push(outcome);
    }
    DecidedGroup { draft, outcomes }
}

pub(super) fn fail_all<A: Decider>(jobs: &mut VecDeque<Job<A>>, failure: &Failure) {
    for mut job in jobs.drain(..) {
        job.reply.failed(ExecuteError::Unavailable(failure.clone()));
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use jiff::SignedDuration;
    use ticketshow_domain::{
        BookingId, Currency, Money, PaymentId, ScreeningId, SeatName, UserId,
        booking::{self, Booking, PaymentMethod, Ticket},
        examples,
        hold::Standing,
        screening::{self, ReleaseReason, Screening},
        wallet::{Command, EntryKind, Reference, Wallet},
    };
    use tokio::sync::oneshot;
    use uuid::Uuid;

    use super::*;
    use crate::{clock, executor::reply::PendingReply, log::metadata::Actor};

    fn job<A: Decider>(command: A::Command) -> Job<A> {
        let (time, correlation) = (clock::now(), clock::new_id());
        let metadata = Metadata { time, actor: Actor::System, correlation, causation: None, trace: None };
        let (sender, _) = oneshot::channel();
        let reply = PendingReply { answer: |_: &A| (), prepared: None, sender: Some(sender) };
        Job { command, metadata, reply: Box::new(reply) }
    }

    fn credit(id: u128) -> Command {
        Command::CreditWallet {
            customer: UserId(Uuid::nil()),
            reference: Reference { kind: EntryKind::Credit, id: Uuid::from_u128(id) },
            amount: Money { amount_minor: 1, currency: Currency::INR },
            booking: None,
            reason: None,
        }
    }

    fn refused() -> Command {
        Command::DebitWallet {
            customer: UserId(Uuid::nil()),
            reference: Reference::payment(PaymentId(Uuid::nil())),
            amount: Money { amount_minor: 1_000, currency: Currency::INR },
            booking: BookingId(Uuid::nil()),
        }
    }

    #[test]
    fn a_refused_request_does_not_give_a_commit_its_headers() {
        let mut wallet = Wallet::default();
        let first = |wallet: &mut Wallet, commands: Vec<Command>| {
            let mut jobs = commands.into_iter().map(job::<Wallet>).collect();
            decide(wallet, &mut jobs, Policy::default()).first_changed()
        };
        assert_eq!(first(&mut wallet, vec![refused(), refused(), credit(1), credit(2)]), Some(2));
        assert_eq!(first(&mut wallet, vec![credit(1), credit(3)]), Some(1), "a repeat has no events");
        assert_eq!(first(&mut wallet, vec![refused(), credit(1)]), None);
    }

    const SEATS: usize = Policy::BOOKING_SEATS_LARGEST;
    const HOLDS: usize = Policy::LAPSES_LARGEST;
    /// Booking that lapsed and may still be bought, and the one that wants the same seats.
    const LATE: BookingId = BookingId(Uuid::from_u128(1 << 64));
    const NEXT: BookingId = BookingId(Uuid::from_u128(2 << 64));

    fn largest() -> Policy {
        let (booking_seats_max, lapses_per_commit) = (SEATS, HOLDS);
        let (customer_seats_max, cool_down_seconds) = (usize::MAX, 0);
        let default = Policy::default();
        Policy { booking_seats_max, lapses_per_commit, customer_seats_max, cool_down_seconds, ..default }
    }

    /// Decides one command, and expects its events to fit into a commit.
    fn commit<A: Decider>(state: &mut A, command: A::Command) {
        let group = decide(state, &mut [job::<A>(command)].into(), largest());
        assert!(matches!(group.outcomes[..], [JobOutcome::Changed]), "refused or too large");
    }

    fn booking(n: usize) -> BookingId {
        BookingId(Uuid::from_u128(n as u128))
    }

    /// Seats of a booking, with the longest names.
    fn seats(of: usize) -> Vec<SeatName> {
        (0..SEATS).map(|n| SeatName(format!("ZZZZ-{}", 10_001 + of * SEATS + n))).collect()
    }

    /// The first seat of as many bookings as one booking can have seats.
    fn scattered() -> Vec<SeatName> {
        (0..SEATS).map(|of| seats(of).remove(0)).collect()
    }

    /// A screening tomorrow, full of lapsed holds of the largest size.
    fn full_of_lapsed_holds() -> Screening {
        let now = clock::now();
        let mut promise = examples::promise();
        promise.layout.rows = vec![examples::row("ZZZZ", "gold", 60_000)];
        promise.starts_at = now + SignedDuration::from_hours(24);
        let mut screening = Screening::default();
        let id = ScreeningId(Uuid::nil());
        screening.evolve(&screening::Event::ScreeningOpened { screening: id, promise: Arc::new(promise) });
        let reserved = |booking, seats| screening::Event::SeatsReserved {
            booking,
            customer: UserId(Uuid::nil()),
            seats,
            amount: Money { amount_minor: 0, currency: Currency::INR },
            held_until: now - SignedDuration::from_secs(1),
            fingerprint: None,
            quote: None,
            replaces: None,
        };
        screening.evolve(&reserved(LATE, scattered()));
        let (booking, reason) = (LATE, ReleaseReason::Lapsed);
        screening.evolve(&screening::Event::SeatsReleased { booking, seats: scattered(), reason });
        for of in 0..HOLDS {
            screening.evolve(&reserved(self::booking(of), seats(of)));
        }
        screening
    }

    #[test]
    fn the_largest_releases_that_the_settings_allow_fit_into_commits() {
        let full = full_of_lapsed_holds();
        let mut screening = full.clone();
        while screening.next_lapse().is_some() {
            commit(&mut screening, screening::Command::ReleaseLapsedHolds);
        }
        let mut screening = full;
        let bookings: Vec<_> = (0..HOLDS).map(booking).collect();
        while screening.active().next().is_some() {
            commit(&mut screening, screening::Command::ReleaseCancelled { bookings: bookings.clone() });
        }
    }

    #[test]
    fn the_largest_bookings_that_the_settings_allow_fit_into_commits() {
        let full = full_of_lapsed_holds();
        let (payment, customer) = (PaymentId(Uuid::nil()), UserId(Uuid::nil()));
        commit(&mut full.clone(), screening::Command::SellSeats { booking: LATE, payment });
        let (booking, seats, fingerprint) = (NEXT, scattered().into_iter().map(Into::into).collect(), None);
        let mut screening = full;
        commit(&mut screening, screening::Command::ReserveSeats { booking, customer, seats, fingerprint });

        let reservation = screening.reservation(ScreeningId(Uuid::nil()), NEXT).unwrap();
        let (standing, method) = (Standing::Held(clock::now()), PaymentMethod::Wallet);
        let mut booking = Booking::default();
        let fingerprint = None;
        commit(
            &mut booking,
            booking::Command::PayBooking { reservation, standing, payment, method, fingerprint },
        );
        let ticket = |seat| Ticket { seat, code: "c".repeat(500) };
        let tickets = scattered().into_iter().map(ticket).collect();
        commit(&mut booking, booking::Command::ConfirmBooking { payment, tickets });
    }
}
