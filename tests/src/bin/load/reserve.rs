//! The script of people who reserve one seat after the other.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use crate::{
    drive::Script,
    site::{Buyer, Hall, seat_name},
    wire::{Reply, request},
};

/// Seat that the n-th call requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seats {
    /// The n-th: no two callers want the same one, and it ends with the last seat.
    Each,
    /// Any, at random, until so many calls were made.
    AtRandom { calls: usize },
}

/// One of many callers who share buyers, seats and a counter.
#[derive(Debug, Clone)]
pub struct Reserve {
    method_and_path: &'static str,
    buyers: Arc<[Buyer]>,
    hall: Arc<Hall>,
    calls: Arc<AtomicUsize>,
    seats: Seats,
}

impl Reserve {
    /// Callers who want a seat each.
    pub fn new(
        method_and_path: &'static str,
        buyers: Arc<[Buyer]>,
        hall: Arc<Hall>,
        calls: Arc<AtomicUsize>,
    ) -> Self {
        Self { method_and_path, buyers, hall, calls, seats: Seats::Each }
    }

    /// The same callers, after other seats.
    pub fn after(self, seats: Seats) -> Self {
        Self { seats, ..self }
    }
}

impl Script for Reserve {
    fn next(&mut self, into: &mut Vec<u8>) -> bool {
        let call = self.calls.fetch_add(1, Ordering::Relaxed);
        let (last, seat) = match self.seats {
            Seats::Each => (self.hall.seats, call),
            Seats::AtRandom { calls } => (calls, rand::random_range(0..self.hall.seats)),
        };
        if call >= last {
            return false;
        }
        let buyer = &self.buyers[call % self.buyers.len()];
        let body = format!(r#"{{"screening_id":"{}","seats":["{}"]}}"#, self.hall.screening, seat_name(seat));
        request(into, self.method_and_path, &buyer.token, "", &body);
        true
    }

    fn answered(&mut self, _reply: &Reply<'_>) -> bool {
        true
    }
}
