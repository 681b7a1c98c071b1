//! Faults and their probabilities, set by tests. By default there are none.

use rand::{Rng, rngs::StdRng};
use serde::{Deserialize, Serialize};

/// All faults, as in `GET` and `PUT /admin/faults`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Faults {
    /// Seed of the random generator: the same seed and the same calls cause the same faults.
    pub seed: u64,
    /// Faults of API calls. `on` is a prefix of method and path: `POST /refunds`.
    pub requests: Vec<Fault<RequestFault>>,
    /// Faults of notices. `on` is a prefix of the type: `payment.`.
    pub webhooks: Vec<Fault<Mangling>>,
    /// Faults of payments on the hosted page. `on` is a prefix of the session's id.
    pub payments: Vec<Fault<PaymentFault>>,
    /// Faults of refunds. `on` is a prefix of the payment's id.
    pub refunds: Vec<Fault<RefundFault>>,
}

impl Default for Faults {
    fn default() -> Self {
        let (requests, webhooks) = (Vec::new(), Vec::new());
        Self { seed: 1, requests, webhooks, payments: Vec::new(), refunds: Vec::new() }
    }
}

/// A fault with its conditions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault<W> {
    /// Effect of the fault.
    pub what: W,
    /// Prefix of the subjects that it affects; empty for all.
    #[serde(default)]
    pub on: String,
    /// Probability each time, 0 to 1. Default 1.
    #[serde(default = "certain")]
    pub chance: f64,
    /// Remaining number of times; `None` for unlimited.
    #[serde(default)]
    pub left: Option<u32>,
}

fn certain() -> f64 {
    1.0
}

impl<W> Fault<W> {
    /// Returns a fault that happens every time.
    pub fn always(what: W) -> Self {
        Self { what, on: String::new(), chance: 1.0, left: None }
    }

    /// Returns a fault that happens the next `times` times.
    pub fn next(times: u32, what: W) -> Self {
        Self { left: Some(times), ..Self::always(what) }
    }

    /// Returns a fault with this probability, 0 to 1.
    pub fn sometimes(chance: f64, what: W) -> Self {
        Self { chance, ..Self::always(what) }
    }

    /// Restricts the fault to subjects with this prefix.
    #[must_use]
    pub fn on(self, beginning: &str) -> Self {
        Self { on: beginning.to_owned(), ..self }
    }
}

/// Fault of an API call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RequestFault {
    /// The connection is reset before the work is done.
    DropBefore,
    /// The work is done, then the connection is reset: the caller cannot know the outcome.
    DropAfter,
    /// 500 without doing the work.
    ErrorBefore,
    /// The work is done, then 500.
    ErrorAfter,
    /// 429 with a `retry-after` header.
    TooManyRequests {
        /// Seconds.
        retry_after: u32,
    },
    /// The response is delayed, by the real clock. The work is done after the delay.
    SlowBefore {
        /// Milliseconds.
        millis: u64,
    },
    /// The work is done at once and the response is delayed.
    SlowAfter {
        /// Milliseconds.
        millis: u64,
    },
}

/// Fault of a notice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mangling {
    /// A delivery is sent twice, with the same id.
    Duplicate,
    /// The first delivery is delayed, by the simulator's clock.
    Delay {
        /// Milliseconds.
        millis: u64,
    },
    /// The first delivery is delayed by a random time up to this, so that notices arrive out of order.
    Shuffle {
        /// Milliseconds.
        within_millis: u64,
    },
    /// The notice is never delivered.
    Lose,
    /// A delivery is signed with another secret.
    WrongSignature,
    /// A delivery has a valid signature that is ten minutes old.
    OldTimestamp,
    /// A delivery has two signatures of which the second is valid, as after a rotation of the secret.
    TwoSignatures,
    /// An additional notice of an unknown type is sent.
    UnknownType,
    /// A delivery has unknown fields.
    ExtraFields,
}

/// Fault of a payment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PaymentFault {
    /// The captured amount is higher than requested, or lower if negative.
    AmountOff {
        /// Minor units.
        minor: i64,
    },
    /// The money is captured in another currency.
    Currency {
        /// ISO 4217.
        code: String,
    },
    /// The customer pays twice: a second payment of the session succeeds.
    Twice,
}

/// Fault of a refund.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefundFault {
    /// The refund is pending, then fails.
    Fail,
    /// The refund goes to review without a notice.
    Review,
    /// The refund stays pending.
    StayPending,
    /// The refund succeeds, and the customer's bank then opens a dispute.
    DisputeAfter,
    /// The refund is refused with `INSUFFICIENT_WALLET_FUNDS`: the merchant's balance is too low.
    NoFunds,
}

/// Draws the faults that happen to `subject` this time, and decrements their remaining number.
pub fn draw<W: Clone>(faults: &mut [Fault<W>], draws: &mut StdRng, subject: &str) -> Vec<W> {
    let mut drawn = Vec::new();
    for fault in faults.iter_mut().filter(|fault| subject.starts_with(&fault.on)) {
        if fault.left != Some(0) && draws.random_bool(fault.chance.clamp(0.0, 1.0)) {
            fault.left = fault.left.map(|left| left - 1);
            drawn.push(fault.what.clone());
        }
    }
    drawn
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;

    use super::*;

    #[test]
    fn a_limited_fault_is_used_up() {
        let mut faults = [Fault::next(2, RefundFault::Fail)];
        let mut draws = StdRng::seed_from_u64(1);

        let drawn: Vec<usize> = (0..3).map(|_| draw(&mut faults, &mut draws, "pay_1").len()).collect();

        assert_eq!(drawn, [1, 1, 0]);
    }

    #[test]
    fn a_fault_affects_only_its_subjects() {
        let mut faults = [Fault::always(RequestFault::DropAfter).on("POST /refunds")];
        let mut draws = StdRng::seed_from_u64(1);

        assert_eq!(draw(&mut faults, &mut draws, "POST /refunds"), [RequestFault::DropAfter]);
        assert_eq!(draw(&mut faults, &mut draws, "GET /refunds"), []);
    }

    #[test]
    fn the_same_seed_causes_the_same_faults() {
        let drawn = |seed| {
            let mut faults = [Fault::sometimes(0.5, PaymentFault::Twice)];
            let mut draws = StdRng::seed_from_u64(seed);
            (0..64).map(|_| draw(&mut faults, &mut draws, "").len()).collect::<Vec<_>>()
        };

        assert_eq!(drawn(7), drawn(7));
        assert_ne!(drawn(7), drawn(8));
    }

    #[test]
    fn faults_have_a_short_json_form() {
        let json = r#"{"requests": [{"what": "drop_after", "on": "POST /refunds", "left": 1}],
            "payments": [{"what": {"amount_off": {"minor": -1}}, "chance": 0.5}]}"#;

        let faults: Faults = serde_json::from_str(json).unwrap();

        assert_eq!(faults.requests, [Fault::next(1, RequestFault::DropAfter).on("POST /refunds")]);
        assert_eq!(faults.payments, [Fault::sometimes(0.5, PaymentFault::AmountOff { minor: -1 })]);
    }
}
